"""The scale of a table of numbers: declared, told by the file's name, else judged from its first rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from strata.cohort.findings import count, listed
from strata.cohort.matrix import Numbers
from strata.cohort.numbers import BadNumbers, Floats, is_missing, missing_words, parse_numbers, without_codes
from strata.cohort.options import ReadOptions, remedy
from strata.errors import Problem, shown

__all__ = ["GISTIC", "cell_notes", "head_numbers", "head_problems", "linear_note", "scale_of", "sentinel_note"]

GISTIC = (-2.0, -1.5, -1.0, 0.0, 1.0, 2.0)
_ALLOWED = {"copy_number": {"gistic", "copies"}}
_EXPRESSION = {"log2", "linear", "counts", "z-score"}
_Z_NAME = re.compile(r"z-?_?scores?", re.IGNORECASE)
_SAID = re.compile(r"_scale-(log2|linear|counts|z-score|gistic|copies|unknown)(?=\.)")
"""How a file's name states its scale."""
_SENTINELS = (-9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0)
_BEYOND = 1e6
_PLAINLY_MISSING = frozenset({"", "NA", "NaN", "nan"})
_JUDGED = "judged from"
_LINEAR_FROM = 30.0
"""Values from here on are hardly logarithms."""
_LOG_BELOW, _LOG_MEDIAN, _LINEAR_SPAN, _GENES_TO_JUDGE = 25.0, 3.0, 10.0, 3
"""Of logarithms declared linear: above all values, below their median, more than their span; genes that it takes."""


def head_numbers(head: Sequence[Numbers], options: ReadOptions) -> Floats:
    """The first rows of a matrix as numbers; cells that are none are NaN here and are reported when they are read."""
    words = missing_words(options.na)
    parts = [without_codes(part.values, words) for part in head]
    for part, values in zip(head, parts, strict=True):
        for i in np.flatnonzero(~part.certain).tolist():
            values[i] = parse_numbers(part.cells(i), BadNumbers(), missing=words, decimal=options.decimal)
    return np.concatenate(parts) if parts else np.empty((0, 0))


def cell_notes(path: Path, head: Sequence[Numbers]) -> list[tuple[str, str]]:
    """Notes and codes on how cells of the first rows were read: words for missing, Unicode minus signs and digits."""
    cells = [text.strip() for part in head for i in np.flatnonzero(~part.certain).tolist() for text in part.cells(i)]
    words = Counter(text for text in cells if text not in _PLAINLY_MISSING and is_missing(text))
    marks = sum(not text.isascii() and not is_missing(text) for text in cells)
    notes = []
    if words:
        said = listed([f"{shown(word)} ({n})" for word, n in words.most_common()])
        notes.append(
            (f"{path.name}: {count(words.total(), 'cell')} among the first rows read as missing: {said}", "W405")
        )
    if marks:
        said = count(marks, "cell")
        text = f"{path.name}: {said} among the first rows with a Unicode minus, digit or space, read as numbers"
        notes.append((text, "W408"))
    return notes


def linear_note(kind: str, path: Path, scale: str, why: str) -> str:
    """That the numbers of an expression table are no logarithms, where nobody said so; empty when they may be."""
    if kind != "mrna" or scale not in {"linear", "counts"} or not why.startswith(_JUDGED):
        return ""
    same = "a cut at a median or quantile is the same on any scale, a mean, z-score or difference is not"
    fix = f"Give log2(x + 1), or, if this is what you want, {remedy('scale', scale)}"
    return f"{path.name}: the values look {'like counts' if scale == 'counts' else 'linear'}: {same}. {fix}"


def scale_of(kind: str, path: Path, head: Floats, options: ReadOptions, declared: str = "") -> tuple[str, str]:
    """The scale of a table and how it is known.

    Parameters
    ----------
    kind : str
        The assay.
    path : Path
    head : array of float, shape (n_features, n_samples)
        A part of the table.
    options : ReadOptions
        ``scale`` decides when it is given.
    declared : str
        What the study's meta file says.

    Returns
    -------
    scale, why : str
    """
    if options.scale in _ALLOWED.get(kind, _EXPRESSION):
        return options.scale, "declared"
    if declared:
        return declared, "as the layout tells"
    if said := _SAID.search(path.name):
        return said[1], "stated in the file name"
    if kind == "copy_number":
        return "gistic", "as copy number tables are unless declared"
    if _Z_NAME.search(path.name):
        return "z-score", "from the file name"
    if kind == "serum":
        return "linear", "as serum tables are unless declared"
    return _judged(head)


def _judged(head: Floats) -> tuple[str, str]:
    head = np.where(strange_cells(head), np.nan, head)
    values = head[np.isfinite(head)]
    if not len(values):
        return "unknown", "no values among the first rows"
    low, high = float(values.min()), float(values.max())
    seen = f"{_JUDGED} {count(len(values), 'value')}, {low:.4g} to {high:.4g}"
    if _is_z(head):
        return "z-score", seen
    if high <= 30:
        return "log2", seen
    if high > 50 and low >= 0:
        return ("counts" if bool((values == np.round(values)).all()) else "linear"), seen
    return "unknown", seen


def _is_z(head: Floats) -> bool:
    """Whether nearly every gene has mean 0 and standard deviation 1 (within 0.02, over at least 20 samples)."""
    full = head[np.isfinite(head).sum(axis=1) >= 20] if head.ndim == 2 else head[:0]
    if len(full) < 3:
        return False
    centred = np.abs(np.nanmean(full, axis=1)) < 0.02
    if centred.mean() <= 0.9:
        return False
    sds = np.nanstd(full, axis=1, ddof=1)
    return bool((centred & (np.abs(sds - 1) < 0.02)).mean() > 0.9)


def head_problems(kind: str, path: Path, head: Floats, options: ReadOptions) -> list[Problem]:
    """What is wrong with the scale as far as the first rows show.

    Logarithms that are declared linear; half of the samples log, half linear.
    """
    if kind == "mrna" and options.scale in {"linear", "counts"}:
        return _declared_linear(path, head)
    if kind == "copy_number" or options.scale or head.ndim != 2 or min(head.shape) < 5:
        return []
    return _mixed_scales(path, head)


def _declared_linear(path: Path, head: Floats) -> list[Problem]:
    """Refused is only what can be nothing but logarithms.

    Linear expression of several genes spans more than a factor of ten, and begins near 0; ratios lie around 1.
    """
    values = head[np.isfinite(head)]
    if head.ndim != 2 or min(head.shape) < _GENES_TO_JUDGE or not len(values):
        return []
    low, middle, high = float(values.min()), float(np.median(values)), float(values.max())
    whole = bool((values == np.round(values)).all())
    if whole or high >= _LOG_BELOW or middle < _LOG_MEDIAN or low <= 0 or high / low > _LINEAR_SPAN:
        return []
    what = f"values {low:.4g}..{high:.4g} are already on a log scale"
    return [Problem(str(path), what, f"Declare the scale that they are on: {remedy('scale', 'log2')}", code="E410")]


def _mixed_scales(path: Path, head: Floats) -> list[Problem]:
    values = np.where(np.isfinite(head), head, 0.0)
    if values.max() < _LINEAR_FROM:
        return []
    medians = np.sort(np.median(values, axis=0))
    cut = int(np.searchsorted(medians, _LINEAR_FROM))
    few = max(2, len(medians) // 10)
    if cut < few or len(medians) - cut < few or medians[0] <= 0:
        return []
    low, high = medians[:cut], medians[cut:]
    if high[0] / low[-1] < 3 or low[-1] / low[0] > 3:
        return []
    what = f"the samples' medians fall in two groups ({np.median(low):.3g} and {np.median(high):.3g}): mixed scales?"
    return [
        Problem(
            str(path), what, f"Bring all samples to one scale; if it is one, {remedy('scale', 'linear')}", code="E411"
        )
    ]


def strange_cells(head: Floats) -> npt.NDArray[np.bool_]:
    """Cells that look like a code for missing (9999 while the rest is 3 to 13), or a million times beyond the rest."""
    coded = np.isin(head, _SENTINELS)
    if not coded.any() and not (np.abs(head) > _BEYOND).any():
        return coded
    rest = np.abs(head[np.isfinite(head) & ~coded])
    if not len(rest):
        return np.zeros(head.shape, dtype=np.bool_)
    negative = head[np.isfinite(head) & ~coded].min() < 0
    coded &= (np.abs(head) > 10 * rest.max()) | ((head < 0) & (not negative))
    beyond = np.abs(head) > _BEYOND * max(1.0, float(np.quantile(rest, 0.9)))
    strange: npt.NDArray[np.bool_] = coded | (beyond & np.isfinite(head))
    return strange


def sentinel_note(path: Path, head: Floats) -> str:
    """A note on the strange cells among the first rows; empty when there is none."""
    strange = strange_cells(head)
    if not strange.any():
        return ""
    rest, code = head[np.isfinite(head) & ~strange], head[strange][0]
    cells = f"{count(int(strange.sum()), 'cell')} among the first rows such as {code:g}"
    span = f"while the rest is {rest.min():.3g} to {rest.max():.3g}"
    return f"{path.name}: {cells} {span}; if it means missing, {remedy('na', f'{code:g}')}"
