"""Does a treatment work differently by marker: its effect in each stratum, and the interaction that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from strata.cohort.findings import count
from strata.errors import DataError, Problem, UsageError
from strata.survival.checks import Checks
from strata.survival.compare import Setting, check_columns, prepare
from strata.survival.groups import not_possible, several_groups, two_groups
from strata.survival.model_rows import AdjustedModel
from strata.survival.result import Comparison, HazardRatio, SurvivalComparison
from strata.survival.treatment import Contrast, Interaction, interaction

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from strata.cohort import Cohort, Endpoint
    from strata.stratification import Strata

__all__ = ["TREATMENT_ROWS", "Treatment", "compare_interaction", "treatment_rows"]

TREATMENT_ROWS = ("treatment_in_positive", "treatment_in_negative", "treatment_interaction")
"""The rows that a treatment adds to the results."""

_REFERENCES = ("placebo", "control", "none", "no", "0", "untreated", "observation", "standard", "false")
_SAY_REFERENCE = "Say which is the comparator: treatment_reference"
_SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Treatment:
    """Who was treated with what.

    Parameters
    ----------
    column : str
        A clinical column with two words.
    reference : str, optional
        The word of those who were not treated, or treated with the comparator. None: the one of the two that says so
        (control, placebo, none, no, 0 ...).
    drug : str, optional
        The drug and its comparator as a claim names them: a claim about it is tested by the interaction.
    """

    column: str
    reference: str | None = None
    drug: str | None = None

    def check_reference(self, cohort: Cohort) -> None:
        """Refuse a word of the comparator that nobody has: no row about the treatment could be made.

        Raises
        ------
        DataError
            When the cohort has no such column, or no patient has the word in it.
        """
        counts, shown = self._counts(cohort)
        if self.reference is not None and self.reference.lower() not in {str(word).lower() for word in counts.index}:
            what = f"column {self.column} has {shown or 'no words'}, of which none is {self.reference}"
            raise DataError(Problem(f"cohort {cohort.name}", what, _SAY_REFERENCE, code="E807"))

    def _counts(self, cohort: Cohort) -> tuple[pd.Series[int], str]:
        """The words of the column with their patients, and the first of them as text."""
        check_columns(cohort, [self.column])
        counts = cohort.clinical[self.column].astype("string").dropna().value_counts().sort_index()
        return counts, ", ".join(f"{word} ({n})" for word, n in list(counts.items())[:5])

    def words(self, cohort: Cohort) -> tuple[str, str]:
        """The word of the treated and that of the reference.

        Raises
        ------
        DataError
            When the cohort has no such column, the column has not two words, or neither is the reference.
        """
        self.check_reference(cohort)
        counts, shown = self._counts(cohort)
        where = f"cohort {cohort.name}"
        if len(counts) != 2:
            what = f"column {self.column} must hold two words, not {len(counts)}: {shown or 'none'}"
            raise DataError(Problem(where, what, "Name a column of two treatments", code="E807"))
        known = _REFERENCES if self.reference is None else (self.reference.lower(),)
        references = [str(word) for word in counts.index if str(word).lower() in known]
        if len(references) != 1:
            raise DataError(Problem(where, f"column {self.column} has {shown}", _SAY_REFERENCE, code="E807"))
        return next(str(word) for word in counts.index if str(word) != references[0]), references[0]


def compare_interaction(
    cohort: Cohort,
    strata: Strata,
    treatment: Treatment | str,
    endpoint: str | Endpoint,
    *,
    covariates: Sequence[str] = (),
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
) -> SurvivalComparison:
    """Ask whether a treatment works differently in marker-positive and marker-negative patients.

    Parameters
    ----------
    cohort : Cohort
    strata : Strata
        What ``stratify`` returned: marker-positive and marker-negative.
    treatment : Treatment or str
        A clinical column with two words.
    endpoint, covariates, stratification_factors, horizon
        As for ``compare_survival``.

    Returns
    -------
    SurvivalComparison
        Rows ``treatment_in_positive`` and ``treatment_in_negative`` (the treated against the comparator in each
        stratum, by itself) and ``treatment_interaction``: the ratio of the two hazard ratios from one Cox model with
        its Wald interval and P, the likelihood-ratio test (the one that decides), the curves of the four groups, and
        the verdict in words as its last note.

    Raises
    ------
    DataError
        When the cohort lacks the endpoint or a column, or the treatment has not two words.
    UsageError
        When the strata belong to another cohort, or are quantile groups.

    Notes
    -----
    That one hazard ratio is significant and the other not does not show that they differ. R: ``coxph(Surv(time, event)
    ~ treatment * marker)`` and ``anova`` against ``treatment + marker``.
    """
    treatment = Treatment(treatment) if isinstance(treatment, str) else treatment
    treatment.words(cohort)
    if strata.quantile_groups:
        raise UsageError(
            Problem(
                "", f"signature {strata.signature}: an interaction needs two strata, not quantile groups", code="E812"
            )
        )
    setting, used = prepare(
        cohort,
        strata,
        endpoint,
        covariates=covariates,
        stratification_factors=stratification_factors,
        horizon=horizon,
    )
    return SurvivalComparison.of(strata, used, treatment_rows(cohort, strata, setting, treatment), setting.left_out)


def treatment_rows(cohort: Cohort, strata: Strata, setting: Setting, treatment: Treatment) -> tuple[Comparison, ...]:
    """The rows of ``compare_interaction`` for a setting made before; they say why where nothing can be compared."""
    try:
        treated, control = treatment.words(cohort)
    except DataError as error:
        return _impossible(strata, setting, error.problems[0].what)
    if strata.absent or strata.quantile_groups:
        why = "; ".join(strata.reasons) if strata.absent else "an interaction needs two strata, not quantile groups"
        return _impossible(strata, setting, why)
    given = cohort.clinical[treatment.column].astype("string")[setting.keep]
    arms = [np.asarray((given == word).fillna(False), dtype=bool) for word in (treated, control)]
    unknown = int(given.isna().sum())
    notes = [*setting.notes, *strata.notes]
    if unknown:
        notes.append(f"left out: {count(unknown, 'patient')} without a known {treatment.column}")
    return _Arms(strata, setting, (treated, control), arms, notes, treatment.drug).rows()


def _impossible(strata: Strata, setting: Setting, reason: str) -> tuple[Comparison, ...]:
    unknown = setting.counts(strata.inside if strata.absent else strata.unknown, strata.unassayed)
    return tuple(not_possible(name, "; ".join([*setting.notes, reason]), unknown=unknown) for name in TREATMENT_ROWS)


@dataclass(frozen=True, eq=False, slots=True)
class _Arms:
    """Two strata by two arms."""

    strata: Strata
    setting: Setting
    words: tuple[str, str]
    arms: Sequence[NDArray[np.bool_]]
    notes: Sequence[str]
    drug: str | None

    def rows(self) -> tuple[Comparison, ...]:
        return self._inside("positive"), self._inside("negative"), self._interaction()

    def _unknown(self) -> tuple[int, int]:
        return self.setting.counts(self.strata.unknown, self.strata.unassayed)

    def _inside(self, stratum: str) -> Comparison:
        treated, control = self.words
        member = self.strata.is_(stratum)[self.setting.keep]
        said = f"{treated} against {control} among marker-{stratum} patients"
        return two_groups(
            f"treatment_in_{stratum}",
            self.setting.outcome,
            positive=member & self.arms[0],
            reference=member & self.arms[1],
            labels=(treated, control),
            unknown=self._unknown(),
            notes=[*self.notes, said],
        )

    def _interaction(self) -> Comparison:
        positive, negative = (self.strata.is_(stratum)[self.setting.keep] for stratum in ("positive", "negative"))
        members = [stratum & arm for stratum in (positive, negative) for arm in self.arms]
        labels = [f"marker-{stratum}, {word}" for stratum in ("positive", "negative") for word in self.words]
        outcome, name = self.setting.outcome, TREATMENT_ROWS[2]
        four = several_groups(name, outcome, members, labels=labels, unknown=self._unknown(), notes=self.notes)
        row = replace(
            four,
            log_rank=None,
            checks=Checks(),
            estimable=False,
            positive=None,
            drug=self.drug,
            adjusted=AdjustedModel.of(outcome.take(np.asarray(np.any(members, axis=0)))),
            notes=tuple(self.notes),
        )
        if empty := [group.label for group in four.groups if group.n == 0]:
            return replace(row, notes=(*row.notes, f"not estimable (no patient in {', '.join(empty)})"))
        used = np.asarray(np.any(members, axis=0)) & outcome.adjustment.complete()
        own = outcome.take(used)
        found = interaction(
            own.time,
            own.event,
            positive[used],
            self.arms[0][used],
            covariates=own.adjustment.covariates,
            stratification_factors=own.adjustment.stratification_factors,
            entry=own.entry,
        )
        ratio = _hazard_ratio(found.interaction)
        reason = [] if ratio else [f"interaction hazard ratio not estimable ({found.reason})"]
        test = None if np.isnan(found.likelihood_ratio.p_value) else found.likelihood_ratio
        notes = (*row.notes, *reason, _verdict(found, self.words))
        return replace(row, hazard_ratio=ratio, likelihood_ratio=test, estimable=ratio is not None, notes=notes)


def _hazard_ratio(contrast: Contrast) -> HazardRatio | None:
    if not np.isfinite(contrast.standard_error):
        return None
    return HazardRatio(contrast.hazard_ratio, contrast.lower, contrast.upper, contrast.p_value)


def _verdict(found: Interaction, words: tuple[str, str]) -> str:
    """What may be said: that a marker is predictive needs the interaction, and a randomised treatment."""
    p_value = found.likelihood_ratio.p_value
    contrasts = (found.in_positive, found.in_negative)
    if np.isnan(p_value) or not all(np.isfinite(contrast.standard_error) for contrast in contrasts):
        return "whether the marker changes the effect of the treatment cannot be told: a hazard ratio is not estimable"
    by = ", ".join(
        f"{contrast.hazard_ratio:.3g} in marker-{stratum}"
        for stratum, contrast in zip(("positive", "negative"), contrasts)
    )
    effect = f"hazard ratio of {words[0]} against {words[1]}, from one model: {by}"
    if p_value < _SIGNIFICANT:
        # how the treatment was given is in no table: where somebody chose it, the difference may be that of the chosen
        randomised = "predictive if the treatment was given by randomisation"
        return f"interaction of marker and treatment (P {p_value:.2g}): {randomised}; {effect}"
    none = f"no evidence that the marker changes the effect of the treatment (interaction P {p_value:.2g}; {effect})"
    one = sum(contrast.p_value < _SIGNIFICANT for contrast in contrasts) == 1
    return none + ("; that one of two hazard ratios is significant and the other not is none" if one else "")
