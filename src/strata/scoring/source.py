"""What the rules ask of a cohort: one feature's numbers, or whether its tokens match, patient by patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.signatures import Call, Number, has_variant_list, variant_matches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort

__all__ = ["CohortSource"]

_GISTIC = {"amp": 2.0, "gain": 1.0, "neutral": 0.0, "loss": -1.0, "homdel": -2.0}


class CohortSource:
    """The features that signatures name, read once from a cohort's tables.

    Parameters
    ----------
    cohort : Cohort
    wanted : iterable of (assay, feature)
        Every leaf of every signature that will be asked for (``strata.signatures.leaves``).
    """

    def __init__(self, cohort: Cohort, wanted: Iterable[tuple[str, str]]) -> None:
        self.cohort = cohort
        self._index = cohort.patients
        by_kind: dict[str, set[str]] = defaultdict(set)
        for kind, feature in wanted:
            by_kind[kind].add(feature)
        self._numbers: dict[str, pd.DataFrame] = {}
        self._variants: dict[str, pd.DataFrame] = {}
        for kind, features in by_kind.items():
            if kind in cohort.assays:
                here = sorted(features & set(cohort.assays[kind].features))
                self._numbers[kind] = cohort.assays[kind].read(here)
            elif kind in cohort.mutations:
                self._variants[kind] = cohort.mutations[kind].variants(sorted(features))

    # -- numbers -------------------------------------------------------------------------------------------------------

    def number(self, assay: str, feature: str) -> Number:
        """The values of a feature, NaN where unknown."""
        if assay == "clinical":
            return self._clinical_number(feature)
        table = self._numbers.get(assay)
        if table is None:
            return self._no_number(self._no_assay(assay))
        unassayed = ~self._members(self.cohort.assays[assay].assayed)
        if feature not in table.columns:
            return self._no_number(f"no {assay} {feature} in the cohort's tables", unassayed)
        values = table[feature].to_numpy(dtype=float)
        if np.isnan(values).all():
            return self._no_number(f"{assay} {feature} has no value in any patient", unassayed)
        return Number(values, values, unassayed, False, (), self.cohort.assays[assay].scale(feature))

    def _clinical_number(self, column: str) -> Number:
        text = self._clinical(column)
        if text is None:
            return self._no_number(self._no_column(column), self._nobody())
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        odd = int((np.isnan(values) & text.notna().to_numpy(dtype=bool)).sum())
        reasons = (f"clinical {column}: values that are not numbers stay unknown ({odd})",) if odd else ()
        if np.isnan(values).all():
            return self._no_number(f"clinical {column} has no number in any patient", self._nobody())
        return Number(values, values, self._nobody(), False, reasons, "linear")

    def found(self, assay: str, feature: str) -> tuple[bool, str, int, str]:
        """Whether a feature can be used: found, its scale, patients with a value, and why not."""
        if assay in self.cohort.mutations:
            call = self.tokens(assay, feature, ("any",))
            return not call.absent, "", int((call.true | call.false).sum()), "; ".join(call.reasons)
        if assay == "clinical":
            text = self._clinical(feature)
            reason = "" if text is not None else self._no_column(feature)
            return text is not None, "", 0 if text is None else int(text.notna().sum()), reason
        number = self.number(assay, feature)
        scale = "" if number.absent else number.scale
        return not number.absent, scale, int((~np.isnan(number.low)).sum()), "; ".join(number.reasons)

    # -- tokens --------------------------------------------------------------------------------------------------------

    def tokens(self, assay: str, feature: str, tokens: tuple[str, ...]) -> Call:
        """Whether a feature is one of ``tokens``: true, false or unknown for every patient."""
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
        known = text.notna().to_numpy(dtype=bool)
        wanted = {token.lower() for token in tokens}
        true = known & text.str.lower().isin(wanted).to_numpy(dtype=bool, na_value=False)
        return Call(true, known & ~true, self._nobody(), False, ())

    def _variant_tokens(self, kind: str, gene: str, tokens: tuple[str, ...]) -> Call:
        table = self.cohort.mutations.get(kind)
        if table is None:
            return self._no_call((self._no_assay(kind),))
        tested = self._members(table.tested(gene))
        rows = self._variants[kind]
        rows = rows[rows["gene"] == gene]
        carriers = self._members(rows["patient"])
        if not tested.any() and not carriers.any():
            return self._no_call((f"{kind} {gene} was tested in nobody",), ~tested)
        yes, maybe = self._matches(rows, tokens)
        if "none" in tokens:
            counted, _ = self._matches(rows, ("any",))
            yes |= tested & ~counted
        # a row proves that the patient was sequenced, also when the list of sequenced patients does not say so
        false = (tested | carriers) & ~yes & ~maybe
        needs_list = {"hotspot", "driver"} & set(tokens) and not has_variant_list(gene)
        reasons = (f"no list of hotspots and drivers for {gene}",) if needs_list and maybe.any() else ()
        return Call(yes, false, ~tested & ~carriers, False, reasons)

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
            return f"clinical column {column} has no known value"
        return f"no clinical column {column}"

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
