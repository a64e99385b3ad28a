"""The weights of the log-rank family: whether early or late events count more."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from strata.survival.kernels.risk_table import Floats, Integers

__all__ = ["LogRankWeights"]

NAMED = ("log-rank", "gehan", "tarone-ware", "peto", "peto-modified")
FLEMING_HARRINGTON = re.compile(r"fleming-harrington\((\d*\.?\d+), *(\d*\.?\d+)\)")


@dataclass(frozen=True, slots=True)
class LogRankWeights:
    """One weight per event time, from everybody at risk in its stratum.

    Parameters
    ----------
    name : str
        ``gehan``: the number at risk n; ``tarone-ware``: sqrt(n); ``peto-modified``: the product of 1 - d / (n + 1) up
        to and including t; else S^rho (1 - S)^gamma, S the Kaplan-Meier estimate just before t.
    rho, gamma : float
        Powers, 0 or more: 0 and 0 for ``log-rank``, 1 and 0 for ``peto``.
    """

    name: str
    rho: float
    gamma: float

    @classmethod
    def read(cls, weights: str | tuple[str, float, float]) -> LogRankWeights:
        """What a name, ``"fleming-harrington(0, 1)"`` or ``("fleming-harrington", 0, 1)`` stands for."""
        powered = isinstance(weights, tuple | list) and len(weights) > 1
        name = f"{weights[0]}({', '.join(map(str, weights[1:]))})" if powered else str(weights)
        powers = FLEMING_HARRINGTON.fullmatch(name)
        if powers:
            return cls(name, float(powers[1]), float(powers[2]))
        if name not in NAMED:
            raise ValueError(f"weights must be {', '.join(NAMED)} or fleming-harrington(rho, gamma), not {weights!r}")
        return cls(name, float(name == "peto"), 0.0)

    def at(self, at_risk: Integers, deaths: Integers, stratum: Integers) -> Floats:
        """The weights of event times with these numbers at risk, numbers of events and strata, each (n_times,)."""
        if self.name == "gehan":
            return at_risk.astype(float)
        if self.name == "tarone-ware":
            return np.sqrt(at_risk)
        modified = self.name == "peto-modified"
        factors = 1.0 - deaths / (at_risk + modified)
        starts = np.flatnonzero(np.diff(stratum)) + 1
        survival = [np.cumprod(np.append(1.0, part)) for part in np.split(factors, starts)]
        if modified:
            return np.concatenate([curve[1:] for curve in survival])
        before = np.concatenate([curve[:-1] for curve in survival])
        weights: Floats = before**self.rho * (1.0 - before) ** self.gamma
        return weights
