"""What an interrupted scan of pairs leaves behind, so that the same scan goes on from there."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.errors import InputOutputError, Problem
from strata.scan.pair_tally import Tally
from strata.whole_file import whole_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["State", "scan_key"]


def scan_key(arrays: Iterable[NDArray[Any] | None], words: Iterable[object]) -> str:
    """A name for a scan: equal only where data, options and version of strata are."""
    digest = hashlib.sha256(repr((version("strata-cohort"), *words)).encode())
    for array in arrays:
        if array is not None:
            digest.update(repr((array.shape, array.dtype.str)).encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


class State:
    """One file, replaced as a whole or not at all.

    Parameters
    ----------
    path : Path
    key : str
        Of the scan that it belongs to.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.key = path, key

    def load(self, *, overwrite: bool = False) -> Tally | None:
        """The tally of this scan; None where there is no file, or with ``overwrite`` another one.

        Raises
        ------
        InputOutputError
            When the file is not of this scan.
        """
        if not self.path.exists():
            return None
        try:
            with self.path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = dict(file)
            key, tally = str(arrays["key"]), Tally.of_arrays(arrays)
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
            key, tally = "", None
        if tally is not None and key == self.key:
            return tally
        if overwrite:
            return None
        what = "is what is left of a scan of other data or with other options" if key else "is no state of a scan"
        fix = "Pass --overwrite to start anew, or remove the file"
        raise InputOutputError(Problem(str(self.path), what, fix, code="E712"))

    def save(self, tally: Tally) -> None:
        """Put a tally in the place of the last one.

        Raises
        ------
        InputOutputError
            When it cannot be written; the last one is then still there.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self.path, "wb", private=True) as file:
                np.savez(file, key=np.array(self.key), **tally.arrays())
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            raise InputOutputError(
                Problem(str(self.path), what, "What was there before is still there", code="E710")
            ) from error
