"""``strata demo``: Figure 2 on the bundled cohort, checked by lifelines, overwriting its own."""

from __future__ import annotations

import json

import matplotlib as mpl
from matplotlib.testing.compare import compare_images

MADE_WITH = "3.11.2"
"""The matplotlib that drew the picture of the README."""


def test_the_demo(strata, tmp_path, monkeypatch, root):
    monkeypatch.chdir(tmp_path)
    ran = strata("demo")
    assert (ran.status, ran.out) == (0, "")
    assert "figure: demo/figure2.png\n" in ran.err
    assert "table:  demo/results.tsv\n" in ran.err
    record = json.loads((tmp_path / "demo" / "run.json").read_text())
    assert record["cross_check"]["largest"] < 1e-6
    assert record["cross_check"]["compared"] > 100
    assert f"largest relative difference {record['cross_check']['largest']:.1e}" in ran.err
    assert "Synthetic data" in (tmp_path / "demo" / "figure2.svg").read_text()
    if mpl.__version__ == MADE_WITH:
        # the picture of the README, which is to be replaced by a copy of this one after it was looked at
        assert (
            compare_images(str(root / "examples" / "figure2.png"), str(tmp_path / "demo" / "figure2.png"), 2.0) is None
        )
    first = {path.name: path.read_bytes() for path in (tmp_path / "demo").iterdir()}
    assert strata("demo").status == 0
    again = {path.name: path.read_bytes() for path in (tmp_path / "demo").iterdir()}
    assert first.pop("run.json") != again.pop("run.json")
    assert first == again


def test_what_is_not_its_own_is_kept(strata, small, tmp_path):
    out = tmp_path / "demo"
    assert strata("score", small, "igf1r-high", "--out", out).status == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    ran = strata("demo", "--out", out)
    assert ran.status == 6
    assert "--overwrite" in ran.err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
