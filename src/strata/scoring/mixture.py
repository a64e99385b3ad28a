"""The cut between the two components of a mixture, for bimodal genes such as ESR1 and ERBB2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BIMODAL", "MixtureCut", "mixture_cut"]

BIMODAL = 1.1
"""Bimodality index above which Wang et al. 2009 call a gene bimodal."""
FEWEST = 20
"""Values below which two means, two variances and a share are not told from one mean and one variance."""
STARTS, SEED = 10, 0


@dataclass(frozen=True, slots=True)
class MixtureCut:
    """The cut between two normal components.

    Parameters
    ----------
    value : float
        Where a patient is as likely to be of one component as of the other, between their means; NaN where there is
        no such cut.
    bimodality_index : float
        Wang et al. 2009: sqrt(p (1 - p)) times the distance of the means in standard deviations. Where the components
        differ in theirs, it is the root of the variances' mean, weighted by the components' shares. Above 1.1 is what
        the authors call bimodal.
    bic_one, bic_two : float
        Bayesian information criterion of one component and of two: the smaller fits better.
    reason : str
        Why there is no cut; empty when there is one.
    """

    value: float
    bimodality_index: float = math.nan
    bic_one: float = math.nan
    bic_two: float = math.nan
    reason: str = ""


def mixture_cut(values: NDArray[np.float64]) -> MixtureCut:
    """The cut between the two components of a Gaussian mixture (1-D values; NaN ignored).

    Returns
    -------
    MixtureCut
        Without a cut when one component fits better (BIC), when there are fewer than 20 values, or when the components
        lie inside each other, so that no point between their means parts them.

    Notes
    -----
    scikit-learn's ``GaussianMixture``, the best of 10 starts from a fixed seed, on standardised values. The components
    have variances of their own, as in R's ``mclust`` model "V". Wang et al., Cancer Informatics 2009;7:199.
    """
    known = values[~np.isnan(values)]
    if known.size < FEWEST:
        return MixtureCut(math.nan, reason=f"{known.size} values are too few for a mixture, which needs {FEWEST}")
    mean, sd = float(known.mean()), float(known.std())
    if not sd > 0:
        return MixtureCut(math.nan, reason="every value is the same")
    bic_one, bic_two, shares, means, variances = _fitted((known - mean) / sd)
    within = shares @ variances
    index = math.sqrt(shares.prod() / within) * (means[1] - means[0])
    said = f"(BIC {bic_one:.1f} with one, {bic_two:.1f} with two)"
    reason, cut = f"one component fits better than two {said}", math.nan
    if bic_two < bic_one:
        cut = _equal_posteriors(shares, means, variances)
        reason = "" if cut == cut else f"the two components are not side by side {said}"
    return MixtureCut(mean + sd * cut, float(index), bic_one, bic_two, reason)


def _fitted(
    values: NDArray[np.float64],
) -> tuple[float, float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """BIC of one and of two components; shares, means and variances of the two, lower mean first."""
    from sklearn.mixture import GaussianMixture

    column = values[:, np.newaxis]
    one, two = (
        GaussianMixture(k, n_init=STARTS, random_state=SEED, tol=1e-9, max_iter=10_000).fit(column) for k in (1, 2)
    )
    order = np.argsort(two.means_[:, 0])
    parts = (two.weights_, two.means_[:, 0], two.covariances_[:, 0, 0])
    shares, means, variances = (np.asarray(part, dtype=np.float64)[order] for part in parts)
    return float(one.bic(column)), float(two.bic(column)), shares, means, variances


def _equal_posteriors(shares: NDArray[np.float64], means: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Where share times density is equal, between the means; NaN where one component is the likelier all the way.

    The logarithms of the two are parabolas in x, and so is their difference.
    """
    square = (1.0 / variances) / 2.0
    linear = means / variances
    constant = np.log(shares) - np.log(variances) / 2.0 - means**2 / (2.0 * variances)
    roots = np.roots([square[1] - square[0], linear[0] - linear[1], constant[0] - constant[1]])
    between = [float(root.real) for root in roots if root.imag == 0.0 and means[0] < root.real < means[1]]
    return between[0] if len(between) == 1 else math.nan
