from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from strata.plots.gene_table import gene_table
from strata.plots.style import text_width
from strata.survival.result import frame


def row(population: str, gene: str, **changes):
    return {
        "population": population,
        "endpoint": "OS",
        "comparison": gene,
        "n": 1903,
        "events": 771,
        "n_positive": 951,
        "events_positive": 360,
        "hazard_ratio": 0.752,
        "hazard_ratio_lower": 0.653,
        "hazard_ratio_upper": 0.867,
        "log_rank_p": 7.8e-5,
        "estimable": True,
        "note": "",
    } | changes


NOTHING = {"hazard_ratio": np.nan, "hazard_ratio_lower": np.nan, "hazard_ratio_upper": np.nan, "estimable": False}


def test_cells_are_the_numbers_and_names_are_written_once() -> None:
    laid = gene_table(frame([row("er-positive", "IGF1R"), row("er-positive", "SPHK1")]), 500)
    assert [cell[0] for cell in laid.rows[0].cells] == [
        "ER-positive",
        "OS",
        "IGF1R",
        "1,903 (771)",
        "951 (360)",
        "0.75 (0.65–0.87)",
        "7.8e-05",
    ]
    assert [cell[0] for cell in laid.rows[1].cells][:3] == ["", "", "SPHK1"]
    assert laid.notes == ()


def test_what_is_missing_says_why_below_the_table() -> None:
    reason = "hazard ratio not estimable (SPHK1 high: no event among 9 patients)"
    absent = NOTHING | {"n": 0, "events": 0, "n_positive": 0, "events_positive": 0, "log_rank_p": np.nan}
    table = frame(
        [
            row("er-positive", "IGF1R", **NOTHING, note=reason),
            row("er-positive", "SPHK1", **absent, note="no mrna SPHK1 in the cohort's tables"),
            row("er-negative", "SPHK1", **absent, note="no mrna SPHK1 in the cohort's tables"),
            row("er-negative", "IGF1R", **absent, note="asked for OS: the cohort has no OS"),
        ]
    )
    laid = gene_table(table, 500)
    cells = [[cell[0] for cell in line.cells] for line in laid.rows]
    assert cells[0][3:] == ["1,903 (771)", "951 (360)", "not estimable", "7.8e-05"]
    assert cells[1][3:] == ["–", "–", "not measured", "–"]
    assert cells[3][5] == "not compared"
    assert [line.mark for line in laid.rows] == ["a", "b", "b", "c"]
    assert laid.notes[0] == f"(a) {reason}."
    assert len(laid.notes) == 3


def test_columns_do_not_run_into_each_other_or_out_of_the_table() -> None:
    long = "er-negative & node-negative & her2-negative & premenopausal & grade-3"
    laid = gene_table(frame([row(long, "ENSG00000140443.15"), row("all", "SPHK1", note="x " * 300)]), 494)
    right = [
        left + max(text_width(line, 6.8) for row in laid.rows for line in row.cells[i])
        for i, left in enumerate(laid.lefts)
    ]
    assert all(end < start for end, start in zip(right, laid.lefts[1:]))
    assert right[-1] <= 494
    assert len(laid.rows[0].cells[0]) > 1
    assert len(laid.notes) > 1


def test_three_rules_and_no_vertical_line() -> None:
    laid = gene_table(frame([row("all", "IGF1R")]), 494)
    ax = Figure().add_axes((0, 0, 1, 1))
    laid.draw(ax)
    rules = [line.get_xydata() for line in ax.get_lines()]
    assert len(rules) == 3
    assert all(rule[0, 1] == rule[1, 1] for rule in rules)
