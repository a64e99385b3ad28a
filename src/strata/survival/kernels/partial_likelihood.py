"""The Cox partial likelihood with its first and second derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    first, last : arrays of int, shape (n,)
        A patient is at risk at the event times ``first`` to ``last - 1``.
    late : array of bool, shape (n,)
        The patient enters after the first event of the stratum.
    event : array of bool, shape (n,)
    bounds : array of int
        Where the event times of a stratum begin and end.
    term : array of int, shape (n_events,)
        The event time of every term of the likelihood: one term per event.
    fraction : array of float, shape (n_events,)
        Part of the tied events that has left the risk set in that term: 0, 1/d, 2/d ... (Efron) or 0 (Breslow).
    """

    x: Floats
    first: Integers
    last: Integers
    late: Booleans
    event: Booleans
    bounds: Integers
    term: Integers
    fraction: Floats

    @classmethod
    def of(cls, x: Floats, table: RiskTable, *, efron: bool) -> PartialLikelihood:
        """The likelihood of covariates ``x`` of shape (n_patients, n_covariates)."""
        kept = table.first < table.last
        first, last, event = table.first[kept], table.last[kept], table.event[kept]
        own = np.sort(last[event] - 1)
        tied = np.bincount(own, minlength=table.times.size)
        order = np.arange(own.size) - np.repeat(np.cumsum(tied) - tied, tied)
        late = first > table.bounds[np.searchsorted(table.bounds, first, side="right") - 1]
        return cls(x[kept], first, last, late, event, table.bounds, own, order / tied[own] * efron)

    def keep(self, columns: Booleans) -> PartialLikelihood:
        """The same likelihood with some of the covariates."""
        return PartialLikelihood(
            self.x[:, columns], self.first, self.last, self.late, self.event, self.bounds, self.term, self.fraction
        )

    def at(self, coefficients: Floats) -> tuple[float, Floats, Floats]:
        """Log likelihood, score (n_covariates,) and observed information (n_covariates, n_covariates).

        The information is X'WX - M'M with M the mean covariates of every term, so that no (n, p, p) array is needed:
        a patient's weight W is the sum of 1 / (sum of hazards) over the terms in which the patient is at risk.
        """
        eta = self.x @ coefficients
        eta = np.clip(eta - np.median(eta), -HIGHEST, HIGHEST) if eta.size else eta
        hazard = np.exp(eta)
        columns = np.vstack([hazard, self.x.T * hazard])
        sums = self._risk_sums(columns)[:, self.term]
        efron = bool(self.fraction.any())
        if efron:
            own = columns[:, self.event]
            sums = sums - self.fraction * _binned(self.last[self.event] - 1, own, self.bounds[-1])[:, self.term]
        mean = sums[1:] / sums[0]
        log_likelihood = float(eta[self.event].sum() - np.log(sums[0]).sum())
        score = self.x[self.event].sum(axis=0) - mean.sum(axis=1)
        weight = hazard * self._cumulative(1.0 / sums[0], efron)
        return log_likelihood, score, (self.x.T * weight) @ self.x - mean @ mean.T

    def _risk_sums(self, columns: Floats) -> Floats:
        """Sums over the patients at risk, shape (n_columns, n_times)."""
        position = np.concatenate([self.last - 1, self.first[self.late] - 1])
        summed = _binned(position, np.hstack([columns, -columns[:, self.late]]), self.bounds[-1])
        for begin, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            summed[:, begin:end] = np.cumsum(summed[:, begin:end][:, ::-1], axis=1)[:, ::-1]
        return summed

    def _cumulative(self, inverse: Floats, efron: bool) -> Floats:
        """Per patient, the sum of ``inverse`` over the terms in which the patient is at risk."""
        hazard = np.bincount(self.term, weights=inverse, minlength=self.bounds[-1]).astype(np.float64)
        for begin, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            hazard[begin:end] = np.cumsum(hazard[begin:end])
        total: Floats = hazard[self.last - 1]
        total[self.late] -= hazard[self.first[self.late] - 1]
        if efron:
            gone = np.bincount(self.term, weights=inverse * self.fraction, minlength=self.bounds[-1])
            total[self.event] -= gone[self.last[self.event] - 1]
        return total


def _binned(position: Integers, columns: Floats, size: int) -> Floats:
    return np.vstack([np.bincount(position, weights=column, minlength=size) for column in columns])
