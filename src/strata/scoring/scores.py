"""Score patients: every signature's own number, and which of its features were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from strata.errors import DataError, Problem
from strata.notebook import Shown, Summary
from strata.scoring.learned import LearnedCuts
from strata.scoring.source import CohortSource
from strata.signatures import (
    GeneSet,
    Needs,
    Signature,
    evaluate_number,
    load_signatures,
    needs_of,
    signature_library,
    signature_of,
)

if TYPE_CHECKING:
    from strata.cohort import Cohort
    from strata.scoring.resources import Resources

__all__ = ["COVERAGE_COLUMNS", "Scores", "coverage", "score"]

COVERAGE_COLUMNS = (
    "cohort",
    "signature",
    "assay",
    "feature",
    "found",
    "scale",
    "n_patients",
    "reason",
    "found_as",
    "gene_set",
)
"""The columns of ``genes.tsv``: one row a feature that a signature names, or a gene of a list that it names."""


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Scores(Shown):
    """Scores of a cohort.

    Parameters
    ----------
    values : pandas.DataFrame (n_patients, n_signatures)
        NaN where unknown. Only signatures that define a score.
    coverage : pandas.DataFrame
        One row a signature and feature: whether it was found, on which scale, in how many patients, why not, under
        which other name, and for the gene of a list which list.
    """

    values: pd.DataFrame
    coverage: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Tidy: columns ``patient``, ``signature``, ``score``."""
        table = self.values.rename_axis("patient").reset_index()
        return table.melt("patient", var_name="signature", value_name="score")

    def _summary(self) -> Summary:
        known = self.values.notna().sum()
        rows = [
            (name, int(known[name]), *map(float, self.values[name].quantile([0.0, 0.5, 1.0])))
            for name in self.values.columns
        ]
        found = f"{int(self.coverage['found'].sum()):,} of {len(self.coverage):,}; .coverage says why not"
        facts = {"patients": len(self.values), "features found": found}
        columns = ("signature", "patients with a score", "lowest", "median", "highest")
        return Summary("Scores", facts, columns, rows)


def score(
    cohort: Cohort,
    signatures: Sequence[Signature | str] | None = None,
    *,
    on_missing: Literal["skip", "raise"] = "skip",
    library: Mapping[str, Signature] | None = None,
    resources: Resources | None = None,
) -> Scores:
    """Score every patient of a cohort with signatures.

    Parameters
    ----------
    cohort : Cohort
    signatures : sequence of Signature or str, optional
        None: every shipped signature that defines a score.
    on_missing : {"skip", "raise"}
        What to do when the cohort lacks a feature: leave the score unknown and say so in ``coverage``, or raise.
    library : mapping of id to Signature, optional
        Where ids and references are looked up. None: the shipped signatures.
    resources : Resources, optional
        Gene lists and centroids that signatures name (:class:`~strata.scoring.Resources`).

    Returns
    -------
    Scores
        ``mean`` averages z-scores (ddof 1) over the whole cohort.

    Raises
    ------
    DataError
        With ``on_missing="raise"``: every feature that is missing.
    """
    library = signature_library() if library is None else library
    chosen = [signature_of(s, library) for s in signatures] if signatures is not None else load_signatures()
    source = CohortSource(cohort, reduce(or_, (needs_of(s, library) for s in chosen), Needs()), resources)
    found = coverage(source, chosen, library)
    if on_missing == "raise" and not found["found"].all():
        missing = found[~found["found"]]
        raise DataError(
            [
                Problem(f"cohort {cohort.name}: {row.signature}", str(row.reason), code="E811")
                for row in missing.itertuples()
            ]
        )
    cuts = LearnedCuts(np.ones(len(cohort.patients), dtype=bool))
    values = {}
    for signature in chosen:
        if signature.score is not None:
            number = evaluate_number(signature.score, source=source, cuts=cuts, library=library)
            values[signature.id] = np.where(number.low == number.high, number.low, np.nan)
    return Scores(pd.DataFrame(values, index=cohort.patients), found)


def coverage(source: CohortSource, signatures: Sequence[Signature], library: Mapping[str, Signature]) -> pd.DataFrame:
    """Which feature of which signature was found: the rows of ``genes.tsv``."""
    rows: list[tuple[Any, ...]] = []
    for signature in signatures:
        needs = needs_of(signature, library)
        keys = (source.cohort.name, signature.id)
        for assay, feature in sorted(needs.features):
            rows.append((*keys, assay, feature, *source.found(assay, feature), None))
        lists: list[GeneSet | str] = [*sorted(needs.gene_sets, key=str), *sorted(needs.schemes)]
        rows += [(*keys, *row) for asked in lists for row in source.sets.coverage(asked)]
    columns = dict(zip(COVERAGE_COLUMNS, zip(*rows) if rows else [()] * len(COVERAGE_COLUMNS)))
    names = zip(columns["found"], columns["feature"], columns["found_as"])
    columns["found_as"] = tuple(own if found and own != feature else np.nan for found, feature, own in names)
    types = {"found": bool, "n_patients": np.int64}
    return pd.DataFrame({name: np.array(cells, dtype=types.get(name, object)) for name, cells in columns.items()})
