"""The pages of a batch: ``report.html``, an index over its cohorts, and ``pooled.html``, what they say together."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.cohort.findings import count
from strata.plots.wording import population_label
from strata.report.page import Cell, Column, PageTable, count_cell, inline_svg, pooled_rows, render, word

if TYPE_CHECKING:
    from strata.batch.outcomes import Outcome
    from strata.report.page import InlineFigure
    from strata.survival import Pooled

__all__ = ["MOST_DRAWN", "Indexed", "is_drawn", "write_pages"]

_MOST_COHORTS = 10_000
"""Cohorts that the index lists."""

MOST_DRAWN = 30
"""Questions in the forest plot."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A cohort in the index.

    Parameters
    ----------
    outcome : Outcome
    folder : Path
        Of its run.
    n, events : int, optional
        The most that any of its comparisons has; None where nothing was compared or it is hidden.
    """

    outcome: Outcome
    folder: Path
    n: int | None = None
    events: int | None = None


def write_pages(
    cohorts: Iterable[Indexed], pooled: Sequence[Pooled], about: Mapping[str, Any], folder: Path, out: Path
) -> None:
    """Write the pages of a batch beside its tables.

    Parameters
    ----------
    cohorts : iterable of Indexed
        In the order of the manifest.
    pooled : sequence of Pooled
        The questions of the forest plot.
    about : mapping
        The record of the batch, with nothing in it that must not be shown.
    folder, out : Path
        Where the pages are written, and where they will be.
    """
    shared = about["plan"]["share"]
    rows = [_row(cohort, out, shared=shared) for cohort in cohorts]
    together = pooled_rows(folder / "pooled.tsv")
    failed = about["failed"]
    common = {"strata": about["strata"], "title": f"{count(len(rows), 'cohort')}, {failed:,} failed", "about": about}
    index = render(
        "batch.html.j2",
        **common,
        table=PageTable.of("cohorts", "Cohorts", _COLUMNS, rows, file="run.json and failures.tsv", most=_MOST_COHORTS),
        families=_families(about.get("tests", ())),
        manifest=Path(about["manifest"]["path"]).name,
        has_pooled=bool(together.rows),
        plan=json.dumps(about["plan"], indent=2, ensure_ascii=False),
    )
    (folder / "report.html").write_text(index, encoding="utf-8", newline="\n")
    if together.rows:
        figure = _forest(pooled) if pooled and not shared else None
        page = render("pooled.html.j2", **common, table=together, figure=figure, tested=_tested(about.get("tests", ())))
        (folder / "pooled.html").write_text(page, encoding="utf-8", newline="\n")


def is_drawn(question: Pooled) -> bool:
    """Whether a forest plot of the batch shows a question: marker-positive against the rest, where it can be pooled."""
    return question.comparison == "positive_vs_rest" and question["random_effects"].hazard_ratio is not None


def _row(cohort: Indexed, out: Path, *, shared: bool) -> dict[str, str]:
    outcome, page = cohort.outcome, cohort.folder / "report.html"
    failed = bool(outcome.exit_status)
    # a message may quote the cells of a table
    why = "" if shared else "; ".join(str(problem) for problem in outcome.problems)
    return {
        "cohort": outcome.cohort,
        "page": os.path.relpath(page, out) if page.is_file() else "",
        "status": "failed" if failed else "analysed",
        "n": "" if cohort.n is None else str(cohort.n),
        "events": "" if cohort.events is None else str(cohort.events),
        "comparisons": "" if failed or not outcome.endpoints else str(outcome.comparisons),
        "estimable": "" if failed or not outcome.endpoints or shared else str(outcome.estimable),
        "signatures": "" if failed else str(outcome.signatures),
        "note": why,
    }


_COLUMNS = (
    Column("cohort", "Cohort", lambda row: Cell(row["cohort"], link=row["page"])),
    Column("status", "Status", word("status"), choose=True),
    Column("n", "Most patients compared", count_cell("n"), True),
    Column("events", "Most events", count_cell("events"), True),
    Column("signatures", "Signatures", count_cell("signatures"), True),
    Column("comparisons", "Comparisons", count_cell("comparisons"), True),
    Column("estimable", "Estimable", count_cell("estimable"), True),
    Column("note", "Why it failed", word("note")),
)


def _families(tests: Iterable[Mapping[str, Any]]) -> PageTable:
    titles = {
        "tests": "Tests",
        "failed": "Without P",
        "p_below_0.05": "P < 0.05",
        "q_below_0.05": "q < 0.05",
        "holm_p_below_0.05": "Holm’s P < 0.05",
    }
    columns = [Column("family", "Family", word("family"))]
    columns += [Column(key, title, count_cell(key), True) for key, title in titles.items()]
    rows = [{key: str(value) for key, value in family.items()} for family in tests]
    return PageTable.of("families", "Families of tests over the whole batch", columns, rows, file="tests.tsv")


def _tested(tests: Iterable[Mapping[str, Any]]) -> str:
    """How many of the pooled tests are below 0.05, before and after adjustment."""
    family = next((each for each in tests if each["family"] == "pooled"), None)
    if family is None:
        return ""
    below = f"{family['p_below_0.05']:,} with P below 0.05, {family['q_below_0.05']:,} with q below 0.05"
    return (
        f"{count(family['tests'], 'pooled test')} of random effects: {below}. q is Benjamini and Hochberg's over them "
        "(tests.tsv)."
    )


def _forest(pooled: Sequence[Pooled]) -> InlineFigure:
    """The random effects of each question, in blocks of a population and endpoint."""
    from strata.plots import ForestBlock, ForestRow, draw_forest, figure_to_svg

    blocks: dict[str, list[ForestRow]] = {}
    for question in pooled:
        row = question["random_effects"]
        counts = (f"{len(row.cohorts):,}", f"{row.n:,} ({row.events:,})")
        heading = f"{population_label(question.population)}, {question.endpoint}"
        drawn = ForestRow(
            question.signature, counts, row.hazard_ratio, row.own_p, pooled=True, prediction=row.prediction
        )
        blocks.setdefault(heading, []).append(drawn)
    figure = draw_forest(
        [ForestBlock(heading, tuple(rows)) for heading, rows in blocks.items()],
        headings=("cohorts", "patients (events)"),
        title="All cohorts together: marker-positive vs rest",
        caption="Diamonds: random effects over the cohorts, Hartung-Knapp 95 % CI; dashed: 95 % prediction interval "
        f"for a further cohort. {_adjusted(pooled)}P: Wald's, not adjusted for multiplicity. The first questions of "
        f"the plan that can be pooled, {MOST_DRAWN} at most.",
        axis="Hazard ratio, positive vs rest (log scale)",
    )
    return inline_svg(figure_to_svg(figure), name="pooled", prefix="f-")


def _adjusted(pooled: Sequence[Pooled]) -> str:
    """What the hazard ratios are adjusted for, as a sentence of the caption."""
    names = dict.fromkeys(row.adjusted_for for question in pooled for row in question.rows if row.adjusted_for)
    return f"Hazard ratios adjusted for {'; '.join(names)}. " if names else ""
