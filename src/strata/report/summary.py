"""A run in plain sentences: what was asked, what was found, and what to know before believing it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.plots.wording import population_label
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
    from strata.analysis import Results

__all__ = ["Summary", "agreement_in_words", "summary", "warnings_in_words"]

_MOST_QUESTIONS = 5
_MANY_UNKNOWN = 0.2
_ROLES = ("all", "main", "pooled", "secondary", "subgroup")
_WARNING = re.compile(r"^W\d{3}: ")


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in sentences.

    Parameters
    ----------
    asked : tuple of str
        Cohorts, signatures, populations, endpoints, cut-points, and what tests are adjusted for.
    found : tuple of str
        How many tests are below 0.05, before and after adjustment, and how many would be by chance; then the answer to
        each of the first questions, in the order of the plan.
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
    return Summary(tuple(_asked(run)), tuple(_found(run)), tuple(warnings_in_words(run)), agreement_in_words(run))


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
    answers += [partial(_answer, row, run) for row in run.main]
    yield from (answer() for answer in answers[:_MOST_QUESTIONS])
    if (more := len(answers) - _MOST_QUESTIONS) > 0:
        first = "those above are the first of the plan that have an answer, not the best"
        yield f"{count(more, 'further question')} in the tables; {first}."


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
        chance = f"about {_by_chance(done)} of {done:,} would be below 0.05 by chance alone"
        yield f"{told} (Benjamini-Hochberg){more}. If nothing acted on survival, {chance}."


def _by_chance(tests: int) -> str:
    expected = LEVEL * tests
    return f"{expected:,.0f}" if expected >= 10 else f"{expected:.2g}"


def _together(run: ShownRun) -> list[Callable[[], str]]:
    """The answers of all cohorts together, of the questions that several of them answer."""
    pooled = pooled_frame(run.results.pooled)
    if run.plan.share:
        pooled = shared_table("pooled", pooled, run.plan.shared_cell)
    random = (pooled["method"] == "random_effects") & (pooled["comparison"] == "positive_vs_rest")
    return [partial(pooled_in_words, row, run) for row in pooled[random & (pooled["n_cohorts"] > 1)].to_dict("records")]


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


def warnings_in_words(run: ShownRun) -> Iterator[str]:
    """What a reader must know before the numbers."""
    for say in _WARNINGS:
        yield from say(run)


def _failures(run: ShownRun) -> Iterator[str]:
    for failure in run.results.failures:
        # a message may quote the cells of a table
        why = "" if run.plan.share else f": {'; '.join(str(problem) for problem in failure.problems)}"
        yield f"Cohort {run.failed(failure)} could not be analysed{why}."


def _other_endpoints(run: ShownRun) -> Iterator[str]:
    asked = dict.fromkeys(
        f"{row.result.cohort}: {note}" for row in run.main for note in row.notes if note.startswith("asked for")
    )
    if asked:
        yield f"Endpoints that are not those asked for: {some(list(asked), rest='results.tsv')}."


def _not_called(run: ShownRun) -> Iterator[str]:
    absent: dict[str, str] = {}
    called = set[str]()
    for strata in (s for cohort in run.results.cohorts for s in cohort.strata):
        if strata.absent:
            absent.setdefault(strata.signature, "; ".join(strata.reasons))
        else:
            called.add(strata.signature)
    nobody = [f"{run.name(name)} ({run.text(why)})" for name, why in absent.items() if name not in called]
    if nobody:
        told = some(nobody, most=5, rest="calls.tsv")
        yield f"{count(len(nobody), 'signature')} could not be called in any cohort: {told}."


def _not_estimable(run: ShownRun) -> Iterator[str]:
    failed = sum(not row.cells["estimable"] for row in run.rows)
    if failed:
        hidden = " or are withheld" if run.plan.share else ""
        yield f"{failed:,} of {count(len(run.rows), 'comparison')} could not be estimated{hidden}; each row says why."


def _unknown(run: ShownRun) -> Iterator[str]:
    of = [(row.number("n_unknown"), row.number("n")) for row in run.main]
    shares = [unknown / (unknown + known) for unknown, known in of if known > 0]
    many = [share for share in shares if share > _MANY_UNKNOWN]
    if many:
        yield (
            f"In {len(many):,} of {count(len(shares), 'main comparison')} more than {_MANY_UNKNOWN:.0%} of the patients"
            f" have an unknown call (up to {max(many):.0%}) and were left out: those who are left may be others."
        )


def _searched(run: ShownRun) -> Iterator[str]:
    searched = sum(row.comparison.searched for row in run.rows)
    if searched:
        yield (
            f"In {count(searched, 'comparison')} the cut was searched on the outcome: P is corrected for that and HR is"
            " cross-fitted, but curves and medians at the cut look better than they will in other patients."
        )
    if run.plan.cut_scope == "pooled":
        yield "One cut was taken over the pooled values of all cohorts: it separates cohorts, not patients."


def _small(run: ShownRun) -> Iterator[str]:
    small = sum(row.small for row in run.rows)
    if small:
        least = f"{run.plan.sparse_patients} patients or {run.plan.sparse_events} events"
        read = "Firth's P and hazard" if run.plan.covariates else "the P by permutation and Firth's hazard"
        yield f"In {count(small, 'comparison')} a stratum is below {least}: read {read} ratio there."


def _not_proportional(run: ShownRun) -> Iterator[str]:
    tested = [row.number("ph_p") for row in run.rows if row.has("ph_p")]
    failed = sum(p < LEVEL for p in tested)
    if failed:
        yield (
            f"In {failed:,} of {count(len(tested), 'comparison')} tested for it hazards are not proportional: there the"
            " hazard ratio is an average over time; read the restricted means beside it."
        )


def _reading(run: ShownRun) -> Iterator[str]:
    for cohort in run.results.cohorts:
        told = [run.text(note) for note in cohort.notes if _WARNING.match(note)]
        if told:
            yield f"Reading {cohort.name}: {some(told, most=5, rest='run.json')}."


def _shared(run: ShownRun) -> Iterator[str]:
    if run.plan.share:
        yield f"Made to be shared: counts below {run.plan.shared_cell} patients, and what would tell them, are hidden."


def _subgroups(run: ShownRun) -> Iterator[str]:
    if run.plan.subgroups:
        yield "Subgroups are exploratory: they differ only where the interaction test says so."


_WARNINGS: tuple[Callable[[ShownRun], Iterator[str]], ...] = (
    *(
        _failures,
        _other_endpoints,
        _not_called,
        _not_estimable,
        _unknown,
        _searched,
        _small,
        _not_proportional,
        _subgroups,
        _reading,
    ),
    _shared,
)


def agreement_in_words(run: ShownRun) -> str:
    """How many rows agree with what the sources of the signatures claim."""
    if not run.rows:
        return "Nothing was compared that a claim could be held against."
    found: Counter[str] = Counter(row.cells["agrees"] for row in run.rows if isinstance(row.cells["agrees"], str))
    if not found:
        return "No source of these signatures claims anything that these comparisons bear on."
    parts = [f"{said}: {found[answer]:,}" for answer, said in _ANSWERS.items() if found[answer]]
    return f"{count(found.total(), 'comparison')} beside a claim of the literature: {'; '.join(parts)}."


_ANSWERS: Mapping[str, str] = {
    "yes": "agrees with the claim",
    "no": "disagrees with the claim",
    "not shown": "claim not shown, which does not refute it",
    "not estimable": "not estimable",
    "untested": "claim about something else (another endpoint, population or a drug), not tested",
}
