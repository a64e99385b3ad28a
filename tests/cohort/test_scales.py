"""The scale of a table: declared, told by the layout or the name, else judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from strata.cohort.matrix import text_numbers
from strata.cohort.options import ReadOptions
from strata.cohort.scales import head_numbers, head_problems, scale_of, sentinel_note

RNG = np.random.default_rng(7)
LOG = RNG.normal(8, 2, (10, 40))


def judged(head: np.ndarray, kind: str = "mrna", name: str = "mrna.tsv", declared: str = "", **read: str) -> str:
    return scale_of(kind, Path(name), head, ReadOptions.of(read), declared)[0]


def test_the_option_comes_first_then_the_layout_then_the_name() -> None:
    assert judged(LOG, scale="linear", declared="z-score") == "linear"
    assert judged(LOG, declared="z-score") == "z-score"
    assert judged(LOG, name="mrna_median_Zscores.txt") == "z-score"
    assert judged(LOG, "copy_number") == "gistic"
    assert judged(LOG, "copy_number", scale="copies") == "copies"
    assert judged(LOG, "mrna", scale="copies") == "log2"
    assert judged(LOG, "serum") == "linear"


@pytest.mark.parametrize("scale", ["log2", "linear", "counts", "z-score", "gistic", "copies", "unknown"])
def test_a_file_name_may_state_the_scale(scale: str) -> None:
    for kind in ("mrna", "copy_number", "serum"):
        assert judged(LOG, kind, f"{kind}_scale-{scale}.tsv.gz") == scale
    assert judged(LOG, name=f"mrna_scale-{scale}.tsv", declared="z-score") == "z-score"
    assert judged(2**LOG, name=f"mrna-scale-{scale}x.tsv") == ("z-score" if scale == "z-score" else "linear")


def test_numbers_are_judged() -> None:
    z = (LOG - LOG.mean(axis=1, keepdims=True)) / LOG.std(axis=1, ddof=1, keepdims=True)
    assert judged(LOG) == "log2"
    assert judged(z) == "z-score"
    assert judged(2**LOG) == "linear"
    assert judged(np.round(2**LOG)) == "counts"
    assert judged(np.linspace(0, 40, 400).reshape(10, 40)) == "unknown"
    assert judged(np.empty((0, 0))) == "unknown"
    assert judged(np.full((2, 3), np.nan)) == "unknown"


def test_a_code_for_missing_does_not_decide_the_scale_and_is_told() -> None:
    head = LOG.copy()
    head[0, 0] = 9999
    assert judged(head) == "log2"
    note = sentinel_note(Path("mrna.tsv"), head)
    assert "9999" in note
    assert "na=9999" in note
    assert sentinel_note(Path("mrna.tsv"), LOG) == ""


def test_mixed_scales_are_a_problem_unless_declared() -> None:
    head = LOG.copy()
    head[:, :20] = 2**8 + head[:, :20]
    (problem,) = head_problems("mrna", Path("mrna.tsv"), head, ReadOptions())
    assert "two groups" in problem.what
    assert head_problems("mrna", Path("mrna.tsv"), head, ReadOptions.of({"scale": "linear"})) == []
    assert head_problems("mrna", Path("mrna.tsv"), LOG, ReadOptions()) == []


@pytest.mark.parametrize("scale", ["linear", "counts"])
def test_logarithms_that_are_declared_linear_are_a_problem(scale: str) -> None:
    declared, path = ReadOptions.of({"scale": scale}), Path("mrna.tsv")
    head = np.linspace(3.1, 12.4, 60).reshape(6, 10)
    (problem,) = head_problems("mrna", path, head, declared)
    assert (problem.code, problem.what) == ("E410", "values 3.1..12.4 are already on a log scale")
    assert "scale=log2" in problem.fix
    # what may be linear is believed: other assays, ratios, whole numbers, from near 0 on, above 25, few genes
    assert head_problems("protein", path, head, declared) == []
    for other in (head / 7, np.round(head), head - 3, head * 3, head[:2], np.full((6, 10), np.nan)):
        assert head_problems("mrna", path, other, declared) == []


@pytest.mark.parametrize(("read", "value"), [({}, np.nan), ({"decimal": ","}, 1.5)])
def test_head_numbers_follow_the_options(read: dict[str, str], value: float) -> None:
    np.testing.assert_array_equal(
        head_numbers(list(text_numbers([(0, ["1,5", "2"])])), ReadOptions.of(read)), [[value, 2.0]]
    )
