"""Negative controls of a run: which were asked for, and with which seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from zlib import crc32

import numpy as np

__all__ = ["Controls"]


@dataclass(frozen=True, slots=True)
class Controls:
    """What a run does to see what it would find where there is nothing to find.

    Parameters
    ----------
    null_check : int
        How often outcomes are permuted among the patients of each cohort; 0: not at all.
    random_signatures : int
        With how many random signatures each signature is compared; 0: with none.
    seed : int
        The same seed gives the same numbers, for any number of processes.
    """

    null_check: int = 0
    random_signatures: int = 0
    seed: int = 0

    def __bool__(self) -> bool:
        return bool(self.null_check or self.random_signatures)

    def generator(self, *names: str) -> np.random.Generator:
        """Random numbers of their own for ``names``, such as a cohort and a signature."""
        return np.random.default_rng([self.seed, *(crc32(name.encode()) for name in names)])

    def record(self) -> dict[str, int]:
        """The controls for ``run.json``."""
        return asdict(self)
