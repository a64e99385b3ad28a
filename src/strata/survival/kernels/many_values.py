"""Many Cox models of one outcome at once, each with one number a patient as its covariate: Efron ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

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
LONGEST_STEP = 4.0
"""A longer step, per standard deviation, is left to ``cox``, which halves it."""
SMALL_ERROR = 1e-12
"""Newton steps end where one leaves less than this: at most half its square times the range of the covariate, since no
third derivative of the log likelihood is larger than the second times that range."""
LEAST_INFORMATION = 1e-6
"""Below it, per standard deviation, rounding may pass for a maximum. Above it a likelihood that rises without end has
steps of at least 1 over the range."""
WIDEST = 500.0
"""Coefficient times range of the covariate from which hazards are left to ``cox``, which scales them."""


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
    solve = _compiled(outcome) if by_numba and outcome.entry is None else partial(_by_numpy, outcome)

    def block(rows: slice) -> ManyValues:
        return _fit(outcome, values[rows], solve)

    return in_blocks(ManyValues, outcome, block, values.shape[0], jobs)


def _fit(outcome: PreparedOutcome, values: Floats, solve: Callable[[Floats], Floats]) -> ManyValues:
    n, events, deviations, coefficients, information, ph_chi_squared = solve(values)
    missing = np.zeros(len(values), dtype=np.uint8)
    errors = 1.0 / np.sqrt(information)
    left = np.flatnonzero(np.isnan(coefficients))
    if left.size:
        models = _Models(outcome, values[left])
        missing[left] = models.missing()
        for row in np.flatnonzero(missing[left] == 0).tolist():
            i = left[row]
            coefficients[i], errors[i], missing[i], ph_chi_squared[i] = models.one_by_one(row)
    counts = (n.astype(np.int64), events.astype(np.int64))
    return ManyValues(*counts, deviations, coefficients, errors, missing, ph_chi_squared)


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


class _Models:
    """Values, standardised, and what their likelihoods are made of."""

    def __init__(self, outcome: PreparedOutcome, values: Floats) -> None:
        known = ~np.isnan(values)
        n = known.sum(axis=1)
        x, deviations = _standardised(values, known, n)
        self.outcome, self.values, self.known = outcome, x, known
        leaving, dying = outcome.leaving.order, outcome.dying.order
        self.x, self.weights = x[:, leaving], known[:, leaving]
        self.dying, self.died = x[:, dying], known[:, dying]
        self.deaths = outcome.dying.added(self.died.astype(np.float64), outcome.n_times)
        self.valid = outcome.place < self.deaths[:, outcome.term]
        self.fraction = outcome.place / np.maximum(self.deaths[:, outcome.term], 1.0)
        self.event_sums = outcome.dying.added(self.dying, outcome.n_times)
        self.about = np.stack([n, self.died.sum(axis=1), deviations])
        self.spread = x.max(axis=1, initial=0.0) - x.min(axis=1, initial=0.0)

    def missing(self) -> Codes:
        """Which models have no coefficient: as it grows without end the score does not pass 0."""
        outcome = self.outcome
        most = outcome.highest_at_risk(np.where(self.weights, self.x, -np.inf))[:, outcome.dying.at_patients]
        least = -outcome.highest_at_risk(np.where(self.weights, -self.x, -np.inf))[:, outcome.dying.at_patients]
        above = ((most > self.dying) & self.died).any(axis=1)
        below = ((least < self.dying) & self.died).any(axis=1)
        return np.where(above & below, 0, np.where(above | below, INFINITE, NOTHING)).astype(np.uint8)

    def one_by_one(self, row: int) -> tuple[float, float, int, float]:
        """Coefficient, standard error, why they are missing and chi-squared of time, by the plain kernels."""
        outcome, known = self.outcome, self.known[row]
        data = (outcome.time[known], outcome.event[known], self.values[row, known])
        strata, entry = outcome.strata[known], None if outcome.entry is None else outcome.entry[known]
        fit = cox(*data, stratification_factors=strata, entry=entry)
        if np.isnan(fit.coefficients[0]):
            nothing = np.isnan(fit.score.chi_squared)
            return np.nan, np.nan, NOTHING if nothing else INFINITE, np.nan
        time = proportional_hazards(*data, stratification_factors=strata, entry=entry)
        return float(fit.coefficients[0]), float(fit.standard_errors[0]), 0, float(time.chi_squared[0])

    def moments(self, rows: Integers, coefficients: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the covariate over the hazard at risk, summed over the terms of each event time."""
        outcome = self.outcome
        sums = []
        hazard = np.exp(self.x[rows] * coefficients[:, np.newaxis]) * self.weights[rows]
        tied = np.exp(self.dying[rows] * coefficients[:, np.newaxis]) * self.died[rows]
        for power in range(3):
            if power:
                hazard, tied = hazard * self.x[rows], tied * self.dying[rows]
            at_risk = outcome.at_risk(hazard)[:, outcome.term]
            sums.append(at_risk - self.fraction[rows] * outcome.dying.added(tied, outcome.n_times)[:, outcome.term])
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, square = sums[1] / sums[0], sums[2] / sums[0]
        valid = self.valid[rows]
        of_terms = np.where(valid, mean, 0.0), np.where(valid, square - mean**2, 0.0)
        # terms stand in the order of those who die
        mean, variance = (outcome.dying.added(each, outcome.n_times) for each in of_terms)
        return mean, variance

    def maximum(self) -> Floats:
        """The coefficients by Newton's method; NaN where it finds no maximum."""
        coefficients, found = np.zeros(self.spread.size), np.full(self.spread.size, np.nan)
        observed = self.event_sums.sum(axis=1)
        active = np.arange(self.spread.size)
        lower, upper = np.full(active.size, -np.inf), np.full(active.size, np.inf)
        for _ in range(MOST_STEPS):
            active = active[np.abs(coefficients[active]) * self.spread[active] < WIDEST]
            if not active.size:
                break
            now = coefficients[active]
            mean, variance = self.moments(active, now)
            score, information = observed[active] - mean.sum(axis=1), variance.sum(axis=1)
            lower[active] = np.where(score > 0.0, now, lower[active])
            upper[active] = np.where(score < 0.0, now, upper[active])
            with np.errstate(divide="ignore", invalid="ignore"):
                step = score / information
            coefficients[active] = ahead = now + step
            informed = information > LEAST_INFORMATION
            done = informed & (self.spread[active] * step**2 < SMALL_ERROR)
            inside = (ahead > lower[active]) & (ahead < upper[active]) & (np.abs(step) < LONGEST_STEP)
            found[active[done]] = ahead[done]
            active = active[informed & inside & ~done]
        return found

    def tests(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """The information, and the score test of the coefficient times time."""
        information, chi_squared = np.full(coefficients.size, np.nan), np.full(coefficients.size, np.nan)
        rows = np.flatnonzero(~np.isnan(coefficients))
        if rows.size:
            mean, variance = self.moments(rows, coefficients[rows])
            information[rows] = variance.sum(axis=1)
            scale = self.outcome.time_scale(self.known.view(np.uint8)[rows])
            chi_squared[rows] = time_test(scale, self.deaths[rows], self.event_sums[rows], mean, variance)
        return information, chi_squared


def _by_numpy(outcome: PreparedOutcome, values: Floats) -> Floats:
    """Patients, events, standard deviation; coefficient, information, chi-squared of time, NaN where not found."""
    models = _Models(outcome, values)
    coefficients = models.maximum() if outcome.entry is None else np.full(len(values), np.nan)
    return np.stack([*models.about, coefficients, *models.tests(coefficients)])


def _compiled(outcome: PreparedOutcome) -> Callable[[Floats], Floats]:
    """The six rows of numbers of ``_by_numpy``, by numba."""
    from strata.survival.kernels.compiled_tests import values_fitted

    arguments = (*outcome.layouts(), outcome.null_residuals(), outcome.time_scale(outcome.everybody)[0])

    def solve(values: Floats) -> Floats:
        found = np.empty((len(values), 6))
        # other layouts, and arrays that cannot be written to, would each be compiled for themselves
        values_fitted(np.require(values, np.float64, ["C", "W"]), *arguments, found)
        return found.T

    return solve
