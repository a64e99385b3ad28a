"""``report.html``: what a run asked and found, on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.cohort.findings import count
from strata.report.citation import cite_results
from strata.report.cohort_words import cohort_in_words
from strata.report.facts import and_list
from strata.report.page.cards import cards
from strata.report.page.curves import Curves
from strata.report.page.ledgers import Ledgers
from strata.report.page.pictures import drawn_figures, flows
from strata.report.page.template import render
from strata.report.remark import REMARK_SOURCE, remark
from strata.report.sharing import shared_record
from strata.report.summary import summary

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["PAGE", "write_page"]

PAGE = "report.html"

_MOST_IN_TITLE = 3


def write_page(results: Results, record: Mapping[str, Any], folder: Path, *, remarks: Sequence[str] = ()) -> None:
    """Write ``report.html`` into the folder of a run, after its tables and figures and before its record.

    The page shows the tables as they were written, so it hides what they hide. It holds no time, so the same run
    makes the same page.

    Parameters
    ----------
    results : Results
    record : mapping
        The content of ``run.json``; of a run that is shared before anything of it is hidden.
    folder : Path
    remarks : sequence of str
        What a reader must know first, beside what the run itself knows.
    """
    plan = results.plan
    ledgers, curves = Ledgers(folder), Curves(plan)
    drawn, more_figures = drawn_figures(folder)
    followed, more_flows = flows(results)
    shown = shared_record(record, plan.shared_cell) if plan.share else record
    said = summary(results)
    html = render(
        "report.html.j2",
        title=_title(results),
        strata=record["strata"],
        summary=said,
        held={cohort.name: cohort_in_words(cohort, plan) for cohort in results.cohorts},
        warnings=(*remarks, *said.warnings),
        figures=drawn,
        more_figures=more_figures,
        flows=followed,
        more_flows=more_flows,
        covariates=plan.covariates,
        ledgers=ledgers,
        cards=cards(results, ledgers, curves),
        curves=curves.plots,
        cohorts=shown["cohorts"],
        citation=cite_results(results, record, folder),
        remark=remark(results),
        remark_source=REMARK_SOURCE,
        record=shown,
        plan=json.dumps(shown["plan"], indent=2, ensure_ascii=False),
    )
    (folder / PAGE).write_text(html, encoding="utf-8", newline="\n")


def _title(results: Results) -> str:
    """``Survival by IGF1R high in metabric``."""
    names = dict.fromkeys(strata.signature for cohort in results.cohorts for strata in cohort.strata)
    known = [results.library[name].name if name in results.library else name for name in names]
    cohorts = [cohort.name for cohort in results.cohorts]
    by = known[0] if len(known) == 1 else count(len(known), "signature")
    return (
        f"Survival by {by} in {and_list(cohorts) if len(cohorts) <= _MOST_IN_TITLE else count(len(cohorts), 'cohort')}"
    )
