"""A figure inside a page: no style, its own ids, every text kept, words for who cannot see it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from strata.report.page.svg import inline_svg


@pytest.fixture(scope="module")
def drawn(results, tmp_path_factory):
    """The SVG of Figure 2 on the bundled cohort."""
    from strata.report import Drawing, draw_figures

    folder = tmp_path_factory.mktemp("svg")
    draw_figures(results, folder, Drawing())
    return (folder / "figure2.svg").read_text(encoding="utf-8")


def texts(svg):
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter() if text.tag.rpartition("}")[2] == "text"]


def test_no_text_is_lost_and_no_style_is_left(drawn):
    figure = inline_svg(drawn, name="figure2", prefix="a-")
    assert texts(figure.svg) == texts(drawn)
    assert len(texts(drawn)) > 100
    assert "style=" not in figure.svg
    for gone in ("<style", "<metadata", "xlink:", "<!DOCTYPE"):
        assert gone in drawn
        assert gone not in figure.svg


def test_every_style_became_attributes(drawn):
    figure = ET.fromstring(inline_svg(drawn, name="figure2", prefix="a-").svg)
    before = [e.get("style", "") for e in ET.fromstring(drawn).iter() if e.tag.rpartition("}")[2] in ("path", "text")]
    after = [e.attrib for e in figure.iter() if e.tag.rpartition("}")[2] in ("path", "text")]
    assert len(before) == len(after)
    checked = 0
    for style, attributes in zip(before, after, strict=True):
        for declaration in filter(None, style.split(";")):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name != "font":
                assert attributes[name] == value or "url(" in value
                checked += 1
    assert checked > 500


def test_ids_are_of_this_figure_and_what_points_at_them_still_does(drawn):
    one, two = (inline_svg(drawn, name="figure2", prefix=prefix).svg for prefix in ("a-", "b-"))
    ids = re.findall(r'\bid="([^"]+)"', one)
    assert all(name.startswith("a-") for name in ids)
    assert set(ids).isdisjoint(re.findall(r'\bid="([^"]+)"', two))
    pointed = set(re.findall(r'href="#([^"]+)"', one)) | set(re.findall(r"url\(#([^)]+)\)", one))
    assert pointed
    assert pointed <= set(ids)


def test_it_scales_and_has_words(drawn):
    figure = inline_svg(drawn, name="figure2", prefix="a-")
    root = ET.fromstring(figure.svg)
    assert root.get("width") is None
    assert root.get("height") is None
    assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", root.get("viewBox"))
    assert figure.title == "figure2-breast: IGF1R and SPHK1 mRNA both high"
    assert figure.words.endswith("Cohort: figure2-breast.")
    assert "ER-positive; " in figure.words
    assert " 120; " not in figure.words
    # each of the four panels says what its ratio is
    assert figure.words.count("HR, both high vs rest:") == 4
    title, words = (root.find(f"{{http://www.w3.org/2000/svg}}{tag}") for tag in ("title", "desc"))
    assert (title.text, words.text) == (figure.title, figure.words)
    assert root.get("aria-labelledby") == title.get("id")


def test_the_shorthand_of_fonts_and_hostile_words():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9pt" viewBox="0 0 9 9"><g id="figure_1"><g id="text_1">'
        '<text style="font: italic 700 8px \'DejaVu Sans\', serif; white-space: pre" x="1.23456">'
        "&lt;/svg&gt;&lt;script&gt; &amp; words</text></g></g></svg>"
    )
    figure = inline_svg(svg, name="n", prefix="z-")
    text = next(e for e in ET.fromstring(figure.svg).iter() if e.tag.endswith("}text"))
    assert {k: v for k, v in text.attrib.items() if k.startswith("font")} == {
        "font-style": "italic",
        "font-weight": "700",
        "font-size": "8px",
        "font-family": "'DejaVu Sans', serif",
    }
    assert text.get("x") == "1.23"
    assert "<script" not in figure.svg
    assert figure.title == "</svg><script> & words"


def test_a_figure_that_is_one_axes_has_its_heading_and_caption_there():
    style = "font: {0} 8px serif"
    texts = [("700", "", "One title"), ("400", "", "a row"), ("400", "; fill: #555555", "A caption.")]
    inside = "".join(f'<text style="{style.format(weight)}{fill}">{text}</text>' for weight, fill, text in texts)
    axes = f'<g id="figure_1"><g id="axes_1">{inside}</g></g>'
    figure = inline_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{axes}</svg>', name="n", prefix="z-")
    assert (figure.title, figure.words) == ("One title", "a row. A caption.")


def test_without_a_heading_it_is_called_by_its_name():
    figure = inline_svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', name="flow", prefix="z-")
    assert (figure.title, figure.words) == ("flow", "")
