from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.censoring import checked_score, uncensored_before


def test_events_come_before_censorings_at_one_time() -> None:
    # ranks 0 0 1 1 2: one of each at 0 (4 at risk of being censored), two censored of three at 1
    rank, event = np.array([0, 0, 1, 1, 2]), np.array([True, False, False, False, True])
    assert uncensored_before(rank, event).tolist() == pytest.approx([1, 1, 3 / 4, 3 / 4, 1 / 4])


def test_never_zero_before_anybody() -> None:
    before = uncensored_before(np.array([0, 1, 1]), np.array([False, True, False]))
    assert before.tolist() == pytest.approx([1, 2 / 3, 2 / 3])
    assert uncensored_before(np.array([], dtype=int), np.array([], dtype=bool)).size == 0


def test_bad_scores() -> None:
    with pytest.raises(ValueError, match="score: 2 of 3 values are missing or infinite"):
        checked_score([1, np.nan, np.inf], 3)
    with pytest.raises(ValueError, match="shape"):
        checked_score([1, 2], 3)
