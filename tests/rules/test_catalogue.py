"""The shipped files against the catalogue that they were written from, and against the traps found in its sources."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from .plain_rules import Rule

RULE_KEYS = ("name", "score", "positive", "population", "populations", "computable")
CLAIM_KEYS = ("role", "drug", "endpoints", "effect", "evidence")

CORRECTED: dict[tuple[str, ...], dict[str, Any]] = {
    # the neutral result is about progression-free survival, the endpoint of the trial
    ("ccnd1-altered", "predictive", "everolimus+exemestane"): {"endpoints": ["PFS"]},
    # the trial compares two drugs with the same chemotherapy (002:181-185)
    ("p95her2", "eligibility", "lapatinib+chemotherapy"): {
        "drug": "lapatinib+chemotherapy (vs trastuzumab+chemotherapy)"
    },
}
"""What the files say otherwise than the catalogue, by signature, role and drug of the catalogue's claim."""

ADDED = {
    # a phase I trial of its own (002:430-436), not an arm of BOLERO-3
    ("trastuzumab-refractory-her2pos", "predictive", "everolimus+vinorelbine+trastuzumab", ("ORR", "PFS")),
}
"""Claims that the catalogue does not have: signature, role, drug, endpoints."""

LINES = re.compile(r"\b(00[0-4]):(\d+)(?:-(\d+))?((?:[,;] ?\b(?!00[0-4]\b)\d+(?:-\d+)?\b)*)")


@pytest.fixture(scope="session")
def catalogue(shared: Path) -> dict[str, Rule]:
    listed = YAML(typ="safe").load(shared / "catalogue.yaml")
    return {entry["id"]: entry for entry in listed}


def claims(entry: Rule) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = entry.get("claims", [])
    return found


def said(entry: Rule, key: str = "note") -> str:
    return " ".join(claim.get(key, "") for claim in claims(entry))


def one_claim(entry: Rule, **words: str) -> dict[str, Any]:
    (found,) = [claim for claim in claims(entry) if all(claim.get(key) == word for key, word in words.items())]
    return found


# -- completeness ------------------------------------------------------------------------------------------------------


def test_there_are_175_files(entries: dict[str, Rule]) -> None:
    assert len(entries) == 175
    assert [entry["id"] for entry in entries.values()] == list(entries)


def test_every_signature_has_claims_and_every_claim_its_source(entries: dict[str, Rule]) -> None:
    without = [
        (name, number)
        for name, entry in entries.items()
        for number, claim in enumerate(claims(entry) or [{}])
        if not re.search(r"\b00[0-4]\b|Table \d", claim.get("document", "")) and not claim.get("literature")
    ]
    assert without == []


def test_line_numbers_are_in_the_documents(entries: dict[str, Rule], shared: Path) -> None:
    documents = sorted((shared / "documents").iterdir())
    length = {path.name[:3]: len(path.read_text(encoding="utf-8").splitlines()) for path in documents}
    numbered = [
        (name, number, line)
        for name, entry in entries.items()
        for number, first, last, more in LINES.findall(said(entry, "document"))
        for line in map(int, re.findall(r"\d+", f"{first} {last} {more}"))
    ]
    assert len(numbered) > 300
    assert [place for place in numbered if not 1 <= place[2] <= length[place[1]]] == []


# -- against the catalogue ---------------------------------------------------------------------------------------------


def test_every_rule_is_the_catalogues(entries: dict[str, Rule], catalogue: dict[str, Rule]) -> None:
    assert set(entries) == set(catalogue)
    differ = [(n, key) for n in entries for key in RULE_KEYS if entries[n].get(key) != catalogue[n].get(key)]
    assert differ == []


def test_every_claim_is_the_catalogues_or_a_listed_correction(
    entries: dict[str, Rule], catalogue: dict[str, Rule]
) -> None:
    for name, entry in entries.items():
        own = [_told(claim) for claim in claims(entry) if (name, *_key(claim)) not in ADDED]
        theirs = [_told(claim | CORRECTED.get((name, *_key(claim)[:2]), {})) for claim in claims(catalogue[name])]
        assert own == theirs, name


def test_every_listed_correction_is_one(entries: dict[str, Rule], catalogue: dict[str, Rule]) -> None:
    for (name, role, drug), correction in CORRECTED.items():
        theirs = [claim for claim in claims(catalogue[name]) if (claim["role"], claim.get("drug")) == (role, drug)]
        assert len(theirs) == 1
        assert any(theirs[0].get(key) != value for key, value in correction.items())
    for name, *key in ADDED:
        assert tuple(key) in [_key(claim) for claim in claims(entries[name])]
        assert tuple(key) not in [_key(claim) for claim in claims(catalogue[name])]


def _told(claim: dict[str, Any]) -> list[Any]:
    return [claim.get(key) for key in CLAIM_KEYS]


def _key(claim: dict[str, Any]) -> tuple[Any, ...]:
    return claim["role"], claim.get("drug"), tuple(claim.get("endpoints", ()))


# -- the traps ---------------------------------------------------------------------------------------------------------


def test_the_inverted_ratio_keeps_the_primary_papers_direction(entries: dict[str, Rule]) -> None:
    entry = entries["4ebp1-eif4e-ratio-low"]
    assert entry["score"] == {"ratio": [{"mrna": "EIF4EBP1"}, {"mrna": "EIF4E"}]}
    assert entry["positive"] == {"score": "self", "below": "median"}
    claim = one_claim(entry, role="predictive")
    assert claim["effect"] == "resistant"
    assert "inverted" in claim["document"]
    assert "23100465" in claim["literature"]


def test_neozotacs_p_values_are_the_abstracts(entries: dict[str, Rule]) -> None:
    """0.020 for a fall during chemotherapy, 0.006 for absence after it."""
    absent = one_claim(entries["igf1r-absent-after-chemo"])
    assert "abstract: P=0.006" in absent["reported"]
    assert "swaps" in absent["note"]
    assert "abstract: P=0.020" in one_claim(entries["igf1r-protein-drop"])["reported"]


def test_low_insulin_receptor_is_prognostic_not_predictive(entries: dict[str, Rule]) -> None:
    claim = one_claim(entries["insr-low"])
    assert (claim["role"], claim["effect"], claim.get("drug")) == ("prognostic", "better", None)
    assert "independent of the treatment" in claim["note"]


def test_figure_2_carries_the_paper_that_contradicts_it(entries: dict[str, Rule]) -> None:
    claim = one_claim(entries["igf1r-sphk1-high"], role="prognostic")
    assert (claim["effect"], claim["evidence"]) == ("worse", "reported")
    assert "17:820" in claim["note"]
    assert "improved OS" in claim["note"]


def test_pik3ca_means_opposite_things_by_population(entries: dict[str, Rule]) -> None:
    hr_positive, her2_positive = entries["pik3ca-mutated-hrpos-her2neg"], entries["pik3ca-mutated-her2pos"]
    assert hr_positive["positive"] == her2_positive["positive"] == {"signature": "pik3ca-mutated"}
    neutral = one_claim(hr_positive, drug="everolimus+exemestane")
    assert (neutral["effect"], neutral["evidence"]) == ("none", "not-confirmed")
    assert one_claim(her2_positive, drug="everolimus+trastuzumab+chemo")["effect"] == "sensitive"
    assert one_claim(her2_positive, drug="trastuzumab")["effect"] == "resistant"


def test_igf1r_has_no_global_direction(entries: dict[str, Rule]) -> None:
    claim = one_claim(entries["igf1r-high"], role="prognostic", effect="worse")
    assert claim["evidence"] == "conflicting"
    assert "PMC4321663" in claim["note"]


def test_circulating_igf2_was_never_refuted(entries: dict[str, Rule]) -> None:
    claim = one_claim(entries["igf-circulating-high"])
    assert claim["evidence"] == "reported"
    assert "PMC4804122" in claim["note"]


def test_phosphorylated_4ebp1_was_not_confirmed_everywhere(entries: dict[str, Rule]) -> None:
    claim = one_claim(entries["p4ebp1-high"])
    assert claim["evidence"] == "conflicting"
    assert "PMC7519923" in claim["note"]


@pytest.mark.parametrize("word", ["eligibility-only", "definition"])
def test_neither_eligibility_nor_a_definition_is_a_survival_claim(entries: dict[str, Rule], word: str) -> None:
    found = [claim for entry in entries.values() for claim in claims(entry) if claim["evidence"] == word]
    assert found
    assert [claim for claim in found if claim["role"] in ("prognostic", "predictive")] == []
