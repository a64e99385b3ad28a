from __future__ import annotations

from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from strata.errors import UsageError
from strata.plots.style import ALL_PATIENTS, figure_to_files, looks, preset_of, strokes, text_width, wrap


def lightness(colour: str) -> float:
    """L* of CIELAB: what is left of a colour in grey."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


# Machado, Oliveira and Fernandes 2009: linear RGB as seen without the long, middle or short wave cones
BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen(colour: str, matrix: list[list[float]]) -> np.ndarray:
    """CIELAB (white point D65) of a colour as a colour-blind person sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.clip(matrix @ np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("n", range(2, 9))
def test_strata_differ_in_grey_in_dashes_and_for_the_colour_blind(n: int) -> None:
    grey = sorted(lightness(stroke.colour) for stroke in strokes(n))
    assert min(b - a for a, b in pairwise(grey)) > 9
    assert grey[-1] < 83  # seen on white
    assert len({stroke.dashes for stroke in strokes(n)}) == n
    assert ALL_PATIENTS.dashes not in {stroke.dashes for stroke in strokes(n)}
    for matrix in BLIND.values():
        colours = [seen(stroke.colour, np.array(matrix)) for stroke in strokes(n)]
        assert min(np.linalg.norm(a - b) for a, b in combinations(colours, 2)) > 9


def test_more_strata_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(UsageError, match="9 strata cannot be told apart in one panel: at most 8"):
        strokes(9)


def test_colours_of_ones_own_keep_the_dashes() -> None:
    assert [s.colour for s in strokes(2, ["red", "#123456"])] == ["red", "#123456"]
    assert [s.dashes for s in strokes(2, ["red", "#123456"])] == [s.dashes for s in strokes(2)]
    with pytest.raises(UsageError) as refused:
        strokes(3, ["red", "reddish"])
    assert "2 for 3 strata" in str(refused.value)
    assert "'reddish' is not a colour" in str(refused.value)


def test_presets_are_the_widths_of_journals() -> None:
    widths = {name: preset_of(name).width / 72 * 25.4 for name in ("single-column", "double-column", "presentation")}
    assert widths == pytest.approx({"single-column": 89, "double-column": 183, "presentation": 254}, abs=0.05)
    with pytest.raises(UsageError, match="'poster' is not single-column or double-column or presentation"):
        preset_of("poster")


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
