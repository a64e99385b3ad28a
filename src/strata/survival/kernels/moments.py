"""Means and variances of the covariates in the risk sets of a Cox model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strata.survival.kernels.intervals import binned
from strata.survival.kernels.partial_likelihood import HIGHEST, PartialLikelihood
from strata.survival.kernels.risk_table import Floats

__all__ = ["RiskSetMoments"]


@dataclass(frozen=True, slots=True)
class RiskSetMoments:
    """In each term of the likelihood, a patient at risk weighs its share of the hazard.

    Parameters
    ----------
    likelihood : PartialLikelihood
        Who is at risk in which term.
    x : array of float, shape (n, n_covariates)
        Covariates about their mean weighted by hazard: where one group has nearly all the hazard, the small variances
        keep their digits.
    hazard : array of float, shape (n,)
        exp(linear predictor), up to a factor.
    total : array of float, shape (n_terms,)
        Hazard at risk.
    mean : array of float, shape (n_covariates, n_terms)
        Mean ``x`` at risk.
    log_likelihood : float
    """

    likelihood: PartialLikelihood
    x: Floats
    hazard: Floats
    total: Floats
    mean: Floats
    log_likelihood: float

    @classmethod
    def at(cls, likelihood: PartialLikelihood, coefficients: Floats) -> RiskSetMoments:
        """The moments at ``coefficients`` of shape (n_covariates,)."""
        eta = likelihood.x @ coefficients
        eta = np.clip(eta - np.median(eta), -HIGHEST, HIGHEST) if eta.size else eta
        hazard = np.exp(eta)
        x = likelihood.x - (hazard @ likelihood.x) / hazard.sum()
        sums = _at_risk(likelihood, np.vstack([hazard, x.T * hazard]))
        log_likelihood = float(eta[likelihood.event].sum() - np.log(sums[0]).sum())
        return cls(likelihood, x, hazard, sums[0], sums[1:] / sums[0], log_likelihood)

    def average(self, values: Floats) -> Floats:
        """Mean over those at risk of one value a patient: (n,) to (n_terms,)."""
        average: Floats = _at_risk(self.likelihood, (values * self.hazard)[np.newaxis])[0] / self.total
        return average

    def received(self, values: Floats) -> Floats:
        """What a patient receives when each term shares its value among those at risk: (n_terms,) to (n,)."""
        likelihood, shares = self.likelihood, values / self.total
        per_time = binned(likelihood.term, np.vstack([shares, likelihood.fraction * shares]), likelihood.at_risk.size)
        weight = likelihood.at_risk.gathered(per_time[0])
        weight[likelihood.event] -= per_time[1, likelihood.own]
        return weight * self.hazard

    def at_events(self) -> Floats:
        """Mean ``x`` at risk at each patient's own event, averaged over its tied terms: (n_events, n_covariates)."""
        likelihood = self.likelihood
        tied = np.bincount(likelihood.term, minlength=likelihood.at_risk.size)
        return (binned(likelihood.term, self.mean, tied.size) / tied)[:, likelihood.own].T

    def information(self, weights: Floats) -> Floats:
        """Weighted sum over the terms of the covariance of the covariates, shape (n_covariates, n_covariates)."""
        information: Floats = (self.x.T * self.received(weights)) @ self.x - (self.mean * weights) @ self.mean.T
        return information


def _at_risk(likelihood: PartialLikelihood, columns: Floats) -> Floats:
    """Sums over those at risk in every term: (n_columns, n) to (n_columns, n_terms)."""
    sums = likelihood.at_risk.summed(columns)[:, likelihood.term]
    if likelihood.fraction.any():
        tied = binned(likelihood.own, columns[:, likelihood.event], likelihood.at_risk.size)
        sums = sums - likelihood.fraction * tied[:, likelihood.term]
    return sums
