"""Panels side by side: what they are headed by, that they share their axes, and that the table holds their numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from strata.errors import UsageError
from strata.plots import facets_frame, figure_to_files, format_p, plot_survival_facets, plot_survival_overlay
from strata.survival import SurvivalComparison


@pytest.fixture
def results(make):
    def result(population, endpoint, seed, n=120):
        comparison = make(seed=seed, n=n)
        return SurvivalComparison("A", "igf1r-high", population, endpoint, "median", "population", (comparison,))

    return [
        result("er-positive", "DFS", 1),
        result("er-positive", "OS", 2),
        result("er-negative", "DFS", 3, n=16),
        result("er-negative", "OS", 4, n=30),
    ]


def curves(ax):
    return [line for line in ax.get_lines() if line.get_drawstyle() == "steps-post"]


def test_panels_share_their_axes_and_are_headed_by_what_differs(results) -> None:
    axes = plot_survival_facets(results, title="T", caption="C")
    figure = axes[0].figure
    assert len({ax.get_xlim() for ax in axes}) == 1
    assert len({ax.get_ylim() for ax in axes}) == 1
    assert len({tuple(ax.get_xticks()) for ax in axes}) == 1
    assert axes[0].get_xlim()[1] > max(result.comparisons[0].time.max() for result in results)
    said = [text.get_text() for text in figure.texts]
    assert said.count("ER-positive") == 2
    assert [word for word in said if word in "ABC" and len(word) == 1] == ["A", "B", "C"]
    assert [ax.get_ylabel() for ax in axes] == ["Disease-free survival", "Overall survival"] * 2


def test_the_table_holds_what_is_drawn(results) -> None:
    axes = plot_survival_facets(results, time_unit="years", labels=["high", "low"])
    table = facets_frame(results, time_unit="years", labels=["high", "low"])
    for ax, result in zip(axes, results):
        own = table[(table["population"] == result.population) & (table["endpoint"] == result.endpoint)]
        for line, label in zip(curves(ax), ("high", "low")):
            rows = own[own["stratum"] == label]
            assert np.array_equal(line.get_xdata()[1:], rows["time"])
            assert np.array_equal(line.get_ydata()[1:], rows["survival"])
    assert list(table.columns[:5]) == ["cohort", "signature", "population", "endpoint", "stratum"]


def test_a_comparison_is_named_or_refused(results) -> None:
    with pytest.raises(UsageError, match="no comparison 'four_groups'; it has positive_vs_rest"):
        plot_survival_facets(results, comparison="four_groups")
    with pytest.raises(UsageError, match="no result to draw"):
        plot_survival_facets([])


def test_several_results_lie_over_each_other_in_one_panel(results) -> None:
    two = results[:2]
    ax = plot_survival_overlay(two)
    table = facets_frame(two)
    lines, texts = curves(ax), [text.get_text() for text in ax.texts]
    for line, (_, rows) in zip(lines, table.groupby(["endpoint", "stratum"], sort=False), strict=True):
        assert np.array_equal(line.get_xdata()[1:], rows["time"])
        assert np.array_equal(line.get_ydata()[1:], rows["survival"])
    assert len({line.get_color() for line in lines}) == 4
    assert {"DFS: both high", "DFS: rest", "OS: both high", "OS: rest"} <= set(texts)
    for result in two:
        test = result.comparisons[0].log_rank
        assert [text for text in texts if text.startswith(f"{result.endpoint}, HR, both high vs rest: ")]
        assert [text for text in texts if f"log-rank {format_p(test.p_value)}" in text]
    assert ax.get_ylabel() == "Survival probability"
    assert plot_survival_overlay([two[0], results[2]]).get_ylabel() == "Disease-free survival"
    bare = plot_survival_overlay(two, hazard_ratio=False, p_value=False, labels=list("abcd"), risk_table=False)
    assert {text.get_text() for text in bare.texts} == set("abcd")


def test_an_overlay_of_endpoints_with_and_without_competing_events_has_all_rows(results) -> None:
    plain, other = results[:2]
    row = other.comparisons[0]
    competing = replace(row, competing=~row.event & (np.arange(row.n) % 3 == 0))
    ax = plot_survival_overlay([plain, replace(other, comparisons=(competing,))])
    FigureCanvasAgg(ax.figure).draw()
    names = [text for text in ax.texts if text.get_text() in ("At risk", "Censored", "Competing", "Events")]
    assert [text.get_text() for text in names].count("Competing") == 2
    assert min(text.get_window_extent().y0 for text in names) >= 0
    assert ax.get_ylabel() == "Survival or 1 − cumulative incidence"


def test_an_overlay_of_nothing_or_of_too_much_is_refused(results) -> None:
    with pytest.raises(UsageError, match="no result to draw"):
        plot_survival_overlay([])
    with pytest.raises(UsageError, match="10 strata cannot be told apart"):
        plot_survival_overlay([*results, results[0]])
    with pytest.raises(UsageError, match="labels: 1 for 4 strata"):
        plot_survival_overlay(results[:2], labels=["a"])


def test_twice_the_same_bytes(results, tmp_path) -> None:
    written = []
    for name in "ab":
        figure = plot_survival_facets(results, title="T")[0].figure
        written.append([path.read_bytes() for path in figure_to_files(figure, tmp_path / name)])
    assert written[0] == written[1]
