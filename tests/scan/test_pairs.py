"""Every pair of genes: the best of them, the histogram of all, and an interruption that changes nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from strata import compare_coexpression, read_cohort, scan_pairs
from strata.errors import DataError, InputOutputError, UsageError
from strata.scan import HISTOGRAM_COLUMNS, PAIR_COLUMNS, pair_walk
from strata.signatures import parse_signature
from strata.survival import log_rank
from strata.survival.kernels.many_groups import compare_many_groups

N, N_GENES = 220, 60


@pytest.fixture(scope="module")
def breast(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")


@pytest.fixture(scope="module")
def numbers():
    generator = np.random.default_rng(12)
    names = [f"G{i:02d}" for i in range(N_GENES)]
    table = pd.DataFrame(generator.normal(size=(N, N_GENES)), [f"p{i}" for i in range(N)], names)
    table["G07"] = np.where(generator.random(N) < 0.95, 0.0, 1.0)
    return table.mask((generator.random(table.shape) < 0.1) & (np.arange(N_GENES) % 3 == 0))


@pytest.fixture
def made(numbers, make_cohort):
    """A cohort of 60 genes, a third of them with gaps and one hardly ever high; G10 and G20 act together only."""
    generator = np.random.default_rng(5)
    high = (numbers > numbers.median()).to_numpy()
    rate = np.where(high[:, 10] & high[:, 20], 5.0, 1.0)
    time = np.ceil(generator.exponential(30.0 / rate))
    clinical = pd.DataFrame({"site": generator.choice(["a", "b"], N)}, numbers.index)
    return make_cohort(clinical=clinical, mrna=numbers, endpoints={"OS": (time, generator.random(N) < 0.8)})


def one_by_one(cohort, numbers, sites=None):
    """The log-rank chi-squared, n, and sizes of every pair, by the plain kernel."""
    outcome = cohort.endpoints["OS"]
    time, event = outcome.time.to_numpy(), outcome.event.to_numpy(dtype=bool)
    high, low = numbers.gt(numbers.median()).to_numpy(), numbers.le(numbers.median()).to_numpy()
    rows = []
    for i, j in combinations(range(numbers.shape[1]), 2):
        both = high[:, i] & high[:, j]
        keep = both | low[:, i] | low[:, j]
        factors = None if sites is None else sites[keep]
        test = log_rank(time[keep], event[keep], both[keep], stratification_factors=factors)
        size = (keep.sum(), both.sum(), (both & event).sum(), (keep & event).sum())
        rows.append((numbers.columns[i], numbers.columns[j], test.chi_squared, *size))
    columns = ["gene_1", "gene_2", "chi_squared", "n", "n_both", "events_both", "events"]
    found = pd.DataFrame(rows, columns=columns)
    rest, quiet = found["n"] - found["n_both"], found["events"] - found["events_both"]
    found["large"] = (found[["n_both"]].min(axis=1) >= 20) & (rest >= 20) & (found["events_both"] >= 10) & (quiet >= 10)
    return found


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("factors", [(), ("site",)])
def test_the_best_are_the_best_of_all_pairs_and_the_histogram_holds_them_all(made, numbers, compiled, factors):
    found = scan_pairs(made, "OS", top=50, compiled=compiled, stratification_factors=factors)
    expected = one_by_one(made, numbers, made.clinical["site"].to_numpy() if factors else None)
    best = expected[expected["large"]].nlargest(50, "chi_squared")
    table = found.to_frame()
    assert tuple(table.columns) == PAIR_COLUMNS
    assert list(zip(table["gene_1"], table["gene_2"])) == list(zip(best["gene_1"], best["gene_2"]))
    np.testing.assert_allclose(table["log_rank_chi2"], best["chi_squared"], rtol=1e-9)
    for column in ("n", "n_both", "events_both", "events"):
        assert table[column].tolist() == best[column].tolist()
    assert (table["n_unknown"] == N - table["n"]).all()
    tested = expected[expected["chi_squared"].notna()]
    ranked = int(tested["large"].sum())
    assert found.counts == {
        "markers": N_GENES,
        "pairs": N_GENES * (N_GENES - 1) // 2,
        "tested": len(tested),
        "ranked": ranked,
        "small": len(tested) - ranked,
        "not_testable": len(expected) - len(tested),
    }
    assert ranked < len(tested)
    assert tuple(found.histogram.columns) == HISTOGRAM_COLUMNS
    for name, own in found.histogram.groupby("statistic"):
        assert (own["pairs"].sum(), own["small_pairs"].sum()) == (ranked, len(tested) - ranked), name
        assert own["expected_pairs"].sum() == pytest.approx(ranked)
        assert (own["from"].to_numpy()[1:] == own["to"].to_numpy()[:-1]).all()
    low = found.histogram.query("statistic == 'chi_squared' and `to` <= 1.0")
    assert low["pairs"].sum() == (tested["large"] & (tested["chi_squared"] < 1.0)).sum()
    five = found.histogram.query("statistic == 'p_value' and `to` <= 0.05")
    assert five["pairs"].sum() == (tested["large"] & (tested["chi_squared"] > 3.841458820694124)).sum()
    p = table["log_rank_p"]
    np.testing.assert_allclose(table["bonferroni_p"], np.minimum(p * ranked, 1.0), rtol=1e-12)
    assert (table["q_value"] <= table["bonferroni_p"]).all()


@pytest.mark.parametrize("population", [None, "er-positive"])
def test_a_pair_is_what_the_co_expression_question_says(breast, population):
    rule = {"all": [{"mrna": gene, "above": "median"} for gene in ("IGF1R", "SPHK1")]}
    signature = parse_signature({"name": "both", "positive": rule}, id="both", where="test")
    expected = compare_coexpression(breast, signature, "DFS", population=population)
    found = scan_pairs(breast, "DFS", genes=["SPHK1", "IGF1R"], population=population)
    (row,) = found.to_frame().itertuples()
    assert {row.gene_1, row.gene_2} == {"IGF1R", "SPHK1"}
    whole = expected.to_frame().set_index("comparison")
    both = whole.loc["positive_vs_rest"]
    for mine, theirs in {
        "n": "n",
        "events": "events",
        "n_both": "n_positive",
        "events_both": "events_positive",
        "n_unknown": "n_unknown",
        "hazard_ratio": "hazard_ratio",
        "hazard_ratio_lower": "hazard_ratio_lower",
        "hazard_ratio_upper": "hazard_ratio_upper",
        "wald_p": "wald_p",
        "log_rank_chi2": "log_rank_chi2",
        "log_rank_p": "log_rank_p",
        "ph_p": "ph_p",
    }.items():
        assert getattr(row, mine) == pytest.approx(both[theirs], rel=1e-9), mine
    for mine, theirs in {"interaction": "interaction", "expected_both_vs_neither": "expected_both_vs_neither"}.items():
        for end in ("", "_lower", "_upper"):
            assert getattr(row, mine + end) == pytest.approx(whole.loc[theirs, f"hazard_ratio{end}"], rel=1e-9)
    assert row.interaction_p == pytest.approx(whole.loc["interaction", "wald_p"], rel=1e-9)
    for i, gene in ((1, row.gene_1), (2, row.gene_2)):
        assert getattr(row, f"gene_{i}_hazard_ratio") == pytest.approx(whole.loc[gene, "hazard_ratio"], rel=1e-9)
        assert getattr(row, f"gene_{i}_log_rank_p") == pytest.approx(whole.loc[gene, "log_rank_p"], rel=1e-9)


def test_a_planted_synergy_is_found_and_two_single_effects_are_none(made, root):
    (row,) = scan_pairs(made, "OS", top=1).to_frame().itertuples()
    assert (row.gene_1, row.gene_2) == ("G10", "G20")
    assert row.interaction > 2
    assert row.interaction_bonferroni_p < 0.05
    assert row.note.endswith(
        "synergy on the multiplicative (hazard ratio) scale: the pair is worse than its two markers predict"
    )
    additive = read_cohort(root / "synthetic" / "additive-only" / "flat", name="additive-only")
    table = scan_pairs(additive, "OS").to_frame()
    assert not table["note"].str.contains("synergy on").any()


def test_an_interaction_that_does_not_stand_the_search_is_no_synergy(breast):
    table = scan_pairs(breast, "OS", top=200).to_frame()
    some = table[(table["interaction_p"] < 0.05) & (table["interaction_bonferroni_p"] >= 0.05)]
    assert len(some) > 5
    assert (
        some["note"].str.contains("does not stand the search over 19,110 pairs: no (?:synergy|antagonism) shown").all()
    )


def test_one_gene_with_every_other(made, numbers):
    genes = [f"G{i}" for i in range(10, 24)]
    everything = scan_pairs(made, "OS", genes=genes, min_patients=0, min_events=0).to_frame()
    found = scan_pairs(made, "OS", partner="G20", genes=genes, min_patients=0, min_events=0)
    assert found.counts["pairs"] == len(genes) - 1
    table = found.to_frame()
    assert (table["gene_1"] == "G20").all()
    own = everything[(everything["gene_1"] == "G20") | (everything["gene_2"] == "G20")]
    np.testing.assert_array_equal(table["log_rank_chi2"], own["log_rank_chi2"])
    assert scan_pairs(made, "OS", partner="G20", top=1).counts["pairs"] == N_GENES - 1


def test_groups_that_are_too_small_are_counted_and_not_ranked(made):
    genes = [f"G{i:02d}" for i in range(16)]
    whole = scan_pairs(made, "OS", genes=genes, min_patients=0, min_events=0)
    some = scan_pairs(made, "OS", genes=genes)
    table = whole.to_frame()
    small = (table["n_both"] < 20) | (table["events_both"] < 10)
    assert small.any()
    assert some.counts["small"] == small.sum()
    assert some.to_frame()[["gene_1", "gene_2"]].equals(table.loc[~small, ["gene_1", "gene_2"]].reset_index(drop=True))
    nothing = scan_pairs(made, "OS", min_patients=N)
    assert (nothing.counts["ranked"], len(nothing.to_frame())) == (0, 0)
    assert tuple(nothing.to_frame().columns) == PAIR_COLUMNS


class Interrupted(Exception):
    pass


def interrupt_after(tiles):
    calls = iter(range(tiles + 1))

    def progress(now):
        assert now.resumed <= now.done <= now.total
        if next(calls) == tiles:
            raise Interrupted

    return progress


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("tiles", [(1, 20), (45, 1, 50)], ids=["in the outcome", "in its permutations"])
def test_an_interrupted_scan_goes_on_to_the_same_numbers(made, tmp_path, monkeypatch, jobs, compiled, tiles):
    monkeypatch.setattr(pair_walk, "TILE", 7)
    monkeypatch.setattr(pair_walk, "SAVED_EVERY", 0.0 if jobs == 1 else 10.0)
    asked = {"top": 30, "permutations": 3, "seed": 4, "compiled": compiled, "jobs": jobs}
    state = tmp_path / "deep" / "out.partial"
    whole = scan_pairs(made, "OS", **asked)
    for n in tiles:
        with pytest.raises(Interrupted):
            scan_pairs(made, "OS", **asked, state=state, progress=interrupt_after(n))
        assert [path.name for path in state.parent.iterdir()] == ["out.partial"]
    seen = []
    found = scan_pairs(made, "OS", **asked, state=state, progress=seen.append)
    assert seen[0].resumed == seen[0].done == found.resumed > 0
    assert np.isnan(seen[0].seconds_left)
    assert seen[-1].done == seen[-1].total == 4 * found.counts["pairs"]
    assert seen[-1].seconds_left == 0
    pd.testing.assert_frame_equal(found.to_frame(), whole.to_frame(), check_exact=True)
    pd.testing.assert_frame_equal(found.histogram, whole.histogram, check_exact=True)
    assert found.counts == whole.counts
    again = scan_pairs(made, "OS", **asked, state=state)
    assert again.resumed == seen[-1].total
    pd.testing.assert_frame_equal(again.to_frame(), whole.to_frame(), check_exact=True)


def test_a_state_of_another_scan_is_refused_or_overwritten(made, tmp_path):
    state = tmp_path / "state"
    scan_pairs(made, "OS", state=state, top=3)
    with pytest.raises(InputOutputError, match=r"other data or with other options\. Pass --overwrite to start anew"):
        scan_pairs(made, "OS", state=state, top=4)
    assert scan_pairs(made, "OS", state=state, top=4, overwrite=True).resumed == 0
    assert scan_pairs(made, "OS", state=state, top=4).resumed > 0
    for damaged in (state.read_bytes()[:-9], b"", b"not a state", np.lib.format.magic(1, 0)):
        state.write_bytes(damaged)
        with pytest.raises(InputOutputError, match="is no state of a scan"):
            scan_pairs(made, "OS", state=state, top=4)
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(InputOutputError, match="is no state of a scan"):
        scan_pairs(made, "OS", state=tmp_path / "array.npy", top=4)
    with pytest.raises(InputOutputError, match="cannot be written"):
        scan_pairs(made, "OS", state=state / "below", top=4)


def test_threads_tiles_and_numba_change_nothing(made, monkeypatch):
    asked = {"top": 60, "permutations": 5, "seed": 1}
    whole = scan_pairs(made, "OS", **asked, compiled=False)
    for more in ({"jobs": 2, "compiled": False}, {"jobs": 1, "compiled": True}, {"jobs": 2, "compiled": True}):
        monkeypatch.setattr(pair_walk, "TILE", 11)
        found = scan_pairs(made, "OS", **asked, **more)
        pd.testing.assert_frame_equal(found.to_frame(), whole.to_frame(), rtol=1e-10)
        pd.testing.assert_frame_equal(found.histogram, whole.histogram)


@pytest.mark.parametrize("factors", [(), ("site",)])
def test_max_t_is_the_share_of_permutations_with_a_larger_largest_chi_squared(made, monkeypatch, factors):
    """The same permutations with the tests of many groups, by brute force over 8 genes."""
    walks = []
    run = pair_walk.Walk.run
    monkeypatch.setattr(pair_walk.Walk, "run", lambda walk, *more: walks.append(walk) or run(walk, *more))
    genes = [f"G{i:02d}" for i in range(8, 16)]
    found = scan_pairs(
        made, "OS", genes=genes, permutations=19, seed=7, stratification_factors=factors, min_patients=0, min_events=5
    )
    ((walk,),) = [walks]
    positive, negative = walk.markers.flags(np.arange(8))
    first, second = (np.array(side) for side in zip(*combinations(range(8), 2)))
    highest = []
    for b in range(1, 20):
        back = np.argsort(walk._dealt(b))
        if factors:
            assert (walk.outcome.strata[back] == walk.outcome.strata).all()
        outcome = type(walk.outcome).of(walk.outcome.time[back], walk.outcome.event[back], walk.outcome.strata)
        both = positive[first] & positive[second]
        tests = compare_many_groups(outcome, both, both | negative[first] | negative[second])
        large = (tests.events_positive >= 5) & (tests.events - tests.events_positive >= 5)
        highest.append(tests.chi_squared[large].max())
    for row in found.to_frame().itertuples():
        reached = np.sum(np.array(highest) >= row.log_rank_chi2 * (1 - 1e-9))
        assert row.max_t_p == pytest.approx((reached + 1) / 20)


def test_max_t_keeps_its_level_without_any_effect(make_cohort):
    """Of 100 null cohorts 5 % have a best pair with a max-T P of 0.05: binomial 99.9 % limits."""
    generator = np.random.default_rng(3)
    rejected = 0
    for _ in range(100):
        table = pd.DataFrame(generator.normal(size=(50, 8))).rename(index=str, columns=lambda i: f"G{i}")
        outcome = (np.ceil(generator.exponential(20, 50)), generator.random(50) < 0.7)
        cohort = make_cohort(clinical=pd.DataFrame(index=table.index), mrna=table, endpoints={"OS": outcome})
        best = scan_pairs(cohort, "OS", top=1, permutations=19, min_patients=5, min_events=2).to_frame()
        rejected += best["max_t_p"].iloc[0] <= 0.05
    assert 1 <= rejected <= 14


def test_other_assays_are_paired_by_their_calls(breast):
    mutated = scan_pairs(breast, "OS", assay="mutation", min_patients=5, min_events=1).to_frame()
    assert set(mutated["marker_1"]) == {"mutated"}
    copies = scan_pairs(breast, "OS", assay="copy_number", top=100_000, min_patients=0, min_events=0).to_frame()
    assert {"amp", "homdel"} & set(copies["marker_1"])
    silent = copies[copies["events_both"] == 0]
    assert silent["note"].str.contains("hazard ratio not estimable").all()
    assert silent["interaction"].isna().all()
    assert silent["note"].str.contains(r"interaction not estimable \(no event in").all()


def test_delayed_entry_counts_and_has_no_permutations(made, numbers):
    outcome = made.endpoints["OS"]
    entry = (outcome.time * 0.3).where(np.arange(N) % 2 == 0, 0.0)
    late = replace(made, endpoints={"OS": replace(outcome, entry=entry)})
    found = scan_pairs(late, "OS", top=1, permutations=9)
    (row,) = found.to_frame().itertuples()
    assert found.n_permutations == 0
    assert np.isnan(row.max_t_p)
    assert "delayed entry" in row.note
    high = numbers[[row.gene_1, row.gene_2]].gt(numbers[[row.gene_1, row.gene_2]].median()).all(axis=1).to_numpy()
    known = numbers[[row.gene_1, row.gene_2]].notna().all(axis=1).to_numpy()
    if row.n == known.sum():
        test = log_rank(outcome.time[known], outcome.event[known].astype(bool), high[known], entry=entry[known])
        assert row.log_rank_chi2 == pytest.approx(test.chi_squared, rel=1e-9)


def test_names_are_found_and_wrong_ones_are_said(breast):
    table = scan_pairs(breast, "OS", genes=["HER2", "SYNG3005"], min_patients=0, min_events=0).to_frame()
    assert {table["gene_1"][0], table["gene_2"][0]} == {"ERBB2", "SYNG3005"}
    with pytest.raises(DataError) as wrong:
        scan_pairs(breast, "OS", partner="SPHK1X", genes=["SYNG3005", "SYNG30005"])
    assert [problem.fix for problem in wrong.value.problems] == ["Did you mean 'SPHK1'?", "Did you mean 'SYNG3005'?"]
    with pytest.raises(DataError, match="1 mrna markers are too few"):
        scan_pairs(breast, "OS", genes=["IGF1R"])
    with pytest.raises(UsageError, match="'rna' is none of mrna, protein"):
        scan_pairs(breast, "OS", assay="rna")
    with pytest.raises(UsageError, match="top: 0 is below 1"):
        scan_pairs(breast, "OS", top=0)
    alone = replace(breast, assays={"mrna": breast.assays["mrna"]}, mutations={})
    with pytest.raises(DataError, match=r"no serum table\. It has mrna$"):
        scan_pairs(alone, "OS", assay="serum")


def test_a_value_at_a_later_time_point_is_no_marker(breast):
    late = next((name for name in breast.assays["protein"].features if "@" in name), None)
    assert late is not None
    with pytest.raises(DataError, match="value at a later time point"):
        scan_pairs(breast, "OS", assay="protein", genes=[late])


@pytest.mark.parametrize(("compiled", "imported"), [(None, False), (False, False), (True, True)])
def test_numba_is_imported_only_where_it_pays(root, compiled, imported):
    program = f"""
import sys
from strata import read_cohort, scan_pairs
cohort = read_cohort({str(root / "synthetic" / "figure2-breast" / "flat")!r})
found = scan_pairs(cohort, "OS", compiled={compiled}, top=1)
assert found.counts["ranked"] == 19110
assert ("numba" in sys.modules) is {imported}
print(found.to_frame()["log_rank_chi2"][0])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert float(done.stdout) == pytest.approx(27.0952363339, rel=1e-9)


def test_many_pairs_are_compiled(made, monkeypatch):
    from strata.scan import pairs

    seen = []
    run = pair_walk.Walk.run
    monkeypatch.setattr(
        pair_walk.Walk, "run", lambda walk, *more: seen.append(walk.options.compiled) or run(walk, *more)
    )
    scan_pairs(made, "OS", top=1)
    monkeypatch.setattr(pairs, "COMPILED_FROM", 1000)
    scan_pairs(made, "OS", top=1)
    assert seen == [False, True]
