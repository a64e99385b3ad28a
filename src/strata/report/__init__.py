"""5 REPORT: from results to files."""

from strata.report.citation import Citation
from strata.report.cite import cite_run
from strata.report.figure2 import figure2_plan
from strata.report.figures import MOST_SINGLES, Drawing, draw_figures, left_out
from strata.report.folder import run_to_folder
from strata.report.inspection import describe, plan_template
from strata.report.pairing import pairs_to_folder, partial_state
from strata.report.paper_formats import render
from strata.report.paper_table import PaperTable, read_paper_table
from strata.report.scanning import scan_to_folder
from strata.report.scorable import verdict
from strata.report.tables import write_calls, write_survival
from strata.report.verify import Verification, verify_run

__all__ = [
    "MOST_SINGLES",
    "Citation",
    "Drawing",
    "PaperTable",
    "Verification",
    "cite_run",
    "describe",
    "draw_figures",
    "figure2_plan",
    "left_out",
    "pairs_to_folder",
    "partial_state",
    "plan_template",
    "read_paper_table",
    "render",
    "run_to_folder",
    "scan_to_folder",
    "verdict",
    "verify_run",
    "write_calls",
    "write_survival",
]
