"""The pair map: a square a pair, where its genes meet, as its numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.errors import UsageError
from strata.plots import figure_to_files, pair_map_frame, plot_pair_map
from strata.scan import scan_pairs

N = 150


@pytest.fixture(scope="module")
def values():
    random = np.random.default_rng(2)
    table = pd.DataFrame(random.normal(size=(N, 9)), [f"p{i}" for i in range(N)], [f"GENE{i}" for i in range(9)])
    time = random.exponential(np.where((table["GENE0"] > 0) & (table["GENE1"] > 0), 8.0, 30.0))
    return table, time, random.random(N) < 0.8


@pytest.fixture
def cohort(make_cohort, values):
    table, time, event = values
    return make_cohort(clinical=pd.DataFrame(index=table.index), mrna=table, endpoints={"OS": (time, event)})


def test_the_table_is_the_best_pairs_with_their_place(cohort):
    scan = scan_pairs(cohort, "OS")
    table = pair_map_frame(scan, pairs=12)
    best = scan.to_frame().head(12)
    for column in ("gene_1", "gene_2", "hazard_ratio", "log_rank_chi2", "q_value"):
        assert table[column].tolist() == best[column].tolist()
    for place, gene in (("row", "gene_1"), ("column", "gene_2")):
        assert table.groupby(gene)[place].nunique().eq(1).all()
        assert sorted(set(table[place])) == list(range(table[gene].nunique()))
    assert not table.duplicated(["row", "column"]).any()


def test_squares_are_where_and_what_the_table_says(cohort):
    scan = scan_pairs(cohort, "OS")
    ax, table = plot_pair_map(scan, pairs=20), pair_map_frame(scan, pairs=20)
    (squares,) = ax.collections
    np.testing.assert_allclose(squares.get_offsets(), table[["column", "row"]])
    np.testing.assert_allclose(squares.get_array(), np.log2(table["hazard_ratio"]))
    sizes = squares.get_sizes()
    np.testing.assert_allclose(sizes / sizes.max(), table["log_rank_chi2"] / table["log_rank_chi2"].max())
    signs = [text.get_text() for text in ax.texts]
    assert signs == ["+" if ratio > 1 else "−" for ratio in table["hazard_ratio"]]
    assert [label.get_text() for label in ax.get_xticklabels()] == list(dict.fromkeys(table["gene_2"]))
    assert [label.get_text() for label in ax.get_yticklabels()] == list(dict.fromkeys(table["gene_1"]))


def test_only_an_interaction_has_a_thick_edge_and_the_caption_says_it(cohort):
    scan = scan_pairs(cohort, "OS")
    ax, table = plot_pair_map(scan), pair_map_frame(scan)
    thick = np.asarray(ax.collections[0].get_linewidths()) > 1
    assert thick.tolist() == (table["interaction_bonferroni_p"] < 0.05).tolist()
    text = " ".join(words.get_text() for words in ax.figure.texts)
    assert f"of {scan.counts['ranked']} pairs ranked" in text
    assert ("no pair is called a synergy" in text) == (not thick.any())
    assert "An empty cell is a pair not drawn, not one without effect." in text


def test_one_gene_with_all_others_is_one_row(cohort):
    table = pair_map_frame(scan_pairs(cohort, "OS", partner="GENE3"))
    assert set(table["row"]) == {0}
    assert len(table) == 8
    ax = plot_pair_map(scan_pairs(cohort, "OS", genes=["GENE0", "GENE1"]))
    assert len(ax.texts) == 1


def test_nothing_to_draw_is_refused(cohort):
    with pytest.raises(UsageError, match="nothing to draw"):
        plot_pair_map(scan_pairs(cohort, "OS", min_patients=1000))


def test_the_same_bytes_every_time(cohort, tmp_path):
    scan = scan_pairs(cohort, "OS")
    first, second = (figure_to_files(plot_pair_map(scan).figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()
