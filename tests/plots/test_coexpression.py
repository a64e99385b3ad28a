"""The figure of two genes: the four groups, and every hazard ratio that is written beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from strata.errors import UsageError
from strata.plots import coexpression_frame, figure_to_files, plot_coexpression
from strata.plots.wording import format_hazard_ratio, format_p
from strata.signatures import parse_signature
from strata.survival import compare_coexpression


@pytest.fixture
def result(make_cohort):
    rng = np.random.default_rng(5)
    index = pd.Index([f"P{i}" for i in range(300)], name="patient")
    table = pd.DataFrame(rng.normal(size=(300, 2)), index, ["IGF1R", "SPHK1"])
    time = rng.exponential(40 * np.exp(-0.4 * (table["IGF1R"] > 0) - 0.4 * (table["SPHK1"] > 0)))
    cohort = make_cohort(
        clinical=pd.DataFrame(index=index), mrna=table, endpoints={"OS": (time, rng.random(300) < 0.7)}
    )
    both = {"all": [{"mrna": gene, "above": "median"} for gene in ("IGF1R", "SPHK1")]}
    signature = parse_signature({"name": "both high", "positive": both}, id="both-high", where="test")
    return compare_coexpression(cohort, signature, "OS")


def test_the_four_groups_are_drawn_in_their_order(result) -> None:
    ax = plot_coexpression(result)
    lines = [line for line in ax.get_lines() if line.get_drawstyle() == "steps-post"]
    for line, group in zip(lines, result["four_groups"].groups, strict=True):
        assert np.array_equal(line.get_xdata()[1:], group.curve.times)
        assert np.array_equal(line.get_ydata()[1:], group.curve.survival)
    written = [text.get_text() for text in ax.texts]
    for label in ("both (HH)", "IGF1R only (HL)", "SPHK1 only (LH)", "neither (LL)"):
        assert label in written


def test_the_ratios_beside_are_those_of_the_table(result) -> None:
    _, beside = plot_coexpression(result).figure.axes
    said = " ".join(text.get_text() for text in beside.texts)
    table = coexpression_frame(result)
    assert table["comparison"].tolist()[:3] == ["both_vs_neither", "expected_both_vs_neither", "interaction"]
    for row in table.itertuples():
        ratio = format_hazard_ratio(row.hazard_ratio, row.hazard_ratio_lower, row.hazard_ratio_upper)
        assert ratio in said, row.comparison
        assert result[row.comparison].hazard_ratio.value == row.hazard_ratio
    assert format_p(result["interaction"].hazard_ratio.wald_p) in said
    assert "A pair that looks worse than each gene alone is not synergy." in said


def test_nothing_is_clipped_or_lies_on_the_curves(result) -> None:
    figure = plot_coexpression(result, title="A title " * 20).figure
    FigureCanvasAgg(figure).draw()
    ax, beside = figure.axes
    for text in (*ax.texts, *beside.texts):
        box = text.get_window_extent()
        assert box.x0 >= 0, text.get_text()
        assert box.x1 <= figure.bbox.width, text.get_text()
        assert 0 <= box.y0 <= box.y1 <= figure.bbox.height, text.get_text()
    assert min(text.get_window_extent().x0 for text in beside.texts) > ax.bbox.x1


def test_a_ratio_that_is_not_estimable_says_why(result) -> None:
    rows = tuple(
        replace(row, hazard_ratio=None, notes=("not estimable (no event in both)",))
        if row.name == "interaction"
        else row
        for row in result.comparisons
    )
    _, beside = plot_coexpression(replace(result, comparisons=rows)).figure.axes
    said = " ".join(text.get_text() for text in beside.texts)
    assert said.count("not estimable (no event in both)") == 1


def test_a_result_without_four_groups_is_refused(result) -> None:
    alone = replace(result, comparisons=result.comparisons[:1])
    for draw in (plot_coexpression, coexpression_frame):
        with pytest.raises(UsageError, match="no four groups to draw"):
            draw(alone)


def test_twice_the_same_bytes(result, tmp_path) -> None:
    first, second = (figure_to_files(plot_coexpression(result).figure, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
