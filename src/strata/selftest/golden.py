"""The bundled golden set, run on the user's machine: R's numbers, strata's, and how far they are apart."""

from __future__ import annotations

import json
from importlib.resources import files
from math import inf, isnan, log10
from typing import Any

import pandas as pd

from strata.selftest.answers import ANSWERS

__all__ = ["SELFTEST_COLUMNS", "golden_set", "relative_difference", "run_selftest"]

SELFTEST_COLUMNS = ("case", "what", "value", "r", "strata", "relative_difference", "tolerance", "ok", "r_call")
"""The columns of the table that ``run_selftest`` returns."""


def golden_set() -> dict[str, Any]:
    """R's answers with the tables and calls behind them (``made_with``, ``tables``, ``cases``)."""
    found: dict[str, Any] = json.loads(files("strata.selftest").joinpath("golden.json").read_text(encoding="utf-8"))
    return found


def run_selftest() -> pd.DataFrame:
    """Compute every number of the golden set and compare it with R's.

    Returns
    -------
    pandas.DataFrame
        One row a number, in the columns ``SELFTEST_COLUMNS``. ``relative_difference`` is that of the logarithms for P
        values. ``ok`` is False where it is above the case's tolerance, and where strata gives no number.
    """
    golden = golden_set()
    tables = {name: pd.DataFrame(columns) for name, columns in golden["tables"].items()}
    rows = []
    for name, case in golden["cases"].items():
        found = ANSWERS[name](tables)
        for value, r in case["values"].items():
            ours = float(found.get(value, float("nan")))
            apart = relative_difference(float(r), ours, logarithms="p_value" in value)
            ok = apart <= case["tolerance"]
            rows.append((name, case["what"], value, float(r), ours, apart, case["tolerance"], ok, case["r"]))
    return pd.DataFrame(rows, columns=list(SELFTEST_COLUMNS))


def relative_difference(r: float, ours: float, *, logarithms: bool) -> float:
    """How far ``ours`` is from R's number, relative to it; of a P the logarithms. Infinite where there is no number."""
    if isnan(ours):
        return inf
    if logarithms and 0 < r < 1 and ours > 0:
        r, ours = log10(r), log10(ours)
    return abs(ours - r) / abs(r) if r else abs(ours)
