"""2 SCORE: from a cohort and signatures to numbers."""

from strata.scoring.cohort_sets import CLASS_RECORD, STANDARDISED
from strata.scoring.gene_sets import NearestCentroid, SignedSet, nearest_centroid, score_sets
from strata.scoring.learned import CutPoint, LearnedCuts, Moments, learn_cut
from strata.scoring.methods import METHODS, Method
from strata.scoring.mixture import MixtureCut, mixture_cut
from strata.scoring.resources import MIN_COVERAGE, Resources
from strata.scoring.scores import COVERAGE_COLUMNS, Scores, coverage, score
from strata.scoring.source import CohortSource

__all__ = [
    "CLASS_RECORD",
    "COVERAGE_COLUMNS",
    "METHODS",
    "MIN_COVERAGE",
    "STANDARDISED",
    "CohortSource",
    "CutPoint",
    "LearnedCuts",
    "Method",
    "MixtureCut",
    "Moments",
    "NearestCentroid",
    "Resources",
    "Scores",
    "SignedSet",
    "coverage",
    "learn_cut",
    "mixture_cut",
    "nearest_centroid",
    "score",
    "score_sets",
]
