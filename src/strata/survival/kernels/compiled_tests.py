"""The tests of ``many_groups`` and ``many_values`` compiled by numba: imported only where there are enough of them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from strata.survival.kernels.covariates import COLLINEAR
from strata.survival.kernels.many_groups import INFINITE, LONGEST_STEP, MOST_STEPS, NOTHING, SMALL_STEP
from strata.survival.kernels.many_values import LONGEST_STEP as LONGEST_VALUE_STEP
from strata.survival.kernels.many_values import MOST_STEPS as MOST_VALUE_STEPS
from strata.survival.kernels.many_values import SMALL_STEP as SMALL_VALUE_STEP

__all__ = ["groups_compared", "values_fitted"]

# Sums may be added in another order, for the processor's wide registers; NaN and infinity keep their meaning.
_compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})


@_compiled
def _suffix_sums(values, starts):  # type: ignore[no-untyped-def]
    """Sums from each event time to the last of its stratum, in place."""
    for s in range(starts.size - 1):
        for k in range(starts[s + 1] - 2, starts[s] - 1, -1):
            values[k] += values[k + 1]


@_compiled
def _counted(flags, patients, starts, at_risk, deaths):  # type: ignore[no-untyped-def]
    """Numbers at risk and events of those with a flag."""
    leave, die, enter = patients[0], patients[1], patients[2]
    at_risk[:] = 0.0
    deaths[:] = 0.0
    for j in range(flags.size):
        if flags[j] and leave[j] >= 0:
            at_risk[leave[j]] += 1.0
            if enter[j] >= 0:
                at_risk[enter[j]] -= 1.0
            if die[j] >= 0:
                deaths[die[j]] += 1.0
    _suffix_sums(at_risk, starts)


@_compiled
def _time_scale(flags, curve, position, at_risk, deaths, scale):  # type: ignore[no-untyped-def]
    """1 less the Kaplan-Meier curve just before each event time."""
    whole = np.array([0, at_risk.size])
    _counted(flags, curve, whole, at_risk, deaths)
    survival = 1.0
    for k in range(at_risk.size):
        before = survival
        survival *= 1.0 - deaths[k] / max(at_risk[k], 1.0)
        at_risk[k] = 1.0 - before
    for k in range(scale.size):
        scale[k] = at_risk[position[k]]


@_compiled
def _time_test(term, scale, event_sums, mean, variance, n_terms):  # type: ignore[no-untyped-def]
    """As ``time_test``, of the first ``n_terms`` terms."""
    centre, lowest, highest, information = 0.0, np.inf, -np.inf, 0.0
    for t in range(n_terms):
        g = scale[term[t]]
        centre += g
        lowest, highest = min(lowest, g), max(highest, g)
        information += variance[t]
    if not highest > lowest:
        return np.nan
    centre /= n_terms
    score = 0.0
    for k in range(scale.size):
        score += (scale[k] - centre) * event_sums[k]
    mixed, partner = 0.0, 0.0
    for t in range(n_terms):
        g = scale[term[t]] - centre
        score -= g * mean[t]
        mixed += g * variance[t]
        partner += g * g * variance[t]
    left = partner - mixed * mixed / information
    return score * score / left if left > COLLINEAR * partner else np.nan


@_compiled
def _can_be_fitted(ones, zeros, n_terms, observed):  # type: ignore[no-untyped-def]
    """0, or why two groups have no coefficient: nothing to compare, or a likelihood that rises without end."""
    informative, only_ones, any_ones = False, 0, 0
    for t in range(n_terms):
        informative |= ones[t] > 0.0 and zeros[t] > 0.0
        only_ones += ones[t] > 0.0 and not zeros[t] > 0.0
        any_ones += ones[t] > 0.0
    if not informative:
        return NOTHING
    return 0 if only_ones < observed < any_ones else INFINITE


@_compiled
def _newton(ones, zeros, n_terms, observed):  # type: ignore[no-untyped-def]
    """The coefficient that maximises the likelihood of two groups: as ``_Terms.maximum``."""
    now, lower, upper = 0.0, -np.inf, np.inf
    for _ in range(MOST_STEPS):
        ratio, score, information = np.exp(now), observed, 0.0
        for t in range(n_terms):
            hazard = ones[t] * ratio
            p = hazard / (hazard + zeros[t])
            score -= p
            information += p * (1.0 - p)
        if score > 0.0:
            lower = now
        elif score < 0.0:
            upper = now
        step = score / information
        if abs(step) * np.sqrt(information) < SMALL_STEP * max(1.0, abs(now)):
            return now + step
        now = _ahead(now, step, lower, upper, score)
    return now


@_compiled
def _ahead(now, step, lower, upper, score):  # type: ignore[no-untyped-def]
    """A Newton step; where it leaves the interval that holds the maximum, the middle of that, or a long step."""
    ahead = now + step
    if np.isfinite(step) and lower < ahead < upper and abs(step) <= LONGEST_STEP:
        return ahead
    if np.isinf(lower) or np.isinf(upper):
        return now + np.sign(score) * LONGEST_STEP / 2.0
    return (lower + upper) / 2.0


@_compiled
def _fill_terms(n1, d1, at_risk, deaths, ones, zeros, term):  # type: ignore[no-untyped-def]
    """Efron's terms of two groups, and how many there are."""
    n_terms = 0
    for k in range(deaths.size):
        for place in range(int(deaths[k])):
            part = place / deaths[k]
            ones[n_terms] = n1[k] - part * d1[k]
            zeros[n_terms] = at_risk[k] - n1[k] - part * (deaths[k] - d1[k])
            term[n_terms] = k
            n_terms += 1
    return n_terms


@_compiled
def _log_rank(n1, d1, at_risk, deaths):  # type: ignore[no-untyped-def]
    """Observed, expected and variance."""
    observed, expected, variance = 0.0, 0.0, 0.0
    for k in range(deaths.size):
        observed += d1[k]
        if deaths[k] > 0.0:
            share = n1[k] / at_risk[k]
            expected += share * deaths[k]
            variance += deaths[k] * (at_risk[k] - deaths[k]) / max(at_risk[k] - 1.0, 1.0) * share * (1.0 - share)
    return observed, expected, variance


@_compiled
def groups_compared(  # type: ignore[no-untyped-def]
    positive, known, patients, curve, starts, position, at_risk, deaths, scale, n_events, out
):
    """The rows of ``_by_numpy`` of ``many_groups``, as columns of ``out``, for each row of ``positive``.

    ``patients`` and ``curve`` hold where each patient leaves, dies and enters: event times or -1. ``known`` has no row
    where everybody is. ``at_risk``, ``deaths`` and ``scale`` are those of everybody.
    """
    n1, d1 = np.zeros(deaths.size), np.zeros(deaths.size)
    at_risk, deaths, scale = at_risk.copy(), deaths.copy(), scale.copy()
    n_curve = position.max() + 1 if position.size else 0
    curve_risk, curve_deaths = np.zeros(n_curve), np.zeros(n_curve)
    ones, zeros = np.zeros(n_events), np.zeros(n_events)
    mean, variances = np.zeros(n_events), np.zeros(n_events)
    term = np.zeros(n_events, dtype=np.int64)
    for i in range(positive.shape[0]):
        if known.shape[0]:
            _counted(known[i], patients, starts, at_risk, deaths)
        _counted(positive[i], patients, starts, n1, d1)
        n_terms = _fill_terms(n1, d1, at_risk, deaths, ones, zeros, term)
        out[i, 0], out[i, 1], out[i, 2] = _log_rank(n1, d1, at_risk, deaths)
        out[i, 3], out[i, 4], out[i, 6] = np.nan, np.nan, np.nan
        out[i, 5] = _can_be_fitted(ones, zeros, n_terms, out[i, 0])
        if out[i, 5]:
            continue
        out[i, 3] = _newton(ones, zeros, n_terms, out[i, 0])
        ratio = np.exp(out[i, 3])
        for t in range(n_terms):
            hazard = ones[t] * ratio
            mean[t] = hazard / (hazard + zeros[t])
            variances[t] = mean[t] * (1.0 - mean[t])
        if known.shape[0]:
            _time_scale(known[i], curve, position, curve_risk, curve_deaths, scale)
        out[i, 4] = variances[:n_terms].sum()
        out[i, 6] = _time_test(term, scale, d1, mean, variances, n_terms)


@_compiled
def _hazard_sums(x, known, coefficient, patients, starts, sums, tied):  # type: ignore[no-untyped-def]
    """Sums of the hazard, hazard x and hazard x x of those at risk, and of those with an event."""
    sums[:] = 0.0
    tied[:] = 0.0
    hazards = np.exp(x * coefficient - max(0.0, (x * coefficient).max()))
    leave, die = patients[0], patients[1]
    for j in range(x.size):
        k = leave[j]
        if k >= 0 and (known.size == 0 or known[j]):
            hazard = hazards[j]
            for power in range(3):
                sums[power, k] += hazard
                if die[j] >= 0:
                    tied[power, k] += hazard
                hazard *= x[j]
    for power in range(3):
        _suffix_sums(sums[power], starts)


@_compiled
def _fill_moments(sums, tied, deaths, mean, variances, term):  # type: ignore[no-untyped-def]
    """Mean and variance of the covariate over the hazard at risk in each term, and how many terms there are."""
    n_terms = 0
    for k in range(deaths.size):
        for place in range(int(deaths[k])):
            part = place / deaths[k]
            total = sums[0, k] - part * tied[0, k]
            mean[n_terms] = (sums[1, k] - part * tied[1, k]) / total
            variances[n_terms] = (sums[2, k] - part * tied[2, k]) / total - mean[n_terms] ** 2
            term[n_terms] = k
            n_terms += 1
    return n_terms


@_compiled
def _newton_values(  # type: ignore[no-untyped-def]
    x, theirs, patients, starts, deaths, sums, tied, event_sums, mean, variances, term
):
    """The coefficient of one model, or NaN where Newton's method finds no maximum, and how many terms it has.

    The moments are left as they are at the maximum: they are made once more after the last step.
    """
    observed = event_sums.sum()
    now, lower, upper, done = 0.0, -np.inf, np.inf, False
    for _ in range(MOST_VALUE_STEPS):
        _hazard_sums(x, theirs, now, patients, starts, sums, tied)
        n_terms = _fill_moments(sums, tied, deaths, mean, variances, term)
        if done:
            return now, n_terms
        score, information = observed - mean[:n_terms].sum(), variances[:n_terms].sum()
        if score > 0.0:
            lower = now
        elif score < 0.0:
            upper = now
        step = score / information
        done = abs(step) * np.sqrt(information) < SMALL_VALUE_STEP * max(1.0, abs(now))
        if not done and not (lower < now + step < upper and abs(step) < LONGEST_VALUE_STEP):
            break
        now += step
    return np.nan, 0


@_compiled
def values_fitted(  # type: ignore[no-untyped-def]
    values, known, patients, curve, starts, position, deaths, scale, n_events, out
):
    """The rows of ``_by_numpy`` of ``many_values``, as columns of ``out``, for each row of ``values``.

    ``known`` has no row where everybody has a value; the other arguments are those of ``groups_compared``.
    """
    deaths, scale = deaths.copy(), scale.copy()
    sums, tied = np.zeros((3, deaths.size)), np.zeros((3, deaths.size))
    event_sums, counted = np.zeros(deaths.size), np.zeros(deaths.size)
    n_curve = position.max() + 1 if position.size else 0
    curve_risk, curve_deaths = np.zeros(n_curve), np.zeros(n_curve)
    mean, variances = np.zeros(n_events), np.zeros(n_events)
    term, nobody = np.zeros(n_events, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    for i in range(values.shape[0]):
        x, theirs = values[i], known[i] if known.shape[0] else nobody
        if theirs.size:
            _counted(theirs, patients, starts, counted, deaths)
        event_sums[:] = 0.0
        for j in range(x.size):
            if patients[1, j] >= 0:
                event_sums[patients[1, j]] += x[j]
        found, n_terms = _newton_values(
            x, theirs, patients, starts, deaths, sums, tied, event_sums, mean, variances, term
        )
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = found, np.nan, 1.0, np.nan
        if not np.isnan(found):
            if theirs.size:
                _time_scale(theirs, curve, position, curve_risk, curve_deaths, scale)
            out[i, 1], out[i, 2] = variances[:n_terms].sum(), 0.0
            out[i, 3] = _time_test(term, scale, event_sums, mean, variances, n_terms)
