"""Many two-group comparisons of one outcome at once: log-rank, Cox with Efron ties, proportional hazards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.prepared import Flags, PreparedOutcome, in_blocks, worth_compiling
from strata.survival.kernels.risk_table import Booleans, Floats, Integers
from strata.survival.kernels.time_test import time_test

__all__ = ["INFINITE", "NOTHING", "ManyGroups", "compare_many_groups"]

NOTHING, INFINITE = 1, 2
"""Why a test has no coefficient: nobody to compare at any event; a likelihood that rises without end."""

MOST_STEPS = 100
LONGEST_STEP = 8.0
SMALL_STEP = 1e-13
"""Newton steps end where their square is below this: what one leaves is at most half its square, since no third
derivative of the log likelihood is larger than the second."""


@dataclass(frozen=True, eq=False, slots=True)
class ManyGroups(Frozen):
    """Tests of group 1 against group 0, one a row of the groups compared.

    Parameters
    ----------
    n, events, n_positive, events_positive : arrays of int (n_tests,)
        Of the patients whose group is known.
    observed, expected, variance : arrays of float (n_tests,)
        Events of group 1; expected of it; variance of their difference.
    chi_squared : array of float (n_tests,)
        Of the log-rank test, one degree of freedom; NaN where nothing could be compared.
    coefficients, standard_errors : arrays of float (n_tests,)
        Log hazard ratio of group 1 against group 0, Efron ties; NaN where ``missing`` says why.
    missing : array of uint8 (n_tests,)
        0, ``NOTHING`` or ``INFINITE``.
    ph_chi_squared : array of float (n_tests,)
        Grambsch and Therneau's test of proportional hazards (time on the Kaplan-Meier scale); NaN where there is none.
    """

    n: Integers
    events: Integers
    n_positive: Integers
    events_positive: Integers
    observed: Floats
    expected: Floats
    variance: Floats
    chi_squared: Floats
    coefficients: Floats
    standard_errors: Floats
    missing: npt.NDArray[np.uint8]
    ph_chi_squared: Floats

    def row(self, i: int) -> ManyGroups:
        """One of the tests."""
        return ManyGroups(**{field.name: getattr(self, field.name)[i : i + 1] for field in fields(self)})


def compare_many_groups(
    outcome: PreparedOutcome,
    positive: Booleans,
    known: Booleans | None = None,
    *,
    jobs: int = 1,
    compiled: bool | None = None,
) -> ManyGroups:
    """Compare many pairs of groups of the same patients.

    Parameters
    ----------
    outcome : PreparedOutcome
    positive : array of bool (n_tests, n_patients)
        Who is in group 1.
    known : array of bool (n_tests, n_patients), optional
        Who is in either group; None: everybody. ``positive`` counts only where it is known.
    jobs : int
        Threads.
    compiled : bool, optional
        By numba rather than numpy: the same numbers to 1e-12. None: where there are enough tests to pay for it.

    Returns
    -------
    ManyGroups
        The numbers of ``log_rank``, ``cox`` and ``proportional_hazards``, test by test.

    Notes
    -----
    Of each test only the numbers at risk and the events of group 1 at the event times are needed: for the log-rank
    test, for the partial likelihood, and for its score test against time. Each is a sum over runs of sorted patients.
    """
    by_numba = worth_compiling(*positive.shape) if compiled is None else compiled
    compare = _compiled(outcome) if by_numba else partial(_by_numpy, outcome)

    def block(rows: slice) -> ManyGroups:
        return _compare(outcome, positive[rows], None if known is None else known[rows], compare)

    return in_blocks(ManyGroups, outcome, block, positive.shape[0], jobs)


def _compare(
    outcome: PreparedOutcome,
    positive: Booleans,
    known: Booleans | None,
    compare: Callable[[Flags, Flags | None], Floats],
) -> ManyGroups:
    ones: Flags = (positive if known is None else positive & known).view(np.uint8)
    theirs: Flags | None = None if known is None else known.view(np.uint8)
    observed, expected, variance, coefficients, information, missing, ph_chi_squared = compare(ones, theirs)
    all_known = outcome.everybody if theirs is None else theirs
    with np.errstate(divide="ignore", invalid="ignore"):
        chi_squared = np.where(variance > 0.0, (observed - expected) ** 2 / variance, np.nan)
        errors = 1.0 / np.sqrt(information)
    died, n_tests = outcome.event, positive.shape[0]
    return ManyGroups(
        n=np.broadcast_to(all_known.sum(axis=1, dtype=np.int64), n_tests),
        events=np.broadcast_to(all_known[:, died].sum(axis=1, dtype=np.int64), n_tests),
        n_positive=ones.sum(axis=1, dtype=np.int64),
        events_positive=observed.astype(np.int64),
        observed=observed,
        expected=expected,
        variance=variance,
        chi_squared=chi_squared,
        coefficients=coefficients,
        standard_errors=errors,
        missing=missing.astype(np.uint8),
        ph_chi_squared=ph_chi_squared,
    )


def _compiled(outcome: PreparedOutcome) -> Callable[[Flags, Flags | None], Floats]:
    """The seven rows of numbers of ``_by_numpy``, by numba."""
    from strata.survival.kernels.compiled_tests import groups_compared

    at_risk, deaths = (counts[0].astype(np.float64) for counts in outcome.counts(outcome.everybody))
    scale = outcome.time_scale(outcome.everybody)[0]
    arguments = (*outcome.layouts(), at_risk, deaths, scale)

    def compare(ones: Flags, known: Flags | None) -> Floats:
        found = np.empty((ones.shape[0], 7))
        # other layouts, and arrays that cannot be written to, would each be compiled for themselves
        flags = (np.require(each, requirements=["C", "W"]) for each in (ones, ones[:0] if known is None else known))
        groups_compared(*flags, *arguments, found)
        return found.T

    return compare


def _by_numpy(outcome: PreparedOutcome, ones: Flags, known: Flags | None) -> Floats:
    """Observed, expected, variance; coefficient, information, why missing; chi-squared of time."""
    known = outcome.everybody if known is None else known
    at_risk, deaths = (counts.astype(np.float64) for counts in outcome.counts(known))
    n1, d1 = (counts.astype(np.float64) for counts in outcome.counts(ones))
    share = np.divide(n1, at_risk, out=np.zeros_like(n1), where=at_risk > 0)
    per_time = deaths * (at_risk - deaths) / np.maximum(at_risk - 1.0, 1.0)
    observed, expected = d1.sum(axis=1), (share * deaths).sum(axis=1)
    variance = (per_time * share * (1.0 - share)).sum(axis=1)
    terms = _Terms.of(outcome, at_risk, deaths, n1, d1)
    coefficients, missing = terms.maximum(observed)
    information, ph_chi_squared = terms.tests(coefficients, deaths, d1, outcome, known)
    return np.stack([observed, expected, variance, coefficients, information, missing, ph_chi_squared])


@dataclass(frozen=True, eq=False, slots=True)
class _Terms:
    """Efron's likelihood of each test, term by term: one term an event, in which group 1 has the share p of the hazard.

    Parameters
    ----------
    ones, zeros : arrays of float (n_tests, n_terms)
        Patients of group 1 and of group 0 in the risk set of each term; tied events leave it one by one, in fractions.
        0 in terms of events that are not of the test's own patients.
    """

    ones: Floats
    zeros: Floats

    @classmethod
    def of(cls, outcome: PreparedOutcome, at_risk: Floats, deaths: Floats, n1: Floats, d1: Floats) -> _Terms:
        term, place = outcome.term, outcome.place
        tied = deaths[:, term]
        valid = place < tied
        fraction = place / np.maximum(tied, 1.0)
        ones = (n1[:, term] - fraction * d1[:, term]) * valid
        zeros = ((at_risk - n1)[:, term] - fraction * (deaths - d1)[:, term]) * valid
        return cls(ones, zeros)

    def maximum(self, observed: Floats) -> tuple[Floats, npt.NDArray[np.uint8]]:
        """The log hazard ratios that maximise the likelihoods, and why there is none.

        The score falls with the coefficient, from its value at minus infinity to that at infinity; where it does not
        cross 0 the likelihood rises without end.
        """
        informative = ((self.ones > 0.0) & (self.zeros > 0.0)).any(axis=1)
        only_ones = ((self.ones > 0.0) & (self.zeros <= 0.0)).sum(axis=1)
        any_ones = (self.ones > 0.0).sum(axis=1)
        finite = (observed > only_ones) & (observed < any_ones)
        missing = np.where(~informative, NOTHING, np.where(finite, 0, INFINITE)).astype(np.uint8)
        coefficients = np.full(observed.size, np.nan)
        coefficients[missing == 0] = 0.0
        active = np.flatnonzero(missing == 0)
        lower, upper = np.full(observed.size, -np.inf), np.full(observed.size, np.inf)
        for _ in range(MOST_STEPS):
            if not active.size:
                break
            now = coefficients[active]
            p = self._share(active, now)
            score, information = observed[active] - p.sum(axis=1), (p * (1.0 - p)).sum(axis=1)
            lower[active] = np.where(score > 0.0, now, lower[active])
            upper[active] = np.where(score < 0.0, now, upper[active])
            with np.errstate(divide="ignore", invalid="ignore"):
                step = score / information
            ahead = now + step
            small = step**2 < SMALL_STEP * np.maximum(1.0, np.abs(now))
            # Newton's step may leave the interval that holds the maximum, and far out there is no slope to follow
            wild = ~np.isfinite(step) | (ahead <= lower[active]) | (ahead >= upper[active])
            wild |= np.abs(step) > LONGEST_STEP
            ahead = np.where(wild & ~small, _between(lower[active], upper[active], now, score), ahead)
            coefficients[active] = ahead
            active = active[~small]
        return coefficients, missing

    def _share(self, rows: Integers, coefficients: Floats) -> Floats:
        """The share of the hazard that group 1 has in each term."""
        hazard = self.ones[rows] * np.exp(coefficients)[:, np.newaxis]
        total = hazard + self.zeros[rows]
        return np.divide(hazard, total, out=np.zeros_like(total), where=total > 0.0)

    def tests(
        self, coefficients: Floats, deaths: Floats, d1: Floats, outcome: PreparedOutcome, known: Flags
    ) -> tuple[Floats, Floats]:
        """The information at the maximum, and the score test of the coefficient times time."""
        information, chi_squared = np.full(coefficients.size, np.nan), np.full(coefficients.size, np.nan)
        rows = np.flatnonzero(~np.isnan(coefficients))
        if not rows.size:
            return information, chi_squared
        p = self._share(rows, coefficients[rows])
        # terms stand in the order of those who die
        mean, variance = (outcome.dying.added(each, outcome.n_times) for each in (p, p * (1.0 - p)))
        information[rows] = variance.sum(axis=1)
        scale, deaths = (np.broadcast_to(each, d1.shape)[rows] for each in (outcome.time_scale(known), deaths))
        chi_squared[rows] = time_test(scale, deaths, d1[rows], mean, variance)
        return information, chi_squared


def _between(lower: Floats, upper: Floats, now: Floats, score: Floats) -> Floats:
    """The middle of the interval that holds the maximum, or a long step where it is still open."""
    open_end = np.isinf(lower) | np.isinf(upper)
    with np.errstate(invalid="ignore"):
        middle = (lower + upper) / 2.0
    return np.where(open_end, now + LONGEST_STEP / 2.0 * np.sign(score), middle)
