"""Assays of numbers: which feature stands where in which file, and reading just those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from strata.cohort.duplicate_genes import combine
from strata.cohort.findings import Findings, listed
from strata.cohort.matrix import Matrix, Numbers
from strata.cohort.numbers import BadNumbers, Floats, missing_words, parse_numbers, without_codes
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.picks import Picks, plain_picks
from strata.cohort.scales import GISTIC
from strata.cohort.time_points import BASELINE, at_time
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
    log2 : bool
        Whether the numbers of the file become log2(x + 1).
    """

    kind: str
    matrix: Matrix
    genes_in_rows: bool
    scale: str
    positions: Mapping[str, tuple[int, ...]]
    samples: Picks
    options: ReadOptions
    log2: bool = False

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
        values = self._values(places, patients, bad)
        in_order = [self.positions[name] for name, _ in wanted] == [(place,) for place in places]
        if in_order and list(self.samples) == [""]:
            found = values  # nothing is repeated or at a time point: a large table is not copied
        else:
            row = {place: i for i, place in enumerate(places)}
            at = self._at_times(patients)
            found = np.empty((len(features), len(patients)))
            for i, (name, time) in enumerate(wanted):
                rows = values[[row[place] for place in self.positions[name]]]
                if not self._rule and any(not np.array_equal(rows[0], other, equal_nan=True) for other in rows[1:]):
                    problems.append(self._conflict(name))
                found[i] = combine(rows, self._rule or "first")[at[time]]
        problems = bad.problems(self.matrix.path) + list(dict.fromkeys(problems))
        if problems:
            raise DataError(problems)
        return found

    def _at_times(self, patients: Sequence[str]) -> dict[str, slice | NDArray[np.int64]]:
        """Where the values at each time point stand in a row of ``_values``, and those without one."""
        n = len(patients)
        at: dict[str, slice | NDArray[np.int64]] = {
            time: slice(i * n, i * n + n) for i, time in enumerate(self.samples)
        }
        times = list(self.samples)
        if BASELINE in self.samples:
            plain = self.samples.get("", {})
            first = [times.index("" if patient in plain else BASELINE) * n for patient in patients]
            at[""] = np.array(first, dtype=np.int64) + np.arange(n)
        return at

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

    def _values(self, places: Sequence[int], patients: Sequence[str], bad: BadNumbers) -> Floats:
        """The cells of features at ``places``: their patients at the first time point, then at the next, and so on.

        A piece of the file at a time, so that its text is never in memory as a whole.
        """
        picked = [of.get(patient, ()) for of in self.samples.values() for patient in patients]
        samples = [sample for at in picked for sample in at]
        averaged = any(len(at) > 1 for at in picked)
        filled = range(len(samples)) if averaged else [i for i, at in enumerate(picked) if at]
        values = np.empty((len(places), len(samples) if averaged else len(picked)))
        if len(filled) < values.shape[1]:
            values.fill(np.nan)
        if places and samples:
            self._fill(values, places, dict(zip(samples, filled, strict=True)), bad)
        if not averaged:
            return values
        ends = np.cumsum([len(at) for at in picked]).tolist()
        return np.column_stack([_mean(values[:, end - len(at) : end]) for at, end in zip(picked, ends, strict=True)])

    def _fill(self, values: Floats, places: Sequence[int], samples: Mapping[int, int], bad: BadNumbers) -> None:
        """Read features at ``places`` into the rows of ``values``, and each sample into its column of it."""
        if self.genes_in_rows:
            columns = sorted(samples)
            row = 0
            into = _slice([samples[place] for place in columns])
            for part in self.matrix.numbers(places, columns):
                values[row : row + len(part.places), into] = self._checked(part, columns, bad)
                row += len(part.places)
        else:
            for part in self.matrix.numbers(sorted(samples), places):
                values[:, _slice([samples[place] for place in part.places])] = self._checked(part, places, bad).T

    def _checked(self, part: Numbers, columns: Sequence[int], bad: BadNumbers) -> Floats:
        """The numbers of some rows; cells that are none, or not on the scale, are added to ``bad``."""
        values = without_codes(part.values, missing_words(self.options.na))
        doubtful = ~part.certain
        if (wrong := self._off_scale(values)) is not None:
            doubtful |= wrong[0].any(axis=1)
        for i in np.flatnonzero(doubtful).tolist():
            values[i] = self._looked_at(part.places[i], part.cells(i), columns, bad)
        if self.log2:
            # what is below 0 is in bad, and is not a number here
            values = np.log2(np.where(values < 0, np.nan, values) + 1.0)
        return values

    def _looked_at(self, place: int, cells: list[str], columns: Sequence[int], bad: BadNumbers) -> Floats:
        """The numbers of one row, looked at from the left, as a message names them."""
        where = _Places(self.matrix, place, columns)
        words = missing_words(self.options.na)
        values = parse_numbers(cells, bad, where, missing=words, decimal=self.options.decimal)
        if (wrong := self._off_scale(values)) is not None:
            for i in np.flatnonzero(wrong[0]).tolist():
                bad.add(cells[i], where[i], wrong[1])
        return values

    def _off_scale(self, values: Floats) -> tuple[NDArray[np.bool_], str] | None:
        """The values that cannot be on the scale of this table, and what is wrong with them."""
        if self.scale == "gistic":
            return ~(np.isin(values, GISTIC) | np.isnan(values)), "gistic"
        if self.log2 or (self.scale in {"linear", "counts"} and self.options.scale == self.scale):
            return values < 0, "below-zero"
        return None

    def _conflict(self, feature: str) -> Problem:
        places = self.positions[feature]
        if self.genes_in_rows:
            where = "lines " + listed([self.matrix.line(place) for place in places])
        else:
            where = "columns " + listed([place + 1 for place in places])
        what = f"{shown(feature)} on {where} with different values"
        fix = f"Choose first, mean, median, max_mean or max_variance: {remedy('duplicate_genes', 'mean')}"
        return Problem(str(self.matrix.path), what, fix, code="E314")


def _slice(places: list[int]) -> slice | list[int]:
    """Places in a row as a slice, which is copied much faster."""
    first = places[0]
    return slice(first, first + len(places)) if places == list(range(first, first + len(places))) else places


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
