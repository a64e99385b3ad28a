"""The null check: a run's own tests on outcomes that were permuted, where every finding is false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.analysis.ledger import asked_tests, with_adjusted_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.analysis.controls import Controls
    from strata.analysis.results import Results
    from strata.cohort import Cohort
    from strata.survival import SurvivalComparison

__all__ = ["NULL_CHECK_COLUMNS", "null_check_frame", "null_p_values", "permuted_outcomes"]

NULL_CHECK_COLUMNS = ("family", "found", "count", "of", "share", "lower", "upper", "expected", "note")
"""The columns of ``null_check.tsv``."""

_LEVEL = 0.05
_NOT_POOLED = (
    "outcomes are permuted within each cohort, and what permuted cohorts would say together is not tested: the pooled "
    "tests of tests.tsv, of main and of secondary questions, are in no row here"
)
_TOGETHER = "the interval takes the tests of one permutation for independent; the last row's does not"


def null_p_values(
    cohort: Cohort, compare: Callable[[Cohort], Sequence[SurvivalComparison]], controls: Controls
) -> NDArray[np.float64]:
    """P of every main and secondary test of a cohort, on permuted outcomes.

    Parameters
    ----------
    cohort : Cohort
    compare : callable
        The comparisons of the run in a cohort, by the same code that made its results.
    controls : Controls

    Returns
    -------
    array of float, shape (n_permutations, n_tests)
        In the order of the ledger; NaN for a test that failed.
    """
    generator = controls.generator("null check", cohort.name)
    found = [_p_values(compare(permuted_outcomes(cohort, generator))) for _ in range(controls.null_check)]
    return np.array(found, dtype=float)


def permuted_outcomes(cohort: Cohort, generator: np.random.Generator) -> Cohort:
    """The cohort with its outcomes dealt anew: each patient gets another's times, events, competing events and entries.

    All endpoints move at once. Patients swap only with those who have the same endpoints, so that every test keeps its
    patients.
    """
    order = np.arange(len(cohort.patients))
    known = np.zeros(order.size, dtype=np.int64)
    for i, endpoint in enumerate(cohort.endpoints.values()):
        complete = endpoint.time.notna() & endpoint.event.notna()
        known += complete.reindex(cohort.patients, fill_value=False).to_numpy(dtype=np.int64) << i
    for pattern in np.unique(known):
        alike = np.flatnonzero(known == pattern)
        order[alike] = generator.permutation(alike)

    def dealt(values: Any) -> Any:
        ordered = values.reindex(cohort.patients)
        return ordered.iloc[order].set_axis(cohort.patients)

    endpoints = {
        name: replace(
            endpoint,
            time=dealt(endpoint.time),
            event=dealt(endpoint.event),
            entry=None if endpoint.entry is None else dealt(endpoint.entry),
            competing=None if endpoint.competing is None else dealt(endpoint.competing),
        )
        for name, endpoint in cohort.endpoints.items()
    }
    return replace(cohort, endpoints=endpoints)


def _p_values(comparisons: Sequence[SurvivalComparison]) -> NDArray[np.float64]:
    p: NDArray[np.float64] = _questions(asked_tests(comparisons))["p_value"].to_numpy(dtype=float)
    return p


def _questions(tests: pd.DataFrame) -> pd.DataFrame:
    return tests[tests["family"] != "supporting"]


def null_check_frame(results: Results) -> pd.DataFrame:
    """How often a run's tests were below 0.05 when outcomes had been permuted within cohorts.

    Returns
    -------
    pandas.DataFrame
        For each family of the ledger three rows: tests with P < 0.05, tests with q < 0.05 (Benjamini-Hochberg over the
        family), and permutations in which any test had q < 0.05, with exact binomial 95 % intervals of the share.
        ``expected`` is what holds when all is well: 0.05 of the tests, and at most 0.05 of the permutations. Tests
        pooled over cohorts are not permuted: where a run has them, a last row says so, without numbers.

    Notes
    -----
    Every outcome of a patient moves at once and every signature stays with its patient, so the tests stay as
    correlated as they are. Censoring moves with the outcome.
    """
    tests = pd.concat([_questions(asked_tests(cohort.comparisons)) for cohort in results.cohorts], ignore_index=True)
    p = np.hstack([cohort.null_p for cohort in results.cohorts if cohort.null_p is not None])
    families = with_adjusted_p(tests, results.plan.family)["family"]
    q = np.stack([with_adjusted_p(tests.assign(p_value=row), results.plan.family)["q_value"] for row in p])
    rows: list[tuple[Any, ...]] = []
    for family in dict.fromkeys(families):
        mine = (families == family).to_numpy(dtype=bool)
        known, low_p, low_q = (np.asarray(x)[:, mine] for x in (~np.isnan(p), p < _LEVEL, q < _LEVEL))
        tested, replicates = int(known.sum()), len(p)
        rows += [
            (family, "tests with P < 0.05", *_share(int(low_p.sum()), tested), "0.05", _TOGETHER),
            (family, "tests with q < 0.05", *_share(int(low_q.sum()), tested), "at most 0.05", _TOGETHER),
            (
                family,
                "permutations with any q < 0.05",
                *_share(int(low_q.any(axis=1).sum()), replicates),
                "at most 0.05",
                "the false discovery rate where nothing is to be found",
            ),
        ]
    if results.pooled:
        rows.append(("pooled", "not permuted", *_share(0, 0), None, _NOT_POOLED))
    return pd.DataFrame(rows, columns=list(NULL_CHECK_COLUMNS))


def _share(count: int, of: int) -> tuple[int, int, float, float, float]:
    """A count with its share and the exact (Clopper-Pearson) binomial 95 % interval of it."""
    from scipy.stats import beta

    if not of:
        return count, of, np.nan, np.nan, np.nan
    lower = float(beta.ppf(0.025, count, of - count + 1)) if count else 0.0
    upper = float(beta.ppf(0.975, count + 1, of - count)) if count < of else 1.0
    return count, of, count / of, lower, upper
