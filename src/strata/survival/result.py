"""What a survival comparison returns: rows of fixed columns, the curves behind them, and why a number is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import erfc, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.notebook import Shown, Summary
from strata.survival.checks import CHECK_COLUMNS, Checks
from strata.survival.claims import CLAIM_COLUMNS, claim_columns
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.log_rank import log_rank
from strata.survival.model_rows import ADJUSTED_COLUMNS
from strata.survival.own_test import full_name_of_test, own_test
from strata.wording import format_hazard_ratio, format_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.signatures import Claim
    from strata.stratification import Strata
    from strata.survival.kernels.chi_squared import ChiSquaredTest
    from strata.survival.kernels.cox import Cox
    from strata.survival.kernels.kaplan_meier import KaplanMeier
    from strata.survival.kernels.log_rank import LogRank
    from strata.survival.model_rows import AdjustedModel
    from strata.survival.multivariable import Term
    from strata.survival.subgroups import SubgroupRow

__all__ = ["COLUMNS", "Comparison", "Group", "HazardRatio", "LifelinesFits", "Screen", "SurvivalComparison"]

COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    "comparison",
    "cut",
    "cut_scope",
    "n",
    "events",
    "n_positive",
    "events_positive",
    "n_unknown",
    "n_not_assayed",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "wald_p",
    "log_rank_chi2",
    "log_rank_p",
    "median_positive",
    "median_negative",
    "median_follow_up",
    "estimable",
    "note",
    *CLAIM_COLUMNS,
    *CHECK_COLUMNS,
    "likelihood_ratio_chi2",
    "likelihood_ratio_p",
    *ADJUSTED_COLUMNS,
)
"""The columns of ``results.tsv``, in order. Later versions append; they never reorder."""


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """A hazard ratio with its 95 % Wald interval and Wald P, from Cox regression with Efron ties."""

    value: float
    lower: float
    upper: float
    wald_p: float

    @classmethod
    def of(cls, log_ratio: float, standard_error: float) -> HazardRatio:
        """Of a coefficient and its standard error."""
        half = Z_95 * standard_error
        with np.errstate(over="ignore"):
            ratio, lower, upper = np.exp([log_ratio, log_ratio - half, log_ratio + half]).tolist()
        return cls(ratio, lower, upper, erfc(abs(log_ratio) / standard_error / sqrt(2.0)))

    @classmethod
    def of_model(cls, fit: Cox, column: int) -> HazardRatio | None:
        """Of a covariate of a Cox model; None where it is not estimable."""
        if not np.isfinite(fit.coefficients[column]):
            return None
        return cls(*(float(x[column]) for x in (fit.hazard_ratios, fit.lower, fit.upper, fit.p_values)))

    def __str__(self) -> str:
        return format_hazard_ratio(self.value, self.lower, self.upper)


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """One stratum of a comparison: its patients, events and Kaplan-Meier curve (months, log-log 95 % interval)."""

    label: str
    n: int
    events: int
    curve: KaplanMeier


@dataclass(frozen=True, eq=False, slots=True)
class LifelinesFits:
    """A comparison in lifelines' own objects: a ``KaplanMeierFitter`` a group, and the data they were fitted on."""

    curves: Mapping[str, Any]
    data: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Screen:
    """P of a test that is one of several of the same patients and endpoint: Westfall and Young's step-down max-T."""

    p_value: float
    tests: int
    permutations: int
    seed: int

    def said(self) -> str:
        """How P came about, and what it takes for granted."""
        return (
            f"max-T by {self.permutations} permutations (seed {self.seed}); assumes that censoring is the same in the "
            "groups"
        )


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Comparison(Shown):
    """One test of one question: a row of the results.

    Parameters
    ----------
    name : str
        ``positive_vs_rest``, ``both_vs_neither``, ``q2_vs_q1``, ``trend``, a gene's symbol ...
    groups : tuple of Group
        Strata compared: the positive one first, the reference last. Empty strata are kept.
    time, event, group : arrays (n,)
        The patients compared: months, True for an event, index into ``groups``.
    n_unknown, n_not_assayed : int
        Patients of the population with a known endpoint whose call is unknown; of those, the ones who lack an assay.
    hazard_ratio : HazardRatio or None
        None where it cannot be estimated; ``notes`` says why.
    log_rank : LogRank or None
    follow_up : float
        Median follow-up in months (reverse Kaplan-Meier), NaN when not reached.
    estimable : bool
        Whether the row's main number could be estimated: the hazard ratio, or the test where there is no ratio.
    notes : tuple of str
        In plain words: why a number is missing, ties with the cut, adjustment, sparse strata.
    positive : int or None
        Index of the group that ``n_positive`` counts; None for tests without one.
    own_cut : (cut, cut_scope), optional
        Where they are not those of the signature: a gene alone has its own cut.
    searched : bool
        The cut was searched for: ``log_rank`` holds the P corrected for the search, without a statistic, and the hazard
        ratio is cross-fitted. A test of ``group`` would not be corrected.
    checks : Checks
        What stands beside the log-rank P and the hazard ratio.
    competing : array of bool (n,), optional
        Who has a competing event; the curves of the groups are then one minus the cumulative incidence.
    entry : array (n,), optional
        Months at which the patients come under observation (left truncation).
    likelihood_ratio : ChiSquaredTest, optional
        Of an interaction of marker and treatment: the test that decides whether there is one.
    drug : str, optional
        What the treatment of that interaction is, as claims name it.
    screen : Screen, optional
        Where the run asked several markers the same question and one of them is rare.
    terms : tuple of Term
        The whole Cox model of two strata compared with covariates: the marker first, then each covariate.
    adjusted : AdjustedModel, optional
        What the hazard ratio is adjusted for, and what it is without that; the log-rank test never is adjusted.
    """

    name: str
    groups: tuple[Group, ...]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    group: NDArray[np.int64]
    n_unknown: int = 0
    n_not_assayed: int = 0
    hazard_ratio: HazardRatio | None = None
    log_rank: LogRank | None = None
    follow_up: float = float("nan")
    estimable: bool = False
    notes: tuple[str, ...] = ()
    positive: int | None = 0
    own_cut: tuple[str | None, str | None] | None = None
    searched: bool = False
    checks: Checks = field(default_factory=Checks)
    entry: NDArray[np.float64] | None = None
    competing: NDArray[np.bool_] | None = None
    likelihood_ratio: ChiSquaredTest | None = None
    drug: str | None = None
    screen: Screen | None = None
    terms: tuple[Term, ...] = ()
    adjusted: AdjustedModel | None = None

    @property
    def n(self) -> int:
        """Patients compared."""
        return int(self.time.size)

    @property
    def events(self) -> int:
        """Events among them."""
        return int(self.event.sum())

    def row(self) -> dict[str, Any]:
        """The columns of the results that belong to the comparison itself."""
        hazard, test = self.hazard_ratio, self.log_rank
        positive = None if self.positive is None else self.groups[self.positive] if self.groups else None
        nothing = not self.groups and self.positive is not None
        two = len(self.groups) == 2
        own = {} if self.own_cut is None else dict(zip(("cut", "cut_scope"), self.own_cut))
        return own | {
            "comparison": self.name,
            "n": self.n,
            "events": self.events,
            "n_positive": 0 if nothing else None if positive is None else positive.n,
            "events_positive": 0 if nothing else None if positive is None else positive.events,
            "n_unknown": self.n_unknown,
            "n_not_assayed": self.n_not_assayed,
            "hazard_ratio": np.nan if hazard is None else hazard.value,
            "hazard_ratio_lower": np.nan if hazard is None else hazard.lower,
            "hazard_ratio_upper": np.nan if hazard is None else hazard.upper,
            "wald_p": np.nan if hazard is None else hazard.wald_p,
            "log_rank_chi2": np.nan if test is None else test.chi_squared,
            "log_rank_p": np.nan if test is None else test.p_value,
            "median_positive": self.groups[0].curve.median if two else np.nan,
            "median_negative": self.groups[1].curve.median if two else np.nan,
            "median_follow_up": self.follow_up,
            "estimable": self.estimable,
            "note": "; ".join(self.notes),
            **self.checks.row(),
            "likelihood_ratio_chi2": np.nan if self.likelihood_ratio is None else self.likelihood_ratio.chi_squared,
            "likelihood_ratio_p": np.nan if self.likelihood_ratio is None else self.likelihood_ratio.p_value,
            **({} if self.adjusted is None else self.adjusted.row()),
        }

    def to_lifelines(self) -> LifelinesFits:
        """The groups' curves fitted by lifelines, with the data frame (``time``, ``event``, ``group``) behind them."""
        from lifelines import KaplanMeierFitter

        labels = [group.label for group in self.groups]
        data = pd.DataFrame({"time": self.time, "event": self.event, "group": [labels[i] for i in self.group]})
        curves = {
            str(label): KaplanMeierFitter(label=label).fit(part["time"], part["event"])
            for label, part in data.groupby("group", sort=False)
        }
        return LifelinesFits(curves, data)

    def weighted_log_rank(self, weights: str | tuple[str, float, float]) -> LogRank:
        """The test of the same groups in which early or late events count more.

        Parameters
        ----------
        weights : str or tuple
            As for ``log_rank``: ``"gehan"``, ``"tarone-ware"``, ``"peto"``, ``"fleming-harrington(0, 1)"`` ... To be
            chosen before the data are seen.

        Raises
        ------
        UsageError
            Unknown weights; or the comparison's own test is not the plain log-rank test of these patients: the cut was
            searched, the test is stratified or one for trend, or nothing could be tested.
        """
        own, data = self.log_rank, (self.time, self.event, self.group)
        plain = None if own is None or self.searched else log_rank(*data, entry=self.entry)
        if own is None or plain is None or not np.isclose(own.chi_squared, plain.chi_squared, rtol=1e-9):
            what = f"comparison {self.name}: its test is not the log-rank test of these groups alone"
            fix = "Weights are for that one, not where it is stratified, for trend, of a searched cut, or missing"
            raise UsageError(Problem("", what, fix, code="E810"))
        try:
            return log_rank(*data, entry=self.entry, weights=weights)
        except ValueError as error:
            raise UsageError(Problem("", str(error), code="E703")) from None

    @property
    def own_p(self) -> float:
        """The P that answers the row: of the same question as its hazard ratio; NaN where there is none."""
        row = self.row()
        return float(row[own_test(self.name, row)])

    def answer(self) -> tuple[str, str]:
        """That P in words, and what its test is called."""
        row = self.row()
        column = own_test(self.name, row)
        return format_p(row[column]), full_name_of_test(column, self)

    def ratio_in_words(self) -> str:
        """The hazard ratio with its interval, and what it is adjusted for; empty for a test without one."""
        if self.hazard_ratio is None:
            return "" if self.estimable else "not estimable"
        adjusted = "" if self.adjusted is None else f", {self.adjusted.said(self.n)}"
        return f"{self.hazard_ratio}{', cross-fitted' if self.searched else ''}{adjusted}"

    def _not_adjusted(self) -> dict[str, object]:
        """Beside an adjusted hazard ratio the one without covariates, and the log-rank test."""
        crude = None if self.adjusted is None else self.adjusted.crude
        found: dict[str, object] = {} if crude is None else {"hazard ratio, not adjusted": crude}
        if self.adjusted is not None and self.log_rank is not None:
            found[full_name_of_test("log_rank_p", self)] = format_p(self.log_rank.p_value)
        return found

    def _summary(self) -> Summary:
        p_value, test = self.answer()
        facts = {
            "patients, events": f"{self.n:,}, {self.events:,}",
            "hazard ratio (95 % CI)": self.ratio_in_words(),
            test: p_value,
            **self._not_adjusted(),
            "unknown marker": self.n_unknown,
            "median follow-up": "" if np.isnan(self.follow_up) else f"{self.follow_up:.4g} months",
        }
        rows = [(group.label, group.n, group.events, _months(group.curve.median)) for group in self.groups]
        columns = ("stratum", "patients", "events", "median, months")
        return Summary(f"Comparison {self.name}", facts, columns, rows, notes=self.notes)


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class SurvivalComparison(Shown):
    """Every comparison of one signature in one population of one cohort for one endpoint.

    Parameters
    ----------
    cohort, signature, population, endpoint : str
        ``population`` is ``all`` when there is none; ``endpoint`` is the one used.
    cut, cut_scope : str or None
        The learned cut and over which patients it was taken; None where the rule learns none.
    comparisons : tuple of Comparison
    left_out : tuple of (reason, n)
        Patients of the cohort that no comparison could use: outside the population, membership unknown, no endpoint.
    claims : tuple of Claim
        What the signature's sources say.
    own_population : bool
        Whether ``population`` is the signature's own.
    subgroups : tuple of SubgroupRow
        The marker within the levels of clinical factors, where they were asked for.
    learned_in : str, optional
        The other cohort that the cut was learned in, which was applied here unchanged.
    """

    cohort: str
    signature: str
    population: str
    endpoint: str
    cut: str | None
    cut_scope: str | None
    comparisons: tuple[Comparison, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    claims: tuple[Claim, ...] = ()
    own_population: bool = True
    subgroups: tuple[SubgroupRow, ...] = ()
    learned_in: str | None = None

    @classmethod
    def of(
        cls,
        strata: Strata,
        endpoint: str,
        comparisons: tuple[Comparison, ...],
        left_out: tuple[tuple[str, int], ...] = (),
    ) -> SurvivalComparison:
        """The comparisons of ``strata`` on ``endpoint``."""
        keys = (strata.cohort, strata.signature, strata.population, endpoint, strata.cut, strata.cut_scope)
        own = strata.own_population
        return cls(*keys, comparisons, left_out, strata.claims, own, learned_in=strata.learned_in)

    def __getitem__(self, name: str) -> Comparison:
        for comparison in self.comparisons:
            if comparison.name == name:
                return comparison
        raise KeyError(name)

    @property
    def curves(self) -> dict[str, KaplanMeier]:
        """The Kaplan-Meier curves of the first comparison, by stratum."""
        return {group.label: group.curve for group in self.comparisons[0].groups}

    @property
    def hazard_ratio(self) -> HazardRatio | None:
        """The first comparison's hazard ratio; None where it cannot be estimated."""
        return self.comparisons[0].hazard_ratio

    @property
    def log_rank(self) -> LogRank | None:
        """The first comparison's log-rank test."""
        return self.comparisons[0].log_rank

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row of the results, by column."""
        for comparison in self.comparisons:
            claimed = claim_columns(self.claims, self.endpoint, comparison, own_population=self.own_population)
            yield self.keys() | comparison.row() | claimed

    def keys(self) -> dict[str, Any]:
        """The columns that every row of this result shares."""
        return {
            "cohort": self.cohort,
            "signature": self.signature,
            "population": self.population,
            "endpoint": self.endpoint,
            "cut": self.cut,
            "cut_scope": self.cut_scope,
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a comparison, in the columns ``COLUMNS``; missing numbers are NaN, P is not rounded."""
        return results_frame([self])

    def to_lifelines(self, comparison: str | None = None) -> LifelinesFits:
        """Lifelines' fits of one comparison (the first when none is named)."""
        return (self.comparisons[0] if comparison is None else self[comparison]).to_lifelines()

    def _summary(self) -> Summary:
        facts: dict[str, object] = {"cohort": self.cohort, "population": self.population, "endpoint": self.endpoint}
        facts |= {"cut": self.cut, "learned over the": self.cut_scope, "learned in": self.learned_in}
        rows = [
            (c.name, c.n, c.events, c.row()["n_positive"], c.ratio_in_words(), *c.answer()) for c in self.comparisons
        ]
        left_out = [f"left out: {reason} ({n:,})" for reason, n in self.left_out if n]
        said = dict.fromkeys(note for comparison in self.comparisons for note in comparison.notes)
        columns = ("comparison", "patients", "events", "positive", "hazard ratio (95 % CI)", "P", "test")
        return Summary(f"{self.signature}: survival by strata", facts, columns, rows, notes=[*left_out, *said])


def _months(median: float) -> str:
    return "not reached" if np.isnan(median) else f"{median:.4g}"


def results_frame(results: Iterable[SurvivalComparison]) -> pd.DataFrame:
    """Every row of several results, one below the other."""
    return frame(row for result in results for row in result.rows())


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of results as a frame with the columns and types of ``results.parquet``."""
    table = pd.DataFrame(list(rows), columns=list(COLUMNS))
    text = ("cohort", "signature", "population", "endpoint", "comparison", "cut", "cut_scope", "note", *CLAIM_COLUMNS)
    counts = ("n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed", "permutations")
    types = dict.fromkeys(COLUMNS, "float64")
    types |= dict.fromkeys((*text, "adjusted_for"), "string") | dict.fromkeys((*counts, "n_adjusted"), "Int64")
    types |= {"estimable": "bool"}
    return table.astype(types)
