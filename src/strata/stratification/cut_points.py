"""Cut-points: learned on one cohort, a value of their own, applied unchanged to another."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.errors import InputOutputError, Problem, UsageError
from strata.scoring import CutPoint, Moments
from strata.whole_file import whole_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.scoring import LearnedCuts

__all__ = ["QUANTILE_GROUPS", "CutPoints", "FittedCuts", "check_cut", "fitted"]

QUANTILE_GROUPS = {"tertiles": 3, "quartiles": 4}
"""The cuts that make more than two groups, by the number of groups."""

WORDS = ("median", "mean", "mixture", "optimal")
"""The cuts that are a word and make two groups."""


@dataclass(frozen=True, slots=True)
class CutPoints:
    """Everything a stratification learned from one cohort; can be saved, cited and applied to another cohort.

    Parameters
    ----------
    signature, cohort, population, cut_scope : str
        What was stratified, where, and over which patients the cut-points were taken.
    cuts : tuple of CutPoint
    moments : tuple of Moments
    """

    signature: str
    cohort: str
    population: str
    cut_scope: str
    cuts: tuple[CutPoint, ...] = ()
    moments: tuple[Moments, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    def save(self, path: str | Path) -> None:
        """Write the cut-points to a JSON file; ``InputOutputError`` when it cannot be written."""
        try:
            with whole_file(Path(path)) as file:
                file.write(json.dumps(self.to_dict(), indent=2) + "\n")
        except OSError as error:
            raise InputOutputError(Problem(str(path), f"cannot be written: {error.strerror}", code="E710")) from error

    @classmethod
    def load(cls, path: str | Path) -> CutPoints:
        """Read cut-points that ``save`` wrote.

        Raises
        ------
        InputOutputError
            When the file is not there or holds something else.
        """
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
            cuts = tuple(CutPoint(**cut) for cut in data.pop("cuts"))
            moments = tuple(Moments(**moment) for moment in data.pop("moments"))
            return cls(**data, cuts=cuts, moments=moments)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputOutputError(Problem(str(path), f"not a file of cut-points: {error}", code="E712")) from error


def check_cut(cut: str | None, *, where: str = "cut") -> None:
    """Refuse a ``cut`` that is none of median, mean, qNN, sdN, mixture, optimal, tertiles and quartiles.

    Raises
    ------
    UsageError
        When it is something else; the message lists what there is.
    """
    if cut is None or cut in WORDS or cut in QUANTILE_GROUPS:
        return
    kind, number = (cut[:1], cut[1:]) if cut[:1] == "q" else (cut[:2], cut[2:])
    try:
        value = float(number)
    except ValueError:
        value = np.nan
    if (kind == "q" and 1 <= value < 100) or (kind == "sd" and np.isfinite(value)):
        return
    fix = "Use median, mean, qNN (q75), sdN (sd1), mixture, optimal, tertiles or quartiles"
    raise UsageError(Problem(where, f"'{cut}' is not a cut", fix, code="E608"))


class FittedCuts:
    """Looks cut-points up that were learned before, on this cohort or another; learns nothing."""

    def __init__(self, cut_points: CutPoints) -> None:
        self._source = f"{cut_points.signature} learned on {cut_points.cohort}"
        self._cuts = cut_points.cuts
        self._moments = {moments.number: (moments.mean, moments.sd) for moments in cut_points.moments}

    def cut(self, number: str, rule: str, values: NDArray[np.float64]) -> float:  # noqa: ARG002
        """The stored cut-point of ``number`` by ``rule``, or the only one it has when the rule was overridden.

        Raises
        ------
        UsageError
            When these cut-points belong to another signature.
        """
        of_number = [cut for cut in self._cuts if cut.number == number]
        of_rule = [cut for cut in of_number if cut.rule == rule]
        if len(of_rule or of_number) != 1:
            raise UsageError(
                Problem("cut_points", f"no one cut-point for {number} ({rule}) in {self._source}", code="E712")
            )
        return (of_rule or of_number)[0].value

    def moments(self, number: str, values: NDArray[np.float64]) -> tuple[float, float]:  # noqa: ARG002
        """The stored mean and standard deviation of ``number``."""
        if number not in self._moments:
            raise UsageError(
                Problem("cut_points", f"no mean and SD for {number} among those of {self._source}", code="E712")
            )
        return self._moments[number]


def fitted(learned: LearnedCuts, *, signature: str, cohort: str, population: str, cut_scope: str) -> CutPoints:
    """What was learned so far, as a value."""
    return CutPoints(signature, cohort, population, cut_scope, learned.cuts, learned.all_moments)
