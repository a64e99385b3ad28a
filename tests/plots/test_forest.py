"""The forest plot: what is drawn where, and nothing clipped."""

from __future__ import annotations

import math

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Polygon

from strata.errors import UsageError
from strata.plots import ForestBlock, ForestRow, draw_forest
from strata.survival import HazardRatio

ROWS = (
    ForestRow("A", ("15 (12)", "43 (26)"), HazardRatio(2.0, 1.0, 4.0, 0.05), 0.04, 0.25),
    ForestRow("a cohort with a very long name that does not fit", ("29 (20)", "59 (22)"), None),
    ForestRow("C", ("3 (2)", "9 (5)"), HazardRatio(80.0, 0.001, 9000.0, 0.9)),
    ForestRow("Random", ("44 (32)", "102 (48)"), HazardRatio(2.0, 1.0, 4.0, 0.05), 0.05, math.nan, True, (0.5, 8.0)),
)


def drawn(*rows, **keys):
    named = {
        "headings": ("high, n (events)", "rest, n (events)"),
        "title": "T",
        "caption": "Squares are cohorts and diamonds pool them. " * 8,
        "axis": "HR",
    }
    figure = draw_forest([ForestBlock("All patients, OS", rows, "I2 62 %")], **(named | keys))
    FigureCanvasAgg(figure).draw()
    return figure


def test_nothing_is_clipped_and_no_text_lies_on_another():
    figure = drawn(*ROWS)
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.axes[0].texts]
    width, height = figure.bbox.width, figure.bbox.height
    assert len(boxes) > 25
    for words, box in boxes:
        assert box.x0 >= 0, words
        assert box.y0 >= 0, words
        assert box.x1 <= width, words
        assert box.y1 <= height, words
    for i, (words, box) in enumerate(boxes):
        for other, second in boxes[i + 1 :]:
            across = min(box.x1, second.x1) - max(box.x0, second.x0)
            down = min(box.y1, second.y1) - max(box.y0, second.y0)
            assert across < 0.5 or down < 0.5, (words, other)


def test_ratios_lie_on_a_logarithmic_axis():
    ax = drawn(ROWS[0], ROWS[3]).axes[0]
    (diamond,) = [patch for patch in ax.patches if isinstance(patch, Polygon)]
    (left, _), (middle, _), (right, _) = diamond.get_xy()[:3]
    assert middle - left == pytest.approx(right - middle)
    dashed = next(line for line in ax.lines if line.get_linestyle() == "--" and line.get_color() != "#555555")
    start, end = dashed.get_xdata()
    assert (start + end) / 2 == pytest.approx(middle)
    assert end - start == pytest.approx(2 * (right - left))
    square = next(line for line in ax.lines if line.get_marker() == "s")
    assert square.get_xdata()[0] == pytest.approx(middle)


def test_what_lies_beyond_the_axis_ends_in_an_arrow():
    markers = [line.get_marker() for line in drawn(ROWS[0], ROWS[2]).axes[0].lines]
    assert markers.count("<") == 1
    assert markers.count(">") == 1
    assert markers.count("s") == 1


def test_numbers_and_reasons_are_written():
    texts = [text.get_text() for text in drawn(*ROWS).axes[0].texts]
    assert texts.count("2.00 (1.00–4.00)") == 2
    assert "not estimable" in texts
    assert "0.040" in texts
    assert "I2 62 %" in texts


def test_no_row_is_refused():
    with pytest.raises(UsageError):
        draw_forest([ForestBlock("x", ())], headings=(), title="", caption="", axis="")
