"""2 SCORE: from a cohort and signatures to numbers."""

from strata.scoring.learned import CutPoint, LearnedCuts, Moments, learn_cut
from strata.scoring.scores import COVERAGE_COLUMNS, Scores, coverage, score
from strata.scoring.source import CohortSource

__all__ = [
    "COVERAGE_COLUMNS",
    "CohortSource",
    "CutPoint",
    "LearnedCuts",
    "Moments",
    "Scores",
    "coverage",
    "learn_cut",
    "score",
]
