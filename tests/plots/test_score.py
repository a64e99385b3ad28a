"""The histogram of what a signature cuts: bars are the table, lines the cuts."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from strata.plots import figure_to_files, plot_score
from strata.stratification import CutValues


def values_of(known, cuts=(0.1,), upper=False, **keys):
    named = {"cohort": "made", "population": "er-positive", "number": "mrna A", "rule": "median", "n_unknown": 3}
    return CutValues(cuts=cuts, upper=upper, known=np.asarray(known, dtype=float), **(named | keys))


NORMAL = np.random.default_rng(0).normal(size=200)


@pytest.mark.parametrize("cuts", [(0.1,), (-0.4, 0.5), (-0.7, 0.0, 0.6)])
def test_bars_are_the_rows_of_the_table(cuts):
    values = values_of(NORMAL, cuts)
    ax, table = plot_score(values), values.to_frame()
    assert len(ax.patches) == len(table)
    np.testing.assert_allclose([bar.get_x() for bar in ax.patches], table["lower"])
    np.testing.assert_allclose([bar.get_x() + bar.get_width() for bar in ax.patches], table["upper"])
    assert [bar.get_height() for bar in ax.patches] == table["n"].tolist()
    assert sum(bar.get_height() for bar in ax.patches) == 200
    tops = {bar.get_x(): 0.0 for bar in ax.patches}
    for bar in ax.patches:
        assert bar.get_y() == tops[bar.get_x()]
        tops[bar.get_x()] += bar.get_height()
    assert [line.get_xdata()[0] for line in ax.lines] == list(cuts)


def test_the_key_counts_both_sides_and_who_is_unknown():
    values = values_of(NORMAL)
    ax = plot_score(values)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    above = int((NORMAL > 0.1).sum())
    assert words == [f"≤ 0.1: {200 - above} patients", f"> 0.1: {above} patients"]
    assert ax.get_legend().get_title().get_text() == "Cut: median; value unknown: 3 patients"
    assert ax.get_title(loc="left") == "made: ER-positive"
    assert ax.get_xlabel() == "mrna A"


@pytest.mark.parametrize("known", [[1.0], [1.0] * 5, [0.0, 1.0, 2.0], np.r_[NORMAL, 1e4]])
@pytest.mark.parametrize("cut", [-50.0, 1.0, 1e6])
def test_any_values_and_cuts_are_drawn(known, cut):
    ax = plot_score(values_of(known, (cut,)))
    assert sum(bar.get_height() for bar in ax.patches) == len(known)


def test_it_is_drawn_where_it_is_told_and_many_groups_too(tmp_path):
    figure = Figure()
    ax = figure.subplots()
    assert plot_score(values_of(NORMAL, (-1.0, -0.5, 0.0, 0.5)), ax=ax, title="Mine") is ax
    assert ax.get_title(loc="left") == "Mine"
    assert len({bar.get_facecolor() for bar in ax.patches}) == 5
    first, second = (figure_to_files(plot_score(values_of(NORMAL)).figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()
