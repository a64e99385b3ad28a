"""The command line, and where the program runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from broken.make import Bench, Ran, case

PROGRAM = Path(sys.executable).with_name("strata")


def program(bench: Bench, words: list[str], **how: object) -> Ran:
    """The program in a process of its own."""
    done = subprocess.run(
        [PROGRAM, *words], cwd=bench.folder, capture_output=True, text=True, check=False, timeout=60, **how
    )
    return bench.ran(done.returncode, done.stdout, done.stderr)


@case("", 2, "No such option '--timeunit'", "Usage: strata score", run="score {cohort} --timeunit days")
def c01_unknown_opt(bench: Bench) -> None:
    pass


@case("", 2, "Missing argument 'COHORT'", run="score --out {out}")
def c01_unknown_opt__missing(bench: Bench) -> None:
    pass


@case(
    "", 2, "--cut is given twice", run="compare {cohort} {signature} --endpoint OS --out {out} --cut median --cut mean"
)
def c02_conflict(bench: Bench) -> None:
    pass


@case(
    "",
    2,
    "'--horizon': -1.0 is not in the range x>0",
    run="compare {cohort} {signature} --endpoint OS --out {out} --horizon -1",
)
def c03_out_of_range(bench: Bench) -> None:
    pass


@case(
    "", 2, "'--jobs': 0 is not in the range x>=1", run="compare {cohort} {signature} --endpoint OS --out {out} --jobs 0"
)
def c03_out_of_range__jobs(bench: Bench) -> None:
    pass


@case("", 2, "'--min-coverage': 'abc' is not a valid", run="score {cohort} {signature} --out {out} --min-coverage abc")
def c03_out_of_range__word(bench: Bench) -> None:
    pass


@case("", 0)
def c23_env(bench: Bench) -> Ran:
    """No HOME, no locale, another time zone and hash seed: the same bytes as in this process."""
    bench.run("score {cohort} {signature} --out {out}")
    here = {path.name: path.read_bytes() for path in bench.out.iterdir() if path.name != "run.json"}
    bench.out = bench.folder / "there"
    # the library of linear algebra is told which processor it is on: another one rounds differently
    blas = {name: value for name, value in os.environ.items() if "BLAS" in name}
    environment = blas | {"PATH": os.defpath, "LC_ALL": "C", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"}
    ran = program(bench, ["score", "cohort", "both-high.yaml", "--out", "there"], env=environment)
    assert {path.name: path.read_bytes() for path in bench.out.iterdir() if path.name != "run.json"} == here
    return ran


@case("", 0)
def c24_cwd_shadow(bench: Bench) -> Ran:
    for name in ("pandas", "yaml", "numpy", "strata"):
        (bench.folder / f"{name}.py").write_text("raise SystemExit('imported from the working directory')\n")
    return program(bench, ["score", "cohort", "both-high.yaml", "--out", "out"])


@case(
    "E704",
    4,
    "cohort.yaml:2: cohorts[0].name: ",
    "cohort name '../../x' cannot be a folder name; allowed: letters, digits",
)
def c04_traversal(bench: Bench) -> None:
    _named(bench, "../../x")


@case(
    "E704",
    4,
    "cohort name 'CON' cannot be a folder name",
    "cohort name 'a.' cannot",
    "cohort name '..' cannot",
    "cohort name '/abs' cannot",
)
def c04_traversal__others(bench: Bench) -> None:
    _named(bench, "CON", "a.", "..", "/abs", "a/b")


@case("E705", 4, "cohort.yaml:3: cohorts[1].name: cohorts 'A' and 'a' differ only in case")
def c05_case_collision(bench: Bench) -> None:
    _named(bench, "A", "a")


@case("E704", 4, "cohort name of 300 characters", "at most 64")
def c06_name_too_long(bench: Bench) -> None:
    _named(bench, "x" * 300)


@case("E707", 6, "out: the folder is not empty", "Pass --overwrite or another folder")
def c07_out_exists(bench: Bench) -> None:
    bench.out.mkdir()
    (bench.out / "mine.txt").write_text("mine")


@case(
    "E708",
    2,
    "cohort: holds an input",
    "Give another folder",
    run="score {cohort} {signature} --out {cohort} --overwrite",
)
def c08_out_is_input(bench: Bench) -> None:
    pass


@case("", 0)
def c09_out_symlink(bench: Bench) -> Ran:
    """A link in the place of a result is replaced; what it points at is not touched."""
    theirs = bench.folder / "theirs.tsv"
    theirs.write_text("theirs")
    bench.out.mkdir()
    (bench.out / "calls.tsv").symlink_to(theirs)
    ran = bench.run("score {cohort} {signature} --out {out} --overwrite")
    assert theirs.read_text() == "theirs"
    assert not (bench.out / "calls.tsv").is_symlink()
    return ran


@case("E709", 6, "out: is there and is not a folder")
def c09_out_symlink__folder(bench: Bench) -> None:
    (bench.folder / "elsewhere").mkdir()
    bench.out.symlink_to(bench.folder / "elsewhere")


@case("E710", 6, "cannot be written: permission denied")
def c10_readonly_dir(bench: Bench) -> Ran:
    """Root may write everywhere, so the system's answer is replaced; nothing is read before it is asked."""
    import tempfile

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(bench.out))

    bench.patch.setattr(tempfile, "mkdtemp", refuse)
    bench.patch.setattr("strata.analysis.run.read_cohort", None)
    return bench.run("score {cohort} {signature} --out {out}")


def _named(bench: Bench, *names: str) -> None:
    tables = "clinical: clinical.csv, expression: expression.csv"
    bench.yaml("cohorts:\n" + "".join(f"  - {{name: '{name}', {tables}}}\n" for name in names))
