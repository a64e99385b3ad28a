from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.survival.kernels.covariates import covariate_matrix, estimable, standardised


def test_names() -> None:
    matrix, names = covariate_matrix(pd.DataFrame({"age": [1, 2], "er": [True, False]}), 2)
    assert names == ("age", "er")
    assert matrix.tolist() == [[1, 1], [2, 0]]
    assert covariate_matrix([True, False], 2)[1] == ("1",)


def test_missing_values_and_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="covariate a: 1 of 2 values are missing or infinite; covariate b: 2 of 2"):
        covariate_matrix(pd.DataFrame({"a": [1.0, np.inf], "b": [np.nan, np.nan]}), 2)
    with pytest.raises(ValueError, match=r"covariates have the shape \(2, 1\), time has 3 values"):
        covariate_matrix([1.0, 2.0], 3)


def test_standardised() -> None:
    x, scale = standardised(np.array([[1.0, 0.1], [3.0, 0.1], [5.0, 0.1]]))
    assert x[:, 0] == pytest.approx(np.array([-1, 0, 1]) * 1.5**0.5)
    assert x[:, 1].tolist() == [0, 0, 0]
    assert scale == pytest.approx([(8 / 3) ** 0.5, 1.0])
    assert standardised(np.zeros((0, 2)))[1].tolist() == [1, 1]


def test_estimable() -> None:
    information = np.array([[2.0, 0, 2], [0, 0, 0], [2, 0, 2]])
    kept, reasons = estimable(information, 5, ("a", "b", "c"))
    assert kept.tolist() == [True, False, False]
    assert [reason.split(" is ")[0] for reason in reasons] == ["covariate b", "covariate c"]
    assert estimable(information, 0, ("a", "b", "c"))[1] == ["no event"]
