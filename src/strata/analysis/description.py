"""What a cohort holds, counted over all of its patients: its tables, its endpoints, its clinical columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.analysis.plan import characteristics
from strata.stratification import Membership
from strata.survival import Setting

if TYPE_CHECKING:
    from strata.analysis.baseline import Characteristic
    from strata.cohort import Cohort
    from strata.cohort.model import Assay, MutationAssay

__all__ = ["ClinicalColumn", "CohortDescription", "CohortEndpoint", "CohortTable"]


@dataclass(frozen=True, slots=True)
class CohortTable:
    """What was measured by one assay.

    Parameters
    ----------
    kind : str
        Such as ``mrna``.
    patients, features : int
        Patients measured, and genes or other features.
    scales : mapping of scale to number of features
        Empty for mutations.
    files : tuple of str
        Names of the files it was read from.
    """

    kind: str
    patients: int
    features: int
    scales: Mapping[str, int]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CohortEndpoint:
    """An endpoint.

    Parameters
    ----------
    name : str
    n, events : int
        Patients with a known time and event, and events among them.
    median_follow_up : float
        Months, by the reverse Kaplan-Meier method; NaN where it is not reached.
    definition : str
        Columns and words it was read from.
    """

    name: str
    n: int
    events: int
    median_follow_up: float
    definition: str


@dataclass(frozen=True, slots=True)
class ClinicalColumn:
    """A harmonised clinical column.

    Parameters
    ----------
    name, source : str
        Its name in strata, and in the file.
    counts : mapping of word to number of patients
        Empty for numbers.
    quartiles : tuple of three floats
        Lower quartile, median and upper quartile; empty for words.
    unknown : int
        Patients without a value.
    """

    name: str
    source: str
    counts: Mapping[str, int]
    quartiles: tuple[float, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class CohortDescription:
    """What a cohort holds.

    Parameters
    ----------
    patients : int
    tables : tuple of CohortTable
    complete : int
        Patients with all of the tables.
    endpoints : tuple of CohortEndpoint
    columns : tuple of ClinicalColumn
    """

    patients: int
    tables: tuple[CohortTable, ...]
    complete: int
    endpoints: tuple[CohortEndpoint, ...]
    columns: tuple[ClinicalColumn, ...]

    @classmethod
    def of(cls, cohort: Cohort) -> CohortDescription:
        """Count everything in a cohort."""
        everyone = set(cohort.patients)
        assayed = {kind: everyone & set(table.assayed) for kind, table in _measured(cohort).items()}
        return cls(
            patients=len(cohort.patients),
            tables=tuple(_tables(cohort, {kind: len(patients) for kind, patients in assayed.items()})),
            complete=len(everyone.intersection(*assayed.values())),
            endpoints=tuple(_endpoints(cohort)),
            columns=tuple(_column(column, cohort) for column in characteristics(cohort)),
        )


def _measured(cohort: Cohort) -> dict[str, Assay | MutationAssay]:
    return {**cohort.assays, **cohort.mutations}


def _tables(cohort: Cohort, patients: Mapping[str, int]) -> Iterator[CohortTable]:
    about: Mapping[str, Any] = cohort.choices.get("assays", {})
    for kind, table in _measured(cohort).items():
        own = cohort.assays.get(kind)
        scales = {} if own is None else dict(Counter(own.scale(feature) for feature in own.features))
        said = about.get(kind, {})
        files = [*said.get("files", ()), *(part["file"] for part in said.get("tables", ()))]
        names = tuple(dict.fromkeys(Path(file).name for file in files))
        yield CohortTable(kind, patients[kind], len(table.features), scales, names)


def _endpoints(cohort: Cohort) -> Iterator[CohortEndpoint]:
    everyone = np.ones(len(cohort.patients), dtype=bool)
    for name, endpoint in cohort.endpoints.items():
        seen = Setting(cohort, Membership(everyone, ~everyone, ""), endpoint).outcome
        yield CohortEndpoint(name, seen.time.size, int(seen.event.sum()), seen.follow_up, endpoint.definition)


def _column(column: Characteristic, cohort: Cohort) -> ClinicalColumn:
    source = cohort.choices["harmonised"][column.name]
    known = column.codes >= 0
    counts: dict[str, int] = {}
    quartiles: tuple[float, ...] = ()
    if column.is_number(known):
        quartiles = tuple(np.quantile(column.numbers[known], (0.25, 0.5, 0.75)).tolist())
    else:
        counts = dict(zip(column.levels, np.bincount(column.codes[known], minlength=len(column.levels)).tolist()))
    named = source.get("column", "") if isinstance(source, Mapping) else source
    return ClinicalColumn(column.name, str(named), counts, quartiles, int((~known).sum()))
