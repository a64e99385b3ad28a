"""The ledger of a batch: the tests of all cohorts, each P adjusted over the whole batch, in two passes over the files.

Between the passes only each P and the number of its family are in memory: 12 bytes a test, 60 while P is adjusted.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.analysis import LEDGER_COLUMNS, family_counts, pooled_tests, tests_not_run, with_adjusted_p
from strata.batch.tables import other_version, text_rows
from strata.survival import adjust_p

if TYPE_CHECKING:
    from strata.survival import Pooled

__all__ = ["Lines", "rows_not_run", "rows_of", "rows_of_pooled", "write_ledger"]

Lines = Iterable[str]
"""Rows of ``tests.tsv``, each with the end of its line."""

_FAMILY, _P, _TESTS, _Q, _HOLM = (
    LEDGER_COLUMNS.index(name) for name in ("family", "p_value", "tests_in_family", "q_value", "holm_p")
)


def write_ledger(pieces: Callable[[], Iterator[Lines]], path: Path) -> list[dict[str, Any]]:
    """Write ``tests.tsv`` of a batch.

    Parameters
    ----------
    pieces : callable
        Gives the rows of every cohort, and those that are pooled, each time it is called.
    path : Path

    Returns
    -------
    list of dict
        The families, as ``run.json`` counts them.
    """
    names: dict[str, int] = {}
    families, p_values = array("l"), array("d")
    for piece in pieces():
        for line in piece:
            cells = line.split("\t")
            families.append(names.setdefault(cells[_FAMILY], len(names)))
            p_values.append(float("nan") if cells[_P] == "NA" else float(cells[_P]))
    adjusted = _adjusted(np.asarray(families), np.asarray(p_values))
    place = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(LEDGER_COLUMNS) + "\n")
        for piece in pieces():
            for line in piece:
                cells = line.split("\t")
                tests, q_value, holm_p = (column[place].item() for column in adjusted)
                cells[_TESTS], cells[_Q], cells[_HOLM] = str(tests), _number(q_value), _number(holm_p)
                file.write("\t".join(cells))
                place += 1
    shared = np.array(list(names), dtype=object)[np.asarray(families)] if names else []
    numbers = dict(zip(("q_value", "holm_p"), adjusted[1:]))
    return family_counts(pd.DataFrame({"family": shared, "p_value": np.asarray(p_values), **numbers}))


def _adjusted(families: Any, p_values: Any) -> tuple[Any, Any, Any]:
    """Of every test: how many its family has, q, and Holm's P."""
    tests = np.zeros(p_values.size, dtype=np.int64)
    q_value, holm_p = np.full((2, p_values.size), np.nan)
    order = np.argsort(families, kind="stable")
    bounds = np.flatnonzero(np.diff(families[order])) + 1
    for rows in np.split(order, bounds) if order.size else ():
        p = p_values[rows]
        tests[rows] = rows.size
        q_value[rows] = adjust_p(p, "BH", n=rows.size)
        holm_p[rows] = adjust_p(p, "Holm", n=rows.size)
    return tests, q_value, holm_p


def _number(value: float) -> str:
    return "NA" if value != value else repr(value)


def rows_of(tests: Path) -> Iterator[str]:
    """The rows of a cohort's ``tests.tsv``, as they were written.

    Raises
    ------
    DataError
        When its columns are others.
    """
    with tests.open(encoding="utf-8", newline="\n") as file:
        if tuple(file.readline().rstrip("\n").split("\t")) != LEDGER_COLUMNS:
            raise other_version(tests)
        yield from file


def rows_not_run(tests: Path, cohort: str, family: Sequence[str]) -> Lines:
    """The tests that a cohort was asked which could not be analysed: those of another that was asked the same.

    Parameters
    ----------
    tests : Path
        Of the other cohort.
    cohort : str
    family : sequence of str
        The plan's: over which tests P is adjusted.
    """
    like = pd.read_csv(tests, sep="\t", dtype="string", keep_default_na=False, na_values=["NA"])
    like["family"] = like["family"].str.partition("; ")[0]
    return text_rows(with_adjusted_p(tests_not_run(like, cohort), family))


def rows_of_pooled(pooled: Pooled, family: Sequence[str]) -> Lines:
    """The tests of a pooled question."""
    return text_rows(with_adjusted_p(pooled_tests([pooled]), family))
