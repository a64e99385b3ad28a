"""Which signatures a cohort can answer, summed up: how many, which of them a plan needs, and what the others lack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["lacking", "unused", "verdict"]

_NOBODY = "no patient of the cohort is known to be "

_OF_ITS_RULE = re.compile(r"\w+ \S+: ")
"""How a reason begins that names a feature of the signature's own rule, not of its population: ``protein IGF1R: ``."""

_GROUPS = (
    (f"{_NOBODY}.*", "no patient is known to be of its population"),
    (r"it needs an assay that tables do not hold.*", "it needs an assay that tables do not hold"),
    (r"needs gene set .*", "a gene list is needed (--gene-sets)"),
    (r"needs centroids of (\w+).*", r"centroids of \1 are needed (--centroids)"),
    (r".* genes found, fewer than .*", "too few genes of a list or of centroids are in the tables"),
    (r"no (\w+) .* in the cohort's tables.*", r"a feature is not in the \1 tables"),
    (r"(\w+) \S+ was tested in nobody", r"\1: a gene was tested in nobody"),
)
"""The reasons of ``check_signatures`` that name features, lists or populations, and what they have in common."""


def verdict(table: pd.DataFrame) -> Iterator[str]:
    """Lines that sum up the table of ``check_signatures``: how many can be scored, and what the others lack first."""
    yield f"{int(table['can_be_scored'].sum())} of {len(table)} signatures can be scored"
    for reason, ids in lacking(table).items():
        yield f"  {reason}: {len(ids)}"


def lacking(table: pd.DataFrame) -> Mapping[str, list[str]]:
    """The signatures that cannot be scored by the first thing that each lacks, the most common first."""
    cannot = table[~table["can_be_scored"]]
    found = _by_reason(zip(cannot["signature"], map(_first, cannot["why"])))
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def unused(table: pd.DataFrame) -> Mapping[str, list[str]]:
    """The signatures that can be scored and that a plan of this cohort leaves out, by the reason why."""
    can = table[table["can_be_scored"]]
    return _by_reason((str(row.signature), why) for row in can.itertuples() if (why := _no_question_of_its_own(row)))


def _no_question_of_its_own(row: Any) -> str:
    if not (row.positive and row.negative):
        return "everyone with a known call is in one stratum"
    return f"the same two groups of patients as {row.same_split_as}" if row.same_split_as else ""


def _by_reason(found: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    by_reason: dict[str, list[str]] = {}
    for signature, reason in found:
        by_reason.setdefault(reason, []).append(signature)
    return by_reason


def _first(why: str) -> str:
    """The first reason; where nobody is known to be of the population, what is missing to know it."""
    first, second, *_ = [*why.split("; "), ""]
    if first.startswith(_NOBODY) and second and not _OF_ITS_RULE.match(second):
        first = second
    for form, words in _GROUPS:
        if match := re.fullmatch(form, first):
            return match.expand(words)
    return first or "no reason is known"
