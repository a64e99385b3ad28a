"""Workflow managers and arrays of jobs: Snakemake runs its example, scripts of the page are run, Nextflow's is read."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from strata.cli.run_command import command as run_command

PROGRAM = Path(sys.executable).with_name("strata")


@pytest.fixture
def snakemake(root, tmp_path):
    """``snakemake("manifest=my.tsv")``: the example run by Snakemake in ``tmp_path``."""
    if importlib.util.find_spec("snakemake") is None:
        pytest.skip("needs snakemake: pip install snakemake")
    file = root / "examples" / "pipelines" / "snakemake" / "Snakefile"
    env = os.environ | {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*config: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-W", "ignore", "-m", "snakemake", "--snakefile", file, "--cores", "2"]
        return subprocess.run(
            [*words, "--config", *config], cwd=tmp_path, env=env, check=False, capture_output=True, text=True
        )

    return run


def merged(folder):
    files = [*folder.glob("*.tsv"), *folder.glob("results/*/*"), *folder.glob("cohorts/*/*.tsv")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_snakemake_makes_the_tables_of_a_plain_batch(snakemake, root, tmp_path):
    ran = snakemake("out=by_snakemake")
    assert ran.returncode == 0, ran.stderr
    example = root / "examples" / "pipelines" / "snakemake"
    words = [PROGRAM, "batch", example / "manifest.tsv", "--plan", example / "plan.yaml", "--out", tmp_path / "plain"]
    subprocess.run(words, check=True, capture_output=True)
    made = merged(tmp_path / "by_snakemake")
    assert len(made) > 30
    assert made == merged(tmp_path / "plain")
    again = snakemake("out=by_snakemake")
    assert "Nothing to be done" in again.stderr + again.stdout


def test_a_cohort_that_fails_under_snakemake_is_a_row(snakemake, root, tmp_path):
    shutil.copytree(root / "synthetic" / "one-event" / "flat", tmp_path / "good")
    (tmp_path / "manifest.tsv").write_text("cohort\tpath\ngood\tgood\nbad\tnowhere\n")
    ran = snakemake("out=out", "manifest=manifest.tsv", "shards=1")
    assert ran.returncode == 0, ran.stderr
    assert [line.split("\t")[0] for line in (tmp_path / "out" / "failures.tsv").read_text().splitlines()[1:]] == ["bad"]


@pytest.fixture(scope="module")
def module(root):
    return root / "examples" / "pipelines" / "nextflow" / "modules" / "local" / "strata" / "run"


def test_the_nextflow_module_has_the_parts_of_nf_cores(module):
    text = (module / "main.nf").read_text()
    parts = ["input:", "output:", "when:", "script:", "stub:", "tuple val(meta), path(cohort", 'tag "$meta.id"']
    for part in [
        *parts,
        "task.ext.args ?: ''",
        'task.ext.prefix ?: "${meta.id}"',
        "topic: versions",
        "label 'process_",
    ]:
        assert part in text, part
    assert text.count("{") == text.count("}")
    assert "eval(\"strata --version | sed 's/strata //'\")" in text


def test_the_nextflow_module_uses_options_that_exist_and_files_that_are_written(module, root, tmp_path):
    text = (module / "main.nf").read_text()
    script, stub = text.partition("script:")[2].split("stub:")
    options = {name for parameter in run_command.params for name in parameter.opts}
    used = set(re.findall(r"(?<!\S)--[a-z-]+", script))
    assert used == {"--cohorts", "--out", "--jobs"}
    assert used <= options
    declared = re.findall(r'path\("\$\{prefix\}/([^"]+)"\)', text)
    assert len(declared) == 5
    assert re.findall(r"touch \$\{prefix\}/(\S+)", stub) == declared
    example = root / "examples" / "pipelines" / "snakemake"
    cohort = root / "synthetic" / "one-event" / "flat"
    words = ["run", example / "plan.yaml", "--cohorts", cohort, "--out", tmp_path / "out", "--jobs", "1"]
    subprocess.run([PROGRAM, *words], check=True, capture_output=True)
    assert all((tmp_path / "out" / name).is_file() for name in declared)


def test_the_nextflow_modules_description_lists_what_it_emits(module):
    text = (module / "main.nf").read_text()
    meta = YAML(typ="safe").load(module / "meta.yml")
    assert meta["name"] == "strata_run"
    assert list(meta["output"]) == re.findall(r"emit: (\w+)", text)
    assert [next(iter(item)) for item in meta["input"][0]] + list(meta["input"][1]) == ["meta", "cohort", "plan"]
    assert YAML(typ="safe").load(module / "environment.yml")["dependencies"]


def test_nextflows_readme_says_that_it_was_never_run(root):
    text = (root / "examples" / "pipelines" / "nextflow" / "README.md").read_text()
    assert "**Never run.**" in text


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "how-to" / "from-laptop-to-cluster.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("manager", "tasks"),
    [
        ("SLURM", [{"SLURM_ARRAY_TASK_ID": str(i), "SLURM_ARRAY_TASK_COUNT": "3"} for i in range(1, 4)]),
        ("AWS", [{"AWS_BATCH_JOB_ARRAY_INDEX": str(i), "SHARDS": "2"} for i in range(2)]),
    ],
)
def test_the_scripts_of_the_page_make_the_tables_of_a_plain_batch(page, root, tmp_path, manager, tasks):
    (script,) = (b for b in re.findall(r"^```bash\n(.*?)^```$", page, re.M | re.S) if manager in b)
    for name in ("one-event", "no-effect"):
        (tmp_path / name).symlink_to(root / "synthetic" / name / "flat")
    (tmp_path / "manifest.tsv").write_text("cohort\tpath\none\tone-event\nno\tno-effect\n")
    (tmp_path / "plan.yaml").write_text("signatures: [igf1r-high]\nendpoints: [OS]\n")
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    for task in tasks:
        subprocess.run(["bash", "-c", script], cwd=tmp_path, env=os.environ | task | {"PATH": path}, check=True)
    parts = sorted(tmp_path.glob("part*")) or [tmp_path / "results"]
    subprocess.run([PROGRAM, "merge", *parts, "--out", tmp_path / "merged"], check=True)
    words = ["batch", "manifest.tsv", "--plan", "plan.yaml", "--out", "plain"]
    subprocess.run([PROGRAM, *words], cwd=tmp_path, check=True)
    plain = merged(tmp_path / "plain")
    assert merged(tmp_path / "merged") == {name: plain[name] for name in plain if not name.startswith("cohorts")}
