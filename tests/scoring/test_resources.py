"""The files that signatures need beside a cohort."""

from __future__ import annotations

import pytest

from strata.errors import DataError, InputOutputError, UsageError
from strata.scoring import MIN_COVERAGE, Resources


def test_nothing_is_needed():
    empty = Resources()
    assert (dict(empty.gene_lists), dict(empty.centroids), empty.min_coverage, empty.files) == (
        {},
        {},
        MIN_COVERAGE,
        (),
    )
    assert empty.names.resolve("LKB1").symbol == "STK11"


def test_files_are_read_once_each(tmp_path):
    gmt = tmp_path / "mine.gmt"
    gmt.write_text("A\tnote\tIGF1R\tSPHK1\nB\tnote\tPTEN\n", encoding="utf-8")
    table = tmp_path / "classes.tsv"
    table.write_text("gene\tBasal\tHer2\tLumA\tLumB\tNormal\nESR1\t-1\t-0.5\t1\t0.8\t0\n", encoding="utf-8")
    read = Resources.read(gene_sets=[gmt], centroids=[table], min_coverage=0.5)
    assert sorted(read.gene_lists) == ["A", "B"]
    assert read.centroids["pam50"].genes == ("ESR1",)
    assert (read.files, read.min_coverage) == ((gmt, table), 0.5)


@pytest.mark.parametrize("share", [0, -1, 1.5, float("nan")])
def test_a_share_is_above_0_and_at_most_1(share):
    with pytest.raises(UsageError, match="min_coverage"):
        Resources.read(min_coverage=share)


def test_wrong_files_are_errors(tmp_path):
    with pytest.raises(InputOutputError, match=r"none\.gmt"):
        Resources.read(gene_sets=[tmp_path / "none.gmt"])
    wrong = tmp_path / "wrong.tsv"
    wrong.write_text("gene\tFoo\nESR1\t1\n", encoding="utf-8")
    with pytest.raises(DataError, match="Foo"):
        Resources.read(centroids=[wrong])
