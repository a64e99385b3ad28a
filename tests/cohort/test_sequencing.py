"""Who was sequenced and for which genes: panel matrices, lists, gene panels."""

from __future__ import annotations

from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.errors import DataError

CLINICAL = "patient_id\tage\n" + "".join(f"P{i}\t50\n" for i in range(1, 9))
MAF = "Hugo_Symbol\tTumor_Sample_Barcode\tVariant_Classification\nTP53\tP1\tMissense_Mutation\n"
CNA = "gene\t" + "\t".join(f"P{i}" for i in range(1, 9)) + "\nFGFR1" + "\t0" * 8 + "\n"
PANEL_A = "stable_id: A\ngene_list: TP53\tPTEN\n"
PANEL_B = "stable_id: B\ngene_list: TP53\tKRAS\n"


def matrix(*columns: str) -> str:
    rows = ["SAMPLE_ID\t" + "\t".join(column.split()[0] for column in columns)]
    cells = [column.split()[1:] for column in columns]
    rows += [f"P{i + 1}\t" + "\t".join(column[i] for column in cells) for i in range(len(cells[0]))]
    return "\n".join(rows) + "\n"


def patients(*numbers: int) -> frozenset[str]:
    return frozenset(f"P{i}" for i in numbers)


@pytest.fixture
def cohort(write: Any, tmp_path: Any) -> Any:
    """The cohort of the base tables and the files given."""

    def read(files: dict[str, str], **options: Any) -> Any:
        for name, text in {"clinical.tsv": CLINICAL, "mutations.tsv": MAF, "cna.tsv": CNA, **files}.items():
            write(name, text)
        return read_cohort(tmp_path / "cohort.yaml" if "cohort.yaml" in files else tmp_path, **options)

    return read


def test_two_panels_test_their_own_genes(cohort: Any) -> None:
    files = {"panel_matrix.tsv": matrix("mutations A A B B NA"), "panel_a.txt": PANEL_A, "gene_panel_b.txt": PANEL_B}
    mutation = cohort(files).mutations["mutation"]
    assert mutation.assayed == patients(1, 2, 3, 4)
    assert [mutation.tested(gene) for gene in ("TP53", "PTEN", "KRAS", "EGFR")] == [
        patients(1, 2, 3, 4),
        patients(1, 2),
        patients(3, 4),
        frozenset(),
    ]


def test_a_matrix_that_says_no_is_not_overruled_by_a_list(cohort: Any) -> None:
    files = {"panel_matrix.tsv": matrix("mutations A NA"), "sequenced.txt": "P1\nP2\nP3\n", "panel_a.txt": PANEL_A}
    assert cohort(files).mutations["mutation"].assayed == patients(1, 3)


def test_a_column_of_the_matrix_is_about_the_table_it_names(cohort: Any) -> None:
    read = cohort({"panel_matrix.tsv": matrix("x_mutations 1 1 0", "x_cna 1 0 0", "x_mrna 1 1 1")})
    assert read.mutations["mutation"].assayed == patients(1, 2)
    assert read.assays["copy_number"].assayed == patients(1)
    assert read.assays["copy_number"].read(["FGFR1"])["FGFR1"].notna().sum() == 1


@pytest.mark.parametrize("name", ["panel", "assayed_by"])
def test_a_column_that_names_no_table_is_about_both(cohort: Any, name: str) -> None:
    read = cohort({"panel_matrix.tsv": matrix(f"{name} A A")})
    assert (read.mutations["mutation"].assayed, read.assays["copy_number"].assayed) == (patients(1, 2), patients(1, 2))


def test_a_yes_means_the_only_panel(cohort: Any) -> None:
    mutation = cohort({"panel_matrix.tsv": matrix("mutations 1 yes 0"), "panel_a.txt": PANEL_A}).mutations["mutation"]
    assert (mutation.tested("PTEN"), mutation.tested("KRAS")) == (patients(1, 2), frozenset())


def test_a_panel_without_genes_is_said(cohort: Any) -> None:
    read = cohort({"panel_matrix.tsv": matrix("mutations A WES")})
    assert read.mutations["mutation"].features == ("TP53",)
    assert any("the genes of the panel of A are not given" in note for note in read.notes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("genes.txt", "TP53\nKRAS\n"),
        ("mine.tsv", "symbol\tentrez\nTP53\t7157\nKRAS\t3845\n"),
        ("p.txt", "stable_id: A\ngene_list: TP53\tKRAS\n"),
        ("", "[TP53, KRAS]"),
    ],
)
def test_panel_genes_of_the_yaml(cohort: Any, name: str, text: str) -> None:
    yaml = f"name: a\nclinical: clinical.tsv\nmutation: mutations.tsv\nsequenced: all\npanel_genes: {name or text}\n"
    mutation = cohort({"cohort.yaml": yaml, **({name: text} if name else {})}).mutations["mutation"]
    assert [len(mutation.tested(gene)) for gene in ("TP53", "KRAS", "PTEN")] == [8, 8, 0]


@pytest.mark.parametrize("said", ["[P1, P2]", "list.txt", "all"])
def test_sequenced_of_the_yaml(cohort: Any, said: str) -> None:
    yaml = f"name: a\nclinical: clinical.tsv\nmutation: mutations.tsv\nsequenced: {said}\n"
    mutation = cohort({"cohort.yaml": yaml, "list.txt": "P1\nP2\n"}).mutations["mutation"]
    assert mutation.assayed == (patients(1, 2) if said != "all" else patients(*range(1, 9)))


def test_a_list_in_parquet(cohort: Any, tmp_path: Any) -> None:
    import pandas as pd

    pd.DataFrame({"patient_id": ["P1", "P2"]}).to_parquet(tmp_path / "sequenced.parquet")
    assert cohort({}).mutations["mutation"].assayed == patients(1, 2)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"sequenced.txt": "X1\nX2\n"}, "none of its 2 entries"),
        ({"panel_matrix.tsv": "sample\tmutations\nX1\tA\n"}, "none of its 1 sample"),
        (
            {"cohort.yaml": "name: a\nclinical: clinical.tsv\nmutation: mutations.tsv\nsequenced: [p1]\n"},
            "none of its 1 id is in the clinical table.*id_case=ignore",
        ),
    ],
)
def test_lists_that_meet_nobody_are_refused(cohort: Any, files: dict[str, str], words: str) -> None:
    with pytest.raises(DataError, match=words):
        cohort(files)


LINKS = "sample_id\tpatient_id\n" + "".join(f"S{i}\tP{i}\n" for i in range(1, 9))


@pytest.mark.parametrize("rows", ["P", "S"])
@pytest.mark.parametrize("listed", ["P", "S"])
def test_a_list_of_patients_and_a_table_of_samples_are_about_the_same_people(
    cohort: Any, rows: str, listed: str
) -> None:
    files = {
        "samples.tsv": LINKS,
        "mutations.tsv": MAF.replace("P1", f"{rows}1"),
        "panel_matrix.tsv": matrix("mutations A B NA").replace("\nP", f"\n{listed}"),
        "gene_panel_a.txt": PANEL_A,
        "gene_panel_b.txt": PANEL_B,
    }
    mutation = cohort(files).mutations["mutation"]
    assert mutation.assayed == patients(1, 2)
    assert [mutation.tested(gene) for gene in ("TP53", "PTEN", "KRAS")] == [
        patients(1, 2),
        patients(1),
        patients(2),
    ]
    assert mutation.variants(["TP53"])["patient"].tolist() == ["P1"]


def test_a_list_of_patients_and_a_matrix_of_samples(cohort: Any) -> None:
    files = {
        "samples.tsv": LINKS,
        "mutations.tsv": "sample_id\tTP53\tKRAS\nS1\t1\t0\nS2\t0\t0\nS3\t1\t0\n",
        "panel_matrix.tsv": matrix("mutations A B NA"),
        "gene_panel_a.txt": PANEL_A,
        "gene_panel_b.txt": PANEL_B,
    }
    mutation = cohort(files).mutations["mutation"]
    assert (mutation.tested("TP53"), mutation.tested("KRAS")) == (patients(1, 2), patients(2))
