"""Restricted means: the area that is hatched is the mean that is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from strata.errors import UsageError
from strata.plots import figure_to_files, plot_rmst, rmst_frame
from strata.survival.checks import Checks
from strata.survival.kernels.restricted_mean import restricted_mean


def area(collection) -> float:
    """Of a polygon, by the shoelace formula."""
    (path,) = collection.get_paths()
    x, y = path.vertices.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


@pytest.mark.parametrize("labels", [("high", "low"), ("a", "b", "c")])
def test_the_hatched_areas_are_the_means(make, labels) -> None:
    comparison = make(rates=(0.03, 0.01, 0.02)[: len(labels)], labels=labels)
    ax = plot_rmst(comparison, horizon=60)
    table = rmst_frame(comparison, horizon=60)
    assert [area(hatched) for hatched in ax.collections] == pytest.approx(table["mean"][: len(labels)].tolist())
    assert len({hatched.get_hatch() for hatched in ax.collections}) == len(labels)
    (line,) = [line for line in ax.get_lines() if line.get_color() == "#555555"]
    assert list(line.get_xdata()) == [60, 60]
    curve = comparison.groups[0].curve
    inside = curve.times < 60
    by_hand = np.diff([0, *curve.times[inside], 60]) @ [1, *curve.survival[inside]]
    assert table["mean"][0] == pytest.approx(by_hand)


def test_the_difference_is_the_first_less_the_second(make) -> None:
    comparison = make()
    wanted = restricted_mean(comparison.time, comparison.event, 1 - comparison.group, horizon=48)
    row = rmst_frame(comparison, horizon=48, labels=["high", "low"]).iloc[2]
    assert row["stratum"] == "high less low"
    assert row["mean"] == wanted.difference
    assert (row["lower"], row["upper"], row["p_value"]) == (
        wanted.difference_lower,
        wanted.difference_upper,
        wanted.p_value,
    )
    assert row["mean"] < 0
    texts = [text.get_text() for text in plot_rmst(comparison, horizon=48).texts]
    assert "Mean up to 48 months (95 % CI):" in texts
    assert any(text.startswith(f"difference: −{-row['mean']:.1f} (") for text in texts)


def test_the_horizon_is_that_of_the_results_or_of_the_follow_up(make) -> None:
    comparison = make()
    longest = [comparison.time[comparison.group == i].max() for i in (0, 1)]
    assert rmst_frame(comparison)["horizon"][0] == min(longest)
    asked = replace(comparison, checks=Checks(rmst_horizon=36.0))
    assert rmst_frame(asked)["horizon"][0] == 36


@pytest.mark.parametrize(
    ("changes", "options", "said"),
    [
        ({}, {"horizon": 1000}, "a stratum is followed less"),
        ({}, {"horizon": 0}, "horizon: 0 is not a number of months above 0"),
        ({"searched": True}, {}, "the cut was searched"),
        ({"entry": np.zeros(120)}, {}, "not available with delayed entry"),
        ({"competing": np.zeros(120, dtype=bool)}, {}, "not available with competing events"),
    ],
)
def test_what_has_no_restricted_mean_is_refused(make, changes, options, said: str) -> None:
    comparison = replace(make(), **changes)
    for draw in (plot_rmst, rmst_frame):
        with pytest.raises(UsageError, match=said):
            draw(comparison, **options)


def test_twice_the_same_bytes(make, tmp_path) -> None:
    first, second = (figure_to_files(plot_rmst(make()).figure, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
