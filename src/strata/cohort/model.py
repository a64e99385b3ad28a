"""What a cohort is: patients with clinical values, assays and endpoints. Values only; reading is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from strata.notebook import Shown, Summary

if TYPE_CHECKING:
    import pandas as pd

    Series = pd.Series[Any]

__all__ = ["DAYS_PER_MONTH", "MONTHS_PER", "Assay", "Cohort", "Endpoint", "Exclusion", "MutationAssay", "TimeUnit"]

TimeUnit = Literal["days", "months", "years"]

DAYS_PER_MONTH = 30.4375
"""One month of the output: a twelfth of 365.25 days."""

MONTHS_PER: Mapping[str, float] = {"days": 1.0 / DAYS_PER_MONTH, "months": 1.0, "years": 12.0}


@dataclass(frozen=True, eq=False, slots=True)
class Endpoint:
    """A time-to-event endpoint of one cohort.

    Parameters
    ----------
    name : str
        The endpoint's name in capitals (``"OS"``).
    time : pandas.Series of float, indexed by patient
        Time from entry into the study to the event or to the end of follow-up, in ``unit``; NaN where unknown.
    event : pandas.Series of nullable boolean, indexed by patient
        True: the event was seen at ``time``; False: censored at ``time``; NA: unknown.
    unit : {"days", "months", "years"}
        Unit of ``time`` and ``entry``.
    definition : str
        Which columns of which file it comes from and which words were read as the event.
    entry : pandas.Series of float, optional
        Delayed entry (left truncation), in ``unit``.
    competing : pandas.Series of boolean, indexed by patient, optional
        True: an event was seen at ``time`` after which the event can no longer happen; ``event`` is then False.
    competing_words : tuple of str
        What the competing events are called.
    columns : tuple of str
        The clinical columns that tell this outcome, also those that are not used: none of them can explain it.
    marker_time : pandas.Series of float, optional
        When the marker was measured, in ``unit``, where a clinical column of that name tells and there is no ``entry``.
    """

    name: str
    time: Series
    event: Series
    unit: TimeUnit
    definition: str
    entry: Series | None = None
    competing: Series | None = None
    competing_words: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    marker_time: Series | None = None

    def in_months(self) -> Endpoint:
        """The same endpoint with its times in months of 30.4375 days."""
        if self.unit == "months":
            return self
        factor = MONTHS_PER[self.unit]
        entry = None if self.entry is None else self.entry * factor
        measured = None if self.marker_time is None else self.marker_time * factor
        return replace(self, time=self.time * factor, unit="months", entry=entry, marker_time=measured)


class Assay(Protocol):
    """A table of numbers by patient and feature, backed by its files: nothing but names is read before ``read``."""

    @property
    def kind(self) -> str:
        """``mrna``, ``protein``, ``copy_number``, ``serum``, ``mirna``."""

    @property
    def features(self) -> Sequence[str]:
        """The features of the tables: HGNC symbols, ``EIF4EBP1_pS65``, ``hsa-miR-21-5p``.

        ``IGF1R@post`` is the value at a time point; ``IGF1R`` the value without one, else the one at ``pre``.
        """

    @property
    def assayed(self) -> frozenset[str]:
        """The patients who were assayed."""

    def scale(self, feature: str) -> str:
        """``log2``, ``linear``, ``counts``, ``z-score``, ``gistic``, ``copies`` or ``unknown``."""

    def written(self, feature: str) -> str:
        """How the file writes a feature: ``CAP|10487`` for ``CAP1``; a time point as in the feature."""

    def read(self, features: Sequence[str]) -> pd.DataFrame:
        """Values of ``features`` as a float frame (n_patients, n_features), NaN where missing.

        Rows are all the cohort's patients in the cohort's order, columns are ``features`` in the order asked. It costs
        what is asked for: a table with genes in rows is read through once, in bounded memory, by block after block of
        the features in their own order.
        """


class MutationAssay(Protocol):
    """Mutations (``mutation``: somatic, ``germline``) with who was tested for which gene."""

    @property
    def kind(self) -> str:
        """``mutation`` or ``germline``."""

    @property
    def features(self) -> Sequence[str]:
        """Genes on the panel, or with a row in the table when no panel is known; rs ids with genotypes."""

    @property
    def assayed(self) -> frozenset[str]:
        """The patients who were sequenced; when that is unknown, those with a row."""

    @property
    def detail(self) -> Literal["variants", "binary"]:
        """``binary``: a 0/1 matrix, which says that a gene is mutated but not how."""

    def tested(self, gene: str) -> frozenset[str]:
        """The patients whose panel holds ``gene``; patients outside are unknown for it."""

    def variants(self, genes: Sequence[str]) -> pd.DataFrame:
        """Every row of the table in ``genes``: text columns ``patient``, ``gene``, ``change``, ``consequence``.

        ``change`` is the protein change in the short form of HGVS without ``p.`` (``H1047R``), the table's own text
        where that is in no known form, empty where there is none. ``consequence`` is one of ``missense``,
        ``truncating``, ``inframe``, ``splice``, ``other`` (these count as mutated), ``silent`` (does not: Silent,
        Intron, IGR, UTR and Flank), or ``unknown`` (counts as mutated, the kind is not known).
        For ``germline``, ``gene`` may be an rs id and ``change`` a genotype (``G/T``, alleles in order); a patient
        without a call is not in ``tested``.
        """


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Patients or rows that were left out, and why. Counts only: no ids."""

    step: str
    """``read``, ``population``, ``endpoint``."""
    reason: str
    n: int


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Cohort(Shown):
    """A cohort: patients with clinical values, assays and endpoints.

    Parameters
    ----------
    name : str
        Letters, digits and ``. _ -``, at most 64.
    clinical : pandas.DataFrame
        Patients are rows, indexed by patient id (text, unique). Harmonised columns (``er``, ``node`` ...) carry the
        shared vocabulary as text with NA for unknown; every other column keeps its own name and text. Values at a time
        point stand in columns such as ``ki67@day15``.
    assays : mapping of kind to Assay
        The number tables: ``mrna``, ``protein``, ``copy_number``, ``serum``, ``mirna``.
    mutations : mapping of kind to MutationAssay
        ``mutation`` and ``germline``.
    endpoints : mapping of name to Endpoint
    exclusions : tuple of Exclusion
        What reading left out.
    notes : tuple of str
        What reading found and decided, in plain words.
    choices : mapping
        The same decisions as data, for the run record.
    source : tuple of Path
        Every file that was read.
    """

    name: str
    clinical: pd.DataFrame
    assays: Mapping[str, Assay]
    mutations: Mapping[str, MutationAssay]
    endpoints: Mapping[str, Endpoint]
    exclusions: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)
    source: tuple[Path, ...] = ()

    @property
    def patients(self) -> pd.Index[str]:
        """The patient ids, in the cohort's order."""
        return self.clinical.index

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint called ``name``, in any case.

        Raises
        ------
        DataError
            When the cohort has no such endpoint; the message lists those it has.
        """
        from strata.errors import DataError, Problem

        found = self.endpoints.get(name.upper())
        if found is None:
            has = ", ".join(self.endpoints) or "none"
            raise DataError(
                Problem(
                    f"cohort {self.name}",
                    f"no endpoint {name}; it has {has}",
                    "Name the columns under endpoints: in a cohort YAML",
                    code="E811",
                )
            )
        return found

    def _summary(self) -> Summary:
        facts: dict[str, object] = {"patients": len(self.patients), "clinical columns": self.clinical.shape[1]}
        for endpoint in self.endpoints.values():
            known = int((endpoint.time.notna() & endpoint.event.notna()).sum())
            events = int(endpoint.event.fillna(False).sum())
            facts[f"endpoint {endpoint.name}"] = f"{events:,} events in {known:,} patients, time in {endpoint.unit}"
        tables: Mapping[str, Assay | MutationAssay] = {**self.assays, **self.mutations}
        for kind, assay in tables.items():
            facts[kind] = f"{len(assay.features):,} features in {len(assay.assayed):,} patients"
        left_out = [f"left out at {e.step}: {e.reason} ({e.n:,})" for e in self.exclusions]
        return Summary(f"Cohort {self.name}", facts, notes=[*left_out, *self.notes])
