from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.schoenfeld_smooth import smooth_residuals


def test_every_number_of_r(bundled, close) -> None:
    cases = bundled.cases("schoenfeld")
    compared = 0
    for case in cases.values():
        model, wanted = bundled.model(case["dataset"], case["call"]), case["result"]
        test = proportional_hazards(model.time, model.event, model.covariates, transform=case["transform"])
        residuals = test.scaled_residuals[:, 0]
        found = smooth_residuals(test.event_scale, residuals, test.residual_variances[0])
        compared += close(test.event_times, wanted["time"])
        compared += close(test.event_scale, wanted["scale"], floor=1e-15)
        compared += close(residuals, wanted["residual"])
        compared += close(test.residual_variances, [wanted["variance"]])
        compared += close(found.log_hazard_ratio, wanted["line"])
        compared += close((found.upper - found.lower) / 2 / Z_95, wanted["se"])
    assert len(cases) == 4
    assert compared > 3000


def test_a_straight_line_is_followed() -> None:
    scale = np.linspace(0, 3, 20)
    found = smooth_residuals(scale, 2 - 0.5 * scale, 4.0)
    np.testing.assert_allclose(found.log_hazard_ratio, 2 - 0.5 * scale, rtol=1e-12)
    # by hand: the variances of the line over all events add up to 4 degrees of freedom
    assert (((found.upper - found.lower) / 2 / Z_95) ** 2).sum() == pytest.approx(4.0 * 4)


def test_fewer_than_four_times_have_no_line() -> None:
    found = smooth_residuals(np.array([0.0, 1.0, 1.0, 2.0]), np.arange(4.0), 1.0)
    assert np.isnan(found).all()
