"""The tables of a cohort, before any layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strata.writing.text import decimals, three_decimals

__all__ = [
    "FIRST",
    "CohortTables",
    "EndpointTable",
    "MutationRow",
    "MutationTable",
    "NumberTable",
    "Panel",
]

FIRST = "pre"
"""The time point of everybody's first sample."""


@dataclass(frozen=True, eq=False, slots=True)
class EndpointTable:
    """An endpoint, (n_patients,) each: ``time`` in months; ``event``, True seen, False censored; ``known``."""

    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    known: NDArray[np.bool_]

    def texts(self) -> tuple[list[str], list[str]]:
        """The times with two decimals, and the events as 1 or 0; both ``NA`` where they are not known."""
        times = [decimals(time, 2) for time in self.time]
        events = [str(int(event)) for event in self.event]
        hidden = [["NA" if not known else text for text, known in zip(of, self.known)] for of in (times, events)]
        return hidden[0], hidden[1]


@dataclass(frozen=True, eq=False, slots=True)
class NumberTable:
    """Numbers by feature and patient: ``cells`` (n_features, n_patients), NaN missing; ``assayed`` (n_patients,)."""

    features: tuple[str, ...]
    cells: NDArray[np.float64]
    assayed: NDArray[np.bool_]
    composite: Mapping[str, str]
    """Feature to its name in a cBioPortal protein table, where it differs."""
    later: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)
    """Later time point to feature to values (n_patients,), NaN where there is no sample or the value is missing."""
    spell: Callable[[float], str] = three_decimals
    """How a number is written."""
    kind: str = ""
    """The assay, where a cohort has several tables of one under names of their own."""
    scale: str = ""
    """The scale, where the table is to say it."""

    def blocks(self) -> Iterator[NumberTable]:
        """The table in pieces of whole features, each small enough for memory."""
        yield self


@dataclass(frozen=True, slots=True)
class MutationRow:
    """One row of a MAF: ``change`` with its ``p.`` (``p.H1047R``)."""

    patient: int
    gene: str
    classification: str
    change: str


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """A gene panel: its genes, None where they are not known, and who was sequenced with it (n_patients,)."""

    name: str
    genes: tuple[str, ...] | None
    patients: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class MutationTable:
    """The rows of a MAF, who was sequenced (n_patients,), and the panel with its genes."""

    rows: Iterable[MutationRow]
    sequenced: NDArray[np.bool_]
    panel: str
    genes: tuple[str, ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Who was sequenced with which panel; empty where that is not known."""
        return (Panel(self.panel, self.genes, self.sequenced),)

    def cells(self) -> Iterator[list[str]] | None:
        """The rows of a 0/1 matrix, genes x patients, the header first, where that is all there is; else None."""
        return None


@dataclass(frozen=True, eq=False, slots=True)
class CohortTables:
    """A cohort, patient by patient in one order, ready for the writers.

    Parameters
    ----------
    name, description : str
        Of the cohort, or of the scenario that it was made from.
    patients : tuple of str
        The ids.
    clinical : mapping of column to texts
        One text per patient, None where missing.
    endpoints : mapping of name to EndpointTable
    numbers : mapping of kind to NumberTable
        ``mrna``, ``protein``, ``serum``, ``mirna`` and ``copy_number`` (GISTIC calls -2 to 2).
    mutations, germline : MutationTable, optional
    genotypes : mapping of rs id to texts
        ``G/T`` per patient, None where missing.
    genotyped : (n_patients,)
    later_samples : mapping of time point to who gave a sample then, (n_patients,)
    later_clinical : mapping of time point to columns
        As ``clinical``; None where there is no sample.
    synthetic : bool
        Whether the values are invented, which the files then say.
    one_maf : bool
        Whether inherited changes stand among the mutations, as every gene of that table was looked at for both.
    """

    name: str
    description: str
    patients: tuple[str, ...]
    clinical: Mapping[str, tuple[str | None, ...]]
    endpoints: Mapping[str, EndpointTable]
    numbers: Mapping[str, NumberTable]
    mutations: MutationTable | None
    germline: MutationTable | None
    genotypes: Mapping[str, tuple[str | None, ...]]
    genotyped: NDArray[np.bool_]
    later_samples: Mapping[str, NDArray[np.bool_]]
    later_clinical: Mapping[str, Mapping[str, tuple[str | None, ...]]]
    synthetic: bool = True
    one_maf: bool = False
