"""What a batch would run, told without reading a number."""

from __future__ import annotations

import shutil

import pytest

from strata.analysis import load_plan
from strata.batch import PREVIEW_COLUMNS, preview, read_manifest


@pytest.fixture
def rows(inputs):
    """The rows of the preview of what the inputs are then."""

    def make():
        plan = load_plan(inputs.plan, cohorts=[str(inputs.manifest)])
        return list(preview(read_manifest(inputs.manifest, plan)))

    return make


def test_each_cohort_and_signature_with_what_was_found(inputs, rows):
    signatures = "igf1r-sphk1-high, pten-loss, hallmark-mtorc1"
    inputs.change("plan.yaml", f"signatures: [{signatures}]\nendpoints: [OS, DFS, DMFS]\n")
    clinical = inputs.folder / "data" / "c1" / "clinical.tsv"
    clinical.write_text(clinical.read_text().replace("dfs_", "rfs_"))
    found = rows()
    assert len(found) == 15
    assert all(tuple(row) == PREVIEW_COLUMNS for row in found)
    one = {row["signature"]: row for row in found if row["cohort"] == "c0"}
    pair = one["igf1r-sphk1-high"]
    assert (pair["layout"], pair["patients"], pair["problem"]) == ("flat", "90", "")
    assert pair["endpoints"] == "OS, DFS, DMFS=-"
    assert (pair["features_found"], pair["features_missing"]) == ("3", "1")
    assert pair["missing"] == "clinical node"
    assert int(one["pten-loss"]["features_missing"]) > 0
    assert "PTEN" in one["pten-loss"]["missing"]
    assert one["hallmark-mtorc1"]["missing"].startswith("needs gene set HALLMARK_MTORC1_SIGNALING")
    assert {row["endpoints"] for row in found if row["cohort"] == "c1"} == {"OS, DFS=RFS, DMFS=-"}


def test_a_cohort_that_cannot_be_read_is_a_row_with_its_problem(inputs, rows):
    shutil.rmtree(inputs.folder / "data" / "c2")
    (row,) = (row for row in rows() if row["cohort"] == "c2")
    assert "no such file" in row["problem"]
    assert row["signature"] == ""


def test_no_number_of_an_assay_is_read(rows, monkeypatch):
    from strata.cohort.assays import NumberAssay

    def read(*_):
        raise AssertionError("a table was read")

    monkeypatch.setattr(NumberAssay, "read", read)
    assert len(rows()) == 10
