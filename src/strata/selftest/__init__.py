"""The bundled golden set: R's numbers on invented tables, and strata's answers to the same questions.

``golden.json`` is made by ``make_golden.R`` beside it.
"""

from strata.selftest.golden import SELFTEST_COLUMNS, golden_set, run_selftest
from strata.selftest.page import agreement_page

__all__ = ["SELFTEST_COLUMNS", "agreement_page", "golden_set", "run_selftest"]
