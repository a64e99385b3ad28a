"""The figure of a specification curve: a column a specification, in both panels, and what the caption must say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from strata import read_cohort
from strata.errors import UsageError
from strata.plots import figure_to_files, plot_specification
from strata.survival import SpecificationCurve, specification_curve


@pytest.fixture(scope="module")
def curve(root):
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="bundled")
    return specification_curve(
        cohort, "igf1r-sphk1-high", ["DFS", "OS"], population="er-positive", cuts=["q25", "median", "q67"]
    )


def said(figure):
    return " ".join(text.get_text() for text in figure.texts)


def points(ax):
    found = [c for c in ax.collections if isinstance(c, PathCollection)]
    return np.concatenate([np.asarray(c.get_offsets()) for c in found])


def test_points_and_intervals_are_the_table(curve):
    upper, _ = plot_specification(curve)
    table = curve.to_frame()
    at = points(upper)
    drawn = at[np.argsort(at[:, 0])]
    np.testing.assert_allclose(drawn[:, 1], table["hazard_ratio"])
    ends = np.array([segment[:, 1] for segment in upper.collections[0].get_segments()])
    np.testing.assert_allclose(ends, table[["hazard_ratio_lower", "hazard_ratio_upper"]].clip(1 / 50, 50))
    diamonds = np.asarray(upper.collections[-1].get_offsets())
    assert diamonds[:, 0].tolist() == table.index[table["pre_specified"]].tolist()
    assert upper.get_yscale() == "log"


def test_the_dots_tell_the_settings_of_each_column(curve):
    upper, lower = plot_specification(curve)
    assert upper.get_xlim() == lower.get_xlim()
    names = [label.get_text() for label in lower.get_yticklabels()]
    assert names[:3] == ["Endpoint", "DFS", "OS"]
    assert names[3:7] == ["Cut", "q25", "median", "q67"]
    dots = {tuple(dot) for dot in points(lower).astype(int).tolist()}
    for x, row in curve.to_frame().iterrows():
        for column in ("endpoint", "cut", "cut_scope", "comparator"):
            assert (x, names.index(row[column])) in dots
    assert len(dots) == 4 * len(curve.table)


def test_the_caption_claims_nothing(curve):
    text, table = said(plot_specification(curve, caption="Invented.")[0].figure), curve.to_frame()
    assert "pre-specified (DFS, median, population, rest)" in text
    assert f"log-rank P < 0.05 in {(table['log_rank_p'] < 0.05).sum()}" in text
    assert "no P is adjusted, none is a finding by itself, and the curve is no search for a cut" in text
    assert text.endswith("Invented.")


def test_what_is_not_estimable_is_counted_and_nothing_at_all_refused(curve):
    table = curve.to_frame().copy()
    numbers = ["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"]
    table.loc[table["pre_specified"], numbers] = np.nan
    text = said(plot_specification(SpecificationCurve(table))[0].figure)
    assert "The pre-specified specification has no hazard ratio." in text
    assert "1 specification without a hazard ratio not drawn." in text
    with pytest.raises(UsageError, match="nothing to draw"):
        plot_specification(SpecificationCurve(table.assign(**dict.fromkeys(numbers, np.nan))))


def test_one_specification_is_drawn_without_choices(root):
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="bundled")
    upper, lower = plot_specification(specification_curve(cohort, "kras-mutated", ["OS"]))
    assert len(points(upper)) == 1
    assert not lower.get_yticklabels()


def test_the_same_bytes_every_time(curve, tmp_path):
    first, second = (figure_to_files(plot_specification(curve)[0].figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()
