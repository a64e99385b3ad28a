"""How strata writes P values and hazard ratios, in figures, reports and notebooks alike."""

from __future__ import annotations

from math import isnan

__all__ = ["format_hazard_ratio", "format_p", "format_ratio"]

SMALLEST_P = 1e-300
"""Below this, floating point loses digits; a P value is then only bounded."""


def format_p(p: float) -> str:
    """A P value in words: two significant digits, never 0 and never rounded up to 1.

    Parameters
    ----------
    p : float
        From 0 to 1; 0 when floating point has no smaller number, NaN when there is none.

    Returns
    -------
    str
        ``"P = 0.034"``, ``"P = 6.1e-05"``, ``"P < 1e-300"``, ``"P > 0.99"``, ``"P not estimable"``.
    """
    if isnan(p):
        return "P not estimable"
    if p < SMALLEST_P:
        return f"P < {SMALLEST_P:g}"
    if p >= 0.995:
        return "P = 1" if p == 1.0 else "P > 0.99"
    return f"P = {p:#.2g}"


def format_ratio(value: float) -> str:
    """A ratio: ``"1.45"``, ``"0.0021"``, ``"132"``, ``"1.1e+04"``."""
    if value < 0.1 or value >= 1e4:
        return f"{value:#.2g}"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def format_hazard_ratio(value: float, lower: float, upper: float, *, name: str = "") -> str:
    """A ratio with its interval: ``"1.45 (1.02–2.06)"``; ``name`` stands before the interval (``"95 % CI "``)."""
    return f"{format_ratio(value)} ({name}{format_ratio(lower)}–{format_ratio(upper)})"
