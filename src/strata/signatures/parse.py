"""From a file's plain data to a signature: pydantic's errors in the words and lines of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from strata.errors import Problem, SignatureError
from strata.signatures.faults import described, did_you_mean, quote_it
from strata.signatures.model import Claim, Signature
from strata.signatures.shapes import ASSAYS, COMBINERS, COMPARATORS, LOGIC, LOGS
from strata.yaml_file import KeyPath, YamlDocument

# the keys a person wrote where the models have one field
_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "feature": ASSAYS,
    "terms": (*COMBINERS, "weighted"),
    "term": LOGS,
    "of": (*LOGIC, "count"),
    "cut": COMPARATORS,
    "tokens": ("is",),
}


def parse_signature(data: Mapping[str, Any], *, id: str, where: str) -> Signature:  # noqa: A002
    """A signature from plain data, as a file would hold it; its references are not looked up.

    Parameters
    ----------
    data : mapping
        The keys of a signature file; ``id`` may be left out.
    id : str
        The signature's id.
    where : str
        What messages call the place the data come from.

    Raises
    ------
    SignatureError
        With every problem found.
    """
    return parse_document(YamlDocument(where, {"id": id, **data}), id)


def parse_document(document: YamlDocument, name: str) -> Signature:
    """The signature a file holds; ``name`` is the file's. Raises ``SignatureError`` with every problem found."""
    problems: list[Problem] = []
    given = document.value.get("id")
    if isinstance(given, str) and given != name:
        problems.append(
            Problem(
                document.where(("id",)),
                f"the id '{given}' is not the file's name '{name}'",
                "Make them one",
                code="E624",
            )
        )
    try:
        signature = Signature.model_validate(document.value)
    except ValidationError as error:
        problems += _problems(error, document)
    if problems:
        raise SignatureError(problems)
    return signature


def _problems(error: ValidationError, document: YamlDocument) -> list[Problem]:
    found: list[Problem] = []
    for detail in error.errors(include_url=False):
        path = _written(detail["loc"], document.value)
        if detail["type"] == "missing":
            path = (*path, detail["loc"][-1])
        if detail["type"] == "strata":
            faults = detail["ctx"]["faults"]
            found += [Problem(document.where((*path, *below)), *fault) for below, *fault in faults]
        else:
            found.append(Problem(document.where(path), *_words(dict(detail), path)))
    return list(dict.fromkeys(found))


def _written(loc: Sequence[str | int], data: Any) -> KeyPath:
    """Where in the file pydantic's ``loc`` is: tags and split fields are not keys that anybody wrote."""
    path: KeyPath = ()
    for part in loc:
        keys = (part, *_WRITTEN.get(str(part), ()))
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            key: str | int | None = part
        else:
            key = next((key for key in keys if isinstance(data, dict) and key in data), None)
        if key is not None:
            path, data = (*path, key), data[key]
    return path


def _words(detail: Mapping[str, Any], path: KeyPath) -> tuple[str, str, str]:
    """What, fix and code for pydantic's own kinds of error."""
    key = path[-1] if path else ""
    match detail["type"]:
        case "missing":
            return f"'{key}' is required", "", "E610"
        case "extra_forbidden":
            known = Claim.model_fields if path[0] == "claims" else Signature.model_fields
            return f"unknown key '{key}'", did_you_mean(str(key), known), "E606"
        case "literal_error":
            known_words = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
            word = detail["input"]
            return f"'{key}' cannot be {described(word)}", did_you_mean(str(word), known_words), "E615"
        case "string_type":
            return f"'{key}' is text, found {described(detail['input'])}", quote_it(detail["input"]), "E615"
        case "string_pattern_mismatch":
            return (
                f"'{detail['input']}' is not an id",
                "Use small letters, digits and single hyphens: igf1r-high",
                "E624",
            )
        case "tuple_type":
            return f"'{key}' takes a list, found {described(detail['input'])}", "", "E615"
        case "model_type":
            return f"a mapping is expected, found {described(detail['input'])}", "", "E615"
    return str(detail["msg"]), "", "E615"
