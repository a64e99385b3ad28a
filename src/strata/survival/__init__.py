"""4 COMPARE: do the strata differ in survival, and can that be said.

The kernels (``kaplan_meier``, ``log_rank``, ``log_rank_trend``, ``cox``, ``follow_up``, ``number_at_risk``) take and
return arrays; ``compare_survival`` and ``compare_coexpression`` take cohorts and strata.
"""

from strata.survival.coexpression import FOUR_GROUPS, compare_coexpression, compare_two_legs, row_names, with_own_cut
from strata.survival.compare import EQUIVALENTS, Setting, compare_strata, compare_survival, find_endpoint
from strata.survival.groups import not_possible
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.follow_up import follow_up
from strata.survival.kernels.kaplan_meier import KaplanMeier, kaplan_meier
from strata.survival.kernels.log_rank import LogRank, log_rank, log_rank_trend
from strata.survival.kernels.risk_table import number_at_risk
from strata.survival.result import COLUMNS, Comparison, Group, HazardRatio, SurvivalComparison, results_frame

__all__ = [
    "COLUMNS",
    "EQUIVALENTS",
    "FOUR_GROUPS",
    "Comparison",
    "Cox",
    "Group",
    "HazardRatio",
    "KaplanMeier",
    "LogRank",
    "Setting",
    "SurvivalComparison",
    "compare_coexpression",
    "compare_strata",
    "compare_survival",
    "compare_two_legs",
    "cox",
    "find_endpoint",
    "follow_up",
    "kaplan_meier",
    "log_rank",
    "log_rank_trend",
    "not_possible",
    "number_at_risk",
    "results_frame",
    "row_names",
    "with_own_cut",
]
