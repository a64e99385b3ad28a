"""The fields of gene sets and classes, from the mappings people write, with the messages for what does not fit."""

from __future__ import annotations

from typing import Any, Literal, get_args

from strata.errors import shown
from strata.signatures.class_labels import schemes
from strata.signatures.faults import Fault, described, did_you_mean, refuse

__all__ = ["METHODS", "MethodName", "class_fields", "gene_set_fields"]

MethodName = Literal["mean", "zscore", "signed-mean", "weighted", "ssgsea", "gsva", "plage", "singscore", "correlation"]
METHODS: tuple[str, ...] = get_args(MethodName)

_SIDES = ("up", "down")
_PARTS = (*_SIDES, "table")


def gene_set_fields(genes: Any, by: Any) -> dict[str, Any]:
    """The fields of ``{genes: {up, down or table}, by: METHOD}``; lists of symbols become tuples."""
    if not isinstance(genes, dict) or not genes:
        what = f"'genes' takes {{up, down}} or {{table}}, found {described(genes)}"
        refuse([(("genes",), what, "Name a gene list: {up: HALLMARK_MTORC1_SIGNALING}", "E615")])
    faults: list[Fault] = [(("genes", key), f"unknown key '{key}'", did_you_mean(key, _PARTS), "E606") for key in genes]
    faults = [fault for fault in faults if fault[0][1] not in _PARTS]
    if "table" in genes and len(genes) > 1:
        faults.append((("genes",), "'table' stands alone: it holds the directions itself", "", "E615"))
    for part in (part for part in _PARTS if part in genes):
        faults += _list_faults(part, genes[part])
    both = set(_symbols(genes.get("up"))) & set(_symbols(genes.get("down")))
    faults += [(("genes", "down"), f"'{symbol}' is up and down", "", "E613") for symbol in sorted(both)]
    if by not in METHODS:
        what = "'genes' needs 'by'" if by is None else f"unknown method {shown(str(by))}"
        faults.append((("genes",) if by is None else ("by",), what, did_you_mean(str(by), METHODS), "E615"))
    elif by == "weighted" and "table" not in genes:
        fix = "Name a table of weights: {table: NAME}; or use signed-mean"
        faults.append((("by",), "'weighted' needs weights", fix, "E612"))
    refuse(faults)
    return {"by": by} | {part: _tupled(genes[part]) for part in _PARTS if part in genes}


def class_fields(scheme: Any, value: Any) -> dict[str, Any]:
    """The fields of ``{class: SCHEME, is: CLASS or [CLASS, ...]}``."""
    if scheme not in schemes():
        refuse([(("class",), f"unknown classes {shown(str(scheme))}", did_you_mean(str(scheme), schemes()), "E615")])
    labels = value if isinstance(value, list) else [value]
    known = schemes()[scheme].classes
    faults: list[Fault] = []
    for label in labels or [None]:
        if label not in known:
            faults.append(
                (("is",), f"{described(label)} is no class of {scheme}", did_you_mean(str(label), known), "E615")
            )
    refuse(faults)
    return {"scheme": scheme, "classes": tuple(labels)}


def _list_faults(part: str, value: Any) -> list[Fault]:
    path = ("genes", part)
    if isinstance(value, str):
        good = value.strip() == value != "" and value.isprintable()
        return [] if good else [(path, f"{shown(value)} is not the name of a gene list", "", "E615")]
    if value == [] and part != "table":
        return [(path, f"'{part}' is an empty list", "Name a gene list, or symbols", "E612")]
    if part == "table" or not isinstance(value, list):
        takes = "the name of a gene list" + ("" if part == "table" else " or a list of symbols")
        return [(path, f"'{part}' takes {takes}, found {described(value)}", "", "E615")]
    wrong = [symbol for symbol in value if not isinstance(symbol, str) or not symbol.strip()]
    faults: list[Fault] = [
        (path, f"a symbol is text, found {described(symbol)}", "Quote it", "E615") for symbol in wrong
    ]
    twice = sorted({symbol for symbol in _symbols(value) if value.count(symbol) > 1})
    return faults + [(path, f"'{symbol}' is listed twice", "", "E613") for symbol in twice]


def _symbols(value: Any) -> list[str]:
    return [symbol for symbol in value if isinstance(symbol, str)] if isinstance(value, list) else []


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
