"""The figures of a scan: every marker where its numbers say, and the words beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from strata.errors import UsageError
from strata.plots import draw_qq, draw_volcano, figure_to_files, plot_qq, plot_volcano, qq_frame, volcano_frame
from strata.plots.scan import expected_log10_p
from strata.scan import scan_genes

N = 120


@pytest.fixture
def cohort(make_cohort):
    generator = np.random.default_rng(1)
    table = pd.DataFrame(generator.normal(size=(N, 40)), [f"p{i}" for i in range(N)], [f"G{i}" for i in range(40)])
    table["ACTS"] = generator.normal(size=N)
    table["CONSTANT"] = 1.0
    time = generator.exponential(np.exp(-1.2 * table["ACTS"]) * 30)
    return make_cohort(
        clinical=pd.DataFrame(index=table.index), mrna=table, endpoints={"OS": (time, generator.random(N) < 0.8)}
    )


def said(figure):
    return " ".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("cut", ["median", "continuous", "every"])
def test_the_volcano_draws_every_marker_with_both_numbers(cohort, cut):
    scan = scan_genes(cohort, "OS", cut=cut, permutations=99)
    figure = draw_volcano(scan)
    (ax,) = figure.axes
    other, marked = (collection.get_offsets() for collection in ax.collections)
    table = scan.to_frame()
    ratio = table["hazard_ratio" if cut == "median" else "per_sd_hazard_ratio"]
    drawn = table[table["p_value"].notna() & ratio.notna()]
    low = drawn["q_value"] < 0.05
    np.testing.assert_allclose(marked, np.column_stack([ratio[drawn.index][low], -drawn["log10_p"][low]]))
    np.testing.assert_allclose(other, np.column_stack([ratio[drawn.index][~low], -drawn["log10_p"][~low]]))
    assert ax.get_xscale() == "log"
    names = [text.get_text() for text in ax.texts]
    best = drawn["gene"][low].head(10).tolist()
    assert names[:1] == best[:1]
    assert set(names) <= set(best)
    assert f"{len(drawn)} of {len(table)} markers" in said(figure)
    assert f"({int(low.sum())})" in said(figure)


def test_observed_against_expected_with_the_inflation(cohort):
    scan = scan_genes(cohort, "OS", permutations=99)
    figure = draw_qq(scan)
    (ax,) = figure.axes
    points = ax.collections[-1].get_offsets()
    observed = -scan.to_frame()["log10_p"].dropna().to_numpy()
    np.testing.assert_allclose(points[:, 1], np.sort(observed)[::-1])
    np.testing.assert_allclose(points[:, 0], -np.log10(np.arange(1, observed.size + 1) / (observed.size + 1)))
    assert f"Genomic inflation {scan.inflation:.3g}" in said(figure)
    # by hand: the chi-squared of the median P over that of no effect
    from scipy.stats import chi2

    table = scan.to_frame()
    p = table.loc[~table["small"] & table["p_value"].notna(), "p_value"]
    assert scan.inflation == pytest.approx(np.median(chi2.isf(p, 1)) / chi2.isf(0.5, 1))


def test_the_band_holds_95_of_100_ranks_without_effect():
    generator = np.random.default_rng(0)
    draws = -np.log10(np.sort(generator.random((4_000, 30)), axis=1))
    _, lower, upper = expected_log10_p(30)
    inside = ((draws >= lower) & (draws <= upper)).mean(axis=0)
    np.testing.assert_allclose(inside, 0.95, atol=0.015)


def test_nothing_to_draw_is_refused(cohort):
    scan = scan_genes(cohort, "OS", permutations=0, genes=["CONSTANT"])
    for draw in (draw_volcano, draw_qq):
        with pytest.raises(UsageError, match="nothing to draw"):
            draw(scan)


def test_the_same_bytes_every_time(cohort, tmp_path):
    scan = scan_genes(cohort, "OS", permutations=20)
    for draw in (draw_volcano, draw_qq):
        first = [path.read_bytes() for path in figure_to_files(draw(scan), tmp_path / "a")]
        assert first == [path.read_bytes() for path in figure_to_files(draw(scan), tmp_path / "b")]


def test_the_points_are_a_table_and_can_be_drawn_anywhere(cohort):
    scan = scan_genes(cohort, "OS", permutations=0)
    volcano, qq = volcano_frame(scan), qq_frame(scan)
    ax = plot_volcano(scan, ax=Figure().subplots())
    drawn = np.concatenate([np.asarray(collection.get_offsets()) for collection in ax.collections])
    both = np.sort(np.column_stack([volcano["ratio"], -volcano["log10_p"]]), axis=0)
    np.testing.assert_allclose(np.sort(drawn, axis=0), both)
    assert not ax.figure.texts
    ax = plot_qq(scan, ax=Figure().subplots())
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), qq[["expected", "observed"]])
    assert (qq["lower"] < qq["upper"]).all()
    for plot in (plot_volcano, plot_qq):
        assert "markers" in said(plot(scan).figure)
