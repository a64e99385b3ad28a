"""The files of searched cut-points: the profile as a table and as figures, and cut-points to apply elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.report.multiplicity import tests_in_words
from strata.report.tables import write_tsv

if TYPE_CHECKING:
    from strata.analysis import Results
    from strata.survival import CutPointSearch

__all__ = ["write_searches"]


def write_searches(results: Results, folder: Path, *, figures: bool = True) -> list[Path]:
    """Write every search of a run; nothing when there is none, nor of a run that is shared: cuts are patients' values.

    ``cut_profiles.tsv`` holds every cut that was tried; ``cut_profile.png``, ``.svg`` and ``.pdf`` draw them, and
    ``cut_points.json`` can be applied to another cohort. With several searches these are
    ``figures/COHORT-SIGNATURE-POPULATION-ENDPOINT-cut_profile.*`` and ``cut_points/....json``.
    """
    found = [search for cohort in results.cohorts for search in cohort.searches if search.cut == search.cut]
    if not found or results.plan.share:
        return []
    tables = []
    files: list[Path] = []
    for search in found:
        profile = search.profile
        tables.append(_with_keys(search, profile))
        name = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(_keys(search).values()))
        one = len(found) == 1
        points = folder / "cut_points.json" if one else folder / "cut_points" / f"{name}.json"
        points.parent.mkdir(exist_ok=True)
        search.cut_points.save(points)
        if figures:
            stem = folder / "cut_profile" if one else folder / "figures" / f"{name}-cut_profile"
            files += _draw(search, profile, results, stem)
    write_tsv(pd.concat(tables, ignore_index=True), folder / "cut_profiles.tsv")
    return files


def _draw(search: CutPointSearch, profile: pd.DataFrame, results: Results, stem: Path) -> list[Path]:
    from strata.plots import figure_to_files, plot_cut_profile

    # the corrected P and that of the median split
    caption = tests_in_words(results.tests, 2)
    stem.parent.mkdir(exist_ok=True)
    files: list[Path] = figure_to_files(plot_cut_profile(search, profile, caption=caption)[0].figure, stem)
    return files


def _keys(search: CutPointSearch) -> dict[str, Any]:
    result = search.result
    keys = ("cohort", "signature", "population", "endpoint")
    return {key: getattr(result, key) for key in keys}


def _with_keys(search: CutPointSearch, profile: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(_keys(search), index=profile.index), profile], axis=1)
