"""The cBioPortal layout carries the numbers of the flat one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from strata.simulate import shipped_scenarios

FLAT_NAMES = {"copy_number": "cna", "mrna": "mrna", "protein": "rppa", "serum": "serum", "mirna": "mirna"}


def read(path: Path, **how: int) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, **how)


def meta(path: Path) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_both_layouts_carry_the_same_numbers(root: Path, name: str) -> None:
    flat, study = root / "synthetic" / name / "flat", root / "synthetic" / name / "cbioportal"
    clinical = read(flat / "clinical.tsv")
    patients = read(study / "data_clinical_patient.txt", skiprows=4)
    samples = read(study / "data_clinical_sample.txt", skiprows=4)
    patients["CANCER_TYPE"] = list(samples.loc[samples["SAMPLE_ID"].str.endswith("-01"), "CANCER_TYPE"])
    for column in clinical:
        if column.endswith("_event"):
            theirs = patients[column.upper().replace("_EVENT", "_STATUS")].str.partition(":")[0]
        else:
            theirs = patients[column.upper()]
        assert list(clinical[column]) == list(theirs)
    compared = 0
    for kind, theirs_name in FLAT_NAMES.items():
        if (flat / f"{kind}.tsv").exists():
            ours = read(flat / f"{kind}.tsv").set_index("gene")
            theirs = read(study / f"data_{theirs_name}.txt")
            first = [f"{patient}-01" for patient in ours.columns]
            assert [name for name in theirs.columns if name.endswith("-01")] == first
            assert (theirs[first].to_numpy() == ours.to_numpy()).all()
            compared += 1
    assert compared >= 1
    if (flat / "mutations.tsv").exists():
        ours, theirs = read(flat / "mutations.tsv"), read(study / "data_mutations.txt")
        if (flat / "germline.tsv").exists():
            assert list(theirs["Mutation_Status"]) == sorted(theirs["Mutation_Status"], reverse=True)
            ours = pd.concat([ours, read(flat / "germline.tsv")])
            assert theirs["Mutation_Status"].value_counts()["GERMLINE"] == len(read(flat / "germline.tsv"))
        assert list(ours["Tumor_Sample_Barcode"] + "-01") == list(theirs["Tumor_Sample_Barcode"])
        for column in ("Hugo_Symbol", "Variant_Classification", "HGVSp_Short"):
            assert list(ours[column]) == list(theirs[column])
        panel = read(study / "data_gene_panel_matrix.txt")
        assert list(read(flat / "sequenced.tsv")["patient_id"] + "-01") == list(panel["SAMPLE_ID"])
        assert (flat / "gene_panel.txt").read_bytes() == (study / "gene_panel.txt").read_bytes()


def test_every_meta_file_names_its_data(root: Path) -> None:
    study = root / "synthetic" / "figure2-breast" / "cbioportal"
    metas = {path.name: meta(path) for path in study.glob("meta_*.txt")}
    assert {keys["cancer_study_identifier"] for keys in metas.values()} == {"figure2-breast"}
    assert "data_filename" not in metas.pop("meta_study.txt")
    named = {keys["data_filename"] for keys in metas.values()}
    assert named == {path.name for path in study.glob("data_*.txt")}
    kinds = {(keys["genetic_alteration_type"], keys["datatype"], keys.get("stable_id")) for keys in metas.values()}
    assert kinds == {
        ("CLINICAL", "PATIENT_ATTRIBUTES", None),
        ("CLINICAL", "SAMPLE_ATTRIBUTES", None),
        ("MRNA_EXPRESSION", "CONTINUOUS", "mrna"),
        ("PROTEIN_LEVEL", "LOG2-VALUE", "rppa"),
        ("COPY_NUMBER_ALTERATION", "DISCRETE", "gistic"),
        ("MUTATION_EXTENDED", "MAF", "mutations"),
        ("GENE_PANEL_MATRIX", "GENE_PANEL_MATRIX", None),
        ("GENERIC_ASSAY", "LIMIT-VALUE", "serum"),
        ("GENERIC_ASSAY", "LIMIT-VALUE", "mirna"),
        ("GENERIC_ASSAY", "CATEGORICAL", "germline_genotypes"),
    }


def test_the_clinical_file_has_its_four_lines_and_words(root: Path) -> None:
    lines = (root / "synthetic/figure2-breast/cbioportal/data_clinical_patient.txt").read_text().splitlines()
    width = len(lines[4].split("\t"))
    assert [line[0] for line in lines[:4]] == ["#"] * 4
    assert {len(line.split("\t")) for line in lines} == {width}
    types = dict(zip(lines[4].split("\t"), lines[2].removeprefix("#").split("\t")))
    assert types["AGE"] == types["OS_MONTHS"] == "NUMBER"
    assert types["ER_STATUS"] == types["OS_STATUS"] == "STRING"
    patients = read(root / "synthetic/figure2-breast/cbioportal/data_clinical_patient.txt", skiprows=4)
    assert set(patients["OS_STATUS"]) == {"0:LIVING", "1:DECEASED", "NA"}
    assert set(patients["DFS_STATUS"]) == {"0:DiseaseFree", "1:Recurred/Progressed", "NA"}


def test_antibodies_and_case_lists(root: Path) -> None:
    study = root / "synthetic" / "figure2-breast" / "cbioportal"
    rppa = read(study / "data_rppa.txt")
    assert {"EIF4EBP1|4E-BP1_pS65", "EIF4EBP1|4E-BP1_pT37_T46"} < set(rppa["Composite.Element.REF"])
    for suffix, table in (("mrna", "data_mrna.txt"), ("cna", "data_cna.txt"), ("rppa", "data_rppa.txt")):
        listed = meta(study / "case_lists" / f"cases_{suffix}.txt")
        assert listed["stable_id"] == f"figure2-breast_{suffix}"
        assert listed["case_list_ids"].split("\t") == list(read(study / table).columns[1:])
    samples = read(study / "data_clinical_sample.txt", skiprows=4)
    assert samples["PATIENT_ID"].nunique() == 600
    assert meta(study / "case_lists" / "cases_all.txt")["case_list_ids"].split("\t") == list(samples["SAMPLE_ID"])


def test_later_samples_carry_the_flat_time_points(root: Path) -> None:
    flat, study = root / "synthetic" / "figure2-breast" / "flat", root / "synthetic" / "figure2-breast" / "cbioportal"
    samples = read(study / "data_clinical_sample.txt", skiprows=4)
    numbers = samples["SAMPLE_ID"].str.rpartition("-")[2]
    assert set(zip(numbers, samples["TIMEPOINT"])) == {("01", "pre"), ("02", "post"), ("03", "day15")}
    clinical = read(flat / "clinical_timepoints.tsv")
    theirs = samples[["PATIENT_ID", "TIMEPOINT", "KI67", "IGF1R_IHC"]]
    assert theirs.to_numpy().tolist() == clinical.to_numpy().tolist()
    place = dict(zip(samples["SAMPLE_ID"], zip(samples["PATIENT_ID"], samples["TIMEPOINT"])))
    composite = {"EIF4EBP1_pS65": "EIF4EBP1|4E-BP1_pS65", "IGF1R": "IGF1R|IGF-1R-beta"}
    for kind, file, names in (("protein", "rppa", composite), ("serum", "serum", {"IGF1": "IGF1"})):
        matrix = read(study / f"data_{file}.txt")
        long = read(flat / f"{kind}_timepoints.tsv").set_index(["gene", "patient_id", "timepoint"])["value"]
        for gene, name in names.items():
            row = matrix.set_index(matrix.columns[0]).loc[name]
            found = {place[sample]: value for sample, value in row.items() if sample in place}
            assert found == long[gene].to_dict()


def test_genotypes_are_those_of_the_flat_layout(root: Path) -> None:
    flat, study = root / "synthetic" / "figure2-breast" / "flat", root / "synthetic" / "figure2-breast" / "cbioportal"
    ours = read(flat / "germline_genotypes.tsv")
    theirs = read(study / "data_germline_genotypes.txt").set_index("ENTITY_STABLE_ID")
    assert list(theirs.columns[1:]) == list(ours["patient_id"] + "-01")
    for rs in ("rs2016347", "rs396991"):
        assert list(theirs.loc[rs].iloc[1:]) == list(ours[rs])
