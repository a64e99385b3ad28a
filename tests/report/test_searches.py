"""The files of searches: one by plain names, several by names of their own, none when nothing was searched."""

from __future__ import annotations

import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import Plan
from strata.report.searches import write_searches
from strata.stratification import CutPoints


def searched(root, **keys):
    folder = root / "synthetic" / "figure2-breast" / "flat"
    fast = {"permutations": 99, "bootstrap": 5}
    plan = Plan.checked(
        cohorts=[{"path": str(folder), "name": "breast"}], signatures=["igf1r-high"], cut_search=fast, **keys
    )
    return run_plan(plan)


@pytest.fixture(scope="module")
def both(root):
    return searched(root, cut="optimal", endpoints=["OS", "DFS"], populations=["er-negative & node-negative"])


def test_several_searches_have_names_of_their_own(both, tmp_path):
    files = write_searches(both, tmp_path)
    names = [f"breast-igf1r-high-er-negative-node-negative-{endpoint}" for endpoint in ("OS", "DFS")]
    assert [file.name for file in files[::3]] == [f"{name}-cut_profile.png" for name in names]
    for name, search in zip(names, both.cohorts[0].searches):
        assert CutPoints.load(tmp_path / "cut_points" / f"{name}.json") == search.cut_points
    table = pd.read_csv(tmp_path / "cut_profiles.tsv", sep="\t")
    keys = ["cohort", "signature", "population", "endpoint"]
    assert list(table.columns) == [*keys, "cut", "n_low", "n_high", "relative_statistic", "hazard_ratio"]
    assert len(table) == sum(len(search.profile) for search in both.cohorts[0].searches)
    assert table["endpoint"].drop_duplicates().tolist() == ["OS", "DFS"]


def test_without_a_search_nothing_is_written(root, tmp_path):
    assert write_searches(searched(root, endpoints=["OS"]), tmp_path) == []
    assert not any(tmp_path.iterdir())
