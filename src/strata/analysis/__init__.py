"""A plan, its run, and the record of what was done."""

from strata.analysis.baseline import BASELINE_COLUMNS
from strata.analysis.checking import CHECK_COLUMNS, check_signatures
from strata.analysis.controls import Controls
from strata.analysis.cross_check import CrossCheck
from strata.analysis.description import ClinicalColumn, CohortDescription, CohortEndpoint, CohortTable
from strata.analysis.flow import FLOW_COLUMNS, FlowStep, FlowStratum, PatientFlow, patient_flow
from strata.analysis.inputs import check_inputs, input_record, mark_inputs, read_marked, sha256
from strata.analysis.ledger import (
    LEDGER_COLUMNS,
    asked_tests,
    family_counts,
    ledger_frame,
    pooled_tests,
    tests_not_run,
    with_adjusted_p,
)
from strata.analysis.lock import held_by, holder_of, locked
from strata.analysis.null_check import NULL_CHECK_COLUMNS, null_check_frame
from strata.analysis.output import output_folder, undo_moves, write_whole
from strata.analysis.plan import CohortEntry, Plan, load_plan
from strata.analysis.pooled import pooled_results
from strata.analysis.random_signatures import PROLIFERATION_GENES, RANDOM_COLUMNS
from strata.analysis.record import (
    batch_record,
    command_line,
    run_inputs,
    run_record,
    scan_record,
    versions,
    write_record,
)
from strata.analysis.results import CohortResult, Failure, Results
from strata.analysis.run import run_cohort, run_plan

__all__ = [
    "BASELINE_COLUMNS",
    "CHECK_COLUMNS",
    "FLOW_COLUMNS",
    "LEDGER_COLUMNS",
    "NULL_CHECK_COLUMNS",
    "PROLIFERATION_GENES",
    "RANDOM_COLUMNS",
    "ClinicalColumn",
    "CohortDescription",
    "CohortEndpoint",
    "CohortEntry",
    "CohortResult",
    "CohortTable",
    "Controls",
    "CrossCheck",
    "Failure",
    "FlowStep",
    "FlowStratum",
    "PatientFlow",
    "Plan",
    "Results",
    "asked_tests",
    "batch_record",
    "check_inputs",
    "check_signatures",
    "command_line",
    "family_counts",
    "held_by",
    "holder_of",
    "input_record",
    "ledger_frame",
    "load_plan",
    "locked",
    "mark_inputs",
    "null_check_frame",
    "output_folder",
    "patient_flow",
    "pooled_results",
    "pooled_tests",
    "read_marked",
    "run_cohort",
    "run_inputs",
    "run_plan",
    "run_record",
    "scan_record",
    "sha256",
    "tests_not_run",
    "undo_moves",
    "versions",
    "with_adjusted_p",
    "write_record",
    "write_whole",
]
