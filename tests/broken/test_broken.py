"""Every way to be wrong: the exit status, what is said, and that nothing half-written is left."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from broken import analysis, command_line, files, ids, outputs, resources, signatures, survival, tables, values  # noqa: F401
from broken.make import CASES, COMPARE, Bench, Case, Ran

GROUPS = {"ok": 1, "f": 28, "t": 16, "i": 22, "v": 21, "s": 25, "g": 20, "c": 24, "a": 10, "r": 10}
"""How many cases BAD_INPUTS has in each group: 177."""


_PATIENT = re.compile(r"\bP-?0[0-3][0-9](?![0-9])", re.IGNORECASE)


def test_every_case_is_here():
    found = {case.id.partition("__")[0] for case in CASES}
    assert Counter(name.partition("_")[0].rstrip("0123456789") for name in found) == GROUPS
    assert len(CASES) == len({case.id for case in CASES})


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    # figures are the tests' largest cost, and one case asks for them itself
    monkeypatch.setattr("strata.report.folder.draw_figures", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The tables of the good cohort."""
    folder = tmp_path_factory.mktemp("good")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strata.report.folder.draw_figures", lambda *_: None)
        bench = Bench(folder, patch)
        assert bench.run(COMPARE).status == 0
    return _tables(bench.out)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_broken(case: Case, bench: Bench, good: dict[str, str]):
    done = case.spoil(bench)
    before = _files(bench.folder)
    ran = done if isinstance(done, Ran) else bench.run(case.run)
    assert ran.status == case.status, ran.told
    assert "Traceback" not in ran.told
    for text in case.says:
        assert text in ran.told
    if case.code.startswith("E") and case.status > 1:
        assert f"error {case.code}: " in ran.err
    elif case.code:
        assert f"{case.code}: " in ran.told
    assert not _named(bench, ran), "a patient is named"
    made = {path for path in _files(bench.folder) - before if bench.out not in (bench.folder / path).parents}
    if done is None:
        assert made <= ({"out"} if case.status < 2 else set()), "something is left behind"
    if case.same:
        assert _tables(bench.out) == good


def _named(bench: Bench, ran: Ran) -> set[str]:
    """The places outside assignments.parquet that hold the id of a patient, in whatever way a case has spelt it."""
    said = {"the streams": ran.out + ran.err}
    said |= {path.name: path.read_text() for path in bench.out.rglob("*") if path.suffix in (".tsv", ".json", ".html")}
    return {name for name, text in said.items() if _PATIENT.search(text)}


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _tables(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in ("calls.tsv", "results.tsv", "curves.tsv")}
