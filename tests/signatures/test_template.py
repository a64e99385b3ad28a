"""The file to start from is right as it stands."""

from __future__ import annotations

import pytest

from strata.errors import UsageError
from strata.signatures import lint, load_signatures
from strata.signatures.template import new_signature


def test_it_passes_lint_and_says_its_id(tmp_path):
    path = tmp_path / "my-own2.yaml"
    path.write_text(new_signature("my-own2"))
    assert lint(path) == []
    (signature,) = load_signatures(path)
    assert str(signature.positive) == "(mrna IGF1R above median and not mutation PIK3CA is nonsyn)"
    assert "lint my-own2.yaml" in path.read_text()


def test_every_form_in_its_comments_is_right(tmp_path):
    comments = [line.strip("# ") for line in new_signature("x").splitlines() if line.startswith("#   {")]
    rules = [line[: line.rindex("}") + 1] for line in comments]
    assert len(rules) > 10
    for number, rule in enumerate(rules):
        positive = rule if any(word in rule for word in ("is:", "below", "above", "at_least")) else None
        head = f"id: x{number}\nname: made\nscore: {'{mrna: IGF1R}' if positive else rule}\n"
        path = tmp_path / f"x{number}.yaml"
        path.write_text(f"{head}positive: {positive or '{score: self, above: median}'}\n")
        assert lint(path) == [], rule


@pytest.mark.parametrize("name", ["", "Mine", "a_b", "-a", "a--b", "a b", "../x", "a" * 65])
def test_an_id_that_is_none(name):
    with pytest.raises(UsageError, match=r"is not an id\. Use small letters"):
        new_signature(name)
