"""How protein changes are spelled, counted over a table."""

from __future__ import annotations

import pytest

from strata.cohort.change_spelling import ChangeSpelling, spelled
from strata.cohort.findings import Findings


@pytest.mark.parametrize("cell", ["", "NA", ".", "?"])
def test_a_missing_cell_is_one_empty_change(cell: str) -> None:
    assert spelled(cell, "PIK3CA") == ("",)


def test_a_genotype_stays() -> None:
    assert [spelled(cell, "rs396991") for cell in ("G/T", "T|G", "T")] == [("G/T",), ("T|G",), ("T",)]


@pytest.mark.parametrize(
    ("cells", "respelled", "unread"),
    [
        (["H1047R", "p.H1047R", "", "NA"], 0, {}),
        (["p.His1047Arg", "R88X", "H1047R;E545K"], 3, {}),
        (["p.?", "p.?", "garbage"], 0, {"?": 2, "garbage": 1}),
        (["p.His1047Arg;p.?"], 1, {"?": 1}),
    ],
)
def test_cells_are_counted(cells: list[str], respelled: int, unread: dict[str, int]) -> None:
    found = ChangeSpelling()
    for cell in cells:
        found.add(cell, "PIK3CA")
    assert (found.respelled, dict(found.unread)) == (respelled, unread)


def test_notes() -> None:
    found = ChangeSpelling()
    for cell in ("p.His1047Arg", "G/T"):
        found.add(cell, "")
    findings = Findings()
    found.tell("a.maf", "germline", findings)
    assert findings.notes == ["a.maf: 1 protein change put into the short form of HGVS (H1047R)"]
    found.tell("a.maf", "mutation", findings)
    assert findings.notes[1:] == [
        "a.maf: 1 protein change in no known form: 'G/T' (1); which change that is stays unknown"
    ]
