"""cBioPortal study folders: meta files, profiles, case lists, panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.errors import InputOutputError, PlanError

CLINICAL = "#a\tb\n#a\tb\n#STRING\tSTRING\n#1\t1\nPATIENT_ID\tSAMPLE_ID\nP1\tS1\nP2\tS2\nP3\tS3\n"


def meta(write: Any, name: str, kind: str, datatype: str) -> None:
    text = f"genetic_alteration_type: {kind}\ndatatype: {datatype}\ndata_filename: data_{name}.txt\n"
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
