"""The figure of a search: what is drawn, what the caption says, and what never stands in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.errors import UsageError
from strata.plots import figure_to_files, plot_cut_profile
from strata.signatures import parse_signature
from strata.survival import search_cut_point


def searched(make_cohort, values, time, event, **more):
    index = pd.Index([f"P{i}" for i in range(len(values))], name="patient")
    cohort = make_cohort(
        clinical=pd.DataFrame(index=index),
        mrna=pd.DataFrame({"A": values}, index=index, dtype=float),
        endpoints={"OS": (time, event)},
    )
    made = parse_signature({"name": "m", "positive": {"mrna": "A", "above": "median"}}, id="m", where="test")
    return search_cut_point(cohort, made, "OS", permutations=199, **more)


@pytest.fixture
def search(make_cohort):
    rng = np.random.default_rng(3)
    values = rng.normal(size=60)
    time = rng.exponential(np.where(values > 0, 10, 30))
    return searched(make_cohort, values, time, rng.random(60) < 0.9, bootstrap=30)


def test_both_panels_draw_every_cut_with_the_line_of_5_per_cent(search):
    upper, lower = plot_cut_profile(search)
    profile = search.profile
    for ax, column in ((upper, "relative_statistic"), (lower, "hazard_ratio")):
        curve, level, cut = ax.lines
        assert curve.get_xdata().tolist() == profile["cut"].tolist()
        assert curve.get_ydata() == pytest.approx(profile[column].to_numpy(), nan_ok=True)
        assert set(level.get_ydata()) == {1.0}
        assert set(cut.get_xdata()) == {search.cut}
        band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
        assert (band.x0, band.x1) == pytest.approx(search.stability)
    assert lower.get_yscale() == "log"


def test_the_caption_says_what_is_corrected_and_what_is_not(search):
    said = " ".join(text.get_text() for text in plot_cut_profile(search)[0].figure.texts)
    for words in (
        "made: mrna A, All patients, Overall survival",
        "corrected for the search (199 permutations)",
        "Cross-fitted HR",
        "not corrected for the search",
        "Median split: HR",
        "Per SD, uncut: HR",
        "the middle 95 % of the cuts of 30 bootstrap resamples; not a confidence interval",
    ):
        assert words in said


def test_without_resamples_there_is_no_band(make_cohort):
    rng = np.random.default_rng(3)
    found = searched(make_cohort, rng.normal(size=40), rng.exponential(size=40), [1] * 40, bootstrap=0)
    figure = plot_cut_profile(found)[0].figure
    assert not figure.axes[0].patches
    assert "bootstrap" not in " ".join(text.get_text() for text in figure.texts)


def test_no_cut_no_figure(make_cohort):
    found = searched(make_cohort, np.arange(30.0), np.arange(1.0, 31), [0] * 30)
    with pytest.raises(UsageError, match=r"nothing to draw \(no cut of mrna A"):
        plot_cut_profile(found)


def test_the_same_search_gives_the_same_bytes(search, tmp_path):
    first, second = (figure_to_files(plot_cut_profile(search)[0].figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()
