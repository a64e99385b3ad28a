"""The folder of a scan of pairs: the best of them, the histogram of all, and the record."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.analysis import mark_inputs, output_folder
from strata.report.scanning import record_scan
from strata.report.tables import write_parquet, write_tsv

if TYPE_CHECKING:
    from strata.analysis.inputs import Marks
    from strata.cohort import Cohort
    from strata.scan import PairScan

__all__ = ["pairs_to_folder", "partial_state"]


def partial_state(out: str | Path) -> Path:
    """Where an interrupted scan keeps what is done: beside the folder that it would have written."""
    target = Path(os.path.abspath(out))  # noqa: PTH100  (as in output_folder)
    return target.with_name(f"{target.name}.partial")


def pairs_to_folder(
    cohort: Cohort,
    scan: Callable[[], PairScan],
    out: str | Path,
    *,
    options: Mapping[str, Any],
    overwrite: bool,
    marked: Marks | None = None,
) -> PairScan:
    """Scan, then write ``pairs.tsv``, ``pairs.parquet``, ``histogram.tsv`` and ``run.json`` into ``out``.

    The folder is checked before the work starts and appears when everything is written; ``partial_state(out)`` is
    removed then. ``options`` are those of ``scan_pairs``; these and ``marked`` are as in
    :func:`~strata.report.scanning.scan_to_folder`.
    """
    started = datetime.now().astimezone()
    marked = mark_inputs(cohort.source) if marked is None else marked
    with output_folder(out, overwrite=overwrite, inputs=cohort.source) as folder:
        found = scan()
        write_tsv(found.table, folder / "pairs.tsv")
        write_parquet(found.table, folder / "pairs.parquet")
        write_tsv(found.histogram, folder / "histogram.tsv")
        numbers = {**found.counts, "permutations": found.n_permutations, "resumed": found.resumed}
        record_scan("pairs", folder, cohort, found.study, (started, marked), options, numbers)
    partial_state(out).unlink(missing_ok=True)
    return found
