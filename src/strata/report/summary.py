"""A run in plain sentences: what was asked, what was found, and what to know before believing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.plots.wording import population_label
from strata.report.cautions import cautions
from strata.report.facts import and_list
from strata.report.question_words import (
    LEVEL,
    interaction_in_words,
    pooled_in_words,
    question_in_words,
    treatment_in_words,
)
from strata.report.shown import ShownRow, ShownRun, some
from strata.report.small_cells import shared_table
from strata.signatures.rule_words import in_words
from strata.survival import pooled_frame

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import Results

__all__ = ["Summary", "agreement_in_words", "summary"]

_MOST_ANSWERS = 20
_ROLES = ("all", "main", "pooled", "secondary", "subgroup")


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in sentences.

    Parameters
    ----------
    asked : tuple of str
        Cohorts, signatures, populations, endpoints, cut-points, and what tests are adjusted for.
    found : tuple of str
        How many tests are below 0.05, before and after adjustment, and how many would be by chance; then the answer to
        each question, in the order of the plan; where these are many, to the first question of each signature.
    warnings : tuple of str
        What a reader must know first.
    agreement : str
        How many comparisons agree with what the signatures' sources claim.
    """

    asked: tuple[str, ...]
    found: tuple[str, ...]
    warnings: tuple[str, ...]
    agreement: str


def summary(results: Results) -> Summary:
    """Say what a run asked and found, in sentences that claim no more than its numbers do.

    Of a run that is shared, counts of few patients are hidden as in its tables.
    """
    run = ShownRun(results)
    return Summary(tuple(_asked(run)), tuple(_found(run)), tuple(cautions(run)), agreement_in_words(run))


def _asked(run: ShownRun) -> Iterator[str]:
    cohorts = [f"{cohort.name} ({run.patients(cohort)})" for cohort in run.results.cohorts]
    yield f"{count(len(cohorts), 'cohort')}: {some(cohorts, rest='run.json')}."
    yield f"{count(len(run.signatures), 'signature')}: {some(_signatures(run), most=5, rest='calls.tsv')}."
    populations = dict.fromkeys(s.population for cohort in run.results.cohorts for s in cohort.strata)
    yield f"Populations: {some([population_label(name) for name in populations], rest='calls.tsv')}."
    if not run.plan.endpoints:
        return
    yield f"Endpoints: {and_list(list(run.plan.endpoints))}."
    if run.plan.horizon is not None:
        yield f"Follow-up: cut at {run.plan.horizon:g} months."
    if run.plan.landmark is not None:
        yield f"Time: from a landmark of {run.plan.landmark:g} months on."
    cuts = dict.fromkeys(s.cut for cohort in run.results.cohorts for s in cohort.strata if s.cut)
    if cuts:
        yield f"Cut-points: {some(list(cuts), rest='cut_points.tsv')}."
    plan = run.plan
    beside = {
        "adjusted for": plan.covariates,
        "stratified by": plan.stratify_by,
        "in subgroups of": plan.subgroups,
        "by treatment": (plan.treatment,) if plan.treatment else (),
    }
    if any(beside.values()):
        yield f"Compared {', '.join(f'{how} {and_list(list(names))}' for how, names in beside.items() if names)}."


def _signatures(run: ShownRun) -> list[str]:
    found = []
    for name in run.signatures:
        known = run.results.library.get(name)
        rule = None if known is None else known.positive
        found.append(run.name(name) if rule is None else f"{run.name(name)} (positive: {in_words(rule)})")
    return found


def _found(run: ShownRun) -> Iterator[str]:
    if not run.rows:
        yield "Survival was not compared: patients were scored and called, no endpoint was asked about."
        return
    yield from _tests(run)
    answers = _together(run)
    answers += [(row.result.signature, partial(_answer, row, run)) for row in run.main]
    told = answers if len(answers) <= _MOST_ANSWERS else _first_of_each(answers)[:_MOST_ANSWERS]
    if more := len(answers) - len(told):
        signatures = len({signature for signature, _ in answers})
        some_of = f" of the first {len(told)}" if signatures > len(told) else ""
        yield (
            f"Below, one answer for each{some_of} of {count(signatures, 'signature')}, in the order of the plan: its"
            " first population and endpoint that has an answer (those without any come last). P values played no part"
            f" in the choice; {count(more, 'further question')} in the table of results."
        )
    yield from (answer() for _, answer in told)


def _first_of_each(answers: Sequence[_Answer]) -> list[_Answer]:
    """The first answer of each signature."""
    return list({signature: (signature, answer) for signature, answer in reversed(answers)}.values())[::-1]


def _tests(run: ShownRun) -> Iterator[str]:
    """How many tests are below 0.05, before and after adjustment, by role."""
    asked = run.asked_tests
    role_of = asked["family"].str.partition(";")[0]
    for role in _ROLES:
        tests = asked[role_of == role]
        if not len(tests):
            continue
        done, failed = int(tests["p_value"].notna().sum()), int(tests["p_value"].isna().sum())
        p, q = (int((tests[column] < LEVEL).sum()) for column in ("p_value", "q_value"))
        what = count(len(tests), "test" if role == "all" else f"{role} test")
        told = f"Of {what}, {p} {'has' if p == 1 else 'have'} P below 0.05, and {q} after adjustment for their number"
        more = f"; {failed} could not be done" if failed else ""
        by_chance = f"about {_by_chance(done)} of {done:,} would be below 0.05 by chance alone"
        chance = f" If nothing acted on survival, {by_chance}." if done else ""
        yield f"{told} (Benjamini-Hochberg){more}.{chance}"
        # of a run that is shared a row may be withheld
        if q and role != "secondary" and not run.plan.share:
            yield f"Below 0.05 after adjustment: {_named(tests[tests['q_value'] < LEVEL], run)}."


def _named(tests: pd.DataFrame, run: ShownRun) -> str:
    """The questions of some tests, in the order of the plan."""
    asked = sorted(tests.to_dict("records"), key=lambda row: run.place(str(row["signature"])))
    several = len(set(tests["cohort"])) > 1
    told = []
    for row in asked:
        where = [str(row["cohort"])] if several else []
        where += [population_label(str(row["population"])), str(row["endpoint"])]
        told.append(f"{run.name(str(row['signature']))} ({', '.join(where)})")
    return some(told, rest="tests.tsv")


def _by_chance(tests: int) -> str:
    expected = LEVEL * tests
    return f"{expected:,.0f}" if expected >= 10 else f"{expected:.2g}"


_Answer = tuple[str, Callable[[], str]]
"""The signature that a question is about, and what says the answer."""


def _together(run: ShownRun) -> list[_Answer]:
    """The answers of all cohorts together, of the questions that several of them answer."""
    pooled = pooled_frame(run.results.pooled)
    if run.plan.share:
        pooled = shared_table("pooled", pooled, run.plan.shared_cell)
    random = (pooled["method"] == "random_effects") & (pooled["comparison"] == "positive_vs_rest")
    rows = pooled[random & (pooled["n_cohorts"] > 1)].to_dict("records")
    in_order = sorted(rows, key=lambda row: run.place(row["signature"]))
    return [(row["signature"], partial(pooled_in_words, row, run)) for row in in_order]


def _answer(row: ShownRow, run: ShownRun) -> str:
    """What a row found, with the interactions of the same question."""
    further = [
        _INTERACTIONS[other.comparison.name](other, run)
        for other in run.rows
        if other.result is row.result and other.comparison.name in _INTERACTIONS
    ]
    return " ".join([question_in_words(row, run), *further])


_INTERACTIONS: Mapping[str, Callable[[ShownRow, ShownRun], str]] = {
    "interaction": interaction_in_words,
    "treatment_interaction": treatment_in_words,
}


def agreement_in_words(run: ShownRun) -> str:
    """How many rows agree with what the sources of the signatures claim."""
    if not run.rows:
        return "Nothing was compared that a claim could be held against."
    found: dict[str, Counter[str]] = {}
    for row in run.rows:
        if isinstance(row.cells["agrees"], str):
            found.setdefault(row.cells["agrees"], Counter())[str(row.cells["claim_evidence"])] += 1
    if not found:
        return "No source of these signatures claims anything that these comparisons bear on."
    parts = [
        f"{said}: {found[answer].total():,}{_weighed(answer, found[answer], run) if answer in _BEARS else ''}"
        for answer, said in _ANSWERS.items()
        if answer in found
    ]
    total = sum(evidence.total() for evidence in found.values())
    weak = "conflicting" in {kind for answer in ("yes", "no") for kind in found.get(answer, ())}
    caution = " Where a claim's own evidence is conflicting, neither answer settles it." if weak else ""
    return f"{count(total, 'comparison')} beside a claim of the literature: {'; '.join(parts)}.{caution}"


def _weighed(answer: str, found: Counter[str], run: ShownRun) -> str:
    """`` (evidence of the claims: 4 reported, 3 conflicting; 2 with q below 0.05)``."""
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in found.most_common())
    kept = sum(row.cells["agrees"] == answer and run.q_value(row.key) < LEVEL for row in run.rows)
    counted = "" if answer == "not shown" else f"; {kept:,} with q below {LEVEL}"
    return f" (evidence of the claim{'s' * (found.total() > 1)}: {kinds}{counted})"


_BEARS = ("yes", "no", "not shown")
"""Answers of comparisons that a claim was held against."""

_ANSWERS: Mapping[str, str] = {
    "yes": "agrees with the claim",
    "no": "disagrees with the claim",
    "not shown": "claim not shown, which does not refute it",
    "not estimable": "not estimable",
    "untested": "claim about something else (another endpoint, population or a drug), not tested",
}
