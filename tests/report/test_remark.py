"""The REMARK checklist: all 20 items, each filled or a gap, with the numbers of the run."""

from __future__ import annotations

import re

import pytest

from strata.report.remark import REMARK_SOURCE, remark
from strata.wording import format_hazard_ratio, format_p

AUTHORS_ALONE = {4, 20}
"""Items that no run can say anything about."""

RUNS = ["results", "several", "trial", "searched", "shared_run", "quantiles"]


def items(results):
    return {item.number: item for item in remark(results)}


@pytest.mark.parametrize("name", RUNS)
def test_all_items_are_there_and_each_is_filled_or_a_gap(name, request):
    found = remark(request.getfixturevalue(name))
    assert [item.number for item in found] == list(range(1, 21))
    for item in found:
        assert item.section
        assert item.asks.endswith(".")
        assert item.filled or item.gap
        assert item.gap == item.gap.strip()
        assert not item.filled or item.filled.endswith(".")
        assert "nan" not in re.findall(r"\w+", item.filled.lower()), item
    assert {item.number for item in found if not item.filled} >= AUTHORS_ALONE
    # what a run cannot know is asked of the author, whatever was run
    for number in (1, 2, 3, 4, 5, 6, 9, 11, 19, 20):
        assert found[number - 1].gap


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_claimed_that_no_run_can_know(name, request):
    said = " ".join(item.filled for item in remark(request.getfixturevalue(name)))
    assert not re.findall(r"\b(significan\w*|prov\w+|randomised|prospective\w*|blinded|synerg\w+)\b", said, re.I)
    assert "predictive" not in said
    assert "[@" not in said


def test_the_sections_are_those_of_the_checklist(results):
    sections = [item.section.partition(":")[0] for item in remark(results)]
    assert [sections.count(name) for name in dict.fromkeys(sections)] == [1, 10, 7, 2]
    assert list(dict.fromkeys(sections)) == ["Introduction", "Materials and methods", "Results", "Discussion"]
    assert "McShane" in REMARK_SOURCE
    assert "Altman" in REMARK_SOURCE


def test_methods_say_what_was_done(results):
    found = items(results)
    assert "positive when IGF1R mRNA above the median and SPHK1 mRNA above the median" in found[1].filled
    assert "figure2-breast: 600 patients" in found[2].filled
    assert "scale log2 (judged from" in found[5].filled
    (cohort,) = results.cohorts
    (dfs,) = [endpoint for endpoint in cohort.description.endpoints if endpoint.name == "DFS"]
    followed = f"median follow-up {dfs.median_follow_up:.1f} months"
    assert f"figure2-breast, DFS: {dfs.n} patients, {dfs.events} events, {followed}" in found[6].filled
    assert "All patients: er from er_status: positive (436), negative (155), unknown (9); " in found[13].filled
    assert found[13].gap == "Add the standard prognostic variables that are not among these columns."
    assert "time: dfs_months (months) and event: dfs_event of clinical.tsv; event: '1'" in found[7].filled
    assert "log-rank test with the hypergeometric variance" in found[10].filled
    assert "main (4 tests)" in found[10].filled
    assert "median, over the patients of the population, inside each cohort" in found[11].filled


def test_the_flow_adds_up(results):
    (cohort,) = results.cohorts
    said = items(results)[12].filled
    first = said.partition(". figure2-breast, ")[0]
    left, analysed = (part for part in first.split("; ") if part.startswith(("left out", "analysed")))
    out = sum(int(n) for n in re.findall(r" (\d+)(?:,|$)", left))
    inside = sum(int(n) for n in re.findall(r" (\d+) \(\d+ events?\)", analysed))
    assert out + inside == cohort.strata[0].labels.size
    row = results.to_frame().iloc[0]
    assert inside == row["n"]
    assert f"both high {row['n_positive']} ({row['events_positive']} events)" in analysed


def test_effects_have_intervals_and_their_own_p(results):
    said = items(results)[15].filled
    for row in results.to_frame().to_dict("records"):
        if row["comparison"] == "positive_vs_rest":
            ratio = [row[f"hazard_ratio{end}"] for end in ("", "_lower", "_upper")]
            small = row["permutation_p"] == row["permutation_p"]
            p = f"permutation log-rank {format_p(row['permutation_p'])}" if small else format_p(row["log_rank_p"])
            assert f"HR {format_hazard_ratio(*ratio, name='95 % CI ')}, " in said
            assert p in said


def test_covariates_fill_the_multivariable_items(results, trial):
    without, adjusted = items(results), items(trial)
    assert (without[16].filled, without[17].filled) == ("", "")
    assert "name the standard prognostic variables as covariates" in without[17].gap
    term = trial.cohorts[0].comparisons[0].comparisons[0].terms[1]
    hazard = term.hazard_ratio
    ratio = format_hazard_ratio(hazard.value, hazard.lower, hazard.upper, name="95 % CI ")
    assert f"{term.name} {ratio}" in adjusted[16].filled
    assert "the marker and age, whatever their P" in adjusted[17].filled
    assert re.search(r"HR \S+ \(95 % CI \S+\) adjusted for age, Cox Wald P \S+ \S+;", adjusted[15].filled)
    assert "; not adjusted: HR " in adjusted[15].filled
    assert "covariates: age; subgroups: pr; treatment: treatment" in adjusted[8].filled


def test_the_treatment_is_named_and_how_it_was_assigned_is_not_known(trial, results):
    found = items(trial)[3]
    assert "everolimus against control" in found.filled
    assert "How it was assigned is not in the tables" in found.filled
    assert items(results)[3].filled == ""


def test_a_searched_cut_is_called_optimistic(searched, results):
    assert "curves and medians at the cut are optimistic" in items(searched)[11].filled
    assert "optimistic" not in items(results)[11].filled
    assert "corrected for the search by 99 permutations" in items(searched)[10].filled
    assert "median split" in items(searched)[18].filled


def test_failures_and_what_could_not_be_estimated_are_limits(several, run_of):
    found = items(several)
    assert "Could not be analysed: missing-cohort" in found[2].filled
    assert "could not be estimated" in found[19].filled
    assert "beside a claim of the literature" in found[19].filled
    nobody = run_of("one-event", signatures=["pten-loss"], endpoints=["OS"])
    assert "analysed: nobody" in items(nobody)[12].filled


def test_strata_are_compared_at_baseline(results):
    table = results.cohorts[0].baseline
    said = items(results)[14].filled
    assert "standardised differences between the strata" in said
    name, _, value = re.search(r"largest: (\S+) (\S+) ([+-]\d\.\d\d) ", said).groups()
    sizes = table[table["characteristic"] == name]["standardised_difference"].abs()
    assert (sizes.round(2) == abs(float(value))).any()


def test_of_a_shared_run_small_counts_are_hidden(shared_run):
    found = items(shared_run)
    said = " ".join(item.filled for item in found.values())
    assert "withheld: it would tell of fewer than 11 patients" in found[15].filled
    assert "the time of a patient" in found[6].filled
    assert "left out: outside" not in said
    assert "/work" not in said
    for strata in shared_run.cohorts[0].strata:
        for label, n in strata.counts.items():
            assert not 0 < n < 11 or f" {n} {label}" not in found[13].filled
    counted = re.findall(r"\b(\d+) (?:patients?|events?|positive|negative|unknown)\b", said)
    assert all(int(n) == 0 or int(n) >= 11 for n in counted if n not in ("20", "10"))


def test_a_run_without_endpoints_still_has_its_methods(run_of):
    found = items(run_of("figure2-breast", signatures=["igf1r-high"], endpoints=[]))
    assert found[7].gap == "No endpoint was analysed."
    assert found[12].filled == "Patients were called, not compared: calls.tsv."
    assert found[15].filled == ""
