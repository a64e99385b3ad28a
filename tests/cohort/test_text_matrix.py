"""Matrices in text: whichever way a row is read, its numbers, messages and checks are the same."""

from __future__ import annotations

import csv
import gzip
import io
import math
import os
import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.cohort import read_cohort, text_matrix, text_source
from strata.cohort.files import blocks, lines
from strata.cohort.findings import Findings
from strata.cohort.matrix import as_text
from strata.cohort.open_matrix import open_matrix
from strata.cohort.options import ReadOptions
from strata.errors import DataError, InputOutputError

PATIENTS = ("P1", "P2", "P3", "P4")
GENES = ("IGF1R", "SPHK1", "TP53|7157", "HER2", "4EBP1", "IGF1R", "Weiß", "PTEN ", " ESR1")

NUMBERS = st.sampled_from(
    ["1", "-2.5", "0.1", "7.0000", "8.73452345", "1e-3", "0.30000000000000004", "12345678.9", "-0", "+3.5"]
)
GAPS = st.sampled_from(["", "NA", "nan", "-", "[Not Available]", " 1.5", "9999"])
FAULTS = st.sampled_from(["inf", "x", "1,5", "1.2.3", "1_000", "<0.1"])


@st.composite
def tables(draw: Any) -> dict[str, Any]:
    """A table in every dress: its cells, and how they are written."""
    genes = draw(st.lists(st.sampled_from(GENES), min_size=1, max_size=7, unique=draw(st.booleans())))
    comma = draw(st.booleans())
    cell = NUMBERS.map(lambda text: text.replace(".", ",") if comma else text)
    cell = st.one_of(cell, cell, cell, GAPS, FAULTS) if draw(st.booleans()) else st.one_of(cell, cell, cell, GAPS)
    rows = draw(st.lists(st.lists(cell, min_size=4, max_size=4), min_size=len(genes), max_size=len(genes)))
    return {
        "cells": [["Hugo_Symbol", *PATIENTS], *([gene, *row] for gene, row in zip(genes, rows, strict=True))],
        "turned": draw(st.booleans()),
        "sep": draw(st.sampled_from("\t;" if comma else "\t,;")),
        "end": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "bom": draw(st.booleans()),
        "quotes": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC, csv.QUOTE_ALL])),
        "blank": draw(st.booleans()),
        "packed": draw(st.booleans()),
        "options": {
            "na": "9999",
            "decimal": "," if comma else ".",
            **draw(st.sampled_from([{}, *({"duplicate_genes": rule} for rule in ("first", "mean", "max_mean"))])),
        },
    }


def written(table: dict[str, Any], folder: Path) -> Path:
    cells = [list(row) for row in zip(*table["cells"], strict=True)] if table["turned"] else table["cells"]
    if table["turned"]:
        cells[0][0] = "patient_id"
    text = io.StringIO(newline="")
    dressed = csv.writer(text, delimiter=table["sep"], quoting=table["quotes"], lineterminator=table["end"])
    for row in cells:
        dressed.writerow(row)
        if table["blank"]:
            text.write(table["end"])
    data = (b"\xef\xbb\xbf" if table["bom"] else b"") + text.getvalue().encode()
    path = folder / "mrna.csv"
    path.write_bytes(gzip.compress(data) if table["packed"] else data)
    return path


def outcome(folder: Path, table: dict[str, Any]) -> Any:
    """What reading everything gives: numbers and notes, or the message."""
    try:
        cohort = read_cohort(folder, read={"sep": table["sep"], **table["options"]})
        assay = cohort.assays["mrna"]
        return assay.read(assay.features), cohort.notes
    except DataError as error:
        return str(error)


@given(table=tables())
def test_both_lanes_read_the_same(tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("dressed")
    (folder / "clinical.tsv").write_text("patient_id\tage\n" + "".join(f"{p}\t50\n" for p in PATIENTS))
    written(table, folder)
    fast = outcome(folder, table)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_matrix, "_RUN", 30)
        patched.setattr(text_matrix, "_THREADED_FROM", 0)
        assert str(outcome(folder, table)) == str(fast)
        patched.setattr(text_matrix.TextMatrix, "numbers", as_text)
        slow = outcome(folder, table)
    if isinstance(slow, str):
        assert fast == slow
        return
    assert fast[1] == slow[1]
    assert fast[0].to_numpy().tobytes() == slow[0].to_numpy().tobytes()
    assert list(fast[0].columns) == list(slow[0].columns)


@given(table=tables())
def test_cells_are_those_of_a_csv_reader(tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]) -> None:
    path = written(table | {"turned": False}, tmp_path_factory.mktemp("cells"))
    matrix = open_matrix(path, ReadOptions(sep=table["sep"]), Findings()).matrix
    assert matrix.row_names == tuple(row[0].strip() for row in table["cells"][1:])
    assert [cells for _, cells in matrix.rows(range(len(matrix.row_names)))] == [row[1:] for row in table["cells"][1:]]
    step = 2 if table["blank"] else 1
    assert [matrix.line(i) for i in range(len(matrix.row_names))] == [
        1 + step * (i + 1) for i in range(len(table["cells"]) - 1)
    ]


@given(st.lists(st.sampled_from([b"a", b"bc\n", b"\r", b"\n", b"\r\n", b"\t", b"\xc3\xa9"]), max_size=20), st.data())
def test_blocks_are_whole_lines_wherever_the_chunks_part(pieces: list[bytes], data: st.DataObject) -> None:
    text = b"".join(pieces)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)) | {0, len(text)})
    found, places = [], []
    for block in blocks(Path("t"), ReadOptions(), [text[a:b] for a, b in pairwise(cuts)]):
        edges = [block.start, *block.ends]
        assert block.number == len(found) + 1
        found += [block.text[a:b] for a, b in pairwise(edges)]
        places += [block.offset + a for a in edges[:-1]]
    assert found == text.splitlines(keepends=True)
    assert [text[a : a + len(line)] for a, line in zip(places, found, strict=True)] == found


def test_a_nul_byte_is_placed_wherever_the_chunks_part(tmp_path: Path) -> None:
    text = b"a\tb\tc\r\n1\t2\t3\n4\t\x005\t6\n"
    for cut in range(1, len(text)):
        with pytest.raises(DataError, match="t:3: field 2: a NUL byte"):
            list(blocks(Path("t"), ReadOptions(), [text[:cut], text[cut:]]))


@pytest.fixture
def wide(write: Any, small: Any) -> Path:
    """Samples in rows, forty genes."""
    write("clinical.tsv", small.clinical())
    rows = [["patient_id", *(f"G{i}" for i in range(40))]]
    rows += [[patient, *(f"{i}.{p}25" for i in range(40))] for p, patient in enumerate(small.ids)]
    path: Path = write("mrna.tsv", rows)
    return path


def test_few_columns_are_cut_out_of_a_wide_table(wide: Path) -> None:
    assay = read_cohort(wide.parent).assays["mrna"]
    assert assay.read(["G39", "G0", "G7"]).iloc[3].tolist() == [39.325, 0.325, 7.325]


@pytest.mark.parametrize("n", [3, 40])
def test_a_row_with_another_number_of_fields_than_when_it_was_opened(wide: Path, n: int) -> None:
    """Size and time are as before: only counting shows it."""
    assay = read_cohort(wide.parent).assays["mrna"]
    before = wide.stat()
    data = wide.read_bytes()
    place = data.index(b"\t", data.index(b"P005") + 20)
    wide.write_bytes(data[:place] + b"1" + data[place + 1 :])
    os.utime(wide, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(InputOutputError, match="changed after it was opened"):
        assay.read(list(assay.features)[:n])


def test_a_matrix_can_be_sent_to_another_process(wide: Path) -> None:
    assay = read_cohort(wide.parent).assays["mrna"]
    assert pickle.loads(pickle.dumps(assay)).read(["G3"]).equals(assay.read(["G3"]))


@pytest.mark.parametrize("name", ["mrna.tsv", "mrna.tsv.gz", "mrna.txt"])
def test_only_the_rows_that_are_asked_for_are_read(
    write: Any, small: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A plain file is read at the place itself; block after block of a packed one is unpacked once."""
    write("clinical.tsv", small.clinical())
    rows = [["gene", *small.ids], *([f"G{i}", *[f"{i}.25"] * 12] for i in range(400))]
    text = "".join("\t".join(row) + "\n" for row in rows)
    encoding = "utf-16" if name.endswith("txt") else "utf-8"
    write(name, gzip.compress(text.encode()) if name.endswith("gz") else text.encode(encoding))
    write("clinical.tsv", "".join("\t".join(row) + "\n" for row in small.clinical()).encode(encoding))
    assay = read_cohort(wide_folder(write), read={"encoding": encoding}).assays["mrna"]
    passes = []
    whole = text_source.chunks_of
    monkeypatch.setattr(text_source, "chunks_of", lambda *args: passes.append(args) or whole(*args))
    monkeypatch.setattr(text_source, "_MANY", 0)
    for start in range(0, 400, 100):
        block = assay.read(list(assay.features)[start : start + 100])
        assert block.iloc[0].tolist() == [i + 0.25 for i in range(start, start + 100)]
    assert len(passes) == (0 if name == "mrna.tsv" else 1)
    assert assay.read(["G7"]).iloc[0].tolist() == [7.25]


def wide_folder(write: Any) -> Path:
    folder: Path = write("notes.md", "").parent
    return folder


def test_a_matrix_larger_than_memory_is_read_block_by_block(tmp_path: Path) -> None:
    """Address space is limited to a little more than the program takes: less than the text, less than its numbers."""
    patients = [f"P{i}" for i in range(1000)]
    (tmp_path / "clinical.tsv").write_text("patient_id\tage\n" + "".join(f"{patient}\t50\n" for patient in patients))
    cells = "\t".join(f"{i % 17}.{i % 9000 + 1000}" for i in range(1000))
    with (tmp_path / "mrna.tsv").open("w") as file:
        file.write("gene\t" + "\t".join(patients) + "\n")
        file.writelines(f"G{i}\t{cells}\n" for i in range(14_000))
    code = """
import resource, sys
from strata.cohort import read_cohort
assay = read_cohort(sys.argv[1]).assays["mrna"]
names = list(assay.features)
assay.read(names[:400])
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (64 << 20), size + (64 << 20)))
try:
    assay.read(names)
except MemoryError:
    print("too large")
total = sum(float(assay.read(names[i : i + 400]).to_numpy().sum()) for i in range(0, len(names), 400))
print(total)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    said, total = done.stdout.split("\n")[:2] if done.stdout.count("\n") == 2 else (done.stdout, done.stderr)
    assert said == "too large", done.stderr
    assert math.isclose(float(total), 14_000 * float(np.sum([float(cell) for cell in cells.split("\t")])))


def test_lines_of_a_packed_file_that_is_left_early(write: Any) -> None:
    path = write("t.gz", gzip.compress(b"a\nb\n" * 1_000_000))
    assert next(lines(path, ReadOptions())) == (1, b"a")
