"""Covariates of a Cox model: as columns with names, standardised, and which of them can be estimated."""

from __future__ import annotations

from typing import Any

import numpy as np

from strata.survival.kernels.risk_table import Booleans, Floats, as_floats

__all__ = ["covariate_matrix", "estimable", "standardised"]

NO_INFORMATION, COLLINEAR = 1e-12, 1e-10


def covariate_matrix(covariates: Any, n: int) -> tuple[Floats, tuple[str, ...]]:
    """The covariates as columns, and their names."""
    x = as_floats(covariates, "covariates")
    if x.ndim == 1:
        x = x[:, np.newaxis]
    if x.ndim != 2 or x.shape[0] != n:
        raise ValueError(f"covariates have the shape {x.shape}, time has {n} values")
    names = tuple(str(name) for name in getattr(covariates, "columns", range(1, x.shape[1] + 1)))
    n_bad = np.count_nonzero(~np.isfinite(x), axis=0)
    problems = [
        f"covariate {name}: {bad} of {n} values are missing or infinite" for name, bad in zip(names, n_bad) if bad
    ]
    if problems:
        raise ValueError("; ".join(problems))
    return x, names


def standardised(x: Floats) -> tuple[Floats, Floats]:
    """Covariates of mean 0 and standard deviation 1, and what they were divided by; constant ones are 0."""
    if not x.size:
        return x, np.ones(x.shape[1])
    constant, spread = (x == x[:1]).all(axis=0), x.std(axis=0)
    scale = np.where(constant | (spread == 0.0), 1.0, spread)
    return np.where(constant, 0.0, (x - x.mean(axis=0)) / scale), scale


def estimable(information: Floats, n_events: int, names: tuple[str, ...]) -> tuple[Booleans, list[str]]:
    """Which covariates carry information of their own at zero, in their order, and why the others do not."""
    kept = np.zeros(len(names), dtype=bool)
    if not n_events:
        return kept, ["no event"]
    reasons = []
    for k, name in enumerate(names):
        if not information[k, k] > NO_INFORMATION * n_events:
            reasons.append(f"covariate {name} is constant among the patients at risk at every event")
            continue
        shared = information[kept, k]
        own = information[k, k] - shared @ np.linalg.solve(information[np.ix_(kept, kept)], shared)
        if own <= COLLINEAR * information[k, k]:
            reasons.append(f"covariate {name} is a combination of the covariates before it")
            continue
        kept[k] = True
    return kept, reasons
