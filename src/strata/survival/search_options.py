"""How a cut-point is searched, and how its hazard ratio and its stability are found."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from strata.errors import Problem, UsageError, shown

__all__ = ["SearchMethod", "SearchOptions"]

SearchMethod = Literal["permutation", "lau92", "lau94", "hothorn-lausen"]


class SearchOptions(BaseModel):
    """How a cut-point is searched.

    Parameters
    ----------
    method : {"permutation", "lau92", "lau94", "hothorn-lausen"}
        How P is corrected for the search: see ``maximally_selected_log_rank``.
    permutations : int
        Of the method ``permutation``; P is never below 1 / (permutations + 1).
    minprop : float
        Each group of a cut that is tried holds at least this share of the patients.
    folds : int
        Of the cross-fitting. With 2 the 95 % interval of the hazard ratio covers (98 % of 800 simulated cohorts of 200
        patients and a marker without effect); with more it is too narrow, because the folds' cuts are learned on the
        same patients: 93 % with 5, 92 % with 10.
    bootstrap : int
        Resamples behind the stability range; 0: none.
    seed : int
        Of permutations, folds and resamples.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: SearchMethod = "permutation"
    permutations: Annotated[int, Field(ge=1, le=10_000_000)] = 10_000
    minprop: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    folds: Annotated[int, Field(ge=2)] = 2
    bootstrap: Annotated[int, Field(ge=0, le=1_000_000)] = 500
    seed: Annotated[int, Field(ge=0)] = 0

    @classmethod
    def checked(cls, **values: Any) -> SearchOptions:
        """Options from a call.

        Raises
        ------
        UsageError
            Every option that is wrong.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            raise UsageError(
                [
                    Problem(
                        ".".join(map(str, detail["loc"])),
                        f"{detail['msg']}, found {shown(detail['input'])}",
                        code="E703",
                    )
                    for detail in error.errors(include_url=False)
                ]
            ) from error
