"""A simulated cohort as a GEO series: a series matrix, its platform, and the other tables as in a flat folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np

from strata.writing.flat import write_flat
from strata.writing.tables import CohortTables, NumberTable
from strata.writing.text import write_text

__all__ = ["write_geo"]

_PLATFORM = "GPL0"


def write_geo(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort as a GEO series: ``NAME_series_matrix.txt`` with the clinical columns and the expression.

    Samples are ``GSM1`` on, with a characteristic ``patient id``. A missing value has no characteristic, so that on one
    line the samples have different keys, as in GEO's files. Rows are probes, with one control among them, and
    ``GPL0.annot`` says of which gene each is. The same tables give the same bytes on every machine.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    folder = Path(folder)
    write_flat(tables, folder)
    for name in ("clinical", "mrna"):
        (folder / f"{name}.tsv").unlink(missing_ok=True)
    write_text(folder / f"{tables.name}_series_matrix.txt", _series_matrix(tables))
    if (mrna := tables.numbers.get("mrna")) is not None:
        write_text(folder / f"{_PLATFORM}.annot", _platform(mrna))


def _series_matrix(tables: CohortTables) -> Iterator[str]:
    n = len(tables.patients)
    samples = [f"GSM{i}" for i in range(1, n + 1)]
    yield f'!Series_title\t"{tables.name} (synthetic)"'
    yield '!Series_type\t"Expression profiling by array"'
    yield f'!Series_platform_id\t"{_PLATFORM}"'
    yield ""
    yield _line("!Sample_title", [f"tumour of {patient}" for patient in tables.patients])
    yield _line("!Sample_geo_accession", samples)
    yield _line("!Sample_source_name_ch1", ["invented tumour"] * n)
    for cells in zip_longest(*_characteristics(tables), fillvalue=""):
        yield _line("!Sample_characteristics_ch1", cells)
    yield _line("!Sample_platform_id", [_PLATFORM] * n)
    yield "!series_matrix_table_begin"
    mrna = tables.numbers.get("mrna")
    assayed = np.flatnonzero(mrna.assayed if mrna else np.zeros(n, dtype=bool)).tolist()
    yield _line('"ID_REF"', [samples[i] for i in assayed])
    if mrna:
        yield "\t".join(['"AFFX-BioB-5_at"', *(["1"] * len(assayed))])
        for number, values in enumerate(mrna.cells, start=1):
            yield "\t".join([f'"{number}_at"', *(mrna.spell(values[i]).replace("NA", "null") for i in assayed)])
    yield "!series_matrix_table_end"


def _line(name: str, cells: Iterable[str]) -> str:
    return "\t".join([name, *(f'"{cell}"' for cell in cells)])


def _characteristics(tables: CohortTables) -> list[list[str]]:
    """What is known of each patient, as ``key: value``."""
    columns = {name.replace("_", " "): texts for name, texts in tables.clinical.items()}
    found = [[f"patient id: {patient}"] for patient in tables.patients]
    for name, endpoint in tables.endpoints.items():
        for key, texts in zip(("months", "event"), endpoint.texts(), strict=True):
            columns[f"{name.lower()} {key}"] = tuple(None if text == "NA" else text for text in texts)
    for key, cells in columns.items():
        for of_patient, cell in zip(found, cells, strict=True):
            if cell is not None:
                of_patient.append(f"{key}: {cell}")
    return found


def _platform(mrna: NumberTable) -> Iterator[str]:
    yield "^Annotation"
    yield "!Annotation_platform_title = invented probes"
    yield "#ID = the probe"
    yield "!platform_table_begin"
    yield "ID\tGene title\tGene symbol"
    for number, gene in enumerate(mrna.features, start=1):
        yield f"{number}_at\tinvented\t{gene}"
    yield "!platform_table_end"
