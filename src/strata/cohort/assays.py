"""Assays of numbers: which feature stands where in which file, and reading just those."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from strata.cohort.findings import Findings, listed
from strata.cohort.matrix import Matrix
from strata.cohort.numbers import BadNumbers, Floats, missing_words, parse_numbers
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.scales import GISTIC
from strata.errors import DataError, Problem, shown

__all__ = ["MatrixTable", "NumberAssay"]


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """One matrix of an assay, lying either way.

    Parameters
    ----------
    kind : str
    matrix : Matrix
    genes_in_rows : bool
    scale : str
    positions : mapping of feature to its places on the gene axis
    picks : mapping of patient to the places of their samples on the sample axis
        More than one place where the samples are averaged.
    options : ReadOptions
    """

    kind: str
    matrix: Matrix
    genes_in_rows: bool
    scale: str
    positions: Mapping[str, tuple[int, ...]]
    picks: Mapping[str, tuple[int, ...]]
    options: ReadOptions

    def read(self, features: Sequence[str]) -> dict[str, Floats]:
        """Values of ``features``, each of shape (n patients of ``picks``,).

        Raises
        ------
        DataError
            For cells that are not numbers, infinite, not a GISTIC call, below 0 on a linear scale, and for genes with
            several different rows; all at once.
        """
        places = sorted({place for feature in features for place in self.positions[feature]})
        bad, problems = BadNumbers(), []
        vectors = self._vectors(places, bad)
        found: dict[str, Floats] = {}
        for feature in features:
            rows = [vectors[place] for place in self.positions[feature]]
            if not self.options.duplicate_genes and any(
                not np.array_equal(rows[0], row, equal_nan=True) for row in rows
            ):
                problems.append(self._conflict(feature))
            found[feature] = self._one(rows)
        problems = bad.problems(self.matrix.path) + problems
        if problems:
            raise DataError(problems)
        return found

    def _vectors(self, places: Sequence[int], bad: BadNumbers) -> dict[int, Floats]:
        if self.genes_in_rows:
            raw = dict(self.matrix.rows(places))
        else:
            raw = dict(zip(places, self.matrix.columns(places), strict=True))
        words = missing_words(self.options.na)
        samples = sorted({sample for picked in self.picks.values() for sample in picked})
        found = {}
        for place in places:
            where = _Places(self.matrix, place, samples, genes_in_rows=self.genes_in_rows)
            cells = [raw[place][sample] for sample in samples]
            values = parse_numbers(cells, bad, where, missing=words, decimal=self.options.decimal)
            self._check_scale(values, cells, where, bad)
            found[place] = self._by_patient(values, samples)
        return found

    def _check_scale(self, values: Floats, cells: Sequence[str], where: Sequence[str], bad: BadNumbers) -> None:
        if self.scale == "gistic":
            wrong, kind = ~(np.isin(values, GISTIC) | np.isnan(values)), "gistic"
        elif self.scale in {"linear", "counts"} and self.options.scale == self.scale:
            wrong, kind = values < 0, "below-zero"
        else:
            return
        for i in np.flatnonzero(wrong).tolist():
            bad.add(cells[i], where[i], kind)

    def _by_patient(self, values: Floats, samples: Sequence[int]) -> Floats:
        at = {sample: i for i, sample in enumerate(samples)}
        if all(len(picked) == 1 for picked in self.picks.values()):
            return values[[at[picked[0]] for picked in self.picks.values()]]
        return np.array([_mean([values[at[sample]] for sample in picked]) for picked in self.picks.values()])

    def _one(self, rows: list[Floats]) -> Floats:
        if len(rows) == 1 or self.options.duplicate_genes in {"", "first"}:
            return rows[0]
        stacked = np.vstack(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a patient without any value stays NaN
            if self.options.duplicate_genes == "mean":
                averaged: Floats = np.nanmean(stacked, axis=0)
                return averaged
            means = np.nanmean(stacked, axis=1)
        return rows[int(np.argmax(np.where(np.isnan(means), -np.inf, means)))]

    def _conflict(self, feature: str) -> Problem:
        places = self.positions[feature]
        if self.genes_in_rows:
            where = "lines " + listed([self.matrix.line(place) for place in places])
        else:
            where = "columns " + listed([place + 1 for place in places])
        what = f"{shown(feature)} on {where} with different values"
        fix = f"Choose first, mean or max_mean: {remedy('duplicate_genes', 'mean')}"
        return Problem(str(self.matrix.path), what, fix)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


class _Places(Sequence[str]):
    """Where the cells of one gene are, spelled only when a message needs it."""

    def __init__(self, matrix: Matrix, gene: int, samples: Sequence[int], *, genes_in_rows: bool) -> None:
        self.matrix, self.gene, self.samples, self.genes_in_rows = matrix, gene, samples, genes_in_rows

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, i: Any) -> Any:
        row, column = (self.gene, self.samples[i]) if self.genes_in_rows else (self.samples[i], self.gene)
        return self.matrix.place(row, column)


@dataclass(frozen=True, eq=False)
class NumberAssay:
    """An :class:`~strata.cohort.model.Assay` over one or more matrices; the first that has a feature gives it.

    Parameters
    ----------
    kind : str
    tables : tuple of MatrixTable
    patients : tuple of str
        The cohort's patients, in order.
    assayed : frozenset of str
    """

    kind: str
    tables: tuple[MatrixTable, ...]
    patients: tuple[str, ...]
    assayed: frozenset[str]
    features: tuple[str, ...] = field(init=False)
    _owner: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        owner: dict[str, int] = {}
        for i, table in enumerate(self.tables):
            for feature in table.positions:
                owner.setdefault(feature, i)
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "features", tuple(owner))

    def scale(self, feature: str) -> str:
        """The scale of the table that gives ``feature``; ``unknown`` for a feature that no table has."""
        owner = self._owner.get(feature)
        return "unknown" if owner is None else self.tables[owner].scale

    def read(self, features: Sequence[str]) -> pd.DataFrame:
        """Values of ``features``: a float frame (n_patients, n_features), NaN where missing.

        Parameters
        ----------
        features : sequence of str
            Names from ``features``.

        Returns
        -------
        pandas.DataFrame
            Rows are the cohort's patients in the cohort's order, columns the features in the order asked.

        Raises
        ------
        KeyError
            For a feature that no table has.
        DataError
            For cells that cannot be used, as :meth:`MatrixTable.read`, of all tables at once.
        """
        wanted: dict[int, list[str]] = {}
        for feature in dict.fromkeys(features):
            wanted.setdefault(self._owner[feature], []).append(feature)
        at = {patient: i for i, patient in enumerate(self.patients)}
        found: dict[str, Floats] = {}
        findings = Findings()
        for owner, names in wanted.items():
            table = self.tables[owner]
            rows = np.array([at[patient] for patient in table.picks], dtype=np.intp)
            with findings.collecting():
                for name, values in table.read(names).items():
                    full = np.full(len(self.patients), np.nan)
                    full[rows] = values
                    found[name] = full
        findings.stop_if_any()
        index = pd.Index(self.patients, name="patient", dtype=str)
        frame = pd.DataFrame({name: found[name] for name in found}, index=index, dtype=float)
        outside = [i for i, patient in enumerate(self.patients) if patient not in self.assayed]
        frame.iloc[outside] = np.nan
        return frame.loc[:, list(features)]
