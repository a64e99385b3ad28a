"""AnnData files (.h5ad): samples in rows, features in columns, clinical columns in ``.obs``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from strata.cohort.clinical_ids import PATIENT_COLUMNS, SAMPLE_COLUMNS
from strata.cohort.files import Stamp, check_unchanged, file_kind, stamp
from strata.cohort.findings import Findings, listed
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.matrix import HEAD_COLUMNS, HEAD_ROWS, Numbers, Opened, label_column
from strata.cohort.numbers import Floats
from strata.cohort.options import ReadOptions
from strata.cohort.table import Table, texts
from strata.errors import DataError, Problem, UsageError, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["H5adMatrix", "h5ad_opener", "h5ad_samples", "h5ad_scale"]

_CELLS = 1 << 22
"""Numbers of whole rows that are in memory together."""

_MAGIC = b"\x89HDF\r\n\x1a\n"
_SCALES = ("log2", "linear", "counts", "z-score", "gistic", "copies")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """An open file and the function that reads an element of it.

    Raises
    ------
    UsageError
        When anndata is not installed, or not one that works with this pandas.
    DataError
        When it is no AnnData file, or damaged.
    """
    try:
        import h5py
        from anndata.io import read_elem
    except ImportError:
        fix = "Install it: pip install 'strata-cohort[h5ad]'"
        raise UsageError(
            Problem(str(path), "an AnnData file, and anndata is not installed", fix, code="E908")
        ) from None
    _refuse_unfit(path)
    with path.open("rb") as head:
        if head.read(len(_MAGIC)) != _MAGIC:
            file_kind(path, ReadOptions())  # a pointer or web page is refused for what it is
    try:
        with h5py.File(path, "r") as file:
            if missing := [name for name in ("X", "obs", "var") if name not in file]:
                what = f"no AnnData file: it has no {', no '.join(missing)}"
                raise DataError(Problem(str(path), what, "Write it with anndata 0.7 or later", code="E217"))
            yield file, read_elem
    except OSError as error:
        what = f"no whole HDF5 file ({str(error).splitlines()[0]})"
        raise DataError(Problem(str(path), what, "Write or download it again", code="E217")) from None


def _refuse_unfit(path: Path) -> None:
    """Refuse an anndata that was made before pandas 3 beside it; the later ones ask for pandas below 3."""
    anndata, pandas = version("anndata"), version("pandas")
    if _release(pandas) >= (3,) and _release(anndata) < (0, 12, 7):
        what = f"an AnnData file, and anndata {anndata} does not work with pandas {pandas}"
        raise UsageError(Problem(str(path), what, "Install pandas below 3, or a later anndata", code="E908"))


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


@dataclass(frozen=True, slots=True)
class H5adMatrix:
    """The matrix ``X`` of an AnnData file, dense or sparse: rows are samples, columns features.

    Parameters
    ----------
    path : Path
    stamp : Stamp
    row_names, column_names : tuple of str
    """

    path: Path
    stamp: Stamp
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some samples, in the order of the file; cells of ``columns`` in that order, else of all."""
        for part in self.numbers(places, range(len(self.column_names)) if columns is None else columns):
            yield from ((place, texts(row.tolist())) for place, row in zip(part.places, part.values, strict=True))

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some samples as numbers, a block of rows at a time; ``columns`` in the order asked, and only those."""
        check_unchanged(self.path, self.stamp)
        wanted, order = np.unique(np.asarray(columns, dtype=np.intp), return_inverse=True)
        wanted_rows = np.unique(np.asarray(places, dtype=np.intp))
        step = max(1, _CELLS // max(1, len(self.column_names)))
        if not len(wanted):
            return
        with _opened(self.path) as (file, _):
            read = _reader(file["X"], wanted)
            for start in range(0, len(self.row_names), step):
                some = wanted_rows[(wanted_rows >= start) & (wanted_rows < start + step)]
                if len(some):
                    yield self._part(read(start, start + step)[some - start][:, order], some.tolist())

    @staticmethod
    def _part(values: Floats, places: Sequence[int]) -> Numbers:
        finite = np.logical_not(np.isinf(values).any(axis=1))
        return Numbers(places, values, finite, lambda i: texts(values[i].tolist()))

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some features, in the order asked, each over all samples."""
        rows = [cells for _, cells in self.rows(range(len(self.row_names)), places)]
        return [list(column) for column in zip(*rows, strict=True)]

    def place(self, row: int, column: int) -> str:
        """Row and column of a cell."""
        return f"row {row + 1} column {column + 1}"

    def line(self, row: int) -> int:
        """The row, counted from 1."""
        return row + 1


def _reader(x: Any, columns: NDArray[np.intp]) -> Callable[[int, int], Floats]:
    """A function that reads rows from one place to before another as numbers; ``columns`` in their order."""
    import h5py

    if isinstance(x, h5py.Dataset):
        # neighbours as one piece: HDF5 is slow where single columns are picked
        together = int(columns[-1]) - int(columns[0]) + 1 == len(columns)
        which = slice(int(columns[0]), int(columns[-1]) + 1) if together else columns
        return lambda start, stop: np.asarray(x[start:stop, which], dtype=np.float64)
    from anndata.io import sparse_dataset

    sparse = sparse_dataset(x)
    if x.attrs.get("encoding-type") == "csc_matrix":
        picked = sparse[:, columns].tocsr()
        return lambda start, stop: np.asarray(picked[start:stop].toarray(), dtype=np.float64)
    return lambda start, stop: np.asarray(sparse[start:stop][:, columns].toarray(), dtype=np.float64)


def h5ad_opener(path: Path) -> Callable[[ReadOptions, Findings], Opened]:
    """How the matrix of an AnnData file is opened.

    Features are named by the column of ``.var`` that holds gene symbols, else by its index.
    """

    def opener(options: ReadOptions, findings: Findings) -> Opened:
        marked = stamp(path)
        with _opened(path) as (file, read_elem):
            samples, var = map(str, read_elem(file["obs"]).index), read_elem(file["var"])
            layers = [*file.get("layers", ()), *(["raw"] if "raw" in file else [])]
        header = ["", *map(str, var.columns)]
        label = label_column(header, options)
        names = _cells(var.iloc[:, label - 1]) if label else [str(name) for name in var.index]
        said = f"features named by .var column {header[label]}" if label else "features named by the index of .var"
        findings.note(f"{path.name}: AnnData, X is read; {said}" + (f"; not used: {listed(layers)}" if layers else ""))
        matrix = H5adMatrix(path, marked, tuple(map(clean_id, samples)), tuple(map(clean_id, names)))
        if not matrix.row_names or not matrix.column_names:
            what = f"a table of {len(matrix.row_names)} samples and {len(matrix.column_names)} features"
            raise DataError(Problem(str(path), what, code="E217"))
        rows, columns = range(min(HEAD_ROWS, len(matrix.row_names))), range(min(HEAD_COLUMNS, len(names)))
        return Opened(matrix, list(matrix.numbers(rows, columns)))

    return opener


def h5ad_samples(path: Path) -> Table:
    """``.obs`` as a clinical table: its index holds the patients, or the samples where a column holds patients.

    Raises
    ------
    UsageError, InputOutputError, DataError
        When the file cannot be opened.
    """
    stamp(path)
    with _opened(path) as (file, read_elem):
        obs: pd.DataFrame = read_elem(file["obs"])
    keys = {column_key(str(name)) for name in obs.columns}
    index = "sample_id" if keys & set(PATIENT_COLUMNS) else "patient_id"
    # the index is what the matrix goes by
    kept = [i for i, name in enumerate(obs.columns) if column_key(str(name)) not in SAMPLE_COLUMNS]
    columns = {index: [str(name) for name in obs.index]}
    columns |= {str(obs.columns[i]): _cells(obs.iloc[:, i]) for i in kept}
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return Table(path.with_name(f"{path.name}[obs]"), tuple(columns), rows, list(range(1, len(rows) + 1)))


def _cells(column: pd.Series[Any]) -> list[str]:
    return texts(column.astype(object).where(column.notna(), None))


def h5ad_scale(path: Path, findings: Findings) -> str:
    """The scale that ``.uns`` states: ``scale``, or scanpy's ``log1p``; empty where it states none."""
    with _opened(path) as (file, read_elem):
        uns = file.get("uns", {})
        scale = str(read_elem(uns["scale"])) if "scale" in uns else ""
        base = dict(read_elem(uns["log1p"])).get("base") if "log1p" in uns else 0
    if scale in _SCALES:
        return scale
    if scale:
        findings.note(f"{path.name}: .uns['scale'] is {shown(scale)}, none of {', '.join(_SCALES)}; not used")
    if base == 2:
        return "log2"
    if base != 0:
        text = "natural logarithms" if base is None else f"logarithms of base {base:g}"
        findings.note(f"{path.name}: .uns['log1p'] says {text}, so the scale is unknown rather than log2")
        return "unknown"
    return ""
