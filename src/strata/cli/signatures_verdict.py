"""The summary of ``strata signatures check``: how many can be scored, and why the others cannot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["verdict"]

_GROUPS = (
    (r"no patient of the cohort is known to be .*", "no patient is known to be of its population"),
    (r"it needs an assay that tables do not hold.*", "it needs an assay that tables do not hold"),
    (r"needs gene set .*", "a gene list is needed (--gene-sets)"),
    (r"needs centroids of (\w+).*", r"centroids of \1 are needed (--centroids)"),
    (r".* genes found, fewer than .*", "too few genes of a list or of centroids are in the tables"),
    (r"no clinical column .*", "a clinical column is missing"),
    (r"no (\w+) .* in the cohort's tables.*", r"a feature is not in the \1 tables"),
    (r"(\w+) \S+ was tested in nobody", r"\1: a gene was tested in nobody"),
)
"""The reasons of ``check_signatures`` that name features, lists or populations, and what they have in common."""


def verdict(table: pd.DataFrame) -> Iterator[str]:
    """Lines that sum up the table of ``check_signatures``; a signature counts once, under the first of its reasons."""
    cannot = table[~table["can_be_scored"]]
    yield f"{len(table) - len(cannot)} of {len(table)} signatures can be scored"
    for reason, n in Counter(map(_group, cannot["why"])).most_common():
        yield f"  {reason}: {n}"


def _group(why: str) -> str:
    first = why.partition("; ")[0]
    for form, words in _GROUPS:
        if match := re.fullmatch(form, first):
            return match.expand(words)
    return first or "no reason is known"
