"""The Cox partial likelihood with its first and second derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strata.survival.kernels.intervals import Intervals, binned
from strata.survival.kernels.risk_table import Booleans, Floats, Integers, RiskTable

__all__ = ["PartialLikelihood"]

HIGHEST = 690.0
"""Largest distance of a linear predictor from the median one: beyond it exp() overflows."""


@dataclass(frozen=True, slots=True)
class PartialLikelihood:
    """Log partial likelihood of patients who are at risk at one event time at least.

    Parameters
    ----------
    x : array of float, shape (n, n_covariates)
        Covariates, centred and scaled.
    event : array of bool, shape (n,)
    own : array of int, shape (n_events,)
        The event time of every patient with an event.
    at_risk : Intervals
        The event times at which each patient is at risk.
    term : array of int, shape (n_events,)
        The event time of every term of the likelihood, ascending: one term per event.
    fraction : array of float, shape (n_events,)
        Part of the tied events that has left the risk set in that term: 0, 1/d, 2/d ... (Efron) or 0 (Breslow).
    """

    x: Floats
    event: Booleans
    own: Integers
    at_risk: Intervals
    term: Integers
    fraction: Floats

    @classmethod
    def of(cls, x: Floats, table: RiskTable, *, efron: bool) -> PartialLikelihood:
        """The likelihood of covariates ``x`` of shape (n_patients, n_covariates)."""
        kept = table.first < table.last
        event, own = table.event[kept], table.last[table.event] - 1
        term, tied = np.sort(own), np.bincount(own, minlength=table.times.size)
        order = np.arange(own.size) - np.repeat(np.cumsum(tied) - tied, tied)
        at_risk = Intervals.of(table.first[kept], table.last[kept], table.times.size)
        return cls(x[kept], event, own, at_risk, term, order / tied[term] * efron)

    def keep(self, columns: Booleans) -> PartialLikelihood:
        """The same likelihood with some of the covariates."""
        return replace(self, x=self.x[:, columns])

    def at(self, coefficients: Floats) -> tuple[float, Floats, Floats]:
        """Log likelihood, score (n_covariates,) and observed information (n_covariates, n_covariates).

        The information is X'WX - M'M with M the mean covariates of every term, so that no (n, p, p) array is needed:
        a patient's weight W is the sum of 1 / (sum of hazards) over the terms in which the patient is at risk.
        """
        eta = self.x @ coefficients
        eta = np.clip(eta - np.median(eta), -HIGHEST, HIGHEST) if eta.size else eta
        hazard = np.exp(eta)
        columns = np.vstack([hazard, self.x.T * hazard])
        sums = self.at_risk.summed(columns)[:, self.term]
        if self.fraction.any():
            sums = sums - self.fraction * binned(self.own, columns[:, self.event], self.at_risk.size)[:, self.term]
        mean = sums[1:] / sums[0]
        log_likelihood = float(eta[self.event].sum() - np.log(sums[0]).sum())
        score = self.x[self.event].sum(axis=0) - mean.sum(axis=1)
        per_time = binned(self.term, np.vstack([1.0 / sums[0], self.fraction / sums[0]]), self.at_risk.size)
        weight = self.at_risk.gathered(per_time[0])
        weight[self.event] -= per_time[1, self.own]
        return log_likelihood, score, (self.x.T * (hazard * weight)) @ self.x - mean @ mean.T
