"""The folder of a scan: the table, its figures and the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.analysis import (
    check_inputs,
    command_line,
    mark_inputs,
    output_folder,
    scan_record,
    write_record,
)
from strata.report.tables import write_parquet, write_tsv

if TYPE_CHECKING:
    from strata.analysis.inputs import Marks
    from strata.cohort import Cohort
    from strata.scan import GeneScan, Study

__all__ = ["record_scan", "scan_to_folder"]


def scan_to_folder(
    cohort: Cohort,
    scan: Callable[[], GeneScan],
    out: str | Path,
    *,
    options: Mapping[str, Any],
    overwrite: bool,
    marked: Marks | None = None,
) -> GeneScan:
    """Scan, then write ``scan.tsv``, ``scan.parquet``, ``volcano.*``, ``qq.*`` and ``run.json`` into ``out``.

    The folder is checked before the work starts and appears when everything is written. A figure without anything to
    draw is left out.

    ``options`` are what ``scan_genes`` is called with beside the cohort, and under ``cohort`` what ``read_cohort`` was:
    :func:`~strata.report.rerun.rerun` scans again by them. ``marked`` is what the inputs were before they were read, as
    of ``read_marked``; None: as they are now.
    """
    from strata.plots import draw_qq, draw_volcano, figure_to_files

    started = datetime.now().astimezone()
    marked = mark_inputs(cohort.source) if marked is None else marked
    with output_folder(out, overwrite=overwrite, inputs=cohort.source) as folder:
        found = scan()
        table = found.to_frame()
        write_tsv(table, folder / "scan.tsv")
        write_parquet(table, folder / "scan.parquet")
        if table["p_value"].notna().any():
            figure_to_files(draw_qq(found), folder / "qq")
        if (table["p_value"].notna() & table[["hazard_ratio", "per_sd_hazard_ratio"]].notna().any(axis=1)).any():
            figure_to_files(draw_volcano(found), folder / "volcano")
        tested = int(table["p_value"].notna().sum())
        numbers = {"markers": len(table), "tested": tested, "inflation": found.inflation}
        record_scan("scan", folder, cohort, found.study, (started, marked), options, numbers)
    return found


def record_scan(
    kind: str,
    folder: Path,
    cohort: Cohort,
    study: Study,
    began: tuple[datetime, Marks],
    options: Mapping[str, Any],
    numbers: Mapping[str, Any],
) -> None:
    """Write ``run.json`` of a scan: whom it compared, with which options, and the numbers that only it knows.

    ``began`` is when, and what its inputs were then: it is refused when they are others now.
    """
    started, marked = began
    check_inputs(cohort.source, marked)
    compared = {
        "kind": kind,
        "options": dict(options),
        "seeds": {"permutation": options.get("seed", 0)},
        "population": study.population,
        "endpoint": study.endpoint,
        "said": list(study.notes),
        "left_out": [{"reason": reason, "n": n} for reason, n in study.left_out],
    }
    finished = datetime.now().astimezone()
    record = scan_record(cohort, compared | dict(numbers), argv=command_line(), started=started, finished=finished)
    check_inputs(cohort.source, marked)
    write_record(record, folder)
