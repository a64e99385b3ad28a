"""What the documentation takes from the program at each build: commands, codes, names, the catalogue; as Markdown."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import click

ROOT = Path(__file__).resolve().parents[1]

PACKAGES = (
    "cohort",
    "signatures",
    "scoring",
    "stratification",
    "survival",
    "scan",
    "analysis",
    "batch",
    "plots",
    "report",
    "errors",
    "simulate",
    "writing",
    "sklearn",
)
"""The packages whose public names have a page."""


def texts() -> dict[str, str]:
    """Everything that pages include, by file name."""
    return {
        "command-line.md": command_line(),
        "codes.md": codes(),
        "reading-options.md": reading_options(),
        "plan.md": plan(),
        "catalogue.md": catalogue(),
        "signature-files.md": signature_files(),
        "benchmarks.md": benchmarks(),
        "names.md": names(),
        **{f"{package}.md": public_names(f"strata.{package}") for package in PACKAGES},
    }


# -- the command line --------------------------------------------------------------------------------------------------


def command_line() -> str:
    """Every command with its help, arguments and options."""
    from strata.cli.program import program

    context = click.Context(program, info_name="strata")
    return "\n".join(line for found, command in every_command(context) for line in _command(found, command))


def every_command(context: click.Context) -> Iterator[tuple[click.Context, click.Command]]:
    """The commands below a group, each with its context, the groups among them before their own."""
    group = context.command
    for name in sorted(group.list_commands(context)) if isinstance(group, click.Group) else ():
        command = group.get_command(context, name)
        inside = click.Context(command, info_name=name, parent=context)
        yield inside, command
        yield from every_command(inside)


def _command(context: click.Context, command: click.Command) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## {context.command_path}\n"
    yield f"```{{program}} {context.command_path}\n```\n"
    yield f"```text\n{context.command_path} {usage}\n```\n"
    yield f"{_paragraphs(inspect.cleandoc(command.help or ''))}\n"
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context)):
            spelled, text = record
            yield f"```{{option}} {spelled}\n{_escaped(text)}\n```\n"


def _paragraphs(text: str) -> str:
    return "\n".join(_escaped(line) for line in text.splitlines())


def _escaped(text: str) -> str:
    """Plain text as Markdown."""
    return re.sub(r"([*_<>\[\]|{}])", r"\\\1", text)


# -- tables ------------------------------------------------------------------------------------------------------------


def codes() -> str:
    """A table of the codes of errors and warnings for each group of them."""
    from strata.codes import catalogue

    groups = ("files", "tables", "ids", "values", "survival", "YAML, signatures and plans", "commands and outputs")
    lines: list[str] = []
    for digit, group in enumerate((*groups, "analysis", "the machine"), start=1):
        found = [entry for entry in catalogue().values() if entry.code[1] == str(digit)]
        lines += [
            f"## {digit}: {group}",
            "",
            "| code | exit status | what | why | how to mend it |",
            "|---|---|---|---|---|",
        ]
        for entry in found:
            status = entry.exit_status if entry.severity == "error" else ""
            words = (status, entry.title, entry.meaning, entry.mend)
            cells = [f'<a id="{entry.code}"></a>{entry.code}', *map(_cell, words)]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def reading_options() -> str:
    """The keys of a cohort YAML, and the reading options with their defaults."""
    from dataclasses import fields

    from strata.cohort.options import COHORT_KEYS, ReadOptions

    lines = ["## Keys of a cohort YAML", "", "| key | what it holds |", "|---|---|"]
    lines += [f"| `{key}` | {_cell(text)} |" for key, text in COHORT_KEYS.items()]
    lines += ["", "## Reading options", "", "| option | what it says | one of | default |", "|---|---|---|---|"]
    for option in fields(ReadOptions):
        choices = ", ".join(f"`{choice}`" for choice in option.metadata["choices"])
        default = f"`{option.default}`" if option.default not in ("", ()) else ""
        lines.append(f"| `{option.name}` | {_cell(option.metadata['help'])} | {choices} | {default} |")
    return "\n".join(lines) + "\n"


def plan() -> str:
    """The keys of a plan, from the docstring of ``Plan``."""
    from strata.analysis import Plan

    parameters = (inspect.getdoc(Plan) or "").partition("----------\n")[2]
    lines = ["| key | what it holds | |", "|---|---|---|"]
    for found in re.finditer(r"^(\w[\w, ]*) : (.*)\n((?:    .*\n?)*)", parameters, re.M):
        keys = ", ".join(f"`{_key(Plan, name)}`" for name in found[1].split(", ") if name not in ("folder", "file"))
        if keys:
            lines.append(f"| {keys} | {_cell(found[2])} | {_cell(' '.join(found[3].split())).replace('``', '`')} |")
    return "\n".join(lines) + "\n"


def _key(model: type, name: str) -> str:
    """How a field is spelled in a file."""
    return next((field.alias or name for known, field in model.model_fields.items() if known == name), name)


def _cell(text: object) -> str:
    return _escaped(str(text))


# -- files of the checkout ---------------------------------------------------------------------------------------------


def catalogue() -> str:
    """The catalogue of signatures below its title; a file is linked where the build copies it to."""
    text = (ROOT / "signatures" / "CATALOGUE.md").read_text(encoding="utf-8")
    link = r'<a href="../signatures/\2">\1</a>'
    return re.sub(r"\[([^\]]+)\]\(([\w.-]+\.yaml)\)", link, _without_title(text))


def signature_files() -> str:
    """How a signature is written, below the title."""
    text = (ROOT / "signatures" / "README.md").read_text(encoding="utf-8")
    return _without_title(text).replace("[CATALOGUE.md](CATALOGUE.md)", "{doc}`/reference/catalogue`")


def benchmarks() -> str:
    """The tables of the last ``make bench`` that was kept, one level down."""
    file = ROOT / "benchmarks" / "results.md"
    if not file.exists():
        return "No run was kept in this checkout. `make bench` makes the tables on your machine.\n"
    return re.sub(r"^#", "##", file.read_text(encoding="utf-8"), flags=re.M)


def _without_title(text: str) -> str:
    return text.partition("\n")[2]


# -- names -------------------------------------------------------------------------------------------------------------


def names() -> str:
    """The names of ``strata`` itself, each with its first line and where it is described."""
    import strata

    lines = ["| name | what it is |", "|---|---|"]
    for name in strata.__all__:
        home = strata._HOME[name]
        first = (inspect.getdoc(getattr(strata, name)) or "").partition("\n")[0]
        lines.append(f"| {{py:obj}}`{name} <strata.{home}.{name}>` | {_cell(first)} |")
    return "\n".join(lines) + "\n"


def public_names(package: str) -> str:
    """Directives that describe every public name of a package from its docstring."""
    module = importlib.import_module(package)
    groups: dict[str, list[str]] = {"Functions": [], "Values and classes": [], "Constants": []}
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value):
            directive = "autoexception" if issubclass(value, BaseException) else "autoclass"
            groups["Values and classes"] += [f".. {directive}:: {package}.{name}", "   :members:", ""]
        elif inspect.isroutine(value):
            groups["Functions"] += [f".. autofunction:: {package}.{name}", ""]
        else:
            groups["Constants"] += [f".. py:data:: {package}.{name}", "", f"   {_comment(module, name)}", ""]
    lines: list[str] = []
    for group, body in groups.items():
        if body:
            lines += [f"## {group}", "", "```{eval-rst}", *body, "```", ""]
    return "\n".join(lines)


def _comment(module: ModuleType, name: str) -> str:
    """The text below the place where a constant gets its value, which may be another module; on one line."""
    nodes = ast.parse(inspect.getsource(module)).body
    for node in ast.walk(ast.Module(nodes, [])):
        if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]:
            return _comment(importlib.import_module(str(node.module)), name)
    for node, below in pairwise(nodes):
        target = node.target if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [None])[0]
        if getattr(target, "id", "") == name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            return " ".join(str(below.value.value).split())
    return ""
