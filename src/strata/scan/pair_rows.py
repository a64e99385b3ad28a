"""The best pairs, row by row: hazard ratios of both, of each alone, and the interaction that makes a synergy."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.scan.pair_interaction import PairInteraction, interaction_in_words, pair_interactions
from strata.scan.rows import AVERAGE, group_columns
from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.chi_squared import many_chi_squared_p
from strata.survival.kernels.many_groups import compare_many_groups
from strata.survival.kernels.permutation import p_of_largest
from strata.survival.non_proportional import FAILS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.scan.pair_markers import PairMarkers
    from strata.scan.pair_tally import Tally
    from strata.scan.study import Study
    from strata.survival.kernels.prepared import PreparedOutcome
__all__ = ["PAIR_COLUMNS", "pair_rows"]

PAIR_COLUMNS = (
    "cohort",
    "population",
    "endpoint",
    "assay",
    "gene_1",
    "gene_2",
    "marker_1",
    "marker_2",
    "n",
    "events",
    "n_both",
    "events_both",
    "n_unknown",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "wald_p",
    "log_rank_chi2",
    "log_rank_p",
    "log10_p",
    "q_value",
    "bonferroni_p",
    "max_t_p",
    "gene_1_hazard_ratio",
    "gene_1_log_rank_p",
    "gene_2_hazard_ratio",
    "gene_2_log_rank_p",
    "interaction",
    "interaction_lower",
    "interaction_upper",
    "interaction_p",
    "interaction_bonferroni_p",
    "expected_both_vs_neither",
    "expected_both_vs_neither_lower",
    "expected_both_vs_neither_upper",
    "ph_p",
    "estimable",
    "note",
)
"""The columns of ``pairs.tsv``."""


def pair_rows(study: Study, assay: str, markers: PairMarkers, tally: Tally) -> pd.DataFrame:
    """The best pairs of a tally in the columns ``PAIR_COLUMNS``, the smallest P first."""
    best, outcome = tally.best, study.outcome
    first, second = _as_in_the_table(markers, best.first, best.second)
    one, other = markers.flags(first), markers.flags(second)
    groups = compare_many_groups(outcome, one[0] & other[0], (one[0] & other[0]) | one[1] | other[1])
    p_value, log10_p = many_chi_squared_p(best.chi_squared)
    found: dict[str, Any] = group_columns(groups) | {
        "cohort": study.cohort,
        "population": study.population,
        "endpoint": study.endpoint,
        "assay": assay,
        "n_unknown": outcome.n - groups.n,
        "log_rank_chi2": best.chi_squared,
        "log_rank_p": p_value,
        "log10_p": log10_p,
        "q_value": adjust_p(p_value, "BH", n=tally.ranked),
        "bonferroni_p": adjust_p(p_value, "Bonferroni", n=tally.ranked),
        "max_t_p": p_of_largest(best.chi_squared, np.sort(tally.highest)) if tally.highest.size else nan,
        "estimable": groups.missing == 0,
    }
    found["n_both"], found["events_both"] = groups.n_positive, groups.events_positive
    for i, own in ((1, first), (2, second)):
        found |= _alone(outcome, markers, own, i)
    names = list(zip(found["gene_1"], found["gene_2"]))
    interactions = pair_interactions(outcome, one, other, names)
    found |= {name: [getattr(each, name) for each in interactions] for name in PairInteraction._fields[:-1]}
    found["interaction_bonferroni_p"] = adjust_p(found["interaction_p"], "Bonferroni", n=tally.ranked)
    said = [interaction_in_words(each, tally.ranked) for each in interactions]
    found["note"] = [
        "; ".join([*study.notes, *filter(None, [why, AVERAGE if bent else "", words])])
        for why, bent, words in zip(found["note"], found["ph_p"] < FAILS, said)
    ]
    return _typed(pd.DataFrame(found, columns=list(PAIR_COLUMNS)))


def _as_in_the_table(
    markers: PairMarkers, first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The markers of each pair: first stands the one that stands first in the table, or is paired with all others."""
    swapped = (markers.position[first] > markers.position[second]) & (markers.n_partners == 0)
    return np.where(swapped, second, first), np.where(swapped, first, second)


def _alone(outcome: PreparedOutcome, markers: PairMarkers, chosen: NDArray[np.int64], number: int) -> dict[str, Any]:
    """One marker of each pair by itself: everybody of whom it is known."""
    distinct, at = np.unique(chosen, return_inverse=True)
    positive, negative = markers.flags(distinct)
    columns = group_columns(compare_many_groups(outcome, positive, positive | negative))
    return {
        f"gene_{number}": [markers.genes[j] for j in chosen],
        f"marker_{number}": [markers.positive_if[j] for j in chosen],
        f"gene_{number}_hazard_ratio": columns["hazard_ratio"][at],
        f"gene_{number}_log_rank_p": columns["log_rank_p"][at],
    }


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    text = ("cohort", "population", "endpoint", "assay", "gene_1", "gene_2", "marker_1", "marker_2", "note")
    counts = ("n", "events", "n_both", "events_both", "n_unknown")
    types = dict.fromkeys(PAIR_COLUMNS, "float64") | dict.fromkeys(text, "string") | dict.fromkeys(counts, "Int64")
    return table.astype(types | {"estimable": "bool"})
