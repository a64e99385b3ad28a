"""The bundled golden set: R's numbers on invented tables, and strata's answers to the same questions.

``golden.json`` is made by ``make_golden.R`` beside it. ``describe_environment`` says what they were computed with.
"""

from strata.selftest.environment import Part, describe_environment
from strata.selftest.golden import SELFTEST_COLUMNS, golden_set, run_selftest
from strata.selftest.page import agreement_page

__all__ = ["SELFTEST_COLUMNS", "Part", "agreement_page", "describe_environment", "golden_set", "run_selftest"]
