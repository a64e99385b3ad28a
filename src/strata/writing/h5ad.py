"""A simulated cohort as AnnData files, the other tables as in a flat folder. Needs anndata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.writing.flat import write_flat
from strata.writing.tables import CohortTables

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_h5ad"]


def write_h5ad(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort as ``clinical.h5ad``, whose ``.obs`` holds the clinical columns, and an AnnData file per assay.

    The first assay is written sparse, the others dense; scales are in ``.uns``.

    Raises
    ------
    ImportError
        When anndata is not installed.
    InputOutputError
        When a file cannot be written.
    """
    import anndata
    import pandas as pd
    from scipy.sparse import csr_matrix

    folder = Path(folder)
    write_flat(tables, folder)
    for name in ("clinical", *tables.numbers):
        (folder / f"{name}.tsv").unlink()
    anndata.AnnData(np.empty((len(tables.patients), 0)), obs=_obs(tables)).write_h5ad(folder / "clinical.h5ad")
    for i, (kind, table) in enumerate(tables.numbers.items()):
        patients = [patient for patient, assayed in zip(tables.patients, table.assayed, strict=True) if assayed]
        values: Any = table.cells[:, table.assayed].T
        scale = {"copy_number": "gistic", "serum": "linear"}.get(kind, "log2")
        anndata.AnnData(
            values if i else csr_matrix(values),
            obs=pd.DataFrame(index=patients),
            var=pd.DataFrame(index=list(table.features)),
            uns={"scale": scale},
        ).write_h5ad(folder / f"{kind}.h5ad")


def _obs(tables: CohortTables) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {name: pd.Categorical(texts) for name, texts in tables.clinical.items()}
    for name, endpoint in tables.endpoints.items():
        columns[f"{name.lower()}_months"] = np.where(endpoint.known, endpoint.time, np.nan)
        events = [bool(event) if known else None for event, known in zip(endpoint.event, endpoint.known, strict=True)]
        columns[f"{name.lower()}_event"] = pd.array(events, dtype="boolean")
    return pd.DataFrame(columns, index=list(tables.patients))
