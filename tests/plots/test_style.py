from __future__ import annotations

from itertools import pairwise

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from strata.errors import UsageError
from strata.plots.style import figure_to_files, looks, strokes, text_width, wrap


def lightness(colour: str) -> float:
    """L* of CIELAB: what is left of a colour in grey."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("n", [2, 3, 4])
def test_strata_differ_in_grey_and_in_dashes(n: int) -> None:
    grey = sorted(lightness(stroke.colour) for stroke in strokes(n))
    assert min(b - a for a, b in pairwise(grey)) > 9
    assert len({stroke.dashes for stroke in strokes(n)}) == n


def test_more_strata_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(UsageError, match="at most 4"):
        strokes(5)


def test_settings_come_back_and_the_callers_own_do_not_matter() -> None:
    with mpl.rc_context({"font.size": 31.0, "text.usetex": True}):
        with looks():
            assert mpl.rcParams["text.usetex"] is False
            assert mpl.rcParams["font.size"] < 10
        assert mpl.rcParams["font.size"] == 31.0
        assert mpl.rcParams["text.usetex"] is True


def test_wrapped_lines_fit_and_lose_nothing() -> None:
    text = "all other patients of the population with a_very_long_word_without_any_space_in_it at the end"
    lines = wrap(text, 70, 7)
    assert max(text_width(line, 7) for line in lines) <= 70
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap("", 70, 7) == [""]


def test_files_are_named_after_the_stem_with_its_dots(tmp_path) -> None:
    paths = figure_to_files(Figure(figsize=(1, 1)), tmp_path / "figure2.v1")
    assert [path.name for path in paths] == ["figure2.v1.png", "figure2.v1.svg", "figure2.v1.pdf"]
    assert [path.read_bytes()[:4] for path in paths] == [b"\x89PNG", b"<?xm", b"%PDF"]


def test_no_file_carries_a_date(tmp_path) -> None:
    _, svg, pdf = figure_to_files(Figure(figsize=(1, 1)), tmp_path / "f")
    assert b"dc:date" not in svg.read_bytes()
    assert b"CreationDate" not in pdf.read_bytes()
