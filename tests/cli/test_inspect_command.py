"""``strata inspect``."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("layout", ["flat", "cbioportal"])
def test_it_is_data_on_standard_output_and_names_no_patient(strata, root, layout):
    ran = strata("inspect", root / "synthetic" / "figure2-breast" / layout)
    assert (ran.status, ran.err) == (0, "")
    assert "600 patients" in ran.out
    assert "igf1r-sphk1-high: " in ran.out
    assert "SYN-" not in ran.out


def test_ids_in_odd_places_are_not_printed(strata, small):
    (small / "notes.tsv").write_text("x\n1\n")
    clinical = (small / "clinical.tsv").read_text()
    (small / "clinical.tsv").write_text(clinical.replace("SECRET000\tNegative", "SECRET000\tNA"))
    ran = strata("inspect", small, "--name", "mine")
    assert ran.status == 0
    assert "Cohort mine: 40 patients" in ran.out
    assert "SECRET" not in ran.out
    assert "notes.tsv" in ran.out


def test_every_cohort_of_a_yaml(strata, small, tmp_path):
    (tmp_path / "two.yaml").write_text(
        "cohorts:\n  - {name: a, clinical: small/clinical.tsv}\n"
        "  - {name: b, clinical: small/clinical.tsv, mrna: small/mrna.tsv}\n"
    )
    ran = strata("inspect", tmp_path / "two.yaml")
    assert ran.status == 0
    assert ran.out.index("Cohort a: ") < ran.out.index("Cohort b: ")


def test_signatures_of_the_users_own_are_told(strata, small, tmp_path):
    (tmp_path / "mine.yaml").write_text("id: mine\nname: m\npositive: {mrna: SPHK1, above: 3}\n")
    assert "  mine: " in strata("inspect", small, "--signatures", tmp_path / "mine.yaml").out


def test_what_is_not_there_is_6(strata, tmp_path):
    ran = strata("inspect", tmp_path / "nowhere")
    assert (ran.status, ran.out) == (6, "")
    assert "no such file" in ran.err
