"""Gene sets and classes in a cohort: which genes are found, and the scores, each patient ranked once for all sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.scoring.gene_sets import SignedSet, nearest_centroid, score_sets
from strata.scoring.methods import METHODS
from strata.scoring.set_members import ASSAY, SetMembers
from strata.signatures import Call, Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Assay
    from strata.scoring.finding import Finder
    from strata.scoring.resources import Resources
    from strata.signatures import Cuts, GeneSet

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["CLASS_RECORD", "STANDARDISED", "CohortSets"]

CLASS_RECORD: Mapping[str, str | bool] = {
    "method": "nearest centroid",
    "formula": "the class whose centroid has the largest Spearman correlation with the patient's genes, each gene "
    "minus its median over the cohort's patients; unknown where two are as near",
    "reference": "10.1200/JCO.2008.18.1370",
    "depends_on_samples": True,
}
"""How ``{class: SCHEME}`` is told, for the record of a run."""

STANDARDISED = ("mean", "zscore")
"""Methods that add up z-scores: they are taken over the scope of the cut, as in every other ``mean``."""


class CohortSets:
    """The gene sets and classes of one cohort.

    Parameters
    ----------
    assay : Assay or None
        The cohort's expression tables.
    patients : pandas.Index
    finder : Finder
    resources : Resources
    wanted : iterable of GeneSet
        Every gene set that will be asked for: patients are ranked once for all of them.
    """

    def __init__(
        self,
        assay: Assay | None,
        patients: pd.Index[str],
        finder: Finder,
        resources: Resources,
        wanted: Iterable[GeneSet],
    ) -> None:
        self._assay, self._patients, self._resources = assay, patients, resources
        self._members = SetMembers(assay, finder, resources)
        self._wanted = sorted(wanted, key=str)
        self._scores: dict[GeneSet, Floats] = {}
        self._classes: dict[str, pd.Series[Any]] = {}

    def number(self, node: GeneSet, cuts: Cuts) -> Number:
        """The score of a gene set, NaN where unknown; z-scores are taken with the moments of ``cuts``."""
        why_not = self._members.why_not(node)
        if why_not:
            return self._no_number(why_not)
        values = self._standardised(node, cuts) if node.by in STANDARDISED else self._scored(node)
        if np.isnan(values).all():
            return self._no_number(f"{node}: no patient has a value for enough of its genes")
        return Number(values, values, ~self._assayed, False, (self._members.in_words(node),), self._scale_of(node))

    def call(self, scheme: str, classes: tuple[str, ...]) -> Call:
        """Whether a patient is of one of ``classes``: that of the nearest centroid; unknown where two are as near."""
        why_not = self._members.why_not(scheme)
        if why_not:
            nobody = np.zeros(len(self._patients), dtype=bool)
            return Call(nobody, nobody, ~self._assayed, True, (why_not,))
        if scheme not in self._classes:
            self._classes[scheme] = self._classified(scheme)
        found = self._classes[scheme]
        known = found.notna().to_numpy(dtype=bool)
        true = found.isin(classes).to_numpy(dtype=bool)
        said = f"{self._members.in_words(scheme)}; nearest centroid by Spearman correlation, genes minus their median"
        return Call(true, known & ~true, ~self._assayed, False, (said,))

    def coverage(self, asked: GeneSet | str) -> list[tuple[Any, ...]]:
        """The rows of ``genes.tsv`` from ``assay`` on: every gene of a gene set or of centroids."""
        missing = self._members.missing(asked)
        if missing:
            return [(ASSAY, str(asked), False, "", 0, "; ".join(missing), None, str(asked))]
        members = self._members.of(asked)
        names = sorted({member.feature for member in members if member.feature is not None})
        known = {} if self._assay is None else self._assay.read(names).notna().sum().to_dict()
        return [
            (
                ASSAY,
                member.gene,
                member.feature is not None,
                self._members.scale if member.feature else "",
                int(known.get(member.feature, 0)),
                member.reason,
                member.feature,
                member.list or str(asked),
            )
            for member in members
        ]

    def _standardised(self, node: GeneSet, cuts: Cuts) -> Floats:
        """A score of z-scores whose means and standard deviations are those of the cuts' scope."""
        symbols = {m.feature: m.symbol for m in self._members.of(node) if m.feature is not None}
        expression = self._read(symbols)
        # by symbol, so that they are found again in a cohort whose table names the gene otherwise
        learned = [cuts.moments(f"{ASSAY} {symbols[f]}", expression[f].to_numpy(dtype=float)) for f in symbols]
        moments = pd.DataFrame(learned, columns=["mean", "sd"], index=expression.columns)
        return self._score_sets(expression, [node], moments=moments)[:, 0]

    def _scored(self, node: GeneSet) -> Floats:
        """A score that asks no cut; the first call scores every such set of the run, on one reading of the table."""
        if node not in self._scores:
            nodes = [
                other for other in self._wanted if other.by not in STANDARDISED and not self._members.why_not(other)
            ]
            nodes = nodes if node in nodes else [*nodes, node]
            expression = self._read(self._background(nodes))
            for method in {other.by for other in nodes}:
                alike = [other for other in nodes if other.by == method]
                self._scores |= dict(zip(alike, self._score_sets(expression, alike).T))
        return self._scores[node]

    def _background(self, nodes: Sequence[GeneSet]) -> Iterator[str]:
        """The features to read: those of the sets, or the whole table where a method ranks all genes."""
        if self._assay is not None and any(METHODS[node.by].needs_all_genes for node in nodes):
            yield from (f for f in self._assay.features if "@" not in f and self._assay.scale(f) == self._members.scale)
        else:
            yield from (m.feature for node in nodes for m in self._members.of(node) if m.feature is not None)

    def _score_sets(
        self, expression: pd.DataFrame, nodes: Sequence[GeneSet], *, moments: pd.DataFrame | None = None
    ) -> Floats:
        """Scores (n_patients, n_sets) of sets that share a method."""
        sets = {str(node): SignedSet({m.key: m.weight for m in self._members.of(node)}) for node in nodes}
        least = self._resources.min_coverage
        scores = score_sets(expression, sets, method=nodes[0].by, min_coverage=least, moments=moments)
        return scores.to_numpy(dtype=float)

    def _classified(self, scheme: str) -> pd.Series[Any]:
        table = self._resources.centroids[scheme]
        names = [m.key for m in self._members.of(scheme)]
        centroids = pd.DataFrame(table.values, index=names, columns=list(table.classes))
        expression = self._read(m.feature for m in self._members.of(scheme) if m.feature is not None)
        return nearest_centroid(expression, centroids, min_coverage=self._resources.min_coverage).classes

    def _read(self, features: Iterable[str]) -> pd.DataFrame:
        """Values (n_patients, n_features), each feature once."""
        names = list(dict.fromkeys(features))
        return pd.DataFrame(index=self._patients) if self._assay is None else self._assay.read(names)

    def _scale_of(self, node: GeneSet) -> str:
        if node.by in STANDARDISED:
            return "z-score"
        return self._members.scale if node.by in ("weighted", "signed-mean") else node.by

    @property
    def _assayed(self) -> Bools:
        known = frozenset[str]() if self._assay is None else self._assay.assayed
        return np.asarray(self._patients.isin(list(known)), dtype=bool)

    def _no_number(self, reason: str) -> Number:
        nothing = np.full(len(self._patients), np.nan)
        return Number(nothing, nothing, ~self._assayed, True, (reason,), "unknown")
