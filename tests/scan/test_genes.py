"""Every gene of a cohort as a marker: the rows equal what a run says of one gene at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata import compare_survival, read_cohort, stratify
from strata.errors import DataError, UsageError
from strata.scan import SCAN_COLUMNS, scan_genes
from strata.scan.markers import markers_of, median_split
from strata.signatures import parse_signature
from strata.survival import cox, log_rank, max_t, maximally_selected_log_rank, proportional_hazards

N = 160


@pytest.fixture(scope="module")
def breast(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")


@pytest.fixture
def numbers():
    generator = np.random.default_rng(4)
    table = pd.DataFrame(generator.normal(size=(N, 30)), [f"p{i}" for i in range(N)], [f"G{i}" for i in range(30)])
    table["ACTS"] = generator.normal(size=N)
    table["TIED"] = np.round(table["G1"])
    table["CONSTANT"] = 1.0
    return table


@pytest.fixture
def made(numbers, make_cohort):
    generator = np.random.default_rng(9)
    time = np.ceil(generator.exponential(np.exp(-0.9 * numbers["ACTS"]) * 30))
    clinical = pd.DataFrame({"site": generator.choice(["a", "b"], N)}, numbers.index)
    return make_cohort(clinical=clinical, mrna=numbers, endpoints={"OS": (time, generator.random(N) < 0.8)})


def rule(assay, gene, **how):
    return parse_signature({"name": gene, "positive": {assay: gene} | how}, id="one", where="test")


@pytest.mark.parametrize("population", [None, "er-positive", "er-negative & node-negative"])
def test_each_row_is_what_comparing_that_gene_says(breast, population):
    table = scan_genes(breast, "DFS", population=population, permutations=99).to_frame()
    assert tuple(table.columns) == SCAN_COLUMNS
    how = {
        "above median": {"above": "median"},
        "amp": {"is": "amp"},
        "homdel": {"is": "homdel"},
        "mutated": {"is": "any"},
    }
    rows = table[table["events_positive"] > 0].groupby(["assay", "marker"]).head(3)
    assert set(rows["marker"]) >= {"above median", "mutated", "amp"} or population
    for row in rows.itertuples():
        strata = stratify(breast, rule(row.assay, row.gene, **how[row.marker]), population=population)
        expected = compare_survival(breast, strata, "DFS").to_frame().iloc[0]
        for mine, theirs in (
            ("n", "n"),
            ("events", "events"),
            ("n_positive", "n_positive"),
            ("events_positive", "events_positive"),
            ("n_unknown", "n_unknown"),
            ("log_rank_chi2", "log_rank_chi2"),
            ("log_rank_p", "log_rank_p"),
            ("hazard_ratio", "hazard_ratio"),
            ("hazard_ratio_lower", "hazard_ratio_lower"),
            ("hazard_ratio_upper", "hazard_ratio_upper"),
            ("wald_p", "wald_p"),
            ("ph_p", "ph_p"),
        ):
            assert getattr(row, mine) == pytest.approx(expected[theirs], rel=1e-9, nan_ok=True), (row.gene, mine)
        assert row.small == pd.notna(expected["permutation_p"])


def test_per_standard_deviation(made, numbers):
    table = scan_genes(made, "OS", cut="continuous", permutations=0).to_frame().set_index("gene")
    os = made.endpoints["OS"]
    x = numbers["G3"] / numbers["G3"].std()
    fit = cox(os.time, os.event.astype(bool), x)
    row = table.loc["G3"]
    assert row["per_sd_hazard_ratio"] == pytest.approx(fit.hazard_ratios[0], rel=1e-9)
    assert row["per_sd_hazard_ratio_lower"] == pytest.approx(fit.lower[0], rel=1e-9)
    assert row["p_value"] == row["per_sd_p"] == pytest.approx(fit.p_values[0], rel=1e-8)
    assert row["ph_p"] == pytest.approx(proportional_hazards(os.time, os.event.astype(bool), x).p_values[0], rel=1e-7)
    assert row["test"] == "Cox Wald, per SD"
    constant = table.loc["CONSTANT"]
    assert not constant["estimable"]
    assert "values that do not vary" in constant["note"]
    # the median split has the same numbers beside its own
    split = scan_genes(made, "OS", permutations=0).to_frame().set_index("gene")
    assert split.loc["G3", "per_sd_hazard_ratio"] == row["per_sd_hazard_ratio"]


def test_the_gene_that_acts_comes_first_and_q_counts_the_failed(made, numbers):
    for cut in ("median", "continuous", "every"):
        table = scan_genes(made, "OS", cut=cut, permutations=199).to_frame()
        assert table.loc[0, "gene"] == "ACTS"
        assert table["p_value"].dropna().is_monotonic_increasing
        assert len(table) == numbers.shape[1]
        # Benjamini-Hochberg by hand: the smallest P times all markers, also those without a P, at most the next ones
        p = table["p_value"].to_numpy()
        steps = p * len(table) / np.arange(1, len(table) + 1)
        known = ~np.isnan(p)
        by_hand = np.minimum(np.minimum.accumulate(steps[known][::-1])[::-1], 1.0)
        np.testing.assert_allclose(table["q_value"][known], by_hand, rtol=1e-12)
        assert table.loc[~known, "q_value"].isna().all()


@pytest.mark.parametrize("factors", [(), ("site",)])
def test_max_t_and_the_permutations_of_small_groups(made, numbers, factors):
    made.assays["mrna"]._table["RARE"] = 0.0
    made.assays["mrna"]._table.iloc[:6, -1] = 1.0
    made.assays["mrna"].features.append("RARE")
    table = scan_genes(made, "OS", permutations=2_000, stratification_factors=factors).to_frame().set_index("gene")
    groups = made.assays["mrna"]._table
    high = (groups > groups.median()).loc[:, list(table.index)]
    os, site = made.endpoints["OS"], made.clinical["site"] if factors else None
    found = max_t(os.time, os.event.astype(bool), high, n_permutations=2_000, seed=1, stratification_factors=site)
    np.testing.assert_allclose(table["max_t_p"], found.single_step_p_values, atol=0.05)
    rare = table.loc["RARE"]
    assert rare["test"] == "permutation"
    assert (
        rare["p_value"]
        == rare["permutation_p"]
        == pytest.approx(found.p_values[list(table.index).index("RARE")], abs=0.04)
    )
    assert rare["log_rank_p"] != rare["p_value"]
    assert "small group (below 20 patients or 10 events): P by 2000 permutations" in rare["note"]
    without = scan_genes(made, "OS", permutations=0, stratification_factors=factors).to_frame().set_index("gene")
    assert np.isnan(without.loc["RARE", "p_value"])
    assert "no P without permutations" in without.loc["RARE", "note"]
    assert without.loc["RARE", "log_rank_p"] == rare["log_rank_p"]


def test_searched_cuts_have_the_corrected_p_and_no_ratio(made, numbers):
    table = scan_genes(made, "OS", cut="every", permutations=2_000).to_frame().set_index("gene")
    os = made.endpoints["OS"]
    for gene in ("ACTS", "G1", "TIED"):
        found = maximally_selected_log_rank(numbers[gene], os.time, os.event.astype(bool), n_permutations=5_000, seed=3)
        row = table.loc[gene]
        assert row["cut"] == found.cut
        assert row["n_positive"] == found.n_high
        assert row["p_value"] == pytest.approx(found.p_value, abs=0.04)
    assert table[["hazard_ratio", "log_rank_p", "wald_p", "max_t_p"]].isna().all(axis=None)
    assert set(table.loc[table["estimable"], "test"]) == {"searched cut, corrected"}
    assert "no cut could be searched" in table.loc["CONSTANT", "note"]


def test_searched_cuts_take_no_part_in_the_maximum_over_called_markers(breast):
    both, alone = (
        scan_genes(breast, "DFS", cut="every", permutations=99, assays=assays).to_frame()
        for assays in (("mrna", "mutation"), ("mutation",))
    )
    called = both[both["assay"] == "mutation"].reset_index(drop=True)
    assert len(called) == len(alone) > 10
    columns = ["gene", "max_t_p", "permutation_p", "p_value"]
    pd.testing.assert_frame_equal(called[columns], alone[columns])
    assert both.loc[both["assay"] == "mrna", "max_t_p"].isna().all()


def test_genes_with_gaps_do_not_share_permutations(made, numbers):
    made.assays["mrna"]._table.iloc[:40, 2] = np.nan
    table = scan_genes(made, "OS", cut="every", permutations=2_000, genes=["G2", "G3"]).to_frame().set_index("gene")
    os, own = made.endpoints["OS"], numbers["G2"].notna()
    found = maximally_selected_log_rank(
        numbers["G2"][own], os.time[own], os.event[own].astype(bool), n_permutations=5_000, seed=3
    )
    assert table.loc["G2", "n"] == N - 40
    assert table.loc["G2", "cut"] == found.cut
    assert table.loc["G2", "p_value"] == pytest.approx(found.p_value, abs=0.04)


@pytest.mark.parametrize("factors", [(), ("site",)])
def test_each_pattern_of_gaps_is_searched_by_itself(made, factors):
    """Also a gene that nobody has, and one whose few values leave no cut."""
    table = made.assays["mrna"]._table
    table.iloc[:40, [2, 4]] = np.nan
    table.iloc[60:, 6] = np.nan
    table.iloc[:, 7] = np.nan
    table.iloc[1:, 8] = np.nan
    asked = {"cut": "every", "permutations": 50, "stratification_factors": factors}
    together = scan_genes(made, "OS", **asked).to_frame().set_index("gene")
    for gene in ("G1", "G2", "G4", "G6", "TIED"):
        (alone,) = scan_genes(made, "OS", genes=[gene], **asked).to_frame().itertuples()
        row = together.loc[gene]
        found = row["cut"], row["p_value"], row["n_positive"], row["events_positive"], row["note"]
        assert found == (alone.cut, alone.p_value, alone.n_positive, alone.events_positive, alone.note)
        high = table[gene] > row["cut"]
        assert row["n_positive"] == high.sum()
        assert row["events_positive"] == (high & made.endpoints["OS"].event.astype(bool)).sum()
    for gene in ("G7", "G8"):
        assert together.loc[gene, ["cut", "p_value", "n_positive", "events_positive"]].isna().all()
        assert "no cut could be searched" in together.loc[gene, "note"]


def test_stratified_search(made, numbers):
    table = scan_genes(
        made, "OS", cut="every", permutations=500, genes=["ACTS", "G1"], stratification_factors=["site"]
    ).to_frame()
    os = made.endpoints["OS"]
    row = table.set_index("gene").loc["G1"]
    found = maximally_selected_log_rank(
        numbers["G1"],
        os.time,
        os.event.astype(bool),
        n_permutations=500,
        stratification_factors=made.clinical["site"],
    )
    assert (row["cut"], row["p_value"]) == (found.cut, found.p_value)
    assert "stratified by site" in row["note"]


def test_searches_hold_their_level(make_cohort):
    """Of 300 genes without effect 5 % are below 0.05: exact binomial 99.9 % limits are 4 and 29."""
    generator = np.random.default_rng(2)
    table = pd.DataFrame(generator.normal(size=(100, 300)), [f"p{i}" for i in range(100)])
    table.columns = [f"G{i}" for i in range(300)]
    table.iloc[:, ::2] = table.iloc[:, ::2].clip(lower=0)
    cohort = make_cohort(
        clinical=pd.DataFrame(index=table.index),
        mrna=table,
        endpoints={"OS": (generator.exponential(10, 100), generator.random(100) < 0.7)},
    )
    p = scan_genes(cohort, "OS", cut="every", permutations=500).to_frame()["p_value"]
    assert 4 <= (p < 0.05).sum() <= 29


def test_delayed_entry(made):
    from dataclasses import replace

    os = made.endpoints["OS"]
    entry = os.time * np.random.default_rng(0).random(N) * 0.5
    late = replace(made, endpoints={"OS": replace(os, entry=entry)})
    table = scan_genes(late, "OS").to_frame().set_index("gene")
    values = made.assays["mrna"]._table["G5"]
    test = log_rank(os.time, os.event.astype(bool), values > values.median(), entry=entry)
    assert table.loc["G5", "log_rank_chi2"] == pytest.approx(test.chi_squared, rel=1e-9)
    fit = cox(os.time, os.event.astype(bool), values / values.std(), entry=entry)
    assert table.loc["G5", "per_sd_hazard_ratio"] == pytest.approx(fit.hazard_ratios[0], rel=1e-9)
    assert table["max_t_p"].isna().all()
    assert "delayed entry" in table.loc["G5", "note"]
    with pytest.raises(DataError, match="delayed entry"):
        scan_genes(late, "OS", cut="every")


def test_the_cut_is_the_populations_also_of_patients_without_the_endpoint(breast):
    from strata.scan.study import study_of

    study = study_of(breast, "DFS", population="er-positive")
    assert study.keep.sum() < study.inside.sum()
    (markers,) = markers_of(breast, "mrna", study.inside, study.keep, ["IGF1R"])
    everyone = breast.assays["mrna"].read(["IGF1R"])["IGF1R"].to_numpy()
    assert markers.cuts[0] == np.nanmedian(everyone[study.inside])


def test_medians_by_one_partition():
    generator = np.random.default_rng(0)
    for n in (0, 1, 2, 7, 8):
        values = np.round(generator.normal(size=(40, n)), 1)
        values[generator.random((40, n)) < 0.1] = np.nan
        expected = [np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in values]
        np.testing.assert_array_equal(median_split(values), expected)


def test_any_number_of_jobs_and_the_order_of_patients_give_the_same(made, make_cohort, numbers):
    one, two = (scan_genes(made, "OS", jobs=jobs, permutations=50).to_frame() for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    back, os = made.patients[::-1], made.endpoints["OS"]
    turned = make_cohort(
        clinical=made.clinical.loc[back],
        mrna=numbers.loc[back],
        endpoints={"OS": (os.time.loc[back].to_numpy(), os.event.loc[back].to_numpy(bool))},
    )
    plain = [c for c in SCAN_COLUMNS if c not in ("max_t_p", "permutation_p")]
    pd.testing.assert_frame_equal(
        scan_genes(turned, "OS", permutations=0).to_frame()[plain],
        scan_genes(made, "OS", permutations=0).to_frame()[plain],
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"cut": "best"}, "'best' is none of median, continuous, every"),
        ({"permutations": -1}, "-1 is below 0"),
        ({"cut": "every", "permutations": 0}, "a searched cut has no P without them"),
        ({"minprop": 0.7}, "0.7 is not between 0 and 0.5"),
        ({"assays": ["rna"]}, "rna: not one of mrna"),
        ({"population": "nobody"}, "no signature 'nobody'"),
    ],
)
def test_wrong_questions_are_refused(made, keys, what):
    with pytest.raises(UsageError, match=what):
        scan_genes(made, "OS", **keys)


def test_what_the_cohort_lacks_is_said(made):
    with pytest.raises(DataError, match="it has no mutation table"):
        scan_genes(made, "OS", assays=["mutation"])
    with pytest.raises(DataError, match="has no DFS or RFS or DFI"):
        scan_genes(made, "DFS")
    with pytest.raises(DataError, match="no clinical column nowhere"):
        scan_genes(made, "OS", stratification_factors=["nowhere"])
    with pytest.raises(DataError, match=r"no mrna ACT in the cohort's tables.*Did you mean 'ACTS'"):
        scan_genes(made, "OS", genes=["G1", "ACT"])
