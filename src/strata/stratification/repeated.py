"""Strata that divide the same patients in the same way: one question under several names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from strata.stratification.strata import Strata

__all__ = ["same_splits"]


def same_splits(strata: Iterable[Strata]) -> list[list[Strata]]:
    """Strata of one cohort that divide the same patients in the same way, or mirrored.

    Parameters
    ----------
    strata : iterable of Strata
        Of one cohort. Those that divide nobody are passed over.

    Returns
    -------
    list of lists of Strata
        Two or more each, of different signatures or populations. A test of the one is a test of the others: mirrored,
        the hazard ratio is turned over and P stays.
    """
    found: dict[tuple[int, bytes], dict[tuple[str, str], Strata]] = {}
    for one in strata:
        codes = one.labels.cat.codes.to_numpy()
        known, last = codes >= 0, len(one.labels.cat.categories) - 1
        if np.unique(codes[known]).size > 1:
            mirrored = np.where(known, last - codes, codes).astype(codes.dtype)
            split = (last, min(codes.tobytes(), mirrored.tobytes()))
            found.setdefault(split, {}).setdefault((one.signature, one.population), one)
    return [list(same.values()) for same in found.values() if len(same) > 1]
