"""The look of every figure, measures of text, and writing figures as bytes that never change."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import matplotlib as mpl
from matplotlib.colors import is_color_like
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, ScaledTranslation

from strata.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2DBase, Transform

__all__ = [
    "ALL_PATIENTS",
    "Preset",
    "Stroke",
    "figure_to_files",
    "figure_to_svg",
    "looks",
    "points_from",
    "points_of",
    "preset_of",
    "strokes",
    "text_width",
    "wrap",
    "write_words",
]

SMALL, NORMAL, LARGE, LETTER = 6.0, 6.8, 8.0, 10.0
"""Font sizes in points: table under a panel, text, headings, panel letters."""

TITLE_LINE, LINE = 11, 8.4
"""Points from a line of a title, and of a caption, to the next."""

GREY = "#555555"


class Preset(NamedTuple):
    """A page to draw for: width in points, height of the axes in units, and the points that make one unit.

    Every length of a figure is in units, 1 point each in a journal: text stays 6 to 8 points whatever the width. A
    slide takes two points for one.
    """

    width: float
    height: float
    unit: float = 1.0


PRESETS = {
    "single-column": Preset(252.3, 145.0),
    "double-column": Preset(518.7, 220.0),
    "presentation": Preset(720.0, 165.0, 2.0),
}
"""89 mm and 183 mm, the columns of most journals, and a slide of 10 inches."""


def preset_of(name: str) -> Preset:
    """The preset of a name.

    Raises
    ------
    UsageError
    """
    if name not in PRESETS:
        raise UsageError(Problem("", f"preset: {name!r} is not {' or '.join(PRESETS)}", code="E703"))
    return PRESETS[name]


# DejaVu Sans comes with matplotlib, so the same run draws the same figure on every machine; the rest is for
# viewers of the SVG, where text stays text
_RC: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": NORMAL,
    "text.usetex": False,
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "axes.linewidth": 0.7,
    "path.simplify": False,
    "savefig.bbox": None,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "strata",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
}


class Stroke(NamedTuple):
    """How one stratum is drawn."""

    colour: str
    dashes: str | tuple[float, tuple[float, ...]]


# Okabe and Ito's colours with lightness far apart (L* 54 and 0; 71, 46, 61 and 0), from five strata on beside some of
# Tol's (54, 73, 22, 44, 32, 64, 82 and 0); dashes tell strata apart without any colour. The last, the reference, is
# black.
_BLACK, _BLUE, _VERMILLION, _ORANGE, _SKY, _PURPLE = "#000000", "#0072B2", "#D55E00", "#E69F00", "#56B4E9", "#CC79A7"
_LIGHT, _INDIGO, _GREEN, _WINE, _TEAL, _SAND = "#60BCF0", "#332288", "#117733", "#882255", "#44AA99", "#DDCC77"
_COLOURS = {
    1: (_BLACK,),
    2: (_VERMILLION, _BLACK),
    3: (_VERMILLION, _SKY, _BLACK),
    4: (_ORANGE, _BLUE, _PURPLE, _BLACK),
}
_MANY = (_VERMILLION, _LIGHT, _INDIGO, _GREEN, _WINE, _TEAL, _SAND)
_DASHES: tuple[str | tuple[float, tuple[float, ...]], ...] = (
    "-",
    (0, (4.0, 1.4)),
    (0, (1.2, 1.2)),
    (0, (6.0, 1.4, 1.2, 1.4)),
    (0, (9.0, 1.6)),
    (0, (6.0, 1.4, 1.2, 1.4, 1.2, 1.4)),
    (0, (2.4, 1.2)),
    (0, (4.0, 1.2, 4.0, 1.2, 1.2, 1.2)),
)
ALL_PATIENTS = Stroke("#949494", (0, (5.0, 1.2, 1.0, 1.2, 1.0, 1.2, 1.0, 1.2)))
"""How the curve of all patients together is drawn, beside those of the strata."""


def strokes(n: int, colours: Sequence[str] | None = None) -> tuple[Stroke, ...]:
    """Colour and dashes of each of ``n`` strata, told apart in colour, in grey and by the colour-blind.

    Parameters
    ----------
    n : int
        1 to 8.
    colours : sequence of str, optional
        Colours to take instead; the dashes stay, so that the strata can be told apart whatever the colours.

    Raises
    ------
    UsageError
        When there are more strata, as many colours as strata are not given, or matplotlib does not know one.
    """
    if not 0 < n <= len(_DASHES):
        raise UsageError(
            Problem("", f"{n} strata cannot be told apart in one panel: at most {len(_DASHES)} are drawn", code="E810")
        )
    if colours is None:
        colours = _COLOURS.get(n, (*_MANY[: n - 1], _BLACK))
    wrong = [f"colours: {len(colours)} for {n} strata"] if len(colours) != n else []
    wrong += [f"colours: {colour!r} is not a colour" for colour in colours if not is_color_like(colour)]
    if wrong:
        raise UsageError([Problem("", text, code="E703") for text in wrong])
    return tuple(Stroke(*pair) for pair in zip(colours, _DASHES))


@contextmanager
def looks() -> Iterator[None]:
    """The settings under which figures are made and saved, whatever the caller's own, which come back after."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def points_from(ax: Axes, x: float, y: float, unit: float = 1.0) -> Transform:
    """Coordinates in units of points (1/72 inch) from the place (``x``, ``y``) of an axes, in fractions of it."""
    inches = ax.figure.dpi_scale_trans
    return Affine2D().scale(unit / 72) + inches + ScaledTranslation(x, y, cast("Affine2DBase", ax.transAxes))


def points_of(ax: Axes, unit: float = 1.0) -> tuple[float, float]:
    """Width and height of an axes in units of points."""
    in_units = 72 / ax.figure.dpi / unit
    return ax.bbox.width * in_units, ax.bbox.height * in_units


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line in points."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    with _missing_glyphs_are_boxes():
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Lines of at most ``width`` points, broken at spaces, and inside a word only when the word alone is wider."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        pieces = _pieces(word, width, size, bold=bold)
        lines = [line for line in lines if line] + pieces
    return lines


def _pieces(word: str, width: float, size: float, *, bold: bool) -> list[str]:
    """A word cut into parts that fit."""
    pieces = [""]
    for character in word:
        if pieces[-1] and text_width(pieces[-1] + character, size, bold=bold) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


@contextmanager
def _missing_glyphs_are_boxes() -> Iterator[None]:
    # a name in a script that DejaVu lacks is drawn as boxes: no reason to fail, nor to say so for every character
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def figure_to_files(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG (200 dpi), SVG (text stays text) and PDF (text stays text).

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    stem : Path
        Path without ending; ``.png``, ``.svg`` and ``.pdf`` are added.

    Returns
    -------
    list of Path
        The three files. The same figure gives the same bytes: no date is written, and ids do not vary.
    """
    paths = []
    for kind in _FACTS:
        path = stem.with_name(f"{stem.name}.{kind}")
        _save(figure, path, kind)
        paths.append(path)
    return paths


def figure_to_svg(figure: Figure) -> str:
    """A figure as the text of an SVG, the one that ``figure_to_files`` writes."""
    buffer = io.BytesIO()
    _save(figure, buffer, "svg")
    return buffer.getvalue().decode()


_FACTS: dict[str, dict[str, str | None]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""What each kind of file says of itself: no date."""


def _save(figure: Figure, target: Path | io.BytesIO, kind: str) -> None:
    with looks(), _missing_glyphs_are_boxes():
        figure.savefig(target, format=kind, dpi=200, metadata=_FACTS[kind])


def write_words(
    figure: Figure, titles: Sequence[str], captions: Sequence[str], size: tuple[float, float], margin: float
) -> None:
    """Write the lines of a title from the top and those of a caption from the bottom; ``size`` in points."""
    width, height = size
    for i, text in enumerate(titles):
        y = 1 - (margin + TITLE_LINE * i) / height
        figure.text(margin / width, y, text, size=LARGE, weight="bold", va="top")
    for i, text in enumerate(captions):
        y = (margin + LINE * (len(captions) - 1 - i)) / height
        figure.text(margin / width, y, text, size=SMALL, color=GREY, va="bottom")
