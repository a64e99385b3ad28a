"""Many Cox models of one outcome at once, each with one number a patient as its covariate: Efron ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.cox import cox
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.many_groups import INFINITE, NOTHING
from strata.survival.kernels.prepared import PreparedOutcome, in_blocks, worth_compiling
from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.risk_table import Booleans, Floats, Integers
from strata.survival.kernels.time_test import time_test

__all__ = ["ManyValues", "fit_many_values"]

Codes = npt.NDArray[np.uint8]

MOST_STEPS = 40
SMALL_STEP = 1e-12
"""Newton steps end below this many standard errors."""
LONGEST_STEP = 4.0
"""A longer one, per standard deviation, is left to ``cox``, which halves it."""


@dataclass(frozen=True, eq=False, slots=True)
class ManyValues(Frozen):
    """Cox models with one covariate each, in units of its standard deviation among the patients who have it.

    Parameters
    ----------
    n, events : arrays of int (n_tests,)
        Of the patients with a value.
    standard_deviations : array of float (n_tests,)
        With n - 1; NaN for fewer than two values.
    coefficients, standard_errors : arrays of float (n_tests,)
        Log hazard ratio per standard deviation; NaN where ``missing`` says why.
    missing : array of uint8 (n_tests,)
        0, ``NOTHING`` or ``INFINITE`` of ``many_groups``.
    ph_chi_squared : array of float (n_tests,)
        Grambsch and Therneau's test of proportional hazards; NaN where there is none.
    """

    n: Integers
    events: Integers
    standard_deviations: Floats
    coefficients: Floats
    standard_errors: Floats
    missing: Codes
    ph_chi_squared: Floats


def fit_many_values(
    outcome: PreparedOutcome, values: Floats, *, jobs: int = 1, compiled: bool | None = None
) -> ManyValues:
    """Fit many Cox models of the same patients.

    Parameters
    ----------
    outcome : PreparedOutcome
    values : array of float (n_tests, n_patients)
        NaN where a patient has no value.
    jobs : int
        Threads.
    compiled : bool, optional
        By numba rather than numpy: the same numbers to 1e-12. None: where there are enough tests to pay for it.

    Returns
    -------
    ManyValues
        The numbers of ``cox`` and ``proportional_hazards`` for each row of values over its standard deviation.

    Notes
    -----
    Sums over risk sets are running sums from the last time back, which only ever add. With delayed entry they would be
    differences, so those models, and the few that Newton's method does not finish, go to ``cox`` one by one.
    """
    by_numba = worth_compiling(*values.shape) if compiled is None else compiled
    solve = _compiled(outcome) if by_numba and outcome.entry is None else _by_numpy

    def block(rows: slice) -> ManyValues:
        return _fit(outcome, values[rows], solve)

    return in_blocks(ManyValues, outcome, block, values.shape[0], jobs)


def _fit(outcome: PreparedOutcome, values: Floats, solve: Callable[[_Models, Codes], Floats]) -> ManyValues:
    known = ~np.isnan(values)
    n = known.sum(axis=1, dtype=np.int64)
    x, deviations = _standardised(values, known, n)
    models = _Models(outcome, x, known)
    missing = models.missing()
    coefficients, information, unfinished, ph_chi_squared = solve(models, missing)
    coefficients[missing != 0] = information[missing != 0] = ph_chi_squared[missing != 0] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = 1.0 / np.sqrt(information)
    for i in np.flatnonzero((unfinished > 0.0) & (missing == 0)):
        coefficients[i], errors[i], missing[i], ph_chi_squared[i] = _one_by_one(outcome, x[i], known[i])
    events = known[:, outcome.event].sum(axis=1, dtype=np.int64)
    return ManyValues(n, events, deviations, coefficients, errors, missing, ph_chi_squared)


def _standardised(values: Floats, known: Booleans, n: Integers) -> tuple[Floats, Floats]:
    """Values less their mean over their standard deviation, 0 where unknown or all the same; those deviations."""
    values = np.where(known, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = np.where(known, values - (values.sum(axis=1) / n)[:, np.newaxis], 0.0)
        # the mean of equal values may differ from them in its last digit
        varies = np.where(known, centred, -np.inf).max(axis=1, initial=-np.inf) > np.where(known, centred, np.inf).min(
            axis=1, initial=np.inf
        )
        deviations = np.where(varies, np.sqrt((centred**2).sum(axis=1) / (n - 1.0)), 0.0)
        x = np.where(varies[:, np.newaxis], centred / deviations[:, np.newaxis], 0.0)
    return x, np.where(n > 1, deviations, np.nan)


def _one_by_one(outcome: PreparedOutcome, x: Floats, known: Booleans) -> tuple[float, float, int, float]:
    """The model by the plain kernels."""
    data = (outcome.time[known], outcome.event[known], x[known])
    strata, entry = outcome.strata[known], None if outcome.entry is None else outcome.entry[known]
    fit = cox(*data, stratification_factors=strata, entry=entry)
    if np.isnan(fit.coefficients[0]):
        nothing = np.isnan(fit.score.chi_squared)
        return np.nan, np.nan, NOTHING if nothing else INFINITE, np.nan
    time = proportional_hazards(*data, stratification_factors=strata, entry=entry)
    return float(fit.coefficients[0]), float(fit.standard_errors[0]), 0, float(time.chi_squared[0])


class _Models:
    """Standardised values ``x`` (n_tests, n_patients), 0 where unknown, and what their likelihoods are made of."""

    def __init__(self, outcome: PreparedOutcome, x: Floats, known: Booleans) -> None:
        self.outcome, self.values, self.known = outcome, x, known
        leaving, dying = outcome.leaving.order, outcome.dying.order
        self.x, self.weights = x[:, leaving], known[:, leaving]
        self.dying, self.died = x[:, dying], known[:, dying]
        deaths = outcome.dying.added(self.died.astype(np.float64), outcome.n_times)
        self.valid = outcome.place < deaths[:, outcome.term]
        self.fraction = outcome.place / np.maximum(deaths[:, outcome.term], 1.0)
        self.event_sums = outcome.dying.added(self.dying, outcome.n_times)
        self.observed = self.event_sums.sum(axis=1)

    def missing(self) -> Codes:
        """Which models have no coefficient: as it grows without end the score does not pass 0."""
        outcome = self.outcome
        most = outcome.highest_at_risk(np.where(self.weights, self.x, -np.inf))[:, outcome.dying.at_patients]
        least = -outcome.highest_at_risk(np.where(self.weights, -self.x, -np.inf))[:, outcome.dying.at_patients]
        above = ((most > self.dying) & self.died).any(axis=1)
        below = ((least < self.dying) & self.died).any(axis=1)
        return np.where(above & below, 0, np.where(above | below, INFINITE, NOTHING)).astype(np.uint8)

    def moments(self, rows: Integers, coefficients: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the covariate over the hazard at risk in each term, (n_rows, n_terms)."""
        outcome = self.outcome
        eta = self.x[rows] * coefficients[:, np.newaxis]
        top = eta.max(axis=1, initial=0.0)[:, np.newaxis]
        sums = []
        hazard = np.exp(eta - top) * self.weights[rows]
        tied = np.exp(self.dying[rows] * coefficients[:, np.newaxis] - top) * self.died[rows]
        for power in range(3):
            if power:
                hazard, tied = hazard * self.x[rows], tied * self.dying[rows]
            at_risk = outcome.at_risk(hazard)[:, outcome.term]
            sums.append(at_risk - self.fraction[rows] * outcome.dying.added(tied, outcome.n_times)[:, outcome.term])
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, square = sums[1] / sums[0], sums[2] / sums[0]
        valid = self.valid[rows]
        return np.where(valid, mean, 0.0), np.where(valid, square - mean**2, 0.0)

    def maximum(self, missing: Codes) -> tuple[Floats, Booleans]:
        """The coefficients by Newton's method, and which of them it did not find."""
        coefficients, unfinished = np.where(missing == 0, 0.0, np.nan), missing == 0
        if self.outcome.entry is not None:
            return coefficients, unfinished
        active = np.flatnonzero(unfinished)
        lower, upper = np.full(missing.size, -np.inf), np.full(missing.size, np.inf)
        for _ in range(MOST_STEPS):
            if not active.size:
                break
            now = coefficients[active]
            mean, variance = self.moments(active, now)
            score, information = self.observed[active] - mean.sum(axis=1), variance.sum(axis=1)
            lower[active] = np.where(score > 0.0, now, lower[active])
            upper[active] = np.where(score < 0.0, now, upper[active])
            with np.errstate(divide="ignore", invalid="ignore"):
                step = score / information
            ahead = now + step
            done = np.abs(step) * np.sqrt(information) < SMALL_STEP * np.maximum(1.0, np.abs(now))
            inside = (ahead > lower[active]) & (ahead < upper[active]) & (np.abs(step) < LONGEST_STEP)
            sane = done | (np.isfinite(step) & inside)
            coefficients[active] = np.where(sane, ahead, now)
            unfinished[active[done]] = False
            active = active[sane & ~done]
        return coefficients, unfinished

    def tests(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """The information, and the score test of the coefficient times time."""
        information, chi_squared = np.full(coefficients.size, np.nan), np.full(coefficients.size, np.nan)
        rows = np.flatnonzero(~np.isnan(coefficients))
        if rows.size:
            mean, variance = self.moments(rows, coefficients[rows])
            information[rows] = variance.sum(axis=1)
            scale = self.outcome.time_scale(self.known.view(np.uint8)[rows])
            valid = self.valid[rows]
            chi_squared[rows] = time_test(self.outcome.term, scale, self.event_sums[rows], mean, variance, valid)
        return information, chi_squared


def _by_numpy(models: _Models, missing: Codes) -> Floats:
    """Coefficient, information, whether it is unfinished, chi-squared of time."""
    coefficients, unfinished = models.maximum(missing)
    information, ph_chi_squared = models.tests(np.where(unfinished, np.nan, coefficients))
    return np.stack([coefficients, information, unfinished, ph_chi_squared])


def _compiled(outcome: PreparedOutcome) -> Callable[[_Models, Codes], Floats]:
    """The four rows of numbers of ``_by_numpy``, by numba."""
    from strata.survival.kernels.compiled_tests import values_fitted

    deaths = outcome.counts(outcome.everybody)[1][0].astype(np.float64)
    scale = outcome.time_scale(outcome.everybody)[0]
    curve, position = outcome.curve_places()
    arguments = (outcome.places(), curve, outcome.starts(), position, deaths, scale, outcome.term.size)

    def solve(models: _Models, missing: Codes) -> Floats:
        found = np.empty((missing.size, 4))
        known = models.known.view(np.uint8)
        values_fitted(models.values, known[:0] if models.known.all() else known, *arguments, found)
        return found.T

    return solve
