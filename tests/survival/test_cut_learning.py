"""Cross-fitting, stability and the critical value of a search: by hand, against other code, and by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import RepeatedStratifiedKFold

from strata.survival.cut_learning import SPLITS, critical_value, cross_fitted, search, stability_range
from strata.survival.groups import Adjustment, Outcome
from strata.survival.kernels.cox import cox
from strata.survival.kernels.firth import firth
from strata.survival.kernels.maximally_selected import maximally_selected_log_rank
from strata.survival.search_options import SearchOptions

PLAIN = SearchOptions(permutations=199, bootstrap=50)


def stratified(seed, n=90):
    """Patients of three sites that differ in the marker and in survival."""
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 3, n)
    values, time = rng.normal(site), rng.exponential(3.0 ** -site.astype(float))
    factors = pd.DataFrame({"site": np.array(["a", "b", "c"])[site]})
    return values, Outcome(time, rng.random(n) < 0.8, Adjustment(None, factors)), site


def patients(seed, n=60, log_hazard=0.0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    time, censored = rng.exponential(np.exp(-log_hazard * values)), rng.exponential(2, n)
    return values, Outcome(np.minimum(time, censored), time <= censored, Adjustment())


def test_the_cross_fitted_hazard_ratio_step_by_step():
    values, outcome = patients(1, log_hazard=0.6)
    folds = RepeatedStratifiedKFold(n_splits=3, n_repeats=SPLITS, random_state=5)
    logs, errors, group, fold = [], [], np.zeros(60), np.zeros(60)
    for i, (others, own) in enumerate(folds.split(values, outcome.event)):
        best = maximally_selected_log_rank(
            values[others], outcome.time[others], outcome.event[others], method="lau94", minprop=0.2, maxprop=0.8
        )
        group[own], fold[own] = values[own] > best.cut, i % 3
        if i % 3 == 2:
            fit = cox(outcome.time, outcome.event, group, stratification_factors=fold)
            logs.append(fit.coefficients[0])
            errors.append(fit.standard_errors[0])
    hazard, _, reason = cross_fitted(values, outcome, SearchOptions(folds=3, minprop=0.2, seed=5))
    middle, error = np.mean(logs), np.mean(errors)
    assert reason == ""
    assert hazard.value == pytest.approx(np.exp(middle), rel=1e-12)
    assert (hazard.lower, hazard.upper) == pytest.approx(np.exp(middle + 1.959963984540054 * error * np.array([-1, 1])))
    assert np.isnan(hazard.wald_p)
    low, _, _ = cross_fitted(values, outcome, SearchOptions(folds=3, minprop=0.2, seed=5), high=False)
    assert low.value == pytest.approx(1 / hazard.value, rel=1e-9)


def test_a_marker_without_effect_has_a_hazard_ratio_near_one_whose_interval_covers():
    options = SearchOptions(folds=2)
    found, best = [], []
    for seed in range(150):
        values, outcome = patients(seed, n=80)
        hazard, _, _ = cross_fitted(values, outcome, options)
        found.append((abs(np.log(hazard.value)), hazard.lower <= 1 <= hazard.upper))
        cut = search(values, outcome, options.model_copy(update={"method": "lau92"})).cut
        best.append(abs(cox(outcome.time, outcome.event, values > cut).coefficients[0]))
    sizes, covered = np.array(found).T
    # binomial(150, 0.95) is below 131 in less than 0.1 %; the interval of two folds is a little wide
    assert covered.sum() >= 131
    assert np.exp(np.median(sizes)) < 1.35
    assert np.exp(np.median(best)) > 1.6  # what is reported at best cuts


def test_covariates_and_factors_enter_the_cross_fitted_model():
    values, outcome = patients(2, log_hazard=0.5)
    age = pd.DataFrame({"age": np.random.default_rng(0).normal(size=60)})
    site = pd.DataFrame({"site": np.repeat(["a", "b"], 30)})
    adjusted = Outcome(outcome.time, outcome.event, Adjustment(age, site))
    hazard, said, _ = cross_fitted(values, adjusted, PLAIN)
    plain, nothing, _ = cross_fitted(values, outcome, PLAIN)
    assert said == [f"adjusted for age in 60 patients, {outcome.event.sum()} events"]
    assert nothing == []
    assert hazard.value != plain.value


def best_inside(values, outcome, site, chosen):
    """The cut of the search inside the sites, by the public kernel."""
    return maximally_selected_log_rank(
        values[chosen],
        outcome.time[chosen],
        outcome.event[chosen],
        n_permutations=1,
        stratification_factors=site[chosen],
    ).cut


def test_inside_factors_the_folds_cuts_are_searched_inside_them():
    values, outcome, site = stratified(3)
    folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=SPLITS, random_state=0)
    logs, group, fold = [], np.zeros(90), np.zeros(90)
    for i, (others, own) in enumerate(folds.split(values, outcome.event)):
        group[own], fold[own] = values[own] > best_inside(values, outcome, site, others), i % 2
        if i % 2 == 1:
            strata = np.column_stack([site, fold])
            logs.append(cox(outcome.time, outcome.event, group, stratification_factors=strata).coefficients[0])
    hazard, _, _ = cross_fitted(values, outcome, PLAIN)
    assert hazard.value == pytest.approx(np.exp(np.mean(logs)), rel=1e-9)


def test_inside_factors_the_resamples_cuts_are_searched_inside_them():
    values, outcome, site = stratified(4)
    rng = np.random.default_rng(0)
    expected = [best_inside(values, outcome, site, rng.integers(0, 90, 90)) for _ in range(50)]
    assert stability_range(values, outcome, PLAIN)[2].tolist() == expected
    plain = Outcome(outcome.time, outcome.event, Adjustment())
    assert stability_range(values, plain, PLAIN)[2].tolist() != expected


def test_without_an_event_in_a_fold_there_is_no_hazard_ratio():
    values = np.arange(12.0)
    event = np.zeros(12, dtype=bool)
    event[3] = True
    hazard, _, reason = cross_fitted(values, Outcome(np.arange(1.0, 13.0), event, Adjustment()), PLAIN)
    assert hazard is None
    assert reason == "in a fold the others leave no cut to be searched"


def test_a_marker_with_one_possible_cut_is_stable():
    rng = np.random.default_rng(4)
    values = np.repeat([1.0, 2.0], 30)
    outcome = Outcome(rng.exponential(size=60), rng.random(60) < 0.7, Adjustment())
    lower, upper, cuts = stability_range(values, outcome, PLAIN)
    assert (lower, upper, cuts.size) == (1.0, 1.0, 50)


def test_the_stability_range_is_that_of_resampled_patients():
    values, outcome = patients(6, log_hazard=0.8)
    rng = np.random.default_rng(0)
    expected = []
    for _ in range(50):
        i = rng.integers(0, 60, 60)
        expected.append(maximally_selected_log_rank(values[i], outcome.time[i], outcome.event[i], method="lau92").cut)
    lower, upper, cuts = stability_range(values, outcome, PLAIN)
    assert cuts.tolist() == expected
    assert (lower, upper) == tuple(np.quantile(expected, [0.025, 0.975]))
    assert stability_range(values, outcome, SearchOptions(bootstrap=0))[2].size == 0


def test_p_is_at_most_five_per_cent_where_the_statistic_reaches_the_critical_value():
    sides = set()
    for seed in range(40):
        values, outcome = patients(seed, n=40, log_hazard=0.4 * (seed % 2))
        values = values.round(seed % 3)  # ties too
        found = search(values, outcome, PLAIN)
        reached = found.statistic >= critical_value(values, outcome, PLAIN) * (1 - 1e-9)
        assert reached == (found.p_value <= 0.05)
        sides.add(bool(reached))
    assert sides == {True, False}


def test_inside_factors_the_critical_value_is_that_of_p():
    sides = set()
    for seed in range(30):
        values, outcome, site = stratified(seed, 60)
        if seed % 2:
            outcome = Outcome(outcome.time * np.exp(-0.8 * values), outcome.event, outcome.adjustment)
        found = search(values, outcome, PLAIN)
        kernel = maximally_selected_log_rank(
            values, outcome.time, outcome.event, n_permutations=199, stratification_factors=site
        )
        assert (found.cut, found.p_value) == (kernel.cut, kernel.p_value)
        reached = found.statistic >= critical_value(values, outcome, PLAIN) * (1 - 1e-9)
        assert reached == (found.p_value <= 0.05)
        sides.add(bool(reached))
    assert sides == {True, False}


def test_too_few_permutations_have_no_critical_value():
    values, outcome = patients(0)
    assert np.isnan(critical_value(values, outcome, SearchOptions(permutations=18)))
    assert np.isfinite(critical_value(values, outcome, SearchOptions(permutations=19)))


def few_events(seed, n=60, events=8):
    rng = np.random.default_rng(seed)
    values, time = rng.normal(size=n), rng.exponential(size=n)
    last = np.sort(time)[events - 1]
    return values, Outcome(np.minimum(time, last), time <= last, Adjustment())


def split_by_hand(values, outcome):
    """The groups and folds of every split into halves."""
    folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=SPLITS, random_state=0)
    group, fold = np.zeros(values.size), np.zeros(values.size)
    for i, (others, own) in enumerate(folds.split(values, outcome.event)):
        best = maximally_selected_log_rank(values[others], outcome.time[others], outcome.event[others], method="lau94")
        group[own], fold[own] = values[own] > best.cut, i % 2
        if i % 2:
            yield group.copy(), fold.copy()


def test_where_a_group_has_no_event_in_a_split_all_splits_take_firths_likelihood():
    found = 0
    for seed in range(25):
        values, outcome = few_events(seed)
        hazard, said, _ = cross_fitted(values, outcome, PLAIN)
        data = [(outcome.time, outcome.event, g, f) for g, f in split_by_hand(values, outcome)]
        plain = [cox(t, e, g, stratification_factors=f).coefficients[0] for t, e, g, f in data]
        infinite = int((~np.isfinite(plain)).sum())
        if hazard is None or not infinite:
            assert said == []
            continue
        found += 1
        fits = [firth(t, e, g, ties="efron", stratification_factors=f) for t, e, g, f in data]
        assert hazard.value == pytest.approx(np.exp(np.mean([fit.coefficients[0] for fit in fits])), rel=1e-9)
        assert hazard.lower < 1 < hazard.upper  # the marker means nothing
        assert hazard.upper / hazard.lower < 200
        assert said == [
            f"cross-fitted by Firth's penalised likelihood: in {infinite} of 20 splits Cox's hazard ratio is infinite,"
            " as where a group has no event"
        ]
    assert found >= 3
