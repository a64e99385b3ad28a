"""Tables in which counts of few patients are hidden, with every number that would tell them.

Within a table nothing that is shown gives a hidden count away. Tables of which one is about a part of the other's
patients, such as all of them and the ER-positive ones, can still be subtracted: ``docs/how-to/sharing.md`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.survival.small_cells import hidden_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["hide_levels", "is_small", "shared_table", "shared_terms", "shared_tests", "withheld", "without_numbers"]

_QUESTION = ["cohort", "signature", "population", "endpoint"]
_COUNTS = ("n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed", "n_membership_unknown")
_TIMES_OF_PATIENTS = ("median_positive", "median_negative", "median_follow_up", "rmst_horizon")
"""Times at which one patient had an event or was last seen."""

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:e[+-]?\d+)?(?!\w)")


def without_numbers(text: str) -> str:
    """A remark with an N for each of its numbers: they may be counts, and a cut is the value of a patient."""
    return _NUMBER.sub("N", text)


def is_small(table: pd.DataFrame, least: int) -> NDArray[np.bool_]:
    """Which rows of results tell of 1 to ``least`` - 1 patients: in all or in an arm, with the event or without it."""
    n, events = (_count(table, name) for name in ("n", "events"))
    cells = [n, events, n - events]
    if "n_positive" in table:
        own, own_events = (_count(table, name) for name in ("n_positive", "events_positive"))
        cells += [own, n - own, own_events, own - own_events, events - own_events, n - own - (events - own_events)]
    # NaN, of a row without arms, is not small
    small: NDArray[np.bool_] = np.any([_few(cell, least) for cell in cells], axis=0)
    return small


def _few(counts: NDArray[np.float64], least: int) -> NDArray[np.bool_]:
    return (counts > 0) & (counts < least)


def _count(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return table[name].to_numpy(dtype=float, na_value=np.nan)


def shared_table(name: str, table: pd.DataFrame, least: int) -> pd.DataFrame:
    """A table of a run as it may leave the house.

    Parameters
    ----------
    name : str
        Of its file, without the ending.
    table : pandas.DataFrame
    least : int
        The smallest count that is shown.
    """
    return _RULES[name](table.copy(), least)


def shared_terms(terms: pd.DataFrame, results: pd.DataFrame, least: int) -> pd.DataFrame:
    """The multivariable table as it may leave the house; ``results`` are the rows it belongs to, nothing hidden."""
    hidden = _withheld_rows([results], least)
    return _comparisons(terms, least, _QUESTION, also=[key in hidden for key in _keys(terms)])


def shared_tests(tests: pd.DataFrame, compared: Sequence[pd.DataFrame], least: int) -> pd.DataFrame:
    """The ledger of a run as it may leave the house.

    Parameters
    ----------
    tests : pandas.DataFrame
    compared : sequence of DataFrame
        The results, the subgroups and the pooled results that its rows come from, before anything of them was hidden.
    least : int
    """
    hidden = _withheld_rows(compared, least)
    questions = {key[:-1] for key in hidden}
    tests, keys = _nullable(tests.copy()), _keys(tests)
    small = is_small(tests, least) | np.array([key in hidden for key in keys], dtype=bool)
    beside = np.array([key[:-1] in questions for key in keys], dtype=bool)
    tests.loc[small | beside, ["n", "events"]] = pd.NA
    tests.loc[small, ["p_value", "log10_p", "q_value", "holm_p", "max_t_p"]] = np.nan
    tests["note"] = _told(tests["note"]).mask(small, withheld(least))
    return tests


def _withheld_rows(compared: Sequence[pd.DataFrame], least: int) -> set[tuple[Any, ...]]:
    return {key for table in compared for key in _keys(_as_in_ledger(table[is_small(table, least)]))}


def _keys(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(table[[*_QUESTION, "comparison"]].itertuples(index=False, name=None))


def _as_in_ledger(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of results under the names that the ledger has for them."""
    if "factor" in rows:
        return rows.assign(comparison="positive_vs_rest in " + rows["factor"] + " " + rows["level"])
    if "method" in rows:
        ways = rows[rows["method"] != "cohort"]
        return ways.assign(cohort=("all without " + ways["cohort"]).fillna("all"))
    return rows


def _comparisons(
    table: pd.DataFrame, least: int, block: Sequence[str], *, also: Sequence[bool] | None = None
) -> pd.DataFrame:
    """Rows of results; ``also`` are withheld whatever their own counts.

    Of a row that tells of few patients nothing is left: an interval tells the events it comes from. The counts of the
    rows about the same patients go with it, because arms add up over the rows of a question.
    """
    table = _nullable(table)
    small = is_small(table, least)
    if also is not None:
        small |= np.array(also, dtype=bool)
    together = pd.Series(small, index=table.index).groupby([table[key].fillna("") for key in block]).transform("any")
    counts = [name for name in _COUNTS if name in table]
    numbers = [name for name in table.select_dtypes("number") if name not in counts]
    table.loc[together.astype(bool), counts] = pd.NA
    table.loc[small, numbers] = np.nan
    if "n_unknown" in table:
        unknown = _count(table, "n_unknown")
        _hide_parts(table, "n_unknown", unknown, _few(unknown, least), least)
    if "n_adjusted" in table:
        inside, compared = _count(table, "n_adjusted"), _count(table, "n")
        told = ~_few(inside, least) & ~_few(compared - inside, least) & ~np.isnan(compared)
        table["n_adjusted"] = table["n_adjusted"].where(told)
    table[[name for name in _TIMES_OF_PATIENTS if name in table]] = np.nan
    table["estimable"] &= ~small
    if "agrees" in table:
        table.loc[small & table["agrees"].notna().to_numpy(), "agrees"] = "not estimable"
    table["note"] = _told(table["note"]).mask(small, withheld(least))
    return table


def _hide_parts(
    table: pd.DataFrame, column: str, n: NDArray[np.float64], hidden: NDArray[np.bool_], least: int
) -> None:
    """Hide counts, and how many of each were not assayed (no known members) where that part or the other is small."""
    for name in ("n_not_assayed", "n_membership_unknown"):
        if name in table:
            part = _count(table, name)
            small = hidden | _few(part, least) | _few(n - part, least)
            table[name] = table[name].mask((part > 0) & small)
    table[column] = table[column].mask(hidden)


def _nullable(table: pd.DataFrame) -> pd.DataFrame:
    """Counts of a type that has a place for those that are hidden."""
    return table.astype({name: "Int64" for name in _COUNTS if name in table})


def withheld(least: int) -> str:
    """The note of what is not told."""
    return f"withheld: it would tell of fewer than {least} patients"


def _told(notes: pd.Series[Any]) -> pd.Series[Any]:
    # texts again: of missing notes alone pandas 3 makes a column that can hold nothing else
    return notes.astype("string").map(without_numbers, na_action="ignore").astype("string")


def hide_levels(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """The baseline table without shares of 1 to ``least`` - 1 patients, and means of so few.

    The levels of a characteristic in a stratum are a whole: where one is hidden, another is hidden with it.
    """
    table = table.copy()
    known = {side: table[f"n_{side}"].to_numpy(dtype=float) for side in ("stratum", "reference")}
    levels = (table["level"] != "mean").to_numpy(dtype=bool)
    one = [table[key].astype(str) for key in ("cohort", "signature", "population", "stratum", "characteristic")]
    whole = pd.Series(range(len(table)), index=table.index).groupby(one).transform("first").to_numpy()
    hidden = np.zeros(len(table), dtype=bool)
    for side, n in known.items():
        few = _few(n, least)
        with np.errstate(invalid="ignore"):
            cells = np.nan_to_num(np.round(table[f"value_{side}"].to_numpy(dtype=float) * n)).astype(np.int64)
        mine = few.copy()
        for start in np.unique(whole[levels & (cells > 0) & (cells < least)]):
            rows = np.flatnonzero((whole == start) & levels)
            mine[rows] |= hidden_cells(cells[rows], least)
        table.loc[mine, [f"value_{side}", f"sd_{side}"]] = np.nan
        table[f"n_{side}"] = table[f"n_{side}"].astype("Int64").mask(few)
        hidden |= mine
    table.loc[hidden, "standardised_difference"] = np.nan
    return table


def _calls(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """The calls of a signature in a population are a whole."""
    n = _count(table, "n")
    hidden = np.zeros(len(table), dtype=bool)
    keys = ("cohort", "signature", "population", "cut", "cut_scope")
    for rows in table.groupby([table[key].fillna("") for key in keys], sort=False).indices.values():
        hidden[rows] = hidden_cells(n[rows], least)
    table = _nullable(table)
    _hide_parts(table, "n", n, hidden, least)
    table["note"] = _told(table["note"])
    return table


def _counted(table: pd.DataFrame, least: int, *, count: str, words: Sequence[str]) -> pd.DataFrame:
    """A table with one count a row."""
    table[count] = table[count].astype("Int64").mask(table[count].between(1, least - 1))
    for name in words:
        table[name] = _told(table[name])
    return table


def _cut_points(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """A cut is the value of a patient or between those of two: its rule is told and its value is not."""
    table = _counted(table, least, count="n", words=["note"])
    return table.assign(value=np.nan, ties=np.nan)


_RULES: Mapping[str, Callable[[pd.DataFrame, int], pd.DataFrame]] = {
    "results": partial(_comparisons, block=_QUESTION),
    "subgroups": partial(_comparisons, block=_QUESTION),
    "pooled": partial(_comparisons, block=[*_QUESTION[1:], "comparison"]),
    "baseline": hide_levels,
    "calls": _calls,
    "genes": partial(_counted, count="n_patients", words=["reason"]),
    "exclusions": partial(_counted, count="n", words=["reason"]),
    "cut_points": _cut_points,
}
