"""A figure inside a page: matplotlib's SVG without style attributes, with ids of its own and words for a screen reader.

A strict content security policy lets no style attribute through, so each becomes presentation attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from xml.etree import ElementTree as ET

__all__ = ["InlineFigure", "inline_svg"]

_SVG = "http://www.w3.org/2000/svg"
_XML = "{http://www.w3.org/XML/1998/namespace}"

_DROPPED = ("metadata", "style")
_COORDINATES = ("d", "x", "y", "width", "height", "points")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"(?P<before>.*?)(?P<size>[\d.]+(?:px|pt))\s+(?P<family>.+)", re.DOTALL)
_STYLES, _WEIGHTS = ("italic", "oblique"), ("bold", "bolder", "lighter")


@dataclass(frozen=True, slots=True)
class InlineFigure:
    """A figure as a page holds it.

    Parameters
    ----------
    name : str
        Of its files, without the ending.
    title : str
        Its own heading; the name where it has none.
    words : str
        Every text of the figure that is no bare number, in reading order, and its caption.
    svg : str
        The element, safe to put into HTML.
    """

    name: str
    title: str
    words: str
    svg: str


def inline_svg(text: str, *, name: str, prefix: str) -> InlineFigure:
    """Make a figure part of a page.

    Parameters
    ----------
    text : str
        An SVG as ``figure_to_files`` writes it.
    name : str
    prefix : str
        Put before every id of the figure: ids are unique in the page.

    Returns
    -------
    InlineFigure
        The element scales with its container by its ``viewBox``. Coordinates are rounded to a hundredth of a point.
    """
    root = ET.fromstring(text)  # noqa: S314  (written by ourselves a moment ago)
    for element in root.iter():
        for child in [child for child in element if _local(child.tag) in _DROPPED]:
            element.remove(child)
    for element in root.iter():
        element.tag = _local(element.tag)
        attributes = dict(_attributes(element, prefix))
        element.attrib.clear()
        element.attrib.update(attributes)
        element.tail = None if element.tail is None else element.tail.strip() or None
    title, words = _words(root, prefix)
    _describe(root, title or name, words, prefix)
    return InlineFigure(name, title or name, words, ET.tostring(root, encoding="unicode"))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attributes(element: ET.Element, prefix: str) -> Iterator[tuple[str, str]]:
    """The attributes of an element; those of its style come last, as they win."""
    for key, value in element.attrib.items():
        name = _local(key)
        if name == "id":
            yield name, prefix + value
        elif name == "href" and value.startswith("#"):
            yield name, f"#{prefix}{value[1:]}"
        elif name in _COORDINATES:
            yield name, " ".join(_LONG.sub(_rounded, value).split())
        elif name != "style":
            yield f"xml:{name}" if key.startswith(_XML) else name, _own(value, prefix)
    for name, value in _presentation(element.get("style", "")):
        yield name, _own(value, prefix)


def _own(value: str, prefix: str) -> str:
    return value.replace("url(#", f"url(#{prefix}")


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _presentation(style: str) -> Iterator[tuple[str, str]]:
    """A style attribute as presentation attributes; ``font``, which is none of them, as its parts."""
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font" and (parts := _FONT.fullmatch(value)):
            yield from _font(parts)
        elif name == "white-space":
            yield "xml:space", "preserve" if value == "pre" else "default"
        else:
            yield name, value


def _font(parts: re.Match[str]) -> Iterator[tuple[str, str]]:
    for word in parts["before"].split():
        if word in _STYLES:
            yield "font-style", word
        elif word in _WEIGHTS or word.isdigit():
            yield "font-weight", word
        elif word != "normal":
            yield "font-stretch", word
    yield "font-size", parts["size"]
    yield "font-family", parts["family"]


def _words(root: ET.Element, prefix: str) -> tuple[str, str]:
    """The title of a figure, and what else it says: its panels first, then its caption.

    What is written on the figure itself stands beside its axes, or in its only axes: first the title, in bold, and last
    the caption, in one colour of its own.
    """
    beside = (group for group in root.findall("./g/g") if group.get("id", "").startswith(f"{prefix}text_"))
    own = [text for group in beside for text in group.iter("text")] or list(root.iter("text"))
    titles = list(takewhile(lambda text: _is_bold(text) and _looks(text) == _looks(own[0]), own))
    rest = own[len(titles) :]
    captions = list(takewhile(lambda text: text.get("fill") and _looks(text) == _looks(rest[-1]), reversed(rest)))[::-1]
    apart = {id(text) for text in (*titles, *captions)}
    # what a panel repeats is said once, what two panels share twice
    panels = [
        dict.fromkeys(_said(text) for text in group.iter("text") if id(text) not in apart)
        for group in root.findall("./g/g")
    ]
    inside = "; ".join(words for panel in panels for words in panel if re.search(r"[^\W\d_]", words))
    caption = " ".join(map(_said, captions))
    return " ".join(map(_said, titles)), f"{inside}. {caption}" if inside and caption else inside or caption


def _said(text: ET.Element) -> str:
    return " ".join("".join(text.itertext()).split())


def _is_bold(text: ET.Element) -> bool:
    return text.get("font-weight", "") in ("bold", "700")


def _looks(text: ET.Element) -> tuple[str | None, ...]:
    return text.get("font-size"), text.get("font-weight"), text.get("fill")


def _describe(root: ET.Element, title: str, words: str, prefix: str) -> None:
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    # matplotlib says so by a style for every element
    root.attrib.update({"xmlns": _SVG, "stroke-linejoin": "round", "stroke-linecap": "butt"})
    root.attrib.update({"role": "img", "aria-labelledby": f"{prefix}title", "aria-describedby": f"{prefix}words"})
    for place, (tag, name, text) in enumerate((("title", "title", title), ("desc", "words", words))):
        element = ET.Element(tag, {"id": f"{prefix}{name}"})
        element.text = text
        root.insert(place, element)
