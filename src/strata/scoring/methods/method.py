"""What a scoring method is: one record a method, and how a set with two directions is scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from strata.scoring.methods.expression import Expression, Floats

__all__ = ["Genes", "IndexedSet", "Integers", "Kernel", "Method", "ratio", "up_minus_down"]

Integers = npt.NDArray[np.intp]
Genes = Literal["known", "varying", "complete"]


@dataclass(frozen=True, eq=False, slots=True)
class IndexedSet:
    """The genes of a set that the table has.

    Parameters
    ----------
    columns : array of int, shape (n_found,)
        Columns of ``Expression.values``, ascending.
    weights : array of float, shape (n_found,)
        Positive: up; negative: down; zero: neither.
    """

    columns: Integers
    weights: Floats

    @property
    def up(self) -> Integers:
        """Columns of the genes with a positive weight."""
        return self.columns[self.weights > 0]

    @property
    def down(self) -> Integers:
        """Columns of the genes with a negative weight."""
        return self.columns[self.weights < 0]


Kernel = Callable[[Expression, Sequence[IndexedSet]], Floats]


@dataclass(frozen=True, slots=True)
class Method:
    """How a gene set becomes a number for each sample.

    Parameters
    ----------
    name : str
        As signature files write it (``by: ssgsea``).
    formula, range, direction : str
        In words: how it is computed, between which numbers it lies, what a high score means.
    reference : str
        DOI.
    depends_on_samples : bool
        Whether the other samples change a sample's score.
    needs_all_genes : bool
        Whether genes outside the set change the score, so that the whole table has to be read.
    genes : {"known", "varying", "complete"}
        Which genes count: those known in the sample; of these, those that vary between samples; or those that vary and
        are known in every sample that has values.
    kernel : callable
        ``kernel(expression, sets)``: scores (n_samples, n_sets), NaN where a set has no usable gene.
    """

    name: str
    formula: str
    range: str
    direction: str
    reference: str
    depends_on_samples: bool
    needs_all_genes: bool
    genes: Genes
    kernel: Kernel


def up_minus_down(side: Callable[[Integers], Floats], sets: Sequence[IndexedSet], n_samples: int) -> Floats:
    """Score of the up genes minus score of the down genes (n_samples, n_sets), for a set with one side that side's.

    ``side`` scores the columns it is given; a gene of weight 0 has no side.
    """
    scores = np.full((n_samples, len(sets)), np.nan)
    for column, genes in zip(scores.T, sets):
        if genes.up.size and genes.down.size:
            column[:] = side(genes.up) - side(genes.down)
        elif genes.up.size:
            column[:] = side(genes.up)
        elif genes.down.size:
            column[:] = -side(genes.down)
    return scores


def ratio(numerator: npt.NDArray[Any], denominator: npt.NDArray[Any]) -> Floats:
    """``numerator / denominator``, NaN where the denominator is not positive."""
    result: Floats = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
