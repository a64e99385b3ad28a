from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from strata import compare_coexpression, read_cohort
from strata.plots import Panel, draw_figure2, facets_frame, figure_to_files, plot_figure2
from strata.plots.wording import format_hazard_ratio
from strata.survival.result import frame

CAPTION = "Cut: median in each population. " * 12 + "Synthetic cohort: it has no biological meaning."
ABSENT = "no mrna SPHK1 in the cohort's tables"


@pytest.fixture
def table():
    row = {
        "endpoint": "OS",
        "comparison": "IGF1R",
        "n": 570,
        "events": 141,
        "n_positive": 285,
        "events_positive": 80,
        "hazard_ratio": 1.45,
        "hazard_ratio_lower": 0.98,
        "hazard_ratio_upper": 2.14,
        "log_rank_p": 0.034,
        "estimable": True,
        "note": "a small_group $ <b>",
    }
    return frame([row | {"population": name} for name in ("er-positive", "er-negative & node-negative")])


def panels(make, endpoints=("DFS", "OS"), populations=("er-positive", "er-negative & node-negative")):
    return [
        Panel(letter, population, endpoint, make(seed=i))
        for i, (letter, population) in enumerate(zip("AB", populations))
        for endpoint in endpoints
    ]


@pytest.mark.parametrize("endpoints", [("DFS", "OS"), ("OS",)])
@pytest.mark.parametrize("populations", [("er-positive", "er-negative & node-negative"), ("all",)])
def test_nothing_is_clipped_and_no_text_lies_on_another(make, table, endpoints, populations) -> None:
    figure = draw_figure2(panels(make, endpoints, populations), table, title="Figure 2", caption=CAPTION)
    FigureCanvasAgg(figure).draw()
    width, height = figure.bbox.width, figure.bbox.height
    drawn = [
        text
        for ax in figure.axes
        for text in (*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels())
        if ax.axison or text in ax.texts
    ] + list(figure.texts)
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn if text.get_text()]
    assert len(boxes) > 40
    for words, box in boxes:
        assert box.x0 >= 0, words
        assert box.y0 >= 0, words
        assert box.x1 <= width, words
        assert box.y1 <= height, words
    shrunk = [(words, box.padded(-0.2 * box.height, -0.25 * box.height)) for words, box in boxes]
    for i, (words, box) in enumerate(shrunk):
        assert [other for other, its in shrunk[:i] if box.overlaps(its) and box.width > 0 < its.width] == [], words


def test_the_endpoints_of_one_population_stand_two_by_two(make, table) -> None:
    figure = draw_figure2(panels(make, ("DFS", "OS", "PFS", "DSS"), ("all",)), table, title="t", caption="c")
    boxes = [ax.get_position() for ax in figure.axes[:4]]
    assert boxes[0].y0 == boxes[1].y0 > boxes[2].y0 == boxes[3].y0
    assert boxes[0].x0 == boxes[2].x0 < boxes[1].x0 == boxes[3].x0
    assert [text.get_text() for text in figure.texts].count("A") == 1


def test_panels_letters_and_table(make, table) -> None:
    figure = draw_figure2(panels(make), table, title="Figure 2", caption=CAPTION)
    said = [text.get_text() for text in figure.texts]
    assert [word for word in said if len(word) == 1] == ["A", "B", "C"]
    assert said.count("ER-negative, node-negative") == 2
    assert " ".join(said).endswith("no biological meaning.")
    assert [ax.get_ylabel() for ax in figure.axes[:4]] == ["Disease-free survival", "Overall survival"] * 2
    cells = [text.get_text() for text in figure.axes[4].texts]
    assert cells.count("1.45 (0.98–2.14)") == 2
    assert "(a) a small_group $ <b>." in cells


def test_a_panel_without_a_comparison_is_a_frame_with_its_reason(make, table) -> None:
    several = panels(make)
    several[1] = Panel("A", "er-positive", "OS", None, ABSENT)
    nothing = replace(make(), groups=(), time=make().time[:0], notes=("asked for DFS: the cohort has no DFS",))
    several[2] = replace(several[2], comparison=nothing)
    figure = draw_figure2(several, table, title="Figure 2", caption="")
    empty = [ax for ax in figure.axes[:4] if not ax.get_lines()]
    assert len(empty) == 2
    assert [text.get_text() for text in empty[0].texts] == ["Overall survival", f"not drawn: {ABSENT}"]
    assert "asked for DFS" in " ".join(text.get_text() for text in empty[1].texts)
    assert several[0].missing == ""


def test_nothing_to_draw_at_all_is_still_a_figure(table, tmp_path) -> None:
    absent = [Panel(letter, "all", endpoint, None, ABSENT) for letter in "AB" for endpoint in ("DFS", "OS")]
    figure = draw_figure2(absent, table[:0], title="Figure 2", caption=CAPTION)
    assert len(figure_to_files(figure, tmp_path / "figure2")) == 3
    assert "C" not in [text.get_text() for text in figure.texts]


def test_twice_the_same_bytes(make, table, tmp_path) -> None:
    written = []
    for name in ("one", "two"):
        figure = draw_figure2(panels(make), table, title="Figure 2 $x_", caption=CAPTION)
        written.append([path.read_bytes() for path in figure_to_files(figure, tmp_path / name)])
    assert written[0] == written[1]


def test_the_results_of_two_genes_are_drawn_with_the_table_of_each_alone(root) -> None:
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat")
    results = [
        compare_coexpression(cohort, "igf1r-sphk1-high", endpoint, population=population)
        for population in ("er-positive", "er-negative & node-negative")
        for endpoint in ("DFS", "OS")
    ]
    axes = plot_figure2(results, comparison="both_vs_neither", title="T")
    assert len(axes) == 4
    numbers = facets_frame(results, comparison="both_vs_neither")
    for ax, result in zip(axes, results):
        rows = numbers[(numbers["population"] == result.population) & (numbers["endpoint"] == result.endpoint)]
        steps = [line for line in ax.get_lines() if line.get_drawstyle() == "steps-post"]
        for line, (_, drawn) in zip(steps, rows.groupby("stratum", sort=False), strict=True):
            assert line.get_ydata()[1:].tolist() == drawn["survival"].tolist()
    (table,) = (ax for ax in axes[0].figure.axes if ax not in axes)
    said = [text.get_text() for text in table.texts]
    assert (said.count("IGF1R"), said.count("SPHK1")) == (4, 4)
    for result in results:
        for gene in ("IGF1R", "SPHK1"):
            alone = result[gene].hazard_ratio
            assert format_hazard_ratio(alone.value, alone.lower, alone.upper).removeprefix("HR ") in said
