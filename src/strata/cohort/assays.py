"""Assays of numbers: which feature stands where in which file, and reading just those."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, feature_names, id_problems, spreadsheet_problems
from strata.cohort.matrix import Matrix, open_matrix
from strata.cohort.numbers import BadNumbers, Floats, missing_words, parse_numbers
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.scales import GISTIC, head_numbers, head_problems, scale_of, sentinel_note
from strata.errors import DataError, Problem, shown

__all__ = ["MatrixTable", "NumberAssay", "TableSource", "build_assay", "same_but_for_case"]


@dataclass(frozen=True, slots=True)
class TableSource:
    """A file with a matrix and what the layout knows of it."""

    path: Path
    scale: str = ""


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """One matrix of an assay, lying either way.

    Parameters
    ----------
    kind : str
    matrix : Matrix
    genes_in_rows : bool
    scale : str
    positions : mapping of feature to its places on the gene axis
    picks : mapping of patient to the places of their samples on the sample axis
        More than one place where the samples are averaged.
    options : ReadOptions
    """

    kind: str
    matrix: Matrix
    genes_in_rows: bool
    scale: str
    positions: Mapping[str, tuple[int, ...]]
    picks: Mapping[str, tuple[int, ...]]
    options: ReadOptions

    def read(self, features: Sequence[str]) -> dict[str, Floats]:
        """Values of ``features``, each of shape (n patients of ``picks``,).

        Raises
        ------
        DataError
            For cells that are not numbers, infinite, not a GISTIC call, below 0 on a linear scale, and for genes with
            several different rows; all at once.
        """
        places = sorted({place for feature in features for place in self.positions[feature]})
        bad, problems = BadNumbers(), []
        vectors = self._vectors(places, bad)
        found: dict[str, Floats] = {}
        for feature in features:
            rows = [vectors[place] for place in self.positions[feature]]
            if not self.options.duplicate_genes and any(
                not np.array_equal(rows[0], row, equal_nan=True) for row in rows
            ):
                problems.append(self._conflict(feature))
            found[feature] = self._one(rows)
        problems = bad.problems(self.matrix.path) + problems
        if problems:
            raise DataError(problems)
        return found

    def _vectors(self, places: Sequence[int], bad: BadNumbers) -> dict[int, Floats]:
        if self.genes_in_rows:
            raw = dict(self.matrix.rows(places))
        else:
            raw = dict(zip(places, self.matrix.columns(places), strict=True))
        words = missing_words(self.options.na)
        samples = sorted({sample for picked in self.picks.values() for sample in picked})
        found = {}
        for place in places:
            where = _Places(self.matrix, place, samples, genes_in_rows=self.genes_in_rows)
            cells = [raw[place][sample] for sample in samples]
            values = parse_numbers(cells, bad, where, missing=words, decimal=self.options.decimal)
            self._check_scale(values, cells, where, bad)
            found[place] = self._by_patient(values, samples)
        return found

    def _check_scale(self, values: Floats, cells: Sequence[str], where: Sequence[str], bad: BadNumbers) -> None:
        if self.scale == "gistic":
            wrong, kind = ~(np.isin(values, GISTIC) | np.isnan(values)), "gistic"
        elif self.scale in {"linear", "counts"} and self.options.scale == self.scale:
            wrong, kind = values < 0, "below-zero"
        else:
            return
        for i in np.flatnonzero(wrong).tolist():
            bad.add(cells[i], where[i], kind)

    def _by_patient(self, values: Floats, samples: Sequence[int]) -> Floats:
        at = {sample: i for i, sample in enumerate(samples)}
        if all(len(picked) == 1 for picked in self.picks.values()):
            return values[[at[picked[0]] for picked in self.picks.values()]]
        return np.array([_mean([values[at[sample]] for sample in picked]) for picked in self.picks.values()])

    def _one(self, rows: list[Floats]) -> Floats:
        if len(rows) == 1 or self.options.duplicate_genes in {"", "first"}:
            return rows[0]
        stacked = np.vstack(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a patient without any value stays NaN
            if self.options.duplicate_genes == "mean":
                averaged: Floats = np.nanmean(stacked, axis=0)
                return averaged
            means = np.nanmean(stacked, axis=1)
        return rows[int(np.argmax(np.where(np.isnan(means), -np.inf, means)))]

    def _conflict(self, feature: str) -> Problem:
        places = self.positions[feature]
        if self.genes_in_rows:
            where = "lines " + listed([self.matrix.line(place) for place in places])
        else:
            where = "columns " + listed([place + 1 for place in places])
        what = f"{shown(feature)} on {where} with different values"
        fix = f"Choose first, mean or max_mean: {remedy('duplicate_genes', 'mean')}"
        return Problem(str(self.matrix.path), what, fix)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


class _Places(Sequence[str]):
    """Where the cells of one gene are, spelled only when a message needs it."""

    def __init__(self, matrix: Matrix, gene: int, samples: Sequence[int], *, genes_in_rows: bool) -> None:
        self.matrix, self.gene, self.samples, self.genes_in_rows = matrix, gene, samples, genes_in_rows

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, i: Any) -> Any:
        row, column = (self.gene, self.samples[i]) if self.genes_in_rows else (self.samples[i], self.gene)
        return self.matrix.place(row, column)


@dataclass(frozen=True, eq=False)
class NumberAssay:
    """An :class:`~strata.cohort.model.Assay` over one or more matrices; the first that has a feature gives it.

    Parameters
    ----------
    kind : str
    tables : tuple of MatrixTable
    patients : tuple of str
        The cohort's patients, in order.
    assayed : frozenset of str
    """

    kind: str
    tables: tuple[MatrixTable, ...]
    patients: tuple[str, ...]
    assayed: frozenset[str]
    features: tuple[str, ...] = field(init=False)
    _owner: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        owner: dict[str, int] = {}
        for i, table in enumerate(self.tables):
            for feature in table.positions:
                owner.setdefault(feature, i)
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "features", tuple(owner))

    def scale(self, feature: str) -> str:
        """The scale of the table that gives ``feature``; ``unknown`` for a feature that no table has."""
        owner = self._owner.get(feature)
        return "unknown" if owner is None else self.tables[owner].scale

    def read(self, features: Sequence[str]) -> pd.DataFrame:
        """Values of ``features``: a float frame (n_patients, n_features), NaN where missing.

        Parameters
        ----------
        features : sequence of str
            Names from ``features``.

        Returns
        -------
        pandas.DataFrame
            Rows are the cohort's patients in the cohort's order, columns the features in the order asked.

        Raises
        ------
        KeyError
            For a feature that no table has.
        DataError
            For cells that cannot be used, as :meth:`MatrixTable.read`, of all tables at once.
        """
        wanted: dict[int, list[str]] = {}
        for feature in dict.fromkeys(features):
            wanted.setdefault(self._owner[feature], []).append(feature)
        at = {patient: i for i, patient in enumerate(self.patients)}
        found: dict[str, Floats] = {}
        findings = Findings()
        for owner, names in wanted.items():
            table = self.tables[owner]
            rows = np.array([at[patient] for patient in table.picks], dtype=np.intp)
            with findings.collecting():
                for name, values in table.read(names).items():
                    full = np.full(len(self.patients), np.nan)
                    full[rows] = values
                    found[name] = full
        findings.stop_if_any()
        index = pd.Index(self.patients, name="patient", dtype=str)
        frame = pd.DataFrame({name: found[name] for name in found}, index=index, dtype=float)
        outside = [i for i, patient in enumerate(self.patients) if patient not in self.assayed]
        frame.iloc[outside] = np.nan
        return frame.loc[:, list(features)]


def build_assay(
    kind: str, sources: Iterable[TableSource], links: Links, options: ReadOptions, findings: Findings
) -> tuple[NumberAssay | None, dict[str, Any]]:
    """Open every matrix of one assay.

    Returns
    -------
    assay : NumberAssay or None
        None when no matrix could be opened; the reasons are in ``findings``.
    description : dict
        Files, orientation, scale and numbers of features and patients, for ``strata inspect``.
    """
    tables, described = [], []
    for source in sources:
        with findings.collecting():
            table, about = _build_table(kind, source, links, options, findings)
            tables.append(table)
            described.append(about)
    if not tables:
        return None, {}
    assayed = frozenset(patient for table in tables for patient in table.picks)
    assay = NumberAssay(kind, tuple(tables), links.patients, assayed)
    if len(tables) > 1:
        again = sum(len(table.positions) for table in tables) - len(assay.features)
        order = ", ".join(table.matrix.path.name for table in tables)
        findings.note(f"{kind}: {count(again, 'feature')} in more than one table, read from the first of {order}")
    return assay, {"tables": described, "n_features": len(assay.features), "n_patients": len(assayed)}


def _build_table(
    kind: str, source: TableSource, links: Links, options: ReadOptions, findings: Findings
) -> tuple[MatrixTable, dict[str, Any]]:
    opened = open_matrix(source.path, options, findings)
    matrix = opened.matrix
    genes_in_rows, why = _orientation(matrix, links, options)
    genes, samples = (
        (matrix.row_names, matrix.column_names) if genes_in_rows else (matrix.column_names, matrix.row_names)
    )
    problems = _name_problems(kind, matrix, genes_in_rows=genes_in_rows)
    picks = _pick_samples(kind, matrix, samples, links, findings, problems)
    positions = _positions(kind, genes)
    head = head_numbers(opened.head, options)
    head = head if genes_in_rows else head.T
    scale, scale_why = scale_of(kind, source.path, head, options, source.scale)
    problems += head_problems(kind, source.path, head, options)
    if problems:
        raise DataError(problems)
    name = source.path.name
    findings.note(
        f"{name}: {count(len(positions), 'feature')} of {kind} for {count(len(picks), 'patient')}, "
        f"{'genes' if genes_in_rows else 'samples'} in rows ({why}), scale {scale} ({scale_why})"
    )
    _tell_more(kind, genes, positions, head, scale, source.path, findings)
    about = {
        "file": str(source.path),
        "orientation": "genes-in-rows" if genes_in_rows else "samples-in-rows",
        "orientation_why": why,
        "n_features": len(positions),
        "n_patients": len(picks),
        "scale": scale,
        "scale_why": scale_why,
    }
    return MatrixTable(kind, matrix, genes_in_rows, scale, positions, picks, options), about


def _tell_more(
    kind: str,
    genes: Sequence[str],
    positions: Mapping[str, Sequence[int]],
    head: Floats,
    scale: str,
    path: Path,
    findings: Findings,
) -> None:
    name = path.name
    nameless = sum(not feature_names(kind, gene) for gene in genes)
    if nameless:
        findings.note(f"{name}: {count(nameless, 'row')} without a name left out")
    repeated = sum(len(places) > 1 for places in positions.values())
    if repeated:
        text = f"{name}: {count(repeated, 'feature')} on several rows; where the rows of one differ, reading it fails"
        findings.note(f"{text} unless {remedy('duplicate_genes', 'mean')}")
    if scale != "gistic" and (note := sentinel_note(path, head)):
        findings.note(note)
    entrez = sum(feature.isdigit() for feature in positions)
    if kind == "mrna" and entrez > len(positions) / 2:
        numbers = count(entrez, "name is a number", "names are numbers")
        findings.note(f"{name}: {numbers} (Entrez ids?); signatures name HGNC symbols, so none of these will be found")


def _orientation(matrix: Matrix, links: Links, options: ReadOptions) -> tuple[bool, str]:
    """Whether genes are in rows, and how that is known: by which axis holds ids of the cohort."""
    if options.orientation:
        return options.orientation == "genes-in-rows", "declared"
    rows, columns = links.matches(matrix.row_names), links.matches(matrix.column_names)
    of_columns, of_rows = f"{len(matrix.column_names):,} columns", f"{len(matrix.row_names):,} rows"
    why = f"ids of the cohort: {columns:,} of {of_columns}, {rows:,} of {of_rows}"
    if bool(rows) != bool(columns):
        return columns > 0, why
    if rows:
        what = f"both axes hold ids of the cohort ({why})"
        raise DataError(Problem(str(matrix.path), what, remedy("orientation", "genes-in-rows")))
    raise DataError(_no_overlap(matrix, links))


def _no_overlap(matrix: Matrix, links: Links) -> Problem:
    """One example of each side is shown: without it nothing can be mended."""
    ours = f"clinical {len(links.patients):,}, first {shown(next(iter(links.patients), ''))}"
    columns = f"columns {len(matrix.column_names):,}, first {shown(matrix.column_names[0])}"
    rows = f"rows {len(matrix.row_names):,}, first {shown(matrix.row_names[0])}"
    what = f"no patient or sample of the clinical table is in this table ({ours}; {columns}; {rows})"
    fix = links.why_no_match(matrix.column_names) or links.why_no_match(matrix.row_names)
    return Problem(
        str(matrix.path), what, fix or "Give a table that links samples to patients: samples: in the cohort YAML"
    )


def _name_problems(kind: str, matrix: Matrix, *, genes_in_rows: bool) -> list[Problem]:
    # a gene without a symbol is left out later; a sample without an id is an error
    rows = (
        (name, f"{matrix.path}:{matrix.line(i)}")
        for i, name in enumerate(matrix.row_names)
        if name or not genes_in_rows
    )
    columns = (
        (name, f"{matrix.path}: column {i + 1}") for i, name in enumerate(matrix.column_names) if name or genes_in_rows
    )
    gene, sample = f"{kind} feature", "sample id"
    problems = id_problems(rows, gene if genes_in_rows else sample)
    problems += id_problems(columns, sample if genes_in_rows else gene)
    genes = matrix.row_names if genes_in_rows else matrix.column_names
    lines = [matrix.line(i) for i in range(len(genes))] if genes_in_rows else None
    return problems + spreadsheet_problems(genes, matrix.path, lines)


def _positions(kind: str, genes: Sequence[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for place, raw in enumerate(genes):
        for feature in feature_names(kind, raw):
            found.setdefault(feature, []).append(place)
    return {feature: tuple(places) for feature, places in found.items()}


def _pick_samples(
    kind: str, matrix: Matrix, names: Sequence[str], links: Links, findings: Findings, problems: list[Problem]
) -> dict[str, tuple[int, ...]]:
    """The places of each patient's samples, one unless they are averaged."""
    path, options = matrix.path, links.options
    problems += same_but_for_case(names, path, options)
    places: dict[str, list[int]] = {}
    unmatched = normal = 0
    for place, name in enumerate(names):
        patient = links.patient(name)
        if links.is_normal(name):
            normal += 1
        elif patient is None:
            unmatched += 1
        else:
            places.setdefault(patient, []).append(place)
    findings.exclude(f"{kind} ({path.name}): sample without a clinical row", unmatched)
    findings.exclude(f"{kind} ({path.name}): sample of normal tissue", normal)
    if unmatched:
        why = links.why_no_match([name for name in names if links.patient(name) is None])
        text = f"{path.name}: {unmatched:,} of {count(len(names), 'sample')} have no clinical row"
        findings.note(f"{text}; {why}" if why else text)
    several = {patient: at for patient, at in places.items() if len(at) > 1}
    if several and not options.sample_rule:
        problems.append(_several_samples(matrix, names, several))
    elif several:
        findings.note(
            f"{path.name}: {count(len(several), 'patient')} with several samples; rule: {options.sample_rule}"
        )
    picks = {}
    for patient in links.patients:
        if at := places.get(patient):
            picks[patient] = tuple(at[i] for i in links.preferred([names[place] for place in at]))
    dropped = sum(len(at) for at in places.values()) - sum(len(at) for at in picks.values())
    findings.exclude(f"{kind} ({path.name}): further sample of a patient", dropped)
    return picks


def _several_samples(matrix: Matrix, names: Sequence[str], several: Mapping[str, list[int]]) -> Problem:
    first = next(iter(several.values()))
    positions = listed([place + 1 for place in first])
    same = len({names[place] for place in first}) == 1
    kind = "the same sample id" if same else "samples of one patient"
    where = f"first: {kind} at positions {positions}, not counting the names"
    what = f"{count(len(several), 'patient')} with several samples ({where})"
    fix = f"Keep one, or choose first, primary or mean: {remedy('sample_rule', 'first')}"
    return Problem(str(matrix.path), what, fix)


def same_but_for_case(names: Sequence[str], path: Path, options: ReadOptions) -> list[Problem]:
    """Ids that differ in case only, unless ``id_case`` says what they are."""
    if options.id_case:
        return []
    seen: dict[str, int] = {}
    pairs = []
    for place, name in enumerate(names):
        other = seen.setdefault(name.casefold(), place)
        if names[other] != name:
            pairs.append(f"{other + 1} and {place + 1}")
    if not pairs:
        return []
    what = f"ids at positions {listed(pairs)} are the same but for case"
    return [Problem(str(path), what, f"Keep one, or say that they differ: {remedy('id_case', 'keep')}")]
