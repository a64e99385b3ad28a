"""What a signature's sources claim, beside what the data show: three columns of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strata.signatures import Claim
    from strata.survival.result import Comparison

__all__ = ["CLAIM_COLUMNS", "EQUIVALENTS", "claim_columns"]

CLAIM_COLUMNS = ("claim_effect", "claim_evidence", "agrees")

EQUIVALENTS: Mapping[str, tuple[str, ...]] = {"DFS": ("DFS", "RFS", "DFI")}
"""Endpoints that stand in for another, in the order in which they are tried."""

_WORSE: Mapping[str, bool] = {"worse": True, "better": False}
_SIGNIFICANT = 0.05


def claim_columns(
    claims: Sequence[Claim], endpoint: str, comparison: Comparison, *, own_population: bool
) -> dict[str, str | None]:
    """The claim that a row bears on, and whether the row agrees with it.

    Only ``positive_vs_rest`` of a signature with a prognostic or predictive claim has one; the prognostic claim that
    names the endpoint (or one it stands in for) comes first, then one that names none.

    Parameters
    ----------
    claims : sequence of Claim
    endpoint : str
        The endpoint used.
    comparison : Comparison
    own_population : bool
        Whether the row is about a population of the signature's own.

    Returns
    -------
    dict
        ``claim_effect`` and ``claim_evidence`` as the source has them; ``agrees``: ``yes`` (log-rank P below 0.05 and
        the claimed direction, or any direction where none is claimed), ``no`` (P below 0.05 and the opposite
        direction, or where no effect is claimed), ``not shown`` (P not below 0.05), ``not estimable``, ``untested``
        (the endpoint or population is not the claim's, or the claim is about a drug, which needs a comparison of
        treatments). None where there is no claim.
    """
    claim = _claim(claims, endpoint) if comparison.name == "positive_vs_rest" else None
    if claim is None:
        return dict.fromkeys(CLAIM_COLUMNS)
    tested = claim.role == "prognostic" and own_population and _names(claim, endpoint) is not False
    agrees = _agrees(claim, comparison) if tested else "untested"
    return {"claim_effect": claim.effect, "claim_evidence": claim.evidence, "agrees": agrees}


def _claim(claims: Sequence[Claim], endpoint: str) -> Claim | None:
    order = {("prognostic", True): 0, ("prognostic", None): 1, ("prognostic", False): 2}
    able = [claim for claim in claims if claim.role in ("prognostic", "predictive")]
    return min(able, key=lambda claim: order.get((claim.role, _names(claim, endpoint)), 3), default=None)


def _names(claim: Claim, endpoint: str) -> bool | None:
    """Whether a claim is about an endpoint; None when it names none."""
    answers = {used for name in claim.endpoints for used in EQUIVALENTS.get(name.upper(), (name.upper(),))}
    return endpoint.upper() in answers if answers else None


def _agrees(claim: Claim, comparison: Comparison) -> str:
    hazard, test = comparison.hazard_ratio, comparison.log_rank
    if hazard is None or test is None:
        return "not estimable"
    if not test.p_value < _SIGNIFICANT:
        return "not shown"
    if claim.effect is not None and claim.effect in _WORSE:
        return "yes" if (hazard.value > 1) == _WORSE[claim.effect] else "no"
    return "no" if claim.effect == "none" else "yes"
