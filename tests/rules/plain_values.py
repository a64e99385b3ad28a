"""The smallest parts of the plain rules: truths of one patient, cut-points of one column, one row of a mutation table.

Pure Python; nothing is shared with the package but its data files.
"""

from __future__ import annotations

import csv
import math
import operator
import re
import statistics
from fractions import Fraction
from functools import cache
from importlib.resources import files

Truth = bool | None

TESTS = {"above": operator.gt, "below": operator.lt, "at_least": operator.ge, "at_most": operator.le}


# -- one patient -------------------------------------------------------------------------------------------------------


def all_of(truths: list[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def any_of(truths: list[Truth]) -> Truth:
    return True if True in truths else None if None in truths else False


def first_of(truths: list[Truth]) -> Truth:
    return next((truth for truth in truths if truth is not None), None)


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def count_of(truths: list[Truth]) -> tuple[int, int]:
    """The fewest and the most that can be true."""
    return truths.count(True), truths.count(True) + truths.count(None)


def compared(ends: tuple[float, float] | None, comparator: str, cut: float | None) -> Truth:
    if ends is None or cut is None:
        return None
    answers = {TESTS[comparator](end, cut) for end in ends}
    return answers.pop() if len(answers) == 1 else None


# -- one column --------------------------------------------------------------------------------------------------------


def cut_point(values: list[float], rule: str) -> float | None:
    """Median, mean, qNN (type 7) or sdN (mean + N standard deviations, ddof 1)."""
    if not values:
        return None
    if rule == "median":
        return statistics.median(values)
    if rule == "mean":
        return statistics.mean(values)
    if rule.startswith("q"):
        place = Fraction(rule[1:]) / 100 * (len(values) - 1)
        lower, ordered = math.floor(place), sorted(map(Fraction, values))
        upper = min(lower + 1, len(values) - 1)
        return float(ordered[lower] + (place - lower) * (ordered[upper] - ordered[lower]))
    if len(values) < 2:
        return None
    return statistics.mean(values) + float(rule.removeprefix("sd")) * statistics.stdev(values)


def moments(values: list[float]) -> tuple[float, float] | None:
    """Mean and standard deviation (ddof 1); None where nothing varies."""
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    return (statistics.mean(values), sd) if sd else None


def z_score(value: float | None, reference: tuple[float, float] | None) -> float | None:
    return None if value is None or reference is None else (value - reference[0]) / reference[1]


# -- one row of a mutation table ---------------------------------------------------------------------------------------


@cache
def _rows(name: str) -> list[dict[str, str]]:
    text = (files("strata") / "signatures" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def _kind(change: str, consequence: str) -> str:
    """The consequence; what the change says where the table does not know."""
    if consequence != "unknown" or not change:
        return consequence
    if re.search(r"^([A-Z])\d+(\1|=)$", change):
        return "silent"
    if "fs" in change or "*" in change:
        return "truncating"
    if change.endswith("_splice"):
        return "splice"
    if re.search(r"del|ins|dup", change):
        return "inframe"
    return "missense" if re.search(r"^[A-Z]\d+[A-Z]$", change) else "unknown"


def row_is(gene: str, change: str, consequence: str, token: str) -> Truth:
    kind = _kind(change, consequence)
    if kind == "silent" or token == "none":
        return False
    if token in ("any", "nonsyn"):
        return True
    if token in ("missense", "truncating", "inframe", "splice"):
        return None if kind == "unknown" else kind == token
    if token in ("hotspot", "driver"):
        listed = [row for row in _rows("variants.tsv") if row["gene"] == gene]
        tokens = [site for row in listed for site in row["changes"].split()]
        if token == "driver" and any(row["kind"] == "suppressor" for row in listed):
            tokens += ["truncating", "splice"]
        return any_of([row_is(gene, change, kind, one) for one in tokens]) if listed else None
    codon = re.match(r"[A-Z*](\d+)", change)
    if token.startswith("exon:"):
        spans = [row for row in _rows("exons.tsv") if row["gene"] == gene and "exon:" + row["exon"] == token]
        if not spans or not change:
            return None
        return codon is not None and int(spans[0]["first_codon"]) <= int(codon[1]) <= int(spans[0]["last_codon"])
    if not change:
        return None
    if token.startswith("codon:"):
        return codon is not None and token == "codon:" + codon[1]
    alleles = re.split(r"[/|]", change)  # a genotype's; a protein change is one piece
    return token == change or token in alleles or sorted(re.split(r"[/|]", token)) == sorted(alleles)


@cache
def _within(column: str) -> dict[str, list[str]]:
    """Words to the words that lie within them: stage III to IIIA, IIIB and IIIC."""
    from ruamel.yaml import YAML

    terms = YAML(typ="safe").load((files("strata") / "cohort" / "clinical_terms.yaml").read_text(encoding="utf-8"))
    within = terms.get(column, {}).get("parts", {})
    return {word.casefold(): [part.casefold() for part in parts] for word, parts in within.items()}


def word_is(column: str, word: str | None, tokens: list[str]) -> Truth:
    """Whether a clinical word is one of the tokens; a III may be a IIIB, a IIIB is a III."""
    if word is None:
        return None
    within = _within(column)
    wanted = {token.casefold() for token in tokens}
    wanted |= {part for token in wanted for part in within.get(token, [])}
    own = within.get(word.casefold(), [])
    if word.casefold() in wanted or (own and all(part in wanted for part in own)):
        return True
    return None if any(part in wanted for part in own) else False
