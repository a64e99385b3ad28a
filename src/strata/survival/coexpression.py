"""Two genes at once: four groups, both against the rest and against neither, each gene alone, and their interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import erfc, exp, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.errors import UsageError
from strata.stratification import stratify
from strata.survival.compare import Setting, prepare
from strata.survival.groups import any_groups, not_possible, two_groups
from strata.survival.kernels.cox import cox
from strata.survival.result import Comparison, HazardRatio, SurvivalComparison

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort, Endpoint
    from strata.signatures import Signature
    from strata.stratification import Leg, Strata

__all__ = ["FOUR_GROUPS", "compare_coexpression", "compare_two_legs", "row_names"]

FOUR_GROUPS = ("both", "first_only", "second_only", "neither")
"""The four groups of two calls, in the order in which they are listed and drawn."""

_Z = 1.959963984540054


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
    library: Mapping[str, Signature] | None = None,
) -> SurvivalComparison:
    """Ask the co-expression question of a signature with two gene legs, with everything needed to answer it.

    Parameters
    ----------
    cohort : Cohort
    signature : Signature or str
        ``positive`` is ``all`` of two comparisons, such as ``igf1r-sphk1-high``.
    endpoint : str or Endpoint
        ``"OS"``; ``"DFS"`` also finds RFS and DFI. True is an event; times end in months.
    population, cut, cut_scope, absent_assay, library
        As for ``stratify``.
    covariates, stratification_factors, horizon
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
    )
    if len(strata.legs) != 2:
        raise UsageError(f"signature {strata.signature}: co-expression needs a rule that is 'all' of two comparisons")
    setting, used = prepare(
        cohort,
        strata,
        endpoint,
        covariates=covariates,
        stratification_factors=stratification_factors,
        horizon=horizon,
    )
    rows = compare_two_legs(strata, setting)
    scope = strata.cut_scope if strata.cut else None
    keys = (strata.cohort, strata.signature, strata.population, used, strata.cut, scope)
    return SurvivalComparison(*keys, rows, setting.left_out)


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
        unknown = self.setting.counts(self.strata.unknown, self.strata.unassayed)
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
        return any_groups(
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
            return not_possible(leg.symbol, "; ".join([*self.setting.notes, *call.reasons]), unknown=unknown)
        return two_groups(
            leg.symbol,
            self.setting.outcome,
            positive=call.true[self.setting.keep],
            reference=call.false[self.setting.keep],
            labels=leg.labels,
            unknown=unknown,
            notes=[*self.setting.notes, *leg.notes],
        )

    def interaction(self) -> tuple[Comparison, Comparison]:
        """The interaction, and both against neither as expected without one, from one Cox model."""
        names = ("interaction", "expected_both_vs_neither")
        if self.strata.absent:
            a, b = (not_possible(name, self.reason, unknown=self.unknown_pair) for name in names)
            return a, b
        four = self.four_groups()
        base = replace(four, log_rank=None, notes=(), estimable=False)
        events = {group: made.events for group, made in zip(FOUR_GROUPS, four.groups)}
        silent = [self._label(group) for group in FOUR_GROUPS if events[group] == 0]
        silent_singles = [label for label in silent if label != "both"]
        fit = None if silent_singles else self._joint(with_both=not silent)
        return (
            self._interaction_row(base, fit, silent),
            self._expected_row(base, fit, silent_singles),
        )

    def _joint(self, *, with_both: bool) -> Any:
        """The Cox model of both genes and their product.

        When no patient with both genes high has an event, b3 runs to minus infinity and those patients drop out of
        every risk set: b1 and b2 are then those of the model without them.
        """
        outcome = self.setting.outcome
        groups = FOUR_GROUPS if with_both else FOUR_GROUPS[1:]
        keep = np.asarray(np.any([self._member(group) for group in groups], axis=0))
        a = (self._member("both") | self._member("first_only"))[keep].astype(float)
        b = (self._member("both") | self._member("second_only"))[keep].astype(float)
        columns = [a, b, a * b] if with_both else [a, b]
        adjustment = outcome.adjustment.take(keep)
        known: NDArray[np.bool_] = np.ones(a.size, dtype=bool)
        if adjustment.covariates is not None:
            known = ~adjustment.covariates.isna().to_numpy(dtype=bool).any(axis=1)
            columns += list(adjustment.covariates.to_numpy(dtype=float).T)
        factors = adjustment.stratification_factors
        return cox(
            outcome.time[keep][known],
            outcome.event[keep][known],
            np.column_stack(columns)[known],
            stratification_factors=None if factors is None else factors[known],
        )

    def _interaction_row(self, base: Comparison, fit: Any, silent: list[str]) -> Comparison:
        notes = list(self.notes)
        if silent:
            notes.append(f"not estimable (no event in {', '.join(silent)})")
            return replace(base, name="interaction", notes=tuple(notes))
        if not fit.converged:
            return replace(base, name="interaction", notes=(*notes, f"not estimable ({fit.reason})"))
        hazard = _wald(float(fit.coefficients[2]), float(fit.standard_errors[2]))
        scale = "on the multiplicative (hazard ratio) scale"
        if hazard.wald_p >= 0.05:
            notes.append(f"no evidence of an interaction {scale}")
        elif hazard.value > 1:
            notes.append(f"synergy {scale}: the pair is worse than its two genes predict")
        else:
            notes.append(f"antagonism {scale}: the pair is less bad than its two genes predict")
        return replace(base, name="interaction", hazard_ratio=hazard, estimable=True, notes=tuple(notes))

    def _expected_row(self, base: Comparison, fit: Any, silent: list[str]) -> Comparison:
        name = "expected_both_vs_neither"
        notes = list(self.notes)
        if silent or not fit.converged:
            reason = f"no event in {', '.join(silent)}" if silent else fit.reason
            return replace(base, name=name, notes=(*notes, f"not estimable ({reason})"))
        covariance = fit.covariance
        se = sqrt(covariance[0, 0] + covariance[1, 1] + 2 * covariance[0, 1])
        hazard = _wald(float(fit.coefficients[0] + fit.coefficients[1]), se)
        notes.append("both against neither without an interaction on the multiplicative (hazard ratio) scale")
        return replace(base, name=name, hazard_ratio=hazard, estimable=True, notes=tuple(notes))


def _wald(log_hazard: float, se: float) -> HazardRatio:
    """A hazard ratio with its 95 % Wald interval and two-sided P."""
    lower, upper = exp(log_hazard - _Z * se), exp(log_hazard + _Z * se)
    return HazardRatio(exp(log_hazard), lower, upper, erfc(abs(log_hazard) / se / sqrt(2)))
