"""The tables of a run's negative controls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from strata.analysis import RANDOM_COLUMNS, null_check_frame
from strata.report.tables import write_tsv

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["write_controls"]


def write_controls(results: Results, folder: Path) -> None:
    """Write ``null_check.tsv`` and ``random_signatures.tsv``, those that the run was asked for."""
    if results.controls.null_check:
        write_tsv(null_check_frame(results), folder / "null_check.tsv")
    if results.controls.random_signatures:
        parts = [c.random_signatures for c in results.cohorts if c.random_signatures is not None]
        filled = [part for part in parts if len(part)]
        table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(RANDOM_COLUMNS))
        write_tsv(table, folder / "random_signatures.tsv")
