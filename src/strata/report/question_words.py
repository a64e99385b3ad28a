"""The answer to each question of a run in a sentence that says no more than the numbers do."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.plots.wording import ENDPOINTS, endpoint_label, population_label
from strata.report.facts import and_list
from strata.report.shown import ShownRow, ShownRun
from strata.signatures.rule_words import in_words
from strata.survival.own_test import is_adjusted, name_of_test
from strata.wording import format_hazard_ratio, format_p, format_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "effect_in_words",
    "interaction_in_words",
    "not_adjusted_in_words",
    "pooled_in_words",
    "question_in_words",
    "treatment_in_words",
]

_CRUDE = "hazard_ratio_unadjusted"

LEVEL = 0.05
"""P below it is what the ledger, the claims and these sentences count."""

_SHORT_RULE = 70
"""Letters of a rule that stands in a sentence."""

_AGREES: Mapping[str, str] = {
    "yes": "this agrees with it",
    "no": "this disagrees with it",
    "not shown": "this does not show it",
    "not estimable": "this could not be held against it",
    "untested": "this comparison does not test it",
}


def question_in_words(row: ShownRow, run: ShownRun) -> str:
    """What a row found about its signature, with everything a reader needs to weigh it.

    Parameters
    ----------
    row : ShownRow
        One of ``MAIN_ROWS``.
    run : ShownRun
    """
    result = row.result
    where = f"{result.cohort}, {population_label(result.population)}, {result.endpoint}"
    parts = [f"{run.name(result.signature)}: {where}: {_finding(row, run)}"]
    if row.answered:
        parts += [f"{_numbers(row, run)}", *_caveats(row)]
    return ". ".join([*parts, *_claim(row)]) + "."


def _nothing(what: str, row: ShownRow) -> str:
    return f"{what}: {row.notes[0] if row.withheld else f'not estimable: {row.why_not()}'}"


def _outcome(endpoint: str) -> str:
    known = endpoint_label(endpoint)
    return f"{known[:1].lower()}{known[1:]}" if endpoint.upper() in ENDPOINTS else f"time to the event of {endpoint}"


def _finding(row: ShownRow, run: ShownRun) -> str:
    outcome = _outcome(row.result.endpoint)
    if not row.answered:
        return _nothing(outcome, row)
    if row.comparison.name == "trend":
        shown = "shows a trend in" if row.own_p < LEVEL else "does not show a trend in"
        return f"the test over the quantile groups {shown} {outcome}"
    who = f"marker-positive patients{_rule(row.result.signature, run)}"
    if isnan(row.own_p):
        return f"no P value: {row.why_not()}"
    adjusted = f", {row.comparison.adjusted.said()}," if row.comparison.adjusted else ""
    if not row.own_p < LEVEL:
        return f"does not show that{adjusted} {outcome} differs between {who} and the others"
    if _one_direction(row):
        longer = "shorter" if row.number("hazard_ratio") > 1 else "longer"
        return f"{who} had{adjusted} {longer} {outcome} than the others"
    return f"{outcome}{adjusted} differed between {who} and the others"


def _rule(signature: str, run: ShownRun) -> str:
    """`` (er is negative)``: who is marker-positive, where that is short; the cards have every rule."""
    known = run.results.library.get(signature)
    words = "" if known is None or known.positive is None else in_words(known.positive)
    return f" ({words})" if 0 < len(words) <= _SHORT_RULE else ""


def _one_direction(row: ShownRow) -> bool:
    """Whether the hazard ratio tells who lives longer: clear of 1, constant over time, of the one event there is."""
    clear = not row.number("hazard_ratio_lower") <= 1 <= row.number("hazard_ratio_upper")
    ratio = row.has("hazard_ratio_lower") and clear
    return ratio and not row.number("ph_p") < LEVEL and row.comparison.competing is None


def _numbers(row: ShownRow, run: ShownRun) -> str:
    said = effect_in_words(row, run)
    numbers = f"{said[:1].upper()}{said[1:]}{_adjusted(row.own_p, row.key, run)}"
    return "; ".join(filter(None, [numbers, not_adjusted_in_words(row), row.patients()]))


def effect_in_words(row: ShownRow, run: ShownRun) -> str:
    """``HR 0.65 (95 % CI 0.29–1.47) adjusted for er in 122 patients, Cox Wald P = 0.3``: the ratio and its own P."""
    parts = [hazard_ratio_in_words(row)] if row.comparison.name != "trend" else []
    if not isnan(row.own_p):
        aside = f" (not adjusted for {and_list(list(run.plan.covariates))})" if _leaves_out(row, run) else ""
        parts.append(f"{row.test} {format_p(row.own_p)}{aside}")
    return ", ".join(parts)


def _leaves_out(row: ShownRow, run: ShownRun) -> bool:
    """Whether a row has a test and no model that the covariates of the run could be in."""
    return bool(run.plan.covariates) and row.comparison.adjusted is None


def not_adjusted_in_words(row: ShownRow) -> str:
    """``not adjusted: HR 0.46 (95 % CI 0.23–0.93), log-rank P = 0.027``; empty where HR is not adjusted."""
    if row.comparison.adjusted is None:
        return ""
    parts = [f"HR {_interval(row, _CRUDE)}"] if row.has(_CRUDE) else []
    for column in ("log_rank_p", "permutation_p"):
        if row.has(column):
            parts.append(f"{name_of_test(column, row.comparison)} {format_p(row.number(column))}")
    return f"not adjusted: {', '.join(parts)}" if parts else ""


def _adjusted(p: float, key: tuple[str, ...], run: ShownRun) -> str:
    """``, q = 0.034``, with a word where P is below 0.05 and q is not."""
    q = run.q_value(key)
    if isnan(q) or isnan(p):
        return ""
    held = " (not below 0.05 once the tests are counted)" if p < LEVEL <= q else ""
    return f", q{format_p(q).removeprefix('P')}{held}"


def hazard_ratio_in_words(row: ShownRow) -> str:
    """``HR 1.54 (95 % CI 1.10–2.16)``, said to be adjusted or cross-fitted where it is; Firth's where Cox has none."""
    how = f" {row.adjustment()}" if row.adjustment() else ""
    kind = "cross-fitted HR" if row.comparison.searched else "HR"
    if row.has("hazard_ratio"):
        return f"{kind} {_interval(row, 'hazard_ratio')}{how}"
    firth = f", Firth's {_interval(row, 'firth_hazard_ratio')}" if row.has("firth_hazard_ratio") else ""
    return f"{kind}{how} not estimable ({row.why_not()}){firth}"


def _interval(row: ShownRow, column: str) -> str:
    numbers = (row.number(column), row.number(f"{column}_lower"), row.number(f"{column}_upper"))
    return format_hazard_ratio(*numbers, name="95 % CI ")


def _caveats(row: ShownRow) -> list[str]:
    found = []
    if row.small and row.comparison.adjusted and row.has("firth_p"):
        ratio = _interval(row, "firth_hazard_ratio")
        found.append(f"A stratum is small: read Firth's P and hazard ratio {ratio}; Wald's interval is approximate")
    elif row.small and row.has("permutation_p"):
        known = row.has("log_rank_p")
        log_rank = f"; the log-rank {format_p(row.number('log_rank_p'))} is approximate" if known else ""
        found.append(f"A stratum is small: read the P by permutation{log_rank}")
    elif row.small:
        found.append("A stratum is small: the P is approximate")
    if row.number("ph_p") < LEVEL:
        found.append(f"Hazards are not proportional ({format_p(row.number('ph_p'))}){_restricted_means(row)}")
    if row.comparison.searched:
        p = "P is of the cross-fitted HR" if row.comparison.adjusted else "P is corrected for that"
        found.append(f"The cut was searched on this outcome: {p}, other patients have to confirm it")
    if row.result.learned_in is not None:
        found.append(f"The cut was learned in cohort {row.result.learned_in} and applied unchanged")
    if row.comparison.competing is not None:
        found.append("HR and log-rank test are cause-specific: patients with a competing event are censored")
    return found


def _restricted_means(row: ShownRow) -> str:
    said = ": the HR is an average over time"
    if not row.has("rmst_difference"):
        return said
    difference, lower, upper = (row.number(f"rmst_difference{end}") for end in ("", "_lower", "_upper"))
    until = f"{row.number('rmst_horizon'):.4g} months" if row.has("rmst_horizon") else "the end of common follow-up"
    more = "more" if difference > 0 else "fewer"
    return (
        f"{said}; read the restricted means: up to {until} marker-positive patients had {abs(difference):.3g} {more}"
        f" event-free months on average (95 % CI of the difference {lower:.3g} to {upper:.3g},"
        f" {format_p(row.number('rmst_p'))})"
    )


def _claim(row: ShownRow) -> list[str]:
    agrees = row.cells["agrees"]
    if pd.isna(agrees):
        return []
    effect = row.cells["claim_effect"]
    claimed = "an association" if pd.isna(effect) else effect
    return [f"A source of the signature claims: {claimed} (evidence: {row.cells['claim_evidence']}); {_AGREES[agrees]}"]


def interaction_in_words(row: ShownRow, run: ShownRun) -> str:
    """Whether two genes together go beyond the two apart: the row ``interaction``."""
    if not row.has("hazard_ratio"):
        return f"{_nothing('Whether the two genes do more together than apart', row)}."
    p = row.own_p
    how = f" {row.adjustment()}" if row.adjustment() else ""
    numbers = f"(interaction {_interval(row, 'hazard_ratio')}{how}, {format_p(p)}{_adjusted(p, row.key, run)})"
    if p < LEVEL:
        larger = "larger" if row.number("hazard_ratio") > 1 else "smaller"
        return f"The hazard ratio of both genes together is {larger} than that of the two multiplied {numbers}."
    return f"It does not show that the two genes do more together than apart {numbers}."


def treatment_in_words(row: ShownRow, run: ShownRun) -> str:
    """Whether the marker changes what the treatment does: the row ``treatment_interaction``, which alone can tell."""
    p = row.own_p
    about = f"the hazard ratio of {run.plan.treatment} differs between marker-positive and marker-negative patients"
    if isnan(p):
        return f"{_nothing(f'Whether {about}', row)}."
    ratio = f"ratio of hazard ratios {_interval(row, 'hazard_ratio')}, " if row.has("hazard_ratio") else ""
    how = f", {row.adjustment()}" if row.adjustment() else ""
    numbers = f"({ratio}interaction {format_p(p)}{_adjusted(p, row.key, run)}{how}; {row.patients()})"
    if p < LEVEL:
        predictive = "for a predictive marker, if the treatment was given by randomisation"
        return f"T{about[1:]}, as it does {predictive} {numbers}; other patients have to confirm it."
    return f"It does not show that {about} {numbers}."


def pooled_in_words(row: Mapping[Any, Any], run: ShownRun) -> str:
    """What the cohorts say together: a row of ``pooled.tsv`` by random effects.

    Parameters
    ----------
    row : mapping
        As it may be shown.
    run : ShownRun
    """
    name, outcome = run.name(row["signature"]), _outcome(row["endpoint"])
    where = f"{name}: all cohorts together, {population_label(row['population'])}, {row['endpoint']}"
    if pd.isna(row["hazard_ratio"]):
        why = row["note"] if run.is_withheld(row["note"]) else f"not estimable: {row['note']}"
        return f"{where}: {outcome}: {why}."
    p = row["p_value"]
    ratio = format_hazard_ratio(*(row[f"hazard_ratio{end}"] for end in ("", "_lower", "_upper")), name="95 % CI ")
    if p < LEVEL:
        shorter = "shorter" if row["hazard_ratio"] > 1 else "longer"
        finding = f"marker-positive patients had {shorter} {outcome} than the others"
    else:
        finding = f"does not show that {outcome} differs between marker-positive patients and the others"
    key = ("all", *(row[part] for part in ("signature", "population", "endpoint", "comparison")))
    how = f" adjusted for {row['adjusted_for']}" if is_adjusted(row) else ""
    parts = [f"Random effects over {row['n_cohorts']} cohorts: HR {ratio}{how}, {format_p(p)}{_adjusted(p, key, run)}"]
    parts += [f"I2 {row['i_squared']:.0f} %"] if pd.notna(row["i_squared"]) else []
    if pd.notna(row["prediction_lower"]):
        interval = "–".join(format_ratio(row[f"prediction_{end}"]) for end in ("lower", "upper"))
        parts.append(f"95 % interval for the HR of a further cohort {interval}")
    counts = "counts are hidden" if pd.isna(row["n"]) else f"n = {row['n']:,}, {row['events']:,} events"
    return f"{where}: {finding}. {', '.join(parts)}; {counts}."
