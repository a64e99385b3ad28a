"""Which signatures a cohort can answer: one row a signature, with its genes and its patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import pandas as pd

from strata.scoring import CohortSource, coverage
from strata.signatures import Needs, needs_of
from strata.stratification import one_population, same_splits, stratify_in

if TYPE_CHECKING:
    from strata.cohort import Cohort
    from strata.scoring import Resources
    from strata.signatures import Signature
    from strata.stratification import Strata

__all__ = ["CHECK_COLUMNS", "check_signatures"]

CHECK_COLUMNS = (
    "signature",
    "name",
    "can_be_scored",
    "population",
    "asked",
    "found",
    "renamed",
    "missing",
    "positive",
    "negative",
    "unknown",
    "not_assayed",
    "not_applicable",
    "membership_unknown",
    "calls",
    "same_split_as",
    "why",
)
"""The columns of ``strata signatures check``."""

_MANY = 5


def check_signatures(
    cohort: Cohort,
    signatures: Sequence[Signature],
    library: Mapping[str, Signature],
    *,
    resources: Resources | None = None,
    absent_assay: str = "unknown",
) -> pd.DataFrame:
    """What a cohort can say about each signature, in the signature's own population (any of them, where several).

    Parameters
    ----------
    cohort : Cohort
    signatures : sequence of Signature
    library : mapping of id to Signature
        Where references are looked up.
    resources : Resources, optional
        Gene lists and centroids.
    absent_assay : {"unknown", "drop"}

    Returns
    -------
    pandas.DataFrame
        ``CHECK_COLUMNS``: ``can_be_scored`` says whether the rule can be answered and a patient has a call; ``asked``,
        ``found``, ``renamed`` and ``missing`` count features, genes of lists included; the patients by call add up to
        the cohort (``not_assayed`` is a part of ``unknown``, ``membership_unknown`` of ``not_applicable``); ``calls``
        says them in words; ``same_split_as`` is the first signature that splits the patients in the same two groups,
        whichever of them it calls positive; ``why`` says what is missing or was decided.
    """
    units = [(signature, one_population(signature, None, library)) for signature in signatures]
    needs = reduce(or_, (needs_of(s, library) | p.needs(library) for s, p in units), Needs())
    source = CohortSource(cohort, needs, resources)
    genes = coverage(source, signatures, library)
    strata = [
        stratify_in(source, signature, population=population, absent_assay=absent_assay, library=library)
        for signature, population in units
    ]
    # a pair asks about each of its genes too
    splits = same_splits(each for each in strata if len(each.legs) < 2)
    same = {each.signature: first.signature for first, *others in splits for each in others}
    rows = [
        (s.id, s.name, *_row(own, genes[genes["signature"] == s.id], same.get(s.id, "")))
        for s, own in zip(signatures, strata)
    ]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS)).astype({"can_be_scored": bool})


def _row(strata: Strata, genes: pd.DataFrame, same_split_as: str) -> tuple[object, ...]:
    counts = strata.counts
    missing = genes[~genes["found"]]
    why = list(strata.reasons if strata.absent else strata.notes)
    if not strata.absent and not counts["positive"] + counts["negative"]:
        why.append("no patient of the population has a known call")
    said = "; ".join(why)
    # of a list whose genes are not there one by one, its coverage is told; a list that is not there has its own row
    alone = missing[missing["gene_set"].isna() | (missing["gene_set"] == missing["feature"])]
    gone = [f"{row.assay} {row.feature}: {row.reason}" for row in alone.itertuples() if str(row.reason) not in said]
    why += gone[:_MANY]
    if len(gone) > _MANY:
        why.append(f"and {len(gone) - _MANY} more features, all in genes.tsv of `strata score`")
    return (
        not strata.absent and counts["positive"] + counts["negative"] > 0,
        strata.population,
        len(genes),
        int(genes["found"].sum()),
        int(genes["found_as"].notna().sum()),
        len(missing),
        counts["positive"],
        counts["negative"],
        counts["unknown"],
        strata.n_not_assayed,
        counts["not applicable"],
        strata.n_membership_unknown,
        strata.counts_in_words,
        same_split_as,
        "; ".join(dict.fromkeys(why)),
    )
