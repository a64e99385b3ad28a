"""One set of tables from the cohorts of a batch, in the order of its manifest, a cohort in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from strata.analysis import batch_record, command_line, output_folder, write_record
from strata.batch.folder import BatchFolder, Shard
from strata.batch.ledger import Lines, rows_not_run, rows_of, rows_of_pooled, write_ledger
from strata.batch.pages import MOST_DRAWN, Indexed, is_drawn, write_pages
from strata.batch.pooling import BATCH_POOLED_COLUMNS, ONE_STAGE, READ_COLUMNS, Pooling
from strata.batch.tables import add_nothing, add_partition, failure_frame, join_tables, text_rows
from strata.errors import InputOutputError, Problem, StrataError
from strata.report.sharing import shared_batch_record
from strata.report.tables import CALLS_COLUMNS, write_tsv
from strata.survival import COLUMNS, pooled_frame

if TYPE_CHECKING:
    from strata.batch.outcomes import Outcome
    from strata.survival import Pooled

__all__ = ["Merged", "find_shards", "merge"]

_SAME = ("manifest", "plan", "survival", "figures", "reports", "strata")
"""What the shards of one batch have in common."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Merged:
    """What a batch came to."""

    cohorts: int
    failed: int
    exit_status: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """The cohorts of all shards, each with the folder it is in, and the records of the shards."""

    members: tuple[tuple[str, BatchFolder], ...]
    shards: tuple[dict[str, Any], ...]

    def cohorts(self) -> Iterator[tuple[Outcome, Path]]:
        """Every cohort: what became of it, and the folder of its run."""
        for name, folder in self.members:
            outcome = folder.outcome(name)
            if outcome is None:
                raise InputOutputError(
                    Problem(str(folder.cohort(name)), "was removed while it was merged", code="E712")
                )
            yield outcome, folder.cohort(name)

    def finished(self) -> Iterator[tuple[Outcome, Path]]:
        """The cohorts that were analysed."""
        return (found for found in self.cohorts() if not found[0].exit_status)


def find_shards(folders: Sequence[BatchFolder]) -> _Batch:
    """The whole of a batch from the folders that its shards were written into.

    Raises
    ------
    InputOutputError
        When shards or cohorts are missing, or the shards are not of one batch: which, and how to get them.
    """
    found: dict[Shard, tuple[dict[str, Any], BatchFolder]] = {}
    for folder in folders:
        for shard, record in folder.shard_records():
            if shard in found:
                raise _refused(folder, f"shard {shard.number} of {shard.of} is in {found[shard][1].path} as well")
            found[shard] = record, folder
    if not found:
        raise _refused(folders[0], "holds no batch", "Run strata batch into it first")
    first, of = next(iter(found)), next(iter(found)).of
    for shard, (record, folder) in found.items():
        other = [key for key in _SAME if record[key] != found[first][0][key]]
        if shard.of != of or other:
            what = f"shards {first} and {shard} are not of one batch: {', '.join(other) or 'number of shards'} differ"
            raise _refused(folder, what, "Run all of them with the same manifest, plan and version")
    _check_all_there(folders[0], of, found)
    names: dict[int, tuple[str, BatchFolder]] = {}
    for shard, (record, folder) in found.items():
        for turn, name in enumerate(record["cohorts"]):
            names[shard.number - 1 + turn * of] = name, folder
    members = tuple(names[place] for place in sorted(names))
    if gone := [name for name, folder in members if folder.outcome(name) is None]:
        shown = ", ".join(gone[:_SHOWN]) + (" ..." if len(gone) > _SHOWN else "")
        what = f"{len(gone)} of {len(members)} cohorts are not there: {shown}"
        raise _refused(folders[0], what, "Run the batch again with --resume")
    return _Batch(members, tuple(found[shard][0] for shard in sorted(found)))


def _check_all_there(folder: BatchFolder, of: int, found: Mapping[Shard, Any]) -> None:
    missing = [n for n in range(1, of + 1) if Shard(n, of) not in found]
    begun = [shard.number for shard, (record, _) in found.items() if record["finished"] is None]
    said = [("missing", missing), ("not finished", begun)]
    parts = [f"{', '.join(map(str, sorted(numbers)))} {what}" for what, numbers in said if numbers]
    if parts:
        one = sorted([*missing, *begun])[0]
        how = f"--shard {one}/{of} --resume" if of > 1 else "--resume"
        raise _refused(folder, f"of {of} shards: {'; '.join(parts)}", f"Run strata batch with {how}")


def _refused(folder: BatchFolder, what: str, fix: str = "") -> InputOutputError:
    return InputOutputError(Problem(str(folder.path), what, fix, code="E712"))


def merge(batch: _Batch, out: Path, *, overwrite: bool, alone: bool = False, started: datetime | None = None) -> Merged:
    """Write the tables of all cohorts together into ``out``, ``run.json`` last.

    ``calls.tsv`` and ``failures.tsv``; with survival also ``results.tsv``, the Parquet dataset ``results`` partitioned
    by cohort, ``tests.tsv`` with P adjusted over the batch, and ``pooled.tsv``. A table without a row is written too.
    ``report.html`` is an index over the cohorts, ``pooled.html`` shows what is pooled.

    Parameters
    ----------
    batch : of find_shards
    out : Path
        A folder; that of the batch itself keeps its cohorts.
    overwrite : bool
        Replace the tables of an earlier merge.
    alone : bool
        The caller holds the lock of ``out``.
    started : datetime, optional
        When the work began.

    Raises
    ------
    InputOutputError
        When ``out`` cannot be written.
    """
    began = started or datetime.now().astimezone()
    shared = batch.shards[0]
    with output_folder(out, overwrite=overwrite, alone=alone) as folder:
        failures = failure_frame(outcome for outcome, _ in batch.cohorts() if outcome.exit_status)
        if shared["plan"]["share"]:
            # a message may quote the cells of a table
            failures = failures.assign(where=None, problem=None, fix=None)
        write_tsv(failures, folder / "failures.tsv")
        join_tables((path / "calls.tsv" for _, path in batch.finished()), CALLS_COLUMNS, folder / "calls.tsv")
        about: dict[str, Any] = {
            "kind": "batch",
            **{key: shared[key] for key in ("manifest", "plan")},
            "cohorts": len(batch.members),
            "failed": len(failures),
            "shards": [{key: s[key] for key in ("shard", "host", "started", "finished")} for s in batch.shards],
        }
        compared = _write_survival(batch, shared["plan"], folder) if shared["survival"] else _Compared()
        about |= compared.about
        now = datetime.now().astimezone()
        record = batch_record(about, argv=command_line(), started=began, finished=now)
        record = shared_batch_record(record) if shared["plan"]["share"] else record
        indexed = (Indexed(o, path, *compared.sizes.get(o.cohort, (None, None))) for o, path in batch.cohorts())
        write_pages(indexed, compared.questions, record, folder, out)
        write_record(record, folder)
    bug = StrataError.exit_status
    worst = bug if failures["exit_status"].eq(bug).any() else int(len(failures) > 0)
    return Merged(len(batch.members), len(failures), worst)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What became of the survival of a batch.

    Parameters
    ----------
    about : dict
        What the record says of it.
    sizes : dict
        Of each cohort the most patients and the most events that a comparison has; None where they are hidden.
    questions : list of Pooled
        The first ``MOST_DRAWN`` that a forest plot can show: each names its cohorts.
    """

    about: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    questions: list[Pooled] = field(default_factory=list)


def _write_survival(batch: _Batch, plan: Mapping[str, Any], folder: Path) -> _Compared:
    """Write what scores and calls alone do not have."""
    compared = [path for outcome, path in batch.finished() if outcome.endpoints]
    join_tables((path / "results.tsv" for path in compared), COLUMNS, folder / "results.tsv")
    pooling = Pooling(plan["pool"])
    asked: dict[str, Path] = {}
    sizes: dict[str, tuple[int | None, int | None]] = {}
    rows = 0
    for outcome, path in batch.cohorts():
        if outcome.exit_status:
            pooling.fail()
        elif outcome.endpoints:
            table = pq.read_table(path / "results.parquet", use_threads=False)
            add_partition(folder / "results", outcome.cohort, table)
            pooling.add(outcome.cohort, table.select(list(READ_COLUMNS)).to_pylist(), outcome.endpoints)
            asked.setdefault(outcome.asked, path / "tests.tsv")
            sizes[outcome.cohort] = (pc.max(table["n"]).as_py(), pc.max(table["events"]).as_py())
            rows += table.num_rows
    if not asked:
        add_nothing(folder / "results")
    pooled, questions = _write_pooled(pooling, plan["family"], folder / "pooled.tsv")

    def pieces() -> Iterator[Lines]:
        for outcome, path in batch.cohorts():
            if not outcome.exit_status:
                yield rows_of(path / "tests.tsv") if outcome.endpoints else ()
            elif outcome.asked in asked:
                yield rows_not_run(asked[outcome.asked], outcome.cohort, plan["family"])
        yield pooled

    tests = write_ledger(pieces, folder / "tests.tsv")
    return _Compared({"comparisons": rows, "tests": tests, "not_pooled": ONE_STAGE}, sizes, questions)


def _write_pooled(pooling: Pooling, family: Sequence[str], path: Path) -> tuple[list[str], list[Pooled]]:
    """Write ``pooled.tsv``, a question at a time; returns the rows that the ledger has of it, and what is drawn."""
    tests: list[str] = []
    questions: list[Pooled] = []
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(BATCH_POOLED_COLUMNS) + "\n")
        for pooled in pooling.pooled():
            file.writelines(text_rows(pooled_frame([pooled])[list(BATCH_POOLED_COLUMNS)]))
            tests += rows_of_pooled(pooled, family)
            if is_drawn(pooled) and len(questions) < MOST_DRAWN:
                questions.append(pooled)
    return tests, questions
