"""Reading tables of germline genotypes by rs id: patients and variants in either direction, or a long table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from strata.cohort.clinical_ids import id_column
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, clean_id, column_key, id_form, id_problems, samples_of_patients
from strata.cohort.matrix import ANNOTATIONS
from strata.cohort.numbers import is_missing, missing_words
from strata.cohort.options import can_be_typed, remedy
from strata.cohort.table import Table, read_table, text_rows
from strata.errors import DataError, Problem, shown

__all__ = ["Call", "add_genotypes", "is_genotype_table"]

_RS = re.compile(r"rs\d+", re.IGNORECASE)
_GENOTYPE_COLUMNS = ("genotype", "genotypes", "genotype_call", "call", "gt")
_CALL = re.compile(r"([ACGT]+)\s*[/| ]\s*([ACGT]+)|([ACGT])([ACGT])")
_CODE = re.compile(r"[\d.](\s*[/| ]?\s*[\d.])?")
_NOT_CALLED = frozenset(
    {"./.", ".|.", "nn", "n/n", "n|n", "n n", "-/-", "nc", "no call", "nocall", "no_call", "undetermined"}
)


class Call(NamedTuple):
    """A genotype with its alleles in order (``G/T``), and the file and line it is from."""

    genotype: str
    where: str


def is_genotype_table(path: Path, links: Links) -> bool:
    """Whether a table names rs ids on one axis, or in a column beside one of genotypes."""
    rows = text_rows(path, links.options, Findings())
    header, first = (next(rows, (0, list[str]()))[1] for _ in range(2))
    if any(map(_is_rs, header)):
        return True
    beside = any(column_key(name) in _GENOTYPE_COLUMNS for name in header) or links.matches(header) > 0
    return beside and any(map(_is_rs, first))


def _is_rs(text: str) -> bool:
    return bool(_RS.fullmatch(clean_id(text)))


def add_genotypes(path: Path, into: dict[str, dict[str, Call]], links: Links, findings: Findings) -> None:
    """Read a table of genotypes into ``into``: rs id to patient to call, without what was not called.

    The calls are held in memory: a table of chosen variants, not of a whole array.

    Raises
    ------
    DataError
        For all cells that are no genotype or are codes (``0/1``: which allele is 1 is not known), calls of one patient
        that contradict each other, empty ids, and tables without a patient of the cohort.
    """
    every = list(_cells(read_table(path, links.options, findings), links))
    patients = _samples_that_count(path, every, links, findings)
    words = missing_words(links.options.na)
    cells = [cell for cell in every if cell.sample in patients]
    genotypes = [_genotype(cell.text, words) for cell in cells]
    odd: dict[str, list[Cell]] = {}
    problems = []
    for cell, genotype in zip(cells, genotypes, strict=True):
        of_variant = into.setdefault(cell.variant, {})
        if genotype is None:
            odd.setdefault(cell.text, []).append(cell)
        elif genotype:
            call = Call(genotype, f"{path}:{cell.line}")
            earlier = of_variant.setdefault(patients[cell.sample], call)
            if earlier.genotype != genotype:
                problems.append(_conflict(cell.variant, earlier, call))
    problems += _odd_problems(path, odd)
    if problems:
        raise DataError(problems)
    alleles: dict[str, set[str]] = {}
    for cell, genotype in zip(cells, genotypes, strict=True):
        alleles.setdefault(cell.variant, set()).update(filter(None, (genotype or "").split("/")))
    # told because a table may give the alleles of the other strand
    found = listed([f"{variant} (alleles {', '.join(sorted(seen)) or 'none'})" for variant, seen in alleles.items()])
    findings.note(
        f"{path.name}: genotypes of {found} for {count(len(set(patients.values())), 'patient')}; "
        f"{genotypes.count(''):,} of {count(len(cells), 'cell')} not called, unknown"
    )


class Cell(NamedTuple):
    """A cell of a genotype table."""

    sample: str
    variant: str
    text: str
    line: int


def _cells(table: Table, links: Links) -> Iterator[Cell]:
    """Every cell with a genotype, whichever way the table lies."""
    in_columns = [name for name in table.columns if _is_rs(name)]
    genotype = table.find(*_GENOTYPE_COLUMNS)
    if in_columns or genotype:
        samples = _ids(table, id_column(table, links.options))
        variants = [] if in_columns else _ids(table, _rs_column(table))
        for name in in_columns or [str(genotype)]:
            named = variants or [name] * len(samples)
            for sample, variant, text, line in zip(samples, named, table.column(name), table.lines, strict=True):
                yield Cell(sample, variant.lower(), text.strip(), line)
        return
    rs_column = _rs_column(table)
    variants = _ids(table, rs_column)
    for name in table.columns:
        if name != rs_column and column_key(name) not in ANNOTATIONS:
            for variant, text, line in zip(variants, table.column(name), table.lines, strict=True):
                yield Cell(name, variant.lower(), text.strip(), line)


def _rs_column(table: Table) -> str:
    return next(name for name, cell in zip(table.columns, table.rows[0], strict=True) if _is_rs(cell))


def _ids(table: Table, column: str) -> list[str]:
    """The ids of a column.

    Raises
    ------
    DataError
        For empty ids and others that cannot be.
    """
    ids = [clean_id(text) for text in table.column(column)]
    places = [f"{table.path}:{line}: column {shown(column)}" for line in table.lines]
    if problems := id_problems(zip(ids, places, strict=True), "id"):
        raise DataError(problems)
    return ids


def _samples_that_count(path: Path, cells: Sequence[Cell], links: Links, findings: Findings) -> dict[str, str]:
    """Samples to patients. All time points count: a germline genotype does not change."""
    names = list(dict.fromkeys(cell.sample for cell in cells))
    places = samples_of_patients(f"germline ({path.name})", names, links, findings)
    if not places:
        form = id_form(next(iter(names), ""))
        what = f"none of its {count(len(names), 'sample')} is in the clinical table (such as {form})"
        fix = links.why_no_match(names) or "Give a table that links samples to patients: samples: in the cohort YAML"
        raise DataError(Problem(str(path), what, fix, code="E210"))
    kept: dict[str, str] = {}
    for patient, at in places.items():
        samples = [names[place] for place in at]
        kept |= {samples[i]: patient for i in links.preferred(samples)}
    return kept


def _genotype(text: str, missing: frozenset[str]) -> str | None:
    """``G/T`` for a call, empty where none was made, None where the text is something else."""
    if is_missing(text, missing) or text.casefold() in _NOT_CALLED:
        return ""
    match = _CALL.fullmatch(text.upper())
    return "/".join(sorted(filter(None, match.groups()))) if match else None


def _conflict(variant: str, earlier: Call, call: Call) -> Problem:
    what = f"{variant} is {shown(call.genotype)} here and {shown(earlier.genotype)} at {earlier.where} in one patient"
    return Problem(
        call.where,
        what,
        f"Keep the right one; of several samples the first: {remedy('sample_rule', 'first')}",
        code="E313",
    )


def _odd_problems(path: Path, odd: Mapping[str, Sequence[Cell]]) -> list[Problem]:
    """Cells that are no genotype: codes, whose alleles are not known, apart from other words."""
    codes = {text: cells for text, cells in odd.items() if _CODE.fullmatch(text)}
    words = {text: cells for text, cells in odd.items() if text not in codes}
    problems = []
    if codes:
        n = sum(map(len, codes.values()))
        what = f"{count(n, 'genotype is a code', 'genotypes are codes')}, and which allele is 1 is not known"
        problems.append(_odd_problem(path, what, codes, "Write the alleles: G/T"))
    if words:
        what = count(sum(map(len, words.values())), "cell is no genotype", "cells are no genotype")
        fix = f"; as missing: {remedy('na', *words)}" if can_be_typed(list(words)) else ""
        problems.append(_odd_problem(path, what, words, "Write the alleles as G/T" + fix))
    return problems


def _odd_problem(path: Path, what: str, odd: Mapping[str, Sequence[Cell]], fix: str) -> Problem:
    first = min((cell for cells in odd.values() for cell in cells), key=lambda cell: cell.line)
    often = sorted(odd, key=lambda text: -len(odd[text]))
    words = listed([f"{shown(text, limit=40)} ({len(odd[text])})" for text in often])
    return Problem(f"{path}:{first.line}: {first.variant}", f"{what}: {words}", fix, code="E418")
