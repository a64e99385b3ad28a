"""One writer at a time: who holds a lock, and what a dead one left behind."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading

import pytest

from strata.analysis import holder_of, locked, output_folder
from strata.errors import InputOutputError

HOST = socket.gethostname()


def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def refuse(line):
    raise AssertionError(line)


def test_a_lock_says_who_holds_it_and_goes_when_it_is_left(tmp_path):
    path = tmp_path / "x.lock"
    with locked(path, tmp_path, say=refuse):
        holder = holder_of(path)
        assert (holder.pid, holder.host) == (os.getpid(), HOST)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", holder.since)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_goes_when_the_work_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "x.lock", tmp_path, say=refuse):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_none_is_told(tmp_path):
    (tmp_path / "x.lock").write_text("{")
    path = tmp_path / "x.lock"
    with pytest.raises(InputOutputError, match="is no lock of strata"), locked(path, tmp_path, say=refuse):
        pass


def test_two_threads_of_a_process_are_two_writers(tmp_path):
    entered, left = threading.Event(), threading.Event()

    def first():
        with output_folder(tmp_path / "out") as folder:
            (folder / "a.tsv").write_text("a")
            entered.set()
            left.wait(60)

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(60)
    said = rf"out: is being written by process {os.getpid()} on {re.escape(HOST)} since .* remove .*\.out\.lock"
    with pytest.raises(InputOutputError, match=said), output_folder(tmp_path / "out"):
        pytest.fail("the work must not start")
    left.set()
    thread.join()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a.tsv"]


@pytest.mark.parametrize("inside", [True, False])
def test_what_a_dead_writer_left_is_removed_with_its_lock_and_said(tmp_path, caplog, inside):
    out = tmp_path / "out"
    home = out if inside else tmp_path
    (home / ".out-abcdefgh").mkdir(parents=True)
    (home / ".out-abcdefgh" / "half.tsv").write_text("half")
    (home / ".out-20260101").mkdir()
    lock = {"pid": dead_pid(), "host": HOST, "since": "2026-01-02T03:04:05+00:00", "work": ".out-abcdefgh"}
    (home / ".out.lock").write_text(json.dumps(lock))
    with output_folder(out, overwrite=True) as folder:
        (folder / "a.tsv").write_text("a")
    (said,) = caplog.messages
    assert said.startswith(f"{out}: took over from process {lock['pid']} on {HOST} since 2026-01-02T03:04:05+00:00")
    # a folder of somebody else whose name is like that of ours stays
    assert sorted(path.name for path in home.iterdir()) == sorted([".out-20260101", "a.tsv" if inside else "out"])


def test_a_lock_leads_nowhere_else(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "home").mkdir()
    lock = {"pid": dead_pid(), "host": HOST, "since": "2026-01-02T03:04:05+00:00", "work": "../mine"}
    (tmp_path / "home" / ".out.lock").write_text(json.dumps(lock))
    with output_folder(tmp_path / "home" / "out") as folder:
        (folder / "a.tsv").write_text("a")
    assert (tmp_path / "mine").is_dir()


def test_the_lock_of_another_machine_is_never_taken_over(tmp_path):
    lock = {"pid": dead_pid(), "host": "elsewhere", "since": "2026-01-02T03:04:05+00:00", "work": ""}
    (tmp_path / ".out.lock").write_text(json.dumps(lock))
    with pytest.raises(InputOutputError, match="on elsewhere since"), output_folder(tmp_path / "out"):
        pytest.fail("the work must not start")
    assert [path.name for path in tmp_path.iterdir()] == [".out.lock"]


def test_who_is_alone_needs_no_lock(tmp_path):
    with output_folder(tmp_path / "out", alone=True):
        assert not (tmp_path / ".out.lock").exists()
