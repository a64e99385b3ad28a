"""The flat layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from strata.simulate import load_scenario, simulate_cohort
from strata.writing import write_flat


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
        "clinical_timepoints.tsv",
        "protein_timepoints.tsv",
        "serum_timepoints.tsv",
        "germline.tsv",
        "germline_genotypes.tsv",
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


def test_what_is_measured_again_has_a_row_for_each_patient_and_time_point(tmp_path: Path) -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast"))
    write_flat(tables, tmp_path)
    clinical = read(tmp_path / "clinical_timepoints.tsv")
    assert list(clinical.columns) == ["patient_id", "timepoint", "ki67", "igf1r_ihc"]
    assert not clinical.duplicated(["patient_id", "timepoint"]).any()
    first = clinical[clinical["timepoint"] == "pre"]
    plain = read(tmp_path / "clinical.tsv")
    for column in ("patient_id", "ki67", "igf1r_ihc"):
        assert list(first[column]) == list(plain[column])
    for time, sampled in tables.later_samples.items():
        rows = clinical[clinical["timepoint"] == time]
        patients = [p for p, here in zip(tables.patients, sampled) if here]
        assert list(rows["patient_id"]) == patients
        texts = dict(zip(tables.patients, tables.later_clinical[time]["ki67"]))
        assert list(rows["ki67"]) == [texts[p] or "NA" for p in patients]
    assert set(clinical.loc[clinical["timepoint"] == "day15", "igf1r_ihc"]) == {"NA"}

    protein = read(tmp_path / "protein_timepoints.tsv")
    assert list(protein.columns) == ["patient_id", "timepoint", "gene", "value"]
    assert not protein.duplicated(["patient_id", "timepoint", "gene"]).any()
    matrix = read(tmp_path / "protein.tsv").set_index("gene")
    table = tables.numbers["protein"]
    for name, values in table.later["post"].items():
        rows = protein[protein["gene"] == name]
        before = rows[rows["timepoint"] == "pre"].set_index("patient_id")["value"]
        assert before.to_dict() == matrix.loc[name].to_dict()
        after = rows[rows["timepoint"] == "post"].set_index("patient_id")["value"].replace("NA", "nan").astype(float)
        here = table.assayed & tables.later_samples["post"]
        assert list(after.index) == [p for p, in_it in zip(tables.patients, here) if in_it]
        assert np.allclose(after, values[here], rtol=0, atol=1e-9, equal_nan=True)
    assert len(protein) == len(table.later["post"]) * (table.assayed.sum() + here.sum())


def test_inherited_changes_and_genotypes(tmp_path: Path) -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast"))
    write_flat(tables, tmp_path)
    assert tables.germline is not None
    maf = read(tmp_path / "germline.tsv")
    assert list(maf["HGVSp_Short"]) == [row.change for row in tables.germline.rows]
    assert list(maf["Tumor_Sample_Barcode"]) == [tables.patients[row.patient] for row in tables.germline.rows]
    genotypes = read(tmp_path / "germline_genotypes.tsv")
    assert list(genotypes.columns) == ["patient_id", "rs2016347", "rs396991"]
    assert list(genotypes["patient_id"]) == [p for p, in_it in zip(tables.patients, tables.genotyped) if in_it]
    assert set(genotypes["rs2016347"]) == {"G/G", "G/T", "T/T", "NA"}
    assert set(genotypes["rs396991"]) == {"A/A", "A/C", "C/C", "NA"}


def test_a_cohort_without_them_has_none_of_these_files(tmp_path: Path) -> None:
    tables, _ = simulate_cohort(load_scenario("additive-only"))
    write_flat(tables, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"clinical.tsv", "mrna.tsv"}
