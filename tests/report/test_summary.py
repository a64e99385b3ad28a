"""A run in sentences: their numbers are those of the rows, and they claim no more than these do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from strata.plots.wording import population_label
from strata.report.summary import summary
from strata.wording import format_hazard_ratio, format_p

OVERCLAIMS = re.compile(
    r"\b(significan\w*|prov\w+|demonstrat\w+|caus(?:es|ed|al|ality)|confirms|synerg\w+|no effect|no difference)\b",
    re.I,
)


def words(results) -> str:
    found = summary(results)
    return " ".join([*found.asked, *found.found, *found.warnings, found.agreement])


def main_rows(results):
    table = results.to_frame()
    return table[table["comparison"] == "positive_vs_rest"]


def test_what_was_asked(results):
    asked = summary(results).asked
    assert asked[0] == "1 cohort: figure2-breast (600 patients)."
    assert "IGF1R and SPHK1 mRNA both high (positive: IGF1R mRNA above the median and SPHK1 mRNA" in asked[1]
    assert asked[2:] == (
        "Populations: ER-positive; ER-negative, node-negative.",
        "Endpoints: DFS and OS.",
        "Cut-points: median.",
    )


def test_every_number_of_an_answer_is_that_of_its_row(results):
    answers = [said for said in summary(results).found if ": figure2-breast, " in said]
    rows = main_rows(results).to_dict("records")
    assert len(answers) == len(rows) == 4
    for said, row in zip(answers, rows, strict=True):
        ratio = [row[f"hazard_ratio{end}"] for end in ("", "_lower", "_upper")]
        assert f"HR {format_hazard_ratio(*ratio, name='95 % CI ')}" in said
        own = row["log_rank_p"] if row["permutations"] is None or row["permutation_p"] != row["permutation_p"] else None
        own = row["permutation_p"] if own is None else own
        assert format_p(own) in said
        assert f"n = {row['n']:,} ({row['n_positive']:,} positive), {row['events']:,} events" in said
        if own < 0.05:
            longer = "shorter" if row["hazard_ratio"] > 1 else "longer"
            assert f" had {longer} " in said
        else:
            assert "does not show that" in said
            assert " had " not in said


def test_the_tests_are_counted_before_and_after_adjustment_and_by_chance(results):
    tests = results.tests
    main = tests[tests["family"] == "main"]
    p, q = (int((main[column] < 0.05).sum()) for column in ("p_value", "q_value"))
    said = summary(results).found[0]
    assert said.startswith(f"Of {len(main)} main tests, {p} have P below 0.05, and {q} after adjustment")
    assert f"about {0.05 * len(main):.2g} of {len(main)} would be below 0.05 by chance alone" in said


def test_what_stays_below_the_level_is_named_in_the_plans_order(results, shared_run):
    tests = results.tests
    kept = tests[(tests["family"] == "main") & (tests["q_value"] < 0.05)]
    assert len(kept) > 0
    (said,) = [said for said in summary(results).found if said.startswith("Below 0.05 after adjustment: ")]
    assert said.count("IGF1R and SPHK1 mRNA both high (") == len(kept)
    for row in kept.itertuples():
        assert f"({population_label(row.population)}, {row.endpoint})" in said
    # which rows these are may tell what is withheld
    assert not [said for said in summary(shared_run).found if said.startswith("Below 0.05")]


def test_agreement_says_how_much_of_it_stays_once_the_tests_are_counted(results):
    table = results.to_frame()
    agreeing = table[table["agrees"] == "yes"]
    tests = results.tests
    main = tests[(tests["family"] == "main") & (tests["comparison"] == "positive_vs_rest")]
    known = dict(zip(zip(main["population"], main["endpoint"]), main["q_value"]))
    q = [known[row.population, row.endpoint] for row in agreeing.itertuples()]
    assert f"; {sum(value < 0.05 for value in q)} with q below 0.05)" in summary(results).agreement


def test_small_strata_point_to_the_permutation_p(results):
    (first, *_) = [said for said in summary(results).found if "A stratum is small" in said]
    assert "permutation log-rank P = " in first
    assert "is approximate" in first
    assert any("read the P by permutation and Firth's" in said for said in summary(results).warnings)


def test_a_p_below_the_level_that_the_number_of_tests_takes_away_says_so(several):
    rows = main_rows(several)
    tests = several.tests
    main = tests[tests["family"] == "main"]
    assert ((main["p_value"] < 0.05) & ~(main["q_value"] < 0.05)).any()
    assert "(not below 0.05 once the tests are counted)" in words(several)
    assert not rows["estimable"].all()


def test_cohorts_together_come_first_and_failures_are_told(several):
    found = summary(several)
    together = [said for said in found.found if ": all cohorts together, " in said]
    pooled = next(p for p in several.pooled if p.comparison == "positive_vs_rest")["random_effects"]
    hazard = pooled.hazard_ratio
    ratio = format_hazard_ratio(hazard.value, hazard.lower, hazard.upper, name="95 % CI ")
    assert f"Random effects over 2 cohorts: HR {ratio}, {format_p(hazard.wald_p)}" in together[0]
    assert "interval for the HR of a further cohort" in together[0]
    assert any(said.startswith("Cohort missing-cohort could not be analysed") for said in found.warnings)
    assert any("could not be estimated" in said for said in found.warnings)


def test_what_is_not_estimable_says_why(run_of):
    found = summary(run_of("one-event", signatures=["igf1r-high", "pten-loss"], endpoints=["OS"]))
    first = next(said for said in found.found if ": one-event, " in said)
    assert "HR not estimable (" in first
    assert "no event" in first
    nobody = next(said for said in found.found if "PTEN" in said)
    assert "not estimable: " in nobody
    assert any("could not be called in any cohort" in said for said in found.warnings)
    assert "nan" not in words(run_of("one-event", signatures=["igf1r-high", "pten-loss"], endpoints=["OS"])).lower()


def test_the_claims_of_the_literature_are_counted(several):
    agrees = several.to_frame()["agrees"].dropna()
    said = summary(several).agreement
    assert said.startswith(f"{len(agrees)} comparisons beside a claim of the literature: ")
    for answer, told in (("yes", "agrees with the claim"), ("not shown", "claim not shown, which does not refute it")):
        assert f"{told}: {(agrees == answer).sum()}" in said
    agreed = several.to_frame().query("agrees == 'yes'")["claim_evidence"].value_counts()
    assert f"(evidence of the claim{'s' if agreed.sum() > 1 else ''}: {agreed.iloc[0]} {agreed.index[0]}" in said


def test_evidence_that_is_conflicting_is_said_beside_agreement(run_of):
    results = run_of("figure2-breast", signatures=["igf1r-high"], endpoints=["OS", "DFS"])
    row = results.to_frame().query("comparison == 'positive_vs_rest'")
    assert set(row["claim_evidence"]) == {"conflicting"}
    said = summary(results).agreement
    held = row["agrees"].isin(["yes", "no"]).sum()
    assert ("conflicting" in said) == bool(row["agrees"].isin(["yes", "no", "not shown"]).any())
    assert said.endswith("Where a claim's own evidence is conflicting, neither answer settles it.") == bool(held)
    assert held


def test_where_questions_are_many_each_signature_of_the_plan_has_one_line_in_its_order(run_of):
    names = ["sphk1-high", "igf1r-sphk1-high", "pten-loss", "irs1-high", "er-negative", "er-positive", "igf1r-high"]
    results = run_of("figure2-breast", signatures=names, endpoints=["DFS", "OS", "DSS"])
    found = summary(results).found
    listed = [results.library[name].name for name in names]
    answers = [said for said in found if ": figure2-breast, " in said]
    assert [said.partition(": ")[0] for said in answers] == listed
    assert all(", DFS: " in said for said in answers)
    (told,) = [said for said in found if said.startswith("Below, one answer for each of 7 signatures, in the order of")]
    questions = len(main_rows(results))
    assert questions > 20
    assert f"P values played no part in the choice; {questions - 7} further questions in the table of results." in told


def test_one_split_under_two_names_is_told_and_so_is_what_nothing_is_adjusted_for(run_of, trial):
    results = run_of("figure2-breast", signatures=["er-negative", "er-positive", "igf1r-high"], endpoints=["OS"])
    rows = main_rows(results).set_index("signature")
    assert rows["log_rank_p"]["er-negative"] == pytest.approx(rows["log_rank_p"]["er-positive"])
    said = summary(results).warnings
    (same,) = [warning for warning in said if "split in the same way" in warning]
    assert "by ER negative and ER positive (figure2-breast): they ask one question" in same
    assert any(warning.startswith("No result is adjusted for other prognostic factors") for warning in said)
    adjusted = " ".join(summary(trial).warnings)
    assert "split in the same way" not in adjusted
    assert "No result is adjusted" not in adjusted


def test_without_a_test_nothing_is_said_of_chance(run_of):
    found = summary(run_of("one-event", signatures=["pten-loss"], endpoints=["OS"])).found
    assert found[0] == (
        "Of 1 main test, 0 have P below 0.05, and 0 after adjustment for their number (Benjamini-Hochberg);"
        " 1 could not be done."
    )


def test_no_claim_no_agreement(run_of):
    assert summary(run_of("figure2-breast", signatures=["er-negative"], endpoints=["OS"])).agreement == (
        "No source of these signatures claims anything that these comparisons bear on."
    )


def test_predictive_is_said_only_with_the_interaction_behind_it(trial):
    row = trial.to_frame().set_index("comparison").loc["treatment_interaction"]
    assert row["likelihood_ratio_p"] < 0.05
    assert "as it does for a predictive marker, if the treatment was given by randomisation" in words(trial)
    assert format_p(row["likelihood_ratio_p"]) in words(trial)
    (cohort,) = trial.cohorts
    (result,) = cohort.comparisons
    weak = [
        replace(c, likelihood_ratio=c.likelihood_ratio._replace(p_value=0.4)) if c.likelihood_ratio else c
        for c in result.comparisons
    ]
    unclear = replace(trial, cohorts=(replace(cohort, comparisons=(replace(result, comparisons=tuple(weak)),)),))
    assert "predictive" not in words(unclear)
    assert "does not show that the hazard ratio of treatment differs" in words(unclear)


def test_a_searched_cut_is_told(searched):
    row = main_rows(searched).iloc[0]
    said = words(searched)
    assert f"maximally selected log-rank {format_p(row['log_rank_p'])}" in said
    assert "Cross-fitted HR" in said
    assert "other patients have to confirm it" in said
    assert any("the cut was searched on the outcome" in warning for warning in summary(searched).warnings)


def test_hazards_that_are_not_proportional_point_to_restricted_means(results):
    (cohort,) = results.cohorts
    first, *others = cohort.comparisons
    checks = replace(
        first.comparisons[0].checks, ph_p=0.003, rmst_horizon=60.0, rmst_difference=-3.2,
        rmst_difference_lower=-5.0, rmst_difference_upper=-1.4, rmst_p=0.001,
    )  # fmt: skip
    changed = replace(first, comparisons=(replace(first.comparisons[0], checks=checks), *first.comparisons[1:]))
    failed = replace(results, cohorts=(replace(cohort, comparisons=(changed, *others)),))
    said = next(said for said in summary(failed).found if ": figure2-breast, " in said)
    # who lives longer is not told by an average over time
    assert " had shorter " not in said
    assert "differed between" in said
    assert "Hazards are not proportional (P = 0.0030): the HR is an average over time" in said
    assert "up to 60 months marker-positive patients had 3.2 fewer event-free months on average" in said
    assert any("hazards are not proportional" in warning for warning in summary(failed).warnings)


def test_of_a_shared_run_small_counts_are_hidden(shared_run):
    said = words(shared_run)
    assert "withheld: it would tell of fewer than 11 patients" in said
    assert "counts below 11 patients" in said
    table = shared_run.to_frame()
    small = table[(table["comparison"] == "positive_vs_rest") & table["population"].str.contains("negative")]
    for row in small[small["events_positive"] < 11].to_dict("records"):
        assert f"n = {row['n']} (" not in said
        assert format_p(row["log_rank_p"]) not in said
    assert "/work" not in said


def test_without_endpoints_nothing_was_compared(run_of):
    found = summary(run_of("figure2-breast", signatures=["igf1r-high"], endpoints=[]))
    assert found.found == ("Survival was not compared: patients were scored and called, no endpoint was asked about.",)
    assert found.agreement == "Nothing was compared that a claim could be held against."


def test_an_endpoint_that_the_cohort_lacks_is_a_warning_and_questions_with_an_answer_come_first(run_of):
    results = run_of("figure2-breast", signatures=["igf1r-high"], endpoints=["PFS", "OS"])
    found = summary(results)
    why = "asked for PFS: the cohort has no PFS (endpoints found: OS, DFS)"
    assert f"Endpoints that are not those asked for: figure2-breast: {why}." in found.warnings
    answers = [said for said in found.found if ": figure2-breast, " in said]
    assert [said.split(", ")[2].partition(":")[0] for said in answers] == ["OS", "PFS"]
    assert not any(said.startswith("Below, ") for said in found.found)
    assert f"not estimable: {why}" in answers[1]


def test_who_lives_longer_is_said_with_what_it_is_adjusted_for(trial):
    row = trial.to_frame().iloc[0]
    assert row["log_rank_p"] < 0.05
    said = next(said for said in summary(trial).found if ": trial-everolimus, " in said)
    assert "had, adjusted for age, longer time to the event of TTP than the others" in said
    assert row["hazard_ratio_upper"] < 1


def test_a_cut_that_was_learned_elsewhere_says_where(run_of):
    names = ("figure2-breast", "additive-only")
    results = run_of(*names, signatures=["igf1r-high"], endpoints=["OS"], train="figure2-breast")
    said = next(said for said in summary(results).found if ": additive-only, " in said)
    assert "The cut was learned in cohort figure2-breast and applied unchanged" in said


def test_quantile_groups_are_a_trend(quantiles):
    answers = [said for said in summary(quantiles).found if ": figure2-breast, " in said]
    assert answers
    assert all("the test over the quantile groups" in said for said in answers)
    assert all("log-rank for trend P" in said.lower().replace(" p ", " P ") for said in answers)


@pytest.mark.parametrize("name", ["results", "several", "trial", "searched", "shared_run", "quantiles"])
def test_nothing_is_claimed_that_no_run_can_know(name, request):
    said = words(request.getfixturevalue(name))
    assert not OVERCLAIMS.findall(said)
    assert "  " not in said
    assert "nan" not in re.findall(r"\w+", said.lower())
    assert ".." not in said
    if name != "trial":
        assert "predictive" not in said
