"""The three main figures beside pictures of them that were looked at.

The references are in ``reference/``, in a folder named after the matplotlib that drew them. To take a change over, look
at the picture that the failing test names and copy it there.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.testing.compare import compare_images

from strata.plots import ForestBlock, ForestRow, Panel, draw_figure2, draw_forest, plot_survival
from strata.plots.style import looks
from strata.survival.result import HazardRatio, frame

(REFERENCE,) = (Path(__file__).parent / "reference").iterdir()
MADE_WITH = REFERENCE.name.removeprefix("matplotlib-")
TOLERANCE = 4.0
"""Root mean square of the difference, of 255: another hinting of the text passes, another curve does not."""

pytestmark = pytest.mark.skipif(
    mpl.__version__ != MADE_WITH,
    reason=f"the reference pictures were drawn by matplotlib {MADE_WITH}, this is {mpl.__version__}",
)


def kaplan_meier(make, seed=1):
    return plot_survival(make(n=240, seed=seed), endpoint="OS", title="Invented patients", median_lines=True).figure


def figure2(make, seed=1):
    names = [("A", "er-positive"), ("B", "er-negative & node-negative")]
    panels = [
        Panel(letter, population, endpoint, make(seed=seed + i + 2 * j))
        for i, (letter, population) in enumerate(names)
        for j, endpoint in enumerate(("DFS", "OS"))
    ]
    row = {"endpoint": "OS", "comparison": "IGF1R", "n": 570, "events": 141, "n_positive": 285, "events_positive": 80}
    ratio = {"hazard_ratio": 1.45, "hazard_ratio_lower": 0.98, "hazard_ratio_upper": 2.14, "log_rank_p": 0.034}
    table = frame([row | ratio | {"population": name, "estimable": True, "note": ""} for _, name in names])
    return draw_figure2(panels, table, title="Invented patients", caption="They have no biological meaning.")


def forest(make, seed=1):
    rows = [
        ForestRow(f"cohort {i}", ("15 (12)", "43 (26)"), HazardRatio(1.0 + i / seed, 0.7, 3.0 + i, 0.05), 0.04, 0.25)
        for i in range(3)
    ]
    pooled = ForestRow("Random effects", ("45", "129"), HazardRatio(1.9, 1.2, 3.0, 0.01), 0.01, pooled=True)
    blocks = [ForestBlock("All patients, OS", (*rows, pooled), "I2 12 %")]
    headings = ("high, n (events)", "rest, n (events)")
    return draw_forest(blocks, headings=headings, title="Invented cohorts", caption="c", axis="Hazard ratio")


def picture(figure, path: Path) -> Path:
    with looks():
        figure.savefig(path, dpi=60)
    return path


@pytest.mark.parametrize("draw", [kaplan_meier, figure2, forest])
def test_looks_as_it_did_when_it_was_looked_at(make, tmp_path, draw) -> None:
    drawn = picture(draw(make), tmp_path / f"{draw.__name__}.png")
    different = compare_images(str(REFERENCE / drawn.name), str(drawn), TOLERANCE)
    assert different is None, f"{different}\nlook at {drawn}"


@pytest.mark.parametrize("draw", [kaplan_meier, figure2, forest])
def test_other_numbers_look_different(make, tmp_path, draw) -> None:
    drawn = picture(draw(make, seed=2), tmp_path / f"{draw.__name__}.png")
    assert compare_images(str(REFERENCE / drawn.name), str(drawn), TOLERANCE) is not None
