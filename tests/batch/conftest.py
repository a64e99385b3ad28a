"""Five small simulated cohorts with a manifest and a plan, and a batch of them that several tests look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from strata.analysis import load_plan
from strata.batch import BatchOptions, Ended, Outcome, read_manifest, run_batch
from strata.simulate import load_scenario, simulate_cohort
from strata.writing import write_flat

SCENARIO = """\
name: small
description: Invented, without any meaning.
seed: 1
patients: 90
clinical:
  er_status: {values: {Positive: 0.6, Negative: 0.4}}
mrna:
  unassayed: 0.05
  features:
    IGF1R: {mean: 9.3, sd: 1.2}
    SPHK1: {mean: 7.1, sd: 0.9}
endpoints:
  OS: {hazard: 0.02}
  DFS: {hazard: 0.03, death_is_event: true}
censoring: {accrual: 24, follow_up: 60, drop_out: 0.002}
"""

PLAN = """\
# every comment may be another
signatures: [igf1r-high, igf1r-sphk1-high]
populations: [all]
endpoints: [OS, DFS]
"""


@dataclass(frozen=True)
class Inputs:
    """What a batch reads."""

    folder: Path
    manifest: Path
    plan: Path

    def change(self, name: str, text: str) -> None:
        """Write one of the files anew."""
        (self.folder / name).write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Ran:
    """What a batch left behind."""

    ended: Ended
    outcomes: list[Outcome]
    said: list[str]


def make_inputs(folder: Path, n: int = 5) -> Inputs:
    """``n`` cohorts of 90 patients; the names are not in the order of the alphabet."""
    folder.mkdir(parents=True)
    (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    scenario = load_scenario(folder / "scenario.yaml")
    names = [f"c{(7 * i) % n if n % 7 else i}" for i in range(n)]
    for seed, name in enumerate(names):
        tables, _ = simulate_cohort(scenario, seed=seed)
        write_flat(tables, folder / "data" / name)
    lines = ["cohort\tpath", *(f"{name}\tdata/{name}" for name in names)]
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    return Inputs(folder, folder / "manifest.tsv", folder / "plan.yaml")


def run(inputs: Inputs, out: Path, **options: Any) -> Ran:
    """Run a batch in this process."""
    manifest = read_manifest(inputs.manifest, load_plan(inputs.plan, cohorts=[str(inputs.manifest)]))
    outcomes: list[Outcome] = []
    said: list[str] = []
    ended = run_batch(manifest, out, BatchOptions(**options), progress=outcomes.append, say=said.append)
    return Ran(ended, outcomes, said)


def tables(folder: Path) -> Mapping[str, bytes]:
    """Every table of a batch and of its cohorts, by its place: all that must be the same in two batches."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.parts[-2] not in ("shards", "outcomes"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files if not _is_record(file)}


def _is_record(file: Path) -> bool:
    # they say when and how long
    return file.name == "run.json" or file.parent.name == "multiqc"


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """Cohorts that a test may change."""
    return make_inputs(tmp_path / "in")


@pytest.fixture(scope="session")
def same_inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Cohorts that no test changes."""
    return make_inputs(tmp_path_factory.mktemp("batch") / "in")


@pytest.fixture(scope="session")
def plain(same_inputs: Inputs) -> Path:
    """A batch of them, in one process and at one go."""
    out = same_inputs.folder.parent / "plain"
    assert run(same_inputs, out).ended.exit_status == 0
    return out


@pytest.fixture(scope="session")
def batch() -> Callable[..., Ran]:
    """``batch(inputs, out, jobs=2)``."""
    return run


def differing(one: Path, other: Path) -> list[str]:
    """The tables that two batches do not have in common, byte for byte."""
    mine, theirs = tables(one), tables(other)
    assert len(mine) > 20
    return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


@pytest.fixture(scope="session")
def differences() -> Callable[[Path, Path], list[str]]:
    """``differences(out, plain)``."""
    return differing
