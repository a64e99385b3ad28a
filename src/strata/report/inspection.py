"""What a cohort holds, in plain words, and the plan that fits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from strata.analysis import CohortDescription, check_signatures
from strata.cohort.findings import count
from strata.report.cohort_words import columns_in_words, endpoint_counts, table_lines
from strata.scoring import MIN_COVERAGE
from strata.survival import find_endpoint

if TYPE_CHECKING:
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
    """
    about = CohortDescription.of(cohort)
    sections = (
        ("", _summary(cohort)),
        ("Tables", table_lines(about)),
        ("Endpoints", _endpoints(about)),
        ("Clinical columns", columns_in_words(about.columns)),
        ("What was found on the way", iter(cohort.notes)),
        ("Signatures", _signatures(cohort, signatures, library, resources)),
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


def _signatures(
    cohort: Cohort,
    signatures: Sequence[Signature],
    library: Mapping[str, Signature],
    resources: Resources | None,
) -> Iterator[str]:
    """Which signatures can be scored, with counts, and which cannot and why."""
    table = check_signatures(cohort, signatures, library, resources=resources)
    for row in table[table["can_be_scored"]].itertuples():
        yield f"{row.signature}: {row.calls}"
        if row.missing:
            yield f"    {row.found} of {row.asked} features found: {row.why}"
    for row in table[~table["can_be_scored"]].itertuples():
        yield f"{row.signature}: no ({row.why})"
    yes = int(table["can_be_scored"].sum())
    yield f"{yes} of {len(table)} can be evaluated; absent_assay: drop leaves absent legs out of an 'any'"


def plan_template(
    cohort: Cohort,
    entry: CohortEntry,
    signatures: Sequence[Signature],
    library: Mapping[str, Signature],
    resources: Resources | None = None,
) -> str:
    """A commented plan for a cohort: what can be evaluated is listed, what cannot is commented out with the reason.

    ``entry`` says where the cohort is and how it was read, ``resources`` which gene lists and centroids were given.
    """
    rows = []
    for row in check_signatures(cohort, signatures, library, resources=resources).itertuples():
        one_sided = "" if row.positive and row.negative else "everyone with a known call is in one stratum"
        why = one_sided if row.can_be_scored else str(row.why)
        rows.append(f"  # - {row.signature}   # {why}" if why else f"  - {row.signature}")
    asked = ["DFS"] if find_endpoint(cohort, "DFS")[0] else []
    endpoints = [*asked, *(name for name in cohort.endpoints if name not in ("DFS", "RFS", "DFI"))] or ["OS"]
    has = ", ".join(cohort.endpoints) or "none was found: name the columns under endpoints: in a cohort YAML"
    return "\n".join(
        [
            f"# A plan for {cohort.name}: {count(len(cohort.patients), 'patient')}. Run it with",
            "#   strata run THIS_FILE",
            "cohorts:",
            *_entry(entry),
            "",
            "# Ids of shipped signatures; files and folders of your own may stand here too.",
            "signatures:",
            *rows,
            "",
            "# Populations to intersect with the signatures' own; [] leaves those as they are.",
            "# Signature ids, joined by & for both at once: [er-positive, er-negative & node-negative]",
            "populations: []",
            "",
            f"# Endpoints of this cohort: {has}. DFS is also answered by RFS and DFI.",
            f"endpoints: [{', '.join(endpoints)}]",
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
            "# Clinical columns that hazard ratios are adjusted for.",
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
        ]
    )


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
