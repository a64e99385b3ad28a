"""The sample sheet and the metadata of a GDC cart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strata.cohort.findings import Findings
from strata.cohort.gdc_sheet import aliquots_of, sheet_entries
from strata.cohort.table import Table
from strata.errors import DataError, InputOutputError


def table(columns: str, *rows: str) -> Table:
    cells = [row.split("|") for row in rows]
    return Table(Path("sheet.tsv"), tuple(columns.split("|")), cells, list(range(2, 2 + len(cells))))


def test_normal_tissue_is_told_by_the_older_and_the_newer_columns() -> None:
    older = table(
        "File Name|Case ID|Sample ID|Sample Type",
        "a.tsv|C1|C1-01A|Primary Tumor",
        "b.tsv|C1|C1-11A|Solid Tissue Normal",
        "c.maf|C1, C1|C1-10A, C1-06A|Blood Derived Normal, Metastatic",
    )
    newer = table(
        "File Name|Case ID|Sample ID|Tissue Type|Tumor Descriptor",
        "a.tsv|C1|C1-01A|Tumor|Primary",
        "b.tsv|C1|C1-11A|Normal|Not Applicable",
        "c.maf|C1, C1|C1-10A, C1-06A|Normal, Tumor|Not Applicable, Metastatic",
    )
    found = [[(entry.cases, entry.samples) for entry in sheet_entries(sheet, Findings())] for sheet in (older, newer)]
    both = (("C1",), ()), (("C1",), (("C1-06A", "Metastatic"),))
    assert found[0] == [(("C1",), (("C1-01A", "Primary Tumor"),)), *both]
    assert found[1] == [(("C1",), (("C1-01A", "Primary"),)), *both]


def test_a_sheet_without_types_leaves_barcodes_to_tell() -> None:
    (entry,) = sheet_entries(table("File Name|Case ID|Sample ID", "a.tsv|C1|C1-11A"), Findings())
    assert (entry.samples, entry.line) == ((("C1-11A", ""),), 2)


def test_every_missing_column_is_named() -> None:
    with pytest.raises(
        DataError, match=r"sheet.tsv:1: no column File Name and no column Sample ID; found File, Case ID"
    ):
        sheet_entries(table("File|Case ID", "a|C1"), Findings())


def test_metadata(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    one, two = ({"entity_submitter_id": f"TCGA-AA-0001-{end}"} for end in ("01A-11R", "10A-01D"))
    items = [
        {"file_name": "a.tsv", "associated_entities": [one]},
        {"file_name": "b.maf", "associated_entities": [one, two]},
        {"file_name": "c.xml"},
    ]
    path.write_text(json.dumps(items), encoding="utf-8")
    findings = Findings()
    assert aliquots_of(path, findings) == {"a.tsv": "TCGA-AA-0001-01A-11R"}
    assert findings.files == [path]
    for text in ("{", "[1]", '[{"associated_entities": [{}]}]', '"a"'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match="not the metadata of a cart"):
            aliquots_of(path, findings)
    path.unlink()
    with pytest.raises(InputOutputError):
        aliquots_of(path, findings)
