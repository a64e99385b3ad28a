"""What is learned from a cohort: cut-points, and the means and standard deviations that terms are standardised with."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from strata.scoring.mixture import BIMODAL, mixture_cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CutPoint", "LearnedCuts", "Moments", "learn_cut"]


@dataclass(frozen=True, slots=True)
class CutPoint:
    """One learned cut-point: ``rule`` of ``number`` over ``n`` patients is ``value``, and ``ties`` of them tie.

    ``note`` says how good it is (the bimodality index of a mixture, the endpoint of a searched cut), or why ``value``
    is NaN.
    """

    number: str
    rule: str
    value: float
    n: int
    ties: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation (ddof 1) that a term was standardised with."""

    number: str
    mean: float
    sd: float
    n: int


def learn_cut(rule: str, values: NDArray[np.float64]) -> float:
    """The cut-point that ``rule`` gives over ``values`` (1-D, NaN ignored); NaN when nothing can be learned.

    Quantiles are type 7, the default of numpy and R; a third is written exactly, ``q100/3``. ``sdN`` is mean + N
    standard deviations (ddof 1). ``mixture`` is the point between two components (:func:`mixture_cut`). ``optimal``
    cannot be learned from values alone: it is searched on an endpoint.
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return float("nan")
    if known.size > 1 and known.min() == known.max():
        # the rounding of a mean would set equal values above or below it
        return float(known[0])
    if rule == "median":
        return float(np.median(known))
    if rule == "mean":
        return float(known.mean())
    if rule == "mixture":
        return mixture_cut(known).value
    if rule == "optimal":
        return float("nan")
    if rule.startswith("q"):
        return float(np.quantile(known, float(Fraction(rule[1:]) / 100)))
    return float(known.mean() + float(rule[2:]) * known.std(ddof=1)) if known.size > 1 else float("nan")


def _with_note(rule: str, known: NDArray[np.float64]) -> tuple[float, str]:
    """The cut-point, and what a reader must know about it."""
    if rule != "mixture":
        return learn_cut(rule, known), ""
    mixture = mixture_cut(known)
    index = mixture.bimodality_index
    weak = "" if index > BIMODAL else f": below {BIMODAL}, not clearly bimodal"
    return mixture.value, mixture.reason or f"bimodality index {index:.2f}{weak}"


class LearnedCuts:
    """Learns cut-points over a scope, and remembers them.

    Parameters
    ----------
    scope : array of bool (n_patients,)
        The patients a cut is learned on; those without a value drop out.
    override : str, optional
        Replaces the signature's own learned cuts, never its numbers.
    """

    def __init__(self, scope: NDArray[np.bool_], *, override: str | None = None) -> None:
        self._scope = scope
        self._override = override
        self._cuts: dict[tuple[str, str], CutPoint] = {}
        self._moments: dict[str, Moments] = {}

    def cut(self, number: str, rule: str, values: NDArray[np.float64]) -> float:
        """The cut-point of ``number`` by ``rule``, or by the override."""
        rule = self._override or rule
        key = (number, rule)
        if key not in self._cuts:
            known = values[self._scope & ~np.isnan(values)]
            value, note = _with_note(rule, known)
            if known.size > 1 and value == known.min() and rule != "optimal":
                note = "it is also the lowest value"
            self._cuts[key] = CutPoint(number, rule, value, int(known.size), int((known == value).sum()), note)
        return self._cuts[key].value

    def moments(self, number: str, values: NDArray[np.float64]) -> tuple[float, float]:
        """Mean and standard deviation (ddof 1) of ``number``."""
        if number not in self._moments:
            known = values[self._scope & ~np.isnan(values)]
            mean, sd = (float(known.mean()), float(known.std(ddof=1))) if known.size > 1 else (np.nan, np.nan)
            self._moments[number] = Moments(number, mean, sd, int(known.size))
        moments = self._moments[number]
        return moments.mean, moments.sd

    @property
    def cuts(self) -> tuple[CutPoint, ...]:
        """Every cut-point learned so far, in the order in which it was asked for."""
        return tuple(self._cuts.values())

    @property
    def all_moments(self) -> tuple[Moments, ...]:
        """Every mean and standard deviation learned so far."""
        return tuple(self._moments.values())
