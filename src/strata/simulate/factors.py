"""The smallest pieces of a scenario: kinds of names and numbers, and one fact about a patient."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = ["NUMBER_ASSAYS", "STRICT", "Factor", "Feature", "NotNegative", "Positive", "Share"]

NUMBER_ASSAYS = ("mrna", "protein", "serum", "mirna")
"""The assays whose features are numbers, in the order in which they are drawn."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Feature = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Names = Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v), Field(min_length=1)]


STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
"""What every part of a scenario is: unknown keys, other types, infinities and NaN are errors."""


class Factor(BaseModel):
    """One yes-or-no fact about a patient.

    ``{mrna: IGF1R}`` is marker-positive: above the cohort's median; a list of features is the mean of their z-scores.
    ``{clinical: er_status, is: Negative}``, ``{clinical: age, above: 50}``, ``{copy_number: ERBB2, is: amp}``;
    ``{mutation: PIK3CA}`` is mutated, silent changes not counted.
    """

    model_config = STRICT

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
