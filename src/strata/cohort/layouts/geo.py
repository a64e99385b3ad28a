"""The GEO layout: series matrix files, whose ``!`` lines hold the clinical table and whose table holds the expression.

A series on several platforms is several files. A table of a platform (``GPL570.annot.gz``) beside them says which gene
each probe is of; other tables are found by their names, as in a flat folder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from strata.cohort.assay_tables import TableSource
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import column_key
from strata.cohort.layouts.files import CohortFiles
from strata.cohort.layouts.flat import add_tables, files_in, named_files
from strata.cohort.series_matrix import Series, read_series
from strata.cohort.spec import CohortSpec
from strata.cohort.table import Table, sample_table
from strata.errors import shown

__all__ = ["find", "recognise"]

_SERIES = re.compile(r".*series_matrix.*\.txt(\.gz)?", re.IGNORECASE)
_PLATFORM = re.compile(r"(GPL\d+).*\.(annot|txt|tsv|csv|soft)(\.gz)?", re.IGNORECASE)
_KINDS = {
    "expression profiling": "mrna",
    "non-coding rna profiling": "mirna",
    "protein profiling": "protein",
}
"""What ``!Series_type`` begins with, and the assay."""


def recognise(folder: Path) -> str:
    """The name of a series matrix in a folder; empty when there is none."""
    return next((path.name for path in files_in(folder, _SERIES)), "")


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a GEO series."""
    files = CohortFiles("geo", "")
    paths = named_files(spec, _SERIES)
    if not paths:
        fix = "Download the series matrix from GEO"
        findings.problem(str(spec.origin or spec.folder), "no file *_series_matrix.txt or .txt.gz", fix, code="E218")
    series = []
    for path in paths:
        with findings.collecting():
            series.append(read_series(path, spec.options, findings))
            findings.files.append(path)
    platforms = files_in(spec.folder, _PLATFORM)
    add_tables(spec, files, findings, {*paths, *platforms})
    if series:
        files.clinical.insert(0, _samples(series, findings))
    # the larger file first: it gives a gene that several have
    for one in sorted(series, key=lambda item: -len(item.columns["geo_accession"])):
        named = next((kind for kind, of_kind in spec.tables.items() if one.path in of_kind), "")
        if kind := named or _kind(one, findings):
            probes = next((path for path in platforms if _platform(path) in one.platforms), None)
            files.matrices.setdefault(kind, []).append(TableSource(one.path, probes=probes))
    files.matrices.pop("clinical", None)
    for kind, sources in files.matrices.items():
        if len(sources) > 1:
            first, others = sources[0].path.name, "samples that are only in the others are unknown in its genes"
            fix = f"to read another alone, name it: {kind}: FILE in a cohort YAML with layout: geo"
            findings.note(f"{kind}: {len(sources)} tables are not on one scale; {first} comes first, {others}; {fix}")
    return files


def _kind(series: Series, findings: Findings) -> str:
    """What the table of a series matrix holds; empty where it has no values, or none that are used."""
    name = series.path.name
    if not series.has_rows:
        findings.note(f"{name}: its table has no values; a series keeps those of sequencing in supplementary files")
        return ""
    profiling = [text.casefold().partition(" by ")[0] for text in series.types]
    kind = next((kind for said, kind in _KINDS.items() if said in profiling), "" if profiling else "mrna")
    if not kind:
        findings.note(f"{name}: {listed(series.types)}: its table is not used")
    elif series.processing:
        findings.note(f"{name}: values as submitted: {shown(series.processing)}")
    return kind


def _platform(path: Path) -> str:
    match = _PLATFORM.fullmatch(path.name)
    return match[1].upper() if match else ""


def _samples(series: Sequence[Series], findings: Findings) -> Table:
    """The samples of all files as one table; a column that a file does not have is empty there."""
    names: dict[str, str] = {}
    for one in series:
        for name in one.columns:
            names.setdefault(column_key(name), name)
    if len({platform for one in series for platform in one.platforms}) < 2:
        names.pop("platform_id", None)
    columns: dict[str, list[str]] = {name: [] for name in names.values()}
    for one in series:
        cells = {column_key(name): texts for name, texts in one.columns.items()}
        nobody = [""] * len(one.columns["geo_accession"])
        for key, name in names.items():
            columns[name] += cells.get(key, nobody)
    path = series[0].path if len(series) == 1 else series[0].path.with_name("series_matrix.txt")
    n = len(columns["geo_accession"])
    where = "the lines before the table" if len(series) == 1 else f"{len(series)} series matrix files"
    findings.note(f"{path.name}: {count(n, 'sample')} with the columns {listed([*columns], 20)}, from {where}")
    return sample_table(path, columns)
