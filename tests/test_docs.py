"""README and docs: their code runs and prints what they show, and the reference is whole."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest
from click import Command, Context, Group, Option

from strata.cli.program import program

DOCS = Path(__file__).resolve().parents[1] / "docs"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages, made = load("pages"), load("made")
PAGES = pages.pages()
RUN = [name for name, page in PAGES.items() if {"console", "python"} & {language for language, _ in pages.fences(page)}]


def test_there_are_pages_and_most_hold_code():
    assert {"README", "tutorial", "how-to/two-genes", "explanation/cut-points", "reference/results"} <= set(PAGES)
    assert len(RUN) > 20


STUDY = {"my_study": "synthetic/figure2-breast/flat"}
FOLDERS = {"README": STUDY, "signatures/README": STUDY, "synthetic/README": {"scenarios": "synthetic/scenarios"}}
"""What lies in the folder where the code of a page runs, and is a copy of what."""


@pytest.mark.parametrize("name", RUN)
def test_the_code_of_the_page_prints_what_it_shows(name, root, tmp_path):
    for folder, original in FOLDERS.get(name, {}).items():
        shutil.copytree(root / original, tmp_path / folder)
    command = [sys.executable, DOCS / "pages.py", PAGES[name], tmp_path]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    drawn = [figure for page in PAGES.values() for figure in pages.figures(page) if figure.startswith(f"{name}/")]
    assert [figure for figure in drawn if not (tmp_path / figure.removeprefix(f"{name}/")).exists()] == []


@pytest.fixture
def page(tmp_path, monkeypatch):
    """``page("text")``: what its code does in another way than the text shows."""
    monkeypatch.chdir(tmp_path)

    def run(text: str) -> list[str]:
        path = tmp_path / "page.md"
        path.write_text(text)
        return pages.run_page(path)

    return run


def test_the_runner_tells_other_output_from_the_one_shown(page):
    assert page("```console\n$ echo one\none\n```\n") == []
    assert len(page("```console\n$ echo one\ntwo\n```\n")) == 1
    assert len(page("```console\n$ false\n```\n")) == 1
    assert len(page("```console\n$ false | cat\n```\n")) == 1
    assert page("```console\n$ printf 'a\\nb\\nc 5 s\\n'\n...\nc ... s\n```\n") == []
    assert page("```console\n$ echo a \\\n    b\na b\n```\n") == []
    assert page("```python\nx = 1\n```\n\n```python\nprint(x)\n```\n\n```output\n1\n```\n") == []
    assert len(page("```python\nprint(1)\n```\n\n```output\n2\n```\n")) == 1
    assert page("```yaml\n# plan.yaml\na: 1\n```\n\n```console\n$ tail -1 plan.yaml\na: 1\n```\n") == []


# -- commands that do not run with their page --------------------------------------------------------------------------

_MAKE = ".ci/run"
_PIP = "tests/test_packaging.py"
_DASK = "tests/batch/test_dask.py"
ELSEWHERE = {
    "make demo": (_MAKE, "make demo"),
    "make test": (_MAKE, "make test"),
    "make bench": None,  # 25 minutes on a machine with the peers: run before a release
    "make bench ARGS=--quick": None,
    "python3 -m venv .venv": (_PIP, "venv.create("),
    ".venv/bin/pip install .": (_PIP, '"-m", "pip", '),
    "source .venv/bin/activate": (_PIP, "source "),
    "pip install '.[dask]'": (".ci/release_check.py", '"--extra", "dask"'),
    "dask scheduler": (_DASK, '[DASK, "scheduler"'),
    "dask worker tcp://HOST:8786 --nthreads 1": (_DASK, '[DASK, "worker"'),
    "strata batch manifest.tsv --plan plan.yaml --out /shared/results --scheduler tcp://HOST:8786": (
        _DASK,
        '"--scheduler"',
    ),
    "pip install . snakemake": ("Makefile", "--editable '.[dev]'"),  # snakemake is one of dev
    "snakemake --snakefile examples/pipelines/snakemake/Snakefile --cores 4 --config out=results": (
        "tests/test_pipelines.py",
        '"-m", "snakemake", "--snakefile"',
    ),
    # never run, as its page says
    "nextflow run examples/pipelines/nextflow/main.nf --manifest my.tsv --plan plan.yaml -profile conda": None,
}
"""Every command of an ``sh`` block: the file that runs it, and the words there that do. None: nothing here does."""

PROGRAMS = "strata|make|dask|pip3?|python3?|snakemake|nextflow|source|sbatch|conda|npm|uv|Rscript|git|cp|mkdir|bash"
_COMMAND = re.compile(rf"(?:\$ )?(?:\S*/bin/)?(?:{PROGRAMS}) [-\w./'\[]")


def blocks(text: str) -> list[tuple[str, str]]:
    """Every block of code of a page, also in a list: its language, and its text without the indentation of all."""
    found: list[tuple[str, list[str]]] = []
    fence = ""
    for line in text.splitlines():
        if marked := re.match(r"( *(?:`{3,}|~{3,}))(.*)", line):
            found += [] if fence else [(marked[2], [])]
            fence = "" if fence else marked[1]
        elif fence:
            found[-1][1].append(line[len(fence) - len(fence.lstrip()) :])
        elif line.startswith("    "):
            found.append(("indented", [line.lstrip()]))
    return [(language, "".join(f"{line}\n" for line in lines)) for language, lines in found]


def commands_that_do_not_run(page: Path) -> list[str]:
    """The commands of a page that ``docs/pages.py`` does not run, without their comments; scripts aside."""
    run = {body for language, body in pages.fences(page) if language == "console"}
    found = []
    for language, body in blocks(page.read_text(encoding="utf-8")):
        if language == "sh":
            found += body.splitlines()
        elif language not in ("output", "python", "yaml", "bash") and body not in run:
            found += [line for line in body.splitlines() if _COMMAND.match(line)]
    return [line.partition("  #")[0].rstrip() for line in found]


def test_blocks_that_hold_commands_are_found(tmp_path):
    page = tmp_path / "page.md"

    def found(text: str) -> list[str]:
        page.write_text(text)
        return commands_that_do_not_run(page)

    assert found("```console\n$ strata --version\n```\n") == []
    assert found("- a list\n\n  ```console\n  $ strata run x.yaml\n  ```\n") == ["$ strata run x.yaml"]
    assert found("```text\nmake demo   # draws\n```\n") == ["make demo"]
    assert found("```shell\n.venv/bin/pip install .\n```\n") == [".venv/bin/pip install ."]
    assert found("so:\n\n    strata signatures list --drug x\n") == ["strata signatures list --drug x"]
    assert found("```sh\nanything at all\n```\n") == ["anything at all"]
    assert found("```text\nread -> score\nstrata\n```\n") == []


ROOT = DOCS.parent
WRITTEN = {
    page.relative_to(ROOT).as_posix(): page
    for top in (".", "docs", "examples", "signatures", "synthetic", "benchmarks")
    for page in sorted((ROOT / top).glob("*.md" if top == "." else "**/*.md"))
    if not {"_made", "_build"} & set(page.relative_to(ROOT).parts)
}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_command_of_a_page_runs_with_it_or_where_the_list_says(name):
    page = WRITTEN[name]
    assert [line for line in commands_that_do_not_run(page) if line not in ELSEWHERE] == []
    code = [body for language, body in pages.fences(page) if language in ("console", "python")]
    assert page in PAGES.values() or code == []
    # what stands above the first command of a block would not run
    assert all(body.startswith("$ ") for language, body in pages.fences(page) if language == "console")


def test_scripts_are_on_the_page_whose_scripts_the_tests_run():
    found = {name for name, page in WRITTEN.items() for language, _ in blocks(page.read_text()) if language == "bash"}
    assert found == {"docs/how-to/from-laptop-to-cluster.md"}  # in tests/test_pipelines.py
    (page,) = (WRITTEN[name] for name in found)
    scripts = [body for language, body in pages.fences(page) if language == "bash"]
    assert [sum(manager in body for body in scripts) for manager in ("SLURM", "AWS")] == [1, 1]
    assert len(scripts) == 2


def test_what_the_list_says_runs_a_command_holds_it(root):
    written = {line for page in WRITTEN.values() for line in commands_that_do_not_run(page)}
    assert sorted(set(ELSEWHERE) - written) == []
    for file, words in filter(None, ELSEWHERE.values()):
        assert words in (root / file).read_text(encoding="utf-8"), (file, words)


def spoken() -> list[tuple[str, str]]:
    """Every command that a page names in a sentence, and those that run elsewhere."""
    found = []
    for name, page in PAGES.items():
        text = page.read_text(encoding="utf-8")
        found += [(name, line) for line in re.findall(r"`((?:strata|make) [^`\n]+)`", text)]
    return found + [("elsewhere", line) for line in ELSEWHERE if re.match("strata|make|dask", line)]


def named_command(words: list[str]) -> Command:
    """The command that is called, of strata or of dask."""
    if words[0] == "dask":
        pytest.importorskip("distributed")
        (entry,) = entry_points(group="dask_cli", name=words[1])
        return entry.load()
    command = program.get_command(Context(program), words[1]) if not words[1].startswith("-") else program
    if isinstance(command, Group) and len(words) > 2:
        command = command.get_command(Context(command), words[2])
    return command


@pytest.mark.parametrize(("name", "line"), spoken())
def test_a_command_that_is_named_exists(name, line, root):
    words = [word for word in shlex.split(line, comments=True) if word != "COMMAND"]
    if words[0] == "make":
        targets = re.findall(r"^([a-z0-9-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
        assert next(word for word in words[1:] if "=" not in word) in targets
        return
    command = named_command(words)
    assert command is not None
    options = {name for parameter in command.get_params(Context(command)) for name in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options


def test_links_of_the_readme_lead_somewhere(root):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", PAGES["README"].read_text(encoding="utf-8"))
    assert len(links) > 5
    assert [link for link in links if "://" not in link and not (root / link).exists()] == []


# -- the reference -----------------------------------------------------------------------------------------------------


def test_every_command_and_option_is_in_the_reference():
    text = made.command_line()
    for context, command in made.every_command(Context(program, info_name="strata")):
        own = text.partition(f"## {context.command_path}\n")[2].partition("\n## ")[0]
        assert own, context.command_path
        for parameter in command.get_params(context):
            if isinstance(parameter, Option):
                spelled = re.findall(r"^```\{option\} (.*)$", own, re.M)
                assert any(set(parameter.opts) <= set(re.split(r"[ ,]+", words)) for words in spelled), parameter.opts


def test_the_reference_of_a_command_is_its_help():
    """Word by word what a terminal prints, options aside."""
    from click.testing import CliRunner

    printed = CliRunner().invoke(program, ["run", "--help"], terminal_width=200).output
    text = made.command_line().partition("## strata run\n")[2].partition("\n## ")[0]
    assert " ".join(printed.partition("\n\n")[2].partition("Options:")[0].split()) in " ".join(
        text.replace("\\", "").split()
    )


@pytest.mark.parametrize("package", made.PACKAGES)
def test_every_public_name_is_on_the_page_of_its_package(package):
    module = importlib.import_module(f"strata.{package}")
    described = re.findall(r"^\.\. (?:auto\w+|py:data):: (\S+)$", made.public_names(f"strata.{package}"), re.M)
    assert described == sorted(described, key=described.index)
    assert set(described) == {f"strata.{package}.{name}" for name in module.__all__}
    page = PAGES[f"reference/python/{package}"].read_text(encoding="utf-8")
    assert f"_made/{package}.md" in page


def test_every_name_of_strata_is_in_the_table_of_names():
    import strata

    rows = dict(re.findall(r"^\| \{py:obj\}`(\w+) <([\w.]+)>` \|", made.names(), re.M))
    assert list(rows) == strata.__all__
    for name, target in rows.items():
        package = target.split(".")[1]
        assert f" {target}\n" in made.public_names(f"strata.{package}"), name


def test_constants_are_described_by_the_text_below_them():
    text = made.public_names("strata.survival")
    assert "strata.survival.FOUR_GROUPS\n\n   The four groups of two calls" in text


def test_every_code_is_in_the_reference():
    from strata.codes import catalogue

    assert re.findall(r'<a id="(\w+)">', made.codes()) == sorted(catalogue(), key=lambda code: (code[1], code))


def test_every_key_of_a_plan_and_of_a_cohort_yaml_is_in_the_reference():
    from dataclasses import fields

    from strata.analysis import Plan
    from strata.cohort.options import COHORT_KEYS, ReadOptions

    keys = {field.alias or name for name, field in Plan.model_fields.items()} - {"folder", "file", "equivalents"}
    assert keys == set(re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\| (`.*?) \|", made.plan(), re.M))))
    read = {*COHORT_KEYS, *(option.name for option in fields(ReadOptions))}
    assert read == set(re.findall(r"^\| `(\w+)` \|", made.reading_options(), re.M))


def test_every_column_of_the_results_is_in_the_reference():
    from strata.survival import COLUMNS

    rows = PAGES["reference/results"].read_text(encoding="utf-8").partition("## Columns")[2]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", rows, re.M))))
    assert set(COLUMNS) == named


def test_every_signature_of_the_catalogue_links_to_its_file(root):
    links = set(re.findall(r'<a href="\.\./signatures/([\w.-]+)">', made.catalogue()))
    assert links == {path.name for path in (root / "signatures").glob("*.yaml")}


def test_generated_pages_are_included_by_pages():
    included = {file for page in PAGES.values() for file in re.findall(r"_made/([\w-]+\.md)", page.read_text())}
    assert included == set(made.texts())
