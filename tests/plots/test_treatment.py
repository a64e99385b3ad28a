"""The figure of a treatment: the curves are those of the results, and only the interaction is called one."""

from __future__ import annotations

import numpy as np
import pytest

from strata import read_cohort, stratify
from strata.plots import figure_to_files, plot_treatment
from strata.survival import compare_interaction


@pytest.fixture(scope="module")
def result(root):
    cohort = read_cohort(root / "synthetic" / "trial-everolimus" / "flat", name="trial")
    return compare_interaction(cohort, stratify(cohort, "p4ebp1-high"), "treatment", "TTP")


def test_a_panel_a_stratum_with_the_curves_of_its_arms(result):
    figure = plot_treatment([result], caption="Invented.")[0].figure
    panels = [ax for ax in figure.axes if ax.get_xlabel() == "Months"]
    assert len(panels) == 2
    for ax, stratum in zip(panels, ("positive", "negative")):
        steps = [line.get_ydata() for line in ax.lines]
        for group in result[f"treatment_in_{stratum}"].groups:
            curve = np.concatenate([[1.0], group.curve.survival])
            assert any(len(y) == len(curve) and np.allclose(y, curve) for y in steps)
    said = " ".join(text.get_text() for text in figure.texts)
    assert result["treatment_interaction"].notes[-1] in said
    assert "it alone tells whether the panels differ" in said
    assert said.endswith("Invented.")


def test_the_same_bytes_every_time(result, tmp_path):
    first, second = (figure_to_files(plot_treatment([result])[0].figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()
