"""The forest plot: what is drawn where, and nothing clipped."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Polygon

from strata import compare_survival, read_cohort, run_plan, stratify
from strata.analysis import Plan
from strata.errors import UsageError
from strata.plots import (
    ForestBlock,
    ForestRow,
    draw_forest,
    figure_to_files,
    forest_frame,
    format_p,
    plot_forest,
    plot_pooled,
    plot_subgroups,
    pooled_blocks,
    signature_blocks,
    subgroup_blocks,
)
from strata.plots.wording import format_hazard_ratio
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


@pytest.fixture(scope="module")
def cohort(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="bundled")


@pytest.fixture(scope="module")
def results(cohort):
    found = [stratify(cohort, name) for name in ("igf1r-high", "kras-mutated", "axl-high", "er-positive")]
    return [compare_survival(cohort, strata, endpoint) for strata in found for endpoint in ("OS", "DFS")]


def written(ax):
    return [text.get_text() for text in ax.texts]


def test_a_forest_of_signatures_is_the_rows_of_the_results(results):
    ax, table = plot_forest(results), forest_frame(signature_blocks(results))
    assert len(table) == len(results)
    assert table["block"].drop_duplicates().tolist()[:2] == ["All patients, OS", "All patients, DFS"]
    by_name = {(row["label"], row["block"].split(", ")[-1]): row for row in table.to_dict("records")}
    for result in results:
        row = by_name[result.signature, result.endpoint]
        if result.hazard_ratio is None:
            assert math.isnan(row["hazard_ratio"])
            assert row["note"] in ("not estimable", "not compared")
            assert row["note"] in written(ax)
            continue
        assert row["hazard_ratio"] == result.hazard_ratio.value
        assert (row["hazard_ratio_lower"], row["hazard_ratio_upper"]) == (
            result.hazard_ratio.lower,
            result.hazard_ratio.upper,
        )
        assert format_hazard_ratio(*(row[f"hazard_ratio{end}"] for end in ("", "_lower", "_upper"))) in written(ax)
        checks = result.comparisons[0].checks
        assert row["p_value"] == (result.log_rank.p_value if math.isnan(checks.permutation_p) else checks.permutation_p)
    squares = [line for line in ax.lines if line.get_marker() == "s"]
    assert len(squares) == table["hazard_ratio"].notna().sum()


def test_the_caption_counts_what_has_no_hazard_ratio(results):
    missing = sum(result.hazard_ratio is None for result in results)
    said = " ".join(written(plot_forest(results, caption="Invented.")))
    assert (f"{missing} of {len(results)} rows have no hazard ratio." in said) == (missing > 0)
    assert "not adjusted for the number of rows" in said
    assert "Invented." in said


def test_cohorts_are_told_apart_and_quantile_groups_are_the_highest_against_the_lowest(cohort, results):
    strata = stratify(cohort, "igf1r-sphk1-high", cut="tertiles", population="er-positive")
    thirds = compare_survival(cohort, strata, "OS")
    (block,) = signature_blocks([thirds])
    assert block.rows[0].hazard_ratio is thirds["q3_vs_q1"].hazard_ratio
    assert "Hazard ratio, q3 vs q1 (log scale)" in written(plot_forest([thirds]))
    blocks = signature_blocks([results[0], replace(results[0], cohort="other")])
    assert [each.heading for each in blocks] == ["bundled: All patients, OS", "other: All patients, OS"]


def test_subgroups_come_with_the_p_of_their_interaction(root):
    folder = root / "synthetic" / "figure2-breast" / "flat"
    plan = Plan.checked(cohorts=[str(folder)], signatures=["igf1r-high"], endpoints=["OS"], subgroups=["er", "node"])
    (result,) = run_plan(plan).comparisons()
    ax, table = plot_subgroups([result]), forest_frame(subgroup_blocks([result]))
    assert len(table) == 1 + sum(row.comparison is not None for row in result.subgroups)
    for row in result.subgroups:
        if row.interaction is not None:
            assert f"interaction {format_p(row.interaction.p_value)}" in written(ax)
    assert "without it, subgroups are not shown to differ" in " ".join(written(ax))


def test_several_signatures_in_subgroups_are_told_apart(root):
    folder = root / "synthetic" / "figure2-breast" / "flat"
    plan = Plan.checked(
        cohorts=[str(folder)], signatures=["igf1r-high", "sphk1-high"], endpoints=["OS"], subgroups=["er"]
    )
    table = forest_frame(subgroup_blocks(run_plan(plan).comparisons()))
    assert list(dict.fromkeys(table["block"])) == [
        f"{signature}: All patients, OS{factor}"
        for signature in ("igf1r-high", "sphk1-high")
        for factor in ("", ": er")
    ]


def test_pooled_cohorts_are_diamonds_with_a_prediction_interval(root):
    cohorts = [str(root / "synthetic" / name / "flat") for name in ("figure2-breast", "additive-only", "no-effect")]
    plan = Plan.checked(
        cohorts=[{"path": path, "name": path.split("/")[-2]} for path in cohorts],
        signatures=["igf1r-high"],
        endpoints=["OS"],
        populations=["all"],
    )
    pooled = run_plan(plan).pooled[:1]
    ax, table = plot_pooled(pooled), forest_frame(pooled_blocks(pooled))
    assert table["label"].tolist() == [
        *("figure2-breast", "additive-only", "no-effect"),
        *("Unstratified", "Stratified by cohort", "Fixed effect", "Random effects"),
    ]
    assert table["pooled"].tolist() == [False] * 3 + [True] * 4
    assert table["weight"].iloc[:3].sum() == pytest.approx(1)
    last = table.iloc[-1]
    assert (last["prediction_lower"], last["prediction_upper"]) == pooled[0]["random_effects"].prediction
    assert len([patch for patch in ax.patches if isinstance(patch, Polygon)]) == 4


def test_two_hundred_rows_and_the_same_bytes(results, tmp_path):
    many = [replace(results[i % 2], signature=f"a-signature-with-a-long-name-number-{i}") for i in range(200)]
    ax = plot_forest(many)
    assert len([line for line in ax.lines if line.get_marker() == "s"]) == 200
    assert len({text.get_position()[1] for text in ax.texts if "a-signature" in text.get_text()}) == 200
    first, second = (figure_to_files(plot_forest(results).figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()


def test_nothing_to_draw_is_refused():
    for plot in (plot_forest, plot_subgroups, plot_pooled):
        with pytest.raises(UsageError, match="needs a row"):
            plot([])
