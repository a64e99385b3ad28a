"""The rows of a search: the searched cut, the median split, and the hazard ratio per standard deviation."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.cohort.findings import count
from strata.scoring import CutPoint
from strata.signatures import Compare
from strata.stratification import OPTIMAL
from strata.survival.checks import Checks
from strata.survival.compare import compare_strata
from strata.survival.cut_learning import SPLITS, cross_fitted, search, stability_range
from strata.survival.groups import not_possible, two_groups
from strata.survival.kernels.cox import cox
from strata.survival.kernels.log_rank import LogRank
from strata.survival.model_rows import AdjustedModel, ModelRows, factors_in_words
from strata.survival.non_proportional import FAILS, ph_test
from strata.survival.result import Comparison, HazardRatio, SurvivalComparison
from strata.survival.sparse import firth_beside, is_sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.signatures import Signature
    from strata.stratification import Strata
    from strata.survival.compare import Setting
    from strata.survival.kernels.maximally_selected import MaximallySelected
    from strata.survival.search_options import SearchOptions

__all__ = ["SEARCH_ROWS", "SearchSteps"]

SEARCH_ROWS = ("positive_vs_rest", "median_split", "per_sd")
"""The rows of a search: the searched cut, and beside it the median split and the hazard ratio per SD."""

TOO_NARROW = (
    "with more than 2 folds the 95 % interval is too narrow: in simulations it covered 93 % with 5 folds, 92 % with 10"
)


class SearchSteps:
    """One search, step by step; ``values`` and ``outcome`` are those of the patients searched."""

    def __init__(self, signature: Signature, by_median: Strata, setting: Setting, options: SearchOptions) -> None:
        if not isinstance(signature.positive, Compare) or by_median.score is None:
            raise TypeError(f"not a signature of searched_signature: {signature.id}")
        self.rule, self.by_median, self.setting, self.options = signature.positive, by_median, setting, options
        self.all_values = np.where(by_median.inside, by_median.score, np.nan)
        known = ~np.isnan(self.all_values[setting.keep])
        self.values = self.all_values[setting.keep][known]
        self.outcome = setting.outcome.take(known)
        self.high = self.rule.comparator in ("above", "at_least")
        self.unknown = setting.counts(by_median.inside if by_median.absent else by_median.unknown, by_median.unassayed)

    def result(self, endpoint: str) -> tuple[float, float, tuple[float, float], SurvivalComparison, Strata]:
        """The cut, its corrected P, its stability range, the rows and the strata; NaN where nothing is searched."""
        cut, p_value, stability = math.nan, math.nan, (math.nan, math.nan)
        if reason := self._why_not(endpoint):
            strata = replace(self._strata(cut, reason), absent=True, reasons=(reason,))
            searched = not_possible(SEARCH_ROWS[0], "; ".join([*self.setting.notes, reason]), unknown=self.unknown)
        else:
            found = search(self.values, self.outcome, self.options)
            cut, p_value = self._cut_of_rule(found.cut), found.p_value
            resampled = self.options if cut == cut else self.options.model_copy(update={"bootstrap": 0})
            lower, upper, cuts = stability_range(self.values, self.outcome, resampled)
            stability = (lower, upper)
            strata = self._strata(
                cut, f"searched on {endpoint}, in the {self.values.size} patients with a known {endpoint}"
            )
            searched = self._searched(found, strata, stability, cuts.size)
        median = self._median_split()
        rows = (searched, median, self._per_sd(median))
        result = SurvivalComparison.of(strata, endpoint, rows, self.setting.left_out)
        return cut, p_value, stability, result, strata

    def _why_not(self, endpoint: str) -> str:
        """Why no cut can be searched, whatever the values; empty when one can."""
        if self.outcome.entry is not None:
            return f"{endpoint} has delayed entry, with which a cut cannot be searched"
        if self.outcome.adjustment.stratification_factors is not None and self.options.method != "permutation":
            return f"the method {self.options.method} knows no stratification factors: the method permutation does"
        return ""

    def _cut_of_rule(self, cut: float) -> float:
        """The search parts strictly above from the rest; ``at_least`` and ``below`` do so at the next value."""
        if self.rule.comparator in ("above", "at_most") or math.isnan(cut):
            return cut
        return float(self.values[self.values > cut].min())

    def _strata(self, cut: float, note: str) -> Strata:
        """The strata of the median split with the searched cut in the place of the median."""
        values, base = self.all_values, self.by_median
        high = values >= cut if self.rule.comparator in ("at_least", "below") else values > cut
        codes = np.where(np.isnan(values) | math.isnan(cut), -1, high == self.high)
        labels = pd.Series(
            pd.Categorical.from_codes(codes.tolist(), base.labels.cat.categories, ordered=True), index=base.labels.index
        )
        known = values[~np.isnan(values)]
        point = CutPoint(str(self.rule.number), OPTIMAL, cut, self.values.size, int((known == cut).sum()), note)
        points = replace(base.cut_points, cuts=(point,))
        return replace(base, cut=OPTIMAL, labels=labels, cut_points=points, notes=())

    def _searched(
        self, found: MaximallySelected, strata: Strata, stability: tuple[float, float], resamples: int
    ) -> Comparison:
        """The row of the searched cut: curves at the cut, the corrected P, the cross-fitted hazard ratio."""
        name, notes = SEARCH_ROWS[0], [*self.setting.notes]
        if math.isnan(found.cut):
            reasons = self.by_median.reasons if self.by_median.absent else (self._no_cut(found.reason),)
            return not_possible(name, "; ".join([*notes, *reasons]), unknown=self.unknown)
        keep = self.setting.keep
        groups = two_groups(
            name,
            self.setting.outcome,
            positive=strata.is_("positive")[keep],
            reference=strata.is_("negative")[keep],
            labels=("positive", "negative"),
        )
        hazard, said, reason = cross_fitted(self.values, self.outcome, self.options, high=self.high)
        notes += [self._about_p(found), *self._about_hazard_ratio(hazard, said, reason)]
        # of groups that were searched the test would not be corrected
        notes.append("proportional hazards are tested in the rows median_split and per_sd")
        if resamples:
            cut, (lower, upper) = strata.cut_points.cuts[0].value, stability
            moved = f"middle 95 % of the cuts of {resamples} bootstrap resamples: {lower:.4g} to {upper:.4g}"
            notes.append(f"cut {cut:.4g} of {self.rule.number}; {moved} (not a confidence interval)")
        # of the comparison at the cut only what does not test it
        return Comparison(
            name,
            groups.groups,
            groups.time,
            groups.event,
            groups.group,
            *self.unknown,
            hazard,
            None if math.isnan(found.p_value) else _corrected(found),
            groups.follow_up,
            hazard is not None,
            tuple(notes),
            searched=True,
            competing=groups.competing,
            adjusted=AdjustedModel.of(self.outcome),
        )

    def _no_cut(self, reason: str) -> str:
        return f"no cut of {self.rule.number} could be searched in {count(self.values.size, 'patient')} ({reason})"

    def _about_p(self, found: MaximallySelected) -> str:
        tried = f"{found.cuts.size} cuts tried, each group at least {100 * self.options.minprop:g} % of the patients"
        if math.isnan(found.p_value):
            why = f"{found.reason}; the method permutation has no such limit"
            return f"the cut was searched ({tried}), but there is no corrected P ({why})"
        adjustment, how = self.outcome.adjustment, found.method
        if found.n_permutations:
            inside = "" if adjustment.stratification_factors is None else " inside the stratification factors"
            how = f"{found.n_permutations} permutations{inside}, seed {found.seed}; {found.assumption.rstrip('.')}"
        more = "" if adjustment.covariates is None else "; P is not adjusted for covariates"
        return f"the cut was searched ({tried}): log_rank_p is corrected for the search ({how}){more}"

    def _about_hazard_ratio(self, hazard: HazardRatio | None, said: list[str], reason: str) -> list[str]:
        if hazard is None:
            return [f"hazard ratio not estimable ({reason})"]
        folds, factors = self.options.folds, self.outcome.adjustment.stratification_factors
        by = "fold" if factors is None else f"fold and by {factors_in_words(factors)}"
        how = f"each of {folds} folds is cut where the others separate best, Cox model stratified by {by}"
        notes = [f"hazard ratio cross-fitted ({how}, mean of {SPLITS} splits)", *said]
        return [*notes, TOO_NARROW] if folds > 2 else notes

    def _median_split(self) -> Comparison:
        row = compare_strata(self.by_median, self.setting)[0]
        return replace(row, name=SEARCH_ROWS[1], own_cut=("median", self.by_median.cut_scope))

    def _per_sd(self, median: Comparison) -> Comparison:
        """The hazard ratio per standard deviation of the number, uncut; ``median`` is the row of the median split."""
        name, notes = SEARCH_ROWS[2], [*self.setting.notes]
        sd = _sd(self.all_values)
        reasons = () if not self.by_median.absent else self.by_median.reasons
        if not reasons and not sd > 0:
            reasons = (f"{self.rule.number} does not vary",)
        if not reasons and not self.outcome.event.any():
            reasons = (f"no event in {count(self.values.size, 'patient')}",)
        if reasons:
            row = not_possible(name, "; ".join([*notes, *reasons]), unknown=self.unknown)
            return replace(row, positive=None, own_cut=(None, None))
        outcome = self.outcome
        model = ModelRows.of(outcome, pd.DataFrame({"per SD": self.values / sd}))
        fit = cox(*model.data, **model.more)
        notes += [f"per standard deviation ({sd:.4g}) of {self.rule.number}, uncut", *model.notes]
        hazard = HazardRatio.of_model(fit, 0)
        if hazard is None:
            notes.append(f"hazard ratio not estimable ({fit.reason})")
        checks, remarks = self._checks(model, median, estimable=hazard is not None)
        return Comparison(
            name,
            (),
            outcome.time,
            outcome.event,
            np.zeros(outcome.time.size, dtype=np.int64),
            *self.unknown,
            hazard,
            estimable=hazard is not None,
            notes=(*notes, *remarks),
            positive=None,
            own_cut=(None, None),
            checks=checks,
            entry=outcome.entry,
            competing=outcome.competing,
            adjusted=AdjustedModel.of(outcome),
        )

    def _checks(self, model: ModelRows, median: Comparison, *, estimable: bool) -> tuple[Checks, list[str]]:
        """What stands beside the hazard ratio per standard deviation, and what must be said about it."""
        outcome, remarks = self.outcome, []
        n, events = int(outcome.time.size), int(outcome.event.sum())
        found: dict[str, Any] = {}
        if is_sparse(n, events, outcome.checks):
            found, firth = firth_beside(model)
            remarks += [
                f"few patients or events ({count(n, 'patient')}, {count(events, 'event')}): the Wald interval is "
                "approximate",
                firth,
            ]
        if estimable:
            found["ph_p"], warning = ph_test(model)
            if found["ph_p"] < FAILS and not math.isnan(median.checks.rmst_difference):
                warning += "; restricted means need groups: those of the row median_split"
            remarks += [warning] if warning else []
        return Checks(**found), remarks


def _sd(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if known.size > 1 else 0.0


def _corrected(found: MaximallySelected) -> LogRank:
    """The corrected P in the place of a log-rank test, without the statistic that it corrects."""
    nothing: NDArray[Any] = np.empty(0)
    return LogRank(
        chi_squared=math.nan,
        degrees_of_freedom=1,
        p_value=found.p_value,
        log10_p=math.log10(found.p_value),
        observed=nothing,
        expected=nothing,
        groups=(),
        n=nothing.astype(np.int64),
        covariance=np.empty((0, 0)),
        weights=f"maximally selected, {found.method}",
    )
