"""When the numbers beside are asked for."""

from __future__ import annotations

import pytest

from strata.errors import UsageError
from strata.survival.checks import CHECK_COLUMNS, CheckOptions, Checks


def test_every_wrong_option_is_named():
    with pytest.raises(UsageError) as caught:
        CheckOptions(sparse_patients=-1, sparse_events=-2, permutations=0, rmst_horizon=0)
    assert [problem.where for problem in caught.value.problems] == [
        "sparse_patients",
        "sparse_events",
        "permutations",
        "rmst_horizon",
    ]


def test_nothing_is_missing_unless_it_was_found():
    row = Checks(ph_p=0.5).row()
    assert tuple(row) == CHECK_COLUMNS
    assert row.pop("ph_p") == 0.5
    assert row.pop("permutations") is None
    assert all(value != value for value in row.values())
