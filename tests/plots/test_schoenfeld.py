"""Schoenfeld residuals: points, line and band are the table's, and the P is the test's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from strata.errors import UsageError
from strata.plots import figure_to_files, plot_schoenfeld, schoenfeld_frame
from strata.plots.wording import format_p
from strata.survival.checks import Checks
from strata.survival.kernels.cox import cox
from strata.survival.kernels.proportional_hazards import proportional_hazards


def test_points_line_and_band_are_the_table(make) -> None:
    comparison = make(n=200)
    table = schoenfeld_frame(comparison)
    ax = plot_schoenfeld(comparison, labels=["high", "low"], title="T")
    zero, model, points, line = ax.get_lines()
    assert set(zero.get_ydata()) == {0}
    beta = cox(comparison.time, comparison.event, 1.0 - comparison.group).coefficients[0]
    assert model.get_ydata()[0] == pytest.approx(beta, abs=1e-7)
    np.testing.assert_array_equal(points.get_xydata(), table[["scaled_time", "residual"]])
    np.testing.assert_array_equal(line.get_xydata(), table[["scaled_time", "log_hazard_ratio"]])
    corners = {tuple(corner) for path in ax.collections[0].get_paths() for corner in path.vertices}
    for column in ("lower", "upper"):
        assert set(zip(table["scaled_time"], table[column])) <= corners
    assert len(table) == comparison.events
    assert ax.get_ylabel() == "Log HR, high vs low"


def test_ticks_are_months_at_their_place_on_the_scale(make) -> None:
    comparison = make(n=200)
    table = schoenfeld_frame(comparison).drop_duplicates("time")
    ax = plot_schoenfeld(comparison)
    months = [float(label.get_text()) for label in ax.get_xticklabels()]
    assert len(months) > 3
    np.testing.assert_allclose(ax.get_xticks(), np.interp(months, table["time"], table["scaled_time"]))


def test_the_p_is_that_of_the_test_and_an_adjusted_one_is_added(make) -> None:
    comparison = make(n=200)
    test = proportional_hazards(comparison.time, comparison.event, 1.0 - comparison.group)
    said = [text.get_text() for text in plot_schoenfeld(comparison).texts]
    assert said == [f"Grambsch-Therneau {format_p(test.p_values[0])} (Kaplan-Meier scale)"]
    same = replace(comparison, checks=Checks(ph_p=float(test.p_values[0])))
    assert [text.get_text() for text in plot_schoenfeld(same).texts] == said
    other = replace(comparison, checks=Checks(ph_p=0.0123))
    assert "in the results, adjusted: P = 0.012" in [text.get_text() for text in plot_schoenfeld(other).texts]


def test_what_has_no_residuals_is_refused(make) -> None:
    comparison = make()
    several = make(rates=(0.02, 0.01, 0.03), labels="abc")
    silent = replace(comparison, event=comparison.event & (comparison.group == 1))
    nothing = replace(comparison, event=np.zeros(comparison.n, dtype=bool))
    for refused, said in (
        (several, "3 strata; Schoenfeld residuals need two"),
        (silent, "no Schoenfeld residuals"),
        (nothing, "no Schoenfeld residuals"),
        (replace(comparison, searched=True), "the cut was searched"),
    ):
        for draw in (plot_schoenfeld, schoenfeld_frame):
            with pytest.raises(UsageError, match=said):
                draw(refused)


def test_events_at_three_times_have_points_and_no_line(make) -> None:
    comparison = make(n=8)
    few = replace(
        comparison,
        time=np.arange(1.0, 9),
        event=np.isin(np.arange(8), [1, 2, 4]),
        group=np.array([0, 0, 1, 1, 0, 1, 0, 1]),
    )
    table = schoenfeld_frame(few)
    assert table["time"].tolist() == [2, 3, 5]
    assert table["residual"].notna().all()
    assert table["log_hazard_ratio"].isna().all()
    assert plot_schoenfeld(few).get_lines()[2].get_xydata().shape == (3, 2)


def test_twice_the_same_bytes(make, tmp_path) -> None:
    first, second = (figure_to_files(plot_schoenfeld(make()).figure, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
