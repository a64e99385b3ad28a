"""Who was sequenced, and for which genes: panel matrices, lists, gene panels, case lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strata.cohort.clinical_ids import id_column
from strata.cohort.files import ARROW, decode, file_kind, lines
from strata.cohort.findings import Findings, count
from strata.cohort.identifiers import Links, clean_id, column_key
from strata.cohort.matrix import ID_COLUMNS
from strata.cohort.numbers import is_missing
from strata.cohort.options import ReadOptions
from strata.cohort.table import Table, read_table, text_rows
from strata.errors import DataError, Problem

__all__ = ["Panels", "Sequencing", "assayed_panels", "gene_panel", "named_as_in_the_table", "read_panel_file"]

_GENE_HEADERS = frozenset({"gene", "genes", "hugo_symbol", "symbol", "gene_symbol"})
_PROFILE = {"mutation": re.compile("mutation|sequenc", re.I), "copy_number": re.compile("cna|gistic|copy", re.I)}
_NOT = frozenset({"0", "0.0", "no", "false", "n", "f"})
_YES = frozenset({"1", "1.0", "yes", "true", "y", "t", "wes", "wxs", "wgs", "whole exome", "whole genome"})


@dataclass
class Sequencing:
    """What is said about who was assayed.

    Parameters
    ----------
    profiles : dict of profile to dict of sample to panel name
        From panel matrices; None for a sample that was not assayed, an unnamed panel (whole exome) is empty.
    listed : dict of assay kind to dict of sample to None
        From lists.
    everyone : bool
        Whether every patient of the cohort was sequenced.
    panels : dict of panel name to its genes
    genes : frozenset of str or None
        The genes that were sequenced in everybody, where they are given.
    sources : list of str
        File names, for messages.
    """

    profiles: dict[str, dict[str, str | None]] = field(default_factory=dict)
    listed: dict[str, dict[str, None]] = field(default_factory=dict)
    everyone: bool = False
    panels: dict[str, frozenset[str]] = field(default_factory=dict)
    genes: frozenset[str] | None = None
    sources: list[str] = field(default_factory=list)

    def stated(self, kind: str) -> dict[str, str] | None:
        """Samples assayed for ``kind`` and the panel of each; None when nothing is said."""
        found: dict[str, str | None] = dict.fromkeys(self.listed.get(kind, ()), "")
        profiles = [samples for profile, samples in self.profiles.items() if self._tells(profile, kind)]
        for samples in profiles:
            # where a matrix says that a sample was not assayed, a list does not overrule it
            found |= samples
        if not profiles and kind not in self.listed:
            return None
        return {sample: panel for sample, panel in found.items() if panel is not None}

    def _tells(self, profile: str, kind: str) -> bool:
        """Whether a column of a panel matrix is about ``kind``; one called ``panel``, or the only one, is about all."""
        named = [known for known, pattern in _PROFILE.items() if pattern.search(profile)]
        general = not named and (len(self.profiles) == 1 or "panel" in profile.casefold())
        return kind in named or (general and kind in _PROFILE)

    def assayed(self, kind: str, links: Links) -> frozenset[str] | None:
        """The patients assayed for ``kind``; None when nothing is said."""
        if self.everyone and kind == "mutation":
            return frozenset(links.patients)
        stated = self.stated(kind)
        if stated is None:
            return None
        return frozenset(patient for sample in stated if (patient := links.patient(sample)) is not None)


def gene_panel(path: Path, options: ReadOptions, findings: Findings) -> tuple[str, frozenset[str]] | None:
    """The name and genes of a cBioPortal gene panel file (``stable_id:``, ``gene_list:``); None if it is none."""
    values: dict[str, str] = {}
    for number, line in lines(path, options):
        key, colon, value = decode(path, number, line).partition(":")
        if number > 200 or (number == 1 and not colon):
            break
        if colon:
            values[key.strip().casefold()] = value
    if "gene_list" not in values:
        return None
    findings.files.append(path)
    genes = frozenset(clean_id(gene) for gene in values["gene_list"].split() if gene)
    return values.get("stable_id", path.stem).strip(), genes


def read_panel_file(path: Path, into: Sequencing, links: Links, findings: Findings, *, genes: bool = False) -> None:
    """Add a file that lists who was assayed or for which genes: a panel matrix, a list of ids or genes, a gene panel.

    ``genes``: the file was named as the list of genes.

    Raises
    ------
    DataError
        When the file cannot be read as a table, or a list's entries are neither ids of the cohort nor genes.
    """
    options = links.options
    panel = None if file_kind(path, options) in ARROW else gene_panel(path, options, findings)
    into.sources.append(path.name)
    if panel is not None:
        into.panels[panel[0]] = panel[1]
        return
    rows = [row for _, row in text_rows(path, options, Findings())]
    if any(len(row) > 1 for row in rows):
        table = read_table(path, options, findings)
        column = table.find(*_GENE_HEADERS)
        if column is None or table.find(*ID_COLUMNS):
            _add_matrix(table, into, links, findings)
            return
        rows = [[column], *([cell] for cell in table.column(column))]
    findings.files.append(path)
    header, entries = _entries(rows)
    known = links.matches(entries)
    if genes or (not known and (header in _GENE_HEADERS or "gene" in path.name.casefold())):
        into.genes = (into.genes or frozenset()) | frozenset(entries)
    elif known:
        add_ids(entries, into, path.name, links, findings)
    else:
        what = f"none of its {count(len(entries), 'entry', 'entries')} is a patient or sample of the cohort"
        raise DataError(
            Problem(
                str(path), what, links.why_no_match(entries) or "A list of genes has gene in its file name", code="E419"
            )
        )


_LIST_HEADERS = frozenset({*ID_COLUMNS, *_GENE_HEADERS, "id", "ids", "samples", "patients", "tumor_sample_barcode"})


def _entries(rows: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    """The header of a list, empty where it has none, and its entries."""
    entries = [clean_id(row[0]) for row in rows]
    header = column_key(entries[0])
    return (header, entries[1:]) if header in _LIST_HEADERS else ("", entries)


def add_ids(
    ids: Iterable[str], into: Sequencing, source: str, links: Links, findings: Findings, *, kind: str = "mutation"
) -> None:
    """Add a list of patients or samples that were assayed."""
    names = list(ids)
    strange = len(names) - links.matches(names)
    if names and strange == len(names):
        what = f"none of its {count(len(names), 'id')} is in the clinical table"
        findings.problem(source, what, links.why_no_match(names) or "Give the ids of the clinical table", code="E419")
    elif strange:
        findings.note(f"{source}: {strange:,} of {count(len(names), 'id')} are not in the clinical table")
    into.listed.setdefault(kind, {}).update(dict.fromkeys(names))


def _add_matrix(table: Table, into: Sequencing, links: Links, findings: Findings) -> None:
    name = id_column(table, links.options)
    ids = [clean_id(text) for text in table.column(name)]
    if not links.matches(ids):
        what = f"none of its {count(len(ids), 'sample')} is in the clinical table"
        raise DataError(Problem(str(table.path), what, links.why_no_match(ids), code="E419"))
    for column in table.columns:
        if column == name or column_key(column) in ID_COLUMNS:
            continue
        profile = into.profiles.setdefault(column, {})
        for sample, cell in zip(ids, table.column(column), strict=True):
            if not is_missing(cell) and cell.strip().casefold() not in _NOT:
                profile[sample] = "" if cell.strip().casefold() in _YES else cell.strip()
            else:
                profile.setdefault(sample, None)
        n = sum(panel is not None for panel in profile.values())
        findings.note(f"{table.path.name}: {n:,} of {count(len(ids), 'sample')} assayed in {column}")


def named_as_in_the_table(stated: Mapping[str, str], names: Sequence[str], links: Links) -> dict[str, str]:
    """``stated`` with its ids as a table of mutations has them, where one names patients and the other samples.

    Parameters
    ----------
    stated : mapping of patient or sample to panel name
    names : sequence of str
        The ids of the table.
    links : Links
    """
    of_patient: dict[str | None, list[str]] = {}
    for name in names:
        of_patient.setdefault(links.patient(name), []).append(name)
    known, found = set(names), dict[str, str]()
    for name, panel in stated.items():
        patient = links.patient(name)
        rows = of_patient.get(patient, []) if patient is not None and name not in known else []
        # a list of patients means every sample of theirs; a list of samples means the patient the table names
        named = rows if name == patient else [row for row in rows if row == patient]
        for row in named or [name]:
            found.setdefault(row, panel)
    return found


Panels = tuple[tuple[frozenset[str], frozenset[str] | None], ...]


def assayed_panels(
    chosen: Mapping[str, str],
    stated: Mapping[str, str],
    sequencing: Sequencing,
    everyone: Sequence[str],
    findings: Findings,
) -> Panels:
    """Groups of patients with the genes each was tested for.

    Parameters
    ----------
    chosen : mapping of sample to patient
        The samples that count.
    stated : mapping of sample to panel name
    sequencing : Sequencing
    everyone : sequence of str
        Patients who were sequenced although no sample of theirs is named.
    findings : Findings

    Returns
    -------
    tuple of (patients, genes or None)
        None stands for every gene of the tables.
    """
    groups: dict[frozenset[str] | None, set[str]] = {}
    undefined: dict[str, None] = {}
    only = next(iter(sequencing.panels.values())) if len(sequencing.panels) == 1 else None
    for sample, patient in chosen.items():
        panel = stated.get(sample, "")
        genes = sequencing.panels.get(panel, sequencing.genes) if panel else sequencing.genes
        if panel and genes is None:
            undefined[panel] = None
        if genes is None and not panel and only and not any(stated.values()):
            genes = only
        groups.setdefault(genes, set()).add(patient)
    if everyone:
        groups.setdefault(sequencing.genes or only, set()).update(everyone)
    if None in groups:
        names = f" of {', '.join(undefined)}" if undefined else ""
        findings.note(
            f"the genes of the panel{names} are not given: the genes in the mutation table are taken as the panel"
        )
    return tuple((frozenset(patients), genes) for genes, patients in groups.items())
