"""Reading a cohort: find the files, link samples to patients, harmonise, open the assays, and report all at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from strata.cohort.assay_tables import TableSource, build_assay, same_but_for_case
from strata.cohort.clinical import PatientTable, patient_table
from strata.cohort.clinical_ids import link_samples, row_ids
from strata.cohort.endpoints import find_endpoints, refuse_cnsr
from strata.cohort.findings import Findings, listed
from strata.cohort.harmonise import harmonise
from strata.cohort.identifiers import Links, natural_order
from strata.cohort.layouts import find_files
from strata.cohort.model import Assay, Cohort, MutationAssay
from strata.cohort.mutation_assays import build_mutations
from strata.cohort.numbers import is_missing, missing_words
from strata.cohort.sequencing import Sequencing, add_ids, read_panel_file
from strata.cohort.spec import CohortSpec, cohort_specs, name_problem
from strata.cohort.table import Table, read_table
from strata.cohort.time_points import at_time
from strata.errors import PlanError, Problem

__all__ = ["read_cohort"]


def read_cohort(
    path: str | Path | CohortSpec,
    *,
    layout: str = "auto",
    name: str | None = None,
    read: Mapping[str, Any] | None = None,
) -> Cohort:
    """Read a cohort: its clinical table, endpoints, and the names and ids of its assays.

    Assays stay on disk; their numbers are read when a signature asks for them.

    Parameters
    ----------
    path : str, Path or CohortSpec
        A folder, a cohort YAML with one cohort, or one of :func:`cohort_specs`.
    layout : str
        One of ``LAYOUT_NAMES`` of :mod:`strata.cohort.layouts`; ``auto`` finds it and says why.
    name : str, optional
        Instead of the folder's or the YAML's name.
    read : mapping, optional
        Reading options as in the YAML's ``read:``; see :class:`~strata.cohort.options.ReadOptions`.

    Returns
    -------
    Cohort
        Its ``notes`` say what was found and decided, ``choices`` the same as data.

    Raises
    ------
    InputOutputError
        When a file cannot be read.
    DataError
        When tables are wrong: all problems of all tables of the cohort.
    PlanError
        When the YAML or the name is wrong, or the YAML holds several cohorts.
    UsageError
        When a reading option does not exist.
    """
    spec = path if isinstance(path, CohortSpec) else _only(path, layout, read)
    if name is not None:
        spec = replace(spec, name=name)
    if problem := name_problem(spec.name):
        raise PlanError(Problem(str(spec.origin or spec.folder), problem, code="E704"))
    return _Reading(spec).cohort()


def _only(path: str | Path, layout: str, read: Mapping[str, Any] | None) -> CohortSpec:
    specs = cohort_specs(path, layout=layout, read=read)
    if len(specs) > 1:
        names = listed([spec.name for spec in specs])
        raise PlanError(
            Problem(
                str(path),
                f"holds {len(specs)} cohorts ({names})",
                "Read them one by one: cohort_specs(path)",
                code="E630",
            )
        )
    return specs[0]


class _Reading:
    """The steps of reading one cohort, each adding to the findings."""

    def __init__(self, spec: CohortSpec) -> None:
        self.spec = spec
        self.findings = Findings()
        self.files = find_files(spec, self.findings)
        self.options = spec.options.or_else(self.files.read)
        if spec.origin is not None:
            self.findings.files.append(spec.origin)

    def cohort(self) -> Cohort:
        findings, files = self.findings, self.files
        clinical = self._tables(files.clinical)
        samples = clinical + self._tables([path for path in files.samples if path not in files.clinical])
        refuse_cnsr(clinical, self.options, findings)
        links = self._links(clinical, samples)
        if not links.patients:
            # nothing can be matched, but every table can still be opened and its own faults told
            for sources in files.matrices.values():
                self._open_only(sources)
            findings.stop_if_any()
        table = patient_table(clinical, links, findings)
        endpoints, about_endpoints, used = find_endpoints(table, self.spec.endpoints, self.options, findings)
        harmonised, about_terms = harmonise(table, findings, used)
        at_times = {time: harmonise(of, findings, used, time=time) for time, of in table.at_times.items()}
        assays: dict[str, Assay] = {}
        about_assays: dict[str, Any] = {}
        sequencing = self._sequencing(links)
        for kind, sources in files.matrices.items():
            assay, about = build_assay(kind, sources, links, self.options, findings)
            if assay is not None:
                stated = sequencing.assayed(kind, links)
                assays[kind] = assay if stated is None else replace(assay, assayed=stated)
                about_assays[kind] = about
        mutations: dict[str, MutationAssay] = {}
        for kind, (found, about) in build_mutations(files.variants, sequencing, links, findings).items():
            mutations[kind], about_assays[kind] = found, about
        findings.stop_if_any()
        choices = {
            "layout": {"name": files.layout, "why": files.why},
            "assays": about_assays,
            "endpoints": about_endpoints,
            "harmonised": about_terms,
            "harmonised_at_time_points": {key: value for _, about in at_times.values() for key, value in about.items()},
            "ignored_files": list(files.ignored),
            "unmatched_columns": _unmatched(table, used, about_terms),
            "exclusions": [{"reason": item.reason, "n": item.n} for item in findings.exclusions],
            "options": _given(self.options),
        }
        return Cohort(
            self.spec.name,
            _frame(
                table, harmonised, {time: columns for time, (columns, _) in at_times.items()}, used, self.options.na
            ),
            assays,
            mutations,
            endpoints,
            tuple(findings.exclusions),
            tuple(findings.notes),
            choices,
            tuple(dict.fromkeys(findings.files)),
        )

    def _tables(self, found: Sequence[Path | Table]) -> list[Table]:
        tables = []
        for item in found:
            with self.findings.collecting():
                tables.append(item if isinstance(item, Table) else read_table(item, self.options, self.findings))
        return tables

    def _open_only(self, sources: list[TableSource]) -> None:
        for source in sources:
            with self.findings.collecting():
                source.open(self.options, Findings())

    def _links(self, clinical: list[Table], samples: list[Table]) -> Links:
        """The cohort's patients in the order of their ids, and the samples that are theirs.

        Sums and permutations go through the patients in their order: rows in another order give the same bytes.
        """
        said = link_samples(samples, self.findings)
        sample_of = {**said.patients, **self.spec.sample_links}
        patients: dict[str, None] = {}
        for table in clinical:
            with self.findings.collecting():
                for text in filter(None, row_ids(table, self.options, self.findings)[1]):
                    patients[sample_of.get(text, text)] = None
        names, where = list(patients), clinical[0].path if clinical else self.spec.folder
        self.findings.problems += same_but_for_case(names, where, self.options)
        if self.options.id_rule == "tcga-patient":
            patients = dict.fromkeys(_cut(patient) for patient in patients)
        known = {sample: patient for sample, patient in sample_of.items() if patient in patients}
        return Links(tuple(sorted(patients, key=natural_order)), known, said.types, self.options, said.time_points)

    def _sequencing(self, links: Links) -> Sequencing:
        files = self.files
        found = Sequencing(everyone=files.everyone_sequenced, genes=files.panel_genes)
        for path in files.panels:
            with self.findings.collecting():
                read_panel_file(path, found, links, self.findings)
        for path in files.gene_lists:
            with self.findings.collecting():
                read_panel_file(path, found, links, self.findings, genes=True)
        for source, (kind, ids) in files.assayed_ids.items():
            add_ids(ids, found, source, links, self.findings, kind=kind)
            if kind == "mutation":
                found.sources.append(source)
        return found


Columns = Mapping[str, list[str | None]]


def _cut(patient: str) -> str:
    return patient[:12] if patient.upper().startswith("TCGA-") else patient


def _unmatched(table: PatientTable, used: set[str], harmonised: Mapping[str, Any]) -> list[str]:
    known = used | {about["column"] for about in harmonised.values()}
    known |= {name for about in harmonised.values() for name in about["disagreements"]}
    return [name for name in table.columns if name not in known]


def _given(options: Any) -> dict[str, Any]:
    from dataclasses import fields

    return {f.name: getattr(options, f.name) for f in fields(options) if getattr(options, f.name) != f.default}


def _frame(
    table: PatientTable,
    harmonised: Columns,
    at_times: Mapping[str, Columns],
    endpoints: Collection[str],
    na: tuple[str, ...],
) -> pd.DataFrame:
    """The clinical frame: shared names and words first, then every other column with its own; NA where missing.

    The columns at time points follow, as ``ki67@day15``, without those of endpoints, which are the patient's.
    """
    missing = missing_words(na)
    index = pd.Index(table.patients, name="patient", dtype=str)
    columns = _all_columns(table, harmonised, missing)
    for time, shared in at_times.items():
        own = {name: c for name, c in table.at_times[time].columns.items() if name not in endpoints}
        found = _all_columns(PatientTable(table.patients, own), shared, missing, time)
        columns |= {name: values for name, values in found.items() if name not in columns}
    return pd.DataFrame({name: pd.array(values, dtype="string") for name, values in columns.items()}, index=index)


def _all_columns(
    table: PatientTable, harmonised: Columns, missing: frozenset[str], time: str = ""
) -> dict[str, list[str | None]]:
    columns = dict(harmonised)
    for name, column in table.columns.items():
        if at_time(name.casefold(), time) not in harmonised:
            unknown = {cell for cell in set(column.cells) if is_missing(cell, missing)}
            columns[at_time(name, time)] = [None if cell in unknown else cell for cell in column.cells]
    return columns
