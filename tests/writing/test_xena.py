"""The Xena layout of a simulated cohort."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from strata.simulate import simulate_cohort
from strata.writing import write_xena


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_tables_are_written_as_the_hubs_do(tmp_path: Path) -> None:
    tables, _ = simulate_cohort("figure2-breast")
    write_xena(tables, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "figure2-breast.survival.tsv",
        "figure2-breast_clinicalMatrix",
        "figure2-breast.star_tpm.tsv",
        "gencode.v36.annotation.gtf.gene.probemap",
        "RPPA",
        "Gistic2_CopyNumber_Gistic2_all_thresholded.by_genes",
        "miRNA_HiSeq_gene",
        "mc3_figure2-breast_mc3.txt",
        "mc3_gene_level_figure2-breast_mc3_gene_level.txt",
    }
    survival = read(tmp_path / "figure2-breast.survival.tsv")
    assert list(survival)[:4] == ["sample", "OS", "_PATIENT", "OS.time"]
    assert tuple(survival["_PATIENT"]) == tables.patients
    assert ((survival["OS"] == "") == ~tables.endpoints["OS"].known).all()
    probemap, mrna = read(tmp_path / "gencode.v36.annotation.gtf.gene.probemap"), tables.numbers["mrna"]
    assert tuple(probemap["gene"]) == mrna.features
    assert list(read(tmp_path / "figure2-breast.star_tpm.tsv")["Ensembl_ID"]) == list(probemap["id"])
    mutated = read(tmp_path / "mc3_gene_level_figure2-breast_mc3_gene_level.txt")
    assert tables.mutations is not None
    assert mutated.shape[1] - 1 == tables.mutations.sequenced.sum()


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    tables, _ = simulate_cohort("one-event")
    for name in ("a", "b"):
        write_xena(tables, tmp_path / name)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("a", "b"))
    assert first == second
