"""The settings of a run's comparisons: strata of the same patients share their months, sorted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strata.survival import Setting

if TYPE_CHECKING:
    from strata.analysis.plan import Plan
    from strata.cohort import Cohort, Endpoint
    from strata.stratification import Strata

__all__ = ["Settings"]


class Settings:
    """Makes the setting of strata on an endpoint as a plan says: adjusted, stratified, up to which horizon.

    The settings of the cohort asked for last are kept, one for each population and endpoint.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._cohort: Cohort | None = None
        self._made: dict[tuple[str, str, bytes, bytes], Setting] = {}

    def __call__(self, cohort: Cohort, strata: Strata, endpoint: Endpoint, note: str) -> Setting:
        """The setting; ``note`` is what every row must say about the endpoint."""
        if cohort is not self._cohort:
            self._cohort, self._made = cohort, {}
        key = (endpoint.name, note, strata.inside.tobytes(), strata.outside.tobytes())
        if key not in self._made:
            plan = self.plan
            self._made[key] = Setting(
                cohort,
                strata,
                endpoint,
                covariates=plan.covariates,
                stratification_factors=plan.stratify_by,
                horizon=plan.horizon,
                landmark=plan.landmark,
                checks=plan.checks(),
                note=note,
            )
        return self._made[key]
