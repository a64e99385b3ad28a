"""The flow diagram: every number of the table is in a box, and nothing that is hidden is."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from strata import compare_coexpression, read_cohort, run_plan
from strata.analysis import FlowStep, FlowStratum, PatientFlow, Plan, patient_flow
from strata.plots import figure_to_files, plot_flow


def flow_of(left_out=(3, 0, 7, 2, 1), strata=((20, 9), (30, 4)), **keys):
    outside, member, endpoint, unassayed, unknown = left_out
    n = sum(size for size, _ in strata)
    named = {
        "cohort": "made",
        "signature": "pair",
        "population": "er-positive",
        "endpoint": "OS",
        "comparison": "positive_vs_rest",
        "file_rows": (("a.tsv: line identical to another of the same patient", 12),),
        "n_patients": n + sum(left_out),
        "steps": (
            FlowStep(
                "population",
                (("outside the population", outside), ("membership of the population unknown", member)),
                n + endpoint + unassayed + unknown,
            ),
            FlowStep("endpoint", (("no known OS", endpoint),), n + unassayed + unknown),
            FlowStep("marker", (("not assayed", unassayed), ("assayed, call unknown", unknown)), n),
        ),
        "strata": tuple(FlowStratum(f"stratum {i}", *pair) for i, pair in enumerate(strata)),
        "events": sum(events for _, events in strata),
    }
    return PatientFlow(**(named | keys))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_every_number_of_the_table_is_drawn_but_zeros():
    flow = flow_of()
    drawn = " | ".join(texts(plot_flow(flow)))
    for row in flow.to_frame().to_dict("records"):
        n = f"{row['n']:,}"
        if row["kind"] == "left_out":
            assert (f"{row['label']}: {n}" in drawn) == (row["n"] > 0)
        elif row["kind"] == "stratum":
            assert f"{row['label']} | n = {n}, {row['events']} event" in drawn
        elif row["kind"] == "remaining":
            assert f"n = {n}" in drawn
    assert "Analysed | n = 50, 13 events" in drawn
    assert "counts lines and samples, not patients" in drawn
    assert "(12)" in drawn


def test_a_step_at_which_nobody_is_left_out_has_no_box():
    drawn = " ".join(texts(plot_flow(flow_of((0, 0, 0, 0, 0), population="all", file_rows=()))))
    assert "population" not in drawn
    assert "known endpoint" not in drawn
    assert "Analysed" in drawn


def test_small_counts_are_hidden():
    flow = flow_of()
    drawn = " | ".join(texts(plot_flow(flow, min_cell=5)))
    assert "outside the population: hidden" in drawn
    assert "In the population: ER-positive | n = hidden" in drawn
    assert "stratum 1 | n = hidden, events hidden" in drawn
    assert "stratum 0 | n = 20, 9 events" in drawn
    assert "Hidden: small counts, and those that would tell them." in drawn


def test_nothing_compared_says_why():
    flow = flow_of(strata=(), notes=("the cohort has no mutation table",))
    drawn = " | ".join(texts(plot_flow(flow)))
    assert "Analysed | n = 0, 0 events" in drawn
    assert "Not compared: the cohort has no mutation table." in drawn


@pytest.mark.parametrize("strata", [(), ((20, 9), (30, 4)), ((1, 0),) * 8])
def test_boxes_hold_their_texts_and_nothing_is_clipped(strata):
    long = "a signature with a very long name that does not fit " * 3
    flow = flow_of(strata=strata, signature=long, cohort="cohort-" * 9, notes=(long,))
    ax = plot_flow(flow)
    FigureCanvasAgg(ax.figure).draw()
    width, height = ax.figure.bbox.width, ax.figure.bbox.height
    for text in ax.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0, text.get_text()
        assert box.y0 >= 0, text.get_text()
        assert box.x1 <= width, text.get_text()
        assert box.y1 <= height, text.get_text()
    boxes = [patch.get_window_extent() for patch in ax.patches]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            down = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert across < 1 or down < 1


def test_of_a_run_and_of_a_comparison_it_is_the_same(root, tmp_path):
    folder = root / "synthetic" / "figure2-breast" / "flat"
    cohort = read_cohort(folder, name="bundled")
    alone = compare_coexpression(cohort, "igf1r-sphk1-high", "DFS", population="er-positive")
    plan = Plan.checked(
        cohorts=[{"path": str(folder), "name": "bundled"}],
        signatures=["igf1r-sphk1-high"],
        endpoints=["DFS"],
        populations=["er-positive"],
    )
    (made,) = run_plan(plan).cohorts
    flows = [patient_flow(cohort, alone), patient_flow(made, made.comparisons[0])]
    pd.testing.assert_frame_equal(*(flow.to_frame() for flow in flows))
    files = [figure_to_files(plot_flow(flow).figure, tmp_path / name) for flow, name in zip(flows, "ab")]
    for one, other in zip(*files):
        assert one.read_bytes() == other.read_bytes()
