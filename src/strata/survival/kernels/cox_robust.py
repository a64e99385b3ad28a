"""The robust (sandwich) covariance of Cox coefficients when patients, or rows of one patient, come in clusters."""

from __future__ import annotations

import numpy as np

from strata.survival.kernels.intervals import binned
from strata.survival.kernels.moments import RiskSetMoments
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import Floats, Integers

__all__ = ["robust_covariance", "score_residuals"]


def score_residuals(likelihood: PartialLikelihood, coefficients: Floats) -> Floats:
    """What each patient at risk adds to the score, shape (n, n_covariates).

    A patient's covariates less the mean at risk: once at the patient's own event (averaged over its tied terms), and
    less the patient's share of the hazard in every term. R: ``residuals(coxph(), type = "score")``.
    """
    moments = RiskSetMoments.at(likelihood, coefficients)
    tied = np.bincount(likelihood.term, minlength=likelihood.at_risk.size)
    own_mean = (binned(likelihood.term, moments.mean, tied.size) / np.maximum(tied, 1))[:, likelihood.own]
    shared = np.vstack([moments.received(mean) for mean in moments.mean])
    residuals: Floats = shared.T - moments.x * moments.received(np.ones(likelihood.term.size))[:, np.newaxis]
    residuals[likelihood.event] += moments.x[likelihood.event] - own_mean.T
    return residuals


def robust_covariance(residuals: Floats, covariance: Floats, clusters: Integers) -> Floats:
    """Lin and Wei's covariance: the sum over clusters of the squares of their influence on the coefficients.

    Parameters
    ----------
    residuals : array of float, shape (n, n_covariates)
        Score residuals.
    covariance : array of float, shape (n_covariates, n_covariates)
        Inverse of the information.
    clusters : array of int, shape (n,)
        Who belongs together.
    """
    influence = binned(clusters, (residuals @ covariance).T, int(clusters.max()) + 1)
    robust: Floats = influence @ influence.T
    return robust
