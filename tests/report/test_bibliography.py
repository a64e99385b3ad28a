"""BibTeX: the shipped entries, strata itself, and the sources that signatures name."""

from __future__ import annotations

import re

import pytest

from strata.errors import InputOutputError
from strata.report.bibliography import joined, key_of_doi, shipped_entries, source_entries, strata_entry
from strata.scoring import CLASS_RECORD, METHODS
from strata.signatures import parse_signature, signature_library
from strata.yaml_file import read_yaml


def test_every_shipped_entry_is_whole(root):
    text = (root / "src" / "strata" / "report" / "bibliography.bib").read_text()
    entries = shipped_entries()
    assert len(entries) == len(re.findall(r"^@", text, flags=re.MULTILINE)) > 40
    for key, entry in entries.items():
        assert re.match(rf"@\w+\{{{key},\n", entry), key
        assert entry.count("{") == entry.count("}"), key
        fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", entry, flags=re.MULTILINE))
        assert len(fields) == entry.count("\n") - 1, key
        assert {"author", "title", "year"} <= set(fields), key
        assert key.endswith(fields["year"]), key


def test_every_sentence_cites_an_entry_and_every_entry_is_cited(root):
    folder = root / "src" / "strata" / "report"
    text = "".join((folder / name).read_text() for name in ("methods.py", "scan_methods.py"))
    cited = set(re.findall(r"[\[ ]@([a-z]+\d{4})", text))
    scores = {key_of_doi(method.reference) for method in METHODS.values()} | {key_of_doi(CLASS_RECORD["reference"])}
    reviews = {"ochnik2016", "yardley2013", "mohdsharial2012", "vicier2014", "balko2015"}
    assert cited | scores | reviews == set(shipped_entries())


def test_strata_is_what_the_citation_file_says(root):
    said = read_yaml(root / "CITATION.cff", InputOutputError).value
    entry = strata_entry("9.9")
    assert entry.startswith("@software{strata,")
    assert f"title = {{{said['title']}}}" in entry
    assert "author = {{The strata developers}}" in entry
    assert "version = {9.9}" in entry
    assert "note = {unreleased}" in entry  # a citation file without a date: no year is invented


def test_a_release_has_its_year(root, tmp_path, monkeypatch):
    dated = tmp_path / "CITATION.cff"
    dated.write_text((root / "CITATION.cff").read_text(encoding="utf-8") + 'date-released: "2031-02-03"\n')
    monkeypatch.setattr("strata.report.bibliography._citation_file", lambda: dated)
    entry = strata_entry("9.9")
    assert "year = {2031}" in entry
    assert "unreleased" not in entry


def source(**claim):
    data = {
        "name": "m",
        "positive": {"mrna": "IGF1R", "above": 1},
        "claims": [{"role": "subtype", "evidence": "reported", **claim}],
    }
    return source_entries(parse_signature(data, id="mine", where="here"))


@pytest.mark.parametrize(
    ("literature", "keys"),
    [
        ("Alain 2012 PMID 23100465; [39,40] in 003", ["alain2012"]),
        ("Ochnik & Baxter 2016 Fig 2A/B (BreastMark)", ["ochnik2016"]),
        ("de Bono 2007", ["debono2007"]),
        ("Bohula 2003; Singh 2014b; Beckwith & Yee 2014", ["bohula2003", "singh2014b", "beckwith2014"]),
        ("Huang 2009; for figitumumab AACR abstract LB-220", ["huang2009"]),
        ("signature Loboda 2010 (BMC Med Genomics 3:26)", ["loboda2010"]),
        ("doi:10.1000/182", ["doi101000182"]),
        ("[33-36]", []),
    ],
)
def test_the_publications_of_a_claim(literature, keys):
    assert list(source(literature=literature)) == keys


def test_nothing_is_invented_for_a_publication():
    (entry,) = source(literature="Beckwith & Yee 2014 PMID 123 PMC456 doi:10.1000/x_1").values()
    assert entry == (
        "@misc{beckwith2014,\n"
        "  author = {{Beckwith \\& Yee}},\n"
        "  year = {2014},\n"
        "  title = {Beckwith \\& Yee 2014 PMID 123 PMC456 doi:10.1000/x\\_1},\n"
        "  note = {as the signature mine names it; PMID 123, PMC456},\n"
        "  doi = {10.1000/x\\_1}\n"
        "}"
    )


def test_the_review_that_a_claim_was_read_in_is_cited():
    assert list(source(document="000:8360; 003:1-2")) == ["ochnik2016", "vicier2014"]
    assert source(document="external") == {}


def test_every_shipped_signature_has_sources_of_its_own():
    for signature in signature_library().values():
        found = source_entries(signature)
        assert all(re.fullmatch(r"[a-z]+\d{4}[a-z]?", key) for key in found), found.keys()
        assert all(entry.count("{") == entry.count("}") for entry in found.values())


def test_entries_stand_apart():
    assert joined(["@misc{a}", "@misc{b}"]) == "@misc{a}\n\n@misc{b}\n"
