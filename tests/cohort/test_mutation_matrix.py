"""0/1 matrices: words, missing cells, panels."""

from __future__ import annotations

from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.errors import DataError

CLINICAL = "patient_id\tage\nP1\t1\nP2\t1\nP3\t1\nP4\t1\n"


def matrix(*cells: str, gene: str = "TP53") -> str:
    return "patient_id\t" + gene + "\tPTEN\n" + "".join(f"P{i}\t{cell}\t0\n" for i, cell in enumerate(cells, start=1))


def mutations(write: Any, text: str, **files: str) -> Any:
    write("mutations.tsv", text)
    for name, content in files.items():
        write(name.replace("__", "."), content)
    return read_cohort(write("clinical.tsv", CLINICAL).parent).mutations["mutation"]


@pytest.mark.parametrize(
    ("mutated", "wild"), [("1", "0"), ("1.0", "0.0"), ("TRUE", "FALSE"), ("MUT", "WT"), ("yes", "No"), ("p.R175H", "")]
)
def test_words(write: Any, mutated: str, wild: str) -> None:
    found = mutations(write, matrix(mutated, wild, "NA", mutated))
    assert found.detail == "binary"
    assert found.variants(["TP53"])["patient"].tolist() == ["P1", "P4"]
    assert found.tested("TP53") == (frozenset({"P1", "P2", "P4"}) if wild else frozenset({"P1", "P4"}))
    assert found.tested("KRAS") == frozenset()


def test_a_protein_change_is_kept(write: Any) -> None:
    rows = mutations(write, matrix("p.R175H", "E17K", "WT", "MUT")).variants(["TP53"])
    assert rows["change"].tolist() == ["R175H", "E17K", ""]
    assert set(rows["consequence"]) == {"unknown"}


def test_genes_outside_the_panel_and_patients_outside_the_list_are_unknown(write: Any) -> None:
    panel = "stable_id: A\ngene_list: TP53\tKRAS\n"
    found = mutations(write, matrix("1", "0", "1", "0"), gene_panel__txt=panel, sequenced__txt="P1\nP2\nP4\n")
    assert found.features == ("TP53",)
    assert found.tested("TP53") == frozenset({"P1", "P2", "P4"})
    assert found.tested("PTEN") == frozenset()
    assert found.variants(["TP53"])["patient"].tolist() == ["P1"]


def test_two_panels(write: Any) -> None:
    panels = {"panel_a__txt": "stable_id: A\ngene_list: TP53\n", "panel_b__txt": "stable_id: B\ngene_list: PTEN\n"}
    who = "patient_id\tmutations\nP1\tA\nP2\tA\nP3\tB\nP4\tNA\n"
    found = mutations(write, matrix("1", "0", "1", "1"), panel_matrix__tsv=who, **panels)
    assert found.tested("TP53") == frozenset({"P1", "P2"})
    assert found.tested("PTEN") == frozenset({"P3"})
    assert found.variants(["TP53"])["patient"].tolist() == ["P1"]


def test_strange_words_are_all_told(write: Any) -> None:
    found = mutations(write, matrix("1", "2", "maybe", "2"))
    with pytest.raises(DataError, match=r"3 cells neither mutated nor wild type: '2' \(2\), 'maybe' \(1\).*na=2,maybe"):
        found.variants(["TP53"])


def test_of_samples_at_time_points_those_of_baseline_count(write: Any) -> None:
    samples = "patient_id\tsample_id\ttimepoint\nP1\tS1\tpre\nP1\tS2\tpost\nP2\tS3\tpost\n"
    found = mutations(write, "gene\tS1\tS2\tS3\nTP53\t0\t1\t1\n", samples__tsv=samples)
    assert (found.assayed, found.tested("TP53")) == ({"P1"}, {"P1"})
    assert found.variants(["TP53"]).empty
