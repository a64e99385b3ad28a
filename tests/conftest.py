"""Fixtures for every test."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

# the same examples on every machine and in every run; `make fuzz` draws new ones
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("fuzz", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("fixed")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference folder beside the checkout: real cohorts and R's numbers. Tests that ask for it skip without it."""
    folder = ROOT.parent / "shared"
    if not (folder / "golden").is_dir():
        pytest.skip("the shared reference folder is not beside the checkout")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the shared folder, so that it can be counted."""
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests that use the shared folder ran and how many were skipped."""
    ran = skipped = 0
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            if "shared" in getattr(report, "keywords", {}):
                ran += outcome in {"passed", "failed"} and report.when == "call"
                skipped += outcome == "skipped"
    terminalreporter.write_line(f"tests that use the shared reference folder: {ran} ran, {skipped} skipped")


class MemoryAssay:
    """An assay whose table is in memory: what a reader would give, without files."""

    def __init__(self, kind: str, table: pd.DataFrame, *, scale: str = "log2", assayed: frozenset[str] | None = None):
        self.kind, self._table, self._scale = kind, table, scale
        self.features = list(table.columns)
        self.assayed = frozenset(table.index) if assayed is None else assayed

    def scale(self, feature: str) -> str:
        return self._scale

    def written(self, feature: str) -> str:
        return feature

    def read(self, features):
        return self._table[list(features)]


class MemoryMutations:
    """Mutations in memory."""

    def __init__(self, rows, assayed, *, kind="mutation", genes=None):
        self.kind, self.detail, self.assayed = kind, "variants", frozenset(assayed)
        self._rows = pd.DataFrame(rows, columns=["patient", "gene", "change", "consequence"])
        self.features = sorted(set(self._rows["gene"]) if genes is None else genes)

    def tested(self, gene):
        return self.assayed if gene in self.features else frozenset()

    def variants(self, genes):
        return self._rows[self._rows["gene"].isin(genes)]


@pytest.fixture
def memory_assay():
    return MemoryAssay


@pytest.fixture
def memory_mutations():
    return MemoryMutations


@pytest.fixture
def make_cohort():
    """A cohort in memory: ``make_cohort(mrna=frame, clinical=frame, os=(time, event))``."""
    from strata.cohort.model import Cohort, Endpoint

    def make(*, clinical, name="made", mutations=None, scale="log2", endpoints=None, unit="months", **tables):
        made = {}
        for label, (time, event) in (endpoints or {}).items():
            made[label] = Endpoint(
                label,
                pd.Series(time, index=clinical.index, dtype=float),
                pd.Series(event, index=clinical.index).astype("boolean"),
                unit,
                "made in a test",
            )
        assays = {kind: MemoryAssay(kind, table, scale=scale) for kind, table in tables.items()}
        return Cohort(name, clinical, assays, mutations or {}, made)

    return make
