"""The exact partial likelihood of tied events: all sets of patients who could have had them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strata.survival.kernels.partial_likelihood import HIGHEST
from strata.survival.kernels.risk_table import Booleans, Floats, Integers, RiskTable

__all__ = ["ExactLikelihood"]

MOST_TIED = 50


@dataclass(frozen=True, slots=True)
class ExactLikelihood:
    """Log partial likelihood of discrete time: the d events at t could be those of any d patients at risk.

    Parameters
    ----------
    x : array of float, shape (n, n_covariates)
        Covariates of the patients at risk at one event time at least, centred and scaled.
    event : array of bool, shape (n,)
    first, last : arrays of int, shape (n,)
        The event times at which each patient is at risk.
    term : array of int, shape (n_events,)
        The time of each event, ascending.
    """

    x: Floats
    event: Booleans
    first: Integers
    last: Integers
    term: Integers

    @classmethod
    def of(cls, x: Floats, table: RiskTable) -> ExactLikelihood:
        """The likelihood of covariates ``x`` of shape (n_patients, n_covariates)."""
        kept, term = table.first < table.last, np.sort(table.last[table.event] - 1)
        most = int(np.bincount(term).max(initial=0))
        if most > MOST_TIED:
            raise ValueError(f"ties exact is for {MOST_TIED} events at one time at most, not {most}: use efron")
        return cls(x[kept], table.event[kept], table.first[kept], table.last[kept], term)

    def keep(self, columns: Booleans) -> ExactLikelihood:
        """The same likelihood with some of the covariates."""
        return replace(self, x=self.x[:, columns])

    def at(self, coefficients: Floats) -> tuple[float, Floats, Floats]:
        """Log likelihood, score (n_covariates,) and observed information (n_covariates, n_covariates).

        The sum over all sets of k patients of the product of their hazards, and its first and second derivatives, from
        that over k - 1: one patient after the other joins the sets (Gail, Lubin and Rubinstein 1981).
        """
        eta = self.x @ coefficients
        eta = np.clip(eta - np.median(eta), -HIGHEST, HIGHEST) if eta.size else eta
        events, p = np.bincount(self.term), self.x.shape[1]
        sums = np.zeros((events.size, int(events.max(initial=0)) + 1))
        slopes, curves = np.zeros((*sums.shape, p)), np.zeros((*sums.shape, p, p))
        sums[:, 0] = 1.0
        for hazard, x, first, last in zip(np.exp(eta), self.x, self.first, self.last):
            times = slice(first, last)
            smaller, slope = sums[times, :-1], slopes[times, :-1]
            with_x = slope + x * smaller[..., np.newaxis]
            curve = curves[times, :-1] + with_x[..., np.newaxis] * x + x[:, np.newaxis] * slope[..., np.newaxis, :]
            curves[times, 1:] += hazard * curve
            slopes[times, 1:] += hazard * with_x
            sums[times, 1:] += hazard * smaller
        at = np.arange(events.size), events
        mean = slopes[at] / sums[at][:, np.newaxis]
        second = curves[at] / sums[at][:, np.newaxis, np.newaxis]
        score = self.x[self.event].sum(axis=0) - mean.sum(axis=0)
        return float(eta[self.event].sum() - np.log(sums[at]).sum()), score, second.sum(axis=0) - mean.T @ mean
