"""A plan, its run, and the record of what was done."""

from strata.analysis.baseline import BASELINE_COLUMNS
from strata.analysis.checking import CHECK_COLUMNS, check_signatures
from strata.analysis.cross_check import CrossCheck
from strata.analysis.output import output_folder, write_whole
from strata.analysis.plan import CohortEntry, Plan, load_plan
from strata.analysis.record import command_line, run_record, sha256, write_record
from strata.analysis.run import CohortResult, Failure, Results, run_cohort, run_plan

__all__ = [
    "BASELINE_COLUMNS",
    "CHECK_COLUMNS",
    "CohortEntry",
    "CohortResult",
    "CrossCheck",
    "Failure",
    "Plan",
    "Results",
    "check_signatures",
    "command_line",
    "load_plan",
    "output_folder",
    "run_cohort",
    "run_plan",
    "run_record",
    "sha256",
    "write_record",
    "write_whole",
]
