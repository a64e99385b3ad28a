"""What a cohort holds, in plain words, and the plan that fits it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from strata.analysis import CohortDescription, check_signatures
from strata.cohort.findings import count
from strata.report.cohort_words import columns_in_words, endpoint_counts, table_lines
from strata.report.scorable import lacking, unused
from strata.scoring import MIN_COVERAGE
from strata.survival import EQUIVALENTS, find_endpoint

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import CohortEntry
    from strata.cohort import Cohort
    from strata.scoring import Resources
    from strata.signatures import Signature

__all__ = ["describe", "plan_template"]


def describe(
    cohort: Cohort,
    signatures: Sequence[Signature],
    library: Mapping[str, Signature],
    resources: Resources | None = None,
    *,
    every_reason: bool = False,
) -> str:
    """Everything ``strata inspect`` prints: counts only, no patient ids.

    Parameters
    ----------
    cohort : Cohort
    signatures : sequence of Signature
        Those whose use in this cohort is told.
    library : mapping of id to Signature
    resources : Resources, optional
        Gene lists and centroids.
    every_reason : bool
        Tell everything that a signature lacks, a line each; else the ids by the first thing that they lack.
    """
    table = check_signatures(cohort, signatures, library, resources=resources)
    about = CohortDescription.of(cohort)
    sections = (
        ("", _summary(cohort)),
        ("Tables", table_lines(about)),
        ("Endpoints", _endpoints(about)),
        ("Clinical columns", columns_in_words(about.columns)),
        ("What was found on the way", iter(cohort.notes)),
        ("Signatures", _signatures(table, every_reason=every_reason)),
    )
    lines: list[str] = []
    for title, found in sections:
        body = list(found)
        if body:
            lines += ["", title] if title else []
            lines += [f"  {line}" if title else line for line in body]
    return "\n".join(lines) + "\n"


def _summary(cohort: Cohort) -> Iterator[str]:
    layout, patients = cohort.choices.get("layout", {}), count(len(cohort.patients), "patient")
    yield f"Cohort {cohort.name}: {patients}, layout {layout.get('name')} ({layout.get('why')})"


def _endpoints(about: CohortDescription) -> Iterator[str]:
    for endpoint in about.endpoints:
        yield f"{endpoint.name}: {endpoint_counts(endpoint)} ({endpoint.definition})"
    if not about.endpoints:
        yield "none: no pair of columns such as os_months and os_event; name them under endpoints: in a cohort YAML"


def _signatures(table: pd.DataFrame, *, every_reason: bool) -> Iterator[str]:
    """Which signatures can be scored, with counts; which of them a plan leaves out; which cannot, and why."""
    for row in table[table["can_be_scored"]].itertuples():
        yield f"{row.signature}: {row.calls}"
        if row.missing:
            yield f"    {row.found} of {row.asked} features found: {row.why}"
    if left_out := unused(table):
        yield "scored, but not in the plan of `strata init`:"
        yield from _folded(left_out)
    cannot = lacking(table)
    if cannot and every_reason:
        yield from (f"{row.signature}: no ({row.why})" for row in table[~table["can_be_scored"]].itertuples())
    elif cannot:
        yield "not scored, by the first thing that is missing (--all: everything that is missing):"
        yield from _folded(cannot)
    yes, not_needed = int(table["can_be_scored"].sum()), sum(map(len, left_out.values()))
    planned = f", {yes - not_needed} of them in the plan of `strata init`" if not_needed else ""
    yield f"{yes} of {len(table)} can be evaluated{planned}; absent_assay: drop leaves absent legs out of an 'any'"


def _folded(by_reason: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Each reason with how many signatures have it, and their ids below."""
    for reason, ids in by_reason.items():
        yield f"  {reason}: {len(ids)}"
        yield from textwrap.wrap(
            ", ".join(ids), 112, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
        )


def plan_template(
    cohort: Cohort,
    entry: CohortEntry,
    signatures: Sequence[Signature],
    library: Mapping[str, Signature],
    resources: Resources | None = None,
) -> str:
    """A commented plan for a cohort: settings first, then the signatures that it can answer, each split once.

    What is left out is told by its reason. ``entry`` says where the cohort is and how it was read, ``resources`` which
    gene lists and centroids were given.
    """
    table = check_signatures(cohort, signatures, library, resources=resources)
    left_out = unused(table)
    without = {signature for ids in left_out.values() for signature in ids}
    listed = [name for name in table.loc[table["can_be_scored"], "signature"] if name not in without]
    return "\n".join(
        [
            f"# A plan for {cohort.name}: {count(len(cohort.patients), 'patient')}. Run it with",
            "#   strata run THIS_FILE",
            "cohorts:",
            *_entry(entry),
            "",
            *_asked_endpoints(cohort),
            "",
            "# Populations to intersect with the signatures' own; [] leaves those as they are.",
            "# Signature ids, joined by & for both at once: [er-positive, er-negative & node-negative]",
            "populations: []",
            "",
            "# null: each signature's own cut. median, mean, q75, sd1, mixture, tertiles, quartiles replace it,",
            "# and so does optimal: searched on each endpoint, with P corrected for the search.",
            "cut: null",
            "# The patients a cut is learned on: population or cohort.",
            "cut_scope: population",
            "# Whom figures draw a gene pair against: rest or neither. The tables hold both.",
            "comparator: rest",
            "# An assay this cohort lacks makes its leg of an 'any' unknown; drop leaves the leg out.",
            "absent_assay: unknown",
            "# Clinical columns that hazard ratios and their P are adjusted for.",
            "covariates: []",
            "# Months after which follow-up is cut; null: never.",
            "horizon: null",
            "# Months at which survival is printed.",
            "times: [12, 36, 60, 120]",
            "# Gene lists (GMT, GMX, TSV) and centroids (genes x classes) that signatures name.",
            *_resources(resources),
            "# The folder for the results, from here; --out wins over it.",
            "output: results",
            "",
            f"# The {len(listed)} shipped signatures that this cohort can answer, each split of the patients once.",
            "# Files and folders of your own may stand here too.",
            "signatures:",
            *(f"  - {name}" for name in listed),
            *_commented("Left out although they can be scored:", left_out),
            *_commented("Cannot be scored, by the first thing that is missing:", lacking(table)),
            "",
        ]
    )


def _asked_endpoints(cohort: Cohort) -> Iterator[str]:
    """The endpoint that answers DFS first, under the cohort's own name, then those that do not stand for DFS too."""
    disease_free, _ = find_endpoint(cohort, "DFS")
    asked = [disease_free.name] if disease_free else []
    asked += [name for name in cohort.endpoints if name not in EQUIVALENTS["DFS"]]
    has = ", ".join(cohort.endpoints) or "none was found: name the columns under endpoints: in a cohort YAML"
    yield f"# Endpoints of this cohort: {has}."
    yield f"endpoints: [{', '.join(asked or ['OS'])}]"


def _commented(title: str, by_reason: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if by_reason:
        yield f"  # {title}"
        yield from (f"  # {line}" for line in _folded(by_reason))


def _resources(resources: Resources | None) -> Iterator[str]:
    lists = () if resources is None else {item.source for item in resources.gene_lists.values()}
    centroids = () if resources is None else {item.source for item in resources.centroids.values()}
    for key, paths in (("gene_sets", lists), ("centroids", centroids)):
        yield f"{key}: [{', '.join(_quoted(str(path)) for path in sorted(paths))}]"
    yield "# The share of a list's genes that must be found."
    yield f"min_coverage: {MIN_COVERAGE if resources is None else resources.min_coverage:g}"


def _entry(entry: CohortEntry) -> Iterator[str]:
    yield f"  - path: {_quoted(entry.path)}"
    yield f"    name: {_quoted(entry.name or '')}"
    if entry.layout != "auto":
        yield f"    layout: {entry.layout}"
    if entry.read:
        yield "    read:"
        yield from (f"      {key}: {_quoted(str(value))}" for key, value in entry.read.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
