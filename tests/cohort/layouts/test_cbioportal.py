"""cBioPortal study folders: meta files, profiles, case lists, panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.errors import InputOutputError, PlanError

SYNTHETIC = Path(__file__).resolve().parents[3] / "synthetic"
CLINICAL = "#a\tb\n#a\tb\n#STRING\tSTRING\n#1\t1\nPATIENT_ID\tSAMPLE_ID\nP1\tS1\nP2\tS2\nP3\tS3\n"


def meta(write: Any, name: str, kind: str, datatype: str, **more: str) -> None:
    text = f"genetic_alteration_type: {kind}\ndatatype: {datatype}\ndata_filename: data_{name}.txt\n"
    text += "".join(f"{key}: {value}\n" for key, value in more.items())
    write(f"meta_{name}.txt", text)


@pytest.fixture
def study(write: Any, tmp_path: Path) -> Path:
    write("data_clinical_sample.txt", CLINICAL)
    meta(write, "clinical_sample", "CLINICAL", "SAMPLE_ATTRIBUTES")
    return tmp_path


def test_the_patient_table_is_optional(study: Path) -> None:
    cohort = read_cohort(study, name="s")
    assert list(cohort.patients) == ["P1", "P2", "P3"]


def test_continuous_profiles_come_before_z_scores(write: Any, study: Path) -> None:
    write("data_a_zscores.txt", "Hugo_Symbol\tEntrez_Gene_Id\tS1\tS2\nA\t1\t-1\t1\nB\t2\t-1\t1\n")
    write("data_rna.txt", "Hugo_Symbol\tEntrez_Gene_Id\tS1\tS2\nA\t1\t7\t8\n")
    meta(write, "a_zscores", "MRNA_EXPRESSION", "Z-SCORE")
    meta(write, "rna", "MRNA_EXPRESSION", "CONTINUOUS")
    assay = read_cohort(study).assays["mrna"]
    assert [assay.scale(gene) for gene in ("A", "B")] == ["log2", "z-score"]
    assert assay.read(["A"])["A"].tolist()[:2] == [7.0, 8.0]
    assert assay.assayed == frozenset({"P1", "P2"})


def test_case_lists_say_who_was_sequenced(write: Any, study: Path) -> None:
    write(
        "data_mutations.txt",
        "Hugo_Symbol\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\nTP53\tSilent\tS1\t\n",
    )
    meta(write, "mutations", "MUTATION_EXTENDED", "MAF")
    write("case_lists/cases_sequenced.txt", "stable_id: x_sequenced\ncase_list_ids: S1\tS2\n")
    write("case_lists/cases_all.txt", "stable_id: x_all\ncase_list_ids: S1\tS2\tS3\n")
    cohort = read_cohort(study)
    assert cohort.mutations["mutation"].assayed == frozenset({"P1", "P2"})
    assert {"cases_sequenced.txt", "data_mutations.txt"} <= {path.name for path in cohort.source}


def test_rppa_and_only_discrete_copy_numbers(write: Any, study: Path) -> None:
    write("data_rppa.txt", "Composite.Element.REF\tS1\tS2\nAKT1 AKT2|Akt_pS473\t0.1\t0.2\n")
    meta(write, "rppa", "PROTEIN_LEVEL", "LOG2-VALUE")
    write("data_linear_cna.txt", "Hugo_Symbol\tS1\nFGFR1\t0.4\n")
    meta(write, "linear_cna", "COPY_NUMBER_ALTERATION", "CONTINUOUS")
    cohort = read_cohort(study)
    assert tuple(cohort.assays["protein"].features) == ("AKT1_pS473", "AKT2_pS473")
    assert "copy_number" not in cohort.assays
    assert any("data_linear_cna.txt" in note and "not used" in note for note in cohort.notes)


def test_without_meta_files_names_are_taken_and_that_is_said(write: Any, tmp_path: Path) -> None:
    write("data_clinical_sample.txt", CLINICAL)
    write("data_mrna_seq_v2_rsem.txt", "Hugo_Symbol\tS1\tS2\nA\t100.5\t2000\n")
    cohort = read_cohort(tmp_path, layout="cbioportal")
    assert cohort.assays["mrna"].scale("A") == "linear"
    assert any("found by their names" in note for note in cohort.notes)


def test_a_pointer_and_a_missing_file_are_told_together(write: Any, study: Path) -> None:
    meta(write, "rna", "MRNA_EXPRESSION", "CONTINUOUS")
    meta(write, "mutations", "MUTATION_EXTENDED", "MAF")
    write("data_mutations.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    with pytest.raises(InputOutputError) as caught:
        read_cohort(study)
    assert "data_rna.txt: no such file" in str(caught.value)
    assert "git lfs pull" in str(caught.value)


def test_a_yaml_may_name_the_folder_but_no_tables(write: Any, study: Path) -> None:
    yaml = write("c.yaml", "name: study\nfolder: .\nlayout: cbioportal\n")
    assert read_cohort(yaml).name == "study"
    with pytest.raises(PlanError, match="finds its tables itself"):
        read_cohort(write("d.yaml", "name: study\nlayout: cbioportal\nmrna: x.txt\n"))


MAF = "Hugo_Symbol\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\nTP53\tSilent\tS1\t\n"


@pytest.mark.parametrize("stem", ["cases_sequenced", "cases_3"])
def test_a_case_list_is_known_by_its_stable_id(write: Any, study: Path, stem: str) -> None:
    write("data_mutations.txt", MAF)
    write(f"case_lists/{stem}.txt", "stable_id: x_sequenced\ncase_list_ids: S1\tS2\n")
    write("case_lists/cases_cnaseq.txt", "stable_id: x_cnaseq\ncase_list_ids: S3\n")
    assert read_cohort(study).mutations["mutation"].assayed == frozenset({"P1", "P2"})


def test_copy_numbers_are_assayed_as_the_case_list_or_the_panel_matrix_says(write: Any, study: Path) -> None:
    write("data_CNA.txt", "Hugo_Symbol\tS1\tS2\tS3\nFGFR1|ENSG01\t2\t0\t-1\n")
    assert read_cohort(study).assays["copy_number"].assayed == frozenset({"P1", "P2", "P3"})
    write("case_lists/cases_cna.txt", "stable_id: x_cna\ncase_list_ids: S1\tS2\n")
    assay = read_cohort(study).assays["copy_number"]
    assert assay.assayed == frozenset({"P1", "P2"})
    assert assay.read(["FGFR1"])["FGFR1"].fillna(-9).tolist() == [2.0, 0.0, -9.0]
    write("data_gene_panel_matrix.txt", "SAMPLE_ID\tgistic\nS1\tA\nS2\tNA\n")
    assert read_cohort(study).assays["copy_number"].assayed == frozenset({"P1"})


def test_a_table_whose_meta_file_is_gone_is_found_by_its_name(write: Any, study: Path) -> None:
    write("data_CNA.txt", "Hugo_Symbol\tS1\nFGFR1\t2\n")
    write("data_expression_median.txt", "Hugo_Symbol\tS1\nIGF1R\t7.5\n")
    meta(write, "expression_median", "MRNA_EXPRESSION", "DISCRETE")
    cohort = read_cohort(study)
    assert set(cohort.assays) == {"copy_number"}
    assert any("found by their names: data_CNA.txt" in note for note in cohort.notes)


def test_long_copy_numbers_and_mirna_among_the_expression_profiles(write: Any, study: Path) -> None:
    write("data_cna.txt", "Hugo_Symbol\tEntrez_Gene_Id\tSample_Id\tValue\nFGFR1\t1\tS1\t2\nFGFR1\t1\tS2\t0\n")
    meta(write, "cna", "COPY_NUMBER_ALTERATION", "DISCRETE_LONG")
    write("data_expression_mirna.txt", "Hugo_Symbol\tS1\nhsa-miR-21-5p\t7.5\n")
    meta(write, "expression_mirna", "MRNA_EXPRESSION", "CONTINUOUS", stable_id="mirna")
    cohort = read_cohort(study)
    assert cohort.assays["copy_number"].read(["FGFR1"])["FGFR1"].tolist()[:2] == [2.0, 0.0]
    assert tuple(cohort.assays["mirna"].features) == ("hsa-miR-21-5p",)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("LIVING", False),
        ("DECEASED", True),
        ("DiseaseFree", False),
        ("Recurred/Progressed", True),
        ("1:Recurred", True),
    ],
)
def test_legacy_words_of_a_sample_table(write: Any, tmp_path: Path, status: str, event: bool) -> None:
    head = "#a\n#b\n#c\n#d\nPATIENT_ID\tSAMPLE_ID\tPFS_STATUS\tPFS_MONTHS\n"
    write("data_clinical_sample.txt", f"{head}P1\tS1\t{status}\t12\nP2\tS2\t[Not Available]\t[Not Available]\n")
    endpoint = read_cohort(tmp_path, layout="cbioportal").endpoint("PFS")
    assert (endpoint.event.iloc[0], endpoint.event.isna().iloc[1]) == (event, True)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in SYNTHETIC.glob("*/cbioportal")))
def test_both_layouts_of_a_synthetic_cohort_say_the_same(name: str) -> None:
    flat, study = (read_cohort(SYNTHETIC / name / layout) for layout in ("flat", "cbioportal"))
    assert list(flat.patients) == list(study.patients)
    assert set(flat.endpoints) == set(study.endpoints)
    for key, endpoint in flat.endpoints.items():
        pd.testing.assert_series_equal(endpoint.time, study.endpoints[key].time)
        pd.testing.assert_series_equal(endpoint.event, study.endpoints[key].event)
    harmonised = list(flat.choices["harmonised"])
    assert harmonised
    pd.testing.assert_frame_equal(flat.clinical[harmonised], study.clinical[harmonised])
    assert set(flat.assays) == set(study.assays)
    for kind, assay in flat.assays.items():
        # an antibody that reads several genes names each of them, so a study may have further features
        pd.testing.assert_frame_equal(assay.read(assay.features), study.assays[kind].read(assay.features))
        assert {f: assay.scale(f) for f in assay.features} == {f: study.assays[kind].scale(f) for f in assay.features}
        assert assay.assayed == study.assays[kind].assayed
    assert set(flat.mutations) == set(study.mutations)
    for kind, mutations in flat.mutations.items():
        other = study.mutations[kind]
        assert sorted(mutations.features) == sorted(other.features)
        pd.testing.assert_frame_equal(mutations.variants(mutations.features), other.variants(mutations.features))
        assert mutations.assayed == other.assayed
        assert all(mutations.tested(gene) == other.tested(gene) for gene in [*mutations.features, "NOT-A-GENE"])


GENOTYPES = "ENTITY_STABLE_ID\tNAME\tS1\tS2\nrs1\trs1\tG/T\tNA\n"


@pytest.mark.parametrize("with_meta", [True, False])
def test_genotypes_with_a_meta_file_or_without(write: Any, study: Path, with_meta: bool) -> None:
    write("data_germline_genotypes.txt", GENOTYPES)
    if with_meta:
        kind = {"generic_assay_type": "GERMLINE_GENOTYPES", "stable_id": "germline_genotypes"}
        meta(write, "germline_genotypes", "GENERIC_ASSAY", "CATEGORICAL", **kind)
    germline = read_cohort(study, name="s").mutations["germline"]
    assert (germline.features, germline.tested("rs1")) == (("rs1",), {"P1"})
    assert germline.variants(["rs1"])["change"].tolist() == ["G/T"]


@pytest.mark.parametrize("with_meta", [True, False])
def test_a_mutation_table_named_germline_is_germline(write: Any, study: Path, with_meta: bool) -> None:
    write("data_mutations_germline.txt", "Hugo_Symbol\tTumor_Sample_Barcode\nBRCA1\tS1\n")
    if with_meta:
        meta(write, "mutations_germline", "MUTATION_EXTENDED", "MAF")
    assert list(read_cohort(study, name="s").mutations) == ["germline"]


def test_samples_at_time_points(write: Any, tmp_path: Path) -> None:
    head = "PATIENT_ID\tSAMPLE_ID\tTIMEPOINT\tKI67\n"
    write("data_clinical_sample.txt", head + "P1\tP1-01\tpre\t20\nP1\tP1-02\tpost\t5%\nP2\tP2-01\tpre\t9\n")
    write("data_clinical_patient.txt", "PATIENT_ID\tER_STATUS\nP1\tPositive\nP2\tNegative\n")
    meta(write, "clinical_sample", "CLINICAL", "SAMPLE_ATTRIBUTES")
    meta(write, "clinical_patient", "CLINICAL", "PATIENT_ATTRIBUTES")
    write("data_mrna.txt", "Hugo_Symbol\tEntrez_Gene_Id\tP1-01\tP1-02\tP2-01\nIGF1R\t1\t7.5\t6.5\t8.5\n")
    meta(write, "mrna", "MRNA_EXPRESSION", "CONTINUOUS")
    cohort = read_cohort(tmp_path, name="s")
    assert cohort.clinical["ki67"].tolist() == ["20", "9"]
    assert cohort.clinical["ki67@post"].fillna("-").tolist() == ["5", "-"]
    assert not {"SAMPLE_ID", "TIMEPOINT", "TIMEPOINT@pre"} & set(cohort.clinical)
    values = cohort.assays["mrna"].read(["IGF1R", "IGF1R@pre", "IGF1R@post"]).fillna(0.0)
    assert values.to_numpy().tolist() == [[7.5, 7.5, 6.5], [8.5, 8.5, 0.0]]
