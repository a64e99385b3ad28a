"""A plan, its run, and the record of what was done."""

from strata.analysis.baseline import BASELINE_COLUMNS
from strata.analysis.checking import CHECK_COLUMNS, check_signatures
from strata.analysis.controls import Controls
from strata.analysis.cross_check import CrossCheck
from strata.analysis.ledger import LEDGER_COLUMNS, asked_tests, family_counts, ledger_frame
from strata.analysis.null_check import NULL_CHECK_COLUMNS, null_check_frame
from strata.analysis.output import output_folder, write_whole
from strata.analysis.plan import CohortEntry, Plan, load_plan
from strata.analysis.pooled import pooled_results
from strata.analysis.random_signatures import PROLIFERATION_GENES, RANDOM_COLUMNS
from strata.analysis.record import command_line, run_record, scan_record, sha256, write_record
from strata.analysis.run import CohortResult, Failure, Results, run_cohort, run_plan

__all__ = [
    "BASELINE_COLUMNS",
    "CHECK_COLUMNS",
    "LEDGER_COLUMNS",
    "NULL_CHECK_COLUMNS",
    "PROLIFERATION_GENES",
    "RANDOM_COLUMNS",
    "CohortEntry",
    "CohortResult",
    "Controls",
    "CrossCheck",
    "Failure",
    "Plan",
    "Results",
    "asked_tests",
    "check_signatures",
    "command_line",
    "family_counts",
    "ledger_frame",
    "load_plan",
    "null_check_frame",
    "output_folder",
    "pooled_results",
    "run_cohort",
    "run_plan",
    "run_record",
    "scan_record",
    "sha256",
    "write_record",
    "write_whole",
]
