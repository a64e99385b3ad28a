"""Figures from results: the only package that draws. It opens no window and leaves matplotlib's settings alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = [
    "ForestBlock",
    "ForestRow",
    "Panel",
    "draw_cut_profile",
    "draw_figure2",
    "draw_forest",
    "draw_qq",
    "draw_volcano",
    "figure_to_files",
    "format_p",
    "plot_survival",
]

_HOME = {
    "ForestBlock": "forest",
    "ForestRow": "forest",
    "Panel": "figure2",
    "draw_cut_profile": "cut_profile",
    "draw_figure2": "figure2",
    "draw_forest": "forest",
    "draw_qq": "scan",
    "draw_volcano": "scan",
    "figure_to_files": "style",
    "format_p": "wording",
    "plot_survival": "kaplan_meier",
}


def __getattr__(name: str) -> Any:
    """Load matplotlib only when a figure is asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
