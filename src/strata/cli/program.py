"""The program around the subcommands: loads them late, turns errors into messages and exit statuses."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from strata.cli.messages import JSON_ERRORS, STARTED, say_problems
from strata.errors import InputOutputError, Problem, StrataError, bug_report

__all__ = ["main"]

_COMMANDS: Mapping[str, str] = {
    "cite": "A methods paragraph of a run, and BibTeX of exactly what it used.",
    "batch": "Run a plan in every cohort of a manifest, on one machine or many.",
    "compare": "Compare survival for one signature and one endpoint.",
    "convert": "Write a cohort as a flat folder or a cBioPortal study.",
    "cutpoint": "Search a cut-point, with a P that is corrected for the search.",
    "demo": "Draw Figure 2 on the bundled synthetic cohort.",
    "explain": "Say what the code of a message means and how to mend it.",
    "figure2": "Kaplan-Meier panels and table C in the style of Figure 2 of Ochnik & Baxter 2016.",
    "init": "Write a plan filled in for a cohort.",
    "inspect": "Say in plain words what a cohort holds and what can be scored.",
    "merge": "Put the tables of a batch together that was run in shards.",
    "pairs": "Every pair of genes: high in both against the rest, and the interaction.",
    "run": "Run a plan: cohorts x signatures x populations x endpoints.",
    "scan": "Ask of every gene of a cohort whether survival differs by it.",
    "score": "Score and call the patients of a cohort.",
    "selftest": "Compare strata's numbers with R's on this machine.",
    "signatures": "List, show, check, lint, start and import signatures.",
    "simulate": "Make a synthetic cohort from a scenario.",
    "table": "A table of a run as a paper prints it: CSV, Markdown, LaTeX or HTML.",
    "verify": "Prove a run: its inputs hashed again, its tables made again and compared bit for bit.",
}
"""Each subcommand is ``command`` in the module of its name; the text stands here so that --help loads none of them."""

_TERMINATED = 128 + signal.SIGTERM


class _LateGroup(click.Group):
    """A group that imports a subcommand when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        # "init" is no name for a module beside __init__, so every module carries a suffix
        command: click.Command = importlib.import_module(f"strata.cli.{cmd_name}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _refuse_twice(command, rest, ctx)
        return name, command, rest


def _refuse_twice(command: click.Command, args: Sequence[str], ctx: click.Context) -> None:
    """Of an option given twice, click would silently take the last."""
    once = [param for param in command.params if isinstance(param, click.Option) and not param.multiple]
    words = [word.partition("=")[0] for word in args]
    for param in once:
        if sum(word in param.opts for word in words) > 1:
            ctx.fail(f"{param.opts[0]} is given twice")


@click.group(cls=_LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="strata-cohort", prog_name="strata", message="%(prog)s %(version)s")
@click.option(JSON_ERRORS, is_flag=True, expose_value=False, help="Say errors as JSON documents, one a line")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Score a cohort's patients with published biomarkers, stratify them, and test whether survival differs.

    Exit status: 0 done, 1 some units failed, 2 usage, 3 bad data, 4 bad signature or plan, 6 files and folders,
    70 a bug of strata, 130 and 143 interrupted.
    """
    ctx.meta[STARTED] = time.perf_counter()


def main() -> NoReturn:
    """Run the program and exit with its status."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        # click's own main() would turn a closed pipe into a failure
        with program.make_context("strata", sys.argv[1:]) as context:
            status = program.invoke(context)
    except click.exceptions.Exit as stop:
        _leave(stop.exit_code)
    except click.ClickException as error:
        if JSON_ERRORS in sys.argv[1:]:
            _leave(_refuse(error.exit_code, Problem("", error.format_message(), code="E701")))
        error.show()
        _leave(error.exit_code)
    except StrataError as error:
        _leave(_refuse(error.exit_status, *error.problems))
    except (KeyboardInterrupt, click.Abort):
        _leave(_say("strata: interrupted; nothing was written", 130))
    except BrokenPipeError:
        # the reader of our output has gone (strata ... | head); that is its right
        _drop_stdout()
        _leave(0)
    except OSError as error:
        _drop_stdout()
        place = str(error.filename or "standard output")
        problem = Problem(place, error.strerror or str(error), code="E710")
        _leave(_refuse(InputOutputError.exit_status, problem))
    except MemoryError:
        problem = Problem("", "not enough memory for this", "Ask for less at once, or use fewer --jobs", "E903")
        _leave(_refuse(InputOutputError.exit_status, problem))
    except Exception as error:  # noqa: BLE001  whatever is left is our own mistake
        _leave(_refuse(StrataError.exit_status, bug_report(error)))
    _leave(status if isinstance(status, int) else 0)


def _terminate(*_: object) -> NoReturn:
    """Leave through the normal way out on SIGTERM, so that temporary files are removed."""
    click.echo("strata: terminated; nothing was written", err=True)
    raise SystemExit(_TERMINATED)


def _drop_stdout() -> None:
    """Send what is still buffered nowhere: Python would try, and fail, to write it on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(status: int, *problems: Problem) -> int:
    say_problems(problems, status)
    return status


def _say(text: str, status: int) -> int:
    click.echo(text, err=True)
    return status


def _leave(status: int) -> NoReturn:
    sys.exit(status)
