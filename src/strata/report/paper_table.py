"""A table of a run as the results section of a paper prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from strata.errors import DataError, InputOutputError, Problem
from strata.report.paper_columns import Q_LEGEND, Kind, kind_of, paper_p
from strata.report.shown import note_parts
from strata.signatures import signature_library

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PaperTable", "paper_table", "read_paper_table"]

_QUESTION = ("cohort", "signature", "population", "endpoint", "comparison")
_WORDS = (*_QUESTION, "gene", "factor", "level", "term")
"""Columns of words, which a reader may take for numbers."""

_FILES = ("results.parquet", "results.tsv", "scan.tsv")
"""What a folder of a run is looked through for."""


@dataclass(frozen=True, eq=False, slots=True)
class PaperTable:
    """A table of text, ready to be rendered.

    Parameters
    ----------
    title : str
    constants : mapping of str to str
        What all rows have in common: it stands in the caption in the place of columns.
    cells : pandas.DataFrame of str, shape (n_rows, n_columns)
        Numbers as journals print them; ``Notes`` holds the letters of the notes.
    legend : tuple of str
        What the columns are.
    notes : mapping of letter to str
        What single rows must be read with.
    """

    title: str
    constants: Mapping[str, str]
    cells: pd.DataFrame
    legend: tuple[str, ...]
    notes: Mapping[str, str]

    @property
    def caption(self) -> str:
        """Title, what all rows have in common, and the legend."""
        parts = [f"{self.title}.", *(f"{name}: {value}." for name, value in self.constants.items()), *self.legend]
        return " ".join(parts)


def paper_table(
    table: pd.DataFrame, *, tests: pd.DataFrame | None = None, rows: Literal["main", "all"] = "main"
) -> PaperTable:
    """The table of a paper from a table of a run.

    Parameters
    ----------
    table : pandas.DataFrame
        Of ``results``, ``pooled``, ``multivariable``, ``subgroups`` or ``scan``.
    tests : pandas.DataFrame, optional
        The ledger of the same run: results then have a column of q.
    rows : {"main", "all"}
        ``main`` leaves out the rows that look further into a pair of genes, pooling without each cohort in turn, and
        all but the first markers of a scan.

    Returns
    -------
    PaperTable
        What could not be estimated says so and why; no cell is empty.

    Raises
    ------
    DataError
        When it is a table of another kind.
    """
    kind = kind_of(table)
    if kind is None:
        what, fix = "not a table of results", "Give results, pooled, multivariable, subgroups or scan of a run"
        raise DataError(Problem("", what, fix, code="E712"))
    shown = kind.main(table) if rows == "main" else table
    records = [{str(key): cell for key, cell in row.items()} for row in shown.to_dict("records")]
    keys = {column: _spelled(shown[column], column, kind) for column in kind.keys if column in shown}
    constants = {kind.keys[c][0]: values[0] for c, values in keys.items() if len(set(values)) == 1}
    cells = {kind.keys[c][0]: values for c, values in keys.items() if len(set(values)) > 1}
    cells |= {heading: [spell(row) for row in records] for heading, spell in kind.columns.items()}
    legend = kind.legend
    if tests is not None and "log_rank_p" in shown and set(_QUESTION) <= set(shown):
        cells["q"], legend = _q_values(records, tests), (*legend, Q_LEGEND)
    notes = _Notes()
    cells["Notes"] = [notes.letters(dict.fromkeys([*kind.notes(row), *note_parts(row["note"])])) for row in records]
    if len(shown) < len(table):
        legend = (*legend, f"{len(shown):,} of {len(table):,} rows.")
    named = {name: value for name, value in constants.items() if value != "none"}
    return PaperTable(kind.title, named, pd.DataFrame(cells, dtype="object"), legend, notes.texts)


def _spelled(column: pd.Series[Any], name: str, kind: Kind) -> list[str]:
    spell: Callable[[str], str] = kind.keys[name][1]
    if name == "signature":
        library = signature_library()
        return [library[value].name if value in library else str(value) for value in column]
    return ["none" if pd.isna(value) else spell(str(value)) for value in column]


def _q_values(records: list[dict[str, Any]], tests: pd.DataFrame) -> list[str]:
    """The q of the test that answers each row; supporting tests answer none."""
    asked = tests[~tests["family"].astype(str).str.startswith("supporting")]
    known = dict(zip(zip(*(asked[name] for name in _QUESTION)), asked["q_value"]))
    keys = [tuple(row[name] for name in _QUESTION) for row in records]
    return ["not tested" if key not in known else _q(known[key]) for key in keys]


def _q(value: float) -> str:
    return "not estimable" if pd.isna(value) else paper_p(value)


class _Notes:
    """Notes by letter, each text once: a, b, ..., z, aa, ab, ..."""

    def __init__(self) -> None:
        self._letter: dict[str, str] = {}

    def letters(self, texts: Mapping[str, None]) -> str:
        return ", ".join(self._letter.setdefault(text, _letters(len(self._letter))) for text in texts)

    @property
    def texts(self) -> dict[str, str]:
        return {letter: text for text, letter in self._letter.items()}


def _letters(n: int) -> str:
    found = ""
    n += 1
    while n:
        n, place = divmod(n - 1, 26)
        found = ascii_lowercase[place] + found
    return found


def read_paper_table(path: str | Path, *, rows: Literal["main", "all"] = "main") -> PaperTable:
    """The table of a paper from a file of a run, or from its folder.

    Parameters
    ----------
    path : path
        A table of a run as TSV or Parquet, or the folder of a run: then its results, of a scan its markers. Where
        ``tests.tsv`` is beside the results, they have a column of q.
    rows : {"main", "all"}
        As for ``paper_table``.

    Raises
    ------
    InputOutputError
        When there is no such file, or it cannot be read.
    DataError
        When it is no table of a run.
    """
    path = Path(path)
    if path.is_dir():
        found = [path / name for name in _FILES if (path / name).is_file()]
        if not found:
            what, fix = f"holds none of {', '.join(_FILES)}", "Name the folder of a run that compared survival"
            raise InputOutputError(Problem(str(path), what, fix, code="E712"))
        path = found[0]
    ledger = path.parent / "tests.tsv"
    tests = _read(ledger) if path.stem == "results" and ledger.is_file() else None
    try:
        return paper_table(_read(path), tests=tests, rows=rows)
    except DataError as error:
        raise DataError([Problem(str(path), p.what, p.fix, code=p.code) for p in error.problems]) from None


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["NA"], dtype=dict.fromkeys(_WORDS, str))
    except OSError as error:
        raise InputOutputError(Problem(str(path), f"cannot be read: {error.strerror or error}", code="E100")) from None
    except ValueError:
        # also what pandas and pyarrow raise on bytes that are no such table
        fix = "Give a TSV or Parquet file that a run has written"
        raise DataError(Problem(str(path), "is not a table of a run", fix, code="E712")) from None
