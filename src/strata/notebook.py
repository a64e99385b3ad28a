"""How results show themselves in a notebook and at the prompt: counts and numbers, never a patient.

A saved notebook keeps what it showed, so a result that holds tables by patient must not print them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from numbers import Integral, Real

__all__ = ["MOST_ROWS", "Shown", "Summary"]

MOST_ROWS = 20
"""Rows of a table that are shown."""

MOST_NOTES = 6
"""Notes that are shown unfolded."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A result at a glance.

    Parameters
    ----------
    title : str
    facts : mapping of str to object
        What was asked and counted, a line each. None and empty text are left out.
    columns : sequence of str
    rows : iterable of sequences
        The cells under ``columns``; the first ``MOST_ROWS`` are shown and the others counted. None and NaN are empty
        cells.
    total : int, optional
        How many rows there are, where ``rows`` are only the first of them.
    notes : sequence of str
    """

    title: str
    facts: Mapping[str, object] = field(default_factory=dict)
    columns: Sequence[str] = ()
    rows: Iterable[Sequence[object]] = ()
    total: int | None = None
    notes: Sequence[str] = ()

    def html(self) -> str:
        """A heading and two tables, every text escaped."""
        shown, facts, notes = self._parts()
        parts = [f"<p><strong>{escape(self.title)}</strong></p>"]
        if facts:
            parts.append(f"<table><tbody>{''.join(_html_row(line, head=1) for line in facts)}</tbody></table>")
        if shown:
            head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
            body = "".join(map(_html_row, shown))
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        if notes:
            listed = f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"
            folded = f"<details><summary>{len(notes)} notes</summary>{listed}</details>"
            parts.append(folded if len(notes) > MOST_NOTES else listed)
        return f'<div class="strata-summary">{"".join(parts)}</div>'

    def text(self) -> str:
        """The same in aligned lines."""
        shown, facts, notes = self._parts()
        lines = [self.title, *_aligned(facts)]
        if shown:
            lines += _aligned([list(self.columns), *shown])
        return "\n".join([*lines, *(f"  note: {note}" for note in notes)])

    def _parts(self) -> tuple[list[list[str]], list[list[str]], list[str]]:
        """The rows to show, the facts and the notes, all as text."""
        rows = list(self.rows)
        facts = [[name, cell] for name, value in self.facts.items() if (cell := _cell(value))]
        left = (len(rows) if self.total is None else self.total) - MOST_ROWS
        more = [f"{left:,} more rows: to_frame()"] if left > 0 else []
        return [[_cell(value) for value in row] for row in rows[:MOST_ROWS]], facts, [*more, *self.notes]


class Shown:
    """A value that shows a ``Summary`` of itself."""

    __slots__ = ()

    @abstractmethod
    def _summary(self) -> Summary:
        """What is shown."""

    def __repr__(self) -> str:
        return self._summary().text()

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self._summary().html()


def _cell(value: object) -> str:
    """Counts with thousands, other numbers with four digits; nothing for what is missing."""
    if value is None or str(value) in ("nan", "<NA>"):
        return ""
    if isinstance(value, Integral):
        return f"{value:,}"
    if isinstance(value, Real):
        return f"{value:.4g}"
    return " ".join(str(value).split())


def _html_row(cells: Sequence[str], *, head: int = 0) -> str:
    """A row of a table, whose first ``head`` cells name the others."""
    names = "".join(f'<th scope="row">{escape(cell)}</th>' for cell in cells[:head])
    return f"<tr>{names}{''.join(f'<td>{escape(cell)}</td>' for cell in cells[head:])}</tr>"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
