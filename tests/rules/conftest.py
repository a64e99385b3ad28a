"""A plain cohort as strata sees it, and the shipped signature files as plain data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from strata.cohort import Cohort
from strata.scoring import Resources
from strata.signatures import Centroids, GeneList

from .plain_rules import PlainCohort, Rule


@pytest.fixture(scope="session")
def entries() -> dict[str, Rule]:
    """Every shipped file by id, as a YAML reader gives it."""
    folder = Path(__file__).resolve().parents[2] / "signatures"
    return {path.stem: YAML(typ="safe").load(path) for path in sorted(folder.glob("*.yaml"))}


@pytest.fixture(scope="session")
def to_strata() -> Callable[[PlainCohort], tuple[Cohort, Resources]]:
    """Make the cohort and resources that hold the same data as a plain cohort."""

    def make(plain: PlainCohort) -> tuple[Cohort, Resources]:
        assays = {kind: TableAssay(kind, table, plain) for kind, table in plain.numbers.items()}
        mutations = {kind: PanelMutations(kind, plain) for kind in plain.variants}
        clinical = frame(plain.clinical, plain.patients).astype("string")
        return Cohort("made", clinical, assays, mutations, {}), resources(plain)  # type: ignore[arg-type]

    return make


def with_baseline(table: dict[str, Any]) -> dict[str, Any]:
    """Readers give a feature that was measured at ``pre`` its plain name too."""
    plain = {key.removesuffix("@pre"): column for key, column in table.items() if key.endswith("@pre")}
    return plain | table


def frame(table: dict[str, Any], patients: list[str]) -> pd.DataFrame:
    columns = {key: [column[patient] for patient in patients] for key, column in with_baseline(table).items()}
    return pd.DataFrame(columns, index=pd.Index(patients, dtype=object))


class TableAssay:
    """Numbers in memory; who has a value was assayed."""

    def __init__(self, kind: str, table: dict[str, Any], plain: PlainCohort) -> None:
        self.kind, self._scale = kind, plain.scales[kind]
        self._table = frame(table, plain.patients).astype(float)
        self.features = list(self._table.columns)
        self.assayed = frozenset(self._table.index[self._table.notna().any(axis=1)])

    def scale(self, feature: str) -> str:
        return self._scale

    def written(self, feature: str) -> str:
        return feature

    def read(self, features: Any) -> pd.DataFrame:
        return self._table[list(features)]


class PanelMutations:
    """Mutations in memory, with a panel of genes for each patient."""

    detail = "variants"

    def __init__(self, kind: str, plain: PlainCohort) -> None:
        self.kind, self._tested = kind, plain.tested[kind]
        self._rows = pd.DataFrame(plain.variants[kind], columns=["patient", "gene", "change", "consequence"], dtype=str)
        self.features = sorted({*self._tested, *self._rows["gene"]})
        self.assayed = frozenset().union(*self._tested.values())

    def tested(self, gene: str) -> frozenset[str]:
        return frozenset(self._tested.get(gene, ()))

    def variants(self, genes: Any) -> pd.DataFrame:
        return self._rows[self._rows["gene"].isin(list(genes))]


def resources(plain: PlainCohort) -> Resources:
    lists = {
        name: GeneList(name, weights, set(weights.values()) != {1.0}, Path("made.gmt"))
        for name, weights in plain.gene_lists.items()
    }
    centroids = {}
    for scheme, classes in plain.centroids.items():
        genes = tuple(next(iter(classes.values())))
        values = np.array([[column[gene] for column in classes.values()] for gene in genes])
        centroids[scheme] = Centroids(scheme, genes, tuple(classes), values, Path("made.tsv"))
    return Resources(gene_lists=lists, centroids=centroids, min_coverage=plain.min_coverage)
