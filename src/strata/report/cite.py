"""A methods paragraph of a run and BibTeX of exactly what it used."""

from __future__ import annotations

from pathlib import Path

from strata.report.citation import Citation, citation, cite_plan, recorded_table
from strata.report.rerun import made_signatures, plan_of
from strata.report.scan_methods import pair_sentences, scan_sentences
from strata.report.verify import read_record

__all__ = ["cite_run"]


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
    if record["kind"] == "run":
        plan = plan_of(record)
        library, _ = plan.load_signatures()
        library |= {signature.id: signature for signature in made_signatures(record)}
        return cite_plan(record, folder, plan, library)
    name, describe = {"scan": ("scan.tsv", scan_sentences), "pairs": ("pairs.tsv", pair_sentences)}[record["kind"]]
    return citation(describe(record, recorded_table(record, folder, name)), {}, strata=record["strata"])
