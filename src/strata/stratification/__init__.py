"""3 STRATIFY: from numbers to strata, by cut-points that are learned on one cohort and can be applied to another."""

from strata.stratification.cut_numbers import CutValues, cut_values
from strata.stratification.cut_points import QUANTILE_GROUPS, CutPoints, FittedCuts, check_cut
from strata.stratification.populations import EVERYONE, Population, one_population, parse_population, plan_populations
from strata.stratification.repeated import same_splits
from strata.stratification.searched import OPTIMAL, is_searched, one_comparison, searched_signature
from strata.stratification.strata import Leg, Membership, Strata, membership, stratify, stratify_in

__all__ = [
    "EVERYONE",
    "OPTIMAL",
    "QUANTILE_GROUPS",
    "CutPoints",
    "CutValues",
    "FittedCuts",
    "Leg",
    "Membership",
    "Population",
    "Strata",
    "check_cut",
    "cut_values",
    "is_searched",
    "membership",
    "one_comparison",
    "one_population",
    "parse_population",
    "plan_populations",
    "same_splits",
    "searched_signature",
    "stratify",
    "stratify_in",
]
