from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from strata.errors import UsageError
from strata.plots import figure_to_files, plot_survival
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.result import Group

CURVES = "steps-post"


def curves(ax):
    return [line for line in ax.get_lines() if line.get_drawstyle() == CURVES]


@pytest.mark.parametrize("n_strata", [1, 2, 3, 4])
def test_the_drawn_steps_are_the_curves(make, n_strata: int) -> None:
    comparison = make(rates=(0.02, 0.01, 0.03, 0.005)[:n_strata], labels=("a", "b", "c", "d")[:n_strata])
    ax = plot_survival(comparison, endpoint="DFS")
    assert ax.get_ylabel() == "Disease-free survival"
    assert len(curves(ax)) == n_strata
    for line, group in zip(curves(ax), comparison.groups):
        x, y = line.get_data()
        assert np.array_equal(x, [0, *group.curve.times])
        assert np.array_equal(y, [1, *group.curve.survival])
    marks = [line for line in ax.get_lines() if line.get_marker() == "|"]
    assert [line.get_xdata().size for line in marks] == [(g.curve.censored > 0).sum() for g in comparison.groups]


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
