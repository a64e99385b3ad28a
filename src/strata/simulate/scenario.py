"""What a scenario file may say: strict models, unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from strata.simulate.factors import STRICT, Factor, Feature, NotNegative, Positive, Share

__all__ = ["Scenario"]

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
EndpointName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
TimePoint = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class _Strict(BaseModel):
    model_config = STRICT


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


class LaterWords(_Strict):
    """The words of a column at a later time point, which may depend on the first (``given`` that very column)."""

    values: Prevalences
    given: tuple[GivenValues, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _check_words(self.values, self.given)
        return self


class Change(_Strict):
    """A number at a later time point: the patient's first one plus ``by``, with a spread of ``sd``."""

    by: float
    sd: NotNegative = 0.0


class ClinicalColumn(_Strict):
    """A clinical column: words with their prevalences, or a normal number; the first ``given`` that is true wins.

    What is measured again has ``later`` words or the ``change`` of its number, by time point.
    """

    values: Prevalences | None = None
    normal: Normal | None = None
    given: tuple[GivenValues, ...] = ()
    missing: Share = 0.0
    later: dict[TimePoint, LaterWords] = {}
    change: dict[TimePoint, Change] = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.values is None) == (self.normal is None):
            raise ValueError("a column has either 'values' or 'normal'")
        if self.normal is not None and (self.given or self.later):
            raise ValueError("'given' and 'later' belong to a column with 'values'")
        if self.values is not None and self.change:
            raise ValueError("'change' belongs to a column with 'normal'")
        if self.values is not None:
            _check_words(self.values, self.given)
        return self


def _check_words(words: dict[str, float], given: tuple[GivenValues, ...]) -> None:
    for values in [words, *(other.values for other in given)]:
        if abs(sum(values.values()) - 1) > 1e-9:
            raise ValueError(f"prevalences add up to {sum(values.values()):g}, not 1")
        if set(values) - set(words):
            raise ValueError(f"'given' has words that 'values' lacks: {sorted(set(values) - set(words))}")


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
    change: dict[TimePoint, Change] = {}
    composite: str | None = None
    """The name in a cBioPortal protein table (``EIF4EBP1|4E-BP1_pS65``)."""


class Background(_Strict):
    """``n`` genes with a mean and an sd drawn between two bounds each; otherwise as one feature.

    The block's name and a number of three digits make the genes' names: block ``SYNG2`` has ``SYNG2001``.
    """

    n: Annotated[int, Field(ge=1, le=999)]
    mean: tuple[float, float]
    sd: tuple[Positive, Positive]
    correlated: Correlated | None = None
    shift: tuple[Shift, ...] = ()

    def genes(self, block: str) -> list[str]:
        """The names of the genes."""
        return [f"{block}{i:03d}" for i in range(1, self.n + 1)]


class NumberAssay(_Strict):
    """A table of numbers. ``batch_shift`` is technical: added to what is measured, not to what acts.

    ``background`` holds blocks of genes that nothing names one by one, for scores that look at many genes.
    """

    features: Annotated[dict[Feature, NumberFeature], Field(min_length=1)]
    background: dict[Feature, Background] = {}
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


class Variant(_Strict):
    """A germline variant with two alleles; genotypes are in Hardy-Weinberg equilibrium."""

    alleles: Annotated[dict[Annotated[str, Field(pattern=r"^[ACGT]+$")], Share], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _all(self) -> Self:
        if abs(sum(self.alleles.values()) - 1) > 1e-9:
            raise ValueError(f"allele frequencies add up to {sum(self.alleles.values()):g}, not 1")
        return self


class Germline(_Strict):
    """Inherited changes in genes of the mutation panel, and the genotypes of single variants.

    Genes were read in the patients who were sequenced; ``unassayed`` and ``missing`` are about the genotypes.
    """

    genes: dict[Feature, MutatedGene] = {}
    variants: dict[Annotated[str, Field(pattern=r"^rs\d+$")], Variant] = {}
    unassayed: Share = 0.0
    missing: Share = 0.0


class GeneSets(_Strict):
    """Invented gene lists and centroids over the features and the background blocks of ``mrna``.

    ``lists``: name to blocks or genes; ``tables``: name to the weights of blocks or genes; ``centroids``: scheme to
    classes to the levels of blocks or genes, those left out at 0.
    """

    lists: dict[Id, Annotated[tuple[str, ...], Field(min_length=1)]] = {}
    tables: dict[Id, Annotated[dict[str, float], Field(min_length=1)]] = {}
    centroids: dict[Id, Annotated[dict[Id, dict[str, float]], Field(min_length=2)]] = {}


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
    later_samples: dict[TimePoint, Share] = {}
    """The shares of patients who gave another sample, by time point, in the order of the samples' numbers."""
    copy_number: CopyNumber | None = None
    mutation: Mutations | None = None
    germline: Germline | None = None
    mrna: NumberAssay | None = None
    protein: NumberAssay | None = None
    serum: NumberAssay | None = None
    mirna: NumberAssay | None = None
    gene_sets: GeneSets | None = None
    endpoints: Annotated[dict[EndpointName, EndpointPlan], Field(min_length=1)]
    censoring: Censoring
    time_step: Annotated[float, Field(ge=0.01)] = 0.01
    """Times are rounded up to multiples of it, in months: 6 is a visit every half year and makes heavy ties."""

    @model_validator(mode="after")
    def _first_sample_is_no_later_one(self) -> Self:
        if "pre" in self.later_samples:
            raise ValueError("'pre' in later_samples is the time point of everybody's first sample")
        return self
