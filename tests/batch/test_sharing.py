"""A batch whose tables may leave the house."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from strata.analysis import load_plan
from strata.batch import read_manifest
from strata.errors import PlanError


def read(path):
    return pd.read_csv(path, sep="\t", na_values=["NA"], keep_default_na=False)


@pytest.fixture
def shared(inputs, batch, tmp_path):
    """Five cohorts, one of which cannot be read."""
    inputs.change("plan.yaml", inputs.plan.read_text() + "share: true\n")
    clinical = inputs.folder / "data" / "c3" / "clinical.tsv"
    clinical.write_text(clinical.read_text().replace("\t1\t", "\tSECRET\t", 1).replace("os_months", "os_months\t"))
    out = tmp_path / "out"
    assert batch(inputs, out).ended.failed == 1
    return out


def test_what_is_put_together_of_a_shared_batch_tells_no_more_than_its_cohorts(shared, inputs, batch):
    results, pooled, failures, tests = (
        read(shared / f"{name}.tsv") for name in ("results", "pooled", "failures", "tests")
    )
    assert results["n"].isna().any()
    assert results["n"].notna().any()
    for table in (results, pooled):
        for count in ("n", "events", "n_positive", "events_positive"):
            assert not table[count].between(1, 10).any()
    told = pooled[pooled["hazard_ratio"].notna()]
    assert len(told)
    assert pooled["not_contributing"].str.contains("with counts that are withheld").any()
    assert not tests["n"].between(1, 10).any()
    # a message may quote a cell
    assert failures[["where", "problem", "fix"]].isna().all(axis=None)
    assert list(failures["cohort"]) == ["c3"]
    text = (shared / "run.json").read_text()
    record = json.loads(text)
    assert str(inputs.folder) not in text
    assert all("host" not in shard for shard in record["shards"])
    again = batch(inputs, shared, resume=True).ended
    assert (again.reused, again.failed) == (4, 1)


@pytest.mark.parametrize("column", ["share", "min_cell"])
def test_a_batch_is_shared_as_a_whole(inputs, column):
    lines = inputs.manifest.read_text().splitlines()
    lines = [f"{line}\t{more}" for line, more in zip(lines, [column, *["1"] * 5], strict=True)]
    inputs.change("manifest.tsv", "\n".join(lines) + "\n")
    with pytest.raises(PlanError, match=f"column '{column}' is about all cohorts"):
        read_manifest(inputs.manifest, load_plan(inputs.plan, cohorts=[str(inputs.manifest)]))
