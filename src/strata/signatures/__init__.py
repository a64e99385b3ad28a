"""The language of signature files: read them, check them, and say who is marker-positive."""

from strata.signatures.load import lint, load_signatures, signature_library
from strata.signatures.model import Claim, NumberRule, Predicate, Reference, Several, Signature
from strata.signatures.needs import cuts_of, leaves, legs, predicate_leaves
from strata.signatures.parse import parse_signature
from strata.signatures.rules import Call, Cuts, Number, Source, evaluate, evaluate_number
from strata.signatures.schema import json_schema
from strata.signatures.shipped import shipped_folder
from strata.signatures.variants import has_variant_list, variant_matches
from strata.signatures.words import explain

__all__ = [
    "Call",
    "Claim",
    "Cuts",
    "Number",
    "NumberRule",
    "Predicate",
    "Reference",
    "Several",
    "Signature",
    "Source",
    "cuts_of",
    "evaluate",
    "evaluate_number",
    "explain",
    "has_variant_list",
    "json_schema",
    "leaves",
    "legs",
    "lint",
    "load_signatures",
    "parse_signature",
    "predicate_leaves",
    "shipped_folder",
    "signature_library",
    "variant_matches",
]
