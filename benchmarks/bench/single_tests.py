"""One log-rank test and one Cox model of each peer: functions of who is in group 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]
    Test = Callable[[Array], float]

PEERS = {
    "lifelines": ("lifelines",),
    "scikit-survival": ("scikit-survival",),
    "survival (Rust)": ("survival",),
    "greenwood": ("greenwood",),
}
"""What is shown, and the distributions needed."""


def tests_of(peer: str, time: Array, event: Array) -> tuple[Test, Test]:
    """Chi-squared of the log-rank test, and the coefficient of the Cox model (Efron), of one outcome."""
    found: tuple[Test, Test] = globals()["_" + peer.split(" ")[0].replace("-", "_")](time, event)
    return found


def _lifelines(time: Array, event: Array) -> tuple[Test, Test]:
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import logrank_test

    def log_rank(group: Array) -> float:
        return float(logrank_test(time[group], time[~group], event[group], event[~group]).test_statistic)

    def cox(group: Array) -> float:
        table = pd.DataFrame({"time": time, "event": event, "group": group.astype(float)})
        return float(CoxPHFitter().fit(table, "time", "event").params_.iloc[0])

    return log_rank, cox


def _scikit_survival(time: Array, event: Array) -> tuple[Test, Test]:
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    y = Surv.from_arrays(event, time)

    def log_rank(group: Array) -> float:
        return float(compare_survival(y, group)[0])

    def cox(group: Array) -> float:
        return float(CoxPHSurvivalAnalysis(ties="efron").fit(group[:, None].astype(float), y).coef_[0])

    return log_rank, cox


def _survival(time: Array, event: Array) -> tuple[Test, Test]:
    import survival

    response, table = survival.Surv(time, event), {"time": time, "event": event.astype(int)}

    def log_rank(group: Array) -> float:
        return float(survival.survdiff(response, group=group.astype(int)).chisq)

    def cox(group: Array) -> float:
        fit = survival.coxph("Surv(time, event) ~ group", {**table, "group": group.astype(float)})
        return float(next(iter(fit.coefficients)))

    return log_rank, cox


def _greenwood(time: Array, event: Array) -> tuple[Test, Test]:
    import greenwood

    response = greenwood.Surv(time, event=event)

    def log_rank(group: Array) -> float:
        return float(greenwood.logrank_test(response, group.astype(int)).statistic)

    def cox(group: Array) -> float:
        return float(greenwood.CoxPH().fit(response, group[:, None].astype(float)).coef_[0])

    return log_rank, cox
