"""The program around the subcommands: loads them late, turns errors into messages and exit statuses."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, NoReturn

import click

from strata.errors import InputOutputError, StrataError

__all__ = ["main"]

_COMMANDS: Mapping[str, str] = {
    "compare": "Compare survival for one signature and one endpoint.",
    "cutpoint": "Search a cut-point, with a P that is corrected for the search.",
    "demo": "Draw Figure 2 on the bundled synthetic cohort.",
    "figure2": "Kaplan-Meier panels and table C in the style of Figure 2 of Ochnik & Baxter 2016.",
    "init": "Write a plan filled in for a cohort.",
    "inspect": "Say in plain words what a cohort holds and what can be scored.",
    "pairs": "Every pair of genes: high in both against the rest, and the interaction.",
    "run": "Run a plan: cohorts x signatures x populations x endpoints.",
    "scan": "Ask of every gene of a cohort whether survival differs by it.",
    "score": "Score and call the patients of a cohort.",
    "selftest": "Compare strata's numbers with R's on this machine.",
    "signatures": "List, show, check, lint, start and import signatures.",
    "simulate": "Make a synthetic cohort from a scenario.",
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
@click.version_option(version("strata-cohort"), prog_name="strata", message="%(prog)s %(version)s")
def program() -> None:
    """Score a cohort's patients with published biomarkers, stratify them, and test whether survival differs.

    Exit status: 0 done, 1 some units failed, 2 usage, 3 bad data, 4 bad signature or plan, 6 files and folders,
    70 a bug of strata, 130 and 143 interrupted.
    """


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
        error.show()
        _leave(error.exit_code)
    except StrataError as error:
        _leave(_say("\n".join(f"strata: error: {problem}" for problem in error.problems), error.exit_status))
    except (KeyboardInterrupt, click.Abort):
        _leave(_say("strata: interrupted; nothing was written", 130))
    except BrokenPipeError:
        # the reader of our output has gone (strata ... | head); that is its right
        _drop_stdout()
        _leave(0)
    except OSError as error:
        _drop_stdout()
        place = error.filename or "standard output"
        _leave(_say(f"strata: error: {place}: {error.strerror or error}", InputOutputError.exit_status))
    except Exception:  # noqa: BLE001  whatever is left is our own mistake, and its trace is what we need to mend it
        import traceback

        traceback.print_exc()
        _leave(_say("strata: this is a bug of strata; please report it with the lines above", 70))
    _leave(status if isinstance(status, int) else 0)


def _terminate(*_: object) -> NoReturn:
    """Leave through the normal way out on SIGTERM, so that temporary files are removed."""
    click.echo("strata: terminated; nothing was written", err=True)
    raise SystemExit(_TERMINATED)


def _drop_stdout() -> None:
    """Send what is still buffered nowhere: Python would try, and fail, to write it on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str, status: int) -> int:
    click.echo(text, err=True)
    return status


def _leave(status: int) -> NoReturn:
    sys.exit(status)
