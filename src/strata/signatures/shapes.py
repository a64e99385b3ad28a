"""From the mappings people write to the fields of the models, with the messages for what does not fit.

``{mrna: IGF1R, above: median}`` becomes ``{node: Compare, number: {mrna: IGF1R}, comparator: above, cut: median}``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, get_args

from strata.errors import shown
from strata.signatures.faults import Fault, described, did_you_mean, quote_it, refuse
from strata.signatures.set_shapes import class_fields, gene_set_fields
from strata.signatures.variants import COPY_NUMBER_TOKENS, VARIANT_TOKENS

NumberAssay = Literal["mrna", "protein", "copy_number", "serum", "mirna", "clinical"]
TokenAssay = Literal["mutation", "germline", "copy_number", "clinical"]
Comparator = Literal["above", "below", "at_least", "at_most"]

NUMBER_ASSAYS: tuple[str, ...] = get_args(NumberAssay)
TOKEN_ASSAYS: tuple[str, ...] = get_args(TokenAssay)
ASSAYS: tuple[str, ...] = ("mrna", "protein", "mutation", "germline", "copy_number", "serum", "mirna", "clinical")
COMPARATORS: tuple[str, ...] = get_args(Comparator)
COMBINERS = ("mean", "sum", "diff", "ratio")
LOGS = ("ln", "log2")
NUMBER_FORMS = (*COMBINERS, *LOGS, "count", "weighted", "genes", "score")
LOGIC = ("all", "any", "first", "not")
RIDERS: Mapping[str, tuple[str, ...]] = {"at": (*NUMBER_ASSAYS,), "by": ("genes",)}
"""Keys that say more about another one, and beside which they may stand."""

CUT_WORDS = ("median", "mean", "mixture", "optimal")
"""Cuts without a number in their name."""

_FEATURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")
_CHANGE = re.compile(r"[A-Z]\d+(_[A-Z]\d+)?([A-Z]|\*|(fs|del|ins|dup)\S*)")
_CODON = re.compile(r"codon:[1-9]\d*")
_EXON = re.compile(r"exon:[1-9]\d*")
_GENOTYPE = re.compile(r"[ACGT]+([/|][ACGT]+)?")
_TIME_POINT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def number_shape(data: Any) -> Any:
    """The fields of a NUMBER written as a mapping."""
    known = (*NUMBER_ASSAYS, *NUMBER_FORMS)
    if not isinstance(data, dict):
        return _not_a_rule(data)
    if set(data) & {*COMPARATORS, "is"} and set(data) & set(known):
        refuse([((), "a number is expected here, not a comparison", "Leave the comparator out", "E615")])
    refuse(_key_faults(data, known))
    head = _head(data, known)
    value = data[head]
    refuse(_rider_faults(head, data))
    if head in NUMBER_ASSAYS:
        refuse(_feature_faults(head, value))
        return {"node": "Leaf", "assay": head, "feature": value, "at": data.get("at")}
    if head == "genes":
        return {"node": "GeneSet", **gene_set_fields(value, data.get("by"))}
    if head in COMBINERS:
        refuse(_list_faults(head, value, 2 if head in ("diff", "ratio") else None))
        return {"node": "Combine", "kind": head, "terms": tuple(value)}
    if head in LOGS:
        return {"node": "Log", "kind": head, "term": value}
    if head == "count":
        refuse(_list_faults(head, value))
        return {"node": "Count", "of": tuple(value)}
    if head == "weighted":
        return {"node": "Weighted", "terms": _weights(value)}
    if value != "self":
        refuse([((head,), f"score is {described(value)}", "Inside a rule the only score is: score: self", "E615")])
    return {"node": "OwnScore"}


def predicate_shape(data: Any) -> Any:
    """The fields of a PREDICATE written as a mapping."""
    if not isinstance(data, dict):
        return _not_a_rule(data)
    heads = (*LOGIC, "signature", "class", *ASSAYS, *NUMBER_FORMS)
    refuse(_key_faults(data, (*heads, *COMPARATORS, "is")))
    head = _head(data, heads)
    tests = [key for key in (*COMPARATORS, "is") if key in data]
    refuse([*_test_faults(head, tests), *_rider_faults(head, data)])
    value = data[head]
    if head == "not":
        return {"node": "Not", "of": value}
    if head in LOGIC:
        refuse(_list_faults(head, value))
        return {"node": "Several", "kind": head, "of": tuple(value)}
    if head == "signature":
        if not isinstance(value, str):
            refuse([((head,), f"the id of a signature is text, found {described(value)}", "", "E615")])
        return {"node": "Reference", "signature": value}
    if head == "class":
        return {"node": "ClassOf", **class_fields(value, data["is"])}
    if tests == ["is"]:
        tokens = value_list(data["is"])
        refuse([*_feature_faults(head, value), *_token_faults(head, tokens)])
        return {
            "node": "Is",
            "assay": head,
            "feature": value,
            "at": data.get("at"),
            "tokens": tuple(token if isinstance(token, str) else f"{token:g}" for token in tokens),
        }
    refuse(_cut_faults(tests[0], data[tests[0]]))
    number = {key: data[key] for key in (head, *RIDERS) if key in data}
    return {"node": "Compare", "number": number, "comparator": tests[0], "cut": data[tests[0]]}


def value_list(value: Any) -> list[Any]:
    """One value, or a list of them, as a list."""
    return value if isinstance(value, list) else [value]


def _not_a_rule(data: Any) -> Any:
    """A finished node passes; anything else that is not a mapping is refused."""
    if isinstance(data, (str, bool, int, float, list, tuple)) or data is None:
        fix = "Rules are data, not text: write a mapping such as {mrna: IGF1R, above: median}"
        refuse([((), f"a rule is expected, found {described(data)}", fix, "E618")])
    return data


def _key_faults(data: dict[str, Any], known: Sequence[str]) -> list[Fault]:
    known = (*known, *RIDERS)
    return [((key,), f"unknown key '{key}'", did_you_mean(key, known), "E606") for key in data if key not in known]


def _rider_faults(head: str, data: dict[str, Any]) -> list[Fault]:
    """What is wrong with ``at`` and ``by``."""
    faults: list[Fault] = []
    for rider, heads in RIDERS.items():
        if rider in data and head not in heads:
            faults.append(((rider,), f"'{head}' takes no '{rider}'", f"It belongs to {' or '.join(heads)}", "E615"))
    at = data.get("at")
    if "at" in data and not (isinstance(at, str) and _TIME_POINT.fullmatch(at)):
        fix = "Write it in small letters, as in pre, post, day15"
        faults.append((("at",), f"a time point is a word, found {described(at)}", fix, "E615"))
    return faults


def _head(data: dict[str, Any], heads: Sequence[str]) -> str:
    found = [key for key in data if key in heads]
    if len(found) > 1:
        refuse(
            [
                (
                    (found[1],),
                    f"one rule cannot hold both '{found[0]}' and '{found[1]}'",
                    "Join two with all or any",
                    "E615",
                )
            ]
        )
    if not found:
        refuse([((), "the rule says nothing", f"Give one of {', '.join(heads)}", "E610")])
    return found[0]


def _test_faults(head: str, tests: list[str]) -> list[Fault]:
    if head == "class":
        return [] if tests == ["is"] else [((head,), "'class' needs 'is'", "Name the class: is: LumA", "E610")]
    if head in LOGIC or head == "signature":
        return [((test,), f"'{head}' takes no '{test}'", "", "E615") for test in tests]
    words = ", ".join(COMPARATORS)
    if len(tests) != 1:
        ways = [f"one of {words}"] * (head not in ("mutation", "germline")) + ["is"] * (head in TOKEN_ASSAYS)
        found = " and ".join(tests) or "none"
        return [((head,), f"'{head}' needs one comparator, found {found}", f"Give {' or '.join(ways)}", "E610")]
    if tests == ["is"] and head not in TOKEN_ASSAYS:
        return [(("is",), f"'{head}' is a number and takes no 'is'", f"Compare it with {words}", "E615")]
    if tests != ["is"] and head in ("mutation", "germline"):
        return [
            ((tests[0],), f"'{head}' is not a number and takes no '{tests[0]}'", "Say what it is: is: nonsyn", "E615")
        ]
    return []


def _feature_faults(assay: str, value: Any) -> list[Fault]:
    if not isinstance(value, str):
        fix = quote_it(value) or "Name one feature; join several with mean or all"
        return [((assay,), f"the name of a feature is text, found {described(value)}", fix, "E615")]
    good = value.strip() == value != "" and value.isprintable() if assay == "clinical" else _FEATURE.fullmatch(value)
    if good:
        return []
    return [
        (
            (assay,),
            f"{shown(value)} is not the name of a feature",
            "Patterns are not supported: name one feature",
            "E618",
        )
    ]


def _list_faults(head: str, value: Any, n: int | None = None) -> list[Fault]:
    if not isinstance(value, list) or not value:
        return [
            (
                (head,),
                f"'{head}' takes a list, found {described(value) if value != [] else 'an empty list'}",
                "",
                "E612",
            )
        ]
    if n is not None and len(value) != n:
        return [((head,), f"'{head}' takes {n} terms, found {len(value)}", "", "E612")]
    return []


def _cut_faults(comparator: str, cut: Any) -> list[Fault]:
    path = (comparator,)
    if isinstance(cut, (int, float)) and not isinstance(cut, bool) and math.isfinite(cut):
        return []
    if not isinstance(cut, str):
        return [(path, f"a cut is a number or a rule, found {described(cut)}", "", "E608")]
    if cut in CUT_WORDS or re.fullmatch(r"sd-?\d+(\.\d+)?", cut):
        return []
    if re.fullmatch(r"q\d+(\.\d+)?", cut):
        percent = float(cut[1:])
        if 1 <= percent < 100:
            return []
        return [(path, f"quantile '{cut}' must be between 1 and 100 per cent", "q25 is the 25th percentile", "E614")]
    fix = "Write numbers plainly (1000, 0.5), or median, mean, qNN (q75), sdN (sd1.5), mixture or optimal"
    return [(path, f"cut {shown(cut)} is not a number", fix, "E608")]


def _token_faults(assay: str, tokens: list[Any]) -> list[Fault]:
    if not tokens:
        return [(("is",), "an empty list of tokens", "", "E612")]
    faults: list[Fault] = []
    for token in tokens:
        if assay == "copy_number" and isinstance(token, int | float) and not isinstance(token, bool):
            continue
        if not isinstance(token, str):
            faults.append((("is",), f"a token is text, found {described(token)}", quote_it(token), "E615"))
        else:
            faults += [(("is",), what, fix, "E615") for what, fix in _token_fault(assay, token)]
    return faults


def _token_fault(assay: str, token: str) -> list[tuple[str, str]]:
    if assay == "clinical":
        return []
    if assay == "copy_number":
        known: Collection[str] = COPY_NUMBER_TOKENS
        fix = f"{did_you_mean(token, known)}; or a number of copies, without quotes"
        return [] if token in known else [(f"unknown token '{token}' for copy_number", fix)]
    patterns = (_CODON, _EXON, _CHANGE) if assay == "mutation" else (_CODON, _EXON, _CHANGE, _GENOTYPE)
    if token in VARIANT_TOKENS or any(pattern.fullmatch(token) for pattern in patterns):
        return []
    forms = "a change (H1047R), a codon (codon:1047) or an exon (exon:20)" + (
        " or a genotype (A/G)" if assay == "germline" else ""
    )
    return [(f"unknown token {shown(token)} for {assay}", f"{did_you_mean(token, VARIANT_TOKENS)}; or {forms}")]


def _weights(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, dict) or not value:
        refuse(
            [(("weighted",), f"'weighted' takes {{ASSAY: {{FEATURE: weight}}}}, found {described(value)}", "", "E612")]
        )
    faults: list[Fault] = []
    terms: list[dict[str, Any]] = []
    for assay, weights in value.items():
        path = ("weighted", assay)
        if assay not in NUMBER_ASSAYS:
            faults.append((path, f"unknown assay '{assay}'", did_you_mean(assay, NUMBER_ASSAYS), "E615"))
        elif not isinstance(weights, dict) or not weights:
            faults.append((path, f"{{FEATURE: weight}} is expected, found {described(weights)}", "", "E612"))
        else:
            for feature, weight in weights.items():
                faults += [
                    ((*path, feature), what, fix, code) for _, what, fix, code in _feature_faults(assay, feature)
                ]
                if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not math.isfinite(weight):
                    faults.append(((*path, feature), f"a weight is a number, found {described(weight)}", "", "E612"))
                terms.append({"leaf": {"assay": assay, "feature": feature}, "weight": weight})
    refuse(faults)
    return tuple(terms)


def check_once(terms: list[str], kind: str) -> None:
    """Refuse a term that is listed twice."""
    twice = sorted({term for term in terms if terms.count(term) > 1})
    refuse([((kind,), f"'{term}' is listed twice", "", "E613") for term in twice])


def check_parts(
    *,
    given: Collection[str],
    empty: Collection[str],
    computable: str | None,
    score_uses_itself: bool,
    population_uses_score: bool,
    lacks_score: bool,
) -> None:
    """Refuse parts of a signature that do not go together."""
    faults: list[Fault] = [
        ((key,), f"'{key}' is empty", "Give it a value or leave it out", "E615") for key in sorted(empty)
    ]
    if "population" in given and "populations" in given:
        faults.append((("populations",), "both population and populations are given", "Keep one of them", "E615"))
    if "positive" not in {*given, *empty} and computable != "needs-assay":
        fix = "Say who is marker-positive; only a signature with computable: needs-assay may leave it out"
        faults.append((("positive",), "'positive' is required", fix, "E610"))
    if population_uses_score:
        fix = "Write the number itself; score: self belongs to positive"
        faults.append(
            (("population" if "population" in given else "populations",), "a population uses score: self", fix, "E615")
        )
    if score_uses_itself:
        faults.append((("score",), "a score cannot be made from itself (score: self)", "", "E615"))
    elif lacks_score:
        faults.append(
            (("positive",), "'score: self' is used, but there is no score", "Give the signature a score", "E615")
        )
    refuse(faults)
