"""What a cohort holds, in words: for ``strata inspect``, for the page of a run and for its REMARK checklist."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.report.facts import and_list
from strata.report.small_cells import hide_levels
from strata.survival.small_cells import hidden_cells

if TYPE_CHECKING:
    from strata.analysis import ClinicalColumn, CohortDescription, CohortEndpoint, CohortResult, Plan

__all__ = ["cohort_in_words", "columns_in_words", "columns_of_run", "endpoint_counts", "table_lines"]

_MOST_WORDS = 10
"""Words of a clinical column that are counted one by one."""


def cohort_in_words(cohort: CohortResult, plan: Plan) -> dict[str, list[str]]:
    """A cohort of a run: lines by what they are about, with small counts hidden as in the tables of the run.

    Parameters
    ----------
    cohort : CohortResult
    plan : Plan
    """
    about, least = cohort.description, plan.shared_cell
    files = {table.kind: ", ".join(table.files) for table in about.tables}
    measured = [
        f"{line} ({files[kind]})" if files.get(kind := line.partition(":")[0]) else line
        for line in table_lines(about, least)
    ]
    endpoints = [f"{e.name}: {endpoint_counts(e, least)}" for e in about.endpoints]
    said = {
        "Patients": [_number(about.patients, "patient", least)],
        "Measured": measured,
        "Endpoints": [*endpoints, *_short_follow_up(about, plan)],
        "Clinical columns": list(columns_of_run(cohort, plan)),
    }
    return {title: lines for title, lines in said.items() if lines}


def table_lines(about: CohortDescription, least: int = 0) -> Iterator[str]:
    """Patients and features of each table, its scale, and how many patients have all of them."""
    for table in about.tables:
        patients = _number(table.patients, "patient", least)
        if not table.scales:
            yield f"{table.kind}: {patients} tested, {count(table.features, 'gene')}"
            continue
        several = len(table.scales) > 1
        scale = ", ".join(f"{name} ({n} features)" if several else name for name, n in table.scales.items())
        yield f"{table.kind}: {patients}, {count(table.features, 'feature')}, scale {scale}"
    if len(about.tables) > 1:
        kinds = ", ".join(table.kind for table in about.tables)
        yield f"all of {kinds}: {_number(about.complete, 'patient', least)}"
    if not about.tables:
        yield "clinical only: no expression, protein, mutation or copy number table"


def endpoint_counts(endpoint: CohortEndpoint, least: int = 0) -> str:
    """``124 patients, 35 events, median follow-up 24.0 months``."""
    small = any(0 < n < least for n in (endpoint.events, endpoint.n - endpoint.events))
    events = "counts of events are hidden" if small else count(endpoint.events, "event")
    median = endpoint.median_follow_up
    followed = f"{median:.1f} months" if median == median else "not reached"
    if least:
        followed = "not told: it is the time of a patient"
    return f"{_number(endpoint.n, 'patient', least)}, {events}, median follow-up {followed}"


def _short_follow_up(about: CohortDescription, plan: Plan) -> Iterator[str]:
    """Which of the times that survival is given at lie beyond the median follow-up of an asked endpoint."""
    for endpoint in about.endpoints:
        asked = {used for name in plan.endpoints for used in plan.equivalents.get(name.upper(), (name.upper(),))}
        within = plan.times if plan.horizon is None else [t for t in plan.times if t <= plan.horizon]
        late = [f"{t:g}" for t in within if t > endpoint.median_follow_up]
        if late and not plan.share and endpoint.name.upper() in asked:
            yield (
                f"Follow-up is short for {endpoint.name}: survival at {and_list(late)} months rests on the fewer than"
                " half of the patients who were followed that long."
            )


def columns_of_run(cohort: CohortResult, plan: Plan) -> Iterator[str]:
    """The clinical columns of a cohort, with the counts hidden that ``baseline.tsv`` hides."""
    least = max(plan.min_cell, plan.shared_cell)
    told_apart: set[tuple[str, str]] = set()
    if plan.share and len(cohort.baseline):
        table = hide_levels(cohort.baseline, least)
        hidden = table[table[["value_stratum", "value_reference"]].isna().any(axis=1)]
        told_apart = set(zip(hidden["characteristic"], hidden["level"]))
    for column in cohort.description.columns:
        levels = {level for name, level in told_apart if name == column.name}
        yield from columns_in_words([column], least, hidden=levels, share=plan.share)


def columns_in_words(
    columns: Collection[ClinicalColumn], least: int = 0, *, hidden: Collection[str] = (), share: bool = False
) -> Iterator[str]:
    """``er from er_status: positive (72), negative (50), unknown (2)``; numbers by their median and quartiles.

    Parameters
    ----------
    columns : collection of ClinicalColumn
    least : int
        Smaller counts of a word are hidden, and those that would tell them.
    hidden : collection of str
        Words whose counts are hidden whatever they are.
    share : bool
        Hide how many are unknown as well, and quartiles, which are the values of patients.
    """
    for column in columns:
        told = (
            _quartiles(column, least, share=share) if column.quartiles else _counts(column, least, hidden, share=share)
        )
        yield f"{column.name} from {column.source}: {told}"


def _quartiles(column: ClinicalColumn, least: int, *, share: bool) -> str:
    lower, median, upper = (f"{value:.4g}" for value in column.quartiles)
    told = "numbers (quartiles are not told)" if share else f"median {median} (quartiles {lower} and {upper})"
    return f"{told}, unknown ({_hidden(column.unknown, least if share else 0)})"


def _counts(column: ClinicalColumn, least: int, hidden: Collection[str], *, share: bool) -> str:
    counts = dict(sorted(column.counts.items(), key=_place)) | ({"unknown": column.unknown} if share else {})
    few = hidden_cells(list(counts.values()), least)
    words = [
        f"{word} ({_hidden(n, least) if 0 < n < least else 'hidden' if hide or word in hidden else f'{n:,}'})"
        for (word, n), hide in zip(counts.items(), few, strict=True)
    ]
    unknown = words.pop() if share else f"unknown ({column.unknown:,})"
    more = [f"{len(words) - _MOST_WORDS:,} more"] if len(words) > _MOST_WORDS else []
    return ", ".join([*words[:_MOST_WORDS], *more, unknown])


def _place(item: tuple[str, int]) -> tuple[float, int, str]:
    """Numbers by size, such as a grade; then words, the most frequent first."""
    word, n = item
    return (float(word), 0, word) if word.replace(".", "", 1).isdigit() else (float("inf"), -n, word)


def _number(n: int, noun: str, least: int) -> str:
    return f"{_hidden(n, least)} {noun}s" if 0 < n < least else count(n, noun)


def _hidden(n: int, least: int) -> str:
    return f"<{least}" if 0 < n < least else f"{n:,}"
