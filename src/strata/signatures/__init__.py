"""The language of signature files: read them, check them, and say who is marker-positive."""

from strata.signatures.centroids import Centroids, missing_centroids, read_centroids
from strata.signatures.class_labels import class_of, schemes
from strata.signatures.gene_lists import GeneList, missing_list, read_gene_lists
from strata.signatures.importing import import_signatures
from strata.signatures.linting import lint, unchecked_symbols
from strata.signatures.load import (
    Library,
    choose_signatures,
    load_signatures,
    signature_files,
    signature_library,
    signature_of,
)
from strata.signatures.model import Claim, Compare, GeneSet, NumberRule, Predicate, Reference, Several, Signature
from strata.signatures.needs import Needs, cuts_of, legs, needs_of, needs_of_rule
from strata.signatures.page import catalogue_page
from strata.signatures.parse import parse_signature
from strata.signatures.rules import Call, Cuts, Number, Source, evaluate, evaluate_number
from strata.signatures.schema import json_schema
from strata.signatures.shipped import shipped_folder
from strata.signatures.summary import SUMMARY_COLUMNS, documents_of, select_signatures, summaries
from strata.signatures.template import new_signature
from strata.signatures.variants import not_listed, variant_matches
from strata.signatures.words import explain
from strata.signatures.written import written_signature

__all__ = [
    "SUMMARY_COLUMNS",
    "Call",
    "Centroids",
    "Claim",
    "Compare",
    "Cuts",
    "GeneList",
    "GeneSet",
    "Library",
    "Needs",
    "Number",
    "NumberRule",
    "Predicate",
    "Reference",
    "Several",
    "Signature",
    "Source",
    "catalogue_page",
    "choose_signatures",
    "class_of",
    "cuts_of",
    "documents_of",
    "evaluate",
    "evaluate_number",
    "explain",
    "import_signatures",
    "json_schema",
    "legs",
    "lint",
    "load_signatures",
    "missing_centroids",
    "missing_list",
    "needs_of",
    "needs_of_rule",
    "new_signature",
    "not_listed",
    "parse_signature",
    "read_centroids",
    "read_gene_lists",
    "schemes",
    "select_signatures",
    "shipped_folder",
    "signature_files",
    "signature_library",
    "signature_of",
    "summaries",
    "unchecked_symbols",
    "variant_matches",
    "written_signature",
]
