"""Compare the strata of one cohort on one endpoint: the wrapper that works on names and checks everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.cohort.findings import count
from strata.cohort.marker_times import late_marker
from strata.errors import DataError, Problem, UsageError
from strata.survival.checks import CheckOptions
from strata.survival.claims import EQUIVALENTS
from strata.survival.groups import Adjustment, Outcome, not_possible, several_groups, two_groups
from strata.survival.kernels.risk_table import TOLERANCE
from strata.survival.observed_times import ObservedTimes, check_window
from strata.survival.result import Comparison, SurvivalComparison

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort, Endpoint
    from strata.stratification import Membership, Strata

__all__ = [
    "EQUIVALENTS",
    "Setting",
    "check_columns",
    "compare_strata",
    "compare_survival",
    "endpoint_of",
    "find_endpoint",
    "prepare",
]


_VOCABULARY = 12
"""Words that any column may have, however few the patients."""


def find_endpoint(
    cohort: Cohort, asked: str, *, equivalents: Mapping[str, Sequence[str]] = EQUIVALENTS
) -> tuple[Endpoint | None, str]:
    """The endpoint that answers ``asked``, or None, with a note wherever it is not the one asked for."""
    names = tuple(equivalents.get(asked.upper(), (asked.upper(),)))
    for name in names:
        if name.upper() in cohort.endpoints:
            note = "" if name.upper() == asked.upper() else f"asked for {asked.upper()}, {name.upper()} used"
            return cohort.endpoints[name.upper()], note
    has = ", ".join(cohort.endpoints) or "none; name the columns of one under endpoints: in a cohort YAML"
    return None, f"asked for {asked.upper()}: the cohort has no {' or '.join(names)} (endpoints found: {has})"


def endpoint_of(cohort: Cohort, endpoint: str | Endpoint) -> tuple[Endpoint, str]:
    """``find_endpoint``, for those who cannot go on without one.

    Raises
    ------
    DataError
        When the cohort has no such endpoint.
    """
    if not isinstance(endpoint, str):
        return endpoint, ""
    found, note = find_endpoint(cohort, endpoint)
    if found is None:
        raise DataError(
            Problem(f"cohort {cohort.name}", note, "Name its columns under endpoints: in a cohort YAML", code="E811")
        )
    return found, note


class Setting:
    """One (cohort, strata, endpoint), ready to be compared: who is in, their months, and what was left out.

    Parameters
    ----------
    cohort : Cohort
    strata : Strata or Membership
        Who is inside the population.
    endpoint : Endpoint
    covariates, stratification_factors : sequence of str
        Clinical columns.
    horizon : float, optional
        Months; later times are censored there, an event exactly at the horizon stays.
    landmark : float, optional
        Months; who has the event or is censored by then is left out, and time starts there.
    checks : CheckOptions, optional
        What stands beside the log-rank test and the hazard ratio, and when.
    note : str
        What every row must say about the endpoint.
    """

    def __init__(
        self,
        cohort: Cohort,
        strata: Strata | Membership,
        endpoint: Endpoint,
        *,
        covariates: Sequence[str] = (),
        stratification_factors: Sequence[str] = (),
        horizon: float | None = None,
        landmark: float | None = None,
        checks: CheckOptions | None = None,
        note: str = "",
    ) -> None:
        check_columns(cohort, [*covariates, *stratification_factors])
        whole = ObservedTimes.of(endpoint, cohort.patients)
        seen = whole.cut_at(horizon)
        known, inside = seen.known, strata.inside
        self.left_out: tuple[tuple[str, int], ...] = (
            ("outside the population", int(strata.outside.sum())),
            ("membership of the population unknown", int((~inside & ~strata.outside).sum())),
            (f"no known {endpoint.name}", int((inside & ~known).sum())),
        )
        if landmark is not None:
            early = inside & known & ~seen.beyond(landmark)
            self.left_out += ((f"event or censored by the landmark of {landmark:g} months", int(early.sum())),)
            known, seen = known & ~early, seen.counted_from(landmark)
        self.keep: NDArray[np.bool_] = inside & known
        clinical = cohort.clinical[self.keep]
        adjustment = Adjustment(
            _design(clinical, covariates) if covariates else None,
            clinical[list(stratification_factors)].astype("string") if stratification_factors else None,
            tuple(covariates),
        )
        seen = seen.take(self.keep)
        options = checks or CheckOptions()
        self.outcome = Outcome(seen.time, seen.event, adjustment, seen.entry, options, seen.competing)
        self.notes = [note] if note else []
        if seen.entry is not None:
            self.notes.append("delayed entry: patients are at risk from their entry on")
        if seen.competing is not None:
            competing = count(int(seen.competing.sum()), "competing event")
            self.notes.append(
                f"{competing} ({', '.join(endpoint.competing_words)}): curves are 1 -"
                " cumulative incidence, log-rank test and hazard ratio are cause-specific"
            )
        if horizon is not None:
            self.notes.append(_horizon_in_words(horizon, float(whole.time[inside & known].max(initial=0.0))))
        if landmark is not None:
            self.notes.append(f"landmark analysis: time starts at {landmark:g} months, among those still followed then")
        if stratification_factors:
            self._drop_unknown_factors()
        self._note_late_marker(endpoint.in_months(), cohort.patients, landmark)

    def _note_late_marker(self, endpoint: Endpoint, patients: pd.Index, landmark: float | None) -> None:
        """Who was measured after time zero had to live until then."""
        if endpoint.entry is not None or endpoint.marker_time is None:
            return
        measured = endpoint.marker_time.reindex(patients).to_numpy(dtype=float)[self.keep]
        if late := int((measured > (landmark or 0.0) * (1 + TOLERANCE)).sum()):
            text, code = late_marker(str(endpoint.marker_time.name), late, landmark=landmark is not None)
            self.notes.append(f"{code}: {text}")

    def _drop_unknown_factors(self) -> None:
        factors = self.outcome.adjustment.stratification_factors
        known = factors.notna().all(axis=1).to_numpy(dtype=bool) if factors is not None else np.ones(0, dtype=bool)
        if known.all():
            return
        self.keep[np.flatnonzero(self.keep)[~known]] = False
        self.left_out += (("a stratification factor is unknown", int((~known).sum())),)
        self.outcome = self.outcome.take(known)

    def counts(self, unknown: NDArray[np.bool_], unassayed: NDArray[np.bool_]) -> tuple[int, int]:
        """``n_unknown`` and ``n_not_assayed`` over the patients kept."""
        unknown = unknown[self.keep]
        return int(unknown.sum()), int((unknown & unassayed[self.keep]).sum())


def _horizon_in_words(horizon: float, longest: float) -> str:
    if horizon > longest:
        return f"the horizon of {horizon:g} months is beyond the longest follow-up of {longest:g}: nothing is cut"
    return f"follow-up cut at {horizon:g} months"


def prepare(
    cohort: Cohort,
    strata: Strata,
    endpoint: str | Endpoint,
    *,
    covariates: Sequence[str] = (),
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    landmark: float | None = None,
    checks: CheckOptions | None = None,
) -> tuple[Setting, str]:
    """The setting of a comparison and the name of the endpoint used.

    Raises
    ------
    UsageError
        When the strata belong to another cohort, or horizon and landmark are no months above 0 in this order.
    DataError
        When the cohort lacks the endpoint or a column.
    """
    if strata.cohort != cohort.name or not strata.labels.index.equals(cohort.patients):
        raise UsageError(
            Problem("", f"strata of cohort {strata.cohort} cannot be compared in cohort {cohort.name}", code="E812")
        )
    check_window(horizon, landmark)
    used, note = endpoint_of(cohort, endpoint)
    setting = Setting(
        cohort,
        strata,
        used,
        covariates=covariates,
        stratification_factors=stratification_factors,
        horizon=horizon,
        landmark=landmark,
        checks=checks,
        note=note,
    )
    return setting, used.name


def compare_survival(
    cohort: Cohort,
    strata: Strata,
    endpoint: str | Endpoint,
    *,
    covariates: Sequence[str] = (),
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    landmark: float | None = None,
    checks: CheckOptions | None = None,
) -> SurvivalComparison:
    """Compare the strata of a signature on an endpoint.

    Kaplan-Meier curves with log-log intervals, the log-rank test, the Cox hazard ratio of marker-positive against the
    rest with its Wald interval (Efron ties), medians, and median follow-up by the reverse Kaplan-Meier method. Strata
    made of quantile groups are each compared with the lowest, with a log-rank test for trend.

    Parameters
    ----------
    cohort : Cohort
        The cohort that was stratified.
    strata : Strata
        What ``stratify`` returned.
    endpoint : str or Endpoint
        ``"OS"``; ``"DFS"`` also finds RFS and DFI. True is an event, False is censored; times end in months.
    covariates : sequence of str
        Clinical columns that the hazard ratio is adjusted for: numbers per standard deviation, words as indicators.
        The P that answers the row is then that of the adjusted ratio (Wald's, of small strata Firth's). The log-rank
        test is not adjusted and has all patients; those without a covariate are not in the adjusted model.
    stratification_factors : sequence of str
        Clinical columns that the log-rank test and the Cox model are stratified by (R's ``strata()``).
    horizon : float, optional
        Months after which follow-up is cut; an event exactly at the horizon stays an event.
    landmark : float, optional
        Months: for strata that are only known by then, such as a response to treatment. Who has the event or is
        censored by then is left out and counted, and time starts there; ``horizon`` still counts from the beginning.
    checks : CheckOptions, optional
        From how few patients and events on an arm is sparse, the permutations, the horizon of restricted means.

    Returns
    -------
    SurvivalComparison
        Patients whose call is unknown are in no stratum; they are counted in ``n_unknown``. Beside the log-rank P and
        the hazard ratio stand the permutation P and Firth's hazard ratio of sparse arms, the test of proportional
        hazards and, where that fails, the difference of restricted means (see :class:`Checks`).

    Raises
    ------
    DataError
        When the cohort has no such endpoint or column.
    UsageError
        When the strata belong to another cohort.

    Notes
    -----
    The numbers are those of R's ``survdiff``, ``coxph(ties = "efron")`` and ``survfit(conf.type = "log-log")``.
    """
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
    return SurvivalComparison.of(strata, used, compare_strata(strata, setting), setting.left_out)


def compare_strata(strata: Strata, setting: Setting) -> tuple[Comparison, ...]:
    """The rows of ``compare_survival`` for a setting made before."""
    return _quantile_groups(strata, setting) if strata.quantile_groups else (_positive(strata, setting),)


def _positive(strata: Strata, setting: Setting) -> Comparison:
    unknown = setting.counts(strata.inside if strata.absent else strata.unknown, strata.unassayed)
    if strata.absent:
        return not_possible("positive_vs_rest", "; ".join([*setting.notes, *strata.reasons]), unknown=unknown)
    return two_groups(
        "positive_vs_rest",
        setting.outcome,
        positive=strata.is_("positive")[setting.keep],
        reference=strata.is_("negative")[setting.keep],
        labels=("positive", "negative"),
        unknown=unknown,
        notes=[*setting.notes, *strata.notes],
    )


def _quantile_groups(strata: Strata, setting: Setting) -> tuple[Comparison, ...]:
    labels = strata.quantile_groups
    unknown = setting.counts(strata.unknown, strata.unassayed)
    names = [f"{label}_vs_{labels[0]}" for label in labels[1:]]
    if strata.absent:
        reason = "; ".join([*setting.notes, *strata.reasons])
        return tuple(not_possible(name, reason, unknown=unknown) for name in [*names, "trend"])
    members = [strata.is_(label)[setting.keep] for label in labels]
    notes = [*setting.notes, *strata.notes]
    rows = [
        two_groups(
            name,
            setting.outcome,
            positive=member,
            reference=members[0],
            labels=(label, labels[0]),
            unknown=unknown,
            notes=notes,
        )
        for name, label, member in zip(names, labels[1:], members[1:])
    ]
    trend = several_groups("trend", setting.outcome, members, labels=labels, trend=True, unknown=unknown, notes=notes)
    return (*rows, trend)


def check_columns(cohort: Cohort, columns: Iterable[str]) -> None:
    """Refuse clinical columns that a cohort does not have, and those that tell the outcome itself.

    Raises
    ------
    DataError
        One problem that names every missing column, the nearest names and those that there are; one for each
        column of an endpoint.
    """
    asked = list(dict.fromkeys(columns))
    outcomes = {column: endpoint.name for endpoint in cohort.endpoints.values() for column in endpoint.columns}
    if told := [column for column in asked if column in outcomes]:
        fix = "What happens afterwards explains nothing: name columns that were known at the beginning"
        where = f"cohort {cohort.name}"
        raise DataError(
            [Problem(where, f"{column} is the outcome of {outcomes[column]}", fix, code="E807") for column in told]
        )
    has = [str(column) for column in cohort.clinical.columns]
    missing = [column for column in asked if column not in has]
    if not missing:
        _refuse_names(cohort, asked)
        return
    by_small = {column.lower(): column for column in has}
    near = [by_small[word] for column in missing for word in get_close_matches(column.lower(), by_small, n=1)]
    meant = f"Did you mean {', '.join(map(repr, dict.fromkeys(near)))}? " if near else ""
    what = f"no clinical column {', '.join(missing)}"
    raise DataError(Problem(f"cohort {cohort.name}", what, f"{meant}It has {', '.join(has)}", code="E807"))


def _refuse_names(cohort: Cohort, columns: Sequence[str]) -> None:
    """Refuse columns with nearly as many words as patients: their words, ids mostly, would be names of rows."""
    problems = []
    for column in columns:
        text = cohort.clinical[column].astype("string").dropna()
        words = text[pd.to_numeric(text, errors="coerce").isna()]
        if (n := words.nunique()) > max(_VOCABULARY, len(text) // 2):
            what, fix = f"{column} has {n} words in {len(text)} patients: ids, or free text", "Name one with few words"
            problems.append(Problem(f"cohort {cohort.name}", what, fix, code="E807"))
    if problems:
        raise DataError(problems)


def _design(clinical: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Covariates as numbers: those per standard deviation, but 0/1 as they are; words as indicators of all but one."""
    parts = []
    for column in columns:
        text = clinical[column].astype("string")
        number = pd.to_numeric(text, errors="coerce").astype("Float64")
        if number.notna().sum() == text.notna().sum():
            parts.append(_per_sd(number.astype("float64").rename(column)))
            continue
        levels = sorted(text.dropna().unique())
        for level in levels[1:] or levels:
            indicator = (text == level).astype("Float64").astype("float64")
            parts.append(indicator.rename(f"{column}={level}"))
    return pd.concat(parts, axis=1) if parts else pd.DataFrame(index=clinical.index)


def _per_sd(number: pd.Series[float]) -> pd.Series[float]:
    """A continuous covariate in units of its standard deviation among these patients, which its name states."""
    sd = float(number.std())
    if number.nunique() < 3 or not sd > 0:
        return number
    return (number / sd).rename(f"{number.name} (per SD of {sd:.4g})")
