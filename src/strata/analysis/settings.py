"""The settings of a run's comparisons: strata of the same patients share their months, sorted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strata.survival import Setting, find_endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from strata.analysis.plan import Plan
    from strata.cohort import Cohort, Endpoint
    from strata.stratification import Strata
    from strata.survival.groups import Outcome

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

    def compare_together(self, cohort: Cohort, called: Sequence[Strata]) -> None:
        """Test positive against negative of several strata on every endpoint in one go; comparing then looks it up."""
        together: dict[Outcome, list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]] = {}
        for asked in self.plan.endpoints:
            endpoint, note = find_endpoint(cohort, asked, equivalents=self.plan.equivalents)
            if endpoint is None:
                continue
            for strata in called:
                setting = self(cohort, strata, endpoint, note)
                positive, negative = (strata.is_(label)[setting.keep] for label in ("positive", "negative"))
                together.setdefault(setting.outcome, []).append((positive, positive | negative))
        for outcome, pairs in together.items():
            outcome.compare_together(pairs)
