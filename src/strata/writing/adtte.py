"""A simulated cohort as CDISC tables: ADTTE and ADSL, the other tables as in a flat folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from strata.writing.flat import write_flat
from strata.writing.tables import CohortTables
from strata.writing.text import write_text

__all__ = ["write_adtte"]


def write_adtte(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort with ``adtte.csv`` (a row for each patient and endpoint, CNSR 0 is the event) and ``adsl.csv``.

    AVAL is in months. The same tables give the same bytes on every machine.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    folder = Path(folder)
    write_flat(tables, folder)
    (folder / "clinical.tsv").unlink()
    write_text(folder / "adsl.csv", map(",".join, _patients(tables)))
    write_text(folder / "adtte.csv", map(",".join, _outcomes(tables)))


def _patients(tables: CohortTables) -> Iterator[list[str]]:
    yield ["STUDYID", "USUBJID", *(name.upper() for name in tables.clinical)]
    for patient, *cells in zip(tables.patients, *tables.clinical.values(), strict=True):
        yield [tables.name, patient, *(f'"{cell}"' if "," in (cell or "") else cell or "" for cell in cells)]


def _outcomes(tables: CohortTables) -> Iterator[list[str]]:
    yield ["STUDYID", "USUBJID", "PARAMCD", "PARAM", "AVAL", "AVALU", "CNSR", "EVNTDESC"]
    for name, endpoint in tables.endpoints.items():
        for patient, time, event in zip(tables.patients, *endpoint.texts(), strict=True):
            if time != "NA":
                censored, what = ("0", "event") if event == "1" else ("1", "end of follow-up")
                yield [tables.name, patient, name, f"Time to {name}", time, "MONTHS", censored, what]
