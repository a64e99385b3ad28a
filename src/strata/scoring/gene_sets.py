"""Score patients with gene sets, and find the nearest of several centroids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from strata.errors import Problem, UsageError, shown
from strata.scoring.methods import METHODS, SCALINGS, Expression, IndexedSet, Method, spearman
from strata.signatures.faults import did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NearestCentroid", "SignedSet", "nearest_centroid", "score_sets"]

BLOCK = 4_000_000
"""Values that are ranked at once where no other patient changes a rank: 32 MB."""

SAME = 1e-12
"""Correlations nearer than this are equal: they differ by rounding only."""


@dataclass(frozen=True, slots=True)
class SignedSet:
    """A gene set with directions.

    Parameters
    ----------
    weights : mapping of str to float
        Positive: up; negative: down; zero: neither (only ``correlation`` reads it). The size of a weight matters to
        ``weighted`` and ``correlation`` alone.
    """

    weights: Mapping[str, float]

    @property
    def up(self) -> tuple[str, ...]:
        """Genes with a positive weight."""
        return tuple(gene for gene, weight in self.weights.items() if weight > 0)

    @property
    def down(self) -> tuple[str, ...]:
        """Genes with a negative weight."""
        return tuple(gene for gene, weight in self.weights.items() if weight < 0)


class NearestCentroid(NamedTuple):
    """Spearman's correlations (n_patients, n_classes), and each patient's class (``string``, NA where unknown)."""

    correlations: pd.DataFrame
    classes: pd.Series[Any]


def score_sets(
    expression: pd.DataFrame,
    sets: Mapping[str, SignedSet],
    *,
    method: str,
    min_coverage: float = 0.8,
    normalise: bool = False,
    moments: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Score every patient with every gene set.

    Parameters
    ----------
    expression : pandas.DataFrame (n_patients, n_genes)
        On a log scale, NaN where unknown. For ``ssgsea``, ``singscore`` and ``gsva`` the whole table, because genes
        outside a set change its score (``METHODS[method].needs_all_genes``).
    sets : mapping of name to SignedSet
    method : str
        A name in ``METHODS``, whose record says the formula, the range, the source, and whether other patients change
        a patient's score.
    min_coverage : float
        Share of a set's genes, those absent from the table included, that a patient must have. Which genes count is
        ``METHODS[method].genes``: a constant gene has no z-score, and gsva and plage leave out genes that are unknown
        in some patient with values.
    normalise : bool
        ``ssgsea`` only: divide by the range of all scores, as R's ``ssgsea.norm = TRUE``. **The scores then depend on
        the other sets and patients**; without it they depend on neither.
    moments : pandas.DataFrame (n_genes, 2), optional
        ``mean`` and ``sd`` of each gene for the z-scores of ``mean``, ``zscore`` and ``plage``, where they were learned
        on other patients. None: learned on these (ddof 1).

    Returns
    -------
    pandas.DataFrame (n_patients, n_sets)
        NaN where a patient has too few of a set's genes, none of its up genes or none of its down genes, and where a
        score does not exist: no gene outside the set (ssgsea, gsva, singscore), one gene (plage), equal weights
        (correlation). Neither the order of rows and columns nor the other sets change a score; tied genes are ordered
        by name.

    Raises
    ------
    UsageError
        Everything that is wrong with the arguments.

    Notes
    -----
    Each patient is ranked once for all sets. Memory beside the table: ``ssgsea`` and ``singscore`` take blocks of
    patients of 32 MB; ``gsva`` takes 22 bytes a value, the others 8 for each value of the sets' genes.
    """
    problems = _method_problems(method, normalise, moments)
    problems += [problem for name, genes in sets.items() for problem in _set_problems(name, genes)]
    if method in METHODS and not METHODS[method].needs_all_genes:
        expression = expression.loc[
            :, expression.columns.isin({gene for genes in sets.values() for gene in genes.weights})
        ]
    problems += _table_problems(expression, min_coverage)
    if problems:
        raise UsageError(problems)
    record, columns = METHODS[method], expression.columns.sort_values()
    # sorted rows and columns: sums and ties do not depend on the order of the file
    patients = np.argsort(expression.index.to_numpy(), kind="stable")
    learned = _learned(moments, columns)
    indexed = [_indexed(columns, genes) for genes in sets.values()]
    scores = np.empty((len(patients), len(sets)))
    in_blocks = record.needs_all_genes and not record.depends_on_samples
    step = max(1, BLOCK // max(1, len(columns)) if in_blocks else len(patients))
    for start in range(0, len(patients), step):
        rows = slice(start, start + step)
        values = _values(expression, columns, patients[rows], "C" if record.needs_all_genes else "F")
        prepared = Expression(values, *learned)
        covered = _covered(record, prepared, sets, indexed, min_coverage)
        scores[rows] = np.where(covered, record.kernel(prepared, indexed), np.nan)
    if normalise and not np.isnan(scores).all():
        scores /= np.nanmax(scores) - np.nanmin(scores) or np.nan
    back = np.empty_like(scores)
    back[patients] = scores
    return pd.DataFrame(back, index=expression.index, columns=list(sets))


def nearest_centroid(
    expression: pd.DataFrame,
    centroids: pd.DataFrame,
    *,
    scaling: Literal["none", "median", "scale", "robust"] = "median",
    min_coverage: float = 0.8,
) -> NearestCentroid:
    """Correlate every patient with every centroid, and name the nearest.

    Parameters
    ----------
    expression : pandas.DataFrame (n_patients, n_genes)
        On a log scale, NaN where unknown.
    centroids : pandas.DataFrame (n_genes, n_classes)
    scaling : {"none", "median", "scale", "robust"}
        What is done to each gene over the patients first: nothing; minus the median, as the PAM50 program of Parker and
        others (2009) does; z-scores (ddof 1); or -1 to 1 between the 2.5 % and 97.5 % quantiles. genefu's models
        ``pam50``, ``pam50.scale`` and ``pam50.robust`` use the first, third and fourth. All but "none" make a class
        depend on the other patients: a cohort of one subtype is still split.
    min_coverage : float
        Share of the centroids' genes that a patient must have; "scale" and "robust" lose constant genes.

    Returns
    -------
    NearestCentroid
        Correlations over the genes known in the patient (ties: mean rank), NaN below ``min_coverage`` and for constant
        values. The class is NA where no correlation is known or the two best are equal.

    Raises
    ------
    UsageError
        Everything that is wrong with the arguments.
    """
    problems = _table_problems(expression, min_coverage)
    if scaling not in SCALINGS:
        problems.append(
            Problem("scaling", f"unknown scaling {shown(scaling)}", did_you_mean(scaling, SCALINGS), code="E703")
        )
    problems += _centroid_problems(centroids)
    if problems:
        raise UsageError(problems)
    genes = expression.columns.intersection(centroids.index).sort_values()
    values = SCALINGS[scaling](expression[genes].to_numpy(dtype=np.float64, na_value=np.nan))
    covered = (~np.isnan(values)).sum(axis=1) / len(centroids) >= min_coverage
    rho = np.where(covered[:, None], spearman(values, centroids.loc[genes].to_numpy(dtype=np.float64)), np.nan)
    best = np.fmax.reduce(rho, axis=1, initial=-np.inf)
    near = rho >= best[:, None] - SAME
    names = np.asarray(centroids.columns, dtype=object)[near.argmax(axis=1)]
    classes = pd.Series(np.where(near.sum(axis=1) == 1, names, None), index=expression.index, dtype="string")
    return NearestCentroid(pd.DataFrame(rho, index=expression.index, columns=centroids.columns), classes)


def _values(
    expression: pd.DataFrame, columns: pd.Index[Any], patients: NDArray[np.intp], order: Literal["C", "F"]
) -> NDArray[np.float64]:
    """Sorted; samples lie together in memory ("C") where they are ranked, genes ("F") where they are added up."""
    table = expression if expression.columns.equals(columns) else expression[columns]
    values = table.to_numpy(dtype=np.float64, na_value=np.nan)
    sorted_already = len(patients) == len(values) and expression.index.is_monotonic_increasing
    return np.asarray(values if sorted_already else values[patients], order=order)


def _learned(moments: pd.DataFrame | None, columns: pd.Index[Any]) -> tuple[NDArray[np.float64], ...]:
    if moments is None:
        return ()
    own = moments.reindex(columns)
    return own["mean"].to_numpy(dtype=np.float64), own["sd"].to_numpy(dtype=np.float64)


def _indexed(columns: pd.Index[Any], genes: SignedSet) -> IndexedSet:
    place = columns.get_indexer(pd.Index(list(genes.weights)))
    weights = np.array(list(genes.weights.values()), dtype=np.float64)
    found = np.argsort(place)[(place < 0).sum() :]
    return IndexedSet(place[found], weights[found])


def _covered(
    method: Method,
    expression: Expression,
    sets: Mapping[str, SignedSet],
    indexed: list[IndexedSet],
    min_coverage: float,
) -> NDArray[np.bool_]:
    """Whether a patient has enough genes of a set, and some of each direction (n_patients, n_sets)."""
    usable = expression.usable(method.genes)
    covered = np.empty((len(usable), len(indexed)), dtype=bool)
    for column, asked, found in zip(covered.T, sets.values(), indexed):
        column[:] = usable[:, found.columns].sum(axis=1) / len(asked.weights) >= min_coverage
        for side, columns in ((asked.up, found.up), (asked.down, found.down)):
            if side:
                column &= usable[:, columns].any(axis=1)
    return covered


def _method_problems(method: str, normalise: bool, moments: pd.DataFrame | None) -> list[Problem]:
    if method not in METHODS:
        return [
            Problem("method", f"unknown scoring method {shown(method)}", did_you_mean(method, METHODS), code="E703")
        ]
    problems = []
    if normalise and method != "ssgsea":
        problems.append(
            Problem("normalise", f"the scores of {method} are not normalised", "Only ssgsea's can be", code="E703")
        )
    if moments is not None and method not in ("mean", "zscore", "plage"):
        problems.append(
            Problem("moments", f"{method} has no z-scores", "Only mean, zscore and plage take moments", code="E703")
        )
    if moments is not None and not {"mean", "sd"} <= set(moments.columns):
        problems.append(Problem("moments", "no columns 'mean' and 'sd'", "Give both, with genes as rows", code="E703"))
    return problems


def _table_problems(expression: pd.DataFrame, min_coverage: float) -> list[Problem]:
    problems = []
    if not 0 < min_coverage <= 1:
        problems.append(
            Problem("min_coverage", f"{min_coverage} is no share of genes", "Give one above 0, up to 1", code="E703")
        )
    twice = expression.columns[expression.columns.duplicated()].unique()
    if len(twice):
        genes = ", ".join(map(str, twice[:5]))
        problems.append(
            Problem("expression", f"genes in two columns or more ({len(twice)}): {genes}", "Keep one each", code="E612")
        )
    words = expression.columns[[not is_numeric_dtype(kind) for kind in expression.dtypes]]
    if len(words):
        genes = ", ".join(map(str, words[:5]))
        problems.append(Problem("expression", f"columns that are not numbers ({len(words)}): {genes}", code="E612"))
    elif np.isinf(expression.to_numpy(dtype=np.float64, na_value=np.nan)).any():
        problems.append(
            Problem("expression", "infinite values", "Leave them unknown (NaN), or add 1 before the log", code="E612")
        )
    return problems


def _set_problems(name: str, genes: SignedSet) -> list[Problem]:
    if not any(genes.weights.values()):
        return [Problem(f"gene set {name}", "no gene with a weight", "Give at least one gene, up or down", code="E612")]
    odd = [gene for gene, weight in genes.weights.items() if not np.isfinite(weight)]
    return (
        [Problem(f"gene set {name}", f"weights that are not finite numbers: {', '.join(odd)}", code="E612")]
        if odd
        else []
    )


def _centroid_problems(centroids: pd.DataFrame) -> list[Problem]:
    problems = []
    if centroids.empty:
        problems.append(Problem("centroids", "no genes or no classes", code="E612"))
    twice = centroids.index[centroids.index.duplicated()].unique()
    if len(twice):
        problems.append(
            Problem("centroids", f"genes in two rows or more: {', '.join(map(str, twice[:5]))}", code="E612")
        )
    if not np.isfinite(centroids.to_numpy(dtype=np.float64)).all():
        problems.append(
            Problem("centroids", "values that are not finite numbers", "Leave these genes out", code="E612")
        )
    return problems
