"""What a searched cut is worth: its cross-fitted hazard ratio, its stability, and what a search reaches by chance.

Arrays in, arrays out. Everywhere the group "high" is strictly above a cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.survival.groups import Adjustment, Outcome
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.firth import Firth, firth
from strata.survival.kernels.maximally_selected import (
    MaximallySelected,
    TriedCuts,
    maximally_selected_log_rank,
    try_cuts,
)
from strata.survival.kernels.risk_table import strata_codes
from strata.survival.kernels.selected_p import largest_by_chance
from strata.survival.model_rows import ModelRows
from strata.survival.result import HazardRatio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.risk_table import Integers
    from strata.survival.search_options import SearchOptions

__all__ = ["SPLITS", "critical_value", "cross_fitted", "search", "stability_range", "tried_cuts"]

SPLITS = 20
"""Splits into folds that the cross-fitted hazard ratio is the mean of, lest it hang on one seed."""
ALPHA = 0.05


def search(values: NDArray[np.float64], outcome: Outcome, options: SearchOptions) -> MaximallySelected:
    """The cut that separates survival best inside the stratification factors, with its corrected P."""
    return maximally_selected_log_rank(
        values,
        outcome.time,
        outcome.event,
        method=options.method,
        minprop=options.minprop,
        maxprop=1.0 - options.minprop,
        n_permutations=options.permutations,
        seed=options.seed,
        stratification_factors=outcome.adjustment.stratification_factors,
    )


def tried_cuts(values: NDArray[np.float64], outcome: Outcome, options: SearchOptions) -> TriedCuts:
    """Every cut of the search, without a P."""
    return _try(values, outcome, _strata(outcome), options)


def _strata(outcome: Outcome) -> Integers:
    return strata_codes(outcome.adjustment.stratification_factors, outcome.time.size)


def _try(
    values: NDArray[np.float64],
    outcome: Outcome,
    strata: Integers,
    options: SearchOptions,
    patients: Integers | slice = slice(None),
) -> TriedCuts:
    """The cuts of some of the patients; who is drawn twice counts twice."""
    return try_cuts(
        values[patients],
        outcome.time[patients],
        outcome.event[patients],
        minprop=options.minprop,
        maxprop=1.0 - options.minprop,
        stratification_factors=strata[patients],
    )


def cross_fitted(
    values: NDArray[np.float64], outcome: Outcome, options: SearchOptions, *, high: bool = True
) -> tuple[HazardRatio | None, list[str], str]:
    """The hazard ratio of patients whose groups were found without them.

    The patients are split into folds with equal shares of events. Each fold is cut where the others separate best, and
    one Cox model, stratified by fold, compares the groups of all folds. The log hazard ratio and its standard error are
    means over ``SPLITS`` splits; the interval is Wald's. Where it is infinite in a split, as where a group has no
    event, all splits take Firth's penalised likelihood: a mean of infinity would say nothing.

    Parameters
    ----------
    values : array of float (n,)
    outcome : Outcome
        Covariates and stratification factors enter the Cox model; the cuts are searched inside the factors.
    options : SearchOptions
    high : bool
        Whether the patients above the cut are compared with the others, or the reverse.

    Returns
    -------
    (HazardRatio or None, list of str, str)
        The hazard ratio; it has a Wald P where it is adjusted, else none: the search's own is the corrected one. What
        it is adjusted for, and whether it is penalised. Why there is none.

    Notes
    -----
    With two folds the two halves' errors are uncorrelated when the marker means nothing, so the interval covers 1. It
    is the hazard ratio of a cut learned on half of the patients, which is a little nearer to 1 than that of the best.
    """
    models = []
    for labels, fold in _splits(values, outcome, options):
        if np.isnan(labels).any():
            return None, [], "in a fold the others leave no cut to be searched"
        stratum = pd.DataFrame({"stratum": labels if high else 1.0 - labels})
        inside = Outcome(outcome.time, outcome.event, _with_fold(outcome.adjustment, fold))
        models.append(ModelRows.of(inside, stratum))
    fits, penalised = _fits(models)
    if reasons := [fit.reason for fit in fits if not np.isfinite(fit.coefficients[0])]:
        return None, [], reasons[0]
    log_hazard, error = np.mean([(fit.coefficients[0], fit.standard_errors[0]) for fit in fits], axis=0)
    hazard = HazardRatio.of(float(log_hazard), float(error))
    if outcome.adjustment.covariates is None:
        hazard = replace(hazard, wald_p=math.nan)
    said = models[0].notes[:-1]  # the last one names the factors, and the folds among them
    return hazard, said + penalised, ""


def _fits(models: Sequence[ModelRows]) -> tuple[Sequence[Cox | Firth], list[str]]:
    """The fit of every split: Cox's, or Firth's of all where one of Cox's is infinite, and a note that says so."""
    fits = [cox(*model.data, **model.more) for model in models]
    infinite = sum(not np.isfinite(fit.coefficients[0]) for fit in fits)
    if not infinite:
        return fits, []
    said = (
        f"cross-fitted by Firth's penalised likelihood: in {infinite} of {len(fits)} splits Cox's hazard ratio is"
        " infinite, as where a group has no event"
    )
    return [firth(*model.data, ties="efron", **model.more) for model in models], [said]


def _splits(
    values: NDArray[np.float64], outcome: Outcome, options: SearchOptions
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """For each split, 1.0 for patients above the cut of the other folds (NaN where there is none), and the folds."""
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    event, strata = outcome.event, _strata(outcome)
    rare = min(event.sum(), (~event).sum())
    splitter = RepeatedStratifiedKFold if rare >= options.folds else RepeatedKFold
    folds = min(options.folds, event.size)
    parts = splitter(n_splits=folds, n_repeats=SPLITS, random_state=options.seed).split(values, event)
    labels, fold = np.full(event.size, np.nan), np.zeros(event.size, dtype=np.int64)
    for i, (others, own) in enumerate(parts):
        cut = _try(values, outcome, strata, options, others).cut
        labels[own] = np.nan if np.isnan(cut) else values[own] > cut
        fold[own] = i % folds
        if i % folds == folds - 1:
            yield labels.copy(), fold.copy()


def _with_fold(adjustment: Adjustment, fold: NDArray[np.int64]) -> Adjustment:
    factors = adjustment.stratification_factors
    folds = pd.DataFrame({"fold": fold}) if factors is None else factors.assign(fold=fold)
    return Adjustment(adjustment.covariates, folds, adjustment.names)


def stability_range(
    values: NDArray[np.float64], outcome: Outcome, options: SearchOptions
) -> tuple[float, float, NDArray[np.float64]]:
    """The middle 95 % of the cuts found in bootstrap resamples of the patients, and those cuts.

    It says how far the cut moves from sample to sample. It is no confidence interval: the cut of a search converges
    too slowly for the bootstrap to give one. Resamples in which no cut can be searched are left out.
    """
    generator, strata = np.random.default_rng(options.seed), _strata(outcome)
    drawn = (generator.integers(0, values.size, values.size) for _ in range(options.bootstrap))
    cuts = np.array([_try(values, outcome, strata, options, patients).cut for patients in drawn], dtype=np.float64)
    cuts = cuts[~np.isnan(cuts)]
    if not cuts.size:
        return math.nan, math.nan, cuts
    lower, upper = np.quantile(cuts, [0.025, 0.975])
    return float(lower), float(upper), cuts


def critical_value(values: NDArray[np.float64], outcome: Outcome, options: SearchOptions) -> float:
    """The maximally selected statistic that 5 % of random pairings of survival with marker values reach.

    With the method ``permutation`` these are the draws of P: the statistic is above it where P is at most 0.05. NaN
    when there are too few permutations, or no cut.
    """
    found = tried_cuts(values, outcome, options)
    reaching = math.floor(ALPHA * (options.permutations + 1)) - 1
    if found.reason or reaching < 0:
        return math.nan
    highest = largest_by_chance(found.scores, found.strata, found.sizes, options.permutations, options.seed)
    return float(np.sort(np.concatenate(list(highest)))[-reaching - 1])
