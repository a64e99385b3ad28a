"""A cohort written in another layout and read again is the same cohort."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.errors import DataError, UsageError
from strata.simulate import synthetic_folder
from strata.writing import write_cohort

COHORTS = sorted(path.parent.name for path in synthetic_folder().glob("*/cbioportal"))


@pytest.mark.parametrize("target", ["flat", "cbioportal"])
@pytest.mark.parametrize("source", ["flat", "cbioportal"])
@pytest.mark.parametrize("name", COHORTS)
def test_every_synthetic_cohort_is_the_same_again(assert_same_cohort, tmp_path, name, source, target):
    cohort = read_cohort(synthetic_folder() / name / source)
    write_cohort(cohort, tmp_path / "new", layout=target)
    # a study gives every sample a time point, so a cohort without them gets features at them
    assert_same_cohort(cohort, read_cohort(tmp_path / "new"), timed=(source, target) != ("flat", "cbioportal"))


def metabric(shared: Path, tmp_path: Path) -> Path:
    folder = shared / "data" / "metabric"
    path = tmp_path / "metabric.yaml"
    path.write_text(
        f"name: metabric\nclinical: {folder}/clinical.tsv.gz\n"
        f"mrna: [{folder}/expression_log2_8genes.tsv.gz, {folder}/expression_zscores.tsv.gz]\n"
        f"mutation: {folder}/mutations.tsv.gz\nsequenced: {folder}/mutation_panel_samples.tsv.gz\n"
    )
    return path


def gse1992(shared: Path, tmp_path: Path) -> Path:
    folder = shared / "data" / "gse1992"
    path = tmp_path / "gse1992.yaml"
    table = folder / "expression_samples_x_genes.tsv.gz"
    path.write_text(f"name: gse1992\nclinical: {folder}/clinical.tsv.gz\nmrna: {table}\n")
    return path


def acc(shared: Path, tmp_path: Path) -> Path:
    folder = shared / "data" / "tcga_acc_mini"
    path = tmp_path / "acc.yaml"
    path.write_text(
        f"name: acc\nclinical: {folder}/clinical.tsv.gz\nmrna: {folder}/RNASeq2GeneNorm.tsv.gz\n"
        f"protein: {folder}/RPPAArray.tsv.gz\ncopy_number: {folder}/gistict.tsv.gz\n"
        f"mirna: {folder}/miRNASeqGene.tsv.gz\nmutation: {folder}/Mutations.tsv.gz\n"
        "read: {id_column: patientID, id_rule: tcga-patient, sample_rule: primary}\n"
    )
    return path


@pytest.mark.parametrize("target", ["flat", "cbioportal"])
@pytest.mark.parametrize("real", [metabric, gse1992])
def test_real_cohorts_are_the_same_again(assert_same_cohort, shared, tmp_path, real, target):
    cohort = read_cohort(real(shared, tmp_path))
    write_cohort(cohort, tmp_path / "new", layout=target)
    assert_same_cohort(cohort, read_cohort(tmp_path / "new"))


def test_five_assays_of_barcodes_and_a_matrix_of_mutations(assert_same_cohort, shared, tmp_path):
    cohort = read_cohort(acc(shared, tmp_path))
    write_cohort(cohort, tmp_path / "new", layout="flat")
    assert_same_cohort(cohort, read_cohort(tmp_path / "new"))
    with pytest.raises(DataError, match="0/1 matrix does not say how"):
        write_cohort(cohort, tmp_path / "study", layout="cbioportal")
    assert not (tmp_path / "study").exists()


CLINICAL = 'patient_id\tos_days\tos_status\ter\tnotes\nP1\t365\tdead\tpos\tsaid "no"\nP2\t1000.5\talive\tneg\t#2\n'
CLINICAL += "P3\t20\tdead\t\t\nP4\t\talive\tpos\tx\n"


@pytest.fixture
def again(tmp_path, assert_same_cohort):
    """Write the cohort of the test's folder, read it again, compare, and give both."""

    def write(target, path="old", **how):
        cohort = read_cohort(tmp_path / path, **how)
        notes = write_cohort(cohort, tmp_path / "new", layout=target)
        found = read_cohort(tmp_path / "new" / ("cohort.yaml" if any("cohort.yaml" in n for n in notes) else "."))
        assert_same_cohort(cohort, found)
        return cohort, found, notes

    return write


@pytest.fixture
def put(tmp_path):
    def write(name, text):
        path = tmp_path / "old" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    write("clinical.tsv", CLINICAL)
    return write


TARGETS = pytest.mark.parametrize("target", ["flat", "cbioportal"])


@TARGETS
def test_times_become_months_and_the_old_columns_go(again, put, target):
    cohort, found, notes = again(target)
    assert (cohort.endpoint("OS").unit, found.endpoint("OS").unit) == ("days", "months")
    assert "os_days" not in found.clinical
    assert "endpoints are written in months, and not their columns os_days, os_status" in notes
    column = "notes" if target == "flat" else "NOTES"
    assert found.clinical[column].fillna("").tolist() == ['said "no"', "#2", "", "x"]


@TARGETS
@pytest.mark.parametrize("scale", ["linear", "counts", "z-score", "log2"])
def test_a_declared_scale_and_every_digit_stay(again, put, target, scale):
    put("mrna.tsv", "gene\tP1\tP2\tP3\nIGF1R\t0.1\t2e-300\t3.123456789012345678\nSPHK1\t7\t\t1\n")
    put("protein.tsv", "protein\tP1\tP3\nEIF4EBP1_pS65\t1.5\t0.25\n")
    _, found, _ = again(target, read={"scale": scale})
    assert found.assays["mrna"].read(["IGF1R"])["IGF1R"].tolist()[:2] == [0.1, 2e-300]


@TARGETS
def test_an_unknown_scale_stays_unknown(again, put, target):
    put("mrna.tsv", "gene\tP1\tP2\tP3\nIGF1R\t40\t-2\t45\n")
    _, found, _ = again(target)
    assert found.assays["mrna"].scale("IGF1R") == "unknown"


MAF = "Hugo_Symbol\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\n"
ROWS = "TP53\tMissense_Mutation\tP1\tp.R175H\nPTEN\tFrame_Shift_Del\tP1\tp.K6fs\nTP53\t\tP2\todd\n"
ROWS += "TERT\t5'Flank\tP2\t\nKRAS\tIn_Frame_Ins\tP2\tp.G12_G13insG\nKRAS\tSilent\tP3\tp.G12=\n"


@TARGETS
@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sequenced.txt": "P1\nP2\nP3\n"},
        {"sequenced.txt": "P1\nP2\nP3\nP4\n", "gene_panel.txt": "stable_id: X\ngene_list: TP53\tKRAS\tEGFR\n"},
        {
            "panel_matrix.tsv": "SAMPLE_ID\tmutations\nP1\tA\nP2\tB\nP3\tB\nP4\tNA\n",
            "gene_panel_a.txt": "stable_id: A\ngene_list: TP53\tPTEN\n",
            "gene_panel_b.txt": "stable_id: B\ngene_list: TP53\tTERT\tKRAS\tEGFR\n",
        },
        {
            "panel_matrix.tsv": "SAMPLE_ID\tmutations\nP1\tA\nP2\tWXS\nP3\tWXS\nP4\tA\n",
            "gene_panel_a.txt": "stable_id: A\ngene_list: TP53\tPTEN\n",
        },
    ],
    ids=["unknown", "listed", "one panel", "two panels", "a panel and exomes"],
)
@pytest.mark.parametrize("germline", [False, True])
def test_who_was_sequenced_for_what(again, put, target, said, germline):
    put("mutations.tsv", MAF + ROWS)
    if germline:
        put("germline.tsv", MAF + "TP53\tMissense_Mutation\tP2\tp.R175H\n")
        put("germline_genotypes.tsv", "patient_id\trs1\nP1\tG/T\nP4\tT/T\n")
    for name, text in said.items():
        put(name, text)
    cohort, found, _ = again(target)
    unknown = [any("who was sequenced is not known" in note for note in of.notes) for of in (cohort, found)]
    assert unknown == [not said, not said]


@TARGETS
def test_genotypes_and_inherited_changes_alone(again, put, target):
    put("germline_genotypes.tsv", "patient_id\trs1\trs22\nP1\tG/T\tNA\nP4\tT/T\tA/C\n")
    again(target)


@TARGETS
def test_inherited_changes_without_somatic_ones(again, put, target):
    put("germline.tsv", MAF + "BRCA1\tFrame_Shift_Del\tP1\tp.K6fs\n")
    put("sequenced.txt", "P1\nP2\n")
    again(target)


def test_sequencing_that_no_folder_can_tell_is_refused(put, tmp_path):
    put("mutations.tsv", "#n.analyzed.samples 2\n" + MAF + ROWS.replace("P3", "P2"))
    put("germline.tsv", "#n.analyzed.samples 1\n" + MAF + "BRCA1\tFrame_Shift_Del\tP1\tp.K6fs\n")
    cohort = read_cohort(tmp_path / "old")
    germline = cohort.mutations["germline"]
    assert germline.tested("BRCA1") != cohort.mutations["mutation"].assayed
    with pytest.raises(DataError, match="looked for in other patients or genes"):
        write_cohort(cohort, tmp_path / "new", layout="flat")


@TARGETS
def test_delayed_entry_and_competing_events_need_the_yaml(again, put, tmp_path, target):
    put("late.tsv", "")
    clinical = "patient_id\tmonths\tend\tfrom\nP1\t5\tdied\t1\nP2\t6\tcensored\t2.5\nP3\t7\tdied\t0\n"
    (tmp_path / "old" / "clinical.tsv").write_text(clinical)
    entry = "{time: months, event: end, unit: years, entry: from}"
    competing = "{time: months, event: end, unit: months, competing: [censored]}"
    yaml = f"name: c\nfolder: .\nclinical: clinical.tsv\nendpoints: {{OS: {entry}, DFS: {competing}}}\n"
    (tmp_path / "old" / "c.yaml").write_text(yaml)
    _, found, notes = again(target, "old/c.yaml", read={"event_values": "died"})
    assert found.endpoint("OS").entry.tolist() == [12.0, 30.0, 0.0]
    assert found.endpoint("DFS").competing.tolist() == [False, True, False]
    assert "delayed entry and competing events are told by cohort.yaml: read that, not the folder" in notes


def test_a_table_in_blocks_is_the_table(again, put, monkeypatch):
    monkeypatch.setattr("strata.writing.of_cohort._CELLS", 8)
    monkeypatch.setattr("strata.writing.of_mutations._GENES", 1)
    rows = "".join(f"G{i}\t{i}\t{i + 0.5}\tNA\t{-i}\n" for i in range(11))
    put("mrna.tsv", "gene\tP1\tP2\tP3\tP4\n" + rows)
    put("protein_timepoints.tsv", "patient_id\ttimepoint\tgene\tvalue\n" + "".join(
        f"P{p}\t{time}\tG{i}\t{p + i}\n" for p in (1, 2) for time in ("pre", "post") for i in range(5)
    ))  # fmt: skip
    put("mutations.tsv", MAF + ROWS)
    _, found, _ = again("flat")
    assert len(found.assays["protein"].features) == 15


def test_what_a_study_has_no_place_for_is_told_at_once(put, tmp_path):
    put("clinical.tsv", CLINICAL.replace("P4", "P 4"))
    put("copy_number.tsv", "gene\tP1\tP2\nFGFR1\t3.5\t2\n")
    put("mutations.tsv", "gene\tP1\tP2\tP3\nTP53\t1\t0\tNA\n")
    cohort = read_cohort(tmp_path / "old", read={"scale": "copies"})
    with pytest.raises(DataError) as caught:
        write_cohort(cohort, tmp_path / "new", layout="cbioportal")
    told = [problem.what for problem in caught.value.problems]
    assert [text.partition(" ")[0] for text in told] == ["1", "copy", "a"]
    assert not any("P 4" in text for text in told)
    with pytest.raises(UsageError, match="Known: flat, cbioportal"):
        write_cohort(cohort, tmp_path / "new", layout="gdc")


def test_copies_and_a_matrix_of_mutations_in_a_flat_folder(again, put):
    put("copy_number.tsv", "gene\tP1\tP2\nFGFR1\t3.5\t2\n")
    put("mutations.tsv", "gene\tP1\tP2\tP3\nTP53\tR175H\t0\tNA\nPTEN\t1\t1\t0\n")
    _, found, _ = again("flat", read={"scale": "copies"})
    assert found.mutations["mutation"].detail == "binary"
    assert found.mutations["mutation"].variants(["TP53"])["change"].tolist() == ["R175H"]


@TARGETS
def test_names_that_a_text_table_cannot_hold(put, tmp_path, target):
    frame = pd.read_csv(tmp_path / "old" / "clinical.tsv", sep="\t", dtype=str)
    frame['size "cm"'] = ["1", "2", "3", "4"]
    frame["notes"] = ["two\nlines", "a\ttab", None, "x"]
    (tmp_path / "old" / "clinical.tsv").unlink()
    frame.to_parquet(tmp_path / "old" / "clinical.parquet")
    cohort = read_cohort(tmp_path / "old")
    write_cohort(cohort, tmp_path / "new", layout=target)
    found = read_cohort(tmp_path / "new").clinical
    assert set(found.columns) >= ({"size 'cm'"} if target == "flat" else {"SIZE__CM_"})
    assert found["notes" if target == "flat" else "NOTES"].fillna("").tolist() == ["two lines", "a tab", "", "x"]
