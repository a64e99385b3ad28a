"""Read a page as a browser does, far enough to ask what is in it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "br", "img", "input", "hr", "link"}


class Page(HTMLParser):
    """The elements of a page, with the text in each section and table.

    Attributes
    ----------
    elements : list of (tag, attributes)
    texts : dict of tag to list of str
        The text of every element of a tag, inner elements included.
    tables : dict of id to list of rows
        Each row is the list of its cells' texts; the first is the header.
    open : list
        Elements that were not closed at the end.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self.open: list[tuple[str, list[str]]] = []
        self._table: list[list[list[str]]] = []
        self.feed(html)
        self.close()

    @classmethod
    def of(cls, path: Path) -> Page:
        return cls(path.read_text(encoding="utf-8"))

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts["body"]).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, []))
        if tag == "table":
            self._table.append([])
            self.tables[dict(attrs).get("id", "")] = self._table[-1]
        elif tag == "tr":
            self._table[-1].append([])

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if any(tag in ("style", "script") for tag, _ in self.open[-1:]):
            self.open[-1][1].append(data)
            return
        for _, said in self.open:
            said.append(data)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        name, said = self.open.pop()
        assert name == tag, f"</{tag}> closes <{name}>"
        text = "".join(said)
        self.texts.setdefault(tag, []).append(text)
        if tag in ("td", "th") and self._table and self._table[-1]:
            self._table[-1][-1].append(" ".join(text.split()))
        elif tag == "table":
            self._table.pop()

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]
