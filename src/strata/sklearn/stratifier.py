"""The transformer that divides samples into the strata of a signature."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from strata.errors import Problem, UsageError
from strata.scoring import CohortSource, LearnedCuts
from strata.signatures import evaluate, needs_of
from strata.sklearn.base import FromSignatures, check_learnable, check_present
from strata.stratification import CutPoints, Strata, is_searched, one_population, stratify_in

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.scoring import Resources
    from strata.signatures import Library
    from strata.stratification import Population

__all__ = ["Stratifier"]


class Stratifier(FromSignatures):
    """Divide samples into the strata of a signature, by cut-points that are learned from the training samples.

    Parameters
    ----------
    signature : str, Path or Signature
        An id or a file.
    cut : str, optional
        ``median``, ``mean``, ``qNN``, ``sdN``, ``mixture``, ``tertiles`` or ``quartiles``, as for ``stratify``.
        None: the signature's own. ``optimal`` is searched on an endpoint and is refused: choose among the others by
        cross-validation.
    population : str, optional
        Signature ids joined by ``&``, intersected with the signature's own; their clinical columns must be in X.
    assay, scale, folders, resources
        As for ``SignatureScorer``.

    Attributes
    ----------
    signature_ : Signature
    cut_points_ : CutPoints
        What was learned: can be saved, cited, and applied by ``strata.stratify`` as well.
    labels_ : tuple of str
        ``("negative", "positive")``, or ``q1``, ``q2`` ...: what 0, 1 ... mean.
    n_features_in_, feature_names_in_

    Notes
    -----
    A population whose own rule learns something, and a rule that asks for a class by nearest centroid, are refused:
    they would be learned anew on every fold.
    """

    def __init__(
        self,
        signature: Any,
        *,
        cut: str | None = None,
        population: str | None = None,
        assay: str = "mrna",
        scale: str = "log2",
        folders: Iterable[str | Path] = (),
        resources: Resources | None = None,
    ) -> None:
        self.signature = signature
        self.cut = cut
        self.population = population
        self.assay = assay
        self.scale = scale
        self.folders = folders
        self.resources = resources

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the cut-points from the training samples.

        Parameters
        ----------
        X : pandas.DataFrame (n_samples, n_features)
            As for ``SignatureScorer``.
        y : ignored

        Raises
        ------
        UsageError
            When X has no names, the cut is unknown or searched, or the population learns something of its own.
        DataError
            When X lacks what the signature needs, or no cut-point can be learned from it.
        """
        cohort = self._cohort(X, reset=True)
        chosen = self._read_signatures(self.signature)
        if len(chosen) != 1:
            raise UsageError(Problem("signature", f"{len(chosen)} signatures, not one", code="E703"))
        self.signature_ = chosen[0]
        if is_searched(self.signature_, self.cut, self._library):
            fix = "Choose cut='median', 'q75' ... by cross-validation; or use strata.search_cut_point on a whole cohort"
            raise UsageError(
                Problem("cut", "'optimal' is searched on an endpoint, not learned from X", fix, code="E812")
            )
        source, population = self._source(cohort)
        _check_population(source, population, self._library)
        strata = self._strata(source, population)
        if strata.absent or any(np.isnan(cut.value) for cut in strata.cut_points.cuts):
            check_present([(self.signature_.id, strata.reasons)])
        self.cut_points_ = strata.cut_points
        self.labels_ = tuple(strata.labels.cat.categories)
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Strata (n_samples, 1) by the cut-points of ``fit``: 0 is marker-negative (or q1), 1 is positive (or q2) ...

        NaN where the call is unknown, and outside the population.
        """
        return self.predict(X)[:, np.newaxis]

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """The strata of ``transform`` in one dimension (n_samples,)."""
        check_is_fitted(self)
        strata = self._strata(*self._source(self._cohort(X, reset=False)), cut_points=self.cut_points_)
        codes = strata.labels.cat.codes.to_numpy(dtype="float64")
        return np.where(codes < 0, np.nan, codes)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The id of the signature."""
        check_is_fitted(self)
        return np.array([self.signature_.id], dtype=object)

    def _source(self, cohort: Cohort) -> tuple[CohortSource, Population]:
        population = one_population(self.signature_, self.population, self._library)
        needs = needs_of(self.signature_, self._library) | population.needs(self._library)
        check_learnable(needs)
        return CohortSource(cohort, needs, self.resources), population

    def _strata(self, source: CohortSource, population: Population, cut_points: CutPoints | None = None) -> Strata:
        return stratify_in(
            source, self.signature_, population=population, cut=self.cut, cut_points=cut_points, library=self._library
        )


def _check_population(source: CohortSource, population: Population, library: Library) -> None:
    """Refuse a population that learns: its cut would be learned anew on every fold."""
    if population.predicate is None:
        return
    learned = LearnedCuts(np.ones(len(source.cohort.patients), dtype=bool))
    evaluate(population.predicate, source=source, cuts=learned, library=library)
    if learned.cuts or learned.all_moments:
        what = f"{population.name} has a cut or a z-score of its own, which would be learned on every fold anew"
        raise UsageError(Problem("population", what, "Choose these patients before", code="E812"))
