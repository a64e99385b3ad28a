"""Scalings of genes over a cohort."""

from __future__ import annotations

import numpy as np
import pytest

from strata.scoring.methods import SCALINGS

NAN = float("nan")
COLUMN = np.array([[1.0], [2.0], [NAN], [6.0]])


def scaled(name, values=COLUMN):
    return SCALINGS[name](values)[:, 0].tolist()


def test_by_hand():
    assert scaled("none") == pytest.approx([1, 2, NAN, 6], nan_ok=True)
    assert scaled("median") == pytest.approx([-1, 0, NAN, 4], nan_ok=True)
    # mean 3, variance (4 + 1 + 9) / 2
    assert scaled("scale") == pytest.approx([-2 / 7**0.5, -1 / 7**0.5, NAN, 3 / 7**0.5], nan_ok=True)
    # type 7 quantiles of 1, 2, 6: 1 + 0.05 x 1 and 2 + 0.95 x 4
    assert scaled("robust") == pytest.approx([(v - 3.425) / 2.375 for v in (1, 2, NAN, 6)], nan_ok=True)


@pytest.mark.parametrize("name", ["scale", "robust"])
def test_a_constant_gene_or_a_single_value_cannot_be_scaled(name):
    assert np.isnan(scaled(name, np.full((3, 1), 5.0))).all()
    assert np.isnan(scaled(name, np.array([[NAN], [2.0]]))).all()


@pytest.mark.parametrize("name", SCALINGS)
def test_a_gene_without_values_stays_unknown(name):
    assert np.isnan(scaled(name, np.full((3, 1), NAN))).all()
