"""Text files of which only some lines are a table: the others are passed over as the file is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from strata.cohort.files import Block, stamp
from strata.cohort.options import ReadOptions
from strata.cohort.text_source import TextSource

__all__ = ["Choose", "PartOfText", "part_of_text", "some_lines"]

Choose = Callable[[Iterator[Block]], Iterator[Block]]
"""From all blocks of a text to those of its table."""


@dataclass(slots=True, eq=False)
class PartOfText(TextSource):
    """The text of a file of which some lines are the table. Places in it are those of the file.

    Parameters
    ----------
    choose : callable
    """

    choose: Choose = iter

    def blocks(self) -> Iterator[Block]:
        """The lines of the table."""
        # super() does not know the class that slots=True makes
        yield from self.choose(TextSource.blocks(self))


def part_of_text(path: Path, options: ReadOptions, choose: Choose) -> PartOfText:
    """The text of a file of which some lines are the table.

    Raises
    ------
    InputOutputError, DataError
        When it cannot be opened, or is no text.
    """
    whole = TextSource.of(path, options)
    return PartOfText(path, options, whole.plain, stamp(path), choose=choose)


def some_lines(block: Block, first: int, last: int) -> Iterator[Block]:
    """The lines of a block from place ``first`` to before ``last``; nothing where there are none."""
    first, last = max(first, 0), min(last, len(block.ends))
    if first < last:
        start = block.ends[first - 1] if first else block.start
        yield Block(block.number + first, block.offset, block.text, start, block.ends[first:last])
