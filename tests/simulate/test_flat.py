"""The flat layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from strata.simulate import load_scenario, simulate_cohort, write_flat


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_tables_are_written_as_they_are(tmp_path: Path) -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast"))
    write_flat(tables, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "clinical.tsv",
        "mrna.tsv",
        "protein.tsv",
        "serum.tsv",
        "mirna.tsv",
        "copy_number.tsv",
        "mutations.tsv",
        "sequenced.tsv",
        "gene_panel.txt",
    }
    clinical = read(tmp_path / "clinical.tsv")
    assert tuple(clinical["patient_id"]) == tables.patients
    assert tuple(clinical["er_status"]) == tuple(text or "NA" for text in tables.clinical["er_status"])
    dfs = tables.endpoints["DFS"]
    assert ((clinical["dfs_months"] == "NA") == ~dfs.known).all()
    assert ((clinical["dfs_event"] == "NA") == ~dfs.known).all()
    assert np.allclose(clinical["dfs_months"][dfs.known].astype(float), dfs.time[dfs.known], rtol=0, atol=1e-9)

    mrna = read(tmp_path / "mrna.tsv").set_index("gene")
    table = tables.numbers["mrna"]
    assert tuple(mrna.columns) == tuple(p for p, in_it in zip(tables.patients, table.assayed) if in_it)
    numbers = mrna.replace("NA", "nan").astype(float).to_numpy()
    assert np.allclose(numbers, table.cells[:, table.assayed], rtol=0, atol=1e-9, equal_nan=True)


def test_who_was_sequenced_for_what(tmp_path: Path) -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast"))
    write_flat(tables, tmp_path)
    assert tables.mutations is not None
    sequenced = set(read(tmp_path / "sequenced.tsv")["patient_id"])
    assert len(sequenced) == tables.mutations.sequenced.sum()
    maf = read(tmp_path / "mutations.tsv")
    assert set(maf["Tumor_Sample_Barcode"]) < sequenced
    genes = (tmp_path / "gene_panel.txt").read_text().splitlines()[2].removeprefix("gene_list: ").split("\t")
    assert set(maf["Hugo_Symbol"]) <= set(genes)
    assert "SPHK1" in genes
    assert maf["HGVSp_Short"].str.startswith("p.").all()
