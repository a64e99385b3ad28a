"""A methods paragraph of a run and BibTeX of exactly what it used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.report.bibliography import joined, shipped_entries, source_entries, strata_entry
from strata.report.facts import Facts, called_strata
from strata.report.methods import run_sentences
from strata.report.rerun import made_signatures, plan_of
from strata.report.scan_methods import pair_sentences, scan_sentences
from strata.report.verify import read_record

if TYPE_CHECKING:
    from strata.signatures import Signature

__all__ = ["Citation", "cite_run"]


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


def cite_run(folder: str | Path) -> Citation:
    """Describe a run: what its tables hold is what was used.

    Parameters
    ----------
    folder : path
        Of a run of any command that writes ``run.json``.

    Raises
    ------
    InputOutputError
        When ``run.json``, a table or a signature file of the run cannot be read.
    DataError
        When that is not the record of a run.
    """
    folder = Path(folder)
    record = read_record(folder)
    entries = {**shipped_entries(), "strata": strata_entry(record["strata"])}
    sources: dict[str, str] = {}
    if record["kind"] == "run":
        signatures = _signatures(record)
        of_each = {signature.id: source_entries(signature) for signature in signatures}
        for found in of_each.values():
            sources |= found
        sentences = run_sentences(_facts(record, folder, signatures, of_each))
    else:
        name, describe = {"scan": ("scan.tsv", scan_sentences), "pairs": ("pairs.tsv", pair_sentences)}[record["kind"]]
        sentences = describe(record, _table(record, folder, name))
    methods = " ".join(sentences)
    keys = dict.fromkeys([*re.findall(r"@([\w-]+)", methods), *sources])
    return Citation(methods, joined((sources | entries)[key] for key in keys))


def _facts(
    record: Mapping[str, Any], folder: Path, signatures: list[Signature], sources: Mapping[str, Mapping[str, str]]
) -> Facts:
    names = ("results.tsv", "tests.tsv", "pooled.tsv", "baseline.tsv")
    return Facts(
        record,
        plan_of(record),
        signatures,
        {signature: list(found) for signature, found in sources.items()},
        *(_table(record, folder, name) for name in names),
    )


def _signatures(record: Mapping[str, Any]) -> list[Signature]:
    """The signatures by which patients could be called, and those that their populations are."""
    library, _ = plan_of(record).load_signatures()
    library |= {signature.id: signature for signature in made_signatures(record)}
    calls = called_strata(record)
    called = sorted({s["signature"] for s in calls})
    parts = {part for s in calls for part in s["population"].split(" & ")}
    return [library[name] for name in [*called, *sorted(parts - {*called})] if name in library]


def _table(record: Mapping[str, Any], folder: Path, name: str) -> pd.DataFrame:
    """A table of the run; empty where it has none."""
    if name not in record["outputs"]:
        return pd.DataFrame()
    return pd.read_csv(folder / name, sep="\t", keep_default_na=False, na_values=["NA"])
