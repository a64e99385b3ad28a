"""Two real cohorts run as they are, and give R's numbers; the numbers do not depend on how the tables are written."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strata import compare_survival, read_cohort, stratify
from strata.analysis import check_signatures
from strata.scoring import Resources
from strata.signatures import class_of, parse_signature, signature_library

EIF4EBP1 = {"name": "EIF4EBP1 high", "positive": {"mrna": "EIF4EBP1", "above": "median"}}
PIK3CA = {"name": "PIK3CA not silent", "positive": {"mutation": "PIK3CA", "is": "nonsyn"}}


@pytest.fixture(scope="module")
def library():
    own = [("eif4ebp1-high", EIF4EBP1), ("pik3ca-nonsyn", PIK3CA)]
    return signature_library() | {name: parse_signature(data, id=name, where="test") for name, data in own}


@pytest.fixture(scope="module")
def metabric(shared, tmp_path_factory):
    folder = shared / "data" / "metabric"
    text = f"""
name: metabric
clinical: {folder}/clinical.tsv.gz
mrna: [{folder}/expression_log2_8genes.tsv.gz, {folder}/expression_zscores.tsv.gz]
mutation: {folder}/mutations.tsv.gz
sequenced: {folder}/mutation_panel_samples.tsv.gz
"""
    path = tmp_path_factory.mktemp("metabric") / "metabric.yaml"
    path.write_text(text, encoding="utf-8")
    return read_cohort(path)


@pytest.fixture(scope="module")
def gse1992(shared, tmp_path_factory):
    folder = shared / "data" / "gse1992"
    text = f"name: gse1992\nclinical: {folder}/clinical.tsv.gz\nmrna: {folder}/expression_samples_x_genes.tsv.gz\n"
    path = tmp_path_factory.mktemp("gse1992") / "gse1992.yaml"
    path.write_text(text, encoding="utf-8")
    return read_cohort(path)


def row(cohort, library, signature, endpoint, population="all", cut_scope="population"):
    strata = stratify(cohort, library[signature], population=population, cut_scope=cut_scope, library=library)
    return compare_survival(cohort, strata, endpoint).to_frame().iloc[0]


# signature, endpoint, population, scope, n, events, n_positive, hazard ratio, lower, upper
METABRIC = [
    ("igf1r-high", "RFS", "all", "cohort", 1903, 771, 951, 0.752, 0.653, 0.867),
    ("igf1r-high", "RFS", "er-positive", "cohort", 1458, 573, 920, 0.796, 0.673, 0.940),
    ("igf1r-high", "OS", "er-positive", "cohort", 1459, 853, 921, 0.857, 0.746, 0.985),
    ("igf1r-high", "OS", "er-positive", "population", 1459, 853, 729, 0.920, 0.804, 1.052),
    ("eif4ebp1-high", "OS", "all", "population", 1904, 1103, 952, 1.178, 1.046, 1.326),
    ("pik3ca-nonsyn", "OS", "all", "population", 1981, 1144, 796, 1.081, 0.961, 1.216),
]


@pytest.mark.parametrize("case", METABRIC, ids=lambda case: "-".join(case[:4]))
def test_metabric(metabric, library, case):
    signature, endpoint, population, scope, *expected = case
    found = row(metabric, library, signature, endpoint, population, scope)
    assert [found.n, found.events, found.n_positive] == expected[:3]
    ratios = [found.hazard_ratio, found.hazard_ratio_lower, found.hazard_ratio_upper]
    assert [round(ratio, 3) for ratio in ratios] == expected[3:]


def test_metabric_chi_squared(metabric, library):
    """R's survdiff, more digits."""
    rfs = row(metabric, library, "igf1r-high", "RFS", cut_scope="cohort")
    assert rfs.log_rank_chi2 == pytest.approx(15.611812, rel=1e-7)
    assert row(metabric, library, "eif4ebp1-high", "OS").log_rank_chi2 == pytest.approx(7.3550055, rel=1e-8)


def test_metabric_dfs_is_answered_by_rfs(metabric, library):
    found = row(metabric, library, "igf1r-high", "DFS")
    assert found.endpoint == "RFS"
    assert found.note.split("; ")[0] == "asked for DFS, RFS used"


def test_metabric_has_triple_negative_patients_without_copy_numbers(metabric):
    counts = stratify(metabric, "triple-negative").counts
    assert counts["positive"] == 320
    assert counts["negative"] > 1900


def test_metabric_facts(metabric):
    assert len(metabric.patients) == 2509
    assert len(metabric.assays["mrna"].assayed) == 1904
    assert "er_ihc disagrees in 128 patients" in " ".join(metabric.notes)
    scales = [metabric.assays["mrna"].scale(gene) for gene in ("ESR1", "IGF1R", "EIF4E")]
    assert scales == ["log2", "z-score", "z-score"]


def test_gse1992_both_high(gse1992, library):
    cohort = row(gse1992, library, "igf1r-sphk1-high", "OS", "er-positive", "cohort")
    assert [cohort.n, cohort.events, cohort.n_positive, cohort.events_positive] == [72, 6, 20, 1]
    assert round(cohort.hazard_ratio, 3) == 0.636
    assert round(cohort.hazard_ratio_lower, 3) == 0.074
    assert round(cohort.hazard_ratio_upper, 2) == 5.49
    assert cohort.log_rank_chi2 == pytest.approx(0.17235734, rel=1e-7)
    population = row(gse1992, library, "igf1r-sphk1-high", "OS", "er-positive")
    assert [population.n_positive, population.events_positive] == [17, 2]
    assert round(population.hazard_ratio, 2) == 1.10


# -- the same cohort, written otherwise --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gse_tables(shared):
    folder = shared / "data" / "gse1992"
    clinical = pd.read_csv(folder / "clinical.tsv.gz", sep="\t", dtype=str)
    with gzip.open(folder / "expression_samples_x_genes.tsv.gz", "rt", encoding="utf-8") as stream:
        header = stream.readline().rstrip("\n").split("\t")
    some = ["sample_id", "IGF1R", "SPHK1", *header[1:40]]
    mrna = pd.read_csv(folder / "expression_samples_x_genes.tsv.gz", sep="\t", dtype=str, usecols=dict.fromkeys(some))
    return clinical, mrna


def write(folder: Path, clinical: pd.DataFrame, mrna: pd.DataFrame, name: str = "mrna.tsv") -> Path:
    folder.mkdir()
    clinical.to_csv(folder / "clinical.tsv", sep="\t", index=False)
    mrna.to_csv(folder / name, sep="," if name.endswith("csv") else "\t", index=False)
    return folder


def as_is(clinical, mrna, folder):
    return write(folder, clinical, mrna)


def shuffled(clinical, mrna, folder):
    return write(folder, clinical.sample(frac=1, random_state=1), mrna.sample(frac=1, random_state=2))


def renamed(clinical, mrna, folder):
    ids = dict(zip(clinical["sample_id"], np.random.default_rng(3).permutation(len(clinical)).astype(str)))
    return write(
        folder,
        clinical.assign(sample_id=clinical["sample_id"].map(ids)),
        mrna.assign(sample_id=mrna["sample_id"].map(ids)),
    )


def in_days(clinical, mrna, folder):
    days = (clinical["os_months"].astype(float) * 30.4375).astype(str)
    return write(folder, clinical.drop(columns="os_months").assign(os_days=days), mrna)


def transposed(clinical, mrna, folder):
    turned = mrna.set_index("sample_id").T.rename_axis("gene").reset_index()
    return write(folder, clinical, turned, "expression.csv")


def as_study(clinical, mrna, folder):
    """The tables as a cBioPortal study, samples named otherwise than patients."""
    folder.mkdir()
    status = {"0": "0:LIVING", "1": "1:DECEASED"}
    event = clinical["os_event"].str.removesuffix(".0").map(status)
    er = clinical["er_status"].map({"1.0": "Positive", "0.0": "Negative"})
    patient = pd.DataFrame(
        {"PATIENT_ID": clinical["sample_id"], "OS_MONTHS": clinical["os_months"], "OS_STATUS": event, "ER_STATUS": er}
    )
    lines = ["#a\tb\tc\td", "#a\tb\tc\td", "#STRING\tNUMBER\tSTRING\tSTRING", "#1\t1\t1\t1"]
    (folder / "data_clinical_patient.txt").write_text(
        "\n".join(lines) + "\n" + patient.to_csv(sep="\t", index=False), encoding="utf-8"
    )
    samples = pd.DataFrame({"PATIENT_ID": clinical["sample_id"], "SAMPLE_ID": clinical["sample_id"] + "-01"})
    (folder / "data_clinical_sample.txt").write_text(
        "#a\tb\n#a\tb\n#STRING\tSTRING\n#1\t1\n" + samples.to_csv(sep="\t", index=False), encoding="utf-8"
    )
    turned = mrna.assign(sample_id=mrna["sample_id"] + "-01").set_index("sample_id").T
    turned.rename_axis("Hugo_Symbol").to_csv(folder / "data_mrna_agilent.txt", sep="\t")
    for kind, datatype, file in [
        ("PATIENT_ATTRIBUTES", "", "data_clinical_patient.txt"),
        ("SAMPLE_ATTRIBUTES", "", "data_clinical_sample.txt"),
        ("MRNA_EXPRESSION", "CONTINUOUS", "data_mrna_agilent.txt"),
    ]:
        group = "CLINICAL" if kind.endswith("ATTRIBUTES") else kind
        meta = [
            "cancer_study_identifier: gse1992",
            f"genetic_alteration_type: {group}",
            f"datatype: {datatype or kind}",
            "stable_id: mrna",
            f"data_filename: {file}",
        ]
        (folder / f"meta_{file.removeprefix('data_')}").write_text("\n".join(meta) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("rewrite", [as_is, shuffled, renamed, in_days, transposed, as_study], ids=lambda f: f.__name__)
def test_the_numbers_do_not_depend_on_how_the_tables_are_written(gse_tables, tmp_path, library, rewrite):
    cohort = read_cohort(rewrite(*gse_tables, tmp_path / "cohort"))
    found = row(cohort, library, "igf1r-sphk1-high", "OS", "er-positive", "cohort")
    assert [found.n, found.events, found.n_positive, found.events_positive] == [72, 6, 20, 1]
    assert found.log_rank_chi2 == pytest.approx(0.1723573397210503, rel=1e-9)
    assert found.hazard_ratio == pytest.approx(0.6359416560034579, rel=1e-9)


# -- gene lists, classes and what cannot be scored ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(shared):
    folder = shared / "genesets"
    lists = [folder / name for name in ("h.all.v7.0.symbols.gmt", "c6.all.v7.0.symbols.gmt", "loi2010_pik3ca_gs.tsv")]
    return Resources.read(gene_sets=lists, centroids=[folder / "pam50_centroids.tsv"])


def test_pam50_on_gse1992_agrees_with_its_own_labels(shared, gse1992, published):
    cohort = gse1992
    names = {"LumA": "luminal-a", "LumB": "luminal-b", "Basal": "basal-like", "Her2": "her2-enriched"}
    called = {}
    for label, name in names.items():
        strata = stratify(cohort, name, resources=published)
        assert "pam50: 48 of 50 genes found" in strata.notes[0]
        called[label] = strata.is_("positive")
    labels = cohort.clinical["pam50"].map(lambda text: class_of("pam50", text) or "none")
    agree = sum(int((called[label] & (labels == label)).sum()) for label in names)
    # 95 of the 116 patients labelled with one of these four, and 4 of 6 Normal-like: 99 of 122
    assert (agree, int(labels.isin(names).sum())) == (95, 116)


def test_pam50_is_not_possible_on_metabric_and_says_so(metabric, published):
    strata = stratify(metabric, "luminal-a", resources=published)
    assert strata.absent
    assert strata.counts["unknown"] == len(metabric.patients)
    assert strata.reasons[0].startswith("pam50: 8 of 50 genes found, fewer than the share 0.8 (missing ")


@pytest.mark.parametrize(("name", "scored"), [("metabric", 45), ("tcga_acc_mini", 22)])
def test_every_signature_that_cannot_be_scored_says_why(shared, metabric, library, published, name, scored):
    read = {"id_column": "patientID", "id_rule": "tcga-patient"}
    cohort = metabric if name == "metabric" else read_cohort(shared / "data" / name, read=read)
    table = check_signatures(cohort, list(signature_library().values()), library, resources=published)
    cannot = table[~table["can_be_scored"]]
    assert int(table["can_be_scored"].sum()) == scored
    assert (cannot["why"].str.len() > 0).all()
    assert (table[["positive", "negative", "unknown", "not_applicable"]].sum(axis=1) == len(cohort.patients)).all()
