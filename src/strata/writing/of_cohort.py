"""A cohort that was read, as the tables that the writers of the layouts take."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from strata.writing.of_mutations import genes_of, genotypes_of, mutations_of
from strata.writing.tables import FIRST, CohortTables, EndpointTable, NumberTable
from strata.writing.text import shortest

if TYPE_CHECKING:
    from strata.cohort.model import Assay, Cohort, Endpoint, MutationAssay

__all__ = ["COMPETING", "endpoint_columns", "tables_of_cohort"]

COMPETING = "competing"
"""The word for a competing event in the event column."""

_CELLS = 1 << 21
"""Numbers that are in memory together."""

_BREAKS = re.compile(r"[\t\r\n]+")

_SITE = re.compile(r"_p[STY]\d.*")
_OF_ENDPOINT = r"{0}([_. ](months|days|years|time|event|status|entry))?"


def tables_of_cohort(cohort: Cohort) -> CohortTables:
    """The tables of a cohort. Its numbers and mutations are read as they are written, a block of genes at a time.

    The clinical columns of endpoints are left out: the endpoints are written instead, in months.
    """
    patients = tuple(cohort.patients)
    plain, at_times = _clinical(cohort)
    for name, endpoint in cohort.endpoints.items():
        if (entry := endpoint.in_months().entry) is not None:
            plain[f"{name.lower()}_entry"] = tuple(None if text == "NA" else text for text in map(shortest, entry))
    numbers = {
        f"{kind} {scale}": _AssayTable.of(assay, features, patients, scale)
        for kind, assay in cohort.assays.items()
        for scale, features in _by_scale(assay).items()
    }
    mutations, germline = (cohort.mutations.get(kind) for kind in ("mutation", "germline"))
    genotypes = genotypes_of(germline, patients) if germline else {}
    return CohortTables(
        name=cohort.name,
        description=f"Written by strata; read in the layout {cohort.choices['layout']['name']}.",
        patients=patients,
        clinical=plain,
        endpoints={name: _Endpoint.of(endpoint) for name, endpoint in cohort.endpoints.items()},
        numbers=numbers,
        mutations=mutations_of(mutations, cohort) if mutations else None,
        germline=mutations_of(germline, cohort) if germline and genes_of(germline) else None,
        genotypes=genotypes,
        genotyped=np.array([any(of[i] for of in genotypes.values()) for i in range(len(patients))], dtype=bool),
        later_samples=_sampled(numbers.values(), at_times, len(patients)),
        later_clinical=at_times,
        synthetic=False,
        one_maf=mutations is not None and germline is not None and _in_one_maf(mutations, germline),
    )


def _in_one_maf(mutations: MutationAssay, germline: MutationAssay) -> bool:
    """Whether somatic and inherited changes are of the same genes, as those of one MAF are."""
    lists = {mutations.detail, germline.detail} == {"variants"}
    return lists and genes_of(mutations) == genes_of(germline)


Texts = dict[str, tuple[str | None, ...]]


def endpoint_columns(cohort: Cohort) -> list[str]:
    """The clinical columns that tell of an endpoint, also those it is not read from."""
    used = {column for endpoint in cohort.endpoints.values() for column in endpoint.columns}
    patterns = [_OF_ENDPOINT.format(re.escape(name)) for name in cohort.endpoints]
    named = re.compile("|".join(patterns) or "$^", re.IGNORECASE)
    return [name for name in map(str, cohort.clinical.columns) if name in used or named.fullmatch(name)]


def _clinical(cohort: Cohort) -> tuple[Texts, dict[str, Texts]]:
    """The clinical columns, and those at time points (``ki67@day15``) by time point, ``pre`` too if there are any.

    Of a column that was understood under a shared name, its own is written. A break or tab in a cell becomes a space,
    and a quote in a column's name an apostrophe: no TSV can hold them.
    """
    names = list(map(str, cohort.clinical.columns))
    left_out = {*endpoint_columns(cohort), *_shared_names(cohort, names)}
    plain: Texts = {}
    at_times: dict[str, Texts] = {}
    for name in names:
        column, _, time = name.rpartition("@") if "@" in name[1:-1] else (name, "", "")
        if {name, column} & left_out:
            continue
        cells = cohort.clinical[name]
        texts = tuple(
            _BREAKS.sub(" ", cell) if known else None for cell, known in zip(cells, cells.notna(), strict=True)
        )
        into = at_times.setdefault(time, {}) if time else plain
        into[_BREAKS.sub(" ", column).replace('"', "'")] = texts
    return plain, {FIRST: {}, **at_times} if at_times else {}


def _shared_names(cohort: Cohort, names: Collection[str]) -> Iterator[str]:
    """The shared names (``er``, ``ki67@day15``) of columns that are there under names of their own too."""
    for key in ("harmonised", "harmonised_at_time_points"):
        for concept, about in cohort.choices[key].items():
            _, at, time = concept.partition("@")
            own = about["column"] + at + time
            if own != concept and own in names:
                yield concept


def _sampled(tables: Iterable[NumberTable], at_times: Mapping[str, Texts], n: int) -> dict[str, NDArray[np.bool_]]:
    """Who has any value at each time point but the first, of which everybody has a sample."""
    found = {time: np.zeros(n, dtype=bool) for time in at_times}
    for time, columns in at_times.items():
        for texts in columns.values():
            found[time] |= np.array([text is not None for text in texts])
    for table in tables:
        for time in table.later:
            found.setdefault(time, np.zeros(n, dtype=bool))
        for block in table.blocks() if table.later else ():
            for time, rows in block.later.items():
                for values in rows.values():
                    found[time] |= ~np.isnan(values)
    return {time: sampled for time, sampled in found.items() if time != FIRST}


@dataclass(frozen=True, eq=False, slots=True)
class _Endpoint(EndpointTable):
    """An endpoint in months, with the competing events that the simulated ones never have."""

    competing: NDArray[np.bool_]

    @classmethod
    def of(cls, endpoint: Endpoint) -> _Endpoint:
        """An endpoint of a cohort."""
        months = endpoint.in_months()
        known = months.event.notna().to_numpy()
        event = months.event.fillna(False).to_numpy(dtype=bool)
        none = np.zeros(len(known), dtype=bool)
        competing = none if months.competing is None else months.competing.fillna(False).to_numpy(dtype=bool)
        return cls(months.time.to_numpy(dtype=float), event, known, competing)

    def texts(self) -> tuple[list[str], list[str]]:
        """The times as they are, and the events as 1, 0 or the word for competing ones."""
        words = np.where(self.competing, COMPETING, np.where(self.event, "1", "0"))
        events = np.where(self.known, words, "NA")
        return [shortest(time) for time in self.time.tolist()], events.tolist()


def _by_scale(assay: Assay) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for feature in assay.features:
        found.setdefault(assay.scale(feature), []).append(feature)
    return found


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _AssayTable(NumberTable):
    """The features of an assay that are on one scale."""

    assay: Assay
    patients: tuple[str, ...]
    timed: Mapping[str, Mapping[str, str]]
    """Feature to its time points, and what the assay calls it there (``IGF1R@post``)."""

    @classmethod
    def of(cls, assay: Assay, features: Sequence[str], patients: tuple[str, ...], scale: str) -> _AssayTable:
        """Some features of an assay."""
        timed: dict[str, dict[str, str]] = {}
        plain = dict.fromkeys(features)
        for feature in features:
            name, at, time = feature.rpartition("@")
            # a few names, such as HOXA@, hold an @ themselves
            if at and name and time:
                timed.setdefault(name, {})[time] = feature
                del plain[feature]
        times = dict.fromkeys(time for of in timed.values() for time in of)
        names = {*plain, *timed}
        composite = {name: f"{_SITE.sub('', name)}|{name}" for name in names} if assay.kind == "protein" else {}
        return cls(
            features=tuple(plain),
            cells=np.empty((0, len(patients))),
            assayed=np.array([patient in assay.assayed for patient in patients]),
            composite=composite,
            later={FIRST: {}, **{time: {} for time in times}} if times else {},
            spell=shortest,
            kind=assay.kind,
            scale=scale,
            assay=assay,
            patients=patients,
            timed=timed,
        )

    def blocks(self) -> Iterator[NumberTable]:
        """The table in blocks of features, read one after the other."""
        names = list(dict.fromkeys([*self.features, *self.timed]))
        plain = frozenset(self.features)
        step = max(1, _CELLS // (max(1, len(self.patients)) * max(1, len(self.later))))
        for start in range(0, len(names), step):
            some = names[start : start + step]
            now = [name for name in some if name in plain]
            then = [feature for name in some for feature in self.timed.get(name, {}).values()]
            values = dict(zip([*now, *then], self.assay.read([*now, *then]).to_numpy().T, strict=True))
            later = {
                time: {name: values[self.timed[name][time]] for name in some if time in self.timed.get(name, {})}
                for time in self.later
            }
            cells = np.array([values[name] for name in now]).reshape(len(now), len(self.patients))
            yield NumberTable(tuple(now), cells, self.assayed, self.composite, later, shortest)
