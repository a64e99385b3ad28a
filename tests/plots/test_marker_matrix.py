"""The marker matrix: cells are the calls, counts are the cells, and no patient is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from strata import stratify
from strata.errors import UsageError
from strata.plots import figure_to_files, marker_calls, plot_marker_matrix
from strata.signatures import parse_signature, signature_library

N = 60
STATES = ["positive", "negative", "unknown", "not assayed", "not applicable"]


def marker(gene, name=None, cut="median", **more):
    rule = {"mrna": gene, "above": cut}
    return parse_signature({"name": gene, "positive": rule} | more, id=name or f"m-{gene.lower()}", where="test")


@pytest.fixture
def cohort(make_cohort):
    random = np.random.default_rng(4)
    index = pd.Index([f"PATIENT-{i:03d}" for i in range(N)], name="patient")
    genes = [f"G{i}" for i in range(200)]
    mrna = pd.DataFrame(random.normal(size=(N, 200)), index, genes).mask(random.random((N, 200)) < 0.1)
    er = pd.Series(random.choice(["positive", "negative", None], N), index, dtype="string")
    made = make_cohort(clinical=pd.DataFrame({"er": er}), mrna=mrna)
    made.assays["mrna"].assayed = frozenset(index[mrna["G0"].notna() | (random.random(N) < 0.5)])
    return made


def strata_of(cohort, *signatures, **keys):
    return [stratify(cohort, signature, library=signature_library(), **keys) for signature in signatures]


def cells(ax, row, left):
    """Width in points of each state in a row."""
    found = dict.fromkeys(STATES[:4], 0.0)
    for collection in ax.collections:
        for path in collection.get_paths():
            box = path.get_extents()
            if abs((box.y0 + box.y1) / 2 - row) < 3 and box.x0 >= left - 1:
                found[collection.get_label()] += box.width
    return found


def test_the_table_is_the_calls_grouped_by_the_first(cohort):
    strata = strata_of(cohort, marker("G0"), marker("G1"), population="er-positive")
    table = marker_calls(strata)
    assert list(table.columns) == ["stratum", "m-g0", "m-g1"]
    assert len(table) == N
    assert not table.astype(str).apply(lambda column: column.str.contains("PATIENT")).any(axis=None)
    assert isinstance(table.index, pd.RangeIndex)
    for each, name in zip(strata, table.columns[1:]):
        n = table[name].value_counts()
        assert n.get("positive", 0) == each.counts["positive"]
        assert n.get("negative", 0) == each.counts["negative"]
        assert n.get("not assayed", 0) == each.n_not_assayed
        assert n.get("unknown", 0) == each.counts["unknown"] - each.n_not_assayed
        assert n.get("not applicable", 0) == each.counts["not applicable"]
    assert list(dict.fromkeys(table["stratum"])) == ["positive", "negative", "unknown", "not applicable"]
    assert (table.loc[table["stratum"] == "positive", "m-g0"] == "positive").all()


def test_patients_stay_together_across_the_rows(cohort):
    strata = strata_of(cohort, marker("G0"), marker("G1"))
    table = marker_calls(strata)
    pairs = pd.crosstab(table["m-g0"], table["m-g1"])
    both = strata[0].is_("positive") & strata[1].is_("negative")
    assert pairs.loc["positive", "negative"] == both.sum()


def test_cells_and_counts_are_the_table(cohort):
    strata = strata_of(cohort, *(marker(f"G{i}") for i in range(4)), population="er-positive")
    table, ax = marker_calls(strata), plot_marker_matrix(strata)
    FigureCanvasAgg(ax.figure).draw()
    labels = {text.get_text(): text.get_position()[1] for text in ax.texts}
    lefts = [path.get_extents().x0 for collection in ax.collections for path in collection.get_paths()]
    for name in table.columns[1:]:
        n = table[name].value_counts()
        widths = cells(ax, labels[name], min(lefts))
        drawn = {state: width for state, width in widths.items() if width}
        assert set(drawn) == set(n.index) - {"not applicable"}
        one = {round(width / n[state], 6) for state, width in drawn.items()}
        assert len(one) == 1
        beside = [text.get_text() for text in ax.texts if text.get_position()[1] == labels[name]][1:]
        assert [int(text) for text in beside] == [n.get(state, 0) for state in STATES]


def test_quantile_groups_may_group_and_not_be_rows(cohort):
    scored = marker("G5", score={"mrna": "G5"})
    thirds = stratify(cohort, scored, cut="tertiles", library={})
    table = marker_calls(strata_of(cohort, marker("G0")), by=thirds)
    assert list(dict.fromkeys(table["stratum"]))[:3] == ["q3", "q2", "q1"]
    with pytest.raises(UsageError, match="neither positive nor negative"):
        marker_calls([thirds])


def test_the_first_that_tells_patients_apart_groups_them(cohort):
    nobody = marker("G0", "nobody", cut=100)
    table = marker_calls(strata_of(cohort, nobody, marker("G1")))
    assert {"positive", "negative"} <= set(table["stratum"])
    assert set(table.loc[table["nobody"] == "positive", "stratum"]) == set()
    alone = marker_calls(strata_of(cohort, nobody))
    assert "positive" not in set(alone["stratum"])


@pytest.mark.parametrize("n", [1, 200])
def test_one_marker_and_two_hundred(cohort, n):
    ax = plot_marker_matrix(
        strata_of(
            cohort,
            *(marker(f"G{i}", f"a-long-name-of-a-marker-that-does-not-fit-into-its-column-{i}") for i in range(n)),
        )
    )
    FigureCanvasAgg(ax.figure).draw()
    width, height = ax.figure.bbox.width, ax.figure.bbox.height
    for text in ax.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0, text.get_text()
        assert box.y0 >= 0, text.get_text()
        assert box.x1 <= width, text.get_text()
        assert box.y1 <= height, text.get_text()


def test_all_unknown_is_drawn(cohort):
    (absent,) = strata_of(cohort, marker("NOT-THERE"))
    table = marker_calls([absent])
    assert set(table["m-not-there"]) <= {"unknown", "not assayed"}
    assert set(table["stratum"]) == {"unknown"}
    plot_marker_matrix([absent])


def test_a_signature_in_several_populations_is_named_by_them(cohort):
    one, other = strata_of(cohort, marker("G0"), population="er-positive"), strata_of(cohort, marker("G0"))
    assert list(marker_calls([*one, *other, *other]).columns[1:]) == [
        "m-g0, ER-positive",
        "m-g0, All patients (1)",
        "m-g0, All patients (2)",
    ]


def test_strata_of_other_patients_and_none_are_refused(cohort, make_cohort):
    other = make_cohort(clinical=pd.DataFrame(index=["x", "y"]), mrna=pd.DataFrame({"G0": [1.0, 2.0]}, ["x", "y"]))
    with pytest.raises(UsageError, match="not of the same patients"):
        marker_calls([*strata_of(cohort, marker("G0")), *strata_of(other, marker("G0"))])
    with pytest.raises(UsageError, match="needs a marker"):
        plot_marker_matrix([])


def test_the_same_bytes_every_time(cohort, tmp_path):
    strata = strata_of(cohort, marker("G0"), marker("G1"))
    first, second = (figure_to_files(plot_marker_matrix(strata).figure, tmp_path / name) for name in "ab")
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()
    assert "PATIENT" not in first[1].read_text(encoding="utf-8")
