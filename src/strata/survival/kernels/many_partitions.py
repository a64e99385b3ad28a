"""Many Cox models of one outcome at once, each of a few groups of patients: Efron ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strata.survival.kernels.cox_fit import LAST_STEP
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.prepared import PreparedOutcome
from strata.survival.kernels.risk_table import Booleans, Floats

__all__ = ["ManyPartitions", "fit_many_partitions"]

BLOCK = 400_000
"""Numbers in the largest array of a block of models: they stay in the cache."""
MOST_STEPS = 20
FURTHEST = 10.0
REGULAR = 1e-6
"""A model that takes more steps, goes further from 0 or has information nearer to none is left to ``cox``, which tells
infinite from large and says which coefficient cannot be estimated. All are far from where that begins."""


@dataclass(frozen=True, eq=False, slots=True)
class ManyPartitions(Frozen):
    """Cox models of several groups against the first of them, one a row.

    Parameters
    ----------
    coefficients : array of float (n_tests, n_groups - 1)
        Log hazard ratios; NaN where the model should be asked of ``cox``, as where a coefficient may be infinite.
    covariance : array of float (n_tests, n_groups - 1, n_groups - 1)
        Inverse of the observed information; NaN likewise.
    """

    coefficients: Floats
    covariance: Floats


def fit_many_partitions(outcome: PreparedOutcome, groups: Booleans) -> ManyPartitions:
    """Compare several groups of the same patients, in many ways.

    Parameters
    ----------
    outcome : PreparedOutcome
    groups : array of bool (n_groups, n_tests, n_patients)
        Who is in each group of each test: in one at most. Who is in none takes no part.

    Returns
    -------
    ManyPartitions
        The numbers of ``cox`` with an indicator of each group but the first. Any covariates that are constant inside
        the groups, and as many, are combinations of these.

    Notes
    -----
    Only the numbers at risk and the events of each group at the event times enter the partial likelihood, so sums over
    risk sets are sums over groups.
    """
    n_groups, n_tests, n = groups.shape
    coefficients = np.full((n_tests, n_groups - 1), np.nan)
    covariance = np.full((n_tests, n_groups - 1, n_groups - 1), np.nan)
    step = max(1, BLOCK // max(1, n_groups * max(n, outcome.term.size)))
    for start in range(0, n_tests, step):
        rows = slice(start, start + step)
        weights, observed = _terms(outcome, groups[:, rows])
        coefficients[rows], covariance[rows] = _maximum(weights, observed)
    return ManyPartitions(coefficients, covariance)


def _terms(outcome: PreparedOutcome, groups: Booleans) -> tuple[Floats, Floats]:
    """Patients of each group in the risk set of each term of Efron's likelihood, and events of each group.

    Of shapes (n_tests, n_groups, n_terms), one term an event, in which a part of the tied events has left, and
    (n_tests, n_groups). A test has no patients in the terms of events that are not its own.
    """
    counts = [outcome.counts(flags.view(np.uint8)) for flags in groups]
    at_risk, deaths = (np.stack(each, axis=1).astype(np.float64) for each in zip(*counts))
    tied = deaths.sum(axis=1)[:, np.newaxis, outcome.term]
    fraction = outcome.place / np.maximum(tied, 1.0)
    weights = (at_risk[:, :, outcome.term] - fraction * deaths[:, :, outcome.term]) * (outcome.place < tied)
    return weights, deaths.sum(axis=2)


def _maximum(weights: Floats, observed: Floats) -> tuple[Floats, Floats]:
    """The arrays of ``ManyPartitions``, by Newton's method."""
    n_tests, p = observed.shape[0], observed.shape[1] - 1
    coefficients, covariance = np.zeros((n_tests, p)), np.full((n_tests, p, p), np.nan)
    active, finished = np.arange(n_tests), np.zeros(n_tests, dtype=bool)
    for _ in range(MOST_STEPS):
        score, information = _slopes(weights[active], observed[active], coefficients[active])
        regular = _regular(information)
        active, score, information = active[regular], score[regular], information[regular]
        step = np.linalg.solve(information, score[:, :, np.newaxis])[:, :, 0]
        coefficients[active] += step
        near = (np.abs(coefficients[active]) <= FURTHEST).all(axis=1)
        last = (score * step).sum(axis=1) < LAST_STEP
        finished[active[near & last]] = True
        active = active[near & ~last]
        if not active.size:
            break
    rows = np.flatnonzero(finished)
    information = _slopes(weights[rows], observed[rows], coefficients[rows])[1]
    rows, information = rows[_regular(information)], information[_regular(information)]
    covariance[rows] = np.linalg.inv(information)
    coefficients[np.isnan(covariance[:, 0, 0])] = np.nan
    return coefficients, covariance


def _slopes(weights: Floats, observed: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    """Score (n_tests, p) and information (n_tests, p, p)."""
    hazard = np.exp(np.pad(coefficients, ((0, 0), (1, 0))))
    total = (hazard[:, np.newaxis] @ weights)[:, 0]
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0.0)
    parts = weights[:, 1:] * inverse[:, np.newaxis]
    hazard = hazard[:, 1:]
    share = parts.sum(axis=2) * hazard
    both = (parts @ parts.transpose(0, 2, 1)) * hazard[:, :, np.newaxis] * hazard[:, np.newaxis]
    return observed[:, 1:] - share, share[:, :, np.newaxis] * np.eye(share.shape[1]) - both


def _regular(information: Floats) -> Booleans:
    """Which informations are far from singular, whatever the sizes of the groups."""
    own = np.diagonal(information, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / np.sqrt(own)
        correlation = information * scale[:, :, np.newaxis] * scale[:, np.newaxis]
        regular: Booleans = (own > REGULAR).all(axis=1) & (np.linalg.det(correlation) > REGULAR)
    return regular
