"""Mutations: MAF, long table or 0/1 matrix, with who was tested for which gene."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from strata.cohort.barcodes import rule_in_words
from strata.cohort.change_spelling import ChangeSpelling, spelled
from strata.cohort.files import ARROW, Stamp, check_unchanged, decode, file_kind, lines, stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, clean_id, column_key, id_form, id_problems, samples_of_patients
from strata.cohort.numbers import is_missing
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.table import text_rows
from strata.cohort.time_points import BASELINE
from strata.errors import DataError, Problem
from strata.genes.spreadsheets import spreadsheet_problems

__all__ = ["MutationList", "VariantFile", "consequence", "open_variants"]

_GENE = ("hugo_symbol", "gene", "gene_symbol", "symbol", "gene_name", "rs_id", "rsid", "snp")
_SAMPLE = (
    "tumor_sample_barcode",
    "sample_id",
    "sample",
    "patient_id",
    "patient",
    "bcr_patient_barcode",
    "sampleid",
    "usubjid",
)
_CHANGE = (
    "hgvsp_short",
    "protein_change",
    "amino_acid_change",
    "aa_change",
    "aachange",
    "hgvsp",
    "change",
    "genotype",
    "allele",
)
_CLASS = ("variant_classification", "consequence", "effect", "variant_class", "mutation_type")
_STATUS = ("mutation_status",)

_CONSEQUENCE: tuple[tuple[str, str], ...] = (
    (r"silent|synonymous(_variant)?|intron(_variant)?|igr|intergenic(_variant|_region)?"
     r"|[35]'?(_prime_)?[ _]?(utr|flank)(_variant)?|(up|down)stream_gene_variant|5'upstream|3'downstream", "silent"),
    (r"missense(_mutation|_variant)?", "missense"),
    (r"nonsense(_mutation)?|frame_?shift(_del|_ins|_deletion|_insertion|_variant)?|stop_gained|nonstop(_mutation)?"
     r"|stop_lost|translation_start_site|start_lost|initiator_codon_variant|truncating", "truncating"),
    (r"in_?frame(_del|_ins|_deletion|_insertion)?|protein_altering_variant", "inframe"),
    (r"splice(_site|_donor_variant|_acceptor_variant|_variant)?", "splice"),
)  # fmt: skip
_CONSEQUENCE_WORDS = tuple((re.compile(pattern), word) for pattern, word in _CONSEQUENCE)
_GERMLINE = "germline"
_WILD_STATUS = frozenset({"none", "loh", "wildtype", "wild type"})

_COLUMNS = ["patient", "gene", "change", "consequence"]


def consequence(text: str, gene: str = "") -> str:
    """The kind of a change from the word a caller gave it.

    ``silent`` is cBioPortal's default filter: Silent, Intron, IGR, UTR and Flank, but not the promoter of TERT.

    Examples
    --------
    >>> consequence("Frame_Shift_Del"), consequence("5'Flank"), consequence("5'Flank", "TERT"), consequence("")
    ('truncating', 'silent', 'other', 'unknown')
    """
    key = re.split("[&,;]", text.strip().casefold(), maxsplit=1)[0]
    if not key or is_missing(key):
        return "unknown"
    if gene == "TERT" and key in {"5'flank", "5_prime_flank", "5'upstream", "upstream_gene_variant"}:
        return "other"
    return next((word for pattern, word in _CONSEQUENCE_WORDS if pattern.fullmatch(key)), "other")


@dataclass(frozen=True, slots=True)
class VariantFile:
    """A MAF or long table: where its columns are, and what one pass over it found.

    Parameters
    ----------
    path : Path
    stamp : Stamp
    columns : mapping of role (gene, sample, change, class, status) to field
    genes : tuple of str
        Genes with a row, in the order of the file.
    samples : tuple of str
        Samples with a row, in the order of the file.
    analysed : frozenset of str or None
        The samples the table itself says were sequenced; None where it says nothing.
    options : ReadOptions
    statuses : mapping of Mutation_Status, in lower case, to mapping of sample to number of rows
    spelling : ChangeSpelling
    """

    path: Path
    stamp: Stamp
    columns: Mapping[str, int]
    genes: tuple[str, ...]
    samples: tuple[str, ...]
    analysed: frozenset[str] | None
    options: ReadOptions
    statuses: Mapping[str, Mapping[str, int]]
    spelling: ChangeSpelling

    @property
    def germline_rows(self) -> int:
        """How many rows are marked as germline."""
        return sum(self.statuses.get(_GERMLINE, {}).values())

    @property
    def wild_rows(self) -> int:
        """How many rows say that nothing was found."""
        return sum(sum(self.statuses.get(status, {}).values()) for status in _WILD_STATUS)

    def carriers(self, kind: str) -> frozenset[str]:
        """The samples with a row of ``kind``."""
        return frozenset(
            sample for status, rows in self.statuses.items() if self.counts(kind, status) for sample in rows
        )

    def counts(self, kind: str, status: str) -> bool:
        """Whether a row with this Mutation_Status belongs to ``kind``.

        Germline rows belong to ``germline``, others to ``mutation``; a table of germline changes without such a mark is
        germline as a whole.
        """
        key = status.strip().casefold()
        if kind == "germline" and _GERMLINE in self.statuses:
            return key == _GERMLINE
        return key not in _WILD_STATUS and (kind == "germline" or key != _GERMLINE)

    def rows(self, genes: frozenset[str], kind: str) -> Iterator[tuple[str, str, str, str]]:
        """(sample, gene, change, class) of the rows of ``kind`` in ``genes``."""
        check_unchanged(self.path, self.stamp)
        rows = text_rows(self.path, self.options, Findings())
        next(rows)
        at = self.columns
        for _, row in rows:
            gene = clean_id(row[at["gene"]])
            if gene in genes:
                change, effect, status = (
                    row[at[role]].strip() if role in at else "" for role in ("change", "class", "status")
                )
                if self.counts(kind, status):
                    yield clean_id(row[at["sample"]]), gene, change, effect


def open_variants(path: Path, options: ReadOptions, findings: Findings) -> VariantFile | None:
    """One pass over a MAF or long table for its genes and samples; None when it is neither, but a matrix.

    Raises
    ------
    DataError
        For rows with another number of fields than the header, damaged ids, gene names a spreadsheet changed.
    """
    marked = stamp(path)
    source = text_rows(path, options, findings)
    _, header = next(source)
    found = _roles(header)
    if "gene" not in found or "sample" not in found:
        return None
    findings.files.append(path)
    genes: dict[str, int] = {}
    samples: dict[str, int] = {}
    by_status: dict[str, Counter[str]] = {}
    where, change = found.get("status"), found.get("change")
    spelling = ChangeSpelling()
    ragged = []
    for number, row in source:
        if len(row) != len(header):
            ragged.append((number, len(row)))
            continue
        genes.setdefault(gene := clean_id(row[found["gene"]]), number)
        samples.setdefault(sample := clean_id(row[found["sample"]]), number)
        status = "" if where is None else row[where]
        by_status.setdefault(status, Counter())[sample] += 1
        if change is not None:
            spelling.add(row[change].strip(), gene)
    problems = []
    if not genes and not ragged:
        problems.append(Problem(str(path), "a header was found, and 0 data rows", code="E105"))
    if ragged:
        first = listed([f"line {line} has {n}" for line, n in ragged])
        what = f"{count(len(ragged), 'row')} with another number of fields than the header's {len(header)}: {first}"
        problems.append(Problem(f"{path}:{ragged[0][0]}", what, "Is the file cut off?", code="E203"))
    problems += id_problems(((name, f"{path}:{line}") for name, line in samples.items()), "sample id")
    problems += spreadsheet_problems(list(genes), path, list(genes.values()))
    if problems:
        raise DataError(problems)
    analysed = _analysed(path, options, frozenset(samples), findings)
    named = tuple(gene for gene in genes if gene and not is_missing(gene))
    statuses: dict[str, Counter[str]] = {}
    for text, rows in by_status.items():
        statuses.setdefault(text.strip().casefold(), Counter()).update(rows)
    return VariantFile(path, marked, found, named, tuple(samples), analysed, options, statuses, spelling)


def _roles(header: Sequence[str]) -> dict[str, int]:
    folded = [column_key(name) for name in header]
    known = {"gene": _GENE, "sample": _SAMPLE, "change": _CHANGE, "class": _CLASS, "status": _STATUS}
    places = {role: next((folded.index(n) for n in names if n in folded), None) for role, names in known.items()}
    return {role: place for role, place in places.items() if place is not None}


def _analysed(path: Path, options: ReadOptions, samples: frozenset[str], findings: Findings) -> frozenset[str] | None:
    """What the ``#`` lines of a MAF say about who was sequenced (``#n.analyzed.samples``, ``#tumor.aliquot...``)."""
    said, aliquots = None, set()
    if file_kind(path, options) in ARROW:
        return None
    for number, line in lines(path, options):
        if not line.startswith(b"#"):
            break
        key, _, value = decode(path, number, line)[1:].strip().partition(" ")
        if key == "n.analyzed.samples" and value.strip().isdigit():
            said = int(value)
        elif key.startswith("tumor.aliquot"):
            aliquots |= {clean_id(text) for text in value.split(",")}
    if aliquots and samples <= aliquots:
        return frozenset(aliquots)
    if said is not None and said == len(samples):
        return samples
    if said is not None:
        text = f"says that {said:,} samples were analysed; {len(samples):,} have rows, the others are not named"
        findings.note(f"{path.name}: {text}")
    return None


@dataclass(frozen=True, eq=False)
class MutationList:
    """A :class:`~strata.cohort.model.MutationAssay` over MAFs, long tables or 0/1 matrices.

    Parameters
    ----------
    kind : str
        ``mutation`` or ``germline``.
    files : tuple of VariantFile
    chosen : mapping of sample to patient
        The samples that count.
    assayed : frozenset of str
        The patients who were sequenced; those with a row when that is not known.
    panels : tuple of (patients, genes or None)
        Which patients were tested for which genes; None stands for every gene of the tables.
    """

    kind: str
    files: tuple[VariantFile, ...]
    chosen: Mapping[str, str]
    assayed: frozenset[str]
    panels: tuple[tuple[frozenset[str], frozenset[str] | None], ...]
    detail: Literal["variants", "binary"] = "variants"
    features: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        in_tables = dict.fromkeys(gene for file in self.files for gene in file.genes)
        features = dict.fromkeys(in_tables) if any(genes is None for _, genes in self.panels) or not self.panels else {}
        for _, genes in self.panels:
            features |= dict.fromkeys(sorted(genes or ()))
        object.__setattr__(self, "features", tuple(features))
        object.__setattr__(self, "_in_tables", frozenset(in_tables))

    _in_tables: frozenset[str] = field(init=False, repr=False, default=frozenset())

    def tested(self, gene: str) -> frozenset[str]:
        """The patients whose panel holds ``gene``; patients outside are unknown for it."""
        found: set[str] = set()
        for patients, genes in self.panels:
            if gene in (self._in_tables if genes is None else genes):
                found |= patients
        return frozenset(found)

    def variants(self, genes: Sequence[str]) -> pd.DataFrame:
        """Every row of the tables in ``genes`` for patients of the cohort.

        Parameters
        ----------
        genes : sequence of str

        Returns
        -------
        pandas.DataFrame
            Text columns ``patient``, ``gene``, ``change`` (in the short form of HGVS, without ``p.``; as the table
            has it where it is in no known form), ``consequence``; a row of several changes is several rows. Rows of the
            other kind and rows whose status is None, LOH or Wildtype are left out.
        """
        wanted = frozenset(genes)
        rows = []
        for file in self.files:
            for sample, gene, change, effect in file.rows(wanted, self.kind):
                patient = self.chosen.get(sample)
                if patient is not None:
                    word = consequence(effect, gene)
                    rows += [(patient, gene, each, word) for each in spelled(change, gene)]
        return pd.DataFrame(rows, columns=_COLUMNS, dtype=str)


def tell_of_rows(kind: str, files: Sequence[VariantFile], findings: Findings) -> None:
    """Tell how changes are spelled, which rows are germline, and how many the status keeps out (wild type, LOH)."""
    name = listed([file.path.name for file in files], 1)
    whole = ChangeSpelling()
    for file in files:
        whole.respelled += file.spelling.respelled
        whole.unread += file.spelling.unread
    whole.tell(name, kind, findings)
    if kind == "germline" and (germline := sum(file.germline_rows for file in files)):
        findings.note(f"{name}: {count(germline, 'row')} with Mutation_Status Germline")
    marked = [file.wild_rows for file in files if kind != "germline" or not file.germline_rows]
    findings.exclude(f"{kind} ({name}): row with Mutation_Status None, LOH or Wildtype", sum(marked))


def choose_samples(kind: str, names: Sequence[str], links: Links, path: Path, findings: Findings) -> dict[str, str]:
    """The samples of a mutation table that count, with their patients.

    Of samples at several time points those of baseline count, for germline all.
    """
    places = samples_of_patients(f"{kind} ({path.name})", names, links, findings)
    if not places:
        what = f"none of its {count(len(names), 'sample')} is in the clinical table "
        what += f"(such as {id_form(names[0] if names else '')}; "
        what += f"clinical {len(links.patients):,}, such as {id_form(next(iter(links.patients), ''))})"
        fix = links.why_no_match(names) or "Give a table that links samples to patients: samples: in the cohort YAML"
        raise DataError(Problem(str(path), what, fix, code="E309"))
    groups = [
        (patient, samples)
        for patient, at in places.items()
        for samples in _by_time(kind, [names[place] for place in at], links)
    ]
    counted = [(patient, [samples[i] for i in links.preferred(samples)]) for patient, samples in groups]
    open_ = len({patient for patient, samples in counted if len(samples) > 1})
    if open_ and links.options.sample_rule != "mean":
        what = f"{count(open_, 'patient')} with several samples"
        fix = f"Choose first, primary or mean (a change in any): {remedy('sample_rule', 'first')}"
        raise DataError(Problem(str(path), what, fix, code="E309"))
    used = sum(len(samples) for _, samples in groups)
    later = sum(map(len, places.values())) - used
    findings.exclude(f"{kind} ({path.name}): sample at another time point than {BASELINE}", later)
    further = used - sum(len(samples) for _, samples in counted)
    findings.exclude(f"{kind} ({path.name}): further sample of a patient", further)
    if further and links.options.sample_rule in {"", "gdac"}:
        rule = rule_in_words(samples for _, samples in groups if len(samples) > 1)
        findings.note(f"{kind}: {count(further, 'further sample')} of a patient left out; rule: {rule}")
    return {sample: patient for patient, samples in counted for sample in samples}


def _by_time(kind: str, samples: Sequence[str], links: Links) -> list[list[str]]:
    """The samples of one patient that may count, those of one time point together."""
    by_time: dict[str, list[str]] = {}
    for sample in samples:
        by_time.setdefault(links.time_of(sample), []).append(sample)
    if kind == "germline":
        return list(by_time.values())
    return [by_time[time] for time in ("", BASELINE) if time in by_time][:1]
