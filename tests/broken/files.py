"""Files that are not what they seem."""

from __future__ import annotations

import gzip
import os
import zipfile

from broken.make import COMPARE, Bench, Ran, case


@case("", 0, "9 comparisons, 9 estimable", run=COMPARE, same=True)
def ok_baseline(bench: Bench) -> None:
    pass


@case("E101", 6, "expresion.csv: no such file (working directory ", "Did you mean 'expression.csv'?")
def f01_missing(bench: Bench) -> None:
    bench.instead("expresion.csv")


@case("E102", 6, "tables: is a directory", "Give the table inside it")
def f02_directory(bench: Bench) -> None:
    (bench.cohort / "tables").mkdir()
    bench.instead("tables")


@case("E103", 6, "expression.csv: permission denied (mode -r", "owner ")
def f03_unreadable(bench: Bench) -> None:
    # root can read everything, so the answer of the system is replaced
    access = os.access
    bench.patch.setattr(os, "access", lambda path, mode: "expression" not in str(path) and access(path, mode))


@case("E104", 3, "expression.csv: the file is empty (0 bytes)")
def f04_empty(bench: Bench) -> None:
    bench.write("expression.csv", b"")


@case("E104", 3, "clinical.csv: the file is empty (0 bytes)")
def f04_empty__clinical(bench: Bench) -> None:
    bench.write("clinical.csv", b"")


@case("E105", 3, "expression.csv: a header was found, and 0 data rows")
def f05_header_only(bench: Bench) -> None:
    bench.put("expression.csv", bench.rows("expression.csv")[:1])


@case("E105", 3, "clinical.csv: a header was found, and 0 data rows")
def f05_header_only__clinical(bench: Bench) -> None:
    bench.put("clinical.csv", bench.rows("clinical.csv")[:1])


@case("", 0, run=COMPARE, same=True)
def f06_bom(bench: Bench) -> None:
    for name in ("clinical.csv", "expression.csv"):
        bench.write(name, b"\xef\xbb\xbf" + bench.text(name).encode())


@case("", 0, run=COMPARE, same=True)
def f07_crlf(bench: Bench) -> None:
    for name in ("clinical.csv", "expression.csv"):
        bench.write(name, bench.text(name).replace("\n", "\r\n"))


@case("", 0, run=COMPARE, same=True)
def f08_cr(bench: Bench) -> None:
    for name in ("clinical.csv", "expression.csv"):
        bench.write(name, bench.text(name).replace("\n", "\r"))


@case("", 0, run=COMPARE, same=True)
def f09_mixed_eol(bench: Bench) -> None:
    for name in ("clinical.csv", "expression.csv"):
        bench.write(name, bench.text(name).replace("\n", "\r\n", 2))


@case("E110", 3, "expression.csv: UTF-16 text", "Save it as UTF-8", "--read encoding=utf-16")
def f10_utf16(bench: Bench) -> None:
    bench.write("expression.csv", bench.text("expression.csv").encode("utf-16"))


@case("E111", 3, "clinical.csv:3: byte 0xb5 at byte 4 of the line is not UTF-8", "--read encoding=latin-1")
def f11_latin1(bench: Bench) -> None:
    bench.write("clinical.csv", bench.text("clinical.csv").replace("P002", "P002µ").encode("latin-1"))


@case("E112", 3, "expression.csv:3: field 2: a NUL byte", "The file is binary or damaged")
def f12_nul(bench: Bench) -> None:
    bench.edit("expression.csv", "SPHK1,5.25", "SPHK1,5\0.25")


@case("E113", 3, "expression.csv.gz: the gzip stream ends early, after ", "Download it again")
def f13_gz_truncated(bench: Bench) -> None:
    packed = gzip.compress(_unpackable(bench))
    bench.write("expression.csv.gz", packed[: len(packed) // 2])


@case("E114", 3, "expression.csv.gz: the gzip checksum does not match", "Download it again")
def f14_gz_crc(bench: Bench) -> None:
    packed = bytearray(gzip.compress(_unpackable(bench)))
    packed[-6] ^= 1
    bench.write("expression.csv.gz", bytes(packed))


@case("E114", 3, "expression.csv.gz: damaged gzip data", "Download it again")
def f14_gz_crc__damaged(bench: Bench) -> None:
    packed = bytearray(gzip.compress(_unpackable(bench)))
    packed[20:40] = bytes(20)
    bench.write("expression.csv.gz", bytes(packed))


@case("W115", 0, "expression.csv: gzip data although the name ends in .csv", run=COMPARE, same=True)
def f15_gz_named_csv(bench: Bench) -> None:
    bench.write("expression.csv", gzip.compress(bench.text("expression.csv").encode()))


@case("W116", 0, "expression.csv.gz: plain text although the name ends in .gz", run=COMPARE, same=True)
def f16_csv_named_gz(bench: Bench) -> None:
    bench.write("expression.csv.gz", _unpackable(bench))


@case("E117", 3, "expression.zip: a zip archive with 2 members ('a.csv', 'b.csv')", "Unpack it and name the file")
def f17_zip_two(bench: Bench) -> None:
    _zip(bench, "a.csv", "b.csv")


@case("E118", 3, "expression.zip: a zip archive with 1 member", "leaves the archive")
def f18_zip_traversal(bench: Bench) -> None:
    _zip(bench, "../../evil.csv")


@case(
    "E119",
    6,
    "expression.csv.gz: expands past 1,000,000 bytes",
    "--read max_bytes=16000000",
    run="score {cohort} {signature} --out {out} --read max_bytes=1000000 --read max_line_bytes=100000000",
)
def f19_zip_bomb(bench: Bench) -> None:
    _unpackable(bench)
    bench.write("expression.csv.gz", gzip.compress(b"1" * (64 << 20), 9))


@case("E120", 3, "expression.parquet: not a complete Parquet file (the footer is missing)", "Write or download it")
def f20_parquet_truncated(bench: Bench) -> None:
    packed = _parquet(bench)
    bench.write("expression.parquet", packed[: len(packed) // 2])


@case("E121", 3, "expression.parquet: not a whole Parquet file", "CRC checksum verification failed")
def f21_parquet_bitflip(bench: Bench) -> None:
    packed = bytearray(_parquet(bench))
    place = packed.find(b"IGF1R")
    packed[place] ^= 1
    bench.write("expression.parquet", bytes(packed))


@case("E122", 3, "expression.parquet: the content is not Parquet although the name says so")
def f22_wrong_ext(bench: Bench) -> None:
    bench.write("expression.parquet", _unpackable(bench))


@case("E123", 3, "expression.xlsx: an Excel workbook", "Export the sheet as CSV (Excel changes gene names and ids)")
def f23_xlsx(bench: Bench) -> None:
    _unpackable(bench)
    with zipfile.ZipFile(bench.folder / "cohort" / "expression.xlsx", "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    bench.instead("expression.xlsx")


@case("E124", 3, "clinical.csv: looks like a web page, not a table (it starts with '<!DOCTYPE html>", "Download it")
def f24_html_login(bench: Bench) -> None:
    bench.write("clinical.csv", "<!DOCTYPE html><html><body>Please log in</body></html>\n")


@case("E125", 3, "expression.csv: a Git LFS pointer, not the table (", " bytes)", "git lfs pull")
def f25_lfs_pointer(bench: Bench) -> None:
    bench.write("expression.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1074\n")


@case("E126", 6, "pipe: not a regular file", "Save it as a file first")
def f26_fifo(bench: Bench) -> None:
    os.mkfifo(bench.cohort / "pipe")
    bench.instead("pipe")


@case("E126", 6, "/dev/zero: not a regular file")
def f26_fifo__device(bench: Bench) -> None:
    bench.instead("/dev/zero")


@case("E127", 6, "loop.csv: too many levels of symbolic links")
def f27_symlink_loop(bench: Bench) -> None:
    (bench.cohort / "loop.csv").symlink_to("loop.csv")
    bench.instead("loop.csv")


@case("E128", 6, "expression.csv: changed after it was opened", "Run again on the whole file")
def f28_changed_midread(bench: Bench) -> Ran:
    from strata.analysis import run

    read = run.read_cohort

    def read_then_change(*args: object, **kwargs: object) -> object:
        cohort = read(*args, **kwargs)
        bench.edit("expression.csv", "IGF1R,4.75", "IGF1R,99.75")
        return cohort

    bench.patch.setattr(run, "read_cohort", read_then_change)
    return bench.run("score {cohort} {signature} --out {out}")


def _unpackable(bench: Bench) -> bytes:
    """The expression table, taken away from its place."""
    path = bench.folder / "cohort" / "expression.csv"
    content = path.read_bytes()
    path.unlink()
    return content


def _zip(bench: Bench, *members: str) -> None:
    content = _unpackable(bench)
    with zipfile.ZipFile(bench.folder / "cohort" / "expression.zip", "w") as archive:
        for name in members:
            archive.writestr(name, content)
    bench.instead("expression.zip")


def _parquet(bench: Bench) -> bytes:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    header, *rows = bench.rows("expression.csv")
    columns = {name: [row[i] if i == 0 else float(row[i]) for row in rows] for i, name in enumerate(header)}
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, write_page_checksum=True, compression="none", use_dictionary=False)
    _unpackable(bench)
    return stream.getvalue()
