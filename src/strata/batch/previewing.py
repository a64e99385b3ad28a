"""What a batch would run: from the clinical tables and the names of features, without a number of an assay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from strata.cohort import read_cohort
from strata.errors import StrataError
from strata.scoring.finding import Finder
from strata.scoring.set_members import SetMembers
from strata.signatures import needs_of
from strata.survival import find_endpoint

if TYPE_CHECKING:
    from strata.analysis import Plan
    from strata.batch.manifest import Manifest
    from strata.cohort import Cohort
    from strata.scoring import Resources
    from strata.signatures import GeneSet, Signature

__all__ = ["PREVIEW_COLUMNS", "preview"]

PREVIEW_COLUMNS = (
    "cohort",
    "layout",
    "patients",
    "endpoints",
    "signature",
    "features_found",
    "features_missing",
    "missing",
    "problem",
)
"""The columns of ``strata batch --dry-run``: a row a cohort and signature, or one with the problem of a cohort."""


def preview(manifest: Manifest) -> Iterator[dict[str, str]]:
    """Each row of the preview, in the order of the manifest.

    ``endpoints`` are those asked for: ``DFS=RFS`` is answered by another, ``OS=-`` by none. ``features_found`` and
    ``features_missing`` count genes, also those of lists, proteins and clinical columns; ``missing`` names those.
    """
    for row in manifest.rows:
        blank = dict.fromkeys(PREVIEW_COLUMNS, "") | {"cohort": row.cohort}
        try:
            plan = manifest.plan_of(row)
            cohort = read_cohort(plan.cohort_specs()[0])
            library, signatures = plan.load_signatures()
            shared = {
                "layout": str(cohort.choices["layout"]["name"]),
                "patients": str(len(cohort.patients)),
                "endpoints": ", ".join(_endpoints(cohort, plan)),
            }
            found = _Features(cohort, plan.resources(), library)
            for signature in signatures:
                yield blank | shared | {"signature": signature.id} | found.of(signature)
        except StrataError as error:
            yield blank | {"problem": " | ".join(map(str, error.problems))}


def _endpoints(cohort: Cohort, plan: Plan) -> Iterator[str]:
    for asked in plan.endpoints:
        endpoint, _ = find_endpoint(cohort, asked, equivalents=plan.equivalents)
        used = "-" if endpoint is None else endpoint.name
        yield asked if used == asked else f"{asked}={used}"


class _Features:
    """Looks for the features of signatures among the names of a cohort's."""

    def __init__(self, cohort: Cohort, resources: Resources, library: Mapping[str, Signature]) -> None:
        self._cohort, self._library = cohort, library
        self._finder = Finder(cohort, resources.names)
        self._members = SetMembers(cohort.assays.get("mrna"), self._finder, resources)

    def of(self, signature: Signature) -> dict[str, str]:
        """How many features of a signature are there, and which are not."""
        needs = needs_of(signature, self._library)
        named = {f"{assay} {feature}": self._has(assay, feature) for assay, feature in sorted(needs.features)}
        lists: list[GeneSet | str] = [*sorted(needs.gene_sets, key=str), *sorted(needs.schemes)]
        for asked in lists:
            named |= dict.fromkeys(self._members.missing(asked), False)
            named |= {f"mrna {member.gene}": member.feature is not None for member in self._members.of(asked)}
        missing = [name for name, found in named.items() if not found]
        counts = {"features_found": str(len(named) - len(missing)), "features_missing": str(len(missing))}
        return {**counts, "missing": ", ".join(missing)}

    def _has(self, assay: str, feature: str) -> bool:
        if assay == "clinical":
            return feature in self._cohort.clinical.columns and bool(self._cohort.clinical[feature].notna().any())
        found = self._finder.find(assay, feature).feature
        mutations = self._cohort.mutations.get(assay)
        # a gene without a row may have been tested all the same
        return found is not None or (mutations is not None and bool(mutations.tested(feature)))
