"""The effect of a marker in subgroups: its hazard ratio within each level of a factor, and whether they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.cohort.findings import count
from strata.survival.groups import Outcome, two_groups
from strata.survival.kernels.chi_squared import ChiSquaredTest, chi_squared_test
from strata.survival.kernels.cox import cox
from strata.survival.model_rows import ADJUSTED_COLUMNS, ModelRows
from strata.survival.sparse import sparse_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.stratification import Strata
    from strata.survival.compare import Setting
    from strata.survival.result import Comparison, SurvivalComparison

__all__ = ["SUBGROUP_COLUMNS", "SubgroupRow", "subgroup_frame", "subgroup_rows"]

SUBGROUP_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    "cut",
    "cut_scope",
    "factor",
    "level",
    "n",
    "events",
    "n_positive",
    "events_positive",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "wald_p",
    "log_rank_p",
    "interaction_chi2",
    "interaction_df",
    "interaction_p",
    "small",
    "estimable",
    "note",
    "permutation_p",
    "permutations",
    "firth_hazard_ratio",
    "firth_hazard_ratio_lower",
    "firth_hazard_ratio_upper",
    "firth_p",
    *ADJUSTED_COLUMNS,
)
"""The columns of ``subgroups.tsv``, in order. Later versions append; they never reorder."""

MOST_LEVELS = 8
"""A factor with more is no factor: a number, or free text."""


@dataclass(frozen=True, eq=False, slots=True)
class SubgroupRow:
    """A marker within one level of a factor.

    Parameters
    ----------
    factor, level : str
        ``level`` is empty where the factor has none to compare; the notes say why.
    comparison : Comparison or None
        Marker-positive against the rest within the level.
    interaction : ChiSquaredTest or None
        Likelihood-ratio test that the hazard ratio is the same in every level; the same in all rows of a factor.
    notes : tuple of str
    small : bool
        Whether an arm of the level is sparse (:class:`CheckOptions`).
    """

    factor: str
    level: str
    comparison: Comparison | None
    interaction: ChiSquaredTest | None = None
    notes: tuple[str, ...] = ()
    small: bool = False

    def values(self) -> dict[str, Any]:
        """The columns of ``subgroups.tsv`` that belong to the row itself."""
        own = {} if self.comparison is None else self.comparison.row()
        test = self.interaction
        return {key: value for key, value in own.items() if key in SUBGROUP_COLUMNS} | {
            "factor": self.factor,
            "level": self.level or None,
            "interaction_chi2": np.nan if test is None else test.chi_squared,
            "interaction_df": None if test is None else test.degrees_of_freedom,
            "interaction_p": np.nan if test is None else test.p_value,
            "small": self.small,
            "estimable": self.comparison is not None and self.comparison.estimable,
            "note": "; ".join([*self.notes, *(() if self.comparison is None else self.comparison.notes)]),
        }


def subgroup_frame(results: Iterable[SurvivalComparison]) -> pd.DataFrame:
    """The rows of ``subgroups.tsv``."""
    rows = [result.keys() | row.values() for result in results for row in result.subgroups]
    table = pd.DataFrame(rows, columns=list(SUBGROUP_COLUMNS))
    counts = ("n", "events", "n_positive", "events_positive", "interaction_df", "permutations", "n_adjusted")
    types = dict.fromkeys(SUBGROUP_COLUMNS, "float64")
    types |= dict.fromkeys((*SUBGROUP_COLUMNS[:8], "note", "adjusted_for"), "string") | dict.fromkeys(counts, "Int64")
    return table.astype(types | {"small": "bool", "estimable": "bool"})


def subgroup_rows(cohort: Cohort, strata: Strata, setting: Setting, factors: Sequence[str]) -> tuple[SubgroupRow, ...]:
    """Marker-positive against the rest within each level of each clinical column of ``factors``.

    Returns
    -------
    tuple of SubgroupRow
        Every row says how many subgroup tests were made of this question (hazard ratios within levels, and one
        interaction a factor): the cut-point stays that of the whole population.

    Notes
    -----
    The interaction is ``anova`` of R's ``coxph(Surv(time, event) ~ marker * factor)`` against ``marker + factor``. A
    marker that works in one subgroup and not in another differs between them only if the interaction says so. A level
    without an event tells nothing about its hazard ratio: the interaction leaves it out, with its degree of freedom.
    """
    if strata.absent or strata.quantile_groups:
        why = "; ".join(strata.reasons) if strata.absent else "subgroups compare two strata, not quantile groups"
        return tuple(SubgroupRow(factor, "", None, notes=(why,)) for factor in factors)
    rows = [row for factor in factors for row in _of_factor(cohort, strata, setting, factor)]
    tested = sum(row.comparison is not None for row in rows)
    tested += len({row.factor for row in rows if row.interaction is not None})
    said = f"exploratory; {count(tested, 'subgroup test')}"
    return tuple(replace(row, notes=(said, *row.notes)) for row in rows)


def _of_factor(cohort: Cohort, strata: Strata, setting: Setting, factor: str) -> list[SubgroupRow]:
    if factor not in cohort.clinical.columns:
        return [SubgroupRow(factor, "", None, notes=(f"no clinical column {factor}",))]
    positive, negative = (strata.is_(label)[setting.keep] for label in ("positive", "negative"))
    words = cohort.clinical[factor].astype("string")[setting.keep].reset_index(drop=True)
    called = positive | negative
    levels = sorted(words[called].dropna().unique())
    if not 2 <= len(levels) <= MOST_LEVELS:
        return [
            SubgroupRow(factor, "", None, notes=(f"column {factor} has {len(levels)} levels, not 2 to {MOST_LEVELS}",))
        ]
    known = called & words.notna().to_numpy(dtype=bool)
    outcome = setting.outcome
    test, notes = _interaction(outcome.take(known), positive[known], words[known])
    rows = []
    for level in levels:
        inside = known & (words == level).fillna(False).to_numpy(dtype=bool)
        made = two_groups(
            "positive_vs_rest",
            outcome,
            positive=positive & inside,
            reference=negative & inside,
            labels=("positive", "rest"),
        )
        rows.append(SubgroupRow(factor, level, made, test, notes, bool(sparse_groups(made.groups, outcome.checks))))
    return rows


def _interaction(
    outcome: Outcome, positive: NDArray[np.bool_], words: pd.Series[Any]
) -> tuple[ChiSquaredTest | None, tuple[str, ...]]:
    """The likelihood-ratio test of marker by factor in the levels with events, and why some are not in it or all."""
    factor, with_events = words.name, set(words[outcome.event])
    silent = sorted(set(words) - with_events)
    said = (f"no event in {factor} {', '.join(silent)}: not in the interaction test",) if silent else ()
    if len(with_events) < 2:
        return None, (*said, f"no interaction test (fewer than two levels of {factor} have events)")
    keep = words.isin(with_events).to_numpy(dtype=bool)
    test = _likelihood_ratio(outcome.take(keep), positive[keep], words[keep])
    if test is None:
        return None, (*said, f"no interaction test (no two levels of {factor} have both arms at risk at events)")
    return test, said


def _likelihood_ratio(outcome: Outcome, positive: NDArray[np.bool_], words: pd.Series[Any]) -> ChiSquaredTest | None:
    """Marker by level against marker and level; None where no product has information of its own."""
    marker = pd.DataFrame({"marker": positive.astype(float)})
    levels = pd.get_dummies(words.reset_index(drop=True), drop_first=True, dtype=float).add_prefix("level ")
    products = levels.mul(marker["marker"], axis=0).add_prefix("marker x ")
    main = pd.concat([marker, levels], axis=1)
    fits = []
    for columns in (main, pd.concat([main, products], axis=1)):
        model = ModelRows.of(outcome, columns)
        fits.append(cox(*model.data, **model.more))
    degrees = fits[1].likelihood_ratio.degrees_of_freedom - fits[0].likelihood_ratio.degrees_of_freedom
    if degrees == 0:
        return None
    return chi_squared_test(2.0 * (fits[1].log_likelihood - fits[0].log_likelihood), degrees)
