"""Assays of numbers: which feature stands where in which file, and reading just those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from strata.cohort.duplicate_genes import combine
from strata.cohort.findings import Findings, listed
from strata.cohort.matrix import Matrix
from strata.cohort.numbers import BadNumbers, Floats, missing_words, parse_numbers
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.picks import Picks, plain_picks
from strata.cohort.scales import GISTIC
from strata.cohort.time_points import at_time
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
    samples : mapping of time point to patient to the places of their samples on the sample axis
        The time point is empty where none is known. More than one place where the samples are averaged.
    options : ReadOptions
    """

    kind: str
    matrix: Matrix
    genes_in_rows: bool
    scale: str
    positions: Mapping[str, tuple[int, ...]]
    samples: Picks
    options: ReadOptions

    @property
    def picks(self) -> dict[str, tuple[int, ...]]:
        """The samples behind the plain features, by patient."""
        return plain_picks(self.samples)

    @property
    def assayed(self) -> frozenset[str]:
        """The patients with a sample at any time point."""
        return frozenset(patient for patients in self.samples.values() for patient in patients)

    def written(self, feature: str) -> str:
        """The row or column names behind a feature, with its time point."""
        name, time = self._named(feature)
        genes = self.matrix.row_names if self.genes_in_rows else self.matrix.column_names
        return at_time(listed(list(dict.fromkeys(genes[place] for place in self.positions[name]))), time)

    @property
    def features(self) -> tuple[str, ...]:
        """The plain features, where there are values for them, and ``FEATURE@TIMEPOINT`` for every time point."""
        times = [*([""] if self.picks else []), *filter(None, self.samples)]
        return tuple(at_time(feature, time) for time in times for feature in self.positions)

    def read(self, features: Sequence[str], patients: Sequence[str]) -> Floats:
        """Values of ``features`` of shape (n_features, n_patients), NaN where missing.

        Raises
        ------
        DataError
            For cells that are not numbers, infinite, not a GISTIC call, below 0 on a linear scale, and for genes with
            several different rows; all at once.
        """
        wanted = [self._named(feature) for feature in features]
        places = sorted({place for name, _ in wanted for place in self.positions[name]})
        bad, problems = BadNumbers(), []
        values, columns = self._averaged(self._values(places, bad))
        row = {place: i for i, place in enumerate(places)}
        at = {time: _aligned(picked, columns, patients) for time, picked in {**self.samples, "": self.picks}.items()}
        found = np.full((len(features), len(patients)), np.nan)
        for i, (name, time) in enumerate(wanted):
            rows = values[[row[place] for place in self.positions[name]]]
            if not self._rule and any(not np.array_equal(rows[0], other, equal_nan=True) for other in rows[1:]):
                problems.append(self._conflict(name))
            ours, theirs = at[time]
            found[i, theirs] = combine(rows, self._rule or "first")[ours]
        problems = bad.problems(self.matrix.path) + list(dict.fromkeys(problems))
        if problems:
            raise DataError(problems)
        return found

    @property
    def _rule(self) -> str:
        """How several rows of a gene become one; JetSet has chosen among probes when the table was opened."""
        rule = self.options.duplicate_genes
        return "" if rule == "jetset" else rule

    def _named(self, feature: str) -> tuple[str, str]:
        """The name and the time point of a feature; a few names, such as ``HOXA@``, hold an @ themselves."""
        if feature in self.positions:
            return feature, ""
        name, _, time = feature.rpartition("@")
        return name, time

    def _values(self, places: Sequence[int], bad: BadNumbers) -> Floats:
        """The cells of features at ``places``, of shape (n_places, n_samples), for every sample that counts.

        Row by row of the file, so that no more than one row is in memory as text.
        """
        samples = sorted(place for picked in self.samples.values() for at in picked.values() for place in at)
        values = np.empty((len(places), len(samples)))
        if not places:
            return values
        rows, columns, block = (places, samples, values) if self.genes_in_rows else (samples, places, values.T)
        row = {place: i for i, place in enumerate(rows)}
        words = missing_words(self.options.na)
        for place, cells in self.matrix.rows(rows, columns):
            where = _Places(self.matrix, place, columns)
            numbers = parse_numbers(cells, bad, where, missing=words, decimal=self.options.decimal)
            self._check_scale(numbers, cells, where, bad)
            block[row[place]] = numbers
        return values

    def _check_scale(self, values: Floats, cells: Sequence[str], where: Sequence[str], bad: BadNumbers) -> None:
        if self.scale == "gistic":
            wrong, kind = ~(np.isin(values, GISTIC) | np.isnan(values)), "gistic"
        elif self.scale in {"linear", "counts"} and self.options.scale == self.scale:
            wrong, kind = values < 0, "below-zero"
        else:
            return
        for i in np.flatnonzero(wrong).tolist():
            bad.add(cells[i], where[i], kind)

    def _averaged(self, values: Floats) -> tuple[Floats, dict[tuple[int, ...], int]]:
        """Values with one column for each patient and time point, and the column of each tuple of samples."""
        picked = sorted(at for patients in self.samples.values() for at in patients.values())
        columns = {at: i for i, at in enumerate(picked)}
        if all(len(at) == 1 for at in picked):
            return values, columns
        samples = {sample: i for i, sample in enumerate(sorted(sample for at in picked for sample in at))}
        means = [_mean(values[:, [samples[sample] for sample in at]]) for at in picked]
        return np.column_stack(means), columns

    def _conflict(self, feature: str) -> Problem:
        places = self.positions[feature]
        if self.genes_in_rows:
            where = "lines " + listed([self.matrix.line(place) for place in places])
        else:
            where = "columns " + listed([place + 1 for place in places])
        what = f"{shown(feature)} on {where} with different values"
        fix = f"Choose first, mean, median, max_mean or max_variance: {remedy('duplicate_genes', 'mean')}"
        return Problem(str(self.matrix.path), what, fix)


def _aligned(
    picked: Mapping[str, tuple[int, ...]], columns: Mapping[tuple[int, ...], int], patients: Sequence[str]
) -> tuple[list[int], list[int]]:
    """The columns of a time point and the places in ``patients`` that they are of."""
    pairs = [(columns[picked[patient]], i) for i, patient in enumerate(patients) if patient in picked]
    return [column for column, _ in pairs], [i for _, i in pairs]


def _mean(values: Floats) -> Floats:
    """The mean of each row over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: Floats = np.divide(total, n, out=np.full(len(values), np.nan), where=n > 0)
    return mean


class _Places(Sequence[str]):
    """Where the cells of one row of a matrix are, spelled only when a message needs it."""

    def __init__(self, matrix: Matrix, row: int, columns: Sequence[int]) -> None:
        self.matrix, self.row, self.columns = matrix, row, columns

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, i: Any) -> Any:
        return self.matrix.place(self.row, self.columns[i])


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
            for feature in table.features:
                owner.setdefault(feature, i)
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "features", tuple(owner))

    def scale(self, feature: str) -> str:
        """The scale of the table that gives ``feature``; ``unknown`` for a feature that no table has."""
        owner = self._owner.get(feature)
        return "unknown" if owner is None else self.tables[owner].scale

    def written(self, feature: str) -> str:
        """How the file writes a feature: ``CAP|10487`` for ``CAP1``, the probes behind a gene parted by commas.

        Raises
        ------
        KeyError
            For a feature that no table has.
        """
        return self.tables[self._owner[feature]].written(feature)

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
        blocks = [np.empty((0, len(self.patients)))]
        findings = Findings()
        for owner, some in wanted.items():
            with findings.collecting():
                blocks.append(self.tables[owner].read(some, self.patients))
        findings.stop_if_any()
        values = blocks[-1] if len(blocks) <= 2 else np.vstack(blocks)
        values[:, [i for i, patient in enumerate(self.patients) if patient not in self.assayed]] = np.nan
        names = [feature for some in wanted.values() for feature in some]
        index = pd.Index(self.patients, name="patient", dtype=str)
        frame = pd.DataFrame(values.T, index=index, columns=names, copy=False)
        return frame if names == list(features) else frame[list(features)]
