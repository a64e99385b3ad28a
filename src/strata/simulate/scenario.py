"""What a scenario file may say: strict models, unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = ["NUMBER_ASSAYS", "Scenario"]

NUMBER_ASSAYS = ("mrna", "protein", "serum", "mirna")
"""The assays whose features are numbers, in the order in which they are drawn."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
EndpointName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
Feature = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Names = Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v), Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Factor(_Strict):
    """One yes-or-no fact about a patient.

    ``{mrna: IGF1R}`` is marker-positive: above the cohort's median; a list of features is the mean of their z-scores.
    ``{clinical: er_status, is: Negative}``, ``{clinical: age, above: 50}``, ``{copy_number: ERBB2, is: amp}``;
    ``{mutation: PIK3CA}`` is mutated, silent changes not counted.
    """

    clinical: str | None = None
    mrna: Names | None = None
    protein: Names | None = None
    serum: Names | None = None
    mirna: Names | None = None
    copy_number: str | None = None
    mutation: str | None = None
    is_: Names | None = Field(default=None, alias="is")
    above: float | None = None

    @property
    def assay(self) -> str:
        """The assay that the fact is read from."""
        return next(assay for assay in _ASSAYS if getattr(self, assay) is not None)

    @property
    def features(self) -> tuple[str, ...]:
        """The features of that assay: one, or those whose mean is taken."""
        named: str | tuple[str, ...] = getattr(self, self.assay)
        return (named,) if isinstance(named, str) else named

    def __str__(self) -> str:
        name = f"{self.assay} {' + '.join(self.features)}"
        if self.is_ is not None:
            return f"{name} is {' or '.join(self.is_)}"
        if self.above is not None:
            return f"{name} above {self.above:g}"
        return f"{name} mutated" if self.assay == "mutation" else f"{name} above median"

    @model_validator(mode="after")
    def _one_fact(self) -> Self:
        if sum(getattr(self, assay) is not None for assay in _ASSAYS) != 1:
            raise ValueError(f"a factor names exactly one of {', '.join(_ASSAYS)}")
        needs = {"clinical": (self.is_ is None) != (self.above is None), "copy_number": self.is_ is not None}
        if not needs.get(self.assay, self.is_ is None):
            raise ValueError("clinical takes 'is' or 'above', copy_number takes 'is', the others neither")
        if self.above is not None and self.assay != "clinical":
            raise ValueError("'above' belongs to clinical; markers are cut at their median")
        return self


_ASSAYS = ("clinical", "copy_number", "mutation", *NUMBER_ASSAYS)


class Normal(_Strict):
    """A number drawn from a normal distribution and held inside ``low`` to ``high``."""

    mean: float
    sd: Positive
    low: float
    high: float
    decimals: Annotated[int, Field(ge=0, le=3)] = 0


Prevalences = Annotated[dict[str, Share], Field(min_length=1)]


class GivenValues(_Strict):
    """Other prevalences for the patients of whom ``when`` is true."""

    when: Factor
    values: Prevalences


class ClinicalColumn(_Strict):
    """A clinical column: words with their prevalences, or a normal number; the first ``given`` that is true wins."""

    values: Prevalences | None = None
    normal: Normal | None = None
    given: tuple[GivenValues, ...] = ()
    missing: Share = 0.0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.values is None) == (self.normal is None):
            raise ValueError("a column has either 'values' or 'normal'")
        if self.normal is not None and self.given:
            raise ValueError("'given' belongs to a column with 'values'")
        for values in [self.values, *(given.values for given in self.given)]:
            if values is not None and abs(sum(values.values()) - 1) > 1e-9:
                raise ValueError(f"prevalences add up to {sum(values.values()):g}, not 1")
            if values is not None and self.values is not None and set(values) - set(self.values):
                raise ValueError(f"'given' has words that 'values' lacks: {sorted(set(values) - set(self.values))}")
        return self


class Shift(_Strict):
    """``by`` is added for the patients of whom ``when`` is true."""

    when: Factor
    by: float


class Correlated(_Strict):
    """Correlation ``r`` with a feature that is listed earlier."""

    assay: Literal["mrna", "protein", "serum", "mirna"]
    feature: str
    r: Annotated[float, Field(ge=-1, le=1)]


class NumberFeature(_Strict):
    """A feature that is normal on the table's scale (log2 for mrna, protein and mirna)."""

    mean: float
    sd: Positive
    correlated: Correlated | None = None
    shift: tuple[Shift, ...] = ()
    composite: str | None = None
    """The name in a cBioPortal protein table (``EIF4EBP1|4E-BP1_pS65``)."""


class NumberAssay(_Strict):
    """A table of numbers. ``batch_shift`` is technical: added to what is measured, not to what acts."""

    features: Annotated[dict[Feature, NumberFeature], Field(min_length=1)]
    unassayed: Share = 0.0
    missing: Share = 0.0
    batch_shift: tuple[Shift, ...] = ()


class Calls(_Strict):
    """Prevalences of copy-number calls; the rest is neutral."""

    amp: Share = 0.0
    gain: Share = 0.0
    loss: Share = 0.0
    homdel: Share = 0.0

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.amp + self.gain + self.loss + self.homdel > 1 + 1e-9:
            raise ValueError("the prevalences of the calls add up to more than 1")
        return self


class GivenCalls(_Strict):
    """Other calls for the patients of whom ``when`` is true."""

    when: Factor
    calls: Calls


class CopyNumberGene(_Strict):
    """One gene's calls; the first ``given`` that is true wins."""

    calls: Calls
    given: tuple[GivenCalls, ...] = ()


class CopyNumber(_Strict):
    """A table of GISTIC calls."""

    features: Annotated[dict[Feature, CopyNumberGene], Field(min_length=1)]
    unassayed: Share = 0.0
    missing: Share = 0.0


class GivenPrevalence(_Strict):
    """Another prevalence for the patients of whom ``when`` is true."""

    when: Factor
    prevalence: Share


class MutatedGene(_Strict):
    """How often a gene is mutated, and by which protein changes with which weights (``R130*`` is truncating)."""

    prevalence: Share
    changes: dict[str, Positive] = {}
    given: tuple[GivenPrevalence, ...] = ()

    @model_validator(mode="after")
    def _has_changes(self) -> Self:
        if not self.changes and (self.prevalence or any(given.prevalence for given in self.given)):
            raise ValueError("a gene that is mutated needs 'changes'")
        return self


class Mutations(_Strict):
    """Sequencing with one panel, whose genes are those listed. ``silent`` is the share of silent rows per gene."""

    panel: Id
    genes: Annotated[dict[Feature, MutatedGene], Field(min_length=1)]
    silent: Share = 0.0
    unassayed: Share = 0.0


class Effect(_Strict):
    """The hazard ratio of a factor; of two or more factors together: their interaction."""

    of: Annotated[tuple[Factor, ...], Field(min_length=1)]
    hazard_ratio: Positive


class EndpointPlan(_Strict):
    """An endpoint with a constant hazard per month when no factor is true. ``OS`` is death."""

    hazard: NotNegative
    effects: tuple[Effect, ...] = ()
    death_is_event: bool = False
    max_events: Annotated[int, Field(ge=0)] | None = None
    """Only the first so many patients have the event; the others never do (for cohorts with hardly any)."""
    missing: Share = 0.0


class Censoring(_Strict):
    """Patients enter evenly over ``accrual`` months; the study closes ``follow_up`` months later."""

    accrual: NotNegative
    follow_up: Positive
    drop_out: NotNegative = 0.0
    """Hazard of leaving, per month."""


class Scenario(_Strict):
    """A cohort to invent, and what is planted in it."""

    name: Id
    description: str
    seed: Annotated[int, Field(ge=0)]
    patients: Annotated[int, Field(ge=1, le=1_000_000)]
    id_prefix: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")] = "SYN"
    clinical: dict[Column, ClinicalColumn] = {}
    copy_number: CopyNumber | None = None
    mutation: Mutations | None = None
    mrna: NumberAssay | None = None
    protein: NumberAssay | None = None
    serum: NumberAssay | None = None
    mirna: NumberAssay | None = None
    endpoints: Annotated[dict[EndpointName, EndpointPlan], Field(min_length=1)]
    censoring: Censoring
    time_step: Annotated[float, Field(ge=0.01)] = 0.01
    """Times are rounded up to multiples of it, in months: 6 is a visit every half year and makes heavy ties."""
