"""``strata simulate``."""

from __future__ import annotations


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_committed_cohort_comes_out_again(strata, root, tmp_path):
    ran = strata("simulate", "one-event", "--out", tmp_path / "out")
    assert (ran.status, ran.out) == (0, "")
    assert "no biological meaning" in ran.err
    assert files(tmp_path / "out") == files(root / "synthetic" / "one-event")


def test_another_seed_is_another_cohort_of_the_same_files(strata, root, tmp_path):
    assert strata("simulate", "one-event", "--seed", 5, "--out", tmp_path / "out").status == 0
    made, committed = files(tmp_path / "out"), files(root / "synthetic" / "one-event")
    assert made.keys() == committed.keys()
    assert made["flat/clinical.tsv"] != committed["flat/clinical.tsv"]


def test_a_folder_that_is_not_empty_is_6_and_overwrite_replaces(strata, tmp_path):
    assert strata("simulate", "one-event", "--out", tmp_path / "out", "--seed", 5).status == 0
    before = files(tmp_path / "out")
    assert strata("simulate", "one-event", "--out", tmp_path / "out").status == 6
    assert files(tmp_path / "out") == before
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert strata("simulate", "one-event", "--out", tmp_path / "out", "--overwrite").status == 0
    after = files(tmp_path / "out")
    assert after.pop("notes.txt") == b"mine"
    assert after.keys() == before.keys()
    assert after != before


def test_an_unknown_scenario_is_4(strata, tmp_path):
    ran = strata("simulate", "one-evnt", "--out", tmp_path / "out")
    assert ran.status == 4
    assert "Did you mean one-event?" in ran.err
    assert not (tmp_path / "out").exists()
