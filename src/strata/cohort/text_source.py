"""The text of a table by the places in it, so that reading some rows costs those rows."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strata.cohort.files import Block, Stamp, blocks, changed, check_unchanged, chunks_of, file_kind, is_plain, stamp
from strata.cohort.options import ReadOptions

__all__ = ["Span", "TextSource"]

Span = tuple[int, int]
"""Where a piece of text begins and ends, in bytes."""

_MANY = 1 << 24
"""Bytes after which more are likely to be asked for: packed text is then read on from there."""


@dataclass(slots=True, eq=False)
class TextSource:
    """The text of a file, as UTF-8: all of it in blocks, then any part of it.

    A plain file is read at the place itself. A gzipped one, or one in another encoding, is unpacked again as far as
    that, or on from where a large part ended: block after block of a table takes one pass.

    Parameters
    ----------
    path : Path
    options : ReadOptions
    plain : bool
        Whether the bytes of the file are its text.
    stamp : Stamp
        Size and time when it was opened; another one later means that it was replaced.
    """

    path: Path
    options: ReadOptions
    plain: bool
    stamp: Stamp
    _reader: _Reader | None = field(default=None, init=False, repr=False)

    @classmethod
    def of(cls, path: Path, options: ReadOptions) -> TextSource:
        """The text of a file.

        Raises
        ------
        InputOutputError, DataError
            When it cannot be opened, or is no text.
        """
        marked = stamp(path)
        return cls(path, options, is_plain(file_kind(path, options), options), marked)

    def __reduce__(self) -> tuple[Any, ...]:
        return TextSource, (self.path, self.options, self.plain, self.stamp)

    def blocks(self) -> Iterator[Block]:
        """All lines, as :func:`~strata.cohort.files.blocks`."""
        with closing(chunks_of(self.path, self.options)) as chunks:
            yield from blocks(self.path, self.options, chunks)

    def parts(self, spans: Sequence[Span]) -> Iterator[bytes]:
        """Parts of the text, which must not overlap and must be in its order.

        Raises
        ------
        InputOutputError
            When the file is another one than was opened.
        """
        check_unchanged(self.path, self.stamp)
        for (start, stop), part in zip(spans, (self._sought if self.plain else self._unpacked)(spans), strict=True):
            if len(part) != stop - start:
                raise changed(self.path)
            yield part

    def _sought(self, spans: Sequence[Span]) -> Iterator[bytes]:
        with self.path.open("rb", buffering=0) as file:
            for start, stop in spans:
                file.seek(start)
                yield file.read(stop - start)

    def _unpacked(self, spans: Sequence[Span]) -> Iterator[bytes]:
        reader, self._reader = self._reader, None
        if reader is None or (spans and reader.place > spans[0][0]):
            reader = _Reader(chunks_of(self.path, self.options))
        try:
            for start, stop in spans:
                yield reader.part(start, stop)
        finally:
            if sum(stop - start for start, stop in spans) > _MANY:
                self._reader = reader
            else:
                reader.chunks.close()


class _Reader:
    """Text that can be read forward only, from ``place`` on."""

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self.chunks, self.place, self._text = chunks, 0, b""

    def part(self, start: int, stop: int) -> bytes:
        """The text of a span, which must not begin before ``place``; less at the end of the file."""
        while self.place + len(self._text) < stop and (chunk := next(self.chunks, b"")):
            done = min(len(self._text), start - self.place)
            self.place, self._text = self.place + done, self._text[done:] + chunk
        return self._text[start - self.place : stop - self.place]
