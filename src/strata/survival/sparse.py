"""Sparse arms: the log-rank P by permutation, and Firth's hazard ratio."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.cohort.findings import count
from strata.survival.kernels.firth import firth
from strata.survival.kernels.log_rank_exact import log_rank_exact
from strata.survival.kernels.max_t import max_t

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.checks import CheckOptions
    from strata.survival.groups import Outcome
    from strata.survival.model_rows import ModelRows
    from strata.survival.result import Group

__all__ = ["firth_beside", "is_sparse", "permutation_beside", "sparse_groups"]


def is_sparse(n: int, events: int, options: CheckOptions) -> bool:
    """Whether there are too few patients or events for large-sample theory."""
    return n < options.sparse_patients or events < options.sparse_events


def sparse_groups(groups: Sequence[Group], options: CheckOptions) -> str:
    """Which groups have too few patients or events for large-sample theory, in words; empty when none has."""
    few = [g for g in groups if is_sparse(g.n, g.events, options)]
    return "; ".join(f"{g.label} {count(g.n, 'patient')}, {count(g.events, 'event')}" for g in few)


def permutation_beside(
    outcome: Outcome, group: NDArray[np.int64], *, trend: bool = False
) -> tuple[dict[str, Any], str]:
    """The columns of the permutation P, and how it was found or why there is none.

    The P depends neither on the order of the patients nor on which of two groups is called positive.
    """
    factors, options = outcome.adjustment.stratification_factors, outcome.checks
    several = int(group.max()) > 1
    not_there = {
        "for trend": trend,
        "with delayed entry": outcome.entry is not None,
        "of several strata inside stratification factors": several and factors is not None,
    }
    if any(not_there.values()):
        return {}, f"no permutation P {next(what for what, so in not_there.items() if so)}"
    order = np.lexsort((outcome.event, outcome.time))
    time, event = outcome.time[order], outcome.event[order]
    group = group[order] if several else (group == np.bincount(group, minlength=2).argmax())[order].astype(np.int64)
    drawn = {"n_permutations": options.permutations, "seed": options.seed}
    if factors is None:
        test = log_rank_exact(time, event, group, **drawn)
        p_value, exact, used = test.p_value, test.exact, test.n_permutations
    else:
        within = max_t(time, event, group[:, np.newaxis], stratification_factors=factors.iloc[order], **drawn)
        p_value, exact, used = float(within.p_values[0]), False, within.n_permutations
    if isnan(p_value):
        return {}, "no permutation P (nothing could be compared)"
    inside = "" if factors is None else " inside the stratification factors"
    how = f"all {used} splits" if exact else f"{used} permutations{inside} (seed {options.seed})"
    found = {"permutation_p": p_value, "permutations": 0 if exact else used}
    return found, f"permutation P {p_value:.2g} from {how} (assumes that censoring is the same in the groups)"


def firth_beside(model: ModelRows) -> tuple[dict[str, Any], str]:
    """The columns of Firth's hazard ratio of the model's first column, and the same in words or why there is none."""
    fit = firth(*model.data, ties="efron", **model.more)
    ratio, lower, upper, p_value = (float(x[0]) for x in (fit.hazard_ratios, fit.lower, fit.upper, fit.p_values))
    if isnan(ratio):
        return {}, f"no Firth hazard ratio ({fit.reason})"
    found = {
        "firth_hazard_ratio": ratio,
        "firth_hazard_ratio_lower": lower,
        "firth_hazard_ratio_upper": upper,
        "firth_p": p_value,
    }
    said = f"Firth's hazard ratio {ratio:.3g} (95 % profile interval {lower:.3g} to {upper:.3g}, P {p_value:.2g})"
    return found, f"{said}; {fit.reason}" if isnan(lower) or isnan(upper) else said
