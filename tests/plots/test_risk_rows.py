from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from strata.plots import plot_survival
from strata.plots.kaplan_meier import risk_table_frame
from strata.plots.look import Look
from strata.plots.risk_rows import risk_counts, time_ticks
from strata.plots.steps import drawn_strata, stratum_labels


def drawn(comparison, **look):
    return drawn_strata(comparison, stratum_labels(comparison), Look(**look))


def test_at_risk_censored_and_events_add_up_to_the_stratum(make) -> None:
    comparison = make(rates=(0.02, 0.008, 0.03), labels=("a", "b", "c"))
    ticks = time_ticks(float(comparison.time.max()), 200, 15)
    table = risk_table_frame(comparison, ticks)
    for i, (group, stratum) in enumerate(zip(comparison.groups, drawn(comparison))):
        counts = risk_counts(stratum, ticks)
        own, event = comparison.time[comparison.group == i], comparison.event[comparison.group == i]
        assert (sum(counts.values()) == group.n).all()
        assert counts["At risk"].tolist() == [(own >= tick).sum() for tick in ticks]
        assert counts["Events"].tolist() == [((own < tick) & event).sum() for tick in ticks]
        rows = table[table["stratum"] == group.label]
        assert rows[["at_risk", "censored", "events"]].to_numpy().T.tolist() == [c.tolist() for c in counts.values()]


def test_competing_events_have_a_row_of_their_own(make) -> None:
    comparison = make()
    competing = replace(comparison, competing=~comparison.event & (np.arange(comparison.n) % 3 == 0))
    for plain, with_competing in zip(drawn(comparison), drawn(competing)):
        before, after = (risk_counts(stratum, [0, 30, 60]) for stratum in (plain, with_competing))
        assert list(after) == ["At risk", "Censored", "Competing", "Events"]
        assert (after["Censored"] + after["Competing"] == before["Censored"]).all()
        assert after["Competing"][-1] > 0


def test_who_has_not_entered_yet_has_a_row_so_that_the_rows_add_up(make) -> None:
    comparison = make()
    late = replace(comparison, entry=comparison.time * 0.4)
    ticks = [0.0, 6.0, 24.0, 60.0]
    for i, stratum in enumerate(drawn(late)):
        counts = risk_counts(stratum, ticks)
        assert list(counts) == ["At risk", "Censored", "Events", "Not entered"]
        assert (sum(counts.values()) == stratum.n).all()
        entry = late.entry[late.group == i]
        assert counts["Not entered"].tolist() == [(entry >= tick).sum() for tick in ticks]
    assert "not_entered" in risk_table_frame(late, ticks)
    assert "Not entered" in [text.get_text() for text in plot_survival(late).texts]


def test_percent_are_of_the_stratum_and_hide_what_counts_hide(make) -> None:
    comparison = make()
    written = [text.get_text() for text in plot_survival(comparison, risk_table="percent").texts]
    assert written.count("At risk, %") == 2
    assert "Censored" not in written
    assert written.count("100") == 2
    few = [text.get_text() for text in plot_survival(comparison, risk_table="percent", min_cell=11).texts]
    assert "<11" in few or "-" in few


def test_only_at_risk(make) -> None:
    comparison = make()
    ax = plot_survival(comparison, risk_table="at_risk", break_every=24)
    numbers = [int(t.get_text()) for t in ax.texts if t.get_text().isdigit()]
    wanted = [count for s in drawn(comparison) for count in risk_counts(s, ax.get_xticks())["At risk"]]
    assert numbers == wanted


def test_who_has_not_entered_yet_is_not_at_risk(make) -> None:
    two = make()
    late = replace(two, entry=np.minimum(10.0, two.time / 2))
    for i, stratum in enumerate(drawn(late)):
        at_5 = (late.entry < 5) & (two.time >= 5) & (two.group == i)
        assert risk_counts(stratum, [0.0, 5.0])["At risk"].tolist() == [0, at_5.sum()]


@pytest.mark.parametrize(
    ("limit", "ticks"),
    [
        (96, range(0, 97, 12)),
        (150, range(0, 145, 24)),
        (355, range(0, 301, 60)),
        (14, range(0, 15, 2)),
        (0.8, np.arange(0, 0.81, 0.1)),
        (1e6, [0.0]),
    ],
)
def test_ticks_are_round_numbers_of_months(limit: float, ticks) -> None:
    found = time_ticks(limit, 200, 14)
    if limit == 1e6:
        assert found == [0.0, 1e6]
        return
    assert found == pytest.approx(list(ticks))


def test_wide_numbers_get_fewer_ticks() -> None:
    assert len(time_ticks(150, 190, 40)) < len(time_ticks(150, 190, 12))


def test_the_drawn_numbers_are_the_counts_and_do_not_touch(make) -> None:
    comparison = make(n=4000)
    ax = plot_survival(comparison, endpoint="OS")
    ticks = ax.get_xticks()
    ax.figure.canvas.draw()
    written = [text for text in ax.texts if text.get_text().replace(",", "").isdigit()]
    numbers = [int(text.get_text().replace(",", "")) for text in written]
    rows = [row.tolist() for stratum in drawn(comparison) for row in risk_counts(stratum, ticks).values()]
    assert numbers == [number for row in rows for number in row]
    boxes = [text.get_window_extent() for text in written]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert [box.x0 + box.width / 2 for box in boxes[: len(ticks)]] == pytest.approx(
        [ax.transData.transform((tick, 0))[0] for tick in ticks], abs=1.0
    )
