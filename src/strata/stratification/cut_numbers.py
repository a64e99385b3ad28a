"""The numbers that a signature cuts, patient by patient, and where it cuts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.scoring import CohortSource
from strata.signatures import Compare, Predicate, Reference, Signature, evaluate_number, needs_of, signature_library
from strata.stratification.cut_points import FittedCuts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.scoring import Resources
    from strata.stratification.strata import Strata

__all__ = ["CutValues", "cut_values"]

_MOST_BARS = 40
_FEW_VALUES = 12
"""So many distinct values have a bar each."""


@dataclass(frozen=True, eq=False, slots=True)
class CutValues:
    """One number of a rule, in the patients of the population, and its cut-points.

    Parameters
    ----------
    cohort, population : str
    number : str
        ``mrna IGF1R``, ``mean(mrna IGF1R, mrna SPHK1)``.
    rule : str
        ``median``, ``tertiles``, or ``2`` for a number that the rule gives.
    cuts : tuple of float
        Lowest first.
    upper : bool
        A value equal to a cut belongs to the group above it: the rule says ``at least`` or ``below``.
    known : array of float (n,)
        The values that are known.
    n_unknown : int
        Patients of the population without a known value.
    """

    cohort: str
    population: str
    number: str
    rule: str
    cuts: tuple[float, ...]
    upper: bool
    known: NDArray[np.float64]
    n_unknown: int

    @property
    def groups(self) -> tuple[str, ...]:
        """What the groups on both sides of the cuts are called, lowest first."""
        low, high = ("<", "≥") if self.upper else ("≤", ">")
        ends = [f"{cut:.4g}" for cut in self.cuts]
        between = [f"{high} {left}, {low} {right}" for left, right in pairwise(ends)]
        return (f"{low} {ends[0]}", *between, f"{high} {ends[-1]}")

    @property
    def group(self) -> NDArray[np.int64]:
        """Index into ``groups`` of each value, shape (n,)."""
        return self._place(np.asarray(self.cuts))

    def _place(self, edges: NDArray[np.float64]) -> NDArray[np.int64]:
        """How many of ``edges`` each value is above."""
        return np.searchsorted(edges, self.known, side="right" if self.upper else "left")

    def to_frame(self) -> pd.DataFrame:
        """The histogram: ``number``, ``group``, ``lower``, ``upper`` and ``n``, a row for each group in each bar.

        The lowest cut is an edge of two bars. A number of few distinct values has a bar for each of them.
        """
        edges = self._edges()
        bar = np.clip(self._place(edges) - 1, 0, edges.size - 2)
        counts = np.zeros((len(self.groups), edges.size - 1), dtype=np.int64)
        np.add.at(counts, (self.group, bar), 1)
        group, at = np.nonzero(counts)
        names = np.array(self.groups, dtype=object)[group]
        rows = {"group": names, "lower": edges[at], "upper": edges[at + 1], "n": counts[group, at]}
        return pd.DataFrame({"number": self.number} | rows)

    def _edges(self) -> NDArray[np.float64]:
        distinct = np.unique(self.known)
        if distinct.size <= _FEW_VALUES:
            half = np.diff(distinct).min(initial=1.0) / 2
            return np.unique(np.concatenate([distinct - half, distinct + half]))
        low, high = distinct[0], distinct[-1]
        width = (high - low) / min(_MOST_BARS, int(np.ceil(np.sqrt(self.known.size))) + 4)
        first, last = np.floor((low - self.cuts[0]) / width), np.ceil((high - self.cuts[0]) / width)
        # one bar more at both ends: a value on the outermost edge may belong beyond it
        edges: NDArray[np.float64] = self.cuts[0] + width * np.arange(first - 1, last + 2)
        return edges


def cut_values(
    cohort: Cohort,
    signature: Signature | str,
    strata: Strata,
    *,
    absent_assay: str = "unknown",
    library: Mapping[str, Signature] | None = None,
    resources: Resources | None = None,
) -> tuple[CutValues, ...]:
    """Read the numbers that strata come from: the score, or the value of each gene, with the cuts that were used.

    Parameters
    ----------
    cohort : Cohort
        That was stratified.
    signature : Signature or str
        By which.
    strata : Strata
    absent_assay, library, resources
        As for ``stratify``.

    Returns
    -------
    tuple of CutValues
        In the order of the rule; none for a rule without numbers (mutations), and where no value is known.

    Raises
    ------
    UsageError
        When the strata are not those of this cohort and signature.
    """
    library = signature_library() if library is None else library
    signature = library[signature] if isinstance(signature, str) else signature
    if (strata.cohort, strata.signature) != (cohort.name, signature.id):
        theirs = f"{strata.signature} in cohort {strata.cohort}"
        what = f"the strata are those of {theirs}, not of {signature.id} in cohort {cohort.name}"
        raise UsageError(Problem("strata", what, code="E812"))
    if strata.absent:
        return ()
    source = CohortSource(cohort, needs_of(signature, library), resources)
    found = []
    for rule, words, cuts in _cut_numbers(signature, strata, library):
        point = evaluate_number(
            rule.number,
            source=source,
            cuts=FittedCuts(strata.cut_points),
            library=library,
            absent_assay=absent_assay,
        ).point[strata.inside]
        known = point[~np.isnan(point)]
        if known.size:
            upper = rule.comparator in ("at_least", "below")
            keys = (cohort.name, strata.population, str(rule.number), words, tuple(sorted(cuts)), upper)
            found.append(CutValues(*keys, known, point.size - known.size))
    return tuple(found)


def _cut_numbers(
    signature: Signature, strata: Strata, library: Mapping[str, Signature]
) -> Iterator[tuple[Compare, str, list[float]]]:
    """Each number that is cut, by which rule in words, and at which values."""
    learned: dict[str, list[float]] = {}
    words: dict[str, str] = {}
    for point in strata.cut_points.cuts:
        if not np.isnan(point.value):
            learned.setdefault(point.number, []).append(point.value)
            words.setdefault(point.number, point.rule)
    rules = [] if signature.positive is None else list(_comparisons(signature.positive, library))
    if signature.score is not None and (strata.quantile_groups or str(signature.score) in learned):
        # quantile groups are of the score, and a group lies above its cut
        of_score = Compare(number=signature.score, comparator="above", cut=str(strata.cut))
        rules = [of_score] if strata.quantile_groups else [*rules, of_score]
    first: dict[str, Compare] = {}
    for rule in rules:
        first.setdefault(str(rule.number), rule)
    for number, rule in first.items():
        if number in learned:
            yield rule, str(strata.cut) if strata.quantile_groups else words[number], learned[number]
        elif isinstance(rule.cut, float):
            yield rule, f"{rule.cut:g}", [rule.cut]


def _comparisons(rule: Predicate, library: Mapping[str, Signature]) -> Iterator[Compare]:
    """The comparisons of a rule, through references."""
    for node in rule.walk():
        if isinstance(node, Compare):
            yield node
        elif isinstance(node, Reference) and (named := library[node.signature].positive) is not None:
            yield from _comparisons(named, library)
