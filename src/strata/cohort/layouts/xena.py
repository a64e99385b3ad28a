"""The UCSC Xena layout: a folder of downloads from a Xena hub, plain or gzipped, their kinds told by their names.

The formats are those of ucsc-xena.gitbook.io (data format specifications); matrices may lie either way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from strata.cohort.assay_tables import TableSource
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.layouts.files import CohortFiles, refuse_tables
from strata.cohort.layouts.flat import sequenced_and_genes
from strata.cohort.matrix import ID_COLUMNS
from strata.cohort.numbers import is_missing
from strata.cohort.options import ReadOptions
from strata.cohort.spec import CohortSpec
from strata.cohort.table import Table, read_table, text_rows
from strata.errors import DataError, InputOutputError

__all__ = ["find", "recognise"]

_KINDS: tuple[tuple[str, str], ...] = (
    (r"probemap", "probemap"),
    (r"clinicalmatrix|phenotype|\.clinical(\.|$)|(^|\.)survival(_|\.)", "clinical"),
    (
        r"methylation|snp6|exon|isoform|transcript|percentile|pancan\b|\.seg(\.|$)|masked_cnv|ascat|all_data_by_genes",
        "",
    ),
    (r"gene_level|nonsilent_gene", "mutated"),
    (r"mc3|somaticmutation|mutect|muse_snv|varscan|somaticsniper|mutation", "mutation"),
    (r"thresholded|(^|\.)gistic(\.|$)", "copy_number"),
    (r"rppa|\.protein(\.|$)", "protein"),
    (r"mirna", "mirna"),
    (r"hiseq|star_|htseq|_tpm|_fpkm|norm_count|rsem|kallisto|agilent|ht_hg|geneexp|expression", "mrna"),
)
"""A part of the name of a file in lower case, and its kind; none for what is not used."""

_FIRST = (
    ("mrna", ("star_tpm", "_tpm", "fpkm-uq", "fpkm", "hiseqv2", "norm_count", "counts")),
    ("mutation", ("mc3", "somaticmutation", "mutect")),
)
"""Of several tables of one kind, what the name of the one that is used holds, by preference."""

_SHOWS = re.compile(
    r".*(clinicalmatrix|probemap|samplemap|gdc_phenotype).*|.+\.survival\.tsv(\.gz)?|survival_.+_survival\.txt(\.gz)?",
    re.IGNORECASE,
)
_SAMPLE = ("sampleID", "sample", "sample_id", "submitter_id.samples")
_PATIENT = "_PATIENT"
_OVERALL = {"_TIME_TO_EVENT": "OS.time", "_EVENT": "OS"}
_PEEK = 200


def recognise(folder: Path) -> str:
    """The name of a clinicalMatrix, a survival table, a probemap or a sampleMap; empty when there is none."""
    return next((path.name for path in sorted(folder.iterdir()) if _SHOWS.fullmatch(path.name)), "")


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a folder of Xena downloads.

    Raises
    ------
    PlanError
        When a cohort YAML names single tables for it.
    """
    refuse_tables(spec, "xena")
    # "only display the first one" is Xena's rule for equal ids, of samples as of genes
    rules = {"id_rule": "tcga-patient", "sample_rule": "gdac", "duplicate_genes": "first"}
    files = CohortFiles("xena", "", read=rules)
    by_kind: dict[str, list[Path]] = {}
    for path in sorted(path for path in spec.folder.iterdir() if path.is_file()):
        by_kind.setdefault(_kind(path.name), []).append(path)
    _clinical(spec, by_kind.get("clinical", []), files, findings)
    others = _only_one_each(by_kind, findings)
    probemaps = _probemaps(by_kind.get("probemap", []), spec.options, findings)
    for kind in ("mrna", "protein", "copy_number", "mirna"):
        for path in by_kind.get(kind, []):
            probes = _best(probemaps, path, spec.options, findings) if kind == "mrna" else None
            files.matrices[kind] = [TableSource(path, probes=probes)]
    _mutations(by_kind, files, spec.options, findings)
    sequenced_and_genes(spec, files)
    files.ignored = sorted(path.name for path in [*by_kind.get("", []), *others])
    if files.ignored:
        findings.note(f"ignored: {listed(files.ignored, 12)}")
    findings.note("samples are of the patient in _PATIENT, TCGA barcodes of that in their first 12 characters")
    return files


def _kind(name: str) -> str:
    name = name.casefold()
    if name.startswith((".", "~")) or Path(name).suffix in {".json", ".yaml", ".yml", ".md", ".log"}:
        return ""
    return next((kind for pattern, kind in _KINDS if re.search(pattern, name)), "")


def _only_one_each(by_kind: dict[str, list[Path]], findings: Findings) -> list[Path]:
    """Keep the preferred table of each kind, and give the others, which measure the same in another way."""
    wanted = dict(_FIRST)
    others = []
    for kind, paths in by_kind.items():
        if kind in {"", "clinical", "probemap"} or len(paths) < 2:
            continue
        words = wanted.get(kind, ())

        def place(path: Path, words: Sequence[str] = words) -> int:
            return next((i for i, word in enumerate(words) if word in path.name.casefold()), len(words))

        first, *rest = sorted(paths, key=place)
        findings.note(f"{kind}: {first.name} is read, one table of a kind; not {listed([path.name for path in rest])}")
        by_kind[kind] = [first]
        others += rest
    return others


def _clinical(spec: CohortSpec, paths: Sequence[Path], files: CohortFiles, findings: Findings) -> None:
    for path in paths:
        with findings.collecting():
            table = read_table(path, spec.options, findings)
            files.clinical.append(_one_row_a_sample(table, findings))
    files.samples = list(files.clinical)
    if not paths:
        what = "no clinical table (clinicalMatrix, phenotype or survival)"
        findings.problem(
            str(spec.folder), what, "Download the cohort's phenotype and survival tables from its hub", code="E218"
        )


def _one_row_a_sample(table: Table, findings: Findings) -> Table:
    """The table with ``sample_id`` and ``patient_id`` for Xena's names, OS under its own, and every sample once.

    The other id columns, of which TCGA's ``patient_id`` is a part of the barcode, are left out.
    """
    sample = table.find(*_SAMPLE)
    if sample is None:
        return table
    patient = table.find(_PATIENT)
    names = {sample: "sample_id", **({patient: "patient_id"} if patient else {}), **_overall_survival(table, findings)}
    unused = {name for name in table.columns if column_key(name) in ID_COLUMNS and name not in names}
    places = [i for i, name in enumerate(table.columns) if name not in unused]
    first: dict[str, int] = {}
    for i, name in enumerate(table.column(sample)):
        first.setdefault(clean_id(name), i)
    again = len(table.rows) - len(first)
    findings.exclude(f"{table.path.name}: further line of a sample", again)
    if again:
        findings.note(f"{table.path.name}: {count(again, 'line')} of a sample that has one already; the first is kept")
    rows = [[table.rows[i][place] for place in places] for i in first.values()]
    columns = tuple(names.get(table.columns[place], table.columns[place]) for place in places)
    return Table(table.path, columns, rows, [table.lines[i] for i in first.values()], table.header_line)


def _overall_survival(table: Table, findings: Findings) -> Mapping[str, str]:
    """Xena's names of overall survival in a clinicalMatrix under their plain ones, when it is in days."""
    if not all(table.find(name) for name in _OVERALL) or any(table.find(name) for name in _OVERALL.values()):
        return {}
    unit = table.find("_TIME_TO_EVENT_UNIT")
    words = {cell.strip().casefold() for cell in table.column(unit) if not is_missing(cell)} if unit else set()
    if words - {"days", "day"}:
        findings.note(f"{table.path.name}: _TIME_TO_EVENT is in {listed(sorted(words))}, not in days, and is not used")
        return {}
    findings.note(f"{table.path.name}: _EVENT and _TIME_TO_EVENT are overall survival, in days")
    return _OVERALL


def _probemaps(paths: Sequence[Path], options: ReadOptions, findings: Findings) -> dict[Path, Collection[str]]:
    """The ids of each probemap."""
    found: dict[Path, Collection[str]] = {}
    for path in paths:
        with findings.collecting():
            rows = text_rows(path, options, Findings())
            next(rows)
            found[path] = {clean_id(row[0]) for _, row in rows}
    return found


def _best(
    probemaps: Mapping[Path, Collection[str]], matrix: Path, options: ReadOptions, findings: Findings
) -> Path | None:
    """The probemap that holds most of the first names of a matrix; None when none holds any."""
    if not probemaps:
        return None
    try:
        names = _names(matrix, options)
    except (DataError, InputOutputError):
        return None  # told when the matrix is opened
    hits = {path: sum(name in ids for name in names) for path, ids in probemaps.items()}
    best = max(hits, key=lambda path: hits[path])
    if not hits[best]:
        findings.note(f"{matrix.name}: its names are in no probemap")
        return None
    return best


def _names(path: Path, options: ReadOptions) -> list[str]:
    """The names of the columns and of the first rows of a matrix."""
    rows = text_rows(path, options, Findings())
    header = next(rows)[1]
    return [*map(clean_id, header), *(clean_id(row[0]) for _, (_, row) in zip(range(_PEEK), rows, strict=False))]


def _mutations(
    by_kind: Mapping[str, Sequence[Path]], files: CohortFiles, options: ReadOptions, findings: Findings
) -> None:
    """The table of changes; the 0/1 matrix beside it names the samples that were sequenced, or stands for it."""
    changes, mutated = by_kind.get("mutation", []), by_kind.get("mutated", [])
    if changes or mutated:
        files.variants["mutation"] = list(changes or mutated)
    if not (changes and mutated):
        return
    with findings.collecting():
        header, *rows = [[clean_id(cell) for cell in row] for _, row in text_rows(mutated[0], options, Findings())]
        known = {row[place] for table, place in _sample_columns(files) for row in table.rows}
        columns, names = header[1:], [row[0] for row in rows]
        sequenced = columns if sum(map(known.__contains__, columns)) else names
        files.assayed_ids[mutated[0].name] = ("mutation", sequenced)
        findings.files.append(mutated[0])
        findings.note(f"{mutated[0].name}: its {count(len(sequenced), 'sample')} were sequenced")


def _sample_columns(files: CohortFiles) -> Iterator[tuple[Table, int]]:
    for table in files.clinical:
        if isinstance(table, Table) and "sample_id" in table.columns:
            yield table, table.columns.index("sample_id")
