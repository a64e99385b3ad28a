"""Text that is the same on every machine."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from strata.errors import InputOutputError
from strata.writing.text import calls, decimals, write_table, write_text


def test_numbers_have_fixed_decimals() -> None:
    assert [decimals(value, 3) for value in (1, -0.0, 2.5, math.nan)] == ["1.000", "0.000", "2.500", "NA"]
    assert [calls(value) for value in (-2.0, 0.0, 2.0, math.nan)] == ["-2", "0", "2", "NA"]


def test_lines_end_in_lf(tmp_path: Path) -> None:
    write_table(tmp_path / "new" / "x.tsv", [["a", "b"], ["1", "µ"]])
    assert (tmp_path / "new" / "x.tsv").read_bytes() == "a\tb\n1\tµ\n".encode()


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputOutputError, match="cannot be written"):
        write_text(tmp_path / "file" / "x.tsv", ["a"])
