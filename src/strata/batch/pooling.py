"""Pooling over a batch, from the rows of its results: a few numbers a cohort and question are all that is kept."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal

import pandas as pd

from strata.cohort.findings import count
from strata.report.tables import single_genes
from strata.survival import POOLED_COLUMNS, HazardRatio, Pooled, PooledRow, can_be_pooled, pool_ratios

__all__ = ["BATCH_POOLED_COLUMNS", "ONE_STAGE", "READ_COLUMNS", "Pooling"]

_NOT_KNOWN = ("cohort", "positive", "reference", "log_rank_chi2", "log_rank_p", "weight", "cohorts")
BATCH_POOLED_COLUMNS = tuple(column for column in POOLED_COLUMNS if column not in _NOT_KNOWN)
"""The columns of a batch's ``pooled.tsv``: a run's, without those of single cohorts and of their patients."""

ONE_STAGE = (
    "unstratified, stratified and leave-one-out rows are left out: they need the patients of all cohorts together, or "
    "as many rows as cohorts (strata run on these cohorts has them)"
)
"""What a batch does not pool, and why."""

_COUNTS = ("n", "events", "n_positive", "events_positive")
_RATIO = ("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper")

READ_COLUMNS = (
    "signature",
    "population",
    "endpoint",
    "comparison",
    "cut",
    "cut_scope",
    *_COUNTS,
    *_RATIO,
    "adjusted_for",
)
"""Of a cohort's results, what pooling needs."""


class Pooling:
    """Gathers the same question of many cohorts.

    Parameters
    ----------
    method : {"REML", "DL", "PM"}
        Estimator of the variance between cohorts.
    """

    def __init__(self, method: Literal["REML", "DL", "PM"]) -> None:
        self._method = method
        self._names: list[str] = []
        self._failed = 0
        self._questions: dict[tuple[str, ...], dict[str, _Question]] = {}

    def fail(self) -> None:
        """Count a cohort that could not be analysed."""
        self._failed += 1

    def add(self, cohort: str, rows: Sequence[Mapping[str, Any]], endpoints: Sequence[str]) -> None:
        """Take a cohort's results.

        Parameters
        ----------
        cohort : str
        rows : sequence of mapping
            Of its results the ``READ_COLUMNS``; None is missing.
        endpoints : sequence of str
            Those it was asked for: another may have answered.
        """
        self._names.append(cohort)
        wanted = _pooled_names(tuple(dict.fromkeys(row["comparison"] for row in rows)))
        # the rows of a signature in a population stand in the order of the endpoints
        asked: Counter[tuple[str, ...]] = Counter()
        for row in (row for row in rows if row["comparison"] in wanted):
            unit = (row["signature"], row["population"], row["comparison"])
            question = (*unit[:2], endpoints[asked[unit]])
            asked[unit] += 1
            named = self._questions.setdefault(question, {})
            named.setdefault(row["comparison"], _Question()).add(len(self._names) - 1, row)

    def pooled(self) -> Iterator[Pooled]:
        """Each question pooled; none where there are not two cohorts."""
        if len(self._names) + self._failed < 2:
            return
        for (signature, population, _), named in self._questions.items():
            for comparison, question in named.items():
                rows = tuple(self._row(way, question) for way in ("fixed_effect", "random_effects"))
                yield Pooled(
                    signature=signature,
                    population=population,
                    endpoint="/".join(question.compared or question.endpoints),
                    comparison=comparison,
                    cut="/".join(question.cuts) or None,
                    cut_scope="/".join(question.scopes) or None,
                    positive="",
                    reference="",
                    rows=rows,
                )

    def _row(self, method: str, question: _Question) -> PooledRow:
        counts: dict[str, Any] = dict(zip(_COUNTS, question.counts))
        left = {
            "could not be analysed": self._failed,
            "without a hazard ratio": question.without,
            "with counts that are withheld": question.withheld,
        }
        base = PooledRow(
            method=method,
            cohort=None,
            cohorts=tuple(self._names[place] for place in question.cohorts),
            hazard_ratio=None,
            adjusted_for="/".join(question.covariates),
            not_contributing=tuple((count(n, "cohort"), why) for why, n in left.items() if n),
            **counts,
        )
        return pool_ratios(base, question.ratios(), method=self._method)


class _Question:
    """The answers of cohorts to one question."""

    def __init__(self) -> None:
        self.cohorts = array("l")
        self.numbers = array("d")
        self.counts = [0] * len(_COUNTS)
        self.without = self.withheld = 0
        # in order, each once
        self.endpoints: dict[str, None] = {}
        self.compared: dict[str, None] = {}
        self.cuts: dict[str, None] = {}
        self.scopes: dict[str, None] = {}
        self.covariates: dict[str, None] = {}

    def add(self, place: int, row: Mapping[str, Any]) -> None:
        counts = [row[name] for name in _COUNTS]
        n, events, n_positive, _ = counts
        if not self.endpoints:
            self.endpoints[row["endpoint"]] = None
        if n is None:
            # of a batch that is shared
            self.withheld += 1
            return
        if events > 0 and 0 < n_positive < n:
            self.compared[row["endpoint"]] = None
        for seen, name in ((self.cuts, "cut"), (self.scopes, "cut_scope"), (self.covariates, "adjusted_for")):
            if row[name]:
                seen[row[name]] = None
        value, lower, upper = (float("nan") if row[name] is None else row[name] for name in _RATIO)
        hazard = HazardRatio(value, lower, upper, float("nan"))
        if can_be_pooled(hazard):
            self.cohorts.append(place)
            self.numbers.extend((value, lower, upper))
            self.counts = [total + n for total, n in zip(self.counts, counts)]
        else:
            self.without += 1

    def ratios(self) -> list[HazardRatio]:
        """The hazard ratios; Wald's P is not needed to pool them."""
        values, lower, upper = (self.numbers[start :: len(_RATIO)] for start in range(len(_RATIO)))
        return [HazardRatio(*three, float("nan")) for three in zip(values, lower, upper)]


@cache
def _pooled_names(names: tuple[str, ...]) -> frozenset[str]:
    """The rows that ``pool`` takes of a run: marker-positive against the rest, quantile groups, single genes."""
    singles = single_genes(pd.DataFrame({"comparison": names}, dtype="string"))["comparison"]
    return frozenset(singles) | {name for name in names if name == "positive_vs_rest" or name.endswith("_vs_q1")}
