"""README and docs: their code runs and prints what they show, and the reference is whole."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click import Context, Group, Option

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


@pytest.mark.parametrize("name", RUN)
def test_the_code_of_the_page_prints_what_it_shows(name, root, tmp_path):
    if name == "README":
        shutil.copytree(root / "synthetic" / "figure2-breast" / "flat", tmp_path / "my_study")
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


def spoken() -> list[tuple[str, str]]:
    """Every command that a page names in a sentence, and the ``make`` lines of its fences."""
    found = []
    for name, page in PAGES.items():
        text = page.read_text(encoding="utf-8")
        found += [(name, line) for line in re.findall(r"`((?:strata|make) [^`\n]+)`", text)]
        found += [
            (name, line) for _, body in pages.fences(page) for line in body.splitlines() if line.startswith("make ")
        ]
    return found


@pytest.mark.parametrize(("name", "line"), spoken())
def test_a_command_that_is_named_exists(name, line, root):
    words = [word for word in shlex.split(line, comments=True) if word != "COMMAND"]
    if words[0] == "make":
        targets = re.findall(r"^([a-z0-9-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
        assert next(word for word in words[1:] if "=" not in word) in targets
        return
    command = program.get_command(Context(program), words[1]) if not words[1].startswith("-") else program
    if isinstance(command, Group) and len(words) > 2:
        command = command.get_command(Context(command), words[2])
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
