"""Shards, each by itself or all in one folder, and the tables that are made of them."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from strata.batch import BatchFolder, Shard, find_shards, merge
from strata.errors import InputOutputError


@pytest.fixture(scope="module")
def shards(same_inputs, batch, tmp_path_factory):
    """Three shards, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("shards")
    for number in (1, 2, 3):
        ran = batch(same_inputs, folder / str(number), shard=Shard(number, 3))
        assert (ran.ended.merged, ran.ended.cohorts) == (None, (2, 2, 1)[number - 1])
    return folder


def merged_tables(folder):
    """The tables of all cohorts, without those of each."""
    files = [*folder.glob("*.tsv"), *folder.glob("results/*/*")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_a_shard_writes_its_own_cohorts_and_its_record_alone(shards, same_inputs):
    names = list(pd.read_csv(same_inputs.manifest, sep="\t")["cohort"])
    for number in (1, 2, 3):
        folder = shards / str(number)
        assert {path.name for path in folder.iterdir()} == {"cohorts", "outcomes", "shards"}
        mine = names[number - 1 :: 3]
        assert {path.name for path in (folder / "cohorts").iterdir()} == set(mine)
        assert {path.stem for path in (folder / "outcomes").iterdir()} == set(mine)
        assert [path.name for path in (folder / "shards").iterdir()] == [f"{number}-of-3.json"]


def test_shards_of_several_folders_merge_into_what_a_plain_batch_writes(shards, plain, tmp_path):
    batch = find_shards([BatchFolder(shards / name) for name in ("3", "1", "2")])
    merged = merge(batch, tmp_path / "out", overwrite=False)
    assert (merged.cohorts, merged.failed, merged.exit_status) == (5, 0, 0)
    assert merged_tables(tmp_path / "out") == merged_tables(plain)
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert [shard["shard"] for shard in record["shards"]] == [[1, 3], [2, 3], [3, 3]]


def test_shards_in_one_folder_merge_in_it(same_inputs, batch, plain, differences, tmp_path):
    out = tmp_path / "out"
    for number in (2, 3, 1):
        batch(same_inputs, out, shard=Shard(number, 3))
    merge(find_shards([BatchFolder(out)]), out, overwrite=True)
    assert differences(out, plain) == []
    before = (out / "results.tsv").read_bytes()
    merge(find_shards([BatchFolder(out)]), out, overwrite=True)
    assert (out / "results.tsv").read_bytes() == before


def test_more_shards_than_cohorts_leave_some_without_any(same_inputs, batch, plain, tmp_path):
    out = tmp_path / "out"
    for number in range(1, 8):
        batch(same_inputs, out, shard=Shard(number, 7))
    merge(find_shards([BatchFolder(out)]), out, overwrite=True)
    assert merged_tables(out) == merged_tables(plain)


def refused(folders, words):
    with pytest.raises(InputOutputError, match=words):
        find_shards([BatchFolder(folder) for folder in folders])


def test_a_missing_shard_is_named_with_how_to_get_it(shards):
    refused([shards / "1", shards / "3"], r"of 3 shards: 2 missing\. Run strata batch with --shard 2/3 --resume")


def test_an_unfinished_shard_is_named(shards, tmp_path):
    shutil.copytree(shards / "2", tmp_path / "2")
    path = tmp_path / "2" / "shards" / "2-of-3.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"finished": None}))
    refused([shards / "1", tmp_path / "2", shards / "3"], "2 not finished")


def test_a_cohort_whose_folder_is_gone_is_named(shards, tmp_path):
    for number in "123":
        shutil.copytree(shards / number, tmp_path / number)
    (gone, *_) = (tmp_path / "2" / "cohorts").iterdir()
    shutil.rmtree(gone)
    refused([tmp_path / number for number in "123"], rf"1 of 5 cohorts are not there: {gone.name}\.")


def test_a_shard_that_is_in_two_folders_is_refused(shards, tmp_path):
    shutil.copytree(shards / "2", tmp_path / "again")
    refused([*(shards / number for number in "123"), tmp_path / "again"], "shard 2 of 3 is in .* as well")


def test_shards_of_two_plans_are_refused(inputs, batch, tmp_path):
    batch(inputs, tmp_path / "1", shard=Shard(1, 2))
    inputs.change("plan.yaml", inputs.plan.read_text() + "cut: q75\n")
    batch(inputs, tmp_path / "2", shard=Shard(2, 2))
    refused([tmp_path / "1", tmp_path / "2"], "not of one batch: plan differ")


def test_a_folder_without_a_batch_is_refused(tmp_path):
    refused([tmp_path], "holds no batch")


def test_a_record_that_is_broken_is_told(shards, tmp_path):
    shutil.copytree(shards / "1", tmp_path / "1")
    (tmp_path / "1" / "shards" / "1-of-3.json").write_text("{")
    refused([tmp_path / "1"], r"1-of-3\.json: cannot be read")
