"""The tests of ``many_groups`` and ``many_values`` compiled by numba: imported only where there are enough of them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from strata.survival.kernels.compiled_exponentials import exponentials
from strata.survival.kernels.covariates import COLLINEAR
from strata.survival.kernels.many_groups import INFINITE, LONGEST_STEP, MOST_STEPS, NOTHING, SMALL_STEP
from strata.survival.kernels.many_values import LEAST_INFORMATION, SMALL_ERROR, WIDEST
from strata.survival.kernels.many_values import LONGEST_STEP as LONGEST_VALUE_STEP
from strata.survival.kernels.many_values import MOST_STEPS as MOST_VALUE_STEPS

__all__ = ["groups_compared", "values_fitted"]

# Sums may be added in another order, for the processor's wide registers; NaN and infinity keep their meaning.
_compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})


@_compiled
def _running_count(flags, patients):  # type: ignore[no-untyped-def]
    """How many have a flag of the first 0, 1, 2, ... of the patients."""
    counts = np.zeros(patients.size + 1, dtype=np.int64)
    n = 0
    for j in range(patients.size):
        n += flags[patients[j]]
        counts[j + 1] = n
    return counts


@_compiled
def _count(flags, layout, at_risk, deaths):  # type: ignore[no-untyped-def]
    """Numbers at risk and events of those with a flag."""
    patients, edges, entering, bounds, starts = layout
    leaving, late = _running_count(flags, patients), _running_count(flags, entering)
    for s in range(starts.size - 1):
        last = starts[s + 1]
        n = leaving[edges[2 * last]] - late[bounds[last]]
        for k in range(starts[s], last):
            at_risk[k] = n - leaving[edges[2 * k]] + late[bounds[k]]
            deaths[k] = leaving[edges[2 * k + 1]] - leaving[edges[2 * k]]


@_compiled
def _time_scale(flags, curve, position, scale):  # type: ignore[no-untyped-def]
    """1 less the Kaplan-Meier curve just before each event time."""
    size = curve.bounds.size - 1
    at_risk, deaths = np.empty(size), np.empty(size)
    _count(flags, curve, at_risk, deaths)
    survival = 1.0
    for k in range(size):
        before = survival
        survival *= 1.0 - deaths[k] / max(at_risk[k], 1.0)
        at_risk[k] = 1.0 - before
    for k in range(scale.size):
        scale[k] = at_risk[position[k]]


@_compiled
def _fill_moments(sums, tied, deaths, mean, variance):  # type: ignore[no-untyped-def]
    """Mean and variance of the covariate over the hazard at risk, summed over the terms of each event time.

    ``sums`` are those of the hazard, hazard x and hazard x x of those at risk; ``tied`` of those with an event then,
    who leave one by one, in fractions.
    """
    for k in range(deaths.size):
        share = 1.0 / sums[0, k]
        centre = sums[1, k] * share
        square = sums[2, k] * share - centre * centre
        mean[k], variance[k] = (centre, square) if deaths[k] > 0.0 else (0.0, 0.0)
    for k in range(deaths.size):
        if deaths[k] > 1.0:
            first, second, share = mean[k], variance[k], 1.0 / deaths[k]
            sum0, sum1, sum2 = sums[0, k], sums[1, k], sums[2, k]
            part0, part1, part2 = tied[0, k] * share, tied[1, k] * share, tied[2, k] * share
            for place in range(1, int(deaths[k])):
                share = 1.0 / (sum0 - place * part0)
                centre = (sum1 - place * part1) * share
                first += centre
                second += (sum2 - place * part2) * share - centre * centre
            mean[k], variance[k] = first, second


@_compiled
def _time_test(scale, deaths, event_sums, mean, variance):  # type: ignore[no-untyped-def]
    """As ``time_test``."""
    n_terms, centre, lowest, highest = 0.0, 0.0, np.inf, -np.inf
    for k in range(deaths.size):
        if deaths[k] > 0.0:
            n_terms += deaths[k]
            centre += scale[k] * deaths[k]
            lowest, highest = min(lowest, scale[k]), max(highest, scale[k])
    if not highest > lowest:
        return np.nan
    centre /= n_terms
    score, mixed, partner = 0.0, 0.0, 0.0
    for k in range(deaths.size):
        g = scale[k] - centre
        score += g * (event_sums[k] - mean[k])
        mixed += g * variance[k]
        partner += g * g * variance[k]
    left = partner - mixed * mixed / variance.sum()
    return score * score / left if left > COLLINEAR * partner else np.nan


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
def _can_be_fitted(n1, at_risk, deaths, observed):  # type: ignore[no-untyped-def]
    """0, or why two groups have no coefficient: nothing to compare, or a likelihood that rises without end."""
    informative, only_ones, any_ones = False, 0.0, 0.0
    for k in range(deaths.size):
        if deaths[k] > 0.0 and n1[k] > 0.0:
            any_ones += deaths[k]
            if n1[k] < at_risk[k]:
                informative = True
            else:
                only_ones += deaths[k]
    if not informative:
        return NOTHING
    return 0 if only_ones < observed < any_ones else INFINITE


@_compiled
def _fill_shares(ratio, n1, d1, at_risk, deaths, mean, variance):  # type: ignore[no-untyped-def]
    """As ``_fill_moments`` of a group, x being 1 or 0: mean p, the share of the hazard, and variance p (1 - p)."""
    for k in range(deaths.size):
        first, second = 0.0, 0.0
        if deaths[k] > 0.0:
            hazard, part = ratio * n1[k], ratio * d1[k] / deaths[k]
            everybody, parts = at_risk[k] - n1[k] + hazard, (deaths[k] - d1[k]) / deaths[k] + part
            for place in range(int(deaths[k])):
                share = (hazard - place * part) / (everybody - place * parts)
                first += share
                second += share * (1.0 - share)
        mean[k], variance[k] = first, second


@_compiled
def _newton(n1, d1, at_risk, deaths, observed, start, mean, variance):  # type: ignore[no-untyped-def]
    """The coefficient that maximises the likelihood of two groups, as ``_Terms.maximum``, and the moments there."""
    now, lower, upper, done = start, -np.inf, np.inf, False
    for _ in range(MOST_STEPS):
        _fill_shares(np.exp(now), n1, d1, at_risk, deaths, mean, variance)
        if done:
            break
        score = observed - mean.sum()
        if score > 0.0:
            lower = now
        elif score < 0.0:
            upper = now
        step = score / variance.sum()
        done = step * step < SMALL_STEP * max(1.0, abs(now))
        now = now + step if done else _ahead(now, step, lower, upper, score)
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
def groups_compared(positive, known, layout, curve, position, at_risk, deaths, scale, out):  # type: ignore[no-untyped-def]
    """The rows of ``_by_numpy`` of ``many_groups``, as columns of ``out``, for each row of ``positive``.

    ``known`` has no row where everybody is. ``at_risk``, ``deaths`` and ``scale`` are those of everybody; the other
    arguments are the ``layouts`` of the outcome.
    """
    at_risk, deaths, scale = at_risk.copy(), deaths.copy(), scale.copy()
    n1, d1 = np.empty(deaths.size), np.empty(deaths.size)
    mean, variance = np.empty(deaths.size), np.empty(deaths.size)
    for i in range(positive.shape[0]):
        if known.shape[0]:
            _count(known[i], layout, at_risk, deaths)
        _count(positive[i], layout, n1, d1)
        out[i, 0], out[i, 1], out[i, 2] = _log_rank(n1, d1, at_risk, deaths)
        out[i, 3], out[i, 4], out[i, 6] = np.nan, np.nan, np.nan
        out[i, 5] = _can_be_fitted(n1, at_risk, deaths, out[i, 0])
        if out[i, 5]:
            continue
        # one step of Newton's from 0, by the log-rank test; the variance is 0 where ties leave no freedom
        start = (out[i, 0] - out[i, 1]) / out[i, 2] if out[i, 2] > 0.0 else 0.0
        start = min(max(start, -LONGEST_STEP), LONGEST_STEP)
        out[i, 3] = _newton(n1, d1, at_risk, deaths, out[i, 0], start, mean, variance)
        if known.shape[0]:
            _time_scale(known[i], curve, position, scale)
        out[i, 4] = variance.sum()
        out[i, 6] = _time_test(scale, deaths, d1, mean, variance)


@_compiled
def _sum_hazards(x, hazards, ends, starts, sums, tied):  # type: ignore[no-untyped-def]
    """The sums that ``_fill_moments`` takes."""
    for s in range(starts.size - 1):
        sum0, sum1, sum2 = 0.0, 0.0, 0.0
        for k in range(starts[s + 1] - 1, starts[s] - 1, -1):
            for j in range(ends[2 * k + 1], ends[2 * k + 2]):
                hazard = hazards[j]
                sum0, sum1, sum2 = sum0 + hazard, sum1 + hazard * x[j], sum2 + hazard * x[j] * x[j]
            tied0, tied1, tied2 = 0.0, 0.0, 0.0
            for j in range(ends[2 * k], ends[2 * k + 1]):
                hazard = hazards[j]
                tied0, tied1, tied2 = tied0 + hazard, tied1 + hazard * x[j], tied2 + hazard * x[j] * x[j]
            sum0, sum1, sum2 = sum0 + tied0, sum1 + tied1, sum2 + tied2
            tied[0, k], tied[1, k], tied[2, k] = tied0, tied1, tied2
            sums[0, k], sums[1, k], sums[2, k] = sum0, sum1, sum2


@_compiled
def _newton_values(x, spread, start, ends, starts, deaths, event_sums, mean, variance):  # type: ignore[no-untyped-def]
    """The coefficient of one model, or NaN, as ``_Models.maximum``, and the moments there."""
    hazards, powers = np.empty(x.size), np.empty(x.size, dtype=np.int64)
    sums, tied = np.empty((3, deaths.size)), np.empty((3, deaths.size))
    observed = event_sums.sum()
    now, lower, upper, done = start, -np.inf, np.inf, False
    for _ in range(MOST_VALUE_STEPS):
        if not abs(now) * spread < WIDEST:
            break
        exponentials(x, now, hazards, powers)
        _sum_hazards(x, hazards, ends, starts, sums, tied)
        _fill_moments(sums, tied, deaths, mean, variance)
        if done:
            return now
        score, information = observed - mean.sum(), variance.sum()
        if score > 0.0:
            lower = now
        elif score < 0.0:
            upper = now
        step = score / information
        done = spread * step * step < SMALL_ERROR
        inside = lower < now + step < upper and abs(step) < LONGEST_VALUE_STEP
        if not (information > LEAST_INFORMATION and (done or inside)):
            break
        now += step
    return np.nan


@_compiled
def _take(values, patients, edges, x, ends):  # type: ignore[no-untyped-def]
    """The known values in the order of ``patients``, where their parts begin, and how many they are."""
    before = np.empty(patients.size + 1, dtype=np.int64)
    n = 0
    for j in range(patients.size):
        before[j] = n
        value = values[patients[j]]
        if not np.isnan(value):
            x[n] = value
            n += 1
    before[patients.size] = n
    for part in range(edges.size):
        ends[part] = before[edges[part]]
    return n


@_compiled
def _standardise(x):  # type: ignore[no-untyped-def]
    """As ``_standardised``, in place: the standard deviation, and then the highest less the lowest value."""
    lowest, highest, mean, squares = np.inf, -np.inf, x.sum() / x.size, 0.0
    for j in range(x.size):
        lowest, highest = min(lowest, x[j]), max(highest, x[j])
    for j in range(x.size):
        x[j] -= mean
        squares += x[j] * x[j]
    if not highest > lowest:
        x[:] = 0.0
        return 0.0 if x.size > 1 else np.nan, 0.0
    deviation = np.sqrt(squares / (x.size - 1.0))
    x /= deviation
    return deviation, (highest - lowest) / deviation


@_compiled
def values_fitted(values, layout, curve, position, residuals, scale, out):  # type: ignore[no-untyped-def]
    """The rows of ``_by_numpy`` of ``many_values``, as columns of ``out``, for each row of ``values``.

    ``residuals`` are the ``null_residuals`` of the outcome; the other arguments are those of ``groups_compared``.
    """
    patients, edges, _, _, starts = layout
    space, ends, own_scale = np.empty(patients.size), np.empty_like(edges), scale.copy()
    deaths, event_sums = np.empty(scale.size), np.empty(scale.size)
    mean, variance = np.empty(scale.size), np.empty(scale.size)
    for i in range(values.shape[0]):
        n = _take(values[i], patients, edges, space, ends)
        x = space[:n]
        deviation, spread = _standardise(x)
        for k in range(deaths.size):
            deaths[k] = ends[2 * k + 1] - ends[2 * k]
            event_sums[k] = 0.0
            for j in range(ends[2 * k], ends[2 * k + 1]):
                event_sums[k] += x[j]
        out[i, 0], out[i, 1], out[i, 2] = n, deaths.sum(), deviation
        # about where the first Newton step from 0 leads to: the variance among those at risk is near 1
        start = (x * residuals).sum() / out[i, 1] if n == patients.size else 0.0
        out[i, 3] = _newton_values(x, spread, start, ends, starts, deaths, event_sums, mean, variance)
        out[i, 4], out[i, 5] = np.nan, np.nan
        if not np.isnan(out[i, 3]):
            if n < patients.size:
                _time_scale((~np.isnan(values[i])).view(np.uint8), curve, position, own_scale)
            out[i, 4] = variance.sum()
            out[i, 5] = _time_test(own_scale if n < patients.size else scale, deaths, event_sums, mean, variance)
