"""A table of expression prepared once for every gene set and method: ranks, moments and z-scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from strata.scoring.methods.method import Genes

__all__ = ["CONSTANT", "Booleans", "Expression", "Floats", "Ranks", "rank_samples"]

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

CONSTANT = 1e-10
"""A gene whose standard deviation is below this is constant, as in R's GSVA."""
GENES = 128
"""Genes whose moments are taken at once: few enough for the processor's cache."""


@dataclass(frozen=True, eq=False, slots=True)
class Ranks:
    """Where each gene stands in its sample, 1 the lowest; 0 where the gene is unknown.

    Parameters
    ----------
    ordinal : array of unsigned int, shape (n_samples, n_genes)
        Ties broken by column: the first stands highest, as in R's ``order(decreasing = TRUE)``.
    lowest : same shape
        Tied genes share the lowest rank of the tie (R's ``ties.method = "min"``).
    average : same shape
        Tied genes share the mean rank of the tie without its fraction, as in GSVA's ssgsea.
    n_known : array of int, shape (n_samples,)
    """

    ordinal: npt.NDArray[Any]
    lowest: npt.NDArray[Any]
    average: npt.NDArray[Any]
    n_known: npt.NDArray[np.int64]


class Expression:
    """Expression of genes in samples.

    Everything below is computed when it is first asked for and kept. The ranks of all genes take 6 bytes a value beside
    the 8 of ``values`` (12 from 65,536 genes on).

    Parameters
    ----------
    values : array of float, shape (n_samples, n_genes)
        NaN where unknown. The order of the columns decides ties, so sort them by name.
    means, sds : arrays of float, shape (n_genes,), optional
        What the z-scores are taken with, where it was learned elsewhere. None: mean and standard deviation (ddof 1) of
        the samples' known values.
    """

    def __init__(self, values: Floats, means: Floats | None = None, sds: Floats | None = None) -> None:
        self.values = values
        self._given = None if means is None or sds is None else (means, sds)

    @cached_property
    def known(self) -> Booleans:
        """Whether a gene has a value in a sample (n_samples, n_genes)."""
        return ~np.isnan(self.values)

    @cached_property
    def ranks(self) -> Ranks:
        """Every sample ranked once, among its own known genes."""
        return rank_samples(self.values)

    @cached_property
    def moments(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each gene; NaN for the deviation of a constant gene or of a single value."""
        means, sds = self._given or self._own_moments()
        return means, np.where(sds < CONSTANT, np.nan, sds)

    @cached_property
    def varying(self) -> Booleans:
        """Genes that have a standard deviation (n_genes,)."""
        return ~np.isnan(self.moments[1])

    @cached_property
    def measured(self) -> Booleans:
        """Samples with a value in any gene (n_samples,)."""
        return np.asarray(self.known.any(axis=1))

    @cached_property
    def complete(self) -> Booleans:
        """Genes that vary and have a value in every measured sample (n_genes,)."""
        return self.varying & self.known[self.measured].all(axis=0)

    def usable(self, genes: Genes) -> Booleans:
        """Which values a method can use (n_samples, n_genes); see ``Method.genes``."""
        if genes == "known":
            return self.known
        if genes == "varying":
            return self.known & self.varying
        return self.measured[:, None] & self.complete

    def take(self, columns: npt.NDArray[np.intp]) -> Floats:
        """Values of some genes (n_columns, n_samples): genes as rows, so that each is read and added as a whole."""
        return self.values.T[columns]

    def zscores(self, columns: npt.NDArray[np.intp]) -> Floats:
        """Values of some genes minus their mean, over their standard deviation (n_columns, n_samples)."""
        means, sds = self.moments
        z = self.take(columns)
        z -= means[columns, None]
        z /= sds[columns, None]
        return z

    def _own_moments(self) -> tuple[Floats, Floats]:
        blocks = np.array_split(self.values, range(GENES, self.values.shape[1], GENES), axis=1)
        means, sds = zip(*map(_moments, blocks))
        return np.concatenate(means), np.concatenate(sds)


def _moments(values: Floats) -> tuple[Floats, Floats]:
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    means = filled.sum(axis=0) / np.where(n > 0, n, np.nan)
    filled -= np.where(n > 0, means, 0.0)
    filled *= known
    squares = np.einsum("sg,sg->g", filled, filled)
    return means, np.sqrt(squares / np.where(n > 1, n - 1, np.nan))


def rank_samples(values: Floats) -> Ranks:
    """Rank the genes of each sample (n_samples, n_genes), one sample after the other."""
    n_genes = values.shape[1]
    smallest = np.min_scalar_type(n_genes)
    ordinal, lowest, average = (np.zeros(values.shape, dtype=smallest) for _ in range(3))
    n_known = np.array([n_genes - np.isnan(row).sum() for row in values], dtype=np.int64)
    for row, n, own_ordinal, own_lowest, own_average in zip(values, n_known, ordinal, lowest, average):
        descending = -row
        order = np.argsort(descending)[:n]  # NaN sorts last, also when negated
        new = np.diff(descending[order], prepend=np.nan) != 0
        if new.all():
            own_ordinal[order] = np.arange(n, 0, -1)
            own_lowest[:] = own_average[:] = own_ordinal
            continue
        starts = np.flatnonzero(new)
        ends = np.append(starts[1:], n)
        # one number for tie and column: sorting it puts tied genes in the order of the columns
        tie = np.repeat(np.arange(starts.size), ends - starts) * n_genes
        order = np.sort(tie + order) - tie
        own_ordinal[order] = np.arange(n, 0, -1)
        own_lowest[order] = np.repeat(n - ends + 1, ends - starts)
        own_average[order] = np.repeat((2 * n - starts - ends + 1) // 2, ends - starts)
    return Ranks(ordinal, lowest, average, n_known)
