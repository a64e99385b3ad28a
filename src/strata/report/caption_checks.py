"""What a caption says about the numbers beside a log-rank P and a hazard ratio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strata.analysis import Plan
    from strata.survival import Comparison

__all__ = ["DELAYED_ENTRY", "applied_in_words", "checks_in_words"]


DELAYED_ENTRY = "Delayed entry: patients are at risk from their entry on."


def applied_in_words(cohort: str) -> str:
    """What follows the name of a cut that was learned in another cohort."""
    return f", learned in cohort {cohort} and applied unchanged"


def checks_in_words(drawn: Sequence[Comparison], plan: Plan) -> Iterator[str]:
    """Sentences about the comparisons drawn: sparse strata, hazards that are not proportional, stratified tests."""
    if any(comparison.entry is not None for comparison in drawn):
        yield DELAYED_ENTRY
    if any(comparison.checks.permutations is not None for comparison in drawn):
        yield (
            f"Strata below {plan.sparse_patients} patients or {plan.sparse_events} events: permutation P of the"
            " log-rank test (it assumes that censoring is the same in the strata) and Firth's HR with profile interval."
        )
    if failed := sum(comparison.checks.ph_p < 0.05 for comparison in drawn):
        yield (
            f"Hazards are not proportional (P < 0.05) in {failed} of {len(drawn)} panels: there the HR is an average"
            " over time, and results.tsv has the difference of restricted means."
        )
    if any(comparison.competing is not None for comparison in drawn):
        yield (
            "Where the endpoint names competing events, curves are 1 − cumulative incidence (Aalen-Johansen), marks"
            " and numbers of censored patients count competing events too, and HR and log-rank P are cause-specific."
        )
    if plan.stratify_by:
        yield f"HR and log-rank test stratified by {', '.join(plan.stratify_by)}."
    if plan.landmark is not None:
        yield f"Time starts at a landmark of {plan.landmark:g} months."
