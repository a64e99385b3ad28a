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


@pytest.fixture(scope="session")
def assert_same_cohort():
    """``assert_same_cohort(one, other)``: the same patients, outcomes, numbers and mutations, to the last bit.

    Clinical columns are compared under their shared names; ``timed=False`` leaves out features at time points.
    """

    def compare(one, other, *, timed=True):
        assert list(one.patients) == list(other.patients)
        assert set(one.endpoints) == set(other.endpoints)
        for name, endpoint in one.endpoints.items():
            ours, theirs = endpoint.in_months(), other.endpoints[name].in_months()
            pd.testing.assert_series_equal(ours.time, theirs.time, check_exact=True)
            pd.testing.assert_series_equal(ours.event, theirs.event)
            assert (ours.entry is None) == (theirs.entry is None)
            if ours.entry is not None:
                pd.testing.assert_series_equal(ours.entry, theirs.entry, check_exact=True)
            assert (ours.competing is None) == (theirs.competing is None)
            if ours.competing is not None:
                pd.testing.assert_series_equal(ours.competing, theirs.competing)
        shared = [*one.choices["harmonised"], *one.choices["harmonised_at_time_points"]]
        pd.testing.assert_frame_equal(one.clinical[shared], other.clinical[shared])
        assert list(one.choices["harmonised"]) == list(other.choices["harmonised"])
        assert set(one.assays) == set(other.assays)
        for kind, assay in one.assays.items():
            theirs = other.assays[kind]
            features = [feature for feature in assay.features if timed or "@" not in feature]
            assert set(features) <= set(theirs.features)
            if timed:
                assert len(features) == len(theirs.features)
            pd.testing.assert_frame_equal(assay.read(features), theirs.read(features), check_exact=True)
            assert {f: assay.scale(f) for f in features} == {f: theirs.scale(f) for f in features}
            assert assay.assayed == theirs.assayed
        assert set(one.mutations) == set(other.mutations)
        for kind, mutations in one.mutations.items():
            theirs = other.mutations[kind]
            assert set(mutations.features) == set(theirs.features)
            assert (mutations.assayed, mutations.detail) == (theirs.assayed, theirs.detail)
            rows = [of.variants(mutations.features) for of in (mutations, theirs)]
            rows = [of.sort_values(list(of.columns), ignore_index=True) for of in rows]
            pd.testing.assert_frame_equal(*rows)
            assert all(mutations.tested(gene) == theirs.tested(gene) for gene in [*mutations.features, "NOT-A-GENE"])

    return compare


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
