from __future__ import annotations

from dataclasses import replace

import pytest

from strata.plots.wording import (
    endpoint_label,
    format_hazard_ratio,
    format_p,
    plain,
    population_label,
    ratio_name,
    reason_for_nothing,
    statistics_lines,
)
from strata.survival.checks import Checks
from strata.survival.model_rows import AdjustedModel
from strata.survival.result import HazardRatio


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0340001, "P = 0.034"),
        (6.1234e-5, "P = 6.1e-05"),
        (0.5, "P = 0.50"),
        (0.1, "P = 0.10"),
        (0.00098, "P = 0.00098"),
        (1.2e-299, "P = 1.2e-299"),
        (5e-324, "P < 1e-300"),
        (0.0, "P < 1e-300"),
        (0.9949, "P = 0.99"),
        (0.9999, "P > 0.99"),
        (1.0, "P = 1"),
        (float("nan"), "P not estimable"),
    ],
)
def test_p_values_are_never_rounded_to_0_or_1(p: float, text: str) -> None:
    assert format_p(p) == text


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1.45, 0.98, 2.142), "1.45 (0.98–2.14)"),
        ((0.636, 0.0736, 5.49), "0.64 (0.074–5.49)"),
        ((12.0, 1.02, 153.4), "12.00 (1.02–153)"),
        ((0.00123, 0.0001, 23456.0), "0.0012 (0.00010–2.3e+04)"),
    ],
)
def test_hazard_ratios_keep_two_digits_at_least(numbers: tuple[float, float, float], text: str) -> None:
    assert format_hazard_ratio(*numbers) == text


def test_names_are_written_out() -> None:
    assert endpoint_label("dfs") == "Disease-free survival"
    assert endpoint_label("Time to relapse") == "Time to relapse"
    assert endpoint_label("") == "Survival probability"
    assert population_label("er-negative & node-negative") == "ER-negative, node-negative"
    assert population_label("hr-positive-her2-negative") == "HR-positive-HER2-negative"
    assert population_label("ER-positive") == "ER-positive"
    assert population_label("all") == "All patients"
    assert plain(" a\tb\x00\nc ") == "a b c"


def test_statistics_name_the_reference_and_what_is_missing(make) -> None:
    two = make()
    assert ratio_name(two, ["high", "low"]) == "HR, high vs low"
    ratio, test, counts = statistics_lines(two, ["high", "low"])
    assert ratio.startswith(f"{two.hazard_ratio.value:.2f} (95 % CI ")
    assert test == f"Log-rank {format_p(two.log_rank.p_value)}"
    assert counts == f"n = 120, {two.events} events"
    none = replace(two, hazard_ratio=None, log_rank=None)
    assert statistics_lines(none, ["high", "low"])[:2] == ["HR not estimable", "Log-rank P not estimable"]


def test_an_adjusted_ratio_stands_with_its_own_p_and_apart_from_what_is_not_adjusted(make) -> None:
    two = make()
    crude = HazardRatio(0.5, 0.25, 0.99, 0.04)
    adjusted = replace(two, adjusted=AdjustedModel(("er", "age"), 117, crude))
    assert statistics_lines(adjusted, ["high", "low"]) == [
        statistics_lines(two, ["high", "low"])[0],
        "Adjusted for er, age in 117 patients",
        f"Adjusted Wald {format_p(two.hazard_ratio.wald_p)}",
        "Not adjusted: 0.50 (95 % CI 0.25–0.99)",
        f"Log-rank {format_p(two.log_rank.p_value)} (not adjusted)",
        f"n = 120, {two.events} events",
    ]
    # of 3 left out nobody is told who tells of 11 at least
    assert "Adjusted for er, age" in statistics_lines(adjusted, ["high", "low"], min_cell=11)
    assert "Adjusted for er, age" in statistics_lines(
        replace(adjusted, adjusted=AdjustedModel(("er", "age"), 120)), "ab"
    )


def test_sparse_strata_state_firths_ratio_and_the_permutation_p(make) -> None:
    checks = Checks(
        permutation_p=0.0051,
        permutations=0,
        firth_hazard_ratio=16.6,
        firth_hazard_ratio_lower=1.95,
        firth_hazard_ratio_upper=2168.0,
        firth_p=0.0058,
    )
    lines = statistics_lines(replace(make(), hazard_ratio=None, checks=checks), ["high", "low"])
    assert lines[:2] == ["HR not estimable", "Firth 16.60 (95 % CI 1.95–2168)"]
    assert lines[3] == "Permutation P = 0.0051"
    competing = replace(make(), checks=Checks(gray_p=0.27))
    assert statistics_lines(competing, ["high", "low"])[2] == "Gray P = 0.27"


def test_several_strata_have_no_ratio_but_degrees_of_freedom(make) -> None:
    lines = statistics_lines(make(rates=(0.01, 0.02, 0.03), labels=("a", "b", "c")), ["a", "b", "c"])
    assert len(lines) == 2
    assert lines[0].endswith("(2 df)")


def test_an_interaction_is_not_called_a_hazard_ratio_of_the_first_stratum(make) -> None:
    four = replace(make(rates=(0.01,) * 4, labels="abcd"), name="interaction")
    assert ratio_name(four, list("abcd")) == "Interaction (ratio of hazard ratios)"


def test_reasons(make) -> None:
    assert reason_for_nothing(make()) == ""
    assert reason_for_nothing(None) == "not compared"
    empty = replace(make(), groups=(), time=make().time[:0], notes=("no mrna SPHK1", "asked for DFS"))
    assert reason_for_nothing(empty) == "no mrna SPHK1; asked for DFS"
