"""What is told of a table of numbers when it is opened: as notes for people, and as data for the run record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strata.cohort.assays import MatrixTable
from strata.cohort.feature_names import feature_names
from strata.cohort.findings import Findings, count
from strata.cohort.options import remedy
from strata.cohort.probes import Probes, look_like_probes

__all__ = ["describe", "describe_repeated", "tell_of_names"]


def describe(table: MatrixTable, orientation_why: str, scale_why: str, findings: Findings) -> dict[str, Any]:
    """The size of a table, which way it lies, its scale and its time points."""
    path, kind, n_patients = table.matrix.path, table.kind, len(table.assayed)
    findings.note(
        f"{path.name}: {count(len(table.positions), 'feature')} of {kind} for {count(n_patients, 'patient')}, "
        f"{'genes' if table.genes_in_rows else 'samples'} in rows ({orientation_why}), "
        f"scale {table.scale} ({scale_why})"
    )
    about: dict[str, Any] = {
        "file": str(path),
        "orientation": "genes-in-rows" if table.genes_in_rows else "samples-in-rows",
        "orientation_why": orientation_why,
        "n_features": len(table.positions),
        "n_patients": n_patients,
        "scale": table.scale,
        "scale_why": scale_why,
    }
    if any(table.samples):
        about["time_points"] = {time: len(patients) for time, patients in table.samples.items()}
    return about


def describe_repeated(
    table: MatrixTable, positions: Mapping[str, Sequence[int]], probes: Probes | None, findings: Findings
) -> dict[str, Any]:
    """How many genes have several rows or probes (``positions``), and the rule that makes them one."""
    name, rule = table.matrix.path.name, table.options.duplicate_genes
    rows = "rows" if probes is None else "probes"
    about: dict[str, Any] = {} if probes is None else {"probes": str(probes.path)}
    n = sum(len(places) > 1 for places in positions.values())
    if not n:
        return about
    about["n_duplicate_genes"] = n
    text = f"{name}: {count(n, 'feature')} on several {rows}"
    if not rule or (rule == "jetset" and probes is None):
        findings.note(f"{text}; where the {rows} of one differ, reading it fails unless {_MEAN}")
        return about
    over = _OVER.get(rule, "")
    findings.note(f"{text}; rule: {rule}{over}")
    return about | {"duplicate_genes": rule}


_MEAN = remedy("duplicate_genes", "mean")
_OVER = {
    "max_mean": " over the cohort's patients in this table",
    "max_variance": " over the cohort's patients in this table",
    "jetset": ", the probe marked best, else the one with the highest overall score",
}


def tell_of_names(table: MatrixTable, genes: Sequence[str], findings: Findings) -> None:
    """Notes on names that are no gene symbols: empty, numbers, probes."""
    name, kind = table.matrix.path.name, table.kind
    nameless = sum(not feature_names(kind, gene) for gene in genes)
    if nameless:
        findings.note(f"{name}: {count(nameless, 'row')} without a name left out")
    entrez = sum(feature.isdigit() for feature in table.positions)
    if kind == "mrna" and entrez > len(table.positions) / 2:
        numbers = count(entrez, "name is a number", "names are numbers")
        findings.note(f"{name}: {numbers}, taken as Entrez gene ids")
    if kind == "mrna" and look_like_probes([*table.positions]):
        how = f"give the table that says which gene each is of: {remedy('probes', 'FILE')}"
        findings.note(f"{name}: the names look like probes, not genes, so no gene will be found; {how}")
