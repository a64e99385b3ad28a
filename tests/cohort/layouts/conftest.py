"""What every round trip through a layout must keep."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd
import pytest

from strata.cohort import Cohort


@pytest.fixture(scope="session")
def assert_same() -> Callable[..., None]:
    """``assert_same(read, flat, kinds)``: two readings of one cohort say the same of what a layout has a place for.

    Expression may differ by the decimals of a TPM, times by the last bits of days.
    """

    def compare(read: Cohort, flat: Cohort, kinds: Collection[str]) -> None:
        assert list(read.patients) == list(flat.patients)
        assert set(read.endpoints) == set(flat.endpoints)
        for key, endpoint in flat.endpoints.items():
            ours = read.endpoints[key].in_months()
            np.testing.assert_allclose(ours.time, endpoint.in_months().time, rtol=1e-12)
            pd.testing.assert_series_equal(ours.event, endpoint.event)
        harmonised = list(flat.choices["harmonised"])
        assert harmonised
        pd.testing.assert_frame_equal(read.clinical[harmonised], flat.clinical[harmonised])
        assert set(read.assays) == set(kinds) & set(flat.assays)
        for kind, assay in read.assays.items():
            other = flat.assays[kind]
            features = [feature for feature in other.features if "@" not in feature]
            assert sorted(features) == sorted(assay.features)
            expected = other.read(features)
            if kind == "mrna" and read.choices["layout"]["name"] == "gdc":
                expected = expected.clip(lower=0.0)  # a TPM is not below 0
            pd.testing.assert_frame_equal(assay.read(features), expected, rtol=0, atol=2e-6)
            assert {f: assay.scale(f) for f in features} == {f: other.scale(f) for f in features}
            assert assay.assayed == other.assayed
        assert set(read.mutations) == set(flat.mutations) & {"mutation"}
        for kind, ours in read.mutations.items():
            theirs = flat.mutations[kind]
            rows = theirs.variants(theirs.features)
            assert set(ours.features) == set(rows["gene"])
            keys = list(rows.columns)
            found = ours.variants(theirs.features).sort_values(keys, ignore_index=True)
            pd.testing.assert_frame_equal(found, rows.sort_values(keys, ignore_index=True))
            assert ours.assayed == theirs.assayed

    return compare
