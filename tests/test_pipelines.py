"""The examples for workflow managers: Snakemake's is run by Snakemake, Nextflow's is read."""

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
