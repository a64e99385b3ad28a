"""4 COMPARE: do the strata differ in survival, and can that be said.

The kernels (``kaplan_meier``, ``log_rank``, ``cox``, ``firth``, ``gray_test``, ``meta_analysis`` ...) take and return
arrays; ``compare_survival``, ``compare_coexpression`` and ``search_cut_point`` take cohorts and strata.
"""

from strata.survival.checks import CheckOptions, Checks
from strata.survival.coexpression import FOUR_GROUPS, compare_coexpression, compare_two_legs, row_names, with_own_cut
from strata.survival.compare import EQUIVALENTS, Setting, compare_strata, compare_survival, endpoint_of, find_endpoint
from strata.survival.cut_search import CutPointSearch, search_cut_point, search_in
from strata.survival.groups import not_possible
from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.chi_squared import ChiSquaredTest
from strata.survival.kernels.concordance import Concordance, concordance
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.cumulative_incidence import CumulativeIncidence, cumulative_incidence
from strata.survival.kernels.firth import Firth, firth
from strata.survival.kernels.follow_up import FollowUp, follow_up
from strata.survival.kernels.gray_test import Gray, gray_test
from strata.survival.kernels.kaplan_meier import KaplanMeier, SurvivalAt, kaplan_meier
from strata.survival.kernels.log_rank import LogRank, log_rank, log_rank_trend
from strata.survival.kernels.log_rank_exact import LogRankExact, log_rank_exact
from strata.survival.kernels.max_t import MaxT, max_t
from strata.survival.kernels.maximally_selected import MaximallySelected, maximally_selected_log_rank
from strata.survival.kernels.meta_analysis import MetaAnalysis, meta_analysis
from strata.survival.kernels.proportional_hazards import ProportionalHazards, proportional_hazards
from strata.survival.kernels.restricted_mean import RestrictedMean, restricted_mean
from strata.survival.kernels.risk_table import NumberAtRisk, number_at_risk
from strata.survival.kernels.time_dependent_auc import TimeDependentAUC, time_dependent_auc
from strata.survival.multivariable import MULTIVARIABLE_COLUMNS, Term, multivariable_frame
from strata.survival.pooled_rows import POOLED_COLUMNS, Pooled, PooledRow, pooled_frame
from strata.survival.pooling import can_be_pooled, pool, pool_ratios
from strata.survival.predictive import TREATMENT_ROWS, Treatment, compare_interaction, treatment_rows
from strata.survival.result import COLUMNS, Comparison, Group, HazardRatio, Screen, SurvivalComparison, results_frame
from strata.survival.search_options import SearchOptions
from strata.survival.search_rows import SEARCH_ROWS
from strata.survival.specification import SPECIFICATION_COLUMNS, SpecificationCurve, specification_curve
from strata.survival.subgroups import SUBGROUP_COLUMNS, SubgroupRow, subgroup_frame, subgroup_rows
from strata.survival.treatment import Contrast, Interaction, interaction

__all__ = [
    "COLUMNS",
    "EQUIVALENTS",
    "FOUR_GROUPS",
    "MULTIVARIABLE_COLUMNS",
    "POOLED_COLUMNS",
    "SEARCH_ROWS",
    "SPECIFICATION_COLUMNS",
    "SUBGROUP_COLUMNS",
    "TREATMENT_ROWS",
    "CheckOptions",
    "Checks",
    "ChiSquaredTest",
    "Comparison",
    "Concordance",
    "Contrast",
    "Cox",
    "CumulativeIncidence",
    "CutPointSearch",
    "Firth",
    "FollowUp",
    "Gray",
    "Group",
    "HazardRatio",
    "Interaction",
    "KaplanMeier",
    "LogRank",
    "LogRankExact",
    "MaxT",
    "MaximallySelected",
    "MetaAnalysis",
    "NumberAtRisk",
    "Pooled",
    "PooledRow",
    "ProportionalHazards",
    "RestrictedMean",
    "Screen",
    "SearchOptions",
    "Setting",
    "SpecificationCurve",
    "SubgroupRow",
    "SurvivalAt",
    "SurvivalComparison",
    "Term",
    "TimeDependentAUC",
    "Treatment",
    "adjust_p",
    "can_be_pooled",
    "compare_coexpression",
    "compare_interaction",
    "compare_strata",
    "compare_survival",
    "compare_two_legs",
    "concordance",
    "cox",
    "cumulative_incidence",
    "endpoint_of",
    "find_endpoint",
    "firth",
    "follow_up",
    "gray_test",
    "interaction",
    "kaplan_meier",
    "log_rank",
    "log_rank_exact",
    "log_rank_trend",
    "max_t",
    "maximally_selected_log_rank",
    "meta_analysis",
    "multivariable_frame",
    "not_possible",
    "number_at_risk",
    "pool",
    "pool_ratios",
    "pooled_frame",
    "proportional_hazards",
    "restricted_mean",
    "results_frame",
    "row_names",
    "search_cut_point",
    "search_in",
    "specification_curve",
    "subgroup_frame",
    "subgroup_rows",
    "time_dependent_auc",
    "treatment_rows",
    "with_own_cut",
]
