"""``strata signatures lint``, ``new`` and ``import``."""

from __future__ import annotations

import pytest

GMT = "SET_ONE\tinvented\tAKT1\tTP53\nSET_TWO\tinvented\tEGFR\tKRAS\n"


def test_lint_of_the_shipped_signatures(strata):
    ran = strata("signatures", "lint")
    assert (ran.status, ran.out, ran.err) == (0, "", "175 files, 0 problems\n")


def test_lint_names_file_line_and_key(strata, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("id: broken\nname: b\npositive:\n  mrna: IGF1R\n  abov: median\n")
    ran = strata("signatures", "lint", path)
    assert ran.status == 4
    assert f"{path}:5" in ran.err
    assert "abov" in ran.err
    good = tmp_path / "good.yaml"
    good.write_text("id: good\nname: g\npositive: {mrna: IGF1R, above: median}\n")
    assert strata("signatures", "lint", good).err == "1 file, 0 problems\n"
    assert strata("signatures", "lint", tmp_path).status == 4


def test_lint_with_the_names_of_hgnc(strata, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nname: m\npositive: {mrna: NOTAGENE1, above: median}\n")
    table = tmp_path / "hgnc.txt"
    columns = ("symbol", "status", "alias_symbol", "prev_symbol", "entrez_id", "ensembl_gene_id")
    table.write_text("\t".join(columns) + "\nIGF1R\tApproved\t\t\t3480\tENSG00000140443\n")
    assert strata("signatures", "lint", path).status == 0
    ran = strata("signatures", "lint", path, "--hgnc", table)
    assert ran.status == 4
    assert f"{path}:3: positive.mrna: 'NOTAGENE1' is not in the table of gene names" in ran.err
    assert ran.err.endswith("1 file, 1 problem\n")


@pytest.mark.parametrize("word", ["nowhere", "nowhere.yaml"])
def test_a_file_that_is_not_there_is_6(strata, tmp_path, word):
    ran = strata("signatures", "lint", tmp_path / word)
    assert ran.status == 6
    assert "no such file or folder" in ran.err


# -- new ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("out", [None, ".", "sub/folder", "my-marker.yaml", "sub/my-marker.yaml"])
def test_new_writes_a_file_that_passes_lint(strata, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    ran = strata("signatures", "new", "my-marker", *([] if out is None else ["--out", out]))
    assert (ran.status, ran.out) == (0, "")
    (path,) = tmp_path.rglob("*.yaml")
    folder = tmp_path / ((out or ".").removesuffix("my-marker.yaml"))
    assert path == folder / "my-marker.yaml"
    assert f"strata signatures lint {path.relative_to(tmp_path)}" in ran.err
    assert strata("signatures", "lint", path).status == 0
    assert [file for file in path.parent.iterdir() if file.is_file()] == [path]


def test_new_replaces_a_file_only_when_told(strata, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_text("keep me")
    ran = strata("signatures", "new", "mine")
    assert (ran.status, path.read_text()) == (6, "keep me")
    assert "mine.yaml: is already there. Pass --overwrite or another --out" in ran.err
    assert strata("signatures", "new", "mine", "--overwrite").status == 0
    assert "id: mine" in path.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["My_Marker"], "'My_Marker' is not an id. Use small letters, digits and single hyphens"),
        (["mine", "--out", "other.yaml"], "other.yaml: is not the name of the file of 'mine'. Call it mine.yaml"),
    ],
)
def test_a_wrong_id_or_name_is_2(strata, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    ran = strata("signatures", "new", *words)
    assert ran.status == 2
    assert says in ran.err
    assert list(tmp_path.iterdir()) == []


# -- import ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def gmt(tmp_path):
    path = tmp_path / "sets.gmt"
    path.write_text(GMT, encoding="utf-8")
    return path


def test_import_writes_a_file_a_list_and_lints_them(strata, tmp_path, gmt):
    out = tmp_path / "new" / "signatures"
    ran = strata("signatures", "import", gmt, "--out", out, "--prefix", "my")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err == f"wrote 2 signatures to {out}\n2 files, 0 problems\n"
    assert sorted(path.name for path in out.iterdir()) == ["my-set-one.yaml", "my-set-two.yaml"]
    assert "ssgsea score of AKT1, TP53" in strata("signatures", "show", "my-set-one", "--signatures", out).out


def test_import_writes_all_or_nothing(strata, tmp_path, gmt):
    out = tmp_path / "out"
    out.mkdir()
    (out / "set-two.yaml").write_text("keep me")
    ran = strata("signatures", "import", gmt, "--out", out)
    assert ran.status == 6
    assert "set-two.yaml: is already there" in ran.err
    assert [path.name for path in out.iterdir()] == ["set-two.yaml"]
    assert strata("signatures", "import", gmt, "--out", out, "--overwrite").status == 0
    assert sorted(path.name for path in out.iterdir()) == ["set-one.yaml", "set-two.yaml"]
    assert "keep me" not in (out / "set-two.yaml").read_text()


def test_import_says_what_should_be_mended(strata, tmp_path, gmt):
    gmt.write_text("SET_ONE\tinvented\tAKT1\tHER2\n", encoding="utf-8")
    ran = strata("signatures", "import", gmt, "--out", tmp_path / "out")
    assert ran.status == 4
    assert "'HER2' is not the approved symbol (alias of ERBB2). Write ERBB2" in ran.err
    assert "wrote 1 signature to" in ran.err
    assert ran.err.endswith("1 file, 1 problem\n")


def test_a_file_of_something_else_is_3_and_nothing_is_written(strata, tmp_path, gmt):
    gmt.write_text("not a gene list\n", encoding="utf-8")
    assert strata("signatures", "import", gmt, "--out", tmp_path / "out").status == 3
    assert strata("signatures", "import", tmp_path / "gone.gmt", "--out", tmp_path / "out").status == 6
    assert not (tmp_path / "out").exists()
