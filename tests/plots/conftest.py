"""Comparisons to draw: exponential times, uniform censoring, one seed each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from strata.survival.kernels.cox import cox
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank
from strata.survival.result import Comparison, Group, HazardRatio

Make = Callable[..., Comparison]


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes a comparison of ``n`` patients in strata of given monthly event rates."""

    def made(
        n: int = 120,
        rates: Sequence[float] = (0.02, 0.008),
        labels: Sequence[str] = ("both high", "rest"),
        seed: int = 1,
    ) -> Comparison:
        random = np.random.default_rng(seed)
        group = np.arange(n) % len(rates)
        lived = random.exponential(1 / np.asarray(rates)[group])
        followed = random.uniform(12, 140, n)
        time, event = np.ceil(np.minimum(lived, followed)), lived <= followed
        groups = tuple(
            Group(
                label,
                int((group == i).sum()),
                int(event[group == i].sum()),
                kaplan_meier(time[group == i], event[group == i]),
            )
            for i, label in enumerate(labels)
        )
        hazard = None
        if len(groups) == 2 and all(g.events for g in groups):
            fit = cox(time, event, (group == 0)[:, None].astype(float))
            hazard = HazardRatio(*(float(x[0]) for x in (fit.hazard_ratios, fit.lower, fit.upper, fit.p_values)))
        test = log_rank(time, event, group) if event.any() else None
        return Comparison("positive_vs_rest", groups, time, event, group, 0, 0, hazard, test, 80.0, hazard is not None)

    return made
