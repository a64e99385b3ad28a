"""Is a pair worse than its two markers predict: the interaction, and what both would be without one."""

from __future__ import annotations

from math import erfc, nan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from strata.survival.kernels.cox import cox
from strata.survival.kernels.kaplan_meier import Z_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.cox import Cox
    from strata.survival.kernels.prepared import PreparedOutcome

    Flags = NDArray[np.bool_]

__all__ = ["PairInteraction", "interaction_in_words", "pair_interaction"]

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


def pair_interaction(
    outcome: PreparedOutcome, one: tuple[Flags, Flags], other: tuple[Flags, Flags], names: tuple[str, str]
) -> PairInteraction:
    """The numbers of ``compare_coexpression``: its rows ``interaction`` and ``expected_both_vs_neither``.

    Parameters
    ----------
    outcome : PreparedOutcome
    one, other : pairs of arrays of bool (n_patients,)
        Who is positive and who is negative for each marker.
    names : pair of str
        Of the markers, for the reason.
    """
    groups = {
        "both": one[0] & other[0],
        f"{names[0]} only": one[0] & other[1],
        f"{names[1]} only": one[1] & other[0],
        "neither": one[1] & other[1],
    }
    silent = [name for name, members in groups.items() if not (outcome.event & members).any()]
    reason = f"no event in {', '.join(silent)}" if silent else ""
    if set(silent) - {"both"}:
        return PairInteraction(reason=reason)
    # without an event in both b3 runs to minus infinity, and b1 and b2 are those of the model without these patients
    keep = np.any([members for name, members in groups.items() if name not in silent], axis=0)
    columns = {names[0]: one[0], names[1]: other[0]} | ({} if silent else {" x ".join(names): groups["both"]})
    fit = cox(
        outcome.time[keep],
        outcome.event[keep],
        pd.DataFrame({name: flags[keep].astype(float) for name, flags in columns.items()}),
        stratification_factors=outcome.strata[keep],
        entry=None if outcome.entry is None else outcome.entry[keep],
    )
    return _of_model(fit, reason)


def _of_model(fit: Cox, reason: str) -> PairInteraction:
    found: dict[str, Any] = {"reason": reason or fit.reason}
    if not reason and np.isfinite(fit.standard_errors[2]):
        log_ratio, error = float(fit.coefficients[2]), float(fit.standard_errors[2])
        found |= _ratio("interaction", log_ratio, error)
        found["interaction_p"] = erfc(abs(log_ratio) / error / sqrt(2.0))
    covariance = fit.covariance[:2, :2]
    if np.isfinite(covariance).all():
        found |= _ratio("expected_both_vs_neither", float(fit.coefficients[:2].sum()), sqrt(covariance.sum()))
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
