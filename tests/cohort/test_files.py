"""Files are what their first bytes say, and every way of not being a table has its message."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from strata.cohort.files import file_kind, lines, stamp
from strata.cohort.options import ReadOptions
from strata.errors import DataError, InputOutputError

OPTIONS = ReadOptions()


def read(path: Path, options: ReadOptions = OPTIONS) -> list[bytes]:
    return [line for _, line in lines(path, options)]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "mixed"])
def test_every_line_end_is_one(write: Any, ends: str) -> None:
    text = "a\r\nb\nc\r\n" if ends == "mixed" else f"a{ends}b{ends}c{ends}"
    assert read(write("t.txt", text.encode())) == [b"a", b"b", b"c"]


def test_a_crlf_across_two_chunks_is_one_line_end(write: Any) -> None:
    long = b"x" * ((1 << 20) - 1)
    assert read(write("t.txt", long + b"\r\ny\n")) == [long, b"y"]


def test_a_byte_order_mark_is_removed_and_gzip_found(write: Any) -> None:
    assert read(write("t.csv", gzip.compress(b"\xef\xbb\xbfa\nb"))) == [b"a", b"b"]


def test_other_encodings_are_turned_into_utf8(write: Any) -> None:
    assert read(write("t.txt", "é\n".encode("latin-1")), ReadOptions(encoding="latin-1")) == ["é".encode()]
    assert read(write("u.txt", "é\nb\n".encode("utf-16")), ReadOptions(encoding="utf-16")) == ["é".encode(), b"b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        ("a\tb\n".encode("utf-16"), "UTF-16 text.*encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel"),
        (b"<html><body>", "web page"),
        (b"PAR1abcd", "footer is missing"),
        (b"BZh91AY", "bzip2"),
    ],
)
def test_what_is_no_table(write: Any, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        file_kind(write("t.csv", content), OPTIONS)


def test_archives_are_named_with_their_members(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.csv", "x")
    with pytest.raises(DataError, match=r"1 member.*evil\.csv.*leaves the archive"):
        file_kind(path, OPTIONS)
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
    with pytest.raises(DataError, match="Excel workbook"):
        file_kind(tmp_path / "t.xlsx", OPTIONS)


def test_text_named_parquet(write: Any) -> None:
    with pytest.raises(DataError, match="not Parquet"):
        file_kind(write("t.parquet", "a,b\n1,2\n"), OPTIONS)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "clinical.csv").touch()
    for name, words in {
        "loop": "symbolic links",
        "pipe": "not a regular file",
        ".": "is a directory",
        "clinicl.csv": "Did you mean 'clinical.csv'",
    }.items():
        with pytest.raises(InputOutputError, match=words):
            stamp(tmp_path / name)
    with pytest.raises(InputOutputError, match="not a regular file"):
        stamp(Path("/dev/zero"))


def test_damaged_gzip(write: Any) -> None:
    whole = gzip.compress(b"a\tb\n" * 10000)
    with pytest.raises(DataError, match="ends early"):
        read(write("t.gz", whole[: len(whole) // 2]))
    with pytest.raises(DataError, match="the gzip checksum does not match"):
        read(write("t.gz", whole[:-6] + b"\0\0" + whole[-4:]))


def test_a_gzip_bomb_stops_at_the_cap(write: Any) -> None:
    bomb = gzip.compress(b"a\n" * 2**20)
    with pytest.raises(InputOutputError, match=r"expands past 1,000,000 bytes.*max_bytes"):
        read(write("t.gz", bomb), ReadOptions(max_bytes=1_000_000))
    with pytest.raises(InputOutputError, match=r"longer than 1,000 bytes.*max_line_bytes"):
        read(write("u.gz", gzip.compress(b"a" * 10_000)), ReadOptions(max_line_bytes=1000))


def test_a_nul_byte_is_placed(write: Any) -> None:
    with pytest.raises(DataError, match=r"t\.tsv:2: field 3: a NUL byte"):
        read(write("t.tsv", b"a\tb\tc\n1\t2\t\x003\n"))
