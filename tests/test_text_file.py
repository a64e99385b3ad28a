"""Text files as they come: packed, with odd line ends, damaged, or something else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from strata.errors import DataError, InputOutputError
from strata.text_file import fields_of, number_of, plain_name, read_each, text_lines


def test_lines_keep_their_numbers_without_blank_lines_comments_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "lists.tsv"
    path.write_bytes(b"\xef\xbb\xbfa\tb\r\n\r\n# said by nobody\rc\td\n\xce\xb2")
    assert text_lines(path) == [(1, "a\tb"), (4, "c\td"), (5, "β")]


@pytest.mark.parametrize("name", ["lists.gmt.gz", "lists.gmt"])
def test_gzip_is_known_by_its_content(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"a\nb\n"))
    assert text_lines(path) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n# only this\n", "nothing but blank lines and comments"),
        (b"a\nb\0c\n", "f:2: the control character 0x00"),
        (b"\x1b[2Ja", "f:1: the control character 0x1b"),
        (b"a\n\xe4\n\xe4", "f:2: byte 0xe4 is not UTF-8. Save the file as UTF-8\n"),
        (b"\n<!DOCTYPE html>", "a web page or XML"),
        (b"PK\x03\x04...", "a zip archive or an Excel workbook"),
        (b"\xff\xfea\0", "UTF-16 text"),
        (gzip.compress(b"abc" * 99, mtime=0)[:-9], "damaged gzip data"),
    ],
)
def test_other_content_is_refused(tmp_path, content, message):
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message.replace(".", r"\.")):
        text_lines(path)


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("strata.text_file.MAX_BYTES", 1000)
    path = tmp_path / "f.gz"
    path.write_bytes(gzip.compress(b"a" * 1001))
    with pytest.raises(DataError, match="more than 1,000 bytes"):
        text_lines(path)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputOutputError, match=r"gone\.gmt: cannot be read: No such file"):
        text_lines(tmp_path / "gone.gmt")
    with pytest.raises(InputOutputError, match="cannot be read: Is a directory"):
        text_lines(tmp_path)


def test_every_file_is_read_before_anything_is_said():
    def read(path: Path) -> str:
        if path.stem == "bad":
            raise DataError("bad content")
        if path.stem == "gone":
            raise InputOutputError("no file")
        return path.stem

    assert read_each(["a", "b", "a"], read) == ["a", "b"]
    with pytest.raises(DataError, match=r"^bad content$"):
        read_each(["bad", "a"], read)
    with pytest.raises(InputOutputError) as caught:
        read_each(["bad", "gone"], read)
    assert [problem.what for problem in caught.value.problems] == ["bad content", "no file"]


def test_cells_are_split_at_tabs_where_the_header_has_one_and_quotes_hold_separators():
    path = Path("t.csv")
    assert list(fields_of(path, [(1, '"a", b'), (3, '"x, y",1')])) == [(1, ["a", "b"]), (3, ["x, y", "1"])]
    assert list(fields_of(path, [(1, "a\tb,c")])) == [(1, ["a", "b,c"])]
    with pytest.raises(DataError, match=r"t\.csv:2: a quote in this line is never closed"):
        list(fields_of(path, [(1, "a,b"), (2, '"x,1')]))


@pytest.mark.parametrize(("cell", "number"), [("-0.5", -0.5), ("1e-3", 0.001), ("0", 0.0)])
def test_a_number(cell, number):
    assert number_of(cell) == number


@pytest.mark.parametrize("cell", ["", "NA", "nan", "inf", "-inf", "1,5", "1_000", "x"])
def test_no_number(cell):
    assert number_of(cell) is None


def test_the_suffix_under_gz():
    assert plain_name(Path("a/h.all.gmt.gz")) == Path("a/h.all.gmt")
    assert plain_name(Path("a/h.all.gmt")) == Path("a/h.all.gmt")
