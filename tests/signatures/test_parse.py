# ruff: noqa: E501
"""What is wrong in one file is told with its file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.errors import SignatureError
from strata.signatures import Signature, lint, load_signatures, parse_signature


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, *, name: str = "mine") -> list[str]:
    path = write(folder, name, text)
    with pytest.raises(SignatureError) as caught:
        load_signatures(path)
    assert caught.value.exit_status == 4
    assert [str(problem) for problem in lint([path])] == str(caught.value).splitlines()
    return [str(problem).replace(str(folder) + "/", "") for problem in caught.value.problems]


def rule(text: str) -> str:
    return f"id: mine\nname: Mine\npositive: {text}\n"


BROKEN = {
    "g01 two colons": ("id: mine\nname: PTEN: loss\n", ["mine.yaml:2:11: not valid YAML: mapping values", "in quotes"]),
    "g01 tab": ("id: mine\npositive:\n\tmrna: X\n", ["mine.yaml:3:1: not valid YAML", "spaces, not tabs"]),
    "g01 null byte": ("id: \0mine\n", ["mine.yaml: not valid YAML"]),
    "g02 tag": ("!!python/object/apply:os.system [id]\n", ["mine.yaml:1:1: the YAML tag", "os.system", "is not allowed"]),
    "g03 bomb": ("id: mine\na: &a [x, x]\nb: [*a, *a]\n", ["mine.yaml:2:4: YAML anchors and aliases"]),
    "g03 alias": ("id: *a\n", ["mine.yaml:1:5: YAML anchors and aliases"]),
    "g04 deep": ("id: " + "[" * 3000, ["mine.yaml:1", "nested deeper than 20 levels"]),
    "g05 duplicate key": ("id: mine\nname: A\nname: B\n", ["mine.yaml:3:1: key 'name' is given twice (first on line 2)"]),
    "g06 unknown key": (rule("{mrna: A, abvoe: 1}"), ["mine.yaml:3: positive.abvoe: unknown key 'abvoe'. Did you mean 'above'?"]),
    "g06 unknown assay": (rule("{mnra: A, above: 1}"), ["positive.mnra: unknown key 'mnra'. Did you mean 'mrna'?"]),
    "g07 NO": (rule("{mrna: NO, above: 1}"), ["mine.yaml:3:18: NO without quotes is a boolean", "Quote it: 'NO'"]),
    "g07 true": (rule("{mrna: true, above: 1}"), ["positive.mrna", "found the boolean true. Quote it: 'true'"]),
    "g07 number": (rule("{mrna: 7157, above: 1}"), ["found the number 7157. Quote it: '7157'"]),
    "g08 sexagesimal": (rule("{mrna: A, above: 1:30}"), ["mine.yaml:3: positive.above: cut '1:30' is not a number"]),
    "g08 underscore": (rule("{mrna: A, above: 1_000}"), ["cut '1_000' is not a number"]),
    "g08 octal": (rule("{mrna: A, above: 017}"), ["cut '017' is not a number"]),
    "g08 hex": (rule("{mrna: A, above: 0x1F}"), ["cut '0x1F' is not a number"]),
    "g08 nan": (rule("{mrna: A, above: .nan}"), ["cut '.nan' is not a number"]),
    "g08 boolean": (rule("{mrna: A, above: true}"), ["a cut is a number or a rule, found the boolean true"]),
    "g08 overflow": (rule("{mrna: A, above: 1e999}"), ["found the number inf"]),
    "g09 empty": ("", ["mine.yaml: expected one mapping, found nothing"]),
    "g09 comment": ("# nothing\n", ["expected one mapping, found nothing"]),
    "g09 list": ("- id: mine\n", ["expected one mapping, found a list"]),
    "g09 text": ("mine\n", ["expected one mapping, found a single value"]),
    "g09 two documents": ("id: mine\n---\nid: mine\n", ["mine.yaml:2:1: a second YAML document"]),
    "g10 nothing required": ("name: A\n", ["id: 'id' is required"]),
    "g10 no positive": ("id: mine\nname: A\n", ["positive: 'positive' is required"]),
    "g10 empty positive": ("id: mine\nname: A\npositive:\n", ["mine.yaml:3: positive: 'positive' is empty"]),
    "g12 empty list": (rule("{all: []}"), ["'all' takes a list, found an empty list"]),
    "g12 no list": (rule("{any: {mrna: A, above: 1}}"), ["'any' takes a list, found a mapping"]),
    "g12 no weights": (rule("{weighted: {mrna: {}}, above: 1}"), ["positive.weighted.mrna: {FEATURE: weight} is expected"]),
    "g12 text weight": (rule("{weighted: {mrna: {A: big}}, above: 1}"), ["weighted.mrna.A: a weight is a number"]),
    "g12 weight assay": (rule("{weighted: {mrn: {A: 1}}, above: 1}"), ["unknown assay 'mrn'. Did you mean 'mrna'?"]),
    "g13 gene twice": (rule("{mean: [{mrna: A}, {mrna: A}], above: 1}"), ["positive.mean: 'mrna A' is listed twice"]),
    "g14 q150": (rule("{mrna: A, above: q150}"), ["quantile 'q150' must be between 1 and 100"]),
    "g14 fraction": (rule("{mrna: A, above: q0.25}"), ["quantile 'q0.25' must be", "q25 is the 25th percentile"]),
    "g15 word": (rule("{mrna: A, above: optimum}"), ["cut 'optimum' is not a number", "mixture or optimal"]),
    "g16 itself": (rule("{signature: mine}"), ["mine.yaml:3: positive", "'mine' -> 'mine'"]),
    "g17 include": ("id: mine\ninclude: ../../etc/passwd\nname: A\n", ["mine.yaml:2: include: unknown key 'include'"]),
    "g18 text": (rule("\"__import__('os').system('id')\""), ["mine.yaml:3: positive: a rule is expected", "Rules are data"]),
    "g18 in a list": (rule("{all: [IGF1R > 3]}"), ["positive.all[0]: a rule is expected, found the text"]),
    "g20 pattern": (rule("{mrna: (a+)+$, above: 1}"), ["'(a+)+$' is not the name of a feature", "Patterns are not"]),
    "genes: method": (rule("{genes: {up: X}, by: gvsa, above: 1}"), ["positive.by: unknown method 'gvsa'. Did you mean 'gsva'"]),
    "genes: no method": (rule("{genes: {up: X}, above: 1}"), ["positive.genes: 'genes' needs 'by'. Known: mean"]),
    "genes: key": (rule("{genes: {upp: X}, by: mean, above: 1}"), ["genes.upp: unknown key 'upp'. Did you mean 'up'"]),
    "genes: none": (rule("{genes: {}, by: mean, above: 1}"), ["'genes' takes {up, down} or {table}, found a mapping"]),
    "genes: table and up": (rule("{genes: {up: X, table: Y}, by: mean, above: 1}"), ["'table' stands alone"]),
    "genes: weights": (rule("{genes: {up: X}, by: weighted, above: 1}"), ["positive.by: 'weighted' needs weights"]),
    "genes: norway": (rule("{genes: {up: [A, no]}, by: mean, above: 1}"), ["no without quotes is a boolean to many YAML readers"]),
    "genes: twice": (rule("{genes: {up: [A, A]}, by: mean, above: 1}"), ["genes.up: 'A' is listed twice"]),
    "genes: both": (rule("{genes: {up: [A, B], down: [B]}, by: mean, above: 1}"), ["genes.down: 'B' is up and down"]),
    "genes: table of symbols": (rule("{genes: {table: [A]}, by: mean, above: 1}"), ["'table' takes the name of a gene list"]),
    "class: scheme": (rule("{class: pam, is: LumA}"), ["positive.class: unknown classes 'pam'. Did you mean 'pam50'"]),
    "class: label": (rule("{class: pam50, is: LumC}"), ["the text 'LumC' is no class of pam50. Did you mean"]),
    "class: no is": (rule("{class: pam50, above: 1}"), ["positive.class: 'class' needs 'is'"]),
    "at: word": (rule("{protein: A, at: Day 15, above: 1}"), ["positive.at: a time point is a word, found the text 'Day 15'"]),
    "at: number": (rule("{protein: A, at: 15, above: 1}"), ["positive.at: a time point is a word, found the number 15"]),
    "at: of a mutation": (rule("{mutation: A, at: pre, is: any}"), ["positive.at: 'mutation' takes no 'at'"]),
    "by: of a feature": (rule("{mrna: A, by: mean, above: 1}"), ["positive.by: 'mrna' takes no 'by'. It belongs to genes"]),
    "own score in a population": (
        "id: mine\nname: X\nscore: {mrna: A}\npositive: {score: self, above: 1}\npopulation: {score: self, above: 0}\n",
        ["population: a population uses score: self"],
    ),
    "exon": (rule("{mutation: PIK3CA, is: 'exon:x'}"), ["unknown token 'exon:x' for mutation"]),
    "no comparator": (rule("{mrna: A}"), ["'mrna' needs one comparator, found none. Give one of above"]),
    "two comparators": (rule("{mrna: A, above: 1, below: 3}"), ["needs one comparator, found above and below"]),
    "two heads": (rule("{mrna: A, protein: A, above: 1}"), ["cannot hold both 'mrna' and 'protein'"]),
    "no head": (rule("{above: 1}"), ["the rule says nothing"]),
    "is for a number": (rule("{mrna: A, is: high}"), ["'mrna' is a number and takes no 'is'"]),
    "mutation above": (rule("{mutation: A, above: 1}"), ["'mutation' is not a number and takes no 'above'"]),
    "logic with a cut": (rule("{not: {signature: sphk1-high}, above: 1}"), ["'not' takes no 'above'"]),
    "token": (rule("{mutation: A, is: [hotspt]}"), ["unknown token 'hotspt' for mutation. Did you mean 'hotspot'?"]),
    "token copies": (rule("{copy_number: A, is: ampl}"), ["unknown token 'ampl' for copy_number. Did you mean 'amp'?"]),
    "token number": (rule("{clinical: grade, is: 3}"), ["a token is text, found the number 3. Quote it: '3'"]),
    "token boolean": (rule("{clinical: er, is: true}"), ["found the boolean true. Quote it: 'true'"]),
    "ratio of three": (rule("{ratio: [{mrna: A}, {mrna: B}, {mrna: C}], above: 1}"), ["'ratio' takes 2 terms, found 3"]),
    "comparison as term": (rule("{mean: [{mrna: A, above: 1}], above: 1}"), ["positive.mean[0]: a number is expected here"]),
    "no score": (rule("{score: self, above: 1}"), ["'score: self' is used, but there is no score"]),
    "score of itself": ("id: mine\nname: A\nscore: {ln: {score: self}}\npositive: {mrna: A, above: 1}\n", ["made from itself"]),
    "populations twice": (
        rule("{mrna: A, above: 1}") + "population: {signature: er-positive}\npopulations: [{signature: er-negative}]\n",
        ["mine.yaml:5: populations: both population and populations"],
    ),
    "id not kebab": ("id: Mine_1\nname: A\npositive: {mrna: A, above: 1}\n", ["'Mine_1' is not an id", "igf1r-high"]),
    "claim word": (rule("{mrna: A, above: 1}") + "claims:\n- {role: prognostc, evidence: reported}\n",
                   ["mine.yaml:5: claims[0].role: 'role' cannot be the text 'prognostc'. Did you mean 'prognostic'?"]),
    "claim key": (rule("{mrna: A, above: 1}") + "claims:\n- role: prognostic\n  evidence: reported\n  endpoint: [OS]\n",
                  ["mine.yaml:7: claims[0].endpoint: unknown key 'endpoint'. Did you mean 'endpoints'?"]),
    "claim list": (rule("{mrna: A, above: 1}") + "claims: {role: prognostic}\n", ["'claims' takes a list, found a mapping"]),
    "claim number": (rule("{mrna: A, above: 1}") + "claims:\n- {role: subtype, evidence: reported, reported: 0.6}\n",
                     ["'reported' is text, found the number 0.6. Quote it: '0.6'"]),
    "directive": ("%YAML 1.1\n---\nid: mine\n", ["YAML directives"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files(case: str, tmp_path: Path) -> None:
    text, words = BROKEN[case]
    found = "\n".join(problems(tmp_path, text))
    for word in words:
        assert word in found, found


def test_line_of_a_deep_key(tmp_path: Path) -> None:
    text = "id: mine\nname: Mine\npositive:\n  all:\n    - {mrna: A, above: median}\n    - not:\n        mrna: B\n        above: medium\n"
    assert problems(tmp_path, text)[0].startswith(
        "mine.yaml:8: positive.all[1].not.above: cut 'medium' is not a number"
    )


def test_siblings_are_all_told(tmp_path: Path) -> None:
    found = problems(
        tmp_path, rule("{all: [{mrna: A, above: x}, {copy_number: B, is: big}, {mean: [{mrna: [C]}], below: 1}]}")
    )
    assert len(found) == 3
    assert "all[0].above" in found[0]
    assert "all[1].is" in found[1]
    assert "all[2].mean[0].mrna" in found[2]


def test_parse_signature_says_where_the_data_come_from() -> None:
    made = parse_signature({"name": "A", "positive": {"mrna": "A", "at_least": 2}}, id="a", where="--genes")
    assert isinstance(made, Signature)
    assert str(made.positive) == "mrna A at least 2"
    with pytest.raises(SignatureError, match=r"^--genes: positive\.mrna: the name of a feature is text"):
        parse_signature({"name": "A", "positive": {"mrna": 1, "above": 2}}, id="a", where="--genes")
