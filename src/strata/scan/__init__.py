"""Every gene of a cohort, and every pair of genes: the same question asked of all of them at once."""

from strata.scan.genes import GeneScan, ScanCut, scan_genes
from strata.scan.markers import MARKER_KINDS
from strata.scan.pairs import HISTOGRAM_COLUMNS, PAIR_COLUMNS, PairProgress, PairScan, scan_pairs
from strata.scan.rows import SCAN_COLUMNS
from strata.scan.study import Study

__all__ = [
    "HISTOGRAM_COLUMNS",
    "MARKER_KINDS",
    "PAIR_COLUMNS",
    "SCAN_COLUMNS",
    "GeneScan",
    "PairProgress",
    "PairScan",
    "ScanCut",
    "Study",
    "scan_genes",
    "scan_pairs",
]
