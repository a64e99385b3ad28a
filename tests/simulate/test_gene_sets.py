"""Invented gene lists and centroids."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strata.simulate import load_scenario, simulate_cohort, write_scenario


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "synthetic" / "gene-sets"


@pytest.fixture(scope="module")
def mrna() -> pd.DataFrame:
    """Patients x genes, those with every value."""
    table = simulate_cohort(load_scenario("figure2-breast"))[0].numbers["mrna"]
    frame = pd.DataFrame(table.cells.T, columns=list(table.features))
    return frame[table.assayed].fillna(frame.median())


def nearest(mrna: pd.DataFrame, file: Path) -> pd.Series:
    """The class whose centroid has the highest rank correlation with the patient, after median-centring of genes."""
    centroids = pd.read_csv(file, sep="\t", index_col="gene")
    shared = mrna[centroids.index]
    ranks = (shared - shared.median()).rank(axis=1)
    correlations = {label: ranks.corrwith(centroids[label].rank(), axis=1) for label in centroids}
    return pd.DataFrame(correlations).idxmax(axis=1)


def test_every_gene_is_in_the_cohort_and_every_list_says_invented(folder: Path, mrna: pd.DataFrame) -> None:
    lines = [line.split("\t") for line in (folder / "invented.gmt").read_text(encoding="utf-8").splitlines()]
    assert [line[0] for line in lines] == [
        "HALLMARK_PI3K_AKT_MTOR_SIGNALING",
        "HALLMARK_MTORC1_SIGNALING",
        "PTEN_DN.V1_UP",
        "PTEN_DN.V1_DN",
        "KRAS.BREAST_UP.V1_UP",
        "KRAS.BREAST_UP.V1_DN",
        "creighton2008_igf_up",
        "creighton2008_igf_down",
        "loboda2010_ras_up",
        "loboda2010_ras_down",
    ]
    for line in lines:
        assert line[1] == "INVENTED for the synthetic cohort, not the published list"
        genes = line[2:]
        assert len(set(genes)) == len(genes) >= 10
        assert all(gene.startswith("SYNG") for gene in genes)
        assert set(genes) <= set(mrna)
    for file in folder.glob("*.tsv"):
        genes = pd.read_csv(file, sep="\t")["gene"]
        assert genes.is_unique
        assert set(genes) <= set(mrna)
    assert "No list and no centroid here is" in (folder / "README.md").read_text(encoding="utf-8")


def test_weights_have_both_signs(folder: Path) -> None:
    for name in ("loi2010_pik3ca_gs", "pitts2010_ktsp"):
        table = pd.read_csv(folder / f"{name}.tsv", sep="\t")
        assert list(table.columns) == ["gene", "weight"]
        assert set(table["weight"]) == {-1, 1}


def test_intrinsic_classes_agree_with_er_and_her2(folder: Path, mrna: pd.DataFrame) -> None:
    clinical = simulate_cohort(load_scenario("figure2-breast"))[0].clinical
    status = pd.DataFrame({name: clinical[name] for name in ("er_status", "her2_status")}).loc[mrna.index].dropna()
    found = nearest(mrna, folder / "pam50_centroids.tsv").loc[status.index]
    assert set(found) == {"LumA", "LumB", "Her2", "Basal", "Normal"}
    er, her2 = status["er_status"] == "Positive", status["her2_status"] == "Positive"
    assert (found[er & ~her2].isin(["LumA", "LumB"])).mean() > 0.8
    assert (found[~er & her2] == "Her2").mean() > 0.8
    assert (found[~er & ~her2] == "Basal").mean() > 0.8


def test_every_triple_negative_class_has_patients(folder: Path, mrna: pd.DataFrame) -> None:
    clinical = simulate_cohort(load_scenario("figure2-breast"))[0].clinical
    negative = [
        all(clinical[name][i] == "Negative" for name in ("er_status", "pr_status", "her2_status")) for i in mrna.index
    ]
    classes = Counter(nearest(mrna, folder / "tnbctype_centroids.tsv")[np.array(negative)])
    assert set(classes) == {"BL1", "BL2", "IM", "M", "MSL", "LAR"}
    assert min(classes.values()) >= 4


def test_another_seed_gives_the_same_lists_and_other_centroids(folder: Path, tmp_path: Path) -> None:
    write_scenario("figure2-breast", tmp_path, seed=7)
    for file in ("invented.gmt", "loi2010_pik3ca_gs.tsv"):
        assert (tmp_path / "gene-sets" / file).read_bytes() == (folder / file).read_bytes()
    made = pd.read_csv(tmp_path / "gene-sets" / "pam50_centroids.tsv", sep="\t", index_col="gene")
    ours = pd.read_csv(folder / "pam50_centroids.tsv", sep="\t", index_col="gene")
    assert 0 < (made - ours).abs().to_numpy().max() <= 0.2


def test_a_scenario_without_gene_sets_writes_none(tmp_path: Path) -> None:
    write_scenario("one-event", tmp_path)
    assert not (tmp_path / "gene-sets").exists()
