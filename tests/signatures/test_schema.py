"""The published JSON Schema is the one the code makes."""

from __future__ import annotations

import json
from pathlib import Path

from strata.signatures import Claim, Signature, json_schema
from strata.signatures.schema import schema_text
from strata.signatures.shapes import ASSAYS, COMPARATORS, LOGIC, NUMBER_FORMS, RIDERS


def test_published_schema_is_current(root: Path) -> None:
    published = (root / "signatures" / "schema.json").read_text(encoding="utf-8")
    command = "python -c 'from strata.signatures.schema import schema_text; print(schema_text(), end=\"\")'"
    assert published == schema_text(), f"write it again: {command} > signatures/schema.json"


def test_schema_knows_every_key() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(Signature.model_fields)
    assert set(schema["$defs"]["claim"]["properties"]) == set(Claim.model_fields)
    predicate = {*ASSAYS, *NUMBER_FORMS, *COMPARATORS, *LOGIC, *RIDERS, "is", "signature", "class"}
    assert set(schema["$defs"]["predicate"]["properties"]) == predicate
    assert schema["required"] == ["id", "name"]
    assert schema["$defs"]["claim"]["required"] == ["role", "evidence"]


def test_every_reference_is_defined() -> None:
    schema = json_schema()
    text = json.dumps(schema)
    used = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert used == set(schema["$defs"])
