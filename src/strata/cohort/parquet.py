"""Parquet files: opened with page checksums, errors with the path in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from strata.errors import DataError, Problem

__all__ = ["read_parquet"]


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> Any:
    """A Parquet file, or some of its columns, as a pyarrow Table.

    Raises
    ------
    DataError
        When the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=columns, page_checksum_verification=True)
    except (pa.ArrowInvalid, OSError) as error:
        what = f"not a whole Parquet file ({str(error).splitlines()[0]})"
        raise DataError(Problem(str(path), what, "Write or download it again")) from None
