"""UCSC Xena downloads: survival tables, clinicalMatrix, matrices either way round, probemaps, mc3."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strata.cohort import Cohort, read_cohort
from strata.errors import DataError, PlanError
from strata.simulate import shipped_scenarios, simulate_cohort
from strata.writing import write_flat, write_xena

P1, P2, P3 = (f"TCGA-AA-000{i}" for i in (1, 2, 3))
SURVIVAL = f"sample\tOS\t_PATIENT\tOS.time\n{P1}-01A\t1\t{P1}\t10\n{P1}-11A\t1\t{P1}\t10\n{P2}-01A\t0\t{P2}\t400\n"
PROBEMAP = "id\tgene\tchrom\tchromStart\tchromEnd\tstrand\n"
PROBEMAP += "ENSG01.1\tIGF1R\tchr1\t1\t9\t+\nENSG02.3\tSPHK1\tchr1\t1\t9\t+\nENSG03.1\tA,B\tchr1\t1\t9\t+\n"


def cohort(folder: Path, **options: str) -> Cohort:
    return read_cohort(folder, name="x", read=options)


def values(found: Cohort, kind: str, *features: str) -> list[list[float]]:
    return found.assays[kind].read(list(features)).to_numpy().tolist()


def left_out(found: Cohort) -> dict[str, int]:
    return {item.reason.rpartition(": ")[2]: item.n for item in found.exclusions}


def test_a_survival_table_and_expression_that_is_log2_already(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    text = f"sample\t{P1}-01A\t{P1}-11A\t{P2}-01A\t{P3}-01A\nIGF1R\t7.5\t1\t3\t4\nSPHK1\t1.5\t2\t\tNA\n"
    write("HiSeqV2.gz", gzip.compress(text.encode()))
    found = cohort(tmp_path)
    assert found.choices["layout"] == {"name": "xena", "why": "the folder has TCGA-AA.survival.tsv"}
    assert list(found.patients) == [P1, P2]
    assert (found.endpoint("OS").unit, found.endpoint("OS").time.tolist()) == ("days", [10, 400])
    assert found.assays["mrna"].scale("IGF1R") == "log2"
    np.testing.assert_array_equal(values(found, "mrna", "IGF1R", "SPHK1"), [[7.5, 1.5], [3.0, np.nan]])
    assert left_out(found) == {"sample of normal tissue": 1, "sample without a clinical row": 1}
    assert found.choices["options"] == {
        "id_rule": "tcga-patient",
        "sample_rule": "gdac",
        "duplicate_genes": "first",
    }


@pytest.mark.parametrize("turned", [False, True])
def test_matrices_lie_either_way(write: Any, tmp_path: Path, turned: bool) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    rows = [["sample", f"{P1}-01A", f"{P2}-01A"], ["IGF1R", "7.5", "3"], ["SPHK1", "1.5", "2"]]
    write("HiSeqV2", [list(row) for row in zip(*rows, strict=True)] if turned else rows)
    found = cohort(tmp_path)
    assert values(found, "mrna", "SPHK1", "IGF1R") == [[1.5, 7.5], [2.0, 3.0]]


def test_samples_on_both_axes_are_refused_with_what_was_found(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    write("HiSeqV2", [["sample", f"{P1}-01A", f"{P2}-01A"], [f"{P1}-01A", "1", "2"], [f"{P2}-01A", "3", "4"]])
    with pytest.raises(DataError, match=r"both axes hold ids of the cohort \(.*2 of 2 columns, 2 of 2 rows\).*orient"):
        cohort(tmp_path)


def test_a_probemap_names_the_genes_of_the_table_it_fits(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    write("gencode.v36.annotation.gtf.gene.probemap", PROBEMAP)
    write("HM27_probeMap", "id\tgene\tchrom\ncg01\tIGF1R\tchr1\n")
    rows = [["Ensembl_ID", f"{P1}-01A"], ["ENSG01.1", "7.5"], ["ENSG02.3", "1"], ["ENSG03.1", "2"], ["ENSG09.1", "3"]]
    write("TCGA-AA.star_tpm.tsv", rows)
    found = cohort(tmp_path)
    assert tuple(found.assays["mrna"].features) == ("IGF1R", "SPHK1")
    assert found.assays["mrna"].written("IGF1R") == "ENSG01.1"
    counts = left_out(found)
    assert counts["probe that is not in gencode.v36.annotation.gtf.gene.probemap"] == 1
    assert counts["probe of several genes or none"] == 1


def test_names_that_no_probemap_holds_are_genes(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    write("gene.probemap", PROBEMAP)
    write("HiSeqV2", [["sample", f"{P1}-01A"], ["IGF1R", "7.5"]])
    found = cohort(tmp_path)
    assert values(found, "mrna", "IGF1R")[0] == [7.5]
    assert any("HiSeqV2: its names are in no probemap" in note for note in found.notes)


def test_of_equal_ids_the_first_is_kept_and_counted(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL + f"{P2}-01A\t1\t{P2}\t9\n")
    header = ["sample", f"{P1}-01A", f"{P1}-01A", f"{P2}-06A", f"{P2}-01A"]
    write("HiSeqV2", [header, ["IGF1R", "1", "2", "3", "4"], ["IGF1R", "5", "6", "7", "8"]])
    found = cohort(tmp_path)
    assert values(found, "mrna", "IGF1R") == [[1.0], [4.0]]
    assert found.endpoint("OS").time.tolist() == [10, 400]
    assert left_out(found) == {"further sample of a patient": 2, "further line of a sample": 1}
    told = " ".join(found.notes)
    assert "2 patients with several samples; rule: gdac (first of equal ids 1, sample type 1)" in told
    assert "1 feature on several rows; rule: first" in told


MATRIX_ROWS = (
    f"{P1}-01\t{P1}\t1\t10\tA1\tPositive\n{P1}-11\t{P1}\t1\t10\tA1\tPositive\n{P2}-01\t{P2}\t0\t9\tA2\tNegative\n"
)


def test_a_clinical_matrix_has_overall_survival_under_xena_s_names(write: Any, tmp_path: Path) -> None:
    head = "sampleID\t_PATIENT\t_EVENT\t_TIME_TO_EVENT\tpatient_id\tER_Status_nature2012\n"
    write("TCGA.AA.sampleMap_AA_clinicalMatrix", head + MATRIX_ROWS)
    found = cohort(tmp_path)
    assert list(found.patients) == [P1, P2]
    overall = found.endpoint("OS")
    assert (overall.time.tolist(), overall.event.tolist(), overall.unit) == ([10, 9], [True, False], "days")
    assert "patient_id" not in found.clinical
    assert any("_EVENT and _TIME_TO_EVENT are overall survival, in days" in note for note in found.notes)


def test_overall_survival_in_another_unit_is_not_used(write: Any, tmp_path: Path) -> None:
    head = "sampleID\t_PATIENT\t_EVENT\t_TIME_TO_EVENT\t_TIME_TO_EVENT_UNIT\n"
    write("AA_clinicalMatrix", head + f"{P1}-01\t{P1}\t1\t10\tmonths\n{P2}-01\t{P2}\t0\t20\tmonths\n")
    found = cohort(tmp_path)
    assert not found.endpoints
    assert any("_TIME_TO_EVENT is in months, not in days, and is not used" in note for note in found.notes)


def test_the_survival_table_s_columns_are_found_by_name(write: Any, tmp_path: Path) -> None:
    write("survival_AA_survival.txt", f"sample\tOS.time\t_PATIENT\tOS\tDSS\tDSS.time\n{P1}-01\t5\t{P1}\t1\t\t\n")
    write("AA_clinicalMatrix", f"sampleID\t_EVENT\t_TIME_TO_EVENT\n{P1}-01\t1\t5\n")
    found = cohort(tmp_path)
    assert (list(found.endpoints), found.endpoint("OS").time.tolist()) == (["OS", "DSS"], [5])


MC3 = "sample\tchr\tstart\tend\treference\talt\tgene\teffect\tAmino_Acid_Change\tDNA_VAF\tSIFT\tPolyPhen\n"


def test_mc3_and_who_was_sequenced(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    change = "17\t1\t1\tG\tA\tTP53\tmissense_variant;splice_region_variant\tp.R175H\t0.4\t\t"
    write("mc3_AA_mc3.txt", f"{MC3}{P1}-01A\t{change}\n")
    unknown = cohort(tmp_path).mutations["mutation"]
    assert unknown.assayed == {P1}
    write("mc3_gene_level_AA_mc3_gene_level.txt", f"sample\t{P1}-01A\t{P2}-01A\nTP53\t1\t0\n")
    mutation = cohort(tmp_path).mutations["mutation"]
    assert mutation.assayed == {P1, P2}
    assert mutation.variants(["TP53"]).to_numpy().tolist() == [[P1, "TP53", "R175H", "missense"]]
    write("mc3_gene_level_AA_mc3_gene_level.txt", f"sample\tTP53\n{P1}-01A\t1\n{P2}-01A\t0\n")
    assert cohort(tmp_path).mutations["mutation"].assayed == {P1, P2}
    (tmp_path / "mc3_AA_mc3.txt").unlink()
    assert cohort(tmp_path).mutations["mutation"].detail == "binary"


def test_one_table_of_a_kind_and_what_is_not_used(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL)
    for name in ("TCGA-AA.star_counts.tsv", "TCGA-AA.star_tpm.tsv", "TCGA-AA.star_fpkm-uq.tsv"):
        write(name, [["Ensembl_ID", f"{P1}-01A"], ["IGF1R", str(len(name))]])
    write("Gistic2_CopyNumber_Gistic2_all_data_by_genes", [["sample", f"{P1}-01A"], ["IGF1R", "0.31"]])
    write("Gistic2_CopyNumber_Gistic2_all_thresholded.by_genes", [["sample", f"{P1}-01A"], ["FGFR1", "2"]])
    write("RPPA", [["sample", f"{P1}-01A"], ["X4EBP1_pS65", "0.5"]])
    write("TCGA-AA.methylation450.tsv", "x\n")
    found = cohort(tmp_path)
    assert values(found, "mrna", "IGF1R")[0] == [float(len("TCGA-AA.star_tpm.tsv"))]
    assert (values(found, "copy_number", "FGFR1")[0], found.assays["copy_number"].scale("FGFR1")) == ([2.0], "gistic")
    assert tuple(found.assays["protein"].features) == ("EIF4EBP1_pS65",)
    assert found.choices["ignored_files"] == [
        "Gistic2_CopyNumber_Gistic2_all_data_by_genes",
        "TCGA-AA.methylation450.tsv",
        "TCGA-AA.star_counts.tsv",
        "TCGA-AA.star_fpkm-uq.tsv",
    ]


def test_ids_that_are_no_barcodes_have_the_patient_the_table_names(write: Any, tmp_path: Path) -> None:
    write("AA.survival.tsv", "sample\tOS\t_PATIENT\tOS.time\nS1\t1\tK1\t10\nS2\t0\tK1\t10\nS3\t0\tK2\t5\n")
    write("HiSeqV2", [["sample", "S1", "S3"], ["IGF1R", "1", "2"]])
    found = cohort(tmp_path)
    assert (list(found.patients), values(found, "mrna", "IGF1R")) == (["K1", "K2"], [[1.0], [2.0]])
    write("HiSeqV2", [["sample", "S1", "S2", "S3"], ["IGF1R", "1", "3", "2"]])
    with pytest.raises(DataError, match="1 patient with several samples"):
        cohort(tmp_path)
    assert values(cohort(tmp_path, sample_rule="mean"), "mrna", "IGF1R")[0] == [2.0]


def test_every_problem_of_a_folder_is_told_at_once(write: Any, tmp_path: Path) -> None:
    write("TCGA-AA.survival.tsv", SURVIVAL.replace("\t400\n", "\tlong\n"))
    write("gene.probemap", b"")
    write("HiSeqV2", "<html>\n")
    write("mc3_gene_level_x", f"sample\t{P1}-01A\nTP53\t1\n")
    write("mc3_x", f"{MC3}{P1}-01A\t1\t2\n")
    with pytest.raises(DataError) as caught:
        cohort(tmp_path)
    for words in ("'long'", "gene.probemap: the file is empty", "HiSeqV2: looks like a web page", "another number of"):
        assert words in str(caught.value)


def test_a_folder_without_patients_and_a_yaml_with_tables(write: Any, tmp_path: Path) -> None:
    write("gene.probemap", PROBEMAP)
    with pytest.raises(DataError, match=r"no clinical table \(clinicalMatrix, phenotype or survival\)"):
        cohort(tmp_path)
    with pytest.raises(PlanError, match="layout xena finds its tables itself"):
        read_cohort(write("c.yaml", "name: a\nlayout: xena\nmrna: x\n"))


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_round_trip(tmp_path: Path, name: str, assert_same: Any) -> None:
    tables, _ = simulate_cohort(name)
    write_xena(tables, tmp_path / "xena")
    write_flat(tables, tmp_path / "flat")
    read = read_cohort(tmp_path / "xena", name=name)
    assert read.choices["layout"]["name"] == "xena"
    assert_same(read, read_cohort(tmp_path / "flat", name=name), {"mrna", "protein", "copy_number", "mirna"})


def test_the_tables_of_tcga_acc(shared: Path, tmp_path: Path) -> None:
    """Real tables of one cohort: as Bioconductor has them (flat) and under Xena's names say the same."""
    folder = shared / "data" / "tcga_acc_mini"
    names = {"RPPAArray": "RPPA", "gistict": "Gistic2_CopyNumber_Gistic2_all_thresholded.by_genes"}
    names |= {"Mutations": "mc3_gene_level_ACC_mc3_gene_level.txt"}
    for theirs, ours in names.items():
        (tmp_path / f"{ours}.gz").write_bytes((folder / f"{theirs}.tsv.gz").read_bytes())
    linear = pd.read_csv(folder / "RNASeq2GeneNorm.tsv.gz", sep="\t", index_col=0)
    np.log2(linear + 1).to_csv(tmp_path / "HiSeqV2", sep="\t", index_label="sample")
    clinical = pd.read_csv(folder / "clinical.tsv.gz", sep="\t", dtype=str)
    days = clinical["days_to_death"].fillna(clinical["days_to_last_followup"])
    sample = clinical["patientID"] + "-01"
    survival = {"sample": sample, "OS": clinical["vital_status"], "_PATIENT": clinical["patientID"], "OS.time": days}
    pd.DataFrame(survival).to_csv(tmp_path / "TCGA-ACC.survival.tsv", sep="\t", index=False)
    clinical.insert(0, "sampleID", sample)
    clinical.to_csv(tmp_path / "TCGA.ACC.sampleMap_ACC_clinicalMatrix", sep="\t", index=False)
    flat = read_cohort(folder, name="acc", read={"id_column": "patientID", "id_rule": "tcga-patient"})
    found = read_cohort(tmp_path, name="acc")
    assert found.choices["layout"]["name"] == "xena"
    assert list(found.patients) == list(flat.patients)
    for kind in ("protein", "copy_number"):
        features = list(flat.assays[kind].features)
        pd.testing.assert_frame_equal(found.assays[kind].read(features), flat.assays[kind].read(features))
    genes = list(flat.assays["mrna"].features)
    scales = (flat.assays["mrna"].scale(genes[0]), found.assays["mrna"].scale(genes[0]))
    assert scales == ("linear", "log2")
    expected = np.log2(flat.assays["mrna"].read(genes) + 1)
    pd.testing.assert_frame_equal(found.assays["mrna"].read(genes), expected)
    assert found.mutations["mutation"].assayed == flat.mutations["mutation"].assayed
    overall, theirs = found.endpoint("OS"), flat.endpoint("OS")
    pd.testing.assert_series_equal(overall.event, theirs.event)
    pd.testing.assert_series_equal(overall.time, theirs.time)
