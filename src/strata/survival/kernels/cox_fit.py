"""Newton's method for a Cox likelihood, with an eye on coefficients that run away to infinity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from strata.survival.kernels.covariates import estimable
from strata.survival.kernels.cox_exact import ExactLikelihood
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import Booleans, Floats

__all__ = ["CoxFit", "fit_cox"]

Likelihood = PartialLikelihood | ExactLikelihood

MAXIMUM_ITERATIONS = 100
LAST_STEP = 1e-16
"""Newton decrement (squared distance to the maximum, in standard errors) from which one more step is exact."""
NEAR, SLOW, SLOW_STEPS = 1e-3, 0.2, 5
"""Near a maximum the decrement falls ever faster; towards infinity it falls by 1/e a step. Five steps by less than
SLOW below NEAR tell the two apart, whatever the scale of the covariates."""
FLAT, WIDEST, LOST = 1e-9, 1000.0, 50.0
"""Such a fit goes on to FLAT, so that the finite coefficients are exact, or until two linear predictors are WIDEST
apart; infinite are the coefficients whose standard error has grown LOST times since zero."""
ROUNDING = 1e10
"""Growth of a variance at which the information is rounding: such a maximum is one of rounding too."""


@dataclass(frozen=True, slots=True)
class CoxFit:
    """A fit on the scaled covariates: those with information (``kept``), of which some may be ``infinite``."""

    kept: Booleans
    infinite: Booleans
    coefficients: Floats
    information: Floats
    log_likelihood: float
    log_likelihood_null: float
    score: float
    iterations: int
    reasons: tuple[str, ...]

    def covariance(self) -> Floats:
        """Inverse of the information; NaN where infinite."""
        if self.infinite.all():
            return np.full_like(self.information, np.nan)
        covariance: Floats = np.linalg.inv(self.information).astype(np.float64)
        covariance[self.infinite, :] = covariance[:, self.infinite] = np.nan
        return covariance


def fit_cox(likelihood: Likelihood, names: tuple[str, ...]) -> CoxFit:
    """The maximum of a likelihood; ``names`` are those of its covariates."""
    null, gradient, at_zero = likelihood.at(np.zeros(len(names)))
    kept, reasons = estimable(at_zero, likelihood.term.size, names)
    gradient, at_zero = gradient[kept], at_zero[np.ix_(kept, kept)]
    if not kept.any():
        return CoxFit(kept, kept[:0], gradient, at_zero, null, null, math.nan, 0, tuple(reasons))
    score = float(gradient @ np.linalg.solve(at_zero, gradient))
    beta, value, information, iterations, outcome = _newton(likelihood.keep(kept), null, gradient, at_zero)
    infinite = np.full(beta.size, outcome == "lost")
    if outcome == "lost":
        reasons.append(f"no maximum of the likelihood found in {iterations} steps")
    growth = _growth(information, at_zero)
    if outcome == "infinite" or (outcome == "maximum" and growth.max() > ROUNDING):
        infinite = ~(growth < min(LOST**2, growth.max()))
        reasons.append(_infinite_reason([name for name, k in zip(np.array(names)[kept], infinite) if k]))
    return CoxFit(kept, infinite, beta, information, value, null, score, iterations, tuple(reasons))


def _growth(information: Floats, at_zero: Floats) -> Floats:
    """How much the variance of each coefficient has grown since zero; without end where no information is left."""
    try:
        growth: Floats = np.diag(np.linalg.inv(information)) / np.diag(np.linalg.inv(at_zero))
    except np.linalg.LinAlgError:
        return np.full(information.shape[0], np.inf)
    return np.where(growth > 0.0, growth, np.inf)


def _newton(
    likelihood: Likelihood, value: float, gradient: Floats, information: Floats
) -> tuple[Floats, float, Floats, int, Literal["maximum", "infinite", "lost"]]:
    """Coefficients, log likelihood, information, steps, and what was found."""
    beta, previous, slow = np.zeros(gradient.size), math.inf, 0
    for iteration in range(MAXIMUM_ITERATIONS):
        try:
            step = np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
        except np.linalg.LinAlgError:  # every digit of the information is lost far out
            return beta, value, information, iteration, "lost"
        decrement = float(gradient @ step)
        slow = slow + 1 if SLOW * previous < decrement < NEAR else 0
        if slow >= SLOW_STEPS and (decrement < FLAT or np.ptp(likelihood.x @ beta) > WIDEST):
            return beta, value, information, iteration, "infinite"
        reached = _step(likelihood, beta, value, step) if decrement > -LAST_STEP else None
        if reached is None:
            return beta, value, information, iteration, "lost"
        (beta, value, gradient, information), previous = reached, decrement
        if decrement < LAST_STEP:
            return beta, value, information, iteration + 1, "maximum"
    return beta, value, information, MAXIMUM_ITERATIONS, "lost"


def _step(
    likelihood: Likelihood, beta: Floats, value: float, step: Floats
) -> tuple[Floats, float, Floats, Floats] | None:
    """A Newton step, halved until the likelihood does not fall by more than rounding."""
    for _ in range(30):
        reached = likelihood.at(beta + step)
        if np.isfinite(reached[2]).all() and reached[0] >= value - 1e-11 * (1.0 + abs(value)):
            return beta + step, *reached
        step = step / 2.0
    return None


def _infinite_reason(names: list[str]) -> str:
    return (
        f"infinite coefficient of {', '.join(names)}: the likelihood rises without end, "
        "as when a group has no event or every event comes from it"
    )
