"""One set of permutations for every marker of a scan, however many blocks the markers come in."""

from __future__ import annotations

import numpy as np

from strata.survival.kernels.max_t import NEGLIGIBLE, log_rank_scores, permutation_variance
from strata.survival.kernels.permutation import p_of_largest, permutation_p, permuted, reached
from strata.survival.kernels.risk_table import Booleans, Floats, Integers

__all__ = ["JointNull"]


class JointNull:
    """Permutations that pair the survival of all patients anew with all their markers at once.

    Parameters
    ----------
    time, event, strata : arrays (n_patients,)
        Survival is permuted inside strata.
    n_permutations, seed : int

    Notes
    -----
    The statistic is that of ``max_t``. The largest one of each permutation is kept while blocks of markers pass, so
    that the single-step max-T P of every marker is known when the last one has; a step-down P would need all at once.
    """

    def __init__(self, time: Floats, event: Booleans, strata: Integers, *, n_permutations: int, seed: int) -> None:
        self.strata, self.n_permutations = strata, n_permutations
        self.scores = log_rank_scores(time, event, strata)
        self.draws = np.concatenate(list(permuted(self.scores, strata, n_permutations, seed)))
        self.highest = np.zeros(n_permutations)

    def add(self, columns: Floats) -> tuple[Floats, Floats]:
        """The absolute statistic of each column of shape (n_patients, n_tests), and its own P; NaN without variance.

        As in ``max_t_of_columns`` who takes no part in a column has its mean over the others of the stratum.
        """
        error = np.sqrt(permutation_variance(self.scores, columns, self.strata))
        usable = np.flatnonzero(error > NEGLIGIBLE)
        weights = columns[:, usable] / error[usable]
        observed, p_values = np.full((2, columns.shape[1]), np.nan)
        if not usable.size:
            return observed, p_values
        observed[usable] = np.abs(self.scores @ weights)
        drawn = np.abs(self.draws @ weights)
        p_values[usable] = permutation_p((drawn >= reached(observed[usable])).sum(axis=0), self.n_permutations)
        self.highest = np.maximum(self.highest, drawn.max(axis=1))
        return observed, p_values

    def largest_p(self, observed: Floats) -> Floats:
        """Single-step max-T P of statistics, once every block has been added."""
        return p_of_largest(observed, np.sort(self.highest))
