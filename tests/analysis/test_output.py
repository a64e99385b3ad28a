"""A folder of results: all of it or nothing."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from strata.analysis import output_folder, write_whole
from strata.errors import InputOutputError, UsageError


def write(folder: Path, *names: str, text: str = "new") -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "run.json").write_text(json.dumps({"outputs": list(names)}))


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder, hidden ones too."""
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def fail(out: Path, wrong: BaseException | type[BaseException]) -> None:
    with output_folder(out, overwrite=True) as folder:
        write(folder, "a.tsv", "b.tsv")
        raise wrong


def test_nothing_is_there_before_the_end_and_everything_is_afterwards(tmp_path):
    out = tmp_path / "deep" / "out"
    with output_folder(out) as folder:
        write(folder, "a.tsv", "figures/b.png")
        assert not out.exists()
    assert contents(out) == {
        "a.tsv": "new",
        "figures/b.png": "new",
        "run.json": '{"outputs": ["a.tsv", "figures/b.png"]}',
    }
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_folder_has_the_mode_of_any_new_folder(tmp_path, umask):
    before = os.umask(umask)
    try:
        with output_folder(tmp_path / "out") as folder:
            write(folder, "a.tsv")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o777 & ~umask


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_no_trace(tmp_path, stop):
    with pytest.raises(stop):
        fail(tmp_path / "deep" / "out", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_an_old_folder_as_it_was(tmp_path, stop):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "a.tsv", text="old")
    before = contents(tmp_path)
    with pytest.raises(stop):
        fail(tmp_path / "out", stop)
    assert contents(tmp_path) == before


def test_an_empty_folder_is_used_as_it_is(tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    inode = out.stat().st_ino
    with output_folder(out) as folder:
        write(folder, "a.tsv")
    assert set(contents(out)) == {"a.tsv", "run.json"}
    assert (out.stat().st_ino, out.stat().st_mode & 0o777) == (inode, 0o700)


def test_a_folder_that_is_not_empty_is_refused_and_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputOutputError, match=r"not empty.*--overwrite"), output_folder(tmp_path):
        pytest.fail("the work must not start")
    assert contents(tmp_path) == {"mine.txt": "mine"}


def test_overwrite_replaces_the_last_run_and_keeps_what_is_not_its_own(tmp_path):
    with output_folder(tmp_path / "out") as folder:
        write(folder, "a.tsv", "gone.tsv", "figures/gone.png", text="old")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with output_folder(tmp_path / "out", overwrite=True) as folder:
        write(folder, "a.tsv", "b.tsv")
    found = contents(tmp_path / "out")
    assert found == {"a.tsv": "new", "b.tsv": "new", "mine.txt": "mine", "run.json": '{"outputs": ["a.tsv", "b.tsv"]}'}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.tsv", "b.tsv", "mine.txt", "run.json"]


@pytest.mark.parametrize("record", ["{", "[]", '{"outputs": null}', '{"outputs": ["../mine.txt"]}'])
def test_a_record_that_lies_removes_nothing_outside(tmp_path, record):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").write_text(record)
    with output_folder(tmp_path / "out", overwrite=True) as folder:
        write(folder, "a.tsv")
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("fails_at", range(1, 6))
@pytest.mark.parametrize("wrong", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_disk_that_refuses_any_move_leaves_the_last_run_whole(tmp_path, monkeypatch, fails_at, wrong):
    out = tmp_path / "out"
    with output_folder(out) as folder:
        write(folder, "a.tsv", "figures/b.png", text="old")
    before = contents(tmp_path)
    moves = 0
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves == fails_at:
            raise wrong
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        expected = InputOutputError if isinstance(wrong, OSError) else KeyboardInterrupt
        with pytest.raises(expected), output_folder(out, overwrite=True) as folder:
            write(folder, "a.tsv", "new/c.tsv")
    assert moves > fails_at - 1
    assert contents(tmp_path) == before
    assert not (out / "new").exists()


def test_a_disk_that_is_full_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(InputOutputError, match="no space left on the device"):
        fail(tmp_path / "out", OSError(errno.ENOSPC, "full"))
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_folder_of_a_results_name_is_neither_replaced_nor_lost(tmp_path):
    (tmp_path / "a.tsv").mkdir()
    (tmp_path / "a.tsv" / "mine.txt").write_text("mine")
    with pytest.raises(InputOutputError), output_folder(tmp_path, overwrite=True) as folder:
        write(folder, "a.tsv", "b.tsv")
    assert contents(tmp_path) == {"a.tsv/mine.txt": "mine"}


def test_a_link_among_the_results_is_replaced_and_its_target_kept(tmp_path):
    (tmp_path / "elsewhere.tsv").write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.tsv").symlink_to(tmp_path / "elsewhere.tsv")
    with output_folder(out, overwrite=True) as folder:
        write(folder, "a.tsv")
    assert (tmp_path / "elsewhere.tsv").read_text() == "mine"
    assert (out / "a.tsv").read_text() == "new"
    assert not (out / "a.tsv").is_symlink()


@pytest.mark.parametrize("place", [".", "cohort", "cohort/.."])
def test_a_folder_that_holds_an_input_is_refused(tmp_path, place):
    (tmp_path / "cohort").mkdir()
    inputs = [tmp_path / "cohort"]
    with (
        pytest.raises(UsageError, match="holds an input"),
        output_folder(tmp_path / place, overwrite=True, inputs=inputs),
    ):
        pytest.fail("the work must not start")


def test_a_folder_inside_an_input_is_no_danger(tmp_path):
    (tmp_path / "clinical.tsv").write_text("")
    with output_folder(tmp_path / "results", inputs=[tmp_path]) as folder:
        write(folder, "a.tsv")
    assert (tmp_path / "results" / "a.tsv").exists()


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_what_is_no_folder_is_refused(tmp_path, kind):
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    else:
        if kind == "link":
            (tmp_path / "real").mkdir()
        out.symlink_to(tmp_path / "real")
    with pytest.raises(InputOutputError, match="is not a folder"), output_folder(out, overwrite=True):
        pytest.fail("the work must not start")
    assert out.is_symlink() or out.read_text() == "mine"


def test_a_path_through_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(InputOutputError, match="a part of the path is a file"),
        output_folder(tmp_path / "file" / "out"),
    ):
        pytest.fail("the work must not start")


def test_a_folder_that_cannot_be_made_is_said_before_the_work(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr("strata.analysis.output.tempfile.mkdtemp", refuse)
    with pytest.raises(InputOutputError, match="permission denied"), output_folder(tmp_path / "deep" / "out"):
        pytest.fail("the work must not start")
    assert list(tmp_path.iterdir()) == []


def test_one_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "plan.yaml"
    write_whole(path, "one")
    assert path.read_text() == "one"
    assert path.stat().st_mode & 0o400
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(InputOutputError, match="no space left"):
            write_whole(path, "two")
    assert contents(tmp_path) == {"plan.yaml": "one"}
    with pytest.raises(InputOutputError, match="nowhere"):
        write_whole(tmp_path / "nowhere" / "plan.yaml", "three")
