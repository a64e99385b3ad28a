"""What a reader must know before the numbers of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from strata.cohort.findings import count
from strata.plots.wording import population_label
from strata.report.facts import and_list
from strata.report.question_words import LEVEL
from strata.report.shown import ShownRun, some
from strata.stratification import Strata, same_splits

__all__ = ["cautions"]

_MANY_UNKNOWN = 0.2
_WARNING = re.compile(r"^W\d{3}: ")


def cautions(run: ShownRun) -> Iterator[str]:
    """What a reader must know before the numbers."""
    for say in _CAUTIONS:
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


def _unadjusted(run: ShownRun) -> Iterator[str]:
    if run.rows and not run.plan.covariates and not run.plan.stratify_by:
        yield (
            "No result is adjusted for other prognostic factors, such as age, nodes or grade: name clinical columns"
            " under covariates: in the plan, or with --covariates."
        )


def _same_split(run: ShownRun) -> Iterator[str]:
    """Signatures that split the same patients in the same way: the same question, asked and counted again."""
    found: dict[str, list[str]] = {}
    for cohort in run.results.cohorts:
        for same in same_splits(cohort.strata):
            named = and_list([_named(s, run) for s in same])
            found.setdefault(named, []).append(cohort.name)
    if found and run.rows:
        told = [f"{named} ({and_list(cohorts)})" for named, cohorts in found.items()]
        yield (
            f"The same patients are split in the same way, or mirrored, by {some(told, rest='assignments.parquet')}:"
            " they ask one question, and the counts of tests and of P values hold it once for each."
        )


def _named(strata: Strata, run: ShownRun) -> str:
    inside = "" if strata.population == "all" else f" in {population_label(strata.population)}"
    return f"{run.name(strata.signature)}{inside}"


def _searched(run: ShownRun) -> Iterator[str]:
    searched = sum(row.comparison.searched for row in run.rows)
    if searched:
        p = "P and HR are cross-fitted" if run.plan.covariates else "P is corrected for that and HR is cross-fitted"
        yield (
            f"In {count(searched, 'comparison')} the cut was searched on the outcome: {p}, but curves and medians at"
            " the cut look better than they will in other patients."
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


_CAUTIONS: tuple[Callable[[ShownRun], Iterator[str]], ...] = (
    _failures,
    _other_endpoints,
    _not_called,
    _not_estimable,
    _unknown,
    _unadjusted,
    _same_split,
    _searched,
    _small,
    _not_proportional,
    _subgroups,
    _reading,
    _shared,
)
