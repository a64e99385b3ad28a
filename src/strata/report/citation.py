"""A methods paragraph with the BibTeX of exactly what it used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.report.bibliography import joined, shipped_entries, source_entries, strata_entry
from strata.report.facts import Facts, called_strata
from strata.report.methods import run_sentences

if TYPE_CHECKING:
    from strata.analysis import Plan, Results
    from strata.signatures import Signature

__all__ = ["Citation", "citation", "cite_plan", "cite_results", "recorded_table"]


@dataclass(frozen=True, slots=True)
class Citation:
    """How a run is described and cited.

    Parameters
    ----------
    methods : str
        A paragraph; it cites by key, as in ``[@kaplan1958; @cox1972]``, which pandoc understands.
    bibtex : str
        The entries of these keys, and the sources of signatures that the paragraph only counts.
    """

    methods: str
    bibtex: str


def citation(sentences: Iterable[str], sources: Mapping[str, str], *, strata: str) -> Citation:
    """Sentences with their entries.

    Parameters
    ----------
    sentences : iterable of str
    sources : mapping of key to entry
        Cited beside what the sentences cite.
    strata : str
        Its version.
    """
    entries = {**shipped_entries(), "strata": strata_entry(strata), **sources}
    methods = " ".join(sentences)
    keys = dict.fromkeys([*re.findall(r"@([\w-]+)", methods), *sources])
    return Citation(methods, joined(entries[key] for key in keys))


def cite_plan(record: Mapping[str, Any], folder: Path, plan: Plan, library: Mapping[str, Signature]) -> Citation:
    """Describe the run of a plan from its record and the tables in its folder."""
    signatures = _signatures(record, library)
    of_each = {signature.id: source_entries(signature) for signature in signatures}
    names = ("results.tsv", "tests.tsv", "pooled.tsv", "baseline.tsv")
    keys = {signature: list(found) for signature, found in of_each.items()}
    facts = Facts(record, plan, signatures, keys, *(recorded_table(record, folder, name) for name in names))
    sources = {key: entry for found in of_each.values() for key, entry in found.items()}
    return citation(run_sentences(facts), sources, strata=record["strata"])


def cite_results(results: Results, record: Mapping[str, Any], folder: Path) -> Citation:
    """Describe a run whose record is not written yet, from the files that are in its folder by now.

    Of a run that is shared, the tables hide what the sentences must not tell.
    """
    least = results.plan.shared_cell
    cohorts = [
        {**cohort, "patients": None if 0 < cohort["patients"] < least else cohort["patients"]}
        for cohort in record["cohorts"]
    ]
    outputs = dict.fromkeys(str(file.relative_to(folder)) for file in folder.rglob("*"))
    return cite_plan({**record, "cohorts": cohorts, "outputs": outputs}, folder, results.plan, results.library)


def _signatures(record: Mapping[str, Any], library: Mapping[str, Signature]) -> list[Signature]:
    """The signatures by which patients could be called, and those that their populations are."""
    calls = called_strata(record)
    called = sorted({s["signature"] for s in calls})
    parts = {part for s in calls for part in s["population"].split(" & ")}
    return [library[name] for name in [*called, *sorted(parts - {*called})] if name in library]


def recorded_table(record: Mapping[str, Any], folder: Path, name: str) -> pd.DataFrame:
    """A table of the run; empty where it has none."""
    if name not in record["outputs"]:
        return pd.DataFrame()
    return pd.read_csv(folder / name, sep="\t", keep_default_na=False, na_values=["NA"])
