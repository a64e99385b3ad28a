"""One answer from several cohorts: each cut inside its cohort, then pooled in every usual way, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from strata.cohort.findings import count
from strata.survival.kernels.cox import cox
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.meta_analysis import MetaAnalysis, Method, meta_analysis
from strata.survival.pooled_rows import Pooled, PooledRow, ratios
from strata.survival.result import Comparison, HazardRatio, SurvivalComparison
from strata.survival.search_rows import SEARCH_ROWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["can_be_pooled", "pool", "pool_ratios"]

Random = Literal["REML", "DL", "PM"]

POOLED_CUT = "one cut over the pooled values of all cohorts: such a cut separates cohorts, not patients"
SEARCHED = "its cut was searched: only its cross-fitted hazard ratio can be pooled"


def pool(
    comparisons: Sequence[SurvivalComparison], *, method: Random = "REML", left_out: Mapping[str, str] | None = None
) -> tuple[Pooled, ...]:
    """Pool the same question over cohorts.

    Parameters
    ----------
    comparisons : sequence of SurvivalComparison
        One a cohort: the same signature, population and endpoint (or one that stands in for it).
    method : {"REML", "DL", "PM"}
        Estimator of the variance between cohorts for random effects.
    left_out : mapping of cohort to reason, optional
        Cohorts that are not to be pooled, or could not be analysed; every row names them.

    Returns
    -------
    tuple of Pooled
        One for marker-positive against the rest (or for each quantile group against the lowest) and one for each
        single gene.

    Notes
    -----
    The cut lies inside each cohort: a cut over pooled values separates cohorts, not patients. ``unstratified`` and
    ``stratified`` are one Cox model and one log-rank test of the marker alone over all patients; they need a cohort
    to have patients in both strata and events. ``fixed_effect`` and ``random_effects`` (Hartung-Knapp) pool the
    cohorts' own hazard ratios, which may be adjusted; they need each cohort to have one. R: ``coxph`` and
    ``survdiff`` with ``strata(cohort)``; metafor's ``rma(test = "knha")``.
    """
    names = dict.fromkeys(row.name for result in comparisons for row in result.comparisons if _is_pooled(row))
    return tuple(_pooled(name, comparisons, method, left_out or {}) for name in names)


def pool_ratios(base: PooledRow, hazards: Sequence[HazardRatio], *, method: Random) -> PooledRow:
    """The hazard ratios of cohorts in one.

    Parameters
    ----------
    base : PooledRow
        What the row counts; its ``method`` is ``fixed_effect``, or one of random effects.
    hazards : sequence of HazardRatio, shape (n_cohorts,)
        Each one that ``can_be_pooled``.
    method : {"REML", "DL", "PM"}
        Estimator of the variance between cohorts.

    Returns
    -------
    PooledRow
        ``base`` with the pooled hazard ratio, the meta-analysis behind it, and what must be said about it.
    """
    if not hazards:
        return replace(base, notes=("no cohort has a hazard ratio",))
    estimator: Method = "fixed" if base.method == "fixed_effect" else method
    meta = meta_analysis([np.log(r.value) for r in hazards], [_error(r) for r in hazards], method=estimator)
    hazard = None
    if np.isfinite(meta.lower):
        value, lower, upper = ratios(meta.estimate, meta.lower, meta.upper)
        hazard = HazardRatio(value, lower, upper, meta.p_value)
    return replace(base, hazard_ratio=hazard, meta=meta, notes=_meta_notes(meta))


def can_be_pooled(hazard: HazardRatio | None) -> bool:
    """Whether a hazard ratio has a standard error: an interval that runs to infinity has none."""
    return hazard is not None and _error(hazard) > 0


def _is_pooled(row: Comparison) -> bool:
    """Marker-positive against the rest, a quantile group against the lowest, or a gene alone, which has its own cut."""
    alone = row.own_cut is not None and row.name not in SEARCH_ROWS
    return row.name == "positive_vs_rest" or row.name.endswith("_vs_q1") or alone


def _pooled(name: str, results: Sequence[SurvivalComparison], method: Random, left_out: Mapping[str, str]) -> Pooled:
    rows = {result.cohort: result[name] for result in results if result.cohort not in left_out}
    compared = {cohort: row for cohort, row in rows.items() if _compared(row)}
    used = [result.endpoint for result in results if result.cohort in compared] or [results[0].endpoint]
    cuts = [
        rows[result.cohort].own_cut or (result.cut, result.cut_scope) for result in results if result.cohort in rows
    ]
    labels = next((tuple(group.label for group in row.groups) for row in compared.values()), ("positive", "rest"))
    made = _Rows(rows, method, left_out).all()
    if any(scope == "pooled" for _, scope in cuts):
        made = tuple(replace(row, notes=(*row.notes, POOLED_CUT)) for row in made)
    return Pooled(
        signature=results[0].signature,
        population=results[0].population,
        endpoint="/".join(dict.fromkeys(used)),
        comparison=name,
        cut="/".join(dict.fromkeys(cut for cut, _ in cuts if cut)) or None,
        cut_scope="/".join(dict.fromkeys(scope for _, scope in cuts if scope)) or None,
        positive=labels[0],
        reference=labels[-1],
        rows=made,
        learned_in=tuple((r.cohort, r.learned_in) for r in results if r.cohort in rows and r.learned_in),
    )


def _compared(row: Comparison) -> bool:
    """Whether both strata have patients, and somebody an event."""
    return len(row.groups) == 2 and row.events > 0 and all(group.n for group in row.groups)


class _Rows:
    """The cohorts' rows of one comparison: each method makes rows of ``pooled.tsv``."""

    def __init__(self, rows: Mapping[str, Comparison], method: Random, left_out: Mapping[str, str]) -> None:
        self.method = method
        self.compared = {name: row for name, row in rows.items() if _compared(row)}
        self.testable = {name: row for name, row in self.compared.items() if not row.searched}
        self.with_ratio = {name: row for name, row in rows.items() if can_be_pooled(row.hazard_ratio)}
        self.why = {name: SEARCHED if row.searched else _why_not(row) for name, row in rows.items()} | dict(left_out)

    def all(self) -> tuple[PooledRow, ...]:
        random = self._meta("random_effects")
        rows = [
            *self._cohorts(random),
            self._one_stage("unstratified"),
            self._one_stage("stratified"),
            self._meta("fixed_effect"),
            random,
        ]
        if len(self.testable) > 1:
            rows += [self._one_stage("stratified", without=name) for name in self.testable]
        if len(self.with_ratio) > 1:
            rows += [self._meta("random_effects", without=name) for name in self.with_ratio]
        return tuple(rows)

    def _row(self, method: str, used: Mapping[str, Comparison], without: str | None) -> PooledRow:
        """The row of ``method`` with what it counts, and no number yet."""
        groups = [row.groups[0] for row in used.values()]
        return PooledRow(
            method=method if without is None else f"{method}_without",
            cohort=without,
            cohorts=tuple(used),
            n=sum(row.n for row in used.values()),
            events=sum(row.events for row in used.values()),
            n_positive=sum(group.n for group in groups),
            events_positive=sum(group.events for group in groups),
            hazard_ratio=None,
            not_contributing=tuple((n, why) for n, why in self.why.items() if n not in used and n != without),
        )

    def _cohorts(self, random: PooledRow) -> list[PooledRow]:
        shares = dict(zip(random.cohorts, [] if random.meta is None else random.meta.weights.tolist()))
        made = []
        for name, row in self.compared.items():
            base = replace(self._row("cohort", {name: row}, None), cohort=name, not_contributing=())
            notes = () if row.hazard_ratio else (self.why[name],)
            weight = shares.get(name, np.nan)
            made.append(
                replace(
                    base,
                    hazard_ratio=row.hazard_ratio,
                    log_rank=row.log_rank,
                    weight=weight,
                    notes=notes,
                    adjusted_for=_covariates([row]),
                )
            )
        return made

    def _one_stage(self, method: str, *, without: str | None = None) -> PooledRow:
        """One Cox model and one log-rank test of the marker alone over all patients."""
        used = {name: row for name, row in self.testable.items() if name != without}
        base = self._row(method, used, without)
        if not used:
            return replace(base, notes=("no cohort can be compared",))
        joined = [np.concatenate([getattr(row, key) for row in used.values()]) for key in ("time", "event", "group")]
        time, event, group = joined
        cohort = np.repeat(np.arange(len(used)), [row.n for row in used.values()])
        factors = cohort if method == "stratified" else None
        entry = _entries(tuple(used.values()))
        fit = cox(time, event, (group == 0).astype(float), stratification_factors=factors, entry=entry)
        test = log_rank(time, event, group, stratification_factors=factors, entry=entry)
        said = "stratified by cohort" if method == "stratified" else "as if all patients were of one cohort"
        notes = [f"Cox model and log-rank test of the marker alone, {said}"]
        hazard = None
        if fit.converged:
            hazard = HazardRatio(*(float(x[0]) for x in (fit.hazard_ratios, fit.lower, fit.upper, fit.p_values)))
        else:
            notes.append(f"hazard ratio not estimable ({fit.reason})")
        known = None if np.isnan(test.chi_squared) else test
        return replace(base, hazard_ratio=hazard, log_rank=known, notes=tuple(notes))

    def _meta(self, method: str, *, without: str | None = None) -> PooledRow:
        """The cohorts' own hazard ratios in one."""
        used = {name: row for name, row in self.with_ratio.items() if name != without}
        base = self._row(method, used, without)
        own = [row.hazard_ratio for row in used.values() if row.hazard_ratio is not None]
        return pool_ratios(replace(base, adjusted_for=_covariates(used.values())), own, method=self.method)


def _covariates(rows: Iterable[Comparison]) -> str:
    return "/".join(dict.fromkeys(", ".join(row.adjusted.covariates) for row in rows if row.adjusted))


def _meta_notes(meta: MetaAnalysis) -> tuple[str, ...]:
    notes = ["inverse-variance mean of the cohorts' log hazard ratios"]
    if meta.hartung_knapp:
        degrees = f"t distribution, {count(meta.n_cohorts - 1, 'degree', 'degrees')} of freedom"
        notes = [f"random effects of the cohorts' log hazard ratios: {meta.method}, Hartung-Knapp ({degrees})"]
        if meta.n_cohorts == 2:
            notes.append("2 cohorts tell little of how much they differ")
        if np.isfinite(meta.prediction_lower):
            notes.append(f"prediction interval: {degrees}")
    return tuple(notes + [meta.warning] * bool(meta.warning))


def _entries(rows: Sequence[Comparison]) -> NDArray[np.float64] | None:
    """When patients come under observation; before the beginning in cohorts that say nothing about it."""
    if all(row.entry is None for row in rows):
        return None
    return np.concatenate([np.full(row.n, -1.0) if row.entry is None else row.entry for row in rows])


def _error(hazard: HazardRatio) -> float:
    """The standard error of the log hazard ratio, from its Wald interval; 0 where that runs to infinity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = float((np.log(hazard.upper) - np.log(hazard.lower)) / (2.0 * Z_95))
    return error if np.isfinite(error) else 0.0


def _why_not(row: Comparison) -> str:
    """Why a cohort has no hazard ratio."""
    if not row.groups:
        return "; ".join(row.notes)
    if empty := [group.label for group in row.groups if group.n == 0]:
        return f"no patient in {', '.join(empty)}"
    if silent := [f"no event among {group.n} {group.label}" for group in row.groups if group.events == 0]:
        return "; ".join(silent)
    return next((note for note in row.notes if "not estimable" in note), "no hazard ratio")
