from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from strata.errors import UsageError
from strata.plots import figure_to_files, format_p, plot_survival, risk_table_frame, survival_frame
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank
from strata.survival.result import Group

CURVES = "steps-post"


def curves(ax):
    return [line for line in ax.get_lines() if line.get_drawstyle() == CURVES]


@pytest.mark.parametrize("n_strata", [1, 2, 3, 4, 8])
def test_the_drawn_steps_are_the_curves(make, n_strata: int) -> None:
    comparison = make(rates=((0.02, 0.01, 0.03, 0.005) * 2)[:n_strata], labels="abcdefgh"[:n_strata])
    ax = plot_survival(comparison, endpoint="DFS")
    assert ax.get_ylabel() == "Disease-free survival"
    assert len(curves(ax)) == n_strata
    for line, group in zip(curves(ax), comparison.groups):
        x, y = line.get_data()
        assert np.array_equal(x, [0, *group.curve.times])
        assert np.array_equal(y, [1, *group.curve.survival])
    marks = [line for line in ax.get_lines() if line.get_marker() == "|"]
    assert [line.get_xdata().size for line in marks] == [(g.curve.censored > 0).sum() for g in comparison.groups]


def drawn_numbers(ax, label, column):
    """Curves, bands and marks of a panel in the rows of its table."""
    lines = curves(ax)
    parts = []
    for line, name in zip(lines, label):
        x, y = line.get_data()
        parts.append(pd.DataFrame({"stratum": name, "time": x[1:], column: y[1:]}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(("y", "column"), [("survival", 0), ("events", 1), ("hazard", 2)])
@pytest.mark.parametrize("time_unit", ["months", "years"])
def test_the_table_of_numbers_is_what_is_drawn(make, y: str, column: int, time_unit: str) -> None:
    comparison = make()
    names = ("survival", "share_with_event", "cumulative_hazard")
    table = survival_frame(comparison, y=y, time_unit=time_unit, all_patients=True)
    ax = plot_survival(comparison, y=y, time_unit=time_unit, all_patients=True)
    labels = ("both high", "rest", "all patients")
    pd.testing.assert_frame_equal(drawn_numbers(ax, labels, names[column]), table[["stratum", "time", names[column]]])
    per = 12 if time_unit == "years" else 1
    for group in comparison.groups:
        own = table[table["stratum"] == group.label]
        wanted = [group.curve.survival, 1 - group.curve.survival, -np.log(group.curve.survival)][column]
        np.testing.assert_allclose(own["time"], group.curve.times / per)
        np.testing.assert_allclose(own[names[column]], wanted, atol=1e-15)
        assert own["at_risk"].tolist() == group.curve.at_risk.tolist()
        assert own["events"].sum() == group.events
    assert (table["lower"].isna() | (table["lower"] <= table[names[column]])).all()
    assert (table["upper"].isna() | (table["upper"] >= table[names[column]])).all()
    everyone = table[table["stratum"] == "all patients"]
    np.testing.assert_allclose(everyone["time"] * per, np.unique(comparison.time))
    ticks = ax.get_xticks()
    assert ax.get_xlabel() == time_unit.capitalize()
    assert risk_table_frame(comparison, ticks, time_unit=time_unit)["at_risk"][0] == 60


def test_median_lines_are_at_the_medians(make) -> None:
    comparison = make(rates=(0.05, 0.02))
    medians = [group.curve.median for group in comparison.groups]
    ax = plot_survival(comparison, median_lines=True)
    across, *down = sorted(
        (line for line in ax.get_lines() if line.get_color() == "#555555"), key=lambda a: a.get_ydata()[0], reverse=True
    )
    assert list(across.get_xdata()) == [0, max(medians)]
    assert list(across.get_ydata()) == [0.5, 0.5]
    assert sorted(line.get_xdata()[0] for line in down) == sorted(medians)
    curve = comparison.groups[0].curve
    assert f"both high: {curve.median:.3g} ({curve.median_lower:.3g}–{curve.median_upper:.3g})" in [
        t.get_text() for t in ax.texts
    ]
    never = plot_survival(make(rates=(0.001, 0.0005)), median_lines=True)
    assert "rest: not reached" in [text.get_text() for text in never.texts]
    assert not [line for line in never.get_lines() if line.get_color() == "#555555"]


def test_what_is_not_asked_for_is_not_drawn(make) -> None:
    comparison = make()
    ax = plot_survival(comparison, hazard_ratio=False, p_value=False, confidence="none", censor_marks=False)
    texts = [text.get_text() for text in ax.texts]
    assert not [text for text in texts if text.startswith(("HR", "Log-rank"))]
    assert f"n = 120, {comparison.events} events" in texts
    assert not ax.collections
    assert not [line for line in ax.get_lines() if line.get_marker() == "|"]
    assert "Gehan P = 0.02" in [text.get_text() for text in plot_survival(comparison, p_value="Gehan P = 0.02").texts]


@pytest.mark.parametrize(
    ("preset", "width", "small"), [("single-column", 89, 6), ("double-column", 183, 6), ("presentation", 254, 12)]
)
def test_presets_hold_width_and_text_size(make, preset: str, width: float, small: float) -> None:
    ax = plot_survival(make(), preset=preset, title="T", median_lines=True)
    figure = ax.figure
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width, abs=0.1)
    sizes = [
        text.get_fontsize() for text in (*ax.texts, *ax.get_xticklabels(), ax.xaxis.label, ax.title) if text.get_text()
    ]
    assert min(sizes) == small
    assert max(sizes) <= 1.35 * small
    FigureCanvasAgg(figure).draw()
    for text in (*ax.texts, *ax.get_xticklabels(), ax.xaxis.label, ax.yaxis.label):
        box = text.get_window_extent()
        assert box.x0 >= 0, text.get_text()
        assert box.y0 >= 0, text.get_text()
        assert box.x1 <= figure.bbox.width, text.get_text()


def test_breaks_percent_and_colours_are_those_asked_for(make) -> None:
    ax = plot_survival(make(), time_unit="years", break_every=2.5, max_time=10, percent=True, colours=["red", "blue"])
    assert ax.get_xticks().tolist() == [0, 2.5, 5, 7.5, 10]
    assert ax.get_xlim() == (0, 10)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0", "20", "40", "60", "80", "100"]
    assert ax.get_ylabel() == "Survival probability, %"
    assert [line.get_color() for line in curves(ax)] == ["red", "blue"]


def test_a_long_title_is_wrapped(make) -> None:
    ax = plot_survival(make(), title="a long title of many words " * 4)
    FigureCanvasAgg(ax.figure).draw()
    box = ax.title.get_window_extent() if ax.title.get_text() else ax._left_title.get_window_extent()
    assert box.x1 <= ax.figure.bbox.width
    assert box.y1 <= ax.figure.bbox.height


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"y": "risk"}, "y: 'risk' is not survival or events or hazard"),
        ({"risk_table": "none", "confidence": "step"}, "confidence: 'step' is not band or steps or none"),
        ({"time_unit": "days"}, "'days' is not months or years"),
        ({"preset": "poster"}, "preset: 'poster'"),
        ({"break_every": 0.001}, "more than 100 ticks"),
        ({"break_every": -1}, "break_every: -1 is not a number of months above 0"),
        ({"percent": True, "y": "hazard"}, "not a share of patients"),
        ({"all_patients": True, "min_cell": 5}, "would tell what min_cell hides"),
        ({"key": "top"}, "key: 'top' is not best or upper left or upper right"),
        ({"weights": "wilcoxon"}, "weights must be log-rank, gehan"),
        ({"colours": ["red"]}, "colours: 1 for 2 strata"),
    ],
)
def test_options_that_mean_nothing_are_refused(make, options, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        plot_survival(make(), **options)


def test_more_than_eight_strata_are_refused(make) -> None:
    nine = make(n=90, rates=(0.02,) * 9, labels="abcdefghi")
    with pytest.raises(UsageError, match="9 strata cannot be told apart in one panel: at most 8 are drawn"):
        plot_survival(nine)


def test_no_hazard_of_a_share_with_competing_events(make) -> None:
    comparison = make()
    competing = replace(comparison, competing=~comparison.event)
    with pytest.raises(UsageError, match="no cumulative hazard"):
        plot_survival(competing, y="hazard")
    assert plot_survival(competing, endpoint="REC", y="events").get_ylabel() == "Incidence of REC"


def test_curves_with_competing_events_are_not_called_survival(make) -> None:
    comparison = make()
    ax = plot_survival(replace(comparison, competing=~comparison.event), endpoint="REC")
    assert ax.get_ylabel() == "1 − incidence of REC"


def test_the_bands_are_the_intervals(make) -> None:
    comparison = make()
    ax = plot_survival(comparison)
    for band, group in zip(ax.collections, comparison.groups):
        corners = {tuple(corner) for path in band.get_paths() for corner in path.vertices}
        times = group.curve.times
        expected = {
            (when, limit[i])
            for limit in (group.curve.lower, group.curve.upper)
            for i in np.flatnonzero(np.isfinite(limit))
            for when in times[i : i + 2]
        }
        assert corners == expected


def test_the_intervals_are_drawn_as_lines(make) -> None:
    comparison = make()
    ax = plot_survival(comparison, confidence="steps")
    assert not ax.collections
    first, lower, upper = curves(ax)[:3]
    assert np.array_equal(lower.get_ydata(), comparison.groups[0].curve.lower, equal_nan=True)
    assert np.array_equal(upper.get_ydata(), comparison.groups[0].curve.upper, equal_nan=True)
    assert lower.get_color() == first.get_color()


def written(ax):
    """What stands in the axes: each text with its box in fractions of it."""
    FigureCanvasAgg(ax.figure).draw()
    boxes = {t.get_text(): t.get_window_extent().transformed(ax.transAxes.inverted()) for t in ax.texts}
    return {text: box for text, box in boxes.items() if box.y0 > 0 and box.x0 >= 0}


@pytest.mark.parametrize("place", ["upper left", "upper right", "lower left", "lower right"])
def test_the_key_stands_in_the_corner_asked_for(make, place: str) -> None:
    found = written(plot_survival(make(), key=place))
    assert {"both high", "rest"} <= set(found)
    corner = (0.0 if "left" in place else 1.0, 0.0 if "lower" in place else 1.0)
    ends = [
        (box.x0 if corner[0] == 0 else 1 - box.x1, box.y0 if corner[1] == 0 else 1 - box.y1) for box in found.values()
    ]
    assert min(x for x, _ in ends) < 0.1
    assert min(y for _, y in ends) < 0.1


@pytest.mark.parametrize("preset", ["single-column", "double-column"])
def test_a_key_above_lies_over_the_highest_curve(make, preset: str) -> None:
    ax = plot_survival(make(rates=(0.02, 0.01, 0.005)), key="above", preset=preset)
    top = ax.transAxes.inverted().transform(ax.transData.transform((0, 1)))[1]
    assert all(box.y0 > top for box in written(ax).values())
    assert ax.spines["left"].get_bounds() == (0, 1.03)


def test_without_a_key_the_statistics_stay(make) -> None:
    found = written(plot_survival(make(), key="none"))
    assert "rest" not in found
    assert any(text.startswith("Log-rank") for text in found)


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        ("gehan", "Gehan"),
        ("tarone-ware", "Tarone-Ware"),
        ("peto", "Peto-Peto"),
        ("peto-modified", "Peto-Peto (Andersen)"),
        (("fleming-harrington", 0, 1), "Fleming-Harrington(0, 1)"),
    ],
)
def test_a_weighted_test_is_written_by_its_name(make, weights, name: str) -> None:
    comparison = make()
    test = log_rank(comparison.time, comparison.event, comparison.group, weights=weights)
    texts = [text.get_text() for text in plot_survival(comparison, weights=weights).texts]
    assert f"{name} {format_p(test.p_value)}" in texts
    assert not [text for text in texts if text.startswith("Log-rank")]


def test_weights_are_for_the_plain_log_rank_test(make) -> None:
    comparison = make()
    for other in (
        replace(comparison, searched=True),
        replace(comparison, log_rank=None),
        replace(comparison, log_rank=log_rank(comparison.time, comparison.event, comparison.group, weights="peto")),
    ):
        with pytest.raises(UsageError, match="its test is not the log-rank test of these groups alone"):
            plot_survival(other, weights="gehan")


@pytest.mark.parametrize("preset", ["single-column", "presentation"])
def test_a_figure_of_its_own_becomes_higher_before_its_curves_become_low(make, preset: str) -> None:
    labels = [f"IGF1R mRNA, the {name} quarter of the patients" for name in ("first", "second", "third", "fourth")]
    four = make(n=200, rates=(0.06, 0.05, 0.05, 0.04), labels=labels)
    low, high = (plot_survival(four, median_lines=lines, preset=preset) for lines in (False, True))
    plain = plot_survival(make(), preset=preset)
    for ax in (low, high):
        unit = 2 if preset == "presentation" else 1
        height = ax.transData.transform((0, 1))[1] - ax.transData.transform((0, 0))[1]
        assert height * 72 / ax.figure.dpi / unit >= 0.55 * (165 if unit == 2 else 145)
        boxes = sorted(written(ax).values(), key=lambda box: box.y0)
        overlaps = [
            (a, b)
            for a in boxes
            for b in boxes
            if a is not b and a.overlaps(b) and a.shrunk(0.98).overlaps(b.shrunk(0.9))
        ]
        assert not overlaps
    assert high.figure.get_size_inches()[1] > plain.figure.get_size_inches()[1]
    # where the caller made the axes, the figure is the caller's
    figure = Figure(figsize=(4, 4))
    plot_survival(four, median_lines=True, ax=figure.add_subplot())
    assert figure.get_size_inches().tolist() == [4, 4]


def test_statistics_and_key_hide_no_curve(make) -> None:
    for seed in range(6):
        comparison = make(
            n=60, rates=(0.05, 0.02, 0.01, 0.001), labels=("both", "A only", "B only", "neither"), seed=seed
        )
        ax = plot_survival(comparison)
        FigureCanvasAgg(ax.figure).draw()
        texts = [t for t in ax.texts if t.get_zorder() == 5]
        assert len(texts) == 6
        for line in curves(ax):
            points = line.get_path().interpolated(1).vertices
            x, y = points.T
            stairs = np.column_stack([np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]])
            fine = np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(stairs)])
            pixels = ax.transData.transform(fine)
            for text in texts:
                box = text.get_window_extent()
                inside = (pixels >= [box.x0, box.y0]) & (pixels <= [box.x1, box.y1])
                assert not inside.all(axis=1).any(), (seed, text.get_text())


def test_the_panel_states_ratio_reference_p_and_numbers(make) -> None:
    comparison = make()
    ax = plot_survival(comparison, labels=("high", "low"), title="ER-positive")
    texts = [text.get_text() for text in ax.texts]
    assert "HR, high vs low:" in texts
    assert f"n = 120, {comparison.events} events" in texts
    assert any(text.startswith("Log-rank P = ") for text in texts)
    assert ax.get_title(loc="left") == "ER-positive"


def test_a_stratum_without_patients_is_kept_and_the_ratio_is_not_estimable(make) -> None:
    comparison = make(rates=(0.02,), labels=("rest",))
    nobody = Group("both high", 0, 0, kaplan_meier([], []))
    comparison = replace(
        comparison, groups=(nobody, *comparison.groups), group=comparison.group + 1, hazard_ratio=None, log_rank=None
    )
    texts = [text.get_text() for text in plot_survival(comparison).texts]
    assert "HR not estimable" in texts
    assert "both high (n = 0, 0 events)" in texts


@pytest.mark.parametrize(("n", "rates"), [(2, (0.01, 0.02)), (9, (1.0, 1e-6)), (40, (5.0, 5.0))])
def test_small_and_extreme_groups_are_drawn(make, tmp_path, n: int, rates: tuple[float, float]) -> None:
    ax = plot_survival(make(n=n, rates=rates))
    assert ax.get_ylim()[0] == 0
    assert len(figure_to_files(ax.figure, tmp_path / "small")) == 3


def test_follow_up_of_no_length_is_drawn(make) -> None:
    comparison = make(n=10)
    time = np.zeros(10)
    groups = tuple(
        replace(g, curve=kaplan_meier(time[comparison.group == i], comparison.event[comparison.group == i]))
        for i, g in enumerate(comparison.groups)
    )
    assert plot_survival(replace(comparison, time=time, groups=groups)).get_xlim() == (0, 1)


@pytest.mark.parametrize(
    "label", ["a $x_{1$ b", r"$\frac{", "p < 0.05 & <b>", "snake_case^2", "表达高", "a\x00\tb", r"\alpha"]
)
def test_any_label_is_drawn_as_it_is(make, tmp_path, label: str) -> None:
    ax = plot_survival(make(), labels=(label, "rest"), title=label, endpoint=label)
    svg = figure_to_files(ax.figure, tmp_path / "label")[1].read_text(encoding="utf-8")
    if label.isascii() and label.isprintable() and "<" not in label:
        assert label in svg


def test_twice_the_same_bytes(make, tmp_path) -> None:
    first = figure_to_files(plot_survival(make()).figure, tmp_path / "one")
    second = figure_to_files(plot_survival(make()).figure, tmp_path / "two")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_draws_into_the_callers_axes(make) -> None:
    ax = Figure(figsize=(5, 5)).add_axes((0.2, 0.4, 0.7, 0.5))
    assert plot_survival(make(), ax=ax, max_time=60, risk_table=False) is ax
    assert ax.get_xlim() == (0, 60)
    assert not any(text.get_text() == "At risk" for text in ax.texts)


def test_what_cannot_be_drawn_is_refused(make) -> None:
    comparison = make()
    with pytest.raises(UsageError, match="1 for 2 strata"):
        plot_survival(comparison, labels=["high"])
    with pytest.raises(UsageError, match="max_time"):
        plot_survival(comparison, max_time=0)
    empty = replace(comparison, groups=(), time=comparison.time[:0], notes=("no mrna SPHK1",))
    with pytest.raises(UsageError, match=r"nothing to draw \(no mrna SPHK1\)"):
        plot_survival(empty)


def test_the_names_of_the_package_load_no_pyplot_and_shadow_no_module() -> None:
    program = """
import sys, strata.plots as plots
assert "matplotlib" not in sys.modules
from importlib import import_module
from pathlib import Path
modules = {path.stem for path in Path(plots.__file__).parent.glob("*.py")}
for name in modules - {"__init__"}:
    import_module(f"strata.plots.{name}")
assert not modules & set(plots.__all__), modules
for name in plots.__all__:
    assert callable(getattr(plots, name)), name
assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_a_shared_figure_tells_of_no_few_patients(make) -> None:
    comparison = make(seed=1)
    ax = plot_survival(comparison, endpoint="OS", min_cell=11)
    written = [text.get_text() for text in ax.texts]
    numbers = [int(text.replace(",", "")) for text in written if text.replace(",", "").isdigit()]
    assert numbers
    assert not [number for number in numbers if 0 < number < 11]
    assert "<11" in written
    assert not any(line.get_marker() == "|" and line.get_xdata().size for line in ax.lines)
    assert all(not np.mod(line.get_xdata(), 3).any() for line in curves(ax))
