"""The ledger: every test that a run was asked for, the family it belongs to, and its P over that family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.survival import SUBGROUP_COLUMNS
from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.own_test import full_name_of_test, own_test

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.analysis.results import CohortResult, Results
    from strata.survival import Comparison, Pooled, PooledRow, SurvivalComparison

__all__ = [
    "FAMILY_COLUMNS",
    "LEDGER_COLUMNS",
    "asked_tests",
    "family_counts",
    "ledger_frame",
    "pooled_tests",
    "tests_not_run",
    "with_adjusted_p",
]

FAMILY_COLUMNS = ("cohort", "signature", "population", "endpoint", "comparison")
"""The columns by which a plan may divide its families; they are the name of a row of results as well."""

LEDGER_COLUMNS = (
    *FAMILY_COLUMNS,
    "test",
    "n",
    "events",
    "family",
    "tests_in_family",
    "p_value",
    "log10_p",
    "q_value",
    "holm_p",
    "max_t_p",
    "max_t_tests",
    "note",
)
"""The columns of ``tests.tsv``."""

_MAIN = ("positive_vs_rest", "trend")
"""The rows that answer a signature's own question; all other rows look further into it."""

_NO_RATIO = ("four_groups", "trend")
"""Rows without a hazard ratio."""

_NO_QUESTION = ("expected_both_vs_neither",)
"""Rows to compare others with: what a model without an interaction expects."""


def ledger_frame(results: Results) -> pd.DataFrame:
    """Every test of a run, with its P adjusted over its family.

    Each row of the results asks one question and has one test: the log-rank test (by permutation where the row has
    that; corrected for the search where the cut was searched), or the Wald test of rows about a Cox coefficient and of
    hazard ratios that are adjusted for covariates (Firth's in small strata); their log-rank tests are supporting. The
    families, each divided further by the columns of the plan's ``family``:

    - ``main``: each signature's own question, marker-positive against the rest or the trend over quantile groups;
    - ``pooled``: the same question of all cohorts together, by random effects; its ``cohort`` is ``all``;
    - ``subgroup``: the exploratory tests of ``subgroups.tsv``;
    - ``secondary``: the other rows, pooled or not: single genes, pairs of groups, interactions;
    - ``supporting``: other P values of the same questions (Wald beside log-rank, other ways to pool, random
      signatures), those of covariates, what a model expects, and checks of assumptions. They are listed lest one be
      picked from them afterwards.

    The word ``all`` in the plan's ``family`` joins the first four.

    Returns
    -------
    pandas.DataFrame
        The columns ``LEDGER_COLUMNS``, in the order of the results. A test that failed, also because its cohort could
        not be read, has no P, says why in ``note``, and counts in ``tests_in_family``: it was asked.

    Notes
    -----
    ``q_value`` is R's ``p.adjust(p, "BH", n)`` and ``holm_p`` its ``"holm"`` with ``n = tests_in_family``. Where a
    marker is rare, ``max_t_p`` (see ``screened``) adjusts P by permutation over the ``max_t_tests`` main tests of the
    same cohort, population and endpoint.
    """
    tests = [asked_tests(cohort.comparisons) for cohort in results.cohorts]
    tests += [tests_not_run(tests[0], failure.cohort) for failure in results.failures if tests]
    tests.append(_frame(test for cohort in results.cohorts for test in _random_tests(cohort)))
    tests.append(pooled_tests(results.pooled))
    filled = [table for table in tests if len(table)]
    stacked = pd.concat(filled, ignore_index=True) if filled else _frame([])
    return with_adjusted_p(stacked, results.plan.family)


def asked_tests(results: Iterable[SurvivalComparison]) -> pd.DataFrame:
    """The tests of results, each with its role as the ``family``; nothing is adjusted yet."""
    found: list[dict[str, Any]] = []
    for result in results:
        for comparison, row in zip(result.comparisons, result.rows()):
            found += _tests_of(comparison, row)
        found += _subgroup_tests(result)
    return _frame(found)


def _tests_of(comparison: Comparison, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = own_test(comparison.name, row)
    asked = [own, *(name for name in _others(comparison.name, row) if name != own)]
    keys = {key: row[key] for key in (*FAMILY_COLUMNS, "n", "events")}
    tests = [
        keys
        | {
            "family": _role(comparison.name) if name == own else "supporting",
            "test": full_name_of_test(name, comparison),
            "p_value": row[name],
            "note": (row["note"] or "not estimable") if np.isnan(row[name]) else None,
        }
        for name in asked
    ]
    if (screen := comparison.screen) is not None:
        notes = filter(None, [tests[0]["note"], screen.said()])
        tests[0] |= {"max_t_p": screen.p_value, "max_t_tests": screen.tests, "note": "; ".join(notes)}
    if own == "log_rank_p" and comparison.log_rank is not None:
        # a P below the smallest number that there is still has its logarithm
        tests[0]["log10_p"] = comparison.log_rank.log10_p
    return tests + [keys | test for test in _covariate_tests(comparison)]


def _covariate_tests(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Wald's P and the test of proportional hazards of each covariate; the first term is the marker, the row's own."""
    for term in comparison.terms[1:]:
        own = {"family": "supporting", "n": term.n, "events": term.events}
        p_value = np.nan if term.hazard_ratio is None else term.hazard_ratio.wald_p
        note = (term.note or "not estimable") if np.isnan(p_value) else None
        yield own | {"test": f"Cox Wald, covariate {term.name}", "p_value": p_value, "note": note}
        if not np.isnan(term.ph_p):
            yield own | {"test": f"proportional hazards, covariate {term.name}", "p_value": term.ph_p}


def _role(name: str) -> str:
    if name in _NO_QUESTION:
        return "supporting"
    return "main" if name in _MAIN else "secondary"


def _others(name: str, row: Mapping[str, Any]) -> list[str]:
    """Columns with a further P of a row: those that have one, and the Wald P of every row with a hazard ratio."""
    columns = [column for column in row if column.endswith("_p") and not np.isnan(row[column])]
    return columns if name in _NO_RATIO else list(dict.fromkeys([*columns, "wald_p"]))


def _subgroup_tests(result: SurvivalComparison) -> Iterator[dict[str, Any]]:
    """The own test of each level of a factor, the other P of subgroups.tsv beside it, and the factor's interaction."""
    keys = {key: getattr(result, key) for key in FAMILY_COLUMNS[:4]} | {"family": "subgroup"}
    for factor in dict.fromkeys(row.factor for row in result.subgroups):
        mine = [row for row in result.subgroups if row.factor == factor]
        compared = [row.comparison for row in mine if row.comparison is not None]
        test, failed = mine[0].interaction, "; ".join(mine[0].notes) or "not estimable"
        yield keys | {
            "comparison": f"{factor}_vs_marker",
            "test": "interaction likelihood ratio",
            "n": sum(row.n for row in compared),
            "events": sum(row.events for row in compared),
            "p_value": np.nan if test is None else test.p_value,
            "log10_p": np.nan if test is None else test.log10_p,
            "note": failed if test is None else None,
        }
        for level, row in ((row.level, row.comparison) for row in mine if row.comparison is not None):
            shown = {key: value for key, value in row.row().items() if key in SUBGROUP_COLUMNS}
            inside = keys | shown | {"comparison": f"positive_vs_rest in {factor} {level}"}
            for one in _tests_of(replace(row, terms=()), inside):
                yield one | {"family": "subgroup" if one["family"] == "main" else one["family"]}


def _random_tests(cohort: CohortResult) -> Iterator[dict[str, Any]]:
    """How often random signatures did as well as each of the run's, and as a proliferation score."""
    if cohort.random_signatures is None:
        return
    main = {
        (result.signature, result.population, result.endpoint): row
        for result in cohort.comparisons
        for row in result.comparisons
        if row.name in _MAIN
    }
    for record in cohort.random_signatures.to_dict("records"):
        # the proliferation score is no row of the results
        row = main.get((record["signature"], record["population"], record["endpoint"]))
        keys = {key: record[key] for key in FAMILY_COLUMNS[:4]} | {
            "family": "supporting",
            "comparison": "random_signatures" if row is None else row.name,
            "n": pd.NA if row is None else row.n,
            "events": pd.NA if row is None else row.events,
        }
        p_value, why = record["random_p_chi_squared"], record["note"]
        note = None if p_value == p_value else why if isinstance(why, str) else "not estimable"
        yield keys | {"test": "random signatures, chi-squared", "p_value": p_value, "note": note}
        if (p_value := record["random_p_hazard_ratio"]) == p_value:
            yield keys | {"test": "random signatures, hazard ratio", "p_value": p_value}


def pooled_tests(results: Iterable[Pooled]) -> pd.DataFrame:
    """The tests of pooled results, each with its role as the ``family``; nothing is adjusted yet."""
    return _frame(test for pooled in results for test in _pooled_tests(pooled))


def _pooled_tests(pooled: Pooled) -> Iterator[dict[str, Any]]:
    """The ways to pool one comparison: random effects is the question's test, which stays valid when cohorts differ."""
    own = "pooled" if pooled.comparison in _MAIN else "secondary"
    for row in pooled.rows:
        if row.method == "cohort":
            continue
        keys = {key: getattr(pooled, key) for key in ("signature", "population", "endpoint", "comparison")} | {
            "cohort": "all" if row.cohort is None else f"all without {row.cohort}",
            "family": own if row.method == "random_effects" else "supporting",
            "n": row.n,
            "events": row.events,
        }
        yield from (keys | test for test in _tests_of_way(row))


def _tests_of_way(row: PooledRow) -> Iterator[dict[str, Any]]:
    """One way to pool: its log-rank test with Wald's beside it, or Wald's alone and whether the cohorts differ."""
    way, test = row.method.removesuffix("_without").replace("_", " "), row.log_rank
    wald_p = np.nan if row.hazard_ratio is None else row.hazard_ratio.wald_p
    why = "; ".join(row.notes) or "not estimable"
    wald = {"p_value": wald_p, "note": None if wald_p == wald_p else why}
    if test is not None:
        yield {"test": f"{way} log-rank", "p_value": test.p_value, "log10_p": test.log10_p}
        yield wald | {"test": f"{way} Cox Wald"}
        return
    yield wald | {"test": way}
    # Q is the same for a fixed effect
    if row.meta is not None and way == "random effects" and not np.isnan(row.meta.q_p_value):
        yield {"family": "supporting", "test": "heterogeneity Q", "p_value": row.meta.q_p_value}


def tests_not_run(tests: pd.DataFrame, cohort: str) -> pd.DataFrame:
    """The tests that a cohort would have had that could not be analysed: a plan asks all cohorts the same."""
    asked = tests[tests["family"] != "supporting"]
    nothing: dict[str, Any] = {
        "n": 0,
        "events": 0,
        "p_value": np.nan,
        "log10_p": np.nan,
        "max_t_p": np.nan,
        "max_t_tests": pd.NA,
    }
    return asked.assign(cohort=cohort, note="the cohort could not be analysed", **nothing)


def _frame(tests: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(list(tests), columns=list(LEDGER_COLUMNS))
    numbers = dict.fromkeys(("p_value", "log10_p", "max_t_p"), "float64")
    table = table.astype(numbers | dict.fromkeys(("n", "events", "max_t_tests"), "Int64"))
    with np.errstate(divide="ignore"):
        from_p = np.log10(table["p_value"].to_numpy())
    table["log10_p"] = table["log10_p"].where(table["log10_p"].notna(), from_p)
    return table


def with_adjusted_p(tests: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The tests of ``asked_tests`` with families, divided by the columns ``by``, and P adjusted over each.

    ``all`` among ``by`` makes one family of all questions, of which supporting tests are none.
    """
    columns = [column for column in by if column not in ("run", "all")]
    family = tests["family"].astype(str)
    if "all" in by:
        family = family.where(family == "supporting", "all")
    for column in columns:
        family = family + f"; {column} " + tests[column].astype(str)
    made = tests.assign(family=family, q_value=np.nan, holm_p=np.nan, tests_in_family=0)
    for _, rows in made.groupby("family", sort=False).groups.items():
        p, n = made.loc[rows, "p_value"].to_numpy(dtype=float), len(rows)
        made.loc[rows, "tests_in_family"] = n
        made.loc[rows, "q_value"] = adjust_p(p, "BH", n=n)
        made.loc[rows, "holm_p"] = adjust_p(p, "Holm", n=n)
    return made


def family_counts(tests: pd.DataFrame) -> list[dict[str, Any]]:
    """How many tests each family of a ledger has, how many of them failed, and how many are below 0.05."""

    def below(column: str, rows: pd.DataFrame) -> int:
        values: NDArray[np.float64] = rows[column].to_numpy(dtype=float)
        return int((values < 0.05).sum())

    return [
        {
            "family": str(name),
            "tests": len(rows),
            "failed": int(rows["p_value"].isna().sum()),
            "p_below_0.05": below("p_value", rows),
            "q_below_0.05": below("q_value", rows),
            "holm_p_below_0.05": below("holm_p", rows),
        }
        for name, rows in tests.groupby("family", sort=False)
    ]
