"""What a forest plot shows: rows of hazard ratios, made from results, and the same as a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.plots.wording import format_p, population_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from strata.survival import Pooled, PooledRow, SubgroupRow, SurvivalComparison
    from strata.survival.result import Comparison, HazardRatio

__all__ = [
    "ForestBlock",
    "ForestRow",
    "forest_frame",
    "main_comparison",
    "pooled_blocks",
    "signature_blocks",
    "subgroup_blocks",
]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One hazard ratio.

    Parameters
    ----------
    label : str
    counts : tuple of str
        A cell for each heading of ``draw_forest``.
    hazard_ratio : HazardRatio or None
        None: ``reason`` is written in its place.
    p_value : float, optional
        NaN: no P is written.
    weight : float, optional
        Share of 0 to 1 that the area of the square shows; NaN for a mark of middle size.
    pooled : bool
        Drawn as a diamond from the lower to the upper end of the interval.
    prediction : (lower, upper), optional
        Dashed, around the diamond.
    reason : str
    """

    label: str
    counts: tuple[str, ...]
    hazard_ratio: HazardRatio | None
    p_value: float = math.nan
    weight: float = math.nan
    pooled: bool = False
    prediction: tuple[float, float] = (math.nan, math.nan)
    reason: str = "not estimable"


@dataclass(frozen=True, slots=True)
class ForestBlock:
    """Rows under one heading, with a remark at its right end."""

    heading: str
    rows: tuple[ForestRow, ...]
    remark: str = ""


def forest_frame(blocks: Iterable[ForestBlock]) -> pd.DataFrame:
    """The numbers of a forest plot, one row each as they are drawn."""
    rows = [
        {
            "block": block.heading,
            "remark": block.remark,
            "label": row.label,
            "counts": "; ".join(row.counts),
            "hazard_ratio": math.nan if row.hazard_ratio is None else row.hazard_ratio.value,
            "hazard_ratio_lower": math.nan if row.hazard_ratio is None else row.hazard_ratio.lower,
            "hazard_ratio_upper": math.nan if row.hazard_ratio is None else row.hazard_ratio.upper,
            "p_value": row.p_value,
            "weight": row.weight,
            "pooled": row.pooled,
            "prediction_lower": row.prediction[0],
            "prediction_upper": row.prediction[1],
            "note": "" if row.hazard_ratio else row.reason,
        }
        for block in blocks
        for row in block.rows
    ]
    return pd.DataFrame(rows)


def signature_blocks(results: Iterable[SurvivalComparison]) -> list[ForestBlock]:
    """A row a signature, in blocks of one cohort, population and endpoint: marker-positive against the rest.

    Of quantile groups it is the highest against the lowest.
    """
    found: dict[tuple[str, str, str], list[ForestRow]] = {}
    for result in results:
        key = (result.cohort, result.population, result.endpoint)
        found.setdefault(key, []).append(_row(result.signature, main_comparison(result)))
    several = len({cohort for cohort, _, _ in found}) > 1
    return [
        ForestBlock(f"{f'{cohort}: ' if several else ''}{population_label(population)}, {endpoint}", tuple(rows))
        for (cohort, population, endpoint), rows in found.items()
    ]


def subgroup_blocks(results: Iterable[SurvivalComparison]) -> list[ForestBlock]:
    """All patients of each result, then the levels of each factor, with the P of the interaction as remark."""
    results = list(results)
    whose = _differing(results, ("cohort", "signature"))
    return [block for result, name in zip(results, whose) for block in _with_subgroups(result, name)]


def pooled_blocks(pooled: Iterable[Pooled]) -> list[ForestBlock]:
    """The cohorts and the ways to pool them, a block each; cohorts left out one at a time are no rows."""
    pooled = list(pooled)
    return [_pooled(each, name) for each, name in zip(pooled, _differing(pooled, ("signature", "comparison")))]


def _differing(results: Sequence[Any], about: Sequence[str]) -> list[str]:
    """What each result is about where they differ, to stand before a heading; empty where all are about the same."""
    differ = [name for name in about if len({getattr(result, name) for result in results}) > 1]
    return ["".join(f"{getattr(result, name)}: " for name in differ) for result in results]


def main_comparison(result: SurvivalComparison) -> Comparison:
    """What stands for a result: marker-positive against the rest, of quantile groups the highest and the lowest."""
    names = [row.name for row in result.comparisons]
    highest = [name for name in names if name.endswith("_vs_q1")]
    return result[highest[-1] if highest else names[0]]


def _row(label: str, made: Comparison) -> ForestRow:
    counts = tuple(f"{group.n:,} ({group.events:,})" for group in made.groups) or ("0 (0)", "0 (0)")
    reason = "not estimable" if made.n else "not compared"
    return ForestRow(label, counts, made.hazard_ratio, made.own_p, reason=reason)


def _with_subgroups(result: SurvivalComparison, name: str) -> Iterator[ForestBlock]:
    where = f"{name}{population_label(result.population)}, {result.endpoint}"
    yield ForestBlock(where, (_row("all", result["positive_vs_rest"]),))
    for factor in dict.fromkeys(row.factor for row in result.subgroups):
        mine = [row for row in result.subgroups if row.factor == factor]
        drawn = tuple(_row(_level(row), row.comparison) for row in mine if row.comparison is not None)
        test = mine[0].interaction
        remark = "interaction not estimable" if test is None else f"interaction {format_p(test.p_value)}"
        if drawn:
            yield ForestBlock(f"{where}: {factor}", drawn, remark)


def _level(row: SubgroupRow) -> str:
    return f"{row.level} (small)" if row.small else row.level


_METHODS = {
    "unstratified": "Unstratified",
    "stratified": "Stratified by cohort",
    "fixed_effect": "Fixed effect",
    "random_effects": "Random effects",
}


def _pooled(pooled: Pooled, name: str) -> ForestBlock:
    remark = ""
    meta = pooled["random_effects"].meta
    if meta is not None and meta.n_cohorts > 1:
        low, high = meta.i_squared_lower, meta.i_squared_upper
        remark = f"I2 {meta.i_squared:.0f} % ({low:.0f}-{high:.0f}), tau2 {meta.tau_squared:.2g}"
    shown: Sequence[PooledRow] = [row for row in pooled.rows if not row.method.endswith("_without")]
    heading = f"{name}{population_label(pooled.population)}, {pooled.endpoint}"
    return ForestBlock(heading, tuple(_pooled_row(row) for row in shown), remark)


def _pooled_row(row: PooledRow) -> ForestRow:
    reference = row.n - row.n_positive, row.events - row.events_positive
    counts = tuple(f"{n:,} ({events:,})" for n, events in ((row.n_positive, row.events_positive), reference))
    if row.method == "cohort":
        return ForestRow(str(row.cohort), counts, row.hazard_ratio, row.own_p, row.weight)
    name = _METHODS[row.method]
    return ForestRow(name, counts, row.hazard_ratio, row.own_p, pooled=True, prediction=row.prediction)
