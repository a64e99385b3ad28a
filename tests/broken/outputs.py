"""What is written, and what interrupts it."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess

from broken.command_line import PROGRAM, program
from broken.make import COMPARE, Bench, Ran, case


def _left(bench: Bench) -> list[str]:
    return sorted(path.name for path in bench.folder.iterdir())


@case("E710", 6, "out: cannot be written: a file grew past the size limit", "Nothing was left behind")
def c11_disk_full(bench: Bench) -> Ran:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    words = ["score", "cohort", "both-high.yaml", "--out", "out"]
    ran = program(bench, words, preexec_fn=small)
    assert _left(bench) == ["both-high.yaml", "cohort"]
    return ran


@case("", 0)
def c12_kill_midwrite(bench: Bench) -> Ran:
    """Killed while it writes: no folder that looks finished, and the next run is not in its way."""
    bench.patch.setattr("strata.report.folder.write_record", lambda *_: os._exit(9))
    if (child := os.fork()) == 0:
        bench.run("score {cohort} {signature} --out {out}")
    assert os.waitpid(child, 0)[1] != 0
    assert not bench.out.exists()
    bench.patch.undo()
    bench.patch.chdir(bench.folder)
    return bench.run("score {cohort} {signature} --out {out}")


@case("", 130, "strata: interrupted; nothing was written")
def c13_sigint(bench: Bench) -> Ran:
    return _stopped(bench, signal.SIGINT)


@case("", 143, "strata: terminated; nothing was written")
def c13_sigint__terminated(bench: Bench) -> Ran:
    return _stopped(bench, signal.SIGTERM)


def _stopped(bench: Bench, number: signal.Signals) -> Ran:
    """A run is stopped where it reads the cohort: the pipe it reads from is never written."""
    bench.yaml("name: cohort\nclinical: clinical.csv\nexpression: expression.csv\n")
    code = (
        "import sys, time; from strata.analysis import run; from strata.cli import main;"
        "run.read_cohort = lambda *a: (print('reading', file=sys.stderr, flush=True), time.sleep(60));"
        "sys.argv = ['strata', 'score', 'cohort', 'both-high.yaml', '--out', 'out']; main()"
    )
    python = PROGRAM.with_name("python")
    process = subprocess.Popen([python, "-c", code], cwd=bench.folder, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "reading\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert _left(bench) == ["both-high.yaml", "cohort"]
    return bench.ran(process.returncode, "", errors)


@case("", 0)
def c14_sigpipe(bench: Bench) -> Ran:
    process = subprocess.Popen(
        [PROGRAM, "signatures", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as stream:
        errors = stream.read()
    assert errors == ""
    return Ran(process.wait(), "", errors, errors)


@case("", 0)
def c15_csv_formula(bench: Bench) -> Ran:
    bench.edit("expression.csv", "SPHK1", "=HYPERLINK(1)")
    bench.rule("id: both-high\nname: x\npositive: {mrna: IGF1R, above: median}\nclaims: []\n")
    bench.edit("clinical.csv", "P001", "=1+1")
    bench.edit("expression.csv", "P001", "=1+1")
    ran = bench.run(COMPARE)
    for path in bench.out.glob("*.tsv"):
        for line in path.read_text().splitlines():
            assert not any(cell[:1] in {"=", "+", "@"} for cell in line.split("\t")), (path.name, line)
    return ran


@case("", 0)
def c16_html(bench: Bench) -> Ran:
    """Marks of HTML and SVG in a name stay text in what is drawn."""
    from strata.report import figures

    bench.patch.setattr("strata.report.folder.draw_figures", figures.draw_figures)
    bench.rule("id: both-high\nname: <script>alert(1)</script>\npositive: {mrna: IGF1R, above: median}\nclaims: []\n")
    ran = bench.run(COMPARE)
    drawn = [path.read_text() for path in bench.out.rglob("*") if path.suffix in {".svg", ".html"}]
    assert drawn
    assert not any("<script>alert" in text for text in drawn)
    return ran


@case("", 0)
def c17_mathtext(bench: Bench) -> Ran:
    """A name that looks like broken mathematics is drawn as it is written."""
    from strata.report import figures

    bench.patch.setattr("strata.report.folder.draw_figures", figures.draw_figures)
    bench.rule("id: both-high\nname: '$\\frac{$ a_b'\npositive: {mrna: IGF1R, above: median}\nclaims: []\n")
    bench.edit("clinical.csv", "pos", "$\\frac{$", -1)
    return bench.run(COMPARE + " --subgroups er")


@case("", 0)
def c18_json_nan(bench: Bench) -> Ran:
    """What has no value is null in run.json: strict JSON."""
    bench.column("clinical.csv", 2, lambda *_: "0")
    ran = bench.run("score {cohort} {signature} --out {out}")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in run.json")

    json.loads((bench.out / "run.json").read_text(), parse_constant=refuse)
    return ran


@case("E404", 3, r"'\x1b[31mred'")
def c19_ansi(bench: Bench) -> Ran:
    """What a table says cannot steer the terminal."""
    bench.cells("IGF1R", lambda i, cell: "\x1b[31mred" if i == 1 else cell)
    ran = bench.run("score {cohort} {signature} --out {out}")
    assert "\x1b" not in ran.told
    return ran


@case("", 0)
def c20_umask(bench: Bench) -> Ran:
    """The file with a row a patient is its owner's alone, whatever the umask."""
    before = os.umask(0)
    try:
        ran = bench.run("score {cohort} {signature} --out {out}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((bench.out / "assignments.parquet").stat().st_mode) == 0o600
    return ran


@case("", 0)
def c21_tmp(bench: Bench) -> Ran:
    """Nothing is written outside the folder of the output: a temporary folder that refuses is not asked."""
    bench.patch.setenv("TMPDIR", "/proc/nowhere")
    import tempfile

    bench.patch.setattr(tempfile, "tempdir", None)
    return bench.run("score {cohort} {signature} --out {out}")


@case("", 0)
def c22_pickle(bench: Bench) -> Ran:
    """A kept table that was replaced is not believed: it is parsed again, and nothing in it is run."""
    import pickle

    kept = bench.folder / "kept"
    words = "score {cohort} {signature} --out {out} --cache " + str(kept)
    bench.run(words)
    calls = (bench.out / "calls.tsv").read_text()
    entries = [path for path in kept.rglob("*") if path.is_file()]
    assert entries
    for path in entries:
        path.write_bytes(pickle.dumps(_Evil(str(bench.folder / "pwned"))))
    ran = bench.run(words + " --overwrite")
    assert (bench.out / "calls.tsv").read_text() == calls
    assert not (bench.folder / "pwned").exists()
    return ran


class _Evil:
    """Unpickled, it would write a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        from pathlib import Path

        return Path.touch, (Path(self.path),)
