"""Figure 2: survival panels by population and endpoint, and the table of each gene alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from strata.plots.facets import panels_of
from strata.plots.gene_table import gene_table
from strata.plots.look import Look
from strata.plots.panel_grid import HEADING_LINE, LETTER_ROOM, MARGIN, WIDTH, draw_facets
from strata.plots.style import LARGE, looks
from strata.survival.result import results_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from strata.plots.gene_table import GeneTable
    from strata.plots.panel_grid import Page, Panel
    from strata.survival import SurvivalComparison

__all__ = ["draw_figure2", "plot_figure2"]


def plot_figure2(
    results: Sequence[SurvivalComparison],
    *,
    comparison: str = "positive_vs_rest",
    title: str = "",
    caption: str = "",
) -> list[Axes]:
    """Draw the results of ``compare_coexpression`` in several populations and for several endpoints as Figure 2.

    Parameters
    ----------
    results : sequence of SurvivalComparison
        Of one cohort and one pair of genes; populations are rows, endpoints columns.
    comparison : str
        What the panels show: ``"positive_vs_rest"`` or ``"both_vs_neither"``.
    title, caption : str
        Above and below, wrapped.

    Returns
    -------
    list of matplotlib.axes.Axes
        One a result, in their order, of one figure with the table of each gene alone below. A result without curves is
        a frame with the reason. ``facets_frame(results, comparison=...)`` gives the numbers of the panels,
        ``results_frame(results)`` those of the table.

    Raises
    ------
    UsageError
        When there is no result, or one has no such comparison.
    """
    panels = panels_of(results, comparison)
    alone = {row.name for result in results for row in result.comparisons if row.own_cut is not None}
    table = results_frame(results)
    return _draw(panels, table[table["comparison"].isin(alone)], title=title, caption=caption)[1]


def draw_figure2(panels: Sequence[Panel], table: pd.DataFrame, *, title: str, caption: str) -> Figure:
    """Draw the panels (rows are populations, columns endpoints) and the table of single genes below them.

    Parameters
    ----------
    panels : sequence of Panel
        In reading order. With one endpoint or one population only, two panels stand side by side.
    table : DataFrame
        Rows of the results (``strata.survival.result.COLUMNS``), one a gene, population and endpoint; ``comparison``
        holds the gene's symbol. Rows without a hazard ratio say so and give their note below the table.
    title, caption : str
        Above and below everything, wrapped. The caption states cut, cut scope, comparator and number of tests.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide, as high as it needs to be; ``figure_to_files`` writes it.
    """
    return _draw(panels, table, title=title, caption=caption)[0]


def _draw(panels: Sequence[Panel], table: pd.DataFrame, *, title: str, caption: str) -> tuple[Figure, list[Axes]]:
    with looks():
        below = _SingleGenes(_letter_after(panels), gene_table(table, WIDTH - 2 * MARGIN))
    return draw_facets(panels, title=title, caption=caption, look=Look(), below=below)


class _SingleGenes(NamedTuple):
    """The table of single genes with its letter and heading."""

    letter: str
    table: GeneTable

    @property
    def height(self) -> float:
        """Points that it takes; 0 without a row."""
        return HEADING_LINE + 6 + self.table.height + 10 if self.table.rows else 0.0

    def draw(self, page: Page, top: float) -> None:
        """Draw it from ``top`` points down."""
        page.letter(self.letter, MARGIN, top)
        top = page.write(["Each gene alone"], MARGIN + LETTER_ROOM, top, HEADING_LINE, size=LARGE) + 6
        self.table.draw(page.axes(MARGIN, top, self.table.width, self.table.height, frame=False))


def _letter_after(panels: Sequence[Panel]) -> str:
    """The table's letter: the one after the last panel's."""
    last = max((panel.letter for panel in panels), default="")
    return chr(ord(last[0]) + 1) if last else "A"
