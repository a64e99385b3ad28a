"""GDC downloads: STAR counts with their sample sheet, the portal's clinical table, MAFs, TCGA barcodes."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strata.cohort import Cohort, read_cohort
from strata.errors import DataError, InputOutputError, PlanError
from strata.simulate import shipped_scenarios, simulate_cohort
from strata.writing import write_flat, write_gdc

SHEET = "File ID\tFile Name\tData Category\tData Type\tProject ID\tCase ID\tSample ID\tSample Type\n"
CLINICAL = "case_id\tcase_submitter_id\tvital_status\tdays_to_death\tdays_to_last_follow_up\n"
HEADER = "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second"
HEADER += "\ttpm_unstranded\tfpkm_unstranded\tfpkm_uq_unstranded\n"
GENES = (("ENSG00000140443.15", "IGF1R"), ("ENSG00000176170.14", "SPHK1"), ("ENSG00000002586.20_PAR_Y", "CD99"))
GENE_OF = {"PTEN": "06A", "TP53": "01A"}
MAF = "Hugo_Symbol\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\n"


def star(igf1r: float, sphk1: float = 7.0, *, genes: Any = GENES) -> str:
    """A STAR count file; TPM as given, counts ten times as many."""
    text = "# gene-model: GENCODE v36\n" + HEADER + "N_unmapped\t\t\t5\t5\t5\t\t\t\nN_ambiguous\t\t\t5\t5\t5\t\t\t\n"
    for (gene, name), tpm in zip(genes, (igf1r, sphk1, 0.0)):
        text += f"{gene}\t{name}\tprotein_coding\t{round(tpm * 10)}\t0\t0\t{tpm}\t{tpm / 2}\t{tpm / 4}\n"
    return text


class Download:
    """A folder as the GDC's client writes it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sheet, self.clinical = folder, SHEET, CLINICAL

    def patient(self, case: str, *, dead: bool = False, days: str = "100") -> None:
        times = (days, "'--") if dead else ("'--", days)
        self.clinical += "\t".join([f"uuid-{case}", case, "Dead" if dead else "Alive", *times]) + "\n"

    def file(self, name: str, text: str | None, sample: str, kind: str = "Primary Tumor", case: str = "") -> str:
        name = name if "." in name else f"{name}.rna_seq.augmented_star_gene_counts.tsv"
        row = [f"id-{name}", name, "c", "t", "TCGA-AA", case or sample[:12], sample, kind]
        self.sheet += "\t".join(row) + "\n"
        if text is not None:
            path = self.folder / f"id-{name}" / name
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        return name

    def read(self, **options: str) -> Cohort:
        if self.sheet != SHEET:
            (self.folder / "gdc_sample_sheet.2024-01-01.tsv").write_text(self.sheet, encoding="utf-8")
        (self.folder / "clinical.tsv").write_text(self.clinical, encoding="utf-8")
        return read_cohort(self.folder, name="gdc", read=options)


@pytest.fixture
def download(tmp_path: Path) -> Download:
    made = Download(tmp_path)
    for number in (1, 2, 3):
        made.patient(f"TCGA-AA-000{number}", dead=number == 1)
    return made


def igf1r(cohort: Cohort) -> list[float]:
    return cohort.assays["mrna"].read(["IGF1R"])["IGF1R"].tolist()


def left_out(cohort: Cohort) -> dict[str, int]:
    return {item.reason.rpartition(": ")[2]: item.n for item in cohort.exclusions}


def test_star_counts_become_log2_of_tpm(download: Download) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    download.file("b", star(15.0), "TCGA-AA-0002-01A")
    download.file("n", star(9.0), "TCGA-AA-0001-11A", "Solid Tissue Normal")
    cohort = download.read()
    assert cohort.choices["layout"] == {"name": "gdc", "why": "the folder has gdc_sample_sheet.2024-01-01.tsv"}
    assay = cohort.assays["mrna"]
    assert tuple(assay.features) == ("IGF1R", "SPHK1")
    assert (assay.scale("IGF1R"), assay.written("IGF1R")) == ("log2", "IGF1R|ENSG00000140443")
    np.testing.assert_array_equal(assay.read(["SPHK1", "IGF1R"]).to_numpy()[:2], [[3.0, 2.0], [3.0, 4.0]])
    assert assay.assayed == {"TCGA-AA-0001", "TCGA-AA-0002"}
    assert left_out(cohort) == {"sample of normal tissue": 1, "row of the masked Y copy of a gene (_PAR_Y)": 1}
    assert any("tpm_unstranded is read, as log2(x + 1)" in note for note in cohort.notes)
    assert {path.name[0] for path in cohort.source if "star" in path.name} == {"a", "b"}
    assert not any("TCGA-AA" in note for note in cohort.notes)


@pytest.mark.parametrize(
    ("options", "scale", "value"),
    [
        ({"star_column": "unstranded"}, "counts", 30.0),
        ({"star_column": "fpkm_unstranded"}, "log2", float(np.log2(2.5))),
        ({"scale": "linear"}, "linear", 3.0),
        ({"scale": "log2"}, "log2", 3.0),
    ],
)
def test_what_is_asked_for_is_read_and_never_transformed_twice(
    download: Download, options: dict[str, str], scale: str, value: float
) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    cohort = download.read(**options)
    assert (cohort.assays["mrna"].scale("IGF1R"), igf1r(cohort)[0]) == (scale, value)


def test_a_flat_folder_packed_files_and_a_gene_of_two_rows(download: Download) -> None:
    genes = (*GENES[:1], ("ENSG99900000001.1", "IGF1R"))
    name = download.file("a", star(3.0, 15.0, genes=genes), "TCGA-AA-0001-01A")
    inside = download.folder / f"id-{name}" / name
    (download.folder / f"{name}.gz").write_bytes(gzip.compress(inside.read_bytes()))
    shutil.rmtree(inside.parent)
    with pytest.raises(DataError, match=r"'IGF1R' on columns 1, 2 with different values"):
        igf1r(download.read())
    assert igf1r(download.read(duplicate_genes="mean"))[0] == 3.0


def test_the_sample_that_counts_is_the_primary_tumour_s(download: Download) -> None:
    download.file("m", star(1.0), "TCGA-AA-0001-06A", "Metastatic")
    download.file("p", star(3.0), "TCGA-AA-0001-01A")
    download.file("r", star(7.0), "TCGA-AA-0002-02A", "Recurrent Tumor")
    download.file("x", star(1.0), "TCGA-AA-0009-01A")
    cohort = download.read()
    assert igf1r(cohort)[:2] == [2.0, 3.0]
    assert left_out(cohort)["further sample of a patient"] == 1
    assert left_out(cohort)["sample without a clinical row"] == 1
    assert any("1 patient with several samples; rule: gdac (sample type 1)" in note for note in cohort.notes)


def test_aliquots_of_one_sample_need_the_metadata_of_the_cart(download: Download) -> None:
    names = [download.file(word, star(tpm), "TCGA-AA-0001-01A") for word, tpm in (("r", 1.0), ("h", 3.0), ("t", 7.0))]
    with pytest.raises(DataError, match=r"1 patient with several samples \(first: the same sample id"):
        download.read()
    assert igf1r(download.read(sample_rule="mean"))[0] == 2.0
    barcodes = [f"TCGA-AA-0001-01A-11{name[0].upper()}-A00{i}-07" for i, name in enumerate(names)]
    metadata = [
        {"file_name": name, "associated_entities": [{"entity_submitter_id": code, "entity_type": "aliquot"}]}
        for name, code in zip(names, barcodes)
    ]
    (download.folder / "metadata.cart.2024-01-01.json").write_text(json.dumps(metadata), encoding="utf-8")
    cohort = download.read()
    assert igf1r(cohort)[0] == 2.0
    assert any("rule: gdac (analyte 1)" in note for note in cohort.notes)
    (download.folder / "metadata.cart.2024-01-01.json").write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(DataError, match="not the metadata of a cart"):
        download.read()


def test_cases_that_are_no_barcodes_are_linked_by_the_sheet(download: Download) -> None:
    download.patient("C3L-00001", dead=True, days="12")
    download.file("a", star(3.0), "C3L-00001-02", "Tumor", case="C3L-00001")
    download.file("b", star(9.0), "C3L-00001-06", "Normal", case="C3L-00001")
    cohort = download.read()
    assert cohort.assays["mrna"].read(["IGF1R"])["IGF1R"]["C3L-00001"] == 2.0
    assert cohort.endpoint("OS").time["C3L-00001"] == 12.0


def test_other_ids_take_the_type_of_the_sheet(download: Download) -> None:
    download.patient("TARGET-20-PAAAAA")
    for name, end, kind, tpm in (("a", "04A", "Recurrent", 1.0), ("b", "09A", "Primary", 3.0)):
        kind = f"{kind} Blood Derived Cancer - Bone Marrow"
        download.file(name, star(tpm), f"TARGET-20-PAAAAA-{end}", kind, case="TARGET-20-PAAAAA")
    with pytest.raises(DataError, match="1 patient with several samples"):
        download.read()
    (download.folder / "gdc_sample_sheet.copy.tsv").write_text(download.sheet, encoding="utf-8")
    read = download.read(sample_rule="primary").assays["mrna"].read(["IGF1R"])
    assert read["IGF1R"]["TARGET-20-PAAAAA"] == 2.0


@pytest.mark.parametrize("prefix", [("", "", ""), ("cases.", "demographic.", "diagnoses.")])
def test_the_clinical_table_under_both_names(tmp_path: Path, prefix: tuple[str, str, str]) -> None:
    case, person, disease = prefix
    names = [f"{case}submitter_id" if case else "case_submitter_id", f"{person}vital_status", f"{person}days_to_death"]
    names += [
        f"{disease}days_to_last_follow_up",
        f"{disease}age_at_diagnosis",
        f"{person}age_at_index",
        "treatment_type",
    ]
    rows = [
        ["TCGA-AA-0001", "Dead", "120", "'--", "21000", "57", "Radiation Therapy, NOS"],
        ["TCGA-AA-0001", "Dead", "120", "'--", "21000", "57", "Pharmaceutical Therapy, NOS"],
        ["TCGA-AA-0002", "Alive", "'--", "10", "22000", "60", "'--"],
        ["TCGA-AA-0002", "Alive", "'--", "400", "22000", "60", "'--"],
        ["TCGA-AA-0003", "Not Reported", "'--", "'--", "'--", "'--", "'--"],
    ]
    lines = ["\t".join(row) for row in (names, *rows)]
    (tmp_path / "clinical.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    cohort = read_cohort(tmp_path, name="c")
    assert cohort.choices["layout"]["why"] == f"the folder has the column {names[0]} in clinical.tsv"
    overall = cohort.endpoint("OS")
    assert (overall.unit, overall.time.tolist()[:2], overall.event.tolist()[:2]) == ("days", [120, 400], [True, False])
    assert overall.event.isna().tolist() == [False, False, True]
    assert cohort.clinical["age"].fillna("-").tolist() == ["57", "60", "-"]
    assert any("treatment_type (1)" in note for note in cohort.notes)


def test_only_the_primary_diagnosis_counts(tmp_path: Path) -> None:
    head = (
        "cases.submitter_id\tdiagnoses.diagnosis_is_primary_disease\tdiagnoses.tumor_grade\tdemographic.vital_status\n"
    )
    rows = "TCGA-AA-0001\tfalse\tG1\tAlive\nTCGA-AA-0001\ttrue\tG3\tAlive\nTCGA-AA-0002\tfalse\tG2\tAlive\n"
    (tmp_path / "clinical.tsv").write_text(head + rows, encoding="utf-8")
    cohort = read_cohort(tmp_path, name="c")
    assert cohort.clinical["grade"].tolist() == ["3", "2"]
    assert left_out(cohort) == {"line of another diagnosis than the primary": 1}


def test_the_outcomes_of_tcga_cdr_are_added_to_the_cohort_s_patients(download: Download) -> None:
    text = "\tbcr_patient_barcode\ttype\tOS\tOS.time\tPFI\tPFI.time\n"
    text += "1\tTCGA-AA-0001\tBRCA\t1\t101\t1\t50\n2\tTCGA-ZZ-0001\tLUAD\t0\t5\t0\t5\n"
    text += "3\tTCGA-AA-0002\tBRCA\t0\t90\t#N/A\t#N/A\n"
    (download.folder / "TCGA-CDR-SupplementalTableS1.tsv").write_text(text, encoding="utf-8")
    cohort = download.read()
    assert len(cohort.patients) == 3
    assert cohort.endpoint("OS").time.tolist()[:2] == [101.0, 90.0]
    assert cohort.endpoint("PFI").event.fillna(False).tolist() == [True, False, False]
    assert left_out(cohort) == {"line of a patient who is not in the clinical table": 1}


def test_a_maf_of_a_project_says_in_its_header_who_was_sequenced(download: Download) -> None:
    aliquots = [f"TCGA-AA-000{i}-01A-11D-A000-09" for i in (1, 2)]
    text = "#version gdc-1.0.0\n#filedate 20190101\n#n.analyzed.samples 2\n"
    text += f"#tumor.aliquots.submitter_id {','.join(aliquots)}\n{MAF}"
    text += f"TP53\tMissense_Mutation\t{aliquots[0]}\tp.R175H\nPTEN\tFrame_Shift_Del\tTCGA-ZZ-0001-01A-11D\tp.K6fs\n"
    (download.folder / "TCGA.AA.mutect.maf").write_text(text, encoding="utf-8")
    mutation = download.read().mutations["mutation"]
    assert mutation.assayed == {"TCGA-AA-0001"}, "the header does not name a sample that has rows"
    (download.folder / "TCGA.AA.mutect.maf").write_text(text.replace("TCGA-ZZ-0001-01A-11D", aliquots[0]))
    mutation = download.read().mutations["mutation"]
    assert mutation.assayed == {"TCGA-AA-0001", "TCGA-AA-0002"}
    assert mutation.variants(["TP53", "PTEN"])["change"].tolist() == ["R175H", "K6fs"]


def test_a_maf_for_each_aliquot_also_without_a_row(download: Download) -> None:
    top = "#version gdc-1.0.0\n#n.analyzed.samples 1\n#tumor.aliquot 3b9a\n" + MAF
    pairs = "TCGA-AA-000{0}-01A, TCGA-AA-000{0}-10A"
    types, cases = "Primary Tumor, Blood Derived Normal", "TCGA-AA-000{0}, TCGA-AA-000{0}"
    rows = ["TP53\tMissense_Mutation\tTCGA-AA-0001-01A-11D-A000-09\tp.R175H\n", "", None]
    for number, row in enumerate(rows, start=1):
        text = None if row is None else top + row
        download.file(f"{number}.wxs.maf", text, pairs.format(number), types, case=cases.format(number))
    cohort = download.read()
    mutation = cohort.mutations["mutation"]
    assert mutation.assayed == {"TCGA-AA-0001", "TCGA-AA-0002"}
    assert mutation.variants(["TP53"])["patient"].tolist() == ["TCGA-AA-0001"]
    assert left_out(cohort) == {"file of the sample sheet that is not in the folder": 1}
    assert any("1 file without a row: sequenced, and no mutation found" in note for note in cohort.notes)


def test_of_two_tumours_with_mutations_the_primary_counts(download: Download) -> None:
    rows = [f"{gene}\tMissense_Mutation\tTCGA-AA-0001-{end}-11D-A000-09\tp.R175H\n" for gene, end in GENE_OF.items()]
    (download.folder / "TCGA.AA.maf").write_text(MAF + "".join(rows), encoding="utf-8")
    cohort = download.read()
    assert cohort.mutations["mutation"].variants(["TP53", "PTEN"])["gene"].tolist() == ["TP53"]
    assert left_out(cohort) == {"further sample of a patient": 1}
    assert "mutation: 1 further sample of a patient left out; rule: gdac (sample type 1)" in cohort.notes


def test_many_files_are_not_cached(download: Download) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    assert igf1r(download.read(cache=str(download.folder / "cache")))[0] == 2.0


# -- broken downloads --------------------------------------------------------------------------------------------------


def test_without_a_sample_sheet_nobody_knows_whose_the_files_are(download: Download) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    (download.folder / "clinical.tsv").write_text(download.clinical, encoding="utf-8")
    with pytest.raises(DataError, match=r"1 STAR count file, and no gdc_sample_sheet\*\.tsv.*Download the cart's"):
        read_cohort(download.folder)


def test_files_that_are_not_there_and_files_nobody_lists_are_counted(download: Download) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    download.file("b", None, "TCGA-AA-0002-01A")
    (download.folder / "c.rna_seq.augmented_star_gene_counts.tsv").write_text(star(1.0), encoding="utf-8")
    cohort = download.read()
    assert cohort.assays["mrna"].assayed == {"TCGA-AA-0001"}
    counts = left_out(cohort)
    assert counts["file of the sample sheet that is not in the folder"] == 1
    assert counts["file that is not in the sample sheet"] == 1
    assert any("1 file of the sample sheet not in the folder: not downloaded?" in note for note in cohort.notes)


def test_every_problem_of_a_download_is_told_at_once(download: Download) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    for name, text in (("b", "<!DOCTYPE html><html>"), ("c", ""), ("d", star(3.0).replace("tpm_unstranded", "tpm"))):
        download.file(name, text, "TCGA-AA-0002-01A")
    download.clinical = download.clinical.replace("\tDead\t", "\tGone\t")
    with pytest.raises(DataError) as caught:
        download.read()
    told = str(caught.value)
    for words in ("looks like a web page", "0 bytes", "another header than a.rna_seq", "'Gone' (1)"):
        assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            star(3.0).replace("ENSG00000176170.14", "ENSG00000000003.15"),
            r"b\.rna.*:6: 1 line with another gene than in a",
        ),
        ("".join(star(3.0).splitlines(keepends=True)[:-1]), r"6 lines, and 7 in a"),
        (star(3.0).replace("\t7.0\t3.5\t1.75", ""), r":6: 1 line without field 7"),
        (star(3.0).replace("\t7.0\t", "\tseven\t"), r"b\.rna.* line 6 field 7: 1 cell not a number: 'seven'"),
        (star(3.0).replace("\t7.0\t", "\t-7\t"), r"b\.rna.* line 6 field 7: 1 cell below 0"),
        (star(3.0).replace("\t7.0\t", "\tinf\t"), r"1 cell infinite"),
    ],
)
def test_a_damaged_file_is_placed_when_it_is_read(download: Download, text: str, words: str) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    header, rest = text.split("N_unmapped")
    download.file("b", header + "N_unmapped" + rest, "TCGA-AA-0002-01A")
    cohort = download.read()
    with pytest.raises(DataError, match=words):
        cohort.assays["mrna"].read(["SPHK1"])


def test_an_empty_cell_is_missing_and_a_file_that_changed_is_refused(download: Download) -> None:
    name = download.file("a", star(3.0).replace("\t7.0\t", "\t\t"), "TCGA-AA-0001-01A")
    cohort = download.read()
    assert np.isnan(cohort.assays["mrna"].read(["SPHK1"]).iloc[0, 0])
    (download.folder / f"id-{name}" / name).write_text(star(30.0), encoding="utf-8")
    with pytest.raises(InputOutputError, match="changed after it was opened"):
        igf1r(cohort)


def test_a_sheet_without_its_columns_and_a_folder_without_patients(download: Download) -> None:
    download.file("a", star(3.0), "TCGA-AA-0001-01A")
    download.sheet = download.sheet.replace("Case ID", "Case")
    with pytest.raises(DataError, match="no column Case ID; found File ID"):
        download.read()
    (download.folder / "clinical.tsv").unlink()
    with pytest.raises(DataError, match=r"no clinical table \(clinical\.tsv of the portal"):
        read_cohort(download.folder, layout="gdc", read={"star_column": "unstranded"})


def test_a_yaml_names_the_folder_and_no_tables(tmp_path: Path) -> None:
    yaml = tmp_path / "c.yaml"
    yaml.write_text("name: a\nlayout: gdc\nmrna: x.tsv\n", encoding="utf-8")
    with pytest.raises(PlanError, match="layout gdc finds its tables itself, and mrna are named"):
        read_cohort(yaml)


# -- whole cohorts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_round_trip(tmp_path: Path, name: str, assert_same: Any) -> None:
    tables, _ = simulate_cohort(name)
    write_gdc(tables, tmp_path / "gdc")
    write_flat(tables, tmp_path / "flat")
    read = read_cohort(tmp_path / "gdc", name=name)
    assert read.choices["layout"]["name"] == "gdc"
    assert_same(read, read_cohort(tmp_path / "flat", name=name), {"mrna"})


def test_the_mutations_of_tcga_laml(shared: Path, tmp_path: Path) -> None:
    """A real MAF and real follow-up, under the portal's names."""
    folder = shared / "data" / "tcga_laml"
    shutil.copy(folder / "mutations_maf.tsv.gz", tmp_path / "TCGA.LAML.maf.gz")
    clinical = pd.read_csv(folder / "clinical.tsv.gz", sep="\t", dtype=str)
    status = clinical["Overall_Survival_Status"].map({"1": "Dead", "0": "Alive"})
    days = clinical["days_to_last_followup"]
    portal = pd.DataFrame(
        {
            "cases.submitter_id": clinical["Tumor_Sample_Barcode"],
            "demographic.vital_status": status,
            "demographic.days_to_death": days.where(status == "Dead"),
            "diagnoses.days_to_last_follow_up": days.where(status == "Alive"),
        }
    )
    portal.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False, na_rep="'--")
    with pytest.raises(DataError, match=r"12 cells infinite: '-inf' \(12\).*--read na=-inf"):
        read_cohort(tmp_path, name="laml")
    cohort = read_cohort(tmp_path, name="laml", read={"na": "-inf"})
    assert cohort.choices["layout"]["name"] == "gdc"
    theirs = read_cohort(folder, name="laml", layout="flat", read={"id_column": "Tumor_Sample_Barcode"})
    assert list(cohort.patients) == list(theirs.patients)
    assert len(cohort.patients) == 200
    mutation, other = cohort.mutations["mutation"], theirs.mutations["mutation"]
    assert mutation.assayed == other.assayed
    pd.testing.assert_frame_equal(mutation.variants(["DNMT3A", "FLT3"]), other.variants(["DNMT3A", "FLT3"]))
    overall = cohort.endpoint("OS")
    known = np.isfinite(pd.to_numeric(days)).to_numpy() & status.notna().to_numpy()
    assert int((overall.time.notna() & overall.event.notna()).sum()) == int(known.sum())
    assert int(overall.event[known].sum()) == int((status[known] == "Dead").sum())
