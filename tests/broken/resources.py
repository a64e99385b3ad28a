"""Machines that are small, busy or odd."""

from __future__ import annotations

import os
from typing import Any

from broken.analysis import three_cohorts
from broken.command_line import program
from broken.make import PLAN, Bench, Ran, case


@case("E901", 6, "out: is being written by process ", "Wait for it")
def r01_two_runs(bench: Bench) -> Ran:
    """A second run into the folder is refused while the first one writes, and the first one finishes."""
    from strata.report import folder

    write = folder.write_record
    second: list[Ran] = []

    def another(*args: Any) -> None:
        second.append(program(bench, ["score", "cohort", "both-high.yaml", "--out", "out"]))
        write(*args)

    bench.patch.setattr(folder, "write_record", another)
    assert bench.run("score {cohort} {signature} --out {out}").status == 0
    return second[0]


@case("", 1, "c1: failed", "the process that worked on it ended: SIGKILL (out of memory?)", "Use fewer --jobs")
def r02_worker_dies(bench: Bench) -> Ran:
    """A worker is killed where it opens a table; the other cohorts are finished."""
    three_cohorts(bench)
    hook = """\
import os, signal, sys
def killed(event, args):
    if event == "open" and "c1/clinical.csv" in str(args[0]) and "loky" in " ".join(sys.orig_argv):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(killed)
"""
    (bench.folder / "hooks").mkdir()
    (bench.folder / "hooks" / "sitecustomize.py").write_text(hook)
    (bench.folder / "manifest.tsv").write_text("cohort\tpath\nc0\tc0\nc1\tc1\nc2\tc2\n")
    words = ["batch", "manifest.tsv", "--plan", "plan.yaml", "--out", "out", "--jobs", "2"]
    ran = program(bench, words, env={**os.environ, "PYTHONPATH": str(bench.folder / "hooks")})
    assert sorted(path.name for path in (bench.out / "cohorts").iterdir()) == ["c0", "c2"]
    return ran


@case("E903", 6, "not enough memory", "fewer signatures")
def r03_memory(bench: Bench) -> None:
    """What numpy raises when a table is larger than the memory that is left."""
    from strata.cohort.assays import NumberAssay

    def refuse(*_: object) -> None:
        raise MemoryError("Unable to allocate 38.0 GiB")

    bench.patch.setattr(NumberAssay, "read", refuse)


@case("", 0)
def r04_many_files(bench: Bench) -> Ran:
    """Forty cohorts with sixty files open at most."""
    import resource

    three_cohorts(bench)
    cohorts = ", ".join(f"{{path: c{i % 3}, name: n{i}}}" for i in range(40))
    bench.plan.write_text(f"cohorts: [{cohorts}]\nsignatures: [both-high.yaml]\nendpoints: []\n")
    limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))}
    return program(bench, ["run", "plan.yaml", "--out", "out"], **limits)


@case("", 0)
def r05_jobs_determinism(bench: Bench) -> Ran:
    """Two processes, or patients, samples and genes in another order: the same bytes."""
    three_cohorts(bench)
    ran = bench.run(PLAN)
    one = _tables(bench)
    bench.out = bench.folder / "two"
    assert bench.run(PLAN + " --jobs 2").status == 0
    assert _tables(bench) == one
    clinical, expression = (bench.folder / "c0" / name for name in ("clinical.csv", "expression.csv"))
    header, *rows = clinical.read_text().splitlines()
    clinical.write_text("\n".join([header, *rows[::-1]]) + "\n")
    header, *rows = (line.split(",") for line in expression.read_text().splitlines())
    turned = [[name, *cells[15:], *cells[:15]] for name, *cells in [header, *rows[::-1]]]
    expression.write_text("".join(",".join(row) + "\n" for row in turned))
    bench.out = bench.folder / "turned"
    assert bench.run(PLAN).status == 0
    assert _tables(bench) == one
    return ran


def _tables(bench: Bench) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in bench.out.glob("*.tsv")}


@case("", 0)
def r06_threads(bench: Bench) -> Ran:
    """Workers do not multiply the threads of BLAS: joblib gives each its share."""
    three_cohorts(bench)
    return bench.run("run {plan} --out {out} --jobs 2")


@case("", 0)
def r07_clock(bench: Bench) -> Ran:
    """Run a year earlier, nothing but the record differs."""
    import datetime

    words = "compare {cohort} {signature} --endpoint OS --out {out} --overwrite"
    ran = bench.run(words)
    now = {path.name: path.read_bytes() for path in bench.out.iterdir() if path.name != "run.json"}

    class Earlier(datetime.datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime.datetime:
            return datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)

    bench.patch.setattr("strata.report.folder.datetime", Earlier)
    # into the same folder: the page repeats the command
    assert bench.run(words).status == 0
    then = {path.name: path.read_bytes() for path in bench.out.iterdir() if path.name != "run.json"}
    assert then == now
    return ran


@case("E908", 2, "an AnnData file, and anndata is not installed", "pip install 'strata-cohort[h5ad]'")
def r08_dep_versions(bench: Bench) -> None:
    import sys

    # also where another test has imported it
    for name in ("anndata", "anndata.io"):
        bench.patch.setitem(sys.modules, name, None)
    bench.write("cohort.h5ad", b"\x89HDF\r\n\x1a\n" + bytes(2000))


@case("", 0)
def r09_nfs_rename(bench: Bench) -> Ran:
    """The temporary folder is beside the output, so that one rename publishes it wherever TMPDIR is."""
    import tempfile

    made: list[str] = []
    make = tempfile.mkdtemp
    bench.patch.setattr(tempfile, "mkdtemp", lambda **how: made.append(str(how["dir"])) or make(**how))
    ran = bench.run("score {cohort} {signature} --out {out}")
    assert made == [str(bench.folder)]
    return ran


@case("E910", 1, "cohort c1: stopped after --timeout 3 s", "fewer signatures or permutations")
def r10_timeout(bench: Bench) -> Ran:
    """The other cohorts are finished, and of the one that was stopped no P is told."""
    import time

    from strata.analysis import run

    read = run.read_cohort
    bench.patch.setattr(run, "read_cohort", lambda spec: time.sleep(60) if spec.name == "c1" else read(spec))
    three_cohorts(bench)
    ran = bench.run(PLAN + " --timeout 3")
    rows = [line.split("\t") for line in (bench.out / "results.tsv").read_text().splitlines()]
    assert {row[0] for row in rows[1:]} == {"c0", "c2"}
    return ran


@case("E910", 1, "cohort cohort: stopped after --timeout 0.5 s")
def r10_timeout__permutations(bench: Bench) -> Ran:
    """Compiled permutations are stopped as well; where there is one cohort, nothing is written."""
    bench.rule("id: one\nname: x\npositive: {mrna: IGF1R, above: median}\nclaims: []\n", name="one")
    words = "cutpoint {cohort} {signature} --endpoint OS --out {out} --permutations 10000000 --timeout 0.5"
    ran = bench.run(words)
    assert not bench.out.exists()
    return ran


@case("E703", 2, "--timeout: is not available with --scheduler")
def r10_timeout__cluster(bench: Bench) -> Ran:
    three_cohorts(bench)
    (bench.folder / "manifest.tsv").write_text("cohort\tpath\nc0\tc0\n")
    return bench.run("batch manifest.tsv --plan {plan} --out {out} --timeout 9 --scheduler tcp://nowhere:1")


@case("E615", 4, "plan.yaml:4: cut_search.permutations", "less than or equal to 10000000", run=PLAN)
def r10_timeout__before(bench: Bench) -> None:
    """What would take for ever is refused before it begins."""
    three_cohorts(bench)
    bench.plan.write_text(bench.plan.read_text() + "cut_search: {permutations: 1000000000000}\n")
