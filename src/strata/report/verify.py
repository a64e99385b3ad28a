"""The proof of a run: its inputs hashed again, its tables made again and compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from strata.analysis import sha256, versions
from strata.errors import DataError, InputOutputError, Problem, StrataError
from strata.report.differences import Difference, differences, is_table
from strata.report.rerun import rerun

__all__ = ["Verification", "read_record", "verify_run"]

_KINDS = ("run", "scan", "pairs")
_PARTS = frozenset({"strata", "python", "packages", "working_directory", "inputs", "outputs"})


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a run.

    Parameters
    ----------
    versions : tuple of str
        Packages that are not those of the run, in words.
    missing, changed : tuple of str
        Inputs that are gone, and those that hold other bytes now, in words.
    edited : tuple of str
        Files of the run that are gone or hold other bytes than were written, in words.
    differences : tuple of Difference
        Between the tables of the run and those of its repetition.
    tables : int
        How many were compared; 0 when the run could not be repeated.
    failed : StrataError, optional
        Why it could not be.
    """

    versions: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    edited: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    tables: int = 0
    failed: StrataError | None = None

    @property
    def exit_status(self) -> int:
        """0: all is as it was; 1: something differs; else why the run could not be repeated."""
        if self.failed is not None:
            return self.failed.exit_status
        return int(bool(self.changed or self.edited or self.differences))


def verify_run(folder: str | Path) -> Verification:
    """Hash the inputs of a run again, do it again into a temporary folder, and compare every table.

    Figures, and what says when and how the run was made, are not compared; that nobody changed the figures, their
    hashes tell. A run whose inputs are gone is not repeated.

    Parameters
    ----------
    folder : path
        Of a run of any command that writes ``run.json``.

    Returns
    -------
    Verification

    Raises
    ------
    InputOutputError
        When ``folder`` holds no ``run.json``, or it cannot be read.
    DataError
        When that is not the record of a run.
    """
    folder = Path(folder).absolute()
    record = read_record(folder)
    then = {item["path"]: item["sha256"] for item in record["inputs"]}
    missing, changed = _apart(then, Path())
    lost, edited = _apart(record["outputs"], folder)
    found = Verification(tuple(_versions(record)), missing, changed, (*lost, *edited))
    if missing:
        gone = Problem("", f"{len(missing)} of {len(then)} inputs are gone", code="E101")
        return replace(found, failed=InputOutputError(gone))
    with TemporaryDirectory(prefix="strata-verify-") as place:
        again = Path(place) / "run"
        try:
            rerun(record, again)
        except StrataError as error:
            return replace(found, failed=error)
        now = read_record(again)
        names = sorted({name for name in (*record["outputs"], *now["outputs"]) if is_table(name)})
        apart = [item for name in names for item in _compared(name, folder, again, record, now)]
    return replace(found, differences=(*apart, *_failures(record, now)), tables=len(names))


def read_record(folder: Path) -> dict[str, Any]:
    """The content of the ``run.json`` of a folder.

    Raises
    ------
    InputOutputError
        When there is none, or it cannot be read.
    DataError
        When it is something else.
    """
    path = folder / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        what, fix = f"cannot be read: {error.strerror or error}", "Name the folder that a run has written"
        raise InputOutputError(Problem(str(path), what, fix, code="E712")) from None
    except ValueError as error:
        raise DataError(Problem(str(path), f"is not JSON: {error}", code="E712")) from None
    if not (isinstance(record, dict) and record.get("kind") in _KINDS and record.keys() >= _PARTS):
        what = "is not the record of a run, or one of an earlier version of strata"
        fix = "Name the folder of one run; of a batch that is cohorts/NAME"
        raise DataError(Problem(str(path), what, fix, code="E712"))
    if record.get("plan", {}).get("share"):
        what, fix = "is of a run that was shared, without its inputs and numbers", "Run its plan again without --share"
        raise DataError(Problem(str(path), what, fix, code="E712"))
    return record


def _apart(recorded: Mapping[str, str], folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which files are gone, and which have other bytes than recorded, in words with both hashes."""
    gone, changed = [], []
    for name, then in recorded.items():
        if not (folder / name).is_file():
            gone.append(f"{name}: is gone (sha256 {then} then)")
        elif (now := sha256(folder / name)) != then:
            changed.append(f"{name}: was changed (sha256 {then} then, {now} now)")
    return tuple(gone), tuple(changed)


def _versions(record: Mapping[str, Any]) -> Iterator[str]:
    then = {"strata": record["strata"], "python": record["python"], **record["packages"]}
    now = versions()
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield f"{name} {then.get(name, 'none')} then, {now.get(name, 'none')} now"


def _compared(
    name: str, folder: Path, again: Path, record: Mapping[str, Any], now: Mapping[str, Any]
) -> list[Difference]:
    if name not in now["outputs"] or name not in record["outputs"]:
        return [Difference(name, "", "only in the run" if name in record["outputs"] else "only now")]
    made = now["outputs"][name]
    if not (folder / name).is_file():
        same = made == record["outputs"][name]
        return [] if same else [Difference(name, "", "does not come out as it was recorded")]
    return [] if made == sha256(folder / name) else differences(name, folder, again)


def _failures(record: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """Cohorts that failed in the run or in its repetition, and not in both."""
    then, after = ({item["cohort"] for item in each.get("failures", ())} for each in (record, now))
    for cohort in sorted(then ^ after):
        yield Difference("run.json", f"cohort {cohort}", f"failed only {'in the run' if cohort in then else 'now'}")
