"""``strata signatures list``, ``show``, ``check`` and ``page``."""

from __future__ import annotations

import pytest

from strata import load_signatures
from strata.signatures import SUMMARY_COLUMNS


def rows(out):
    """A printed table: one mapping a row."""
    header, *lines = [line.split("\t") for line in out.splitlines()]
    return [dict(zip(header, cells, strict=True)) for cells in lines]


def test_the_list_is_a_table(strata):
    ran = strata("signatures", "list")
    assert (ran.status, ran.err) == (0, "175 of 175 signatures\n")
    assert tuple(ran.out.splitlines()[0].split("\t")) == SUMMARY_COLUMNS
    assert [row["id"] for row in rows(ran.out)] == [signature.id for signature in load_signatures()]


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        (["--assay", "serum,mirna"], lambda row: {"serum", "mirna"} & set(row["assays"].split(","))),
        (["--role", "prognostic"], lambda row: "prognostic" in row["role"].split(",")),
        (["--evidence", "validated"], lambda row: "validated" in row["evidence"].split(",")),
        (["--role", "subtype", "--assay", "mrna"],
         lambda row: "subtype" in row["role"] and "mrna" in row["assays"].split(",")),
    ],
)  # fmt: skip
def test_filters(strata, words, holds):
    every, found = rows(strata("signatures", "list").out), rows(strata("signatures", "list", *words).out)
    assert found == [row for row in every if holds(row)]
    assert 0 < len(found) < len(every)


def test_drug_and_document(strata):
    ran = strata("signatures", "list", "--drug", "LAPATINIB", "--document", "001")
    assert [row["id"] for row in rows(ran.out)] == [
        "axl-high",
        "pik3ca-mutated-her2pos",
        "pten-loss-her2pos",
        "pten-loss-or-pik3ca-mut",
    ]
    assert ran.err == "4 of 175 signatures\n"
    assert rows(strata("signatures", "list", "--drug", "aspirin").out) == []


def test_an_unknown_word_is_2(strata):
    ran = strata("signatures", "list", "--assay", "mrnaa", "--role", "prognosis")
    assert (ran.status, ran.out) == (2, "")
    assert "unknown assay 'mrnaa'. Did you mean 'mrna'?" in ran.err
    assert "unknown role 'prognosis'. Did you mean 'prognostic'?" in ran.err


def test_those_a_cohort_can_answer(strata, small, tmp_path):
    found = rows(strata("signatures", "list", "--computable-in", small, "--role", "prognostic").out)
    assert {row["id"] for row in found} == {"igf1r-high", "sphk1-high", "igf1r-sphk1-high"}
    lists = tmp_path / "mine.gmt"
    lists.write_text("KRAS.BREAST_UP.V1_UP\tinvented\tIGF1R\nKRAS.BREAST_UP.V1_DN\tinvented\tSPHK1\n")
    wanted = ("signatures", "list", "--computable-in", small, "--role", "mechanism", "--assay", "mrna")
    assert rows(strata(*wanted).out) == []
    assert [row["id"] for row in rows(strata(*wanted, "--gene-sets", lists).out)] == ["kras-breast-signature"]


def test_signatures_of_the_users_own_are_listed_and_shown(strata, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nname: my marker\npositive: {all: [{mrna: SPHK1, above: 3}, {signature: er-positive}]}\n")
    (row,) = (row for row in rows(strata("signatures", "list", "--signatures", tmp_path).out) if row["id"] == "mine")
    assert (row["name"], row["assays"], row["role"]) == ("my marker", "mrna,clinical", "")
    for words in (["mine", "--signatures", tmp_path], [path]):
        assert "SPHK1 mRNA above 3 and er-positive" in strata("signatures", "show", *words).out


def test_show_says_rule_method_and_claims(strata):
    ran = strata("signatures", "show", "igf1r-sphk1-high", "pten-loss", "hallmark-mtorc1")
    assert (ran.status, ran.err) == (0, "")
    for words in (
        "igf1r-sphk1-high: ",
        "IGF1R mRNA above the median and SPHK1 mRNA above the median",
        "pten-loss: ",
        "method:     ssgsea",
        "reference: doi:10.1038/nature08460",
        "other samples: do not change it",
        "needs:      gene set HALLMARK_MTORC1_SIGNALING (MSigDB H): pass --gene-sets h.all.gmt",
    ):
        assert words in ran.out
    assert "other samples: change a sample's score" in strata("signatures", "show", "pten-loss-signature").out


def test_an_unknown_id_is_4(strata):
    ran = strata("signatures", "show", "pten-los")
    assert (ran.status, ran.out) == (4, "")
    assert "Did you mean 'pten-loss'" in ran.err


def test_check_is_a_table_with_a_summary(strata, small):
    ran = strata("signatures", "check", small)
    assert ran.status == 0
    table = {row["signature"]: row for row in rows(ran.out)}
    assert len(table) == 175
    high = table["igf1r-high"]
    assert (high["can_be_scored"], high["asked"], high["found"], high["missing"]) == ("true", "1", "1", "0")
    calls = ("positive", "negative", "unknown", "not_applicable")
    assert all(sum(int(row[call]) for call in calls) == 40 for row in table.values())
    no = [row for row in table.values() if row["can_be_scored"] == "false"]
    assert all(row["why"] for row in no)
    first, *reasons = ran.err.splitlines()
    assert first == f"{175 - len(no)} of 175 signatures can be scored"
    assert sum(int(reason.rpartition(": ")[2]) for reason in reasons) == len(no)
    assert any(reason.startswith("  the cohort has no protein table: ") for reason in reasons)
    assert "SECRET" not in ran.out + ran.err


def test_check_takes_lists_own_signatures_and_absent_assays(strata, small, tmp_path):
    lists = tmp_path / "mine.tsv"
    lists.write_text("set\tgene\nTWO\tIGF1R\nTWO\tSPHK1\n", encoding="utf-8")
    own = tmp_path / "two.yaml"
    score = "{genes: {up: TWO}, by: mean, above: 0}"
    own.write_text(f"id: two\nname: n\npositive: {{any: [{score}, {{protein: PTEN, below: median}}]}}\n")

    def two(*words):
        ran = strata("signatures", "check", small, "--signatures", own, *words)
        (row,) = (row for row in rows(ran.out) if row["signature"] == "two")
        return row

    assert "needs gene set TWO" in two()["why"]
    known = two("--gene-sets", lists)
    assert int(known["unknown"]) == 40 - int(known["positive"]) > 0
    dropped = two("--gene-sets", lists, "--absent-assay", "drop")
    assert (dropped["positive"], dropped["unknown"]) == (known["positive"], "0")


def test_page_is_the_catalogue(strata, root):
    ran = strata("signatures", "page")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (root / "signatures" / "CATALOGUE.md").read_text(encoding="utf-8")
