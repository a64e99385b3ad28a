"""The markers that are paired: one bit a patient, those known of everybody first."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from strata.errors import DataError, Problem, UsageError
from strata.scan.markers import MARKER_KINDS, markers_of
from strata.scoring import Resources
from strata.scoring.finding import Finder
from strata.survival.kernels.pairs import PackedMarkers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.scan.study import Study
    from strata.survival.kernels.pair_layout import Bits, PairLayout

__all__ = ["PairMarkers", "check_assay"]


@dataclass(frozen=True, eq=False, slots=True)
class PairMarkers:
    """Markers of one assay.

    Parameters
    ----------
    genes, positive_if : tuples of str
        As in ``Markers``.
    position : array of int (n_markers,)
        Where each stands among the genes asked for; by name where none are.
    n_partners : int
        The first markers are those of the one gene that is paired with every other; 0: all are paired with all.
    n_patients : int
    positive, negative : arrays of bits (n_markers, n_patients)
        ``negative`` None: everybody who is not positive.
    gaps : array of bool (n_markers,)
        Which markers are unknown of somebody.
    """

    genes: tuple[str, ...]
    positive_if: tuple[str, ...]
    position: NDArray[np.int64]
    n_partners: int
    n_patients: int
    positive: Bits
    negative: Bits | None
    gaps: NDArray[np.bool_]

    @classmethod
    def read(
        cls, cohort: Cohort, assay: str, study: Study, genes: Sequence[str] | None, partner: str | None
    ) -> PairMarkers:
        """Of a cohort's assay, cut at the median of the population.

        Raises
        ------
        DataError
            When a name means no feature of the assay, or fewer than two markers are left.
        """
        asked = [] if genes is None else list(genes)
        found = _features(cohort, assay, asked if partner is None else [partner, *asked])
        one = None if partner is None else found[0]
        names: list[str] = []
        said: list[str] = []
        positive, negative, gaps = [], [], []
        for block in markers_of(cohort, assay, study.inside, study.keep, None if genes is None else found):
            names += block.genes
            said += block.positive_if
            positive.append(np.packbits(block.positive & block.known, axis=1))
            negative.append(np.packbits(block.known & ~block.positive, axis=1))
            gaps.append(~block.known.all(axis=1))
        first = np.array([name == one for name in names], dtype=bool)
        others = int((~first).sum())
        if others < (2 if one is None else 1):
            raise DataError(
                Problem(f"cohort {cohort.name}", f"{others} {assay} markers are too few to make pairs", code="E811")
            )
        gappy = np.concatenate(gaps)
        # all genes of a table are taken by name: its rows may be in any order
        place = np.argsort(np.argsort(names)) if genes is None else np.arange(len(names))
        order = np.lexsort((place, gappy, ~first))
        return cls(
            genes=tuple(names[i] for i in order),
            positive_if=tuple(said[i] for i in order),
            position=place[order],
            n_partners=int(first.sum()),
            n_patients=study.outcome.n,
            positive=np.concatenate(positive)[order],
            negative=np.concatenate(negative)[order] if gappy.any() else None,
            gaps=gappy[order],
        )

    @property
    def n_pairs(self) -> int:
        """Pairs of them."""
        n, first = len(self.genes), self.n_partners
        return first * (n - first) if first else n * (n - 1) // 2

    def flags(self, markers: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Who is positive and who is negative, shape (n_chosen, n_patients) each."""
        positive = np.unpackbits(self.positive[markers], axis=1, count=self.n_patients).astype(bool)
        if self.negative is None:
            return positive, ~positive
        return positive, np.unpackbits(self.negative[markers], axis=1, count=self.n_patients).astype(bool)

    def packed(self, layout: PairLayout, patients: NDArray[np.int64] | None = None) -> PackedMarkers:
        """In the words of a layout; ``patients`` as for ``PairLayout.pack``."""
        negative = None if self.negative is None else layout.pack(self.negative, patients)
        return PackedMarkers(layout.pack(self.positive, patients), negative)


def check_assay(cohort: Cohort, assay: str) -> None:
    """Refuse an assay that has no markers, or that the cohort lacks.

    Raises
    ------
    UsageError, DataError
    """
    if assay not in MARKER_KINDS:
        raise UsageError(Problem("assay", f"'{assay}' is none of {', '.join(MARKER_KINDS)}", code="E703"))
    has = [kind for kind in MARKER_KINDS if kind in cohort.assays or kind in cohort.mutations]
    if assay not in has:
        fix = f"It has {', '.join(has)}" if has else ""
        raise DataError(Problem(f"cohort {cohort.name}", f"it has no {assay} table", fix, code="E811"))


def _features(cohort: Cohort, assay: str, genes: Sequence[str]) -> list[str]:
    """The features of the assay's tables that names mean, each name's at its place."""
    finder = Finder(cohort, Resources().names)
    found, problems = [], []
    for gene in genes:
        one = finder.find(assay, gene)
        if one.feature is None:
            near = get_close_matches(gene, finder.features(assay), n=1)
            hint = f"Did you mean '{near[0]}'?" if near else ""
            problems.append(Problem(f"cohort {cohort.name}", one.reason, hint, code="E811"))
        elif "@" in one.feature:
            what = f"{assay} {gene} is a value at a later time point"
            problems.append(Problem(f"cohort {cohort.name}", what, "Name the gene alone", code="E811"))
        else:
            found.append(one.feature)
    if problems:
        raise DataError(problems)
    return found
