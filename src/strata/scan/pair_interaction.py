"""Is a pair worse than its two markers predict: the interaction, and what both would be without one."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, nan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from strata.survival.kernels.cox import cox
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.many_partitions import fit_many_partitions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.prepared import PreparedOutcome

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["PairInteraction", "interaction_in_words", "pair_interactions"]

AT_ONCE = 1_000
"""Pairs whose groups are made together."""
_PATTERNS = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
"""Both markers and their product, in who has neither, the first only, the second only, and both."""
_LEVEL = 0.05
_SCALE = "on the multiplicative (hazard ratio) scale"


class PairInteraction(NamedTuple):
    """The columns of a pair, and why there is no interaction; NaN where not estimable.

    ``interaction`` is exp(b3) of the Cox model of both markers and their product; ``expected_both_vs_neither``
    exp(b1 + b2).
    """

    interaction: float = nan
    interaction_lower: float = nan
    interaction_upper: float = nan
    interaction_p: float = nan
    expected_both_vs_neither: float = nan
    expected_both_vs_neither_lower: float = nan
    expected_both_vs_neither_upper: float = nan
    reason: str = ""


def pair_interactions(
    outcome: PreparedOutcome, one: tuple[Flags, Flags], other: tuple[Flags, Flags], names: Sequence[tuple[str, str]]
) -> list[PairInteraction]:
    """The numbers of ``compare_coexpression``, its rows ``interaction`` and ``expected_both_vs_neither``, of each pair.

    Parameters
    ----------
    outcome : PreparedOutcome
    one, other : pairs of arrays of bool (n_pairs, n_patients)
        Who is positive and who is negative for each marker.
    names : sequence of pairs of str
        Of the markers, for the reasons.
    """
    found: list[PairInteraction] = []
    for start in range(0, len(names), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        (high, low), (other_high, other_low) = ((flags[rows] for flags in marker) for marker in (one, other))
        groups = np.stack([low & other_low, high & other_low, low & other_high, high & other_high])
        found += _interactions(outcome, groups, names[rows])
    return found


def _interactions(outcome: PreparedOutcome, groups: Flags, names: Sequence[tuple[str, str]]) -> list[PairInteraction]:
    """Of pairs whose groups are neither, the first marker only, the second only, and both."""
    silent: Flags = np.count_nonzero(groups & outcome.event, axis=2) == 0
    found = [PairInteraction(reason=_silent_in(*each)) for each in zip(names, silent.T)]
    # without an event in both b3 runs to minus infinity, and b1 and b2 are those of the model without these patients
    for n_groups in (4, 3):
        patterns = _PATTERNS[:n_groups, : n_groups - 1]
        pairs = np.flatnonzero(~silent[:3].any(axis=0) & (silent[3] == (n_groups == 3)))
        fits, of_groups = fit_many_partitions(outcome, groups[:n_groups, pairs]), np.linalg.inv(patterns[1:])
        betas, covariances = fits.coefficients @ of_groups.T, of_groups @ fits.covariance @ of_groups.T
        for k, beta, covariance in zip(pairs.tolist(), betas, covariances):
            if np.isnan(beta[0]):
                found[k] = _by_cox(outcome, groups[:n_groups, k], patterns, names[k], found[k].reason)
            else:
                found[k] = _of_model(beta, covariance, found[k].reason)
    return found


def _silent_in(names: tuple[str, str], silent: Flags) -> str:
    words = ("both", f"{names[0]} only", f"{names[1]} only", "neither")
    empty = [word for word, quiet in zip(words, silent[[3, 1, 2, 0]]) if quiet]
    return f"no event in {', '.join(empty)}" if empty else ""


def _by_cox(
    outcome: PreparedOutcome, groups: Flags, patterns: Floats, names: tuple[str, str], reason: str
) -> PairInteraction:
    """A pair whose model is out of the ordinary, as where a coefficient is infinite: ``cox`` says which."""
    columns = pd.DataFrame(groups.T @ patterns, columns=[*names, " x ".join(names)][: patterns.shape[1]])
    keep = groups.any(axis=0)
    fit = cox(
        outcome.time[keep],
        outcome.event[keep],
        columns[keep],
        stratification_factors=outcome.strata[keep],
        entry=None if outcome.entry is None else outcome.entry[keep],
    )
    return _of_model(fit.coefficients, fit.covariance, reason or fit.reason)


def _of_model(beta: Floats, covariance: Floats, reason: str) -> PairInteraction:
    """The columns of a pair, of the coefficients of both markers and, where both is not silent, of their product."""
    found: dict[str, Any] = {"reason": reason}
    if beta.size == 3 and np.isfinite(covariance[2, 2]):
        log_ratio, error = float(beta[2]), sqrt(covariance[2, 2])
        found |= _ratio("interaction", log_ratio, error)
        found["interaction_p"] = erfc(abs(log_ratio) / error / sqrt(2.0))
    if np.isfinite(covariance[:2, :2]).all():
        found |= _ratio("expected_both_vs_neither", float(beta[:2].sum()), sqrt(covariance[:2, :2].sum()))
    return PairInteraction(**found)


def _ratio(name: str, log_ratio: float, error: float) -> dict[str, float]:
    """A ratio with its 95 % Wald interval."""
    half = Z_95 * error
    numbers = np.exp([log_ratio, log_ratio - half, log_ratio + half])
    return dict(zip((name, f"{name}_lower", f"{name}_upper"), map(float, numbers)))


def interaction_in_words(found: PairInteraction, n_pairs: int) -> str:
    """What may be said: synergy only where the interaction stands the search over all pairs."""
    if np.isnan(found.interaction):
        return f"interaction not estimable ({found.reason})"
    if found.interaction_p >= _LEVEL:
        return f"no evidence of an interaction {_SCALE}"
    worse = found.interaction > 1.0
    word, how = ("synergy", "worse") if worse else ("antagonism", "less bad")
    if found.interaction_p * n_pairs < _LEVEL:
        return f"{word} {_SCALE}: the pair is {how} than its two markers predict"
    search = f"but the interaction P does not stand the search over {n_pairs:,} pairs: no {word} shown"
    return f"the pair is {how} than its two markers predict {_SCALE}, {search}"
