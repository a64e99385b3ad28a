"""Two genes at once: four groups, both against the rest and against neither, each gene alone, and their interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.stratification import stratify
from strata.survival.checks import Checks
from strata.survival.compare import Setting, prepare
from strata.survival.groups import adjusted_cox, not_possible, several_groups, two_groups
from strata.survival.kernels.cox import Cox
from strata.survival.model_rows import AdjustedModel
from strata.survival.result import Comparison, HazardRatio, SurvivalComparison

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort, Endpoint
    from strata.scoring import Resources
    from strata.signatures import Signature
    from strata.stratification import Leg, Strata
    from strata.survival.checks import CheckOptions

__all__ = ["FOUR_GROUPS", "compare_coexpression", "compare_two_legs", "row_names", "with_own_cut"]

FOUR_GROUPS = ("both", "first_only", "second_only", "neither")
"""The four groups of two calls, in the order in which they are listed and drawn."""


def compare_coexpression(
    cohort: Cohort,
    signature: Signature | str,
    endpoint: str | Endpoint,
    *,
    population: str | None = None,
    cut: str | None = None,
    cut_scope: str = "population",
    absent_assay: str = "unknown",
    covariates: Sequence[str] = (),
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    landmark: float | None = None,
    checks: CheckOptions | None = None,
    library: Mapping[str, Signature] | None = None,
    resources: Resources | None = None,
) -> SurvivalComparison:
    """Ask the co-expression question of a signature with two gene legs, with everything needed to answer it.

    Parameters
    ----------
    cohort : Cohort
    signature : Signature or str
        ``positive`` is ``all`` of two comparisons, such as ``igf1r-sphk1-high``.
    endpoint : str or Endpoint
        ``"OS"``; ``"DFS"`` also finds RFS and DFI. True is an event; times end in months.
    population, cut, cut_scope, absent_assay, library, resources
        As for ``stratify``.
    covariates, stratification_factors, horizon, landmark, checks
        As for ``compare_survival``.

    Returns
    -------
    SurvivalComparison
        Rows ``positive_vs_rest``, ``both_vs_neither``, ``first_only_vs_neither``, ``second_only_vs_neither``,
        ``four_groups`` (3 degrees of freedom, no hazard ratio), each gene's symbol (that gene alone, every patient who
        has it), ``interaction`` (exp(b3) of one Cox model with both genes and their product) and
        ``expected_both_vs_neither`` (exp(b1 + b2): both against neither if there were no interaction).

    Raises
    ------
    UsageError
        When the signature does not have two legs.

    Notes
    -----
    The interaction is on the multiplicative (hazard ratio) scale. Two genes with hazard ratio 1.35 each and no
    interaction give about 1.5 for both against the rest and 1.82 for both against neither: a pair that looks worse than
    each gene alone is not synergy.
    """
    strata = stratify(
        cohort,
        signature,
        population=population,
        cut=cut,
        cut_scope=cut_scope,
        absent_assay=absent_assay,
        library=library,
        resources=resources,
    )
    if len(strata.legs) != 2:
        raise UsageError(
            Problem(
                "",
                f"signature {strata.signature}: co-expression needs a rule that is 'all' of two comparisons",
                code="E812",
            )
        )
    setting, used = prepare(
        cohort,
        strata,
        endpoint,
        covariates=covariates,
        stratification_factors=stratification_factors,
        horizon=horizon,
        landmark=landmark,
        checks=checks,
    )
    return SurvivalComparison.of(strata, used, compare_two_legs(strata, setting), setting.left_out)


def compare_two_legs(strata: Strata, setting: Setting) -> tuple[Comparison, ...]:
    """The rows of ``compare_coexpression`` for strata and a setting made before."""
    first, second = strata.legs
    names = {"first_only": f"{first.symbol} only", "second_only": f"{second.symbol} only"}
    pair = _Pair(strata, setting, names)
    return (
        pair.positive_vs_rest(),
        pair.against_neither("both"),
        pair.against_neither("first_only"),
        pair.against_neither("second_only"),
        pair.four_groups(),
        pair.alone(first),
        pair.alone(second),
        *pair.interaction(),
    )


def row_names(strata: Strata) -> tuple[str, ...]:
    """The ``comparison`` of every row that strata give, also when nothing can be compared."""
    if len(strata.legs) == 2:
        singles = tuple(leg.symbol for leg in strata.legs)
        against = tuple(f"{group}_vs_neither" for group in FOUR_GROUPS[:3])
        return ("positive_vs_rest", *against, "four_groups", *singles, "interaction", "expected_both_vs_neither")
    if labels := strata.quantile_groups:
        return (*(f"{label}_vs_{labels[0]}" for label in labels[1:]), "trend")
    return ("positive_vs_rest",)


def with_own_cut(row: Comparison, strata: Strata) -> Comparison:
    """A row that carries the cut of the gene it is about; other rows stay as they are."""
    own = [(leg.cut, leg.cut_scope) for leg in strata.legs if leg.symbol == row.name]
    return replace(row, own_cut=own[0]) if own else row


class _Pair:
    """One setting of two legs: each method makes one row."""

    def __init__(self, strata: Strata, setting: Setting, names: Mapping[str, str]) -> None:
        self.strata, self.setting, self.names = strata, setting, names
        a, b = (leg.call for leg in strata.legs)
        self.members = {
            "both": a.true & b.true,
            "first_only": a.true & b.false,
            "second_only": a.false & b.true,
            "neither": a.false & b.false,
        }
        known = (a.true | a.false) & (b.true | b.false)
        self.unknown_pair = setting.counts(strata.inside & ~known, strata.unassayed)
        self.reason = "; ".join([*setting.notes, *strata.reasons])
        self.notes = [*setting.notes, *strata.notes]

    def _member(self, group: str) -> NDArray[np.bool_]:
        return np.asarray(self.members[group][self.setting.keep], dtype=bool)

    def _label(self, group: str) -> str:
        return self.names.get(group, group)

    def positive_vs_rest(self) -> Comparison:
        uncalled = self.strata.inside if self.strata.absent else self.strata.unknown
        unknown = self.setting.counts(uncalled, self.strata.unassayed)
        if self.strata.absent:
            return not_possible("positive_vs_rest", self.reason, unknown=unknown)
        return two_groups(
            "positive_vs_rest",
            self.setting.outcome,
            positive=self.strata.is_("positive")[self.setting.keep],
            reference=self.strata.is_("negative")[self.setting.keep],
            labels=("both high", "rest") if self.strata.both_high else ("positive", "rest"),
            unknown=unknown,
            notes=self.notes,
        )

    def against_neither(self, group: str) -> Comparison:
        name = f"{group}_vs_neither"
        if self.strata.absent:
            return not_possible(name, self.reason, unknown=self.unknown_pair)
        return two_groups(
            name,
            self.setting.outcome,
            positive=self._member(group),
            reference=self._member("neither"),
            labels=(self._label(group), "neither"),
            unknown=self.unknown_pair,
            notes=self.notes,
        )

    def four_groups(self) -> Comparison:
        if self.strata.absent:
            return not_possible("four_groups", self.reason, unknown=self.unknown_pair)
        return several_groups(
            "four_groups",
            self.setting.outcome,
            [self._member(group) for group in FOUR_GROUPS],
            labels=[self._label(group) for group in FOUR_GROUPS],
            unknown=self.unknown_pair,
            notes=self.notes,
        )

    def alone(self, leg: Leg) -> Comparison:
        """One gene by itself: its own cut, every patient who has it."""
        call = leg.call
        unknown = self.setting.counts(self.strata.inside & ~(call.true | call.false), call.unassayed)
        if call.absent:
            reason = "; ".join([*self.setting.notes, *call.reasons])
            return with_own_cut(not_possible(leg.symbol, reason, unknown=unknown), self.strata)
        made = two_groups(
            leg.symbol,
            self.setting.outcome,
            positive=call.true[self.setting.keep],
            reference=call.false[self.setting.keep],
            labels=leg.labels,
            unknown=unknown,
            notes=[*self.setting.notes, *call.reasons, *leg.notes],
        )
        return with_own_cut(made, self.strata)

    def interaction(self) -> tuple[Comparison, Comparison]:
        """The interaction, and both against neither as expected without one, from one Cox model."""
        names = ("interaction", "expected_both_vs_neither")
        if self.strata.absent:
            a, b = (not_possible(name, self.reason, unknown=self.unknown_pair) for name in names)
            return a, b
        four = self.four_groups()
        known = np.asarray(np.any([self._member(group) for group in FOUR_GROUPS], axis=0))
        adjusted = AdjustedModel.of(self.setting.outcome.take(known))
        base = replace(
            four, log_rank=None, notes=tuple(self.notes), estimable=False, checks=Checks(), adjusted=adjusted
        )
        counted = self.setting.outcome.event & self.setting.outcome.adjustment.complete()
        silent = [self._label(group) for group in FOUR_GROUPS if not (counted & self._member(group)).any()]
        silent_singles = [label for label in silent if label != "both"]
        if silent_singles:
            return (
                _not_estimable(base, "interaction", f"no event in {', '.join(silent)}"),
                _not_estimable(base, "expected_both_vs_neither", f"no event in {', '.join(silent_singles)}"),
            )
        fit, said = self._joint(with_both=not silent)
        base = replace(base, notes=(*self.notes, *said))
        return self._interaction_row(base, fit, silent), self._expected_row(base, fit)

    def _joint(self, *, with_both: bool) -> tuple[Cox, list[str]]:
        """The Cox model of both genes and their product.

        When no patient with both genes high has an event, b3 runs to minus infinity and those patients drop out of
        every risk set: b1 and b2 are then those of the model without them.
        """
        outcome = self.setting.outcome
        groups = FOUR_GROUPS if with_both else FOUR_GROUPS[1:]
        keep = np.asarray(np.any([self._member(group) for group in groups], axis=0))
        a = (self._member("both") | self._member("first_only"))[keep].astype(float)
        b = (self._member("both") | self._member("second_only"))[keep].astype(float)
        first, second = (leg.symbol for leg in self.strata.legs)
        columns = pd.DataFrame({first: a, second: b} | ({f"{first} x {second}": a * b} if with_both else {}))
        own = outcome.take(keep)
        return adjusted_cox(own.time, own.event, columns, own.adjustment, own.entry)

    def _interaction_row(self, base: Comparison, fit: Cox, silent: list[str]) -> Comparison:
        name = "interaction"
        if silent:
            return _not_estimable(base, name, f"no event in {', '.join(silent)}")
        if not np.isfinite(fit.standard_errors[2]):
            return _not_estimable(base, name, fit.reason)
        hazard = HazardRatio.of(float(fit.coefficients[2]), float(fit.standard_errors[2]))
        scale = "on the multiplicative (hazard ratio) scale"
        if hazard.wald_p >= 0.05:
            note = f"no evidence of an interaction {scale}"
        elif hazard.value > 1:
            note = f"synergy {scale}: the pair is worse than its two genes predict"
        else:
            note = f"antagonism {scale}: the pair is less bad than its two genes predict"
        return replace(base, name=name, hazard_ratio=hazard, estimable=True, notes=(*base.notes, note))

    def _expected_row(self, base: Comparison, fit: Cox) -> Comparison:
        name = "expected_both_vs_neither"
        covariance = fit.covariance[:2, :2]
        if not np.isfinite(covariance).all():
            return _not_estimable(base, name, fit.reason)
        hazard = HazardRatio.of(float(fit.coefficients[:2].sum()), sqrt(covariance.sum()))
        note = "both against neither without an interaction on the multiplicative (hazard ratio) scale"
        return replace(base, name=name, hazard_ratio=hazard, estimable=True, notes=(*base.notes, note))


def _not_estimable(base: Comparison, name: str, reason: str) -> Comparison:
    return replace(base, name=name, notes=(*base.notes, f"not estimable ({reason})"))
