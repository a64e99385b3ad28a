"""Every gene of a cohort, and every pair of genes: the same question asked of all of them at once."""

from strata.scan.genes import GeneScan, ScanCut, scan_genes
from strata.scan.markers import MARKER_KINDS
from strata.scan.rows import SCAN_COLUMNS
from strata.scan.study import Study

__all__ = ["MARKER_KINDS", "SCAN_COLUMNS", "GeneScan", "ScanCut", "Study", "scan_genes"]
