"""What the rules ask of a cohort: one feature's numbers, or whether its tokens match, patient by patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.cohort import clinical_match
from strata.scoring.cohort_sets import CohortSets
from strata.scoring.finding import Finder, in_words
from strata.scoring.resources import Resources
from strata.signatures import Call, Number, not_listed, variant_matches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.signatures import Cuts, GeneSet, Needs

__all__ = ["CohortSource"]

_GISTIC = {"amp": 2.0, "gain": 1.0, "neutral": 0.0, "loss": -1.0, "homdel": -2.0}


class CohortSource:
    """The features that signatures name, read once from a cohort's tables.

    Parameters
    ----------
    cohort : Cohort
    needs : Needs
        Of every signature that will be asked for (``strata.signatures.needs_of``).
    resources : Resources, optional
        Gene lists, centroids and gene names.
    """

    def __init__(self, cohort: Cohort, needs: Needs, resources: Resources | None = None) -> None:
        resources = resources or Resources()
        self.cohort = cohort
        self._index = cohort.patients
        self._finder = Finder(cohort, resources.names)
        self.sets = CohortSets(cohort.assays.get("mrna"), self._index, self._finder, resources, needs.gene_sets)
        # a kind that is asked for is a key also when none of its features is found; no other table is read
        by_kind: dict[str, set[str]] = defaultdict(set)
        for kind, feature in needs.features:
            found = self._finder.find(kind, feature).feature
            by_kind[kind] |= set() if found is None else {found}
        assays, mutations = cohort.assays, cohort.mutations
        self._numbers = {kind: assays[kind].read(sorted(names)) for kind, names in by_kind.items() if kind in assays}
        self._variants = {
            kind: mutations[kind].variants(sorted(names)) for kind, names in by_kind.items() if kind in mutations
        }
        self._unassayed = {kind: ~self._members(assays[kind].assayed) for kind in self._numbers}
        # what was asked for once: most signatures of a run share features and populations
        self._known_numbers: dict[tuple[str, str], Number] = {}
        self._known_calls: dict[tuple[str, str, tuple[str, ...]], Call] = {}

    # -- numbers -------------------------------------------------------------------------------------------------------

    def number(self, assay: str, feature: str) -> Number:
        """The values of a feature, NaN where unknown."""
        key = (assay, feature)
        if key not in self._known_numbers:
            self._known_numbers[key] = self._number(assay, feature)
        return self._known_numbers[key]

    def _number(self, assay: str, feature: str) -> Number:
        if assay == "clinical":
            return self._clinical_number(feature)
        table = self._numbers.get(assay)
        if table is None:
            return self._no_number(self._no_assay(assay))
        unassayed = self._unassayed[assay]
        found = self._finder.find(assay, feature)
        if found.feature is None:
            return self._no_number(found.reason, unassayed)
        values = table[found.feature].to_numpy(dtype=float)
        if np.isnan(values).all():
            return self._no_number(f"{assay} {in_words(feature)} has no value in any patient", unassayed)
        return Number(values, values, unassayed, False, (), self.cohort.assays[assay].scale(found.feature))

    def gene_set(self, node: GeneSet, cuts: Cuts) -> Number:
        """The score of a gene set, NaN where unknown."""
        return self.sets.number(node, cuts)

    def classes(self, scheme: str, classes: tuple[str, ...]) -> Call:
        """Whether a patient is of one of ``classes``, by the nearest centroid."""
        return self.sets.call(scheme, classes)

    def _clinical_number(self, column: str) -> Number:
        text = self._clinical(column)
        if text is None:
            return self._no_number(self._no_column(column), self._nobody())
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        odd = int((np.isnan(values) & text.notna().to_numpy(dtype=bool)).sum())
        reasons = (f"clinical {in_words(column)}: values that are not numbers stay unknown ({odd})",) if odd else ()
        if np.isnan(values).all():
            return self._no_number(f"clinical {in_words(column)} has no number in any patient", self._nobody())
        return Number(values, values, self._nobody(), False, reasons, "linear")

    def feature(self, assay: str, feature: str) -> str | None:
        """The feature of the assay's tables that ``feature`` means."""
        return self._finder.find(assay, feature).feature

    def found(self, assay: str, feature: str) -> tuple[bool, str, int, str, str]:
        """Whether a feature can be used: found, its scale, patients with a value, why not, its name in the file."""
        if assay == "clinical":
            text = self._clinical(feature)
            reason = "" if text is not None else self._no_column(feature)
            return text is not None, "", 0 if text is None else int(text.notna().sum()), reason, feature
        own = self.feature(assay, feature)
        name = "" if own is None else self._finder.written(assay, own)
        if assay in self.cohort.mutations:
            call = self.tokens(assay, feature, ("any",))
            return not call.absent, "", int((call.true | call.false).sum()), "; ".join(call.reasons), name
        number = self.number(assay, feature)
        scale = "" if number.absent else number.scale
        return not number.absent, scale, int((~np.isnan(number.low)).sum()), "; ".join(number.reasons), name

    # -- tokens --------------------------------------------------------------------------------------------------------

    def tokens(self, assay: str, feature: str, tokens: tuple[str, ...]) -> Call:
        """Whether a feature is one of ``tokens``: true, false or unknown for every patient."""
        key = (assay, feature, tokens)
        if key not in self._known_calls:
            self._known_calls[key] = self._call(assay, feature, tokens)
        return self._known_calls[key]

    def _call(self, assay: str, feature: str, tokens: tuple[str, ...]) -> Call:
        if assay == "clinical":
            return self._clinical_tokens(feature, tokens)
        if assay in ("mutation", "germline"):
            return self._variant_tokens(assay, feature, tokens)
        number = self.number(assay, feature)
        if number.absent:
            return self._no_call(number.reasons, number.unassayed)
        copies = [token for token in tokens if token not in _GISTIC]
        words = [token for token in tokens if token in _GISTIC]
        other = copies if number.scale == "gistic" else words
        if other or number.scale not in ("gistic", "copies"):
            needs = "a table of copies" if number.scale == "gistic" else "GISTIC calls"
            what = f"{assay} {feature} is on the scale '{number.scale}': {', '.join(other or tokens)} needs {needs}"
            return self._no_call((what,), number.unassayed)
        true = np.isin(number.low, [_GISTIC.get(token, np.nan) for token in words] + [float(n) for n in copies])
        return Call(true, ~true & ~np.isnan(number.low), number.unassayed, False, ())

    def _clinical_tokens(self, column: str, tokens: tuple[str, ...]) -> Call:
        text = self._clinical(column)
        if text is None:
            return self._no_call((self._no_column(column),), self._nobody())
        true, false = clinical_match(column.partition("@")[0], text, tokens)
        return Call(true, false, self._nobody(), False, ())

    def _variant_tokens(self, kind: str, gene: str, tokens: tuple[str, ...]) -> Call:
        table = self.cohort.mutations.get(kind)
        if table is None:
            return self._no_call((self._no_assay(kind),))
        # a gene without a row is no feature of a table whose panel is not known, and yet it was tested
        name = self._finder.find(kind, gene).feature or gene
        tested = self._members(table.tested(name))
        rows = self._variants[kind]
        rows = rows[rows["gene"] == name].assign(gene=gene)
        carriers = self._members(rows["patient"])
        if not tested.any() and not carriers.any():
            return self._no_call((f"{kind} {gene} was tested in nobody",), ~tested)
        # a row proves that the patient was sequenced, also when the list of sequenced patients does not say so
        sequenced = tested | carriers
        yes, maybe = self._matches(rows, tokens)
        if "none" in tokens:
            counted, _ = self._matches(rows, ("any",))
            yes |= sequenced & ~counted
        false = sequenced & ~yes & ~maybe
        unlisted = not_listed(gene, tokens)
        reasons = (unlisted,) if unlisted and maybe.any() else ()
        return Call(yes, false, ~sequenced, False, reasons)

    def _matches(self, rows: pd.DataFrame, tokens: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        asked = tuple(word for word in tokens if word != "none")
        verdicts: list[bool | None] = [
            variant_matches(gene, change, consequence, asked)
            for gene, change, consequence in zip(rows["gene"], rows["change"], rows["consequence"])
        ]
        patients = rows["patient"].to_numpy()
        yes = self._members(patients[[v is True for v in verdicts]])
        maybe = self._members(patients[[v is None for v in verdicts]]) & ~yes
        return yes, maybe

    # -- small things --------------------------------------------------------------------------------------------------

    def _clinical(self, column: str) -> pd.Series[Any] | None:
        """A clinical column, or None when the cohort has no such column or nothing in it."""
        if column not in self.cohort.clinical.columns:
            return None
        text = self.cohort.clinical[column]
        return text.astype("string") if text.notna().any() else None

    def _no_column(self, column: str) -> str:
        if column in self.cohort.clinical.columns:
            return f"clinical column {in_words(column)} has no known value"
        return f"no clinical column {in_words(column)}"

    def _members(self, patients: Iterable[str]) -> NDArray[np.bool_]:
        return np.asarray(self._index.isin(list(patients)), dtype=bool)

    def _nobody(self) -> NDArray[np.bool_]:
        return np.zeros(len(self._index), dtype=bool)

    def _no_assay(self, kind: str) -> str:
        return f"the cohort has no {kind} table"

    def _no_number(self, reason: str, unassayed: NDArray[np.bool_] | None = None) -> Number:
        nothing = np.full(len(self._index), np.nan)
        return Number(nothing, nothing, ~self._nobody() if unassayed is None else unassayed, True, (reason,), "unknown")

    def _no_call(self, reasons: tuple[str, ...], unassayed: NDArray[np.bool_] | None = None) -> Call:
        nobody = self._nobody()
        return Call(nobody, nobody, ~nobody if unassayed is None else unassayed, True, reasons)
