"""Signatures in scikit-learn: what is learned from the training fold is applied, unchanged, to the test fold.

``SignatureScorer`` and ``Stratifier`` are thin: the rules, scores and cut-points are those of ``strata.scoring`` and
``strata.stratification``. NaN is a third value, *unknown*, in what goes in and in what comes out: it is never "low".
"""

from strata.sklearn.scorer import SignatureScorer
from strata.sklearn.stratifier import Stratifier

__all__ = ["SignatureScorer", "Stratifier"]
