from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from strata.plots import plot_survival
from strata.plots.risk_rows import month_ticks, stratum_counts


def test_at_risk_censored_and_events_add_up_to_the_stratum(make) -> None:
    comparison = make(rates=(0.02, 0.008, 0.03), labels=("a", "b", "c"))
    ticks = month_ticks(float(comparison.time.max()), 200, 15)
    for i, (group, counts) in enumerate(zip(comparison.groups, stratum_counts(comparison, ticks))):
        own, event = comparison.time[comparison.group == i], comparison.event[comparison.group == i]
        assert (counts.at_risk + counts.censored + counts.events == group.n).all()
        assert counts.at_risk.tolist() == [(own >= tick).sum() for tick in ticks]
        assert counts.events.tolist() == [((own < tick) & event).sum() for tick in ticks]


def test_who_has_not_entered_yet_is_not_at_risk(make) -> None:
    two = make()
    late = replace(two, entry=np.minimum(10.0, two.time / 2))
    first, second = stratum_counts(late, [0.0, 5.0])
    for i, counts in enumerate((first, second)):
        at_5 = (late.entry < 5) & (two.time >= 5) & (two.group == i)
        assert counts.at_risk.tolist() == [0, at_5.sum()]


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
    found = month_ticks(limit, 200, 14)
    if limit == 1e6:
        assert found == [0.0, 1e6]
        return
    assert found == pytest.approx(list(ticks))


def test_wide_numbers_get_fewer_ticks() -> None:
    assert len(month_ticks(150, 190, 40)) < len(month_ticks(150, 190, 12))


def test_the_drawn_numbers_are_the_counts_and_do_not_touch(make) -> None:
    comparison = make(n=4000)
    ax = plot_survival(comparison, endpoint="OS")
    ticks = ax.get_xticks()
    ax.figure.canvas.draw()
    drawn = [text for text in ax.texts if text.get_text().replace(",", "").isdigit()]
    numbers = [int(text.get_text().replace(",", "")) for text in drawn]
    rows = [row.tolist() for counts in stratum_counts(comparison, ticks) for row in counts]
    assert numbers == [number for row in rows for number in row]
    boxes = [text.get_window_extent() for text in drawn]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert [box.x0 + box.width / 2 for box in boxes[: len(ticks)]] == pytest.approx(
        [ax.transData.transform((tick, 0))[0] for tick in ticks], abs=1.0
    )
