"""What a run says to the REMARK items of results and discussion, each with what its author must add."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

import pandas as pd

from strata.analysis import patient_flow
from strata.cohort.findings import count
from strata.plots.wording import population_label
from strata.report.cautions import cautions
from strata.report.cohort_words import columns_of_run
from strata.report.facts import and_list
from strata.report.question_words import LEVEL, effect_in_words, not_adjusted_in_words
from strata.report.shown import ShownRow, ShownRun, some
from strata.report.small_cells import hide_levels, shared_terms
from strata.report.summary import agreement_in_words
from strata.survival import multivariable_frame
from strata.wording import format_hazard_ratio

__all__ = [
    "beside_markers",
    "checks",
    "flow",
    "interpretation",
    "multivariable",
    "one_by_one",
    "strata_and_baseline",
    "with_standard_variables",
]

Answer = tuple[str, str]
"""What the run says, and what it cannot know."""

_IMBALANCE = 0.1
"""Standardised differences above it are commonly called an imbalance."""

_MOST_COLUMNS = 40
"""Clinical columns that are told, of all cohorts together; the page has all of each cohort."""

_MOST = 10
"""Comparisons and differences that are told."""

_NO_COVARIATES = "No variable was adjusted for: name the standard prognostic variables as covariates of the plan."


def flow(run: ShownRun) -> Answer:
    """Item 12: from the patients read to the strata and their events, for each of the main comparisons."""
    found = [f"{row.result.cohort}, {_question(row, run)}: {_flow(row, run)}" for row in run.main[:_MOST]]
    more = f" The flow of {len(run.main) - _MOST:,} more is in exclusions.tsv." if len(run.main) > _MOST else ""
    said = f"{'. '.join(found)}.{more}" if found else "Patients were called, not compared: calls.tsv."
    return said, "Add the steps before these tables were made: who was eligible, who had a specimen, who was assayed."


def _flow(row: ShownRow, run: ShownRun) -> str:
    cohort = next(cohort for cohort in run.results.cohorts if cohort.name == row.result.cohort)
    parts = [f"{run.patients(cohort)} read"]
    if run.plan.share:
        # the steps of the flow and the columns of the results would tell each other's hidden counts
        parts += [f"analysed: {row.patients()}", "what may be told of the others is in exclusions.tsv"]
        return "; ".join(parts)
    steps = patient_flow(cohort, row.result, comparison=row.comparison.name)
    left = [f"{reason} {n:,}" for step in steps.steps for reason, n in step.left_out if n]
    left += [f"{reason} {n:,}" for reason, n in steps.not_in_model if n]
    arms = [f"{arm.label} {arm.n:,} ({count(arm.events, 'event')})" for arm in steps.strata]
    parts += [f"left out: {', '.join(left)}"] if left else []
    return "; ".join([*parts, f"analysed: {', '.join(arms) or 'nobody'}"])


def _question(row: ShownRow, run: ShownRun) -> str:
    result = row.result
    return f"{run.name(result.signature)} in {population_label(result.population)}, {result.endpoint}"


def strata_and_baseline(run: ShownRun) -> Answer:
    """Item 13: the clinical columns of each whole cohort, and how many patients got which call."""
    strata = [(cohort, s) for cohort in run.results.cohorts for s in cohort.strata]
    called = [
        f"{cohort.name}, {run.name(s.signature)} in {population_label(s.population)}: {run.calls(s)}"
        for cohort, s in strata
        if not s.absent
    ]
    absent = len(strata) - len(called)
    nobody = f" Where nobody can be called ({absent:,}) calls.tsv says why." if absent else ""
    columns = {cohort.name: list(columns_of_run(cohort, run.plan)) for cohort in run.results.cohorts}
    several = len(columns) > 1
    told = [f"{name}, {line}" if several else line for name, lines in columns.items() for line in lines]
    described = f"All patients: {some(told, most=_MOST_COLUMNS, rest='this page')}. " if told else ""
    by_stratum = " By stratum they are in baseline.tsv." if told else ""
    gap = (
        "Add the standard prognostic variables that are not among these columns."
        if told
        else "Give age, sex and the standard prognostic variables, with the number of missing values: the tables have"
        " none that was recognised."
    )
    return (
        f"{described}Calls: {some(called, rest='calls.tsv') or 'none'}.{nobody}{by_stratum}",
        gap,
    )


def beside_markers(run: ShownRun) -> Answer:
    """Item 14: where the strata differ most at baseline."""
    gap = "Say which of these are standard prognostic variables, and what their relation to the marker means."
    tables = [cohort.baseline for cohort in run.results.cohorts if len(cohort.baseline)]
    if not tables:
        return "", f"No clinical variable was recognised, so none is compared between the strata. {gap}"
    table = hide_levels(pd.concat(tables, ignore_index=True), max(run.plan.min_cell, run.plan.shared_cell))
    size = table["standardised_difference"].abs()
    apart = table[size > _IMBALANCE].sort_values("standardised_difference", key=abs, ascending=False, kind="stable")
    found = [
        f"{row['characteristic']} {row['level']} {row['standardised_difference']:+.2f}"
        f" ({run.name(row['signature'])} in {population_label(row['population'])}, {row['cohort']})"
        for row in apart.head(_MOST).to_dict("records")
    ]
    of = f"{len(apart):,} of {count(int(size.notna().sum()), 'standardised difference')} between the strata"
    largest = f"; the largest: {'; '.join(found)}" if found else ""
    return f"Above {_IMBALANCE} in size: {of}{largest}. All are in baseline.tsv.", gap


def one_by_one(run: ShownRun) -> Answer:
    """Item 15: the effect of the marker, with its interval, in each of the main comparisons."""
    found = [f"{row.result.cohort}, {_question(row, run)}: {_effect(row, run)}" for row in run.main]
    adjusted = ""
    if run.plan.covariates:
        names = and_list(list(run.plan.covariates))
        adjusted = (
            f" Hazard ratios of two strata are adjusted for {names}, and P is of the same model; log-rank tests and"
            " what is said not to be adjusted leave the covariates out."
        )
    curves = " Curves are in curves.tsv, survival at given times in survival_at.tsv." if found else ""
    gap = "Give the same for the other variables: the run compares patients by the marker alone."
    return (f"{some(found, rest='results.tsv')}.{curves}{adjusted}" if found else ""), gap


def _effect(row: ShownRow, run: ShownRun) -> str:
    if row.withheld:
        return row.notes[0]
    said = "; ".join(filter(None, [effect_in_words(row, run), not_adjusted_in_words(row)]))
    return said or f"not estimable ({row.why_not()})"


def multivariable(run: ShownRun) -> Answer:
    """Item 16: all terms of the adjusted models of the main comparisons."""
    if not run.plan.covariates:
        return "", f"{_NO_COVARIATES} Then every term of every model is in multivariable.tsv."
    terms = multivariable_frame(run.results.comparisons())
    if run.plan.share:
        terms = shared_terms(terms, run.results.to_frame(), run.plan.shared_cell)
    mine = terms[terms["comparison"] == "positive_vs_rest"]
    found = []
    for keys, rows in mine.groupby(["cohort", "signature", "population", "endpoint"], sort=False):
        cohort, signature, population, endpoint = map(str, keys)
        effects = [f"{term} {_ratio(*numbers)}" for term, *numbers in rows[_TERM].itertuples(index=False)]
        where = f"{cohort}, {run.name(signature)} in {population_label(population)}, {endpoint}"
        found.append(f"{where}: {', '.join(effects)}")
    if not found:
        return "", "No adjusted model could be fitted (a searched cut has none): results.tsv says why."
    return (
        f"Cox models, every term: {some(found, most=5, rest='multivariable.tsv')}.",
        "Say how the variables of the model were chosen; the run took those that the plan named.",
    )


_TERM = ["term", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"]


def _ratio(value: float, lower: float, upper: float) -> str:
    return "not estimable" if isnan(value) else format_hazard_ratio(value, lower, upper, name="95 % CI ")


def with_standard_variables(run: ShownRun) -> Answer:
    """Item 17: whether the marker stands in a model with the other variables, whatever their P."""
    if not run.plan.covariates:
        return "", _NO_COVARIATES
    names = and_list(list(run.plan.covariates))
    return (
        f"The models of item 16 hold the marker and {names}, whatever their P: no variable was removed.",
        "Say whether these are the standard prognostic variables of this disease, and which are missing.",
    )


def checks(run: ShownRun) -> Answer:
    """Item 18: what was looked at beside the main results."""
    gap = "Add sensitivity analyses and validation in other patients."
    return " ".join(_checks(run)), gap


def _checks(run: ShownRun) -> Iterator[str]:
    tested = [row.number("ph_p") for row in run.rows if row.has("ph_p")]
    if tested:
        failed = sum(p < LEVEL for p in tested)
        where = f"{count(len(tested), 'comparison')}, and failed (P < 0.05) in {failed:,}"
        yield f"Proportional hazards were tested in {where}."
    if exact := sum(row.has("permutation_p") for row in run.rows):
        without = sum(row.small and not row.has("permutation_p") for row in run.rows)
        beside = f"; in {without:,} more nothing could be permuted, and the row says why" if without else ""
        yield f"With small strata, {count(exact, 'comparison')} have a P by permutation{beside}."
    plan, results = run.plan, run.results
    if plan.subgroups:
        yield f"The marker was compared within levels of {and_list(list(plan.subgroups))}, with interaction tests."
    if any(row.comparison.searched for row in run.rows):
        yield "Beside a searched cut stand the median split and the hazard ratio per standard deviation."
    if plan.train is not None:
        yield f"Cuts learned in {plan.train} were applied unchanged to other cohorts."
    if results.pooled:
        yield "Cohorts were pooled in several ways, with each cohort left out in turn."
    checked = [cohort.cross_check for cohort in results.cohorts if cohort.cross_check is not None]
    if checked:
        total = sum(checks_of.compared for checks_of in checked)
        largest = max(checks_of.largest for checks_of in checked)
        yield f"{total:,} numbers were computed again with lifelines (largest relative difference {largest:.1e})."
    if controls := results.controls:
        asked = {"permuted outcomes": controls.null_check, "random signatures": controls.random_signatures}
        yield f"Negative controls: {and_list([f'{n:,} {what}' for what, n in asked.items() if n])}."


def interpretation(run: ShownRun) -> Answer:
    """Item 19: what the claims of the literature come to, and the limits that the run itself knows of."""
    limits = " ".join(cautions(run))
    return (
        f"{agreement_in_words(run)}{f' Limits that the run knows of: {limits}' if limits else ''}",
        "Discuss the results against the hypotheses and other studies, and name the limits of the study itself.",
    )
