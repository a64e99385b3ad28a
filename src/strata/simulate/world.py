"""The patients of a scenario as they truly are, and the streams of random numbers they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from strata.simulate.factors import Factor
from strata.simulate.scenario import Scenario, Shift
from strata.simulate.survive import Happenings

__all__ = ["DECIMALS", "Mask", "Numbers", "World"]

DECIMALS = 3
"""Of every measured number."""

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


class World(Happenings):
    """What is true of the patients, before anything is missing or shifted by a batch."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed, self.n = scenario, seed, scenario.patients
        self.words: dict[tuple[str, str], NDArray[np.str_]] = {}
        self.numbers: dict[tuple[str, str], Numbers] = {}
        self.noise: dict[tuple[str, str], Numbers] = {}
        self.mutated: dict[str, Mask] = {}
        self.medians: dict[str, float] = {}
        self.later = {time: self.lost(share, "sample", time) for time, share in scenario.later_samples.items()}

    def _stream(self, *name: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64([self.seed, *"/".join(name).encode()]))

    def uniform(self, *name: str) -> Numbers:
        """One number in [0, 1) per patient, from the stream called ``name``."""
        return self._stream(*name).random(self.n)

    def normal(self, *name: str) -> Numbers:
        """One standard normal number per patient."""
        return self._stream(*name).standard_normal(self.n)

    def between(self, bounds: tuple[float, float], *name: str) -> float:
        """One number for the whole cohort."""
        return float(self._stream(*name).uniform(*bounds))

    def choose(self, tables: Sequence[Mapping[str, float]], which: NDArray[np.int_], *name: str) -> NDArray[np.str_]:
        """A word per patient, from the prevalences of table ``which``."""
        drawn = self.uniform(*name)
        words = np.asarray(list(tables[0]), dtype=np.str_)
        picked = np.zeros(self.n, dtype=np.int64)
        for i, table in enumerate(tables):
            upper = np.cumsum([table.get(str(word), 0.0) for word in words])
            here = which == i
            picked[here] = np.searchsorted(upper, drawn[here], side="right")
        return words[np.minimum(picked, len(words) - 1)]

    def first(self, whens: Iterable[Factor]) -> NDArray[np.int_]:
        """Per patient, 1 + the place of the first factor that is true; 0 where none is."""
        which = np.zeros(self.n, dtype=np.int64)
        for i, when in reversed(list(enumerate(whens, start=1))):
            which[self.holds(when)] = i
        return which

    def shifted(self, shifts: Iterable[Shift]) -> Numbers:
        """What all shifts together add, per patient."""
        total = np.zeros(self.n)
        for shift in shifts:
            total += np.where(self.holds(shift.when), shift.by, 0.0)
        return total

    def holds(self, factor: Factor) -> Mask:
        """Of which patients a factor is true."""
        assay, features = factor.assay, factor.features
        if assay == "mutation":
            return self.mutated[features[0]]
        if factor.above is not None:
            return self.numbers[assay, features[0]] > factor.above
        if factor.is_ is not None:
            return np.isin(self.words[assay, features[0]], factor.is_)
        columns = [self.numbers[assay, feature] for feature in features]
        if len(columns) > 1:
            columns = [(column - column.mean()) / column.std(ddof=1) for column in columns]
        marker = sum(columns, np.zeros(self.n)) / len(columns)
        median = float(np.median(marker))
        self.medians[f"{assay} {' + '.join(features)}"] = round(median, DECIMALS)
        return marker > median

    def lost(self, share: float, *name: str) -> Mask:
        """Who is among a share of the patients; the stream's name says what for."""
        return self.uniform(*name) < share
