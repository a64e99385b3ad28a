"""Figures from results: the only package that draws. It opens no window and leaves matplotlib's settings alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = [
    "ForestBlock",
    "ForestRow",
    "Panel",
    "coexpression_frame",
    "cumulative_incidence_frame",
    "draw_figure2",
    "draw_forest",
    "draw_qq",
    "draw_volcano",
    "facets_frame",
    "figure_to_files",
    "figure_to_svg",
    "forest_frame",
    "format_p",
    "marker_calls",
    "pair_map_frame",
    "plot_coexpression",
    "plot_cumulative_incidence",
    "plot_cut_profile",
    "plot_figure2",
    "plot_flow",
    "plot_forest",
    "plot_marker_matrix",
    "plot_pair_map",
    "plot_pooled",
    "plot_qq",
    "plot_rmst",
    "plot_schoenfeld",
    "plot_score",
    "plot_specification",
    "plot_subgroups",
    "plot_survival",
    "plot_survival_facets",
    "plot_survival_overlay",
    "plot_treatment",
    "plot_volcano",
    "pooled_blocks",
    "qq_frame",
    "risk_table_frame",
    "rmst_frame",
    "schoenfeld_frame",
    "signature_blocks",
    "subgroup_blocks",
    "survival_frame",
    "volcano_frame",
]

_HOME = {
    "ForestBlock": "forest_rows",
    "ForestRow": "forest_rows",
    "Panel": "panel_grid",
    "coexpression_frame": "coexpression",
    "cumulative_incidence_frame": "cumulative_incidence",
    "draw_figure2": "figure2",
    "draw_forest": "forest",
    "draw_qq": "scan",
    "draw_volcano": "scan",
    "facets_frame": "facets",
    "figure_to_files": "style",
    "figure_to_svg": "style",
    "forest_frame": "forest_rows",
    "format_p": "wording",
    "marker_calls": "marker_matrix",
    "pair_map_frame": "pair_map",
    "plot_coexpression": "coexpression",
    "plot_cumulative_incidence": "cumulative_incidence",
    "plot_cut_profile": "cut_profile",
    "plot_figure2": "figure2",
    "plot_flow": "flow",
    "plot_forest": "forest",
    "plot_marker_matrix": "marker_matrix",
    "plot_pair_map": "pair_map",
    "plot_pooled": "forest",
    "plot_qq": "scan",
    "plot_rmst": "restricted_mean",
    "plot_schoenfeld": "schoenfeld",
    "plot_score": "score",
    "plot_specification": "specification",
    "plot_subgroups": "forest",
    "plot_survival": "kaplan_meier",
    "plot_survival_facets": "facets",
    "plot_survival_overlay": "facets",
    "plot_treatment": "treatment",
    "plot_volcano": "scan",
    "pooled_blocks": "forest_rows",
    "qq_frame": "scan",
    "risk_table_frame": "kaplan_meier",
    "rmst_frame": "restricted_mean",
    "schoenfeld_frame": "schoenfeld",
    "signature_blocks": "forest_rows",
    "subgroup_blocks": "forest_rows",
    "survival_frame": "kaplan_meier",
    "volcano_frame": "scan",
}


def __getattr__(name: str) -> Any:
    """Load matplotlib only when a figure is asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
