"""ssGSEA against the two walks, step by step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.scoring.methods import METHODS, Expression, IndexedSet

NAN = float("nan")


def walked(row: list[float], genes: set[int]) -> float:
    """Barbie and others (2009): the sum of the difference of the walks over all places."""
    known = [i for i, value in enumerate(row) if value == value]
    tied = {i: [j for j in known if row[j] == row[i]] for i in known}
    below = {i: sum(row[j] < row[i] for j in known) for i in known}
    weight = {i: (below[i] + (len(tied[i]) + 1) // 2) ** 0.25 for i in known}  # mean rank without its fraction
    own = [i for i in known if i in genes]
    area = inside = outside = 0.0
    for i in sorted(known, key=lambda i: -row[i]):
        inside += weight[i] / sum(weight[j] for j in own) if i in own else 0.0
        outside += 0.0 if i in own else 1 / (len(known) - len(own))
        area += inside - outside
    return area


def test_by_hand(score):
    # ranks 4 3 2 1; the set holds rank 4: its walk is at 1 from the first place on, the other at 0, 1/3, 2/3, 1
    assert score("ssgsea", [[8.0, 3.0, 2.0, 1.0]], {0: 1.0}) == pytest.approx([1 + 2 / 3 + 1 / 3 + 0])


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.5, NAN]), min_size=8, max_size=8),
    st.sets(st.integers(0, 5), min_size=1, max_size=5),
)
def test_equals_the_walk(row, genes):
    row = [*row, 1.0]  # one known gene outside the set
    found = METHODS["ssgsea"].kernel(
        Expression(np.array([row])), [IndexedSet(np.array(sorted(genes)), np.ones(len(genes)))]
    )

    if any(row[i] == row[i] for i in genes):
        assert found[0, 0] == pytest.approx(walked(row, genes), abs=1e-12)
    else:
        assert np.isnan(found[0, 0])


def test_without_genes_outside_the_set_there_is_no_score(score):
    assert np.isnan(score("ssgsea", [[1.0, 2.0]], {0: 1.0, 1: 1.0})).all()
