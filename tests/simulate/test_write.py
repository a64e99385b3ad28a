"""The committed cohorts are what their scenarios say, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from strata.simulate import load_scenario, shipped_scenarios, simulate_cohort, write_scenario


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_committed_cohorts_are_regenerated_byte_for_byte(root: Path, tmp_path: Path, name: str) -> None:
    write_scenario(name, tmp_path / name)
    made, committed = contents(tmp_path / name), contents(root / "synthetic" / name)
    if (tmp_path / name / "gene-sets").exists():
        # committed beside the cohorts
        lists = contents(root / "synthetic" / "gene-sets")
        committed |= {f"gene-sets/{file}": data for file, data in lists.items()}
    assert made.keys() == committed.keys()
    assert [file for file in made if made[file] != committed[file]] == []


def test_one_scenario_makes_the_gene_sets(root: Path) -> None:
    assert (root / "synthetic" / "gene-sets" / "invented.gmt").is_file()
    made = [name for name, path in shipped_scenarios().items() if load_scenario(path).gene_sets is not None]
    assert made == ["figure2-breast"]


def test_the_committed_tree_is_small(root: Path) -> None:
    assert sum(len(data) for data in contents(root / "synthetic").values()) < 4_000_000


def test_the_readme_names_every_scenario(root: Path) -> None:
    readme = (root / "synthetic" / "README.md").read_text(encoding="utf-8")
    for name, path in shipped_scenarios().items():
        assert f"| `{name}` | {load_scenario(path).patients} |" in readme


def test_another_seed_gives_other_patients_and_the_same_truth(tmp_path: Path) -> None:
    first = write_scenario("additive-only", tmp_path / "a")
    second = write_scenario(load_scenario("additive-only"), tmp_path / "b", seed=7)
    a, b = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert a.keys() == b.keys()
    assert a["flat/mrna.tsv"] != b["flat/mrna.tsv"]
    assert a["flat/clinical.tsv"] != b["flat/clinical.tsv"]
    planted = [
        [(effect["of"], effect["hazard_ratio"]) for effect in truth.endpoints["DFS"]["effects"]]
        for truth in (first, second)
    ]
    assert planted[0] == planted[1]
    assert (first.seed, second.seed) == (202, 7)


def test_truth_is_plain_json(tmp_path: Path) -> None:
    truth = write_scenario("figure2-breast", tmp_path)
    assert json.loads((tmp_path / "truth.json").read_text()) == truth.to_dict()
    assert truth == simulate_cohort(load_scenario("figure2-breast"))[1]
    dfs = truth.endpoints["DFS"]["effects"]
    interaction = next(effect for effect in dfs if len(effect["of"]) == 2)
    assert interaction["of"] == ["mrna IGF1R above median", "mrna SPHK1 above median"]
    assert interaction["hazard_ratio"] == 1.5


def test_simulating_loads_neither_pandas_nor_lifelines_nor_matplotlib() -> None:
    heavy = {"pandas", "lifelines", "matplotlib", "scipy"}
    code = f"import sys, strata.simulate; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
