"""The program run in this process, and runs that several tests look at."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def strata(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """``strata("figure2", folder, "--out", out)``: exit status, standard output and standard error."""
    from strata.cli import main

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["strata", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return Ran(int(stopped.value.code or 0), said.out, said.err)

    return run


@pytest.fixture(scope="session")
def breast(root: Path) -> Path:
    """The bundled cohort."""
    return root / "synthetic" / "figure2-breast" / "flat"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A cohort of 40 patients in two tables: small enough to break by hand."""
    return write_cohort(tmp_path / "small")


def write_cohort(folder: Path, *, genes: tuple[str, ...] = ("IGF1R", "SPHK1"), endpoint: str = "os") -> Path:
    """Forty patients, half ER-positive, node-negative all, with events early and late."""
    folder.mkdir()
    n = 40
    clinical = pd.DataFrame(
        {
            "patient_id": [f"SECRET{i:03d}" for i in range(n)],
            "er_status": ["Positive" if i % 2 else "Negative" for i in range(n)],
            "node_status": "Negative",
            f"{endpoint}_months": [1.5 * i + 1 for i in range(n)],
            f"{endpoint}_event": [int(i % 3 == 0) for i in range(n)],
        }
    )
    clinical.to_csv(folder / "clinical.tsv", sep="\t", index=False)
    values = {gene: [((i * (7 + 4 * k)) % 23) / 2 for i in range(n)] for k, gene in enumerate(genes)}
    table = pd.DataFrame({"patient_id": clinical["patient_id"], **values})
    table.to_csv(folder / "mrna.tsv", sep="\t", index=False)
    return folder


@pytest.fixture(scope="session")
def cohort_writer() -> Callable[..., Path]:
    """``write_cohort``."""
    return write_cohort


def read_tsv(path: Path) -> pd.DataFrame:
    """A table of a run, every cell as its text."""
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


@pytest.fixture
def table() -> Callable[[Path], pd.DataFrame]:
    """``read_tsv``."""
    return read_tsv
