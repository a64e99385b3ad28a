"""The tables: prevalences, shifts, correlations and losses are those of the scenario."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from strata.errors import UsageError
from strata.simulate import Scenario, load_scenario, simulate_cohort

Make = Callable[..., Scenario]
N = 20_000


def share_is(mask: np.ndarray, p: float) -> None:
    """Within 4 standard errors of a proportion."""
    assert abs(mask.mean() - p) < 4 * np.sqrt(p * (1 - p) / mask.size)


def test_clinical_columns_have_the_stated_prevalences(complete: Make) -> None:
    tables, _ = simulate_cohort(complete("figure2-breast", N))
    er, her2 = (np.array(tables.clinical[name]) for name in ("er_status", "her2_status"))
    share_is(er == "Positive", 0.72)
    share_is(her2[er == "Positive"] == "Positive", 0.12)
    share_is(her2[er == "Negative"] == "Positive", 0.30)
    age = np.array(tables.clinical["age"], dtype=float)
    assert age.min() >= 25
    assert age.max() <= 92
    assert abs(age.mean() - 58) < 0.3
    share_is(np.array(tables.clinical["menopausal"])[age > 50] == "post", 0.92)


def test_alterations_have_the_stated_prevalences(complete: Make) -> None:
    tables, _ = simulate_cohort(complete("figure2-breast", N))
    er = np.array(tables.clinical["er_status"])
    assert tables.mutations is not None
    mutated = np.zeros(N, dtype=bool)
    rows = [row for row in tables.mutations.rows if row.gene == "PIK3CA"]
    mutated[[row.patient for row in rows]] = True
    share_is(mutated[er == "Positive"], 0.40)
    share_is(mutated[er == "Negative"], 0.12)
    share_is(np.array([row.change == "p.H1047R" for row in rows]), 40 / 96)
    copy_number = tables.numbers["copy_number"]
    erbb2 = copy_number.cells[copy_number.features.index("ERBB2")]
    share_is(erbb2[np.array(tables.clinical["her2_status"]) == "Positive"] == 2, 0.85)
    assert set(np.unique(copy_number.cells)) == {-2.0, -1.0, 0.0, 1.0, 2.0}


def test_markers_have_the_stated_mean_spread_shift_and_correlation(complete: Make) -> None:
    tables, _ = simulate_cohort(complete("figure2-breast", N))
    mrna = tables.numbers["mrna"]
    igf1r, sphk1, esr1 = (mrna.cells[mrna.features.index(gene)] for gene in ("IGF1R", "SPHK1", "ESR1"))
    assert abs(igf1r.mean() - 9.3) < 4 * 1.2 / np.sqrt(N)
    assert abs(igf1r.std() - 1.2) < 4 * 1.2 / np.sqrt(2 * N)
    assert abs(np.corrcoef(igf1r, sphk1)[0, 1] - 0.3) < 4 / np.sqrt(N)
    positive = np.array(tables.clinical["er_status"]) == "Positive"
    assert abs(esr1[positive].mean() - esr1[~positive].mean() - 5.0) < 0.1


def test_losses_and_batch_are_those_of_the_scenario() -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast").model_copy(update={"patients": N}))
    mrna = tables.numbers["mrna"]
    share_is(~mrna.assayed, 0.06)
    share_is(np.isnan(mrna.cells), 0.004)
    share_is(np.array([text is None for text in tables.clinical["ki67"]]), 0.15)
    share_is(~tables.endpoints["OS"].known, 0.01)
    assert tables.mutations is not None
    share_is(~tables.mutations.sequenced, 0.08)
    assert all(tables.mutations.sequenced[row.patient] for row in tables.mutations.rows)
    silent = sum(row.classification == "Silent" for row in tables.mutations.rows)
    assert abs(silent / (22 * tables.mutations.sequenced.sum()) - 0.01) < 0.001
    batch = np.array(tables.clinical["batch"]) == "B"
    gapdh = mrna.cells[mrna.features.index("GAPDH")]
    assert abs(np.nanmean(gapdh[batch]) - np.nanmean(gapdh[~batch]) - 0.2) < 0.03


def test_the_seed_decides() -> None:
    scenario = load_scenario("additive-only")
    first, again, other = (simulate_cohort(scenario, seed=seed)[0].numbers["mrna"].cells for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.isclose(first, other).any(axis=0).all()
    tables, truth = simulate_cohort(scenario)
    assert truth.seed == scenario.seed
    assert np.array_equal(tables.numbers["mrna"].cells, simulate_cohort(scenario, seed=202)[0].numbers["mrna"].cells)
    with pytest.raises(UsageError, match="seed"):
        simulate_cohort(scenario, seed=-1)


def test_another_gene_leaves_the_others_alone(complete: Make) -> None:
    keys = complete("additive-only", 400).model_dump(by_alias=True, exclude_none=True)
    before, _ = simulate_cohort(Scenario.model_validate(keys))
    keys["mrna"]["features"] = {"AAA": {"mean": 1, "sd": 1}, **keys["mrna"]["features"]}
    after, _ = simulate_cohort(Scenario.model_validate(keys))
    assert after.numbers["mrna"].features[0] == "AAA"
    assert np.array_equal(before.numbers["mrna"].cells, after.numbers["mrna"].cells[1:])
    assert np.array_equal(before.endpoints["DFS"].time, after.endpoints["DFS"].time)
    assert before.clinical == after.clinical


def test_background_genes_are_drawn_between_their_bounds_and_follow_their_leader(complete: Make) -> None:
    scenario = complete("figure2-breast", N)
    assert scenario.mrna is not None
    tables, _ = simulate_cohort(scenario)
    mrna = tables.numbers["mrna"]
    rows = dict(zip(mrna.features, mrna.cells))
    for block in ("SYNG1", "SYNG9"):
        plan = scenario.mrna.background[block]
        genes = plan.genes(block)
        assert genes[0] == f"{block}001"
        assert len(genes) == plan.n
        means, sds = (np.array([getattr(rows[gene], name)() for gene in genes]) for name in ("mean", "std"))
        margin = 4 * plan.sd[1] / np.sqrt(N)
        assert ((means > plan.mean[0] - margin) & (means < plan.mean[1] + margin)).all()
        assert ((sds > plan.sd[0] - margin) & (sds < plan.sd[1] + margin)).all()
        assert np.ptp(means) > 0.5 * (plan.mean[1] - plan.mean[0])
    leader = [np.corrcoef(rows["ZEB1"], rows[gene])[0, 1] for gene in scenario.mrna.background["SYNG9"].genes("SYNG9")]
    assert np.allclose(leader, 0.7, rtol=0, atol=4 / np.sqrt(N))
    positive = np.array(tables.clinical["er_status"]) == "Positive"
    shifts = [rows[gene][positive].mean() - rows[gene][~positive].mean() for gene in ("SYNG2001", "SYNG2010")]
    assert np.allclose(shifts, 2.0, rtol=0, atol=0.1)


def test_another_block_leaves_the_other_genes_alone(complete: Make) -> None:
    scenario = complete("figure2-breast", 300)
    keys = scenario.model_dump(by_alias=True, exclude_none=True)
    keys["mrna"]["background"] = {"NEW": {"n": 2, "mean": (1, 2), "sd": (1, 1)}, **keys["mrna"]["background"]}
    before, _ = simulate_cohort(scenario)
    after, _ = simulate_cohort(Scenario.model_validate(keys))
    rows = dict(zip(after.numbers["mrna"].features, after.numbers["mrna"].cells))
    assert len(rows) == len(before.numbers["mrna"].features) + 2
    for name, row in zip(before.numbers["mrna"].features, before.numbers["mrna"].cells):
        assert np.array_equal(rows[name], row)


def test_a_scenario_may_be_named():
    named, _ = simulate_cohort("one-event", seed=3)
    loaded, _ = simulate_cohort(load_scenario("one-event"), seed=3)
    assert named.clinical == loaded.clinical
