"""The interactions of many pairs are those of one Cox model after the other, with the same reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.scan import pair_interaction
from strata.scan.pair_interaction import PairInteraction, pair_interactions
from strata.survival import cox
from strata.survival.kernels.prepared import PreparedOutcome

N_PAIRS = 8


class Study:
    """An outcome and pairs of markers, some unknown of some patients, some hardly ever high, one both high never."""

    def __init__(self, seed: int, n: int, *, strata: int, delayed: bool, months: bool, events: float):
        generator = np.random.default_rng(seed)
        time = generator.exponential(20.0, n) + 0.01
        self.time = np.ceil(time) if months else time
        self.event = generator.random(n) < events
        self.strata = generator.integers(0, strata, n)
        entry = np.minimum(np.floor(self.time * generator.random(n) * 0.6), self.time - 0.005)
        self.entry = entry if delayed else None
        shares = np.linspace(0.1, 0.8, N_PAIRS)[:, np.newaxis]
        one, other = generator.random((2, N_PAIRS, n)) < shares
        other[3] &= ~one[3]
        other[4] = one[4]
        one[5] = self.time > np.median(self.time)
        known = generator.random((2, N_PAIRS, n)) < np.where(np.arange(N_PAIRS) % 2, 0.8, 1.0)[:, np.newaxis]
        self.one, self.other = ((high & own, ~high & own) for high, own in zip((one, other), known))
        self.names = [(f"A{k}", f"B{k}") for k in range(N_PAIRS)]
        self.outcome = PreparedOutcome.of(self.time, self.event, self.strata, self.entry)

    def one_by_one(self, k: int) -> PairInteraction:
        """The model of a table of both markers and their product."""
        high, low = (flags[k] for flags in self.one)
        other_high, other_low = (flags[k] for flags in self.other)
        groups = {
            "both": high & other_high,
            f"A{k} only": high & other_low,
            f"B{k} only": low & other_high,
            "neither": low & other_low,
        }
        silent = [name for name, members in groups.items() if not self.event[members].any()]
        reason = f"no event in {', '.join(silent)}" if silent else ""
        if set(silent) - {"both"}:
            return PairInteraction(reason=reason)
        keep = np.any([members for name, members in groups.items() if name not in silent], axis=0)
        columns = {f"A{k}": high, f"B{k}": other_high} | ({} if silent else {f"A{k} x B{k}": groups["both"]})
        fit = cox(
            self.time[keep],
            self.event[keep],
            pd.DataFrame({name: flags[keep].astype(float) for name, flags in columns.items()}),
            stratification_factors=self.strata[keep],
            entry=None if self.entry is None else self.entry[keep],
        )
        found = {"reason": reason or fit.reason}
        if not silent:
            ends = fit.hazard_ratios[2], fit.lower[2], fit.upper[2], fit.p_values[2]
            found |= dict(zip(PairInteraction._fields[:4], ends))
        beta, variance = fit.coefficients[:2].sum(), fit.covariance[:2, :2].sum()
        half = 1.959963984540054 * np.sqrt(variance)
        found |= dict(zip(PairInteraction._fields[4:7], np.exp([beta, beta - half, beta + half])))
        return PairInteraction(**found)


def studies(n):
    return st.builds(
        Study,
        st.integers(0, 2**31),
        n,
        strata=st.sampled_from([1, 1, 3]),
        delayed=st.booleans(),
        months=st.booleans(),
        events=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    )


@given(studies(st.one_of(st.integers(2, 40), st.integers(100, 200))))
def test_pairs_as_one_by_one(study):
    found = pair_interactions(study.outcome, study.one, study.other, study.names)
    assert len(found) == N_PAIRS
    for k, row in enumerate(found):
        expected = study.one_by_one(k)
        assert row.reason == expected.reason
        np.testing.assert_allclose(row[:3] + row[4:7], expected[:3] + expected[4:7], rtol=1e-8)
        np.testing.assert_allclose(row.interaction_p, expected.interaction_p, rtol=1e-7)


@pytest.mark.parametrize("delayed", [False, True])
def test_ordinary_pairs_are_not_fitted_one_by_one(monkeypatch, delayed):
    study = Study(0, 400, strata=2, delayed=delayed, months=True, events=0.7)
    asked = []
    monkeypatch.setattr(
        pair_interaction, "cox", lambda *data, **more: asked.append(data[2].columns) or cox(*data, **more)
    )
    found = pair_interactions(study.outcome, study.one, study.other, study.names)
    assert sum(np.isfinite(row.interaction) for row in found) >= N_PAIRS - 3
    assert len(asked) <= 1  # markers that are the same have no group of one only, and no model
    assert found[3].reason == "no event in both"
    assert np.isfinite(found[3].expected_both_vs_neither)


def test_blocks_of_pairs_give_the_same(monkeypatch):
    study = Study(3, 150, strata=1, delayed=False, months=True, events=0.6)
    whole = pair_interactions(study.outcome, study.one, study.other, study.names)
    monkeypatch.setattr(pair_interaction, "AT_ONCE", 3)
    parts = pair_interactions(study.outcome, study.one, study.other, study.names)
    np.testing.assert_array_equal([row[:7] for row in parts], [row[:7] for row in whole])
    assert [row.reason for row in parts] == [row.reason for row in whole]
