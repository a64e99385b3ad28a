"""Nobody can write into the arrays of a result: those of every public kernel, on one small data set."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
import pytest
from joblib import Parallel, delayed

from strata import survival
from strata.survival.kernels.frozen import Frozen

TIME = np.array([3.0, 5.0, 5.0, 8.0, 9.0, 12.0, 14.0, 15.0, 17.0, 20.0, 22.0, 25.0])
EVENT = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0])
GROUP = np.array([0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0])
ARM = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0])
SCORE = np.array([2.0, 7.0, 1.0, 8.0, 2.5, 8.5, 1.5, 8.2, 8.4, 5.0, 9.0, 4.0])
AT = np.array([6.0, 12.0])

CALLS = {
    "concordance": lambda kernel: kernel(TIME, EVENT, SCORE),
    "cox": lambda kernel: kernel(TIME, EVENT, SCORE),
    "cumulative_incidence": lambda kernel: kernel(TIME, EVENT),
    "firth": lambda kernel: kernel(TIME, EVENT, SCORE),
    "follow_up": lambda kernel: kernel(TIME, EVENT),
    "gray_test": lambda kernel: kernel(TIME, EVENT, GROUP),
    "interaction": lambda kernel: kernel(TIME, EVENT, GROUP, ARM),
    "kaplan_meier": lambda kernel: kernel(TIME, EVENT, entry=TIME - 3.0),
    "log_rank": lambda kernel: kernel(TIME, EVENT, GROUP),
    "log_rank_exact": lambda kernel: kernel(TIME, EVENT, GROUP),
    "log_rank_trend": lambda kernel: kernel(TIME, EVENT, GROUP),
    "max_t": lambda kernel: kernel(TIME, EVENT, np.column_stack([GROUP, ARM]), n_permutations=9),
    "maximally_selected_log_rank": lambda kernel: kernel(SCORE, TIME, EVENT, n_permutations=9),
    "meta_analysis": lambda kernel: kernel([0.1, 0.4, 0.3], [0.1, 0.2, 0.15]),
    "number_at_risk": lambda kernel: kernel(TIME, EVENT, AT),
    "proportional_hazards": lambda kernel: kernel(TIME, EVENT, SCORE),
    "restricted_mean": lambda kernel: kernel(TIME, EVENT, GROUP, horizon=15.0),
    "time_dependent_auc": lambda kernel: kernel(TIME, EVENT, SCORE, AT),
}


def arrays(result):
    """The arrays of a result, by name."""
    names = [field.name for field in fields(result)] if is_dataclass(result) else result._fields
    return {name: value for name in names if isinstance(value := getattr(result, name), np.ndarray)}


def assert_read_only(result):
    assert not [name for name, array in arrays(result).items() if array.flags.writeable]


def test_every_public_kernel_is_looked_at():
    homes = ("strata.survival.kernels.", "strata.survival.treatment")
    public = {name: getattr(survival, name) for name in survival.__all__}
    kernels = {name for name, f in public.items() if inspect.isfunction(f) and f.__module__.startswith(homes)}
    # adjust_p returns a new array, which is the caller's own
    assert kernels - {"adjust_p"} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_no_array_of_a_result_can_be_written_to(name):
    result = CALLS[name](getattr(survival, name))
    assert_read_only(result)
    if isinstance(result, Frozen):
        assert_read_only(pickle.loads(pickle.dumps(result)))
    for array in arrays(result).values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    # what the caller gave can still be written to
    assert all(array.flags.writeable for array in (TIME, EVENT, GROUP, ARM, SCORE, AT))


@pytest.mark.parametrize("name", ["kaplan_meier", "cumulative_incidence"])
def test_nor_can_those_of_a_curve_read_at_chosen_times(name):
    curve = CALLS[name](getattr(survival, name))
    assert arrays(curve.at(AT))
    assert_read_only(curve.at(AT))


def test_what_is_made_from_a_result_is_read_only_too():
    curve = CALLS["kaplan_meier"](survival.kaplan_meier)
    replaced = replace(curve, survival=np.ones(curve.times.size))
    assert_read_only(replaced)
    assert (replaced.survival == 1.0).all()
    assert not hasattr(curve, "__dict__")
    again = pickle.loads(pickle.dumps(curve))
    assert type(again) is type(curve)
    assert again.at(AT).at_risk.tolist() == curve.at(AT).at_risk.tolist()
    assert again.median == curve.median


def test_another_process_sends_back_what_is_read_only():
    curve, _ = Parallel(n_jobs=2)(delayed(survival.kaplan_meier)(TIME, EVENT) for _ in range(2))
    assert arrays(curve)
    assert_read_only(curve)


@dataclass(frozen=True, eq=False, slots=True)
class Result(Frozen):
    values: np.ndarray
    name: str


def test_the_array_that_was_given_stays_the_callers_own():
    given = np.arange(3.0)
    result = Result(given, "one")
    with pytest.raises(ValueError, match="read-only"):
        result.values[0] = 9.0
    given[0] = 5.0
    assert result.name == "one"
