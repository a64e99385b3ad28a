"""One writer at a time, and what a dead one left behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from strata.batch import Shard
from strata.errors import InputOutputError

HOST = socket.gethostname()


def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def write(path, pid, host=HOST):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "host": host, "since": "2026-01-02T03:04:05+00:00"}) + "\n")


@pytest.mark.parametrize("host", [HOST, "elsewhere"])
def test_who_holds_it_keeps_the_second_out(inputs, batch, tmp_path, host):
    pid = os.getppid() if host == HOST else dead_pid()
    lock = tmp_path / "out" / "shards" / "1-of-1.lock"
    write(lock, pid, host)
    said = f"is being written by process {pid} on {host} since 2026-01-02T03:04:05+00:00. .* remove {lock}"
    with pytest.raises(InputOutputError, match=said.replace("+", r"\+")):
        batch(inputs, tmp_path / "out", resume=True)
    assert lock.exists()
    assert list((tmp_path / "out" / "cohorts").iterdir()) == []


def test_the_lock_of_a_dead_process_is_taken_over_and_said(same_inputs, batch, differences, plain, tmp_path):
    pid = dead_pid()
    write(tmp_path / "out" / "shards" / "1-of-1.lock", pid)
    ran = batch(same_inputs, tmp_path / "out", resume=True)
    assert [line for line in ran.said if f"took over from process {pid} on {HOST}" in line]
    assert differences(tmp_path / "out", plain) == []
    assert [path.name for path in (tmp_path / "out" / "shards").iterdir()] == ["1-of-1.json"]


@pytest.mark.parametrize(
    ("other", "shard", "free"),
    [("2-of-2", Shard(1, 2), True), ("2-of-3", Shard(1, 2), False), ("merge", Shard(1, 2), False)],
)
def test_shards_of_one_number_are_written_side_by_side_and_nothing_else_is(inputs, batch, tmp_path, other, shard, free):
    write(tmp_path / "out" / "shards" / f"{other}.lock", os.getppid())
    if free:
        assert batch(inputs, tmp_path / "out", shard=shard).ended.exit_status == 0
        return
    with pytest.raises(InputOutputError, match="is being written by"):
        batch(inputs, tmp_path / "out", shard=shard)
    assert [path.name for path in (tmp_path / "out" / "shards").iterdir()] == [f"{other}.lock"]
