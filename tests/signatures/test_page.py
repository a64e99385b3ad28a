"""The catalogue page: what it holds, and that the one in the folder is the one that is printed."""

from __future__ import annotations

import re

from strata.signatures import catalogue_page, parse_signature, signature_library


def made(name, **data):
    return parse_signature({"name": name, **data}, id=name, where="test")


def section(page, heading):
    """The lines below a heading."""
    return re.split(r"^#+ ", page.partition(f" {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0].strip().splitlines()


def test_the_page_of_the_folder_is_the_one_that_is_printed(root):
    assert (root / "signatures" / "CATALOGUE.md").read_text(encoding="utf-8") == catalogue_page(signature_library()), (
        "run: make catalogue"
    )


def test_every_signature_stands_under_its_assays_and_every_drug_has_its_claims():
    claims = [
        {
            "role": "predictive",
            "effect": "sensitive",
            "evidence": "reported",
            "drug": "b|x",
            "document": "000:12; 001:9",
        },
        {
            "role": "predictive",
            "effect": "resistant",
            "evidence": "hypothesis",
            "drug": "A",
            "endpoints": ["DFS", "OS"],
        },
        {"role": "predictive", "evidence": "reported"},
    ]
    library = {
        signature.id: signature
        for signature in (
            made("one", positive={"mrna": "IGF1R", "above": "median"}, claims=claims, computable="proxy"),
            made("two", positive={"all": [{"signature": "one"}, {"serum": "S1P", "above": 1}]}),
            made("three", positive={"class": "pam50", "is": "LumA"}, population={"signature": "one"}),
            made("four", computable="needs-assay", claims=[{"role": "subtype", "evidence": "definition"}]),
        )
    }
    page = catalogue_page(library)
    assert "4 signatures with 4 claims" in page
    assert "never the result of a cohort" in page
    assert section(page, "Contents") == [
        "- [By assay](#by-assay)",
        "  - [mRNA](#mrna): 3",
        "  - [serum](#serum): 1",
        "  - [no table](#no-table): 1",
        "- [By drug](#by-drug)",
        "- [By document](#by-document)",
    ]
    head = ["| signature | name | positive | population | claims | needs |", "| --- | --- | --- | --- | --- | --- |"]
    one = (
        "| [one](one.yaml) | one | IGF1R mRNA above the median |  | predictive (reported), predictive (hypothesis) |"
        " proxy |"
    )
    two = "| [two](two.yaml) | two | one and S1P in serum above 1 |  |  |  |"
    three = "| [three](three.yaml) | three | PAM50 class LumA | one |  | centroids of pam50 |"
    four = "| [four](four.yaml) | four |  |  | subtype (definition) | an assay of four |"
    assert section(page, "mRNA") == [*head, one, two, three]
    assert section(page, "serum") == [*head, two]
    assert section(page, "no table") == [*head, four]
    rule = "IGF1R mRNA above the median"
    assert section(page, "By drug")[2:] == [
        f"| A | [one](one.yaml) | {rule} | resistant | hypothesis | DFS, OS |  |",
        rf"| b\|x | [one](one.yaml) | {rule} | sensitive | reported |  |  |",
    ]
    assert section(page, "By document")[2:] == ["- **000**: [one](one.yaml)", "- **001**: [one](one.yaml)"]


def test_the_shipped_page_holds_every_signature_and_drug():
    library = signature_library()
    page = catalogue_page(library)
    by_assay = page.partition("## By assay")[2].partition("## By drug")[0]
    assert set(re.findall(r"^\| \[([^]]+)\]", by_assay, re.MULTILINE)) == set(library)
    claims = [claim for signature in library.values() for claim in signature.claims if claim.drug]
    assert len(section(page, "By drug")) == 2 + len(claims)
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= headings
