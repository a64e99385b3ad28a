"""``strata signatures``."""

from __future__ import annotations

import pytest

from strata import load_signatures


def test_the_list_is_a_table(strata):
    ran = strata("signatures", "list")
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[0] for row in rows] == [signature.id for signature in load_signatures()]
    assert all(len(row) == 2 and row[1] for row in rows)


def test_signatures_of_the_users_own_are_listed_and_shown(strata, tmp_path):
    (tmp_path / "mine.yaml").write_text("id: mine\nname: my marker\npositive: {mrna: SPHK1, above: 3}\n")
    assert "mine\tmy marker\n" in strata("signatures", "list", "--signatures", tmp_path).out
    assert "my marker" in strata("signatures", "show", "mine", "--signatures", tmp_path).out


def test_show_says_rule_and_claims(strata):
    ran = strata("signatures", "show", "igf1r-sphk1-high", "pten-loss")
    assert (ran.status, ran.err) == (0, "")
    for word in ("igf1r-sphk1-high", "IGF1R", "SPHK1", "median", "pten-loss"):
        assert word in ran.out


def test_an_unknown_id_is_4(strata):
    ran = strata("signatures", "show", "pten-los")
    assert (ran.status, ran.out) == (4, "")
    assert "Did you mean 'pten-loss'" in ran.err


def test_lint_of_the_shipped_signatures(strata):
    ran = strata("signatures", "lint")
    assert (ran.status, ran.out, ran.err) == (0, "", "problems: 0\n")


def test_lint_names_file_line_and_key(strata, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("id: broken\nname: b\npositive:\n  mrna: IGF1R\n  abov: median\n")
    ran = strata("signatures", "lint", path)
    assert ran.status == 4
    assert f"{path}:5" in ran.err
    assert "abov" in ran.err
    assert "problems: " in ran.err
    good = tmp_path / "good.yaml"
    good.write_text("id: good\nname: g\npositive: {mrna: IGF1R, above: median}\n")
    assert strata("signatures", "lint", good).status == 0
    assert strata("signatures", "lint", tmp_path).status == 4


@pytest.mark.parametrize("word", ["nowhere", "nowhere.yaml"])
def test_a_file_that_is_not_there_is_6(strata, tmp_path, word):
    ran = strata("signatures", "lint", tmp_path / word)
    assert ran.status == 6
    assert "no such file or folder" in ran.err
