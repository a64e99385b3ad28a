"""The h5ad layout: AnnData files, one for each assay, with the clinical columns in ``.obs``. Read only.

What an assay is, is told by the start of the file's name as in a flat folder; other names are expression. Mutations and
further tables lie beside as in a flat folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from strata.cohort.assay_tables import TableSource
from strata.cohort.findings import Findings
from strata.cohort.h5ad import h5ad_opener, h5ad_samples, h5ad_scale
from strata.cohort.layouts.files import CohortFiles
from strata.cohort.layouts.flat import add_tables, files_in, kind_of, named_files
from strata.cohort.spec import CohortSpec

__all__ = ["find", "recognise"]

_H5AD = re.compile(r".+\.h5ad", re.IGNORECASE)
_NO_NUMBERS = frozenset({"clinical", "samples", "panel", "mutation", "germline"})


def recognise(folder: Path) -> str:
    """The name of an AnnData file in a folder; empty when there is none."""
    return next((path.name for path in files_in(folder, _H5AD)), "")


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a cohort of AnnData files.

    Raises
    ------
    UsageError
        When anndata is not installed.
    """
    files = CohortFiles("h5ad", "")
    paths = named_files(spec, _H5AD)
    if not paths:
        findings.problem(str(spec.origin or spec.folder), "no .h5ad file", code="E218")
    add_tables(spec, files, findings, paths)
    for path in paths:
        kind = next((kind for kind, of_kind in spec.tables.items() if path in of_kind), kind_of(path.name))
        with findings.collecting():
            files.clinical.append(h5ad_samples(path))
            findings.files.append(path)
            scale = h5ad_scale(path, findings)
            if kind in _NO_NUMBERS and kind != "clinical":
                fix = "Write it as a table of its own, such as mutations.tsv"
                findings.problem(str(path), f"{kind} is not read from AnnData files", fix, code="E218")
            elif kind != "clinical":
                files.matrices.setdefault(kind or "mrna", []).append(TableSource(path, scale, h5ad_opener(path)))
    return files
