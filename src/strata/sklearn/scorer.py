"""The transformer that scores samples with signatures."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from strata.errors import Problem, UsageError
from strata.scoring import CohortSource, LearnedCuts
from strata.signatures import Number, evaluate_number, needs_of_rule
from strata.sklearn.base import FromSignatures, check_learnable, check_present
from strata.stratification import CutPoints, FittedCuts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.scoring import Resources

__all__ = ["SignatureScorer"]


class SignatureScorer(FromSignatures):
    """Score samples with signatures; a transformer.

    Parameters
    ----------
    signatures : str, Path, Signature or sequence of them
        Ids, files or folders. Each must define a score.
    assay : str
        The assay that the columns of X are features of: ``mrna``, ``protein``, ``serum``, ``mirna``, ``copy_number``.
    scale : str
        Of X: ``log2``, ``linear``, ``z-score`` ...; a rule may ask for it (a ratio is a difference of logarithms).
    folders : iterable of path
        Folders of your own signatures, which signatures may refer to.
    resources : Resources, optional
        Gene lists that signatures name.

    Attributes
    ----------
    signatures_ : tuple of Signature
    learned_ : CutPoints
        The means and standard deviations of z-scores, and cut-points of counted parts, of the training samples.
    n_features_in_, feature_names_in_

    Notes
    -----
    ``fit`` learns the means and standard deviations that ``transform`` standardises with. The scores that depend on the
    samples scored together without anything that could be learned (``gsva``, ``plage``, ``correlation``) are refused.
    """

    def __init__(
        self,
        signatures: Any,
        *,
        assay: str = "mrna",
        scale: str = "log2",
        folders: Iterable[str | Path] = (),
        resources: Resources | None = None,
    ) -> None:
        self.signatures = signatures
        self.assay = assay
        self.scale = scale
        self.folders = folders
        self.resources = resources

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn from the training samples.

        Parameters
        ----------
        X : pandas.DataFrame (n_samples, n_features)
            Columns are features of the assay, or clinical columns called ``clinical NAME``. NaN is unknown.
        y : ignored

        Raises
        ------
        UsageError
            When X has no names, or a signature has no score or one that cannot be learned.
        DataError
            Every signature whose features X lacks.
        """
        cohort = self._cohort(X, reset=True)
        self.signatures_ = self._read_signatures(self.signatures)
        problems = [
            Problem(f"signature {signature.id}", "it has no score", "Use Stratifier for its strata", code="E812")
            for signature in self.signatures_
            if signature.score is None
        ]
        if problems:
            raise UsageError(problems)
        cuts = LearnedCuts(np.ones(len(cohort.patients), dtype=bool))
        numbers = self._numbers(cohort, cuts)
        check_present(
            (signature.id, number.reasons) for signature, number in zip(self.signatures_, numbers) if number.absent
        )
        ids = ", ".join(signature.id for signature in self.signatures_)
        self.learned_ = CutPoints(ids, cohort.name, "all", "population", cuts.cuts, cuts.all_moments)
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Scores (n_samples, n_signatures) with what ``fit`` learned; NaN where unknown."""
        check_is_fitted(self)
        numbers = self._numbers(self._cohort(X, reset=False), FittedCuts(self.learned_))
        return np.column_stack([number.point for number in numbers])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The ids of the signatures, one a column of ``transform``."""
        check_is_fitted(self)
        return np.array([signature.id for signature in self.signatures_], dtype=object)

    def _numbers(self, cohort: Cohort, cuts: LearnedCuts | FittedCuts) -> list[Number]:
        scores = [signature.score for signature in self.signatures_ if signature.score is not None]
        needs = reduce(or_, (needs_of_rule(score, self._library) for score in scores))
        check_learnable(needs)
        source = CohortSource(cohort, needs, self.resources)
        return [evaluate_number(score, source=source, cuts=cuts, library=self._library) for score in scores]
