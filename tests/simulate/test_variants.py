"""Mutations, inherited changes and genotypes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from strata.simulate import Scenario, load_scenario, simulate_cohort
from strata.simulate.variants import _classification, _hardy_weinberg

Make = Callable[..., Scenario]
N = 20_000


def test_a_change_is_classified_as_it_is_spelled() -> None:
    spelled = {
        "H1047R": "Missense_Mutation",
        "R130*": "Nonsense_Mutation",
        "K267Rfs*9": "Frame_Shift_Del",
        "X125_splice": "Splice_Site",
        "E453del": "In_Frame_Del",
        "A775_G776insYVMA": "In_Frame_Ins",
    }
    assert {change: _classification(change) for change in spelled} == spelled


def test_genotypes_are_in_hardy_weinberg_equilibrium(complete: Make) -> None:
    scenario = complete("figure2-breast", N)
    tables, _ = simulate_cohort(scenario)
    assert scenario.germline is not None
    assert tables.genotyped.all()
    (p, q) = scenario.germline.variants["rs2016347"].alleles.values()
    expected = {"G/G": p * p, "G/T": 2 * p * q, "T/T": q * q}
    assert _hardy_weinberg(scenario.germline.variants["rs2016347"]) == expected
    found = np.array(tables.genotypes["rs2016347"])
    for genotype, share in expected.items():
        assert abs((found == genotype).mean() - share) < 4 * np.sqrt(share * (1 - share) / N)


def test_who_was_genotyped_and_who_has_no_call() -> None:
    scenario = load_scenario("figure2-breast").model_copy(update={"patients": N})
    tables, _ = simulate_cohort(scenario)
    assert abs(tables.genotyped.mean() - 0.65) < 4 * np.sqrt(0.65 * 0.35 / N)
    for texts in tables.genotypes.values():
        assert abs(np.mean([text is None for text in texts]) - 0.02) < 4 * np.sqrt(0.02 * 0.98 / N)


def test_inherited_changes_have_their_prevalence_in_those_who_were_sequenced(complete: Make) -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast").model_copy(update={"patients": N}))
    assert tables.germline is not None
    assert tables.mutations is not None
    assert tables.germline.genes == tables.mutations.genes
    assert np.array_equal(tables.germline.sequenced, tables.mutations.sequenced)
    assert {row.gene for row in tables.germline.rows} == {"BRCA1", "BRCA2"}
    carriers = np.zeros(N, dtype=bool)
    carriers[[row.patient for row in tables.germline.rows if row.gene == "BRCA1"]] = True
    sequenced = tables.mutations.sequenced
    assert not carriers[~sequenced].any()
    er = np.array(simulate_cohort(complete("figure2-breast", N))[0].clinical["er_status"])
    for status, share in (("Negative", 0.10), ("Positive", 0.01)):
        who = sequenced & (er == status)
        assert abs(carriers[who].mean() - share) < 4 * np.sqrt(share * (1 - share) / who.sum())
    truncating = {"Frame_Shift_Del", "Nonsense_Mutation"}
    kinds = [row.classification in truncating for row in tables.germline.rows if row.gene == "BRCA1"]
    assert abs(np.mean(kinds) - 6 / 7) < 4 * np.sqrt(6 / 49 / len(kinds))


def test_a_scenario_without_a_germline_part_has_none() -> None:
    tables, _ = simulate_cohort(load_scenario("one-event"))
    assert tables.germline is None
    assert tables.genotypes == {}
    assert not tables.genotyped.any()
