"""What a signature's sources claim, beside what the data show: three columns of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strata.signatures import Claim
    from strata.survival.result import Comparison

__all__ = ["CLAIM_COLUMNS", "EQUIVALENTS", "claim_columns"]

CLAIM_COLUMNS = ("claim_effect", "claim_evidence", "agrees")

EQUIVALENTS: Mapping[str, tuple[str, ...]] = {"DFS": ("DFS", "RFS", "DFI")}
"""Endpoints that stand in for another, in the order in which they are tried."""

_WORSE: Mapping[str, bool] = {"worse": True, "better": False}
_SMALLER: Mapping[str | None, bool] = {"sensitive": True, "resistant": False}
"""Whether a drug's hazard ratio is smaller in marker-positive patients."""
_SIGNIFICANT = 0.05


def claim_columns(
    claims: Sequence[Claim], endpoint: str, comparison: Comparison, *, own_population: bool
) -> dict[str, str | None]:
    """The claim that a row bears on, and whether the row agrees with it.

    Only ``positive_vs_rest`` of a signature with a prognostic or predictive claim has one. A prognostic claim with a
    direction comes before one of a mere association; of these the one that names the endpoint (or one it stands in for)
    before one that names none. A claim about a drug is tested by ``treatment_interaction``, where the treatment is that
    drug against its comparator in the claim's own words.

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
        ``claim_effect`` and ``claim_evidence`` as the source has them; ``agrees``: ``yes`` (the P that answers
        the row, ``own_test``, is below 0.05, in the claimed direction or any where none is claimed), ``no`` (P below
        0.05 and the opposite direction, or where no effect is claimed), ``not shown`` (P not below 0.05), ``not
        estimable``, ``untested`` (the endpoint or population is not the claim's, or the claim is about a drug, which
        needs a comparison of treatments). None where there is no claim.
    """
    if comparison.name == "treatment_interaction":
        return _about_treatment(claims, endpoint, comparison, own_population=own_population)
    claim = _claim(claims, endpoint) if comparison.name == "positive_vs_rest" else None
    if claim is None:
        return dict.fromkeys(CLAIM_COLUMNS)
    tested = claim.role == "prognostic" and own_population and _names(claim, endpoint) is not False
    agrees = _agrees(claim, comparison) if tested else "untested"
    return {"claim_effect": claim.effect, "claim_evidence": claim.evidence, "agrees": agrees}


def _about_treatment(
    claims: Sequence[Claim], endpoint: str, comparison: Comparison, *, own_population: bool
) -> dict[str, str | None]:
    """The claim about the treatment compared, and whether the interaction agrees; other drugs stay untested."""
    able = [claim for claim in claims if claim.role == "predictive"]
    if not able:
        return dict.fromkeys(CLAIM_COLUMNS)
    same = [c for c in able if c.drug is not None and c.drug == comparison.drug and _names(c, endpoint) is not False]
    claim = min(same or able, key=lambda c: _names(c, endpoint) is not True)
    agrees = _changes_effect(claim, comparison) if same and own_population else "untested"
    return {"claim_effect": claim.effect, "claim_evidence": claim.evidence, "agrees": agrees}


def _changes_effect(claim: Claim, comparison: Comparison) -> str:
    hazard, test = comparison.hazard_ratio, comparison.likelihood_ratio
    if hazard is None or test is None:
        return "not estimable"
    if not test.p_value < _SIGNIFICANT:
        return "not shown"
    if claim.effect in _SMALLER:
        return "yes" if (hazard.value < 1) == _SMALLER[claim.effect] else "no"
    return "no" if claim.effect == "none" else "yes"


def _claim(claims: Sequence[Claim], endpoint: str) -> Claim | None:
    able = [claim for claim in claims if claim.role in ("prognostic", "predictive")]
    return min(able, key=lambda claim: _rank(claim, endpoint), default=None)


def _rank(claim: Claim, endpoint: str) -> int:
    """How well a claim can be held against a row on ``endpoint``; 0 is best."""
    if claim.role != "prognostic":
        return 5
    named = _names(claim, endpoint)
    return 4 if named is False else 2 * (claim.effect not in _WORSE) + (named is None)


def _names(claim: Claim, endpoint: str) -> bool | None:
    """Whether a claim is about an endpoint; None when it names none."""
    answers = {used for name in claim.endpoints for used in EQUIVALENTS.get(name.upper(), (name.upper(),))}
    return endpoint.upper() in answers if answers else None


def _agrees(claim: Claim, comparison: Comparison) -> str:
    hazard, p_value = comparison.hazard_ratio, comparison.own_p
    if hazard is None or isnan(p_value):
        return "not estimable"
    if not p_value < _SIGNIFICANT:
        return "not shown"
    if claim.effect is not None and claim.effect in _WORSE:
        return "yes" if (hazard.value > 1) == _WORSE[claim.effect] else "no"
    return "no" if claim.effect == "none" else "yes"
