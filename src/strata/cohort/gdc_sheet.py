"""What comes with a GDC cart: the sample sheet, which says whose each file is, and metadata, which name aliquots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from strata.cohort.files import stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id
from strata.cohort.table import Table
from strata.errors import DataError, Problem

__all__ = ["SheetEntry", "aliquots_of", "sheet_entries"]

_COLUMNS = ("File Name", "Case ID", "Sample ID")
_TISSUE = ("Tissue Type", "Sample Type")
_TYPE = ("Sample Type", "Tumor Descriptor")


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A line of the sample sheet.

    Parameters
    ----------
    file : str
    line : int
    cases : tuple of str
    samples : tuple of (sample, type)
        Of tumours; empty for a file of normal tissue alone.
    """

    file: str
    line: int
    cases: tuple[str, ...]
    samples: tuple[tuple[str, str], ...]


def sheet_entries(sheet: Table, findings: Findings) -> list[SheetEntry]:
    """The lines of a sample sheet, of which one may name several cases and samples.

    Raises
    ------
    DataError
        When a column is missing.
    """
    if missing := [name for name in _COLUMNS if sheet.find(name) is None]:
        what = f"no column {' and no column '.join(missing)}; found {listed(sheet.columns, 12)}"
        raise DataError(
            Problem(f"{sheet.path}:{sheet.header_line}", what, "Download the cart's sample sheet again", code="E210")
        )
    columns = [_cells(sheet, (name,)) for name in _COLUMNS]
    entries = []
    for line, file, *cells in zip(sheet.lines, *columns, _cells(sheet, _TISSUE), _cells(sheet, _TYPE), strict=True):
        cases, samples, tissues, types = ([clean_id(part) for part in cell.split(",")] for cell in cells)
        tissues, types = (of if len(of) == len(samples) else [""] * len(samples) for of in (tissues, types))
        tumours = [
            (sample, kind)
            for sample, tissue, kind in zip(samples, tissues, types, strict=True)
            if "normal" not in tissue.casefold()
        ]
        entries.append(SheetEntry(clean_id(file), line, tuple(dict.fromkeys(cases)), tuple(tumours)))
    findings.note(f"{sheet.path.name}: {count(len(entries), 'file')} listed")
    return entries


def _cells(sheet: Table, names: Sequence[str]) -> list[str]:
    """The cells of the first of the columns; empty where the sheet has none."""
    column = sheet.find(*names)
    return sheet.column(column) if column else [""] * len(sheet.rows)


def aliquots_of(path: Path, findings: Findings) -> dict[str, str]:
    """File names to aliquot barcodes, from the metadata of a cart.

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    DataError
        When it is something else.
    """
    stamp(path)
    names: dict[str, str] = {}
    try:
        for item in json.loads(path.read_text(encoding="utf-8")):
            of_file = [entity["entity_submitter_id"] for entity in item.get("associated_entities", [])]
            if len(of_file) == 1:
                names[item["file_name"]] = clean_id(of_file[0])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"not the metadata of a cart ({type(error).__name__})"
        raise DataError(Problem(str(path), what, "Download it again, or delete it", code="E217")) from None
    findings.files.append(path)
    return names
