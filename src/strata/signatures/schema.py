"""The JSON Schema of signature files, for editors: completion, and a red line under a misspelt key.

``signatures/schema.json`` is its published text. It is flat on purpose (one object for numbers, one for predicates),
because editors explain a flat schema and not a union of twenty; the models check the rest.
"""

from __future__ import annotations

import json
from typing import Any

from strata.signatures.class_labels import schemes
from strata.signatures.model import Claim, Signature
from strata.signatures.set_shapes import METHODS
from strata.signatures.shapes import (
    ASSAYS,
    COMBINERS,
    COMPARATORS,
    CUT_WORDS,
    LOGIC,
    LOGS,
    NUMBER_ASSAYS,
    NUMBER_FORMS,
    RIDERS,
    TOKEN_ASSAYS,
)

_NUMBER = {"$ref": "#/$defs/number"}
_PREDICATE = {"$ref": "#/$defs/predicate"}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a signature file."""
    numbers = _number_properties()
    assays = {assay: _text(f"A feature of the {assay} tables") for assay in ASSAYS}
    cuts = {word: {"$ref": "#/$defs/cut"} for word in COMPARATORS}
    token = {"type": ["string", "number"]}
    tokens = {"is": {"description": "A token, or several of which one is enough", "oneOf": [token, _list(token)]}}
    logic = {word: _list(_PREDICATE) for word in ("all", "any", "first")} | {"not": _PREDICATE}
    classes = {"class": {"enum": list(schemes()), "description": "Classes by the nearest centroid"}}
    reference = {"signature": _text("The id of another signature: whether it is positive")}
    forms = [
        *_one_of((*LOGIC, "signature")),
        *_one_of((*NUMBER_ASSAYS, *NUMBER_FORMS), COMPARATORS),
        *_one_of((*TOKEN_ASSAYS, "class"), ("is",)),
    ]
    definitions = {
        "number": _object(numbers, oneOf=_one_of((*NUMBER_ASSAYS, *NUMBER_FORMS))),
        "predicate": _object(numbers | assays | cuts | tokens | logic | classes | reference, oneOf=forms),
        "cut": {
            "description": "A number, median, mean, a quantile (q75), standard deviations from the mean (sd1), mixture"
            " (between two components) or optimal (searched; reported with its corrected P)",
            "oneOf": [
                {"type": "number"},
                {"type": "string", "pattern": rf"^({'|'.join(CUT_WORDS)}|q\d+(\.\d+)?|sd-?\d+(\.\d+)?)$"},
            ],
        },
        "claim": _model(Claim, {}),
    }
    own = {
        "score": _NUMBER,
        "positive": _PREDICATE,
        "population": _PREDICATE,
        "populations": _list(_PREDICATE),
        "claims": {"type": "array", "items": {"$ref": "#/$defs/claim"}},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A strata signature"}
    return head | _model(Signature, own) | {"$defs": definitions}


def _number_properties() -> dict[str, Any]:
    pair = _list(_NUMBER) | {"minItems": 2, "maxItems": 2}
    weights = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number"}}
    return {
        **{assay: _text(f"A feature of the {assay} tables") for assay in NUMBER_ASSAYS},
        **{word: pair if word in ("diff", "ratio") else _list(_NUMBER) for word in COMBINERS},
        **dict.fromkeys(LOGS, _NUMBER),
        "count": _list(_PREDICATE),
        "weighted": _object(dict.fromkeys(NUMBER_ASSAYS, weights), minProperties=1),
        "genes": _gene_lists(),
        "by": {"enum": list(METHODS), "description": "How the gene list is scored"},
        "at": _text("A time point: pre, post, day15"),
        "score": {"const": "self"},
    }


def _gene_lists() -> dict[str, Any]:
    name = _text("The name of a gene list")
    side = {"oneOf": [name, _list(_text("A symbol"))]}
    return _object({"up": side, "down": side, "table": name}, minProperties=1)


def _model(model: type[Claim | Signature], own: dict[str, Any]) -> dict[str, Any]:
    """The schema of a pydantic model whose rules are ``own``."""
    properties: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        described = {} if info.description is None else {"description": info.description}
        properties[name] = described | (own.get(name) or _plain(model, name))
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return _object(properties, required=required)


def _plain(model: type[Claim | Signature], name: str) -> dict[str, Any]:
    """Pydantic's schema of one field, without titles, defaults and null."""
    schema = dict(model.model_json_schema()["properties"][name])
    if "anyOf" in schema:
        schema |= next(option for option in schema["anyOf"] if option.get("type") != "null")
    return {key: value for key, value in schema.items() if key not in ("title", "default", "anyOf", "description")}


def _object(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _one_of(heads: tuple[str, ...], tests: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Exactly one of ``heads`` and, if there are any, one of ``tests``, with their riders and nothing else."""
    forms = []
    for keys in [[head, test] for head in heads for test in tests] if tests else [[head] for head in heads]:
        riders = [rider for rider, beside in RIDERS.items() if keys[0] in beside]
        needed = [*keys, "by"] if "by" in riders else keys
        forms.append({"required": needed, "propertyNames": {"enum": [*keys, *riders]}})
    return forms


def schema_text() -> str:
    """The text of ``signatures/schema.json``."""
    return json.dumps(json_schema(), indent=2) + "\n"
