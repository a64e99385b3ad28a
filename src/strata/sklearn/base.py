"""What the scorer and the stratifier share: signatures, samples as a cohort, and what cannot be learned from a fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from strata.cohort import Cohort
from strata.errors import DataError, Problem, UsageError
from strata.scoring import METHODS, STANDARDISED
from strata.signatures import Signature, load_signatures, signature_library

if TYPE_CHECKING:
    from strata.scoring import Resources
    from strata.signatures import Library, Needs

__all__ = ["FromSignatures", "check_learnable", "check_present"]

CLINICAL = "clinical "
"""Before the name of a clinical column; every other column of X is a feature of the assay."""


class FromSignatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What the scorer and the stratifier share: reading signatures, and patients as a cohort."""

    assay: str
    scale: str
    folders: Iterable[str | Path]
    resources: Resources | None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _read_signatures(self, asked: Any) -> tuple[Signature, ...]:
        """The signatures asked for, in order and each once; what they refer to is kept in ``_library``."""
        self._library: Library = signature_library(folders=self.folders)
        chosen: dict[str, Signature] = {}
        for one in [asked] if isinstance(asked, str | Path | Signature) else asked:
            found = [one] if isinstance(one, Signature) else load_signatures(one, folders=self.folders)
            chosen |= {signature.id: signature for signature in found}
        self._library |= chosen
        return tuple(chosen.values())

    def _cohort(self, X: pd.DataFrame, *, reset: bool) -> Cohort:
        """X as a cohort without outcomes; its patients have numbers, no ids."""
        if not isinstance(X, pd.DataFrame):
            what = f"it is a {type(X).__name__}, without the names of genes"
            fix = "Give a DataFrame, samples x genes; behind another step: pipeline.set_output(transform='pandas')"
            raise UsageError(Problem("X", what, fix, code="E703"))
        if problems := list(_column_problems(X)):
            raise UsageError(problems)
        validate_data(self, X, reset=reset, skip_check_array=True)
        clinical = X.columns.str.startswith(CLINICAL)
        values = check_array(
            X.loc[:, ~clinical],
            dtype="float64",
            ensure_all_finite="allow-nan",
            ensure_min_features=0 if clinical.any() else 1,
            estimator=self,
            input_name="X",
        )
        patients = pd.Index([str(i) for i in range(len(X))], dtype=object)
        table = pd.DataFrame(values, index=patients, columns=X.columns[~clinical])
        texts = (
            X.loc[:, clinical].astype("string").set_axis(patients).rename(columns=lambda c: c.removeprefix(CLINICAL))
        )
        return Cohort("X", texts, {self.assay: FrameAssay(self.assay, table, self.scale)}, {}, {})


@dataclass(frozen=True, eq=False, slots=True)
class FrameAssay:
    """An assay whose table is in memory; see :class:`strata.cohort.Assay`."""

    kind: str
    table: pd.DataFrame
    measured_on: str

    @property
    def features(self) -> Sequence[str]:
        return list(self.table.columns)

    @property
    def assayed(self) -> frozenset[str]:
        return frozenset(self.table.index)

    def scale(self, feature: str) -> str:
        return self.measured_on

    def written(self, feature: str) -> str:
        return feature

    def read(self, features: Sequence[str]) -> pd.DataFrame:
        return self.table[list(features)]


def _column_problems(X: pd.DataFrame) -> Iterable[Problem]:
    numbered = [column for column in X.columns if not isinstance(column, str)]
    if numbered:
        what = f"{len(numbered)} of {X.shape[1]} columns have no text as their name"
        yield Problem("X", what, "Columns are gene symbols", code="E703")
    twice = [str(column) for column, n in Counter(X.columns).items() if n > 1]
    if twice:
        what = f"{len(twice)} columns stand there more than once: {', '.join(twice[:5])}"
        yield Problem("X", what, "Keep one column a gene", code="E703")


def check_present(absent: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Refuse signatures whose features X lacks: ``(id, reasons)`` each."""
    problems = [Problem(f"X: signature {name}", "; ".join(reasons), code="E811") for name, reasons in absent]
    if problems:
        raise DataError(problems)


def check_learnable(needs: Needs) -> None:
    """Refuse what depends on the samples that are scored together and leaves nothing to apply to others."""
    sets = sorted(needs.gene_sets, key=str)
    bound = [str(node) for node in sets if METHODS[node.by].depends_on_samples and node.by not in STANDARDISED]
    bound += [f"class {scheme} by nearest centroid" for scheme in sorted(needs.schemes)]
    if bound:
        what = f"{', '.join(bound)}: it depends on the samples scored together, and nothing of it can be learned"
        fix = (
            "Use mean, zscore, ssgsea, singscore, signed-mean or weighted; or score the whole cohort with strata.score"
        )
        raise UsageError(Problem("signature", what, fix, code="E812"))
