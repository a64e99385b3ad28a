"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from strata.cohort.layouts import LAYOUT_NAMES

if TYPE_CHECKING:
    from strata.scoring import Resources

__all__ = [
    "absent_assay_option",
    "analysis_options",
    "as_read",
    "cohort_options",
    "comma",
    "control_options",
    "cut_scope_option",
    "no_share_option",
    "output_options",
    "overwrite_option",
    "plan_overrides",
    "privacy_options",
    "read_option",
    "read_resources",
    "resource_options",
    "timeout_option",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_CACHE = "strata.cache"


def comma(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """``A,B`` as a tuple; None when the option is not given."""
    return None if value is None else tuple(part.strip() for part in value.split(",") if part.strip())


def _numbers(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    parts = comma(ctx, param, value)
    try:
        return None if parts is None else tuple(float(part) for part in parts)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a list of months such as 12,60", ctx, param) from None


def _pairs(ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> Mapping[str, str]:
    from strata.cohort import parse_read_options

    cache = ctx.meta.get(_CACHE)
    return parse_read_options(value if cache is None else (*value, f"cache={cache}"))


def _cache(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    """Keep it for ``--read``, of which it is a short form: no command needs to know of it."""
    if value is not None:
        ctx.meta[_CACHE] = value


def _stack(*options: Decorator) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


read_option = _stack(
    click.option(
        "--read",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_pairs,
        help="A reading option, such as sep=; or event_values=2 (repeatable; the keys of read: in a cohort YAML)",
    ),
    click.option(
        "--cache",
        metavar="DIR",
        type=click.Path(),
        is_eager=True,
        expose_value=False,
        callback=_cache,
        help="Keep tables of numbers in this folder as they were parsed, and take them from there the next time",
    ),
)
"""How tables are read."""

cohort_options = _stack(
    click.option(
        "--layout",
        type=click.Choice(LAYOUT_NAMES),
        default="auto",
        show_default=True,
        help="Of files",
    ),
    click.option("--name", help="Name of the cohort (default: that of the folder)"),
    read_option,
)
"""How the one cohort of a command is read."""


def as_read(cohort: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What ``read_cohort`` is called with for the one cohort of a command, for its record: the path is absolute."""
    read = {key: options[key] for key in ("layout", "name")} | {"read": dict(options["read"])}
    return {"path": str(Path(cohort).absolute()), **read}


overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace the results of an earlier run in that folder"
)

output_options = _stack(
    click.option("--out", required=True, type=click.Path(), help="Folder for the results: absent or empty"),
    overwrite_option,
)
"""Where results go."""

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop a cohort that takes longer to read and compare: it is reported as failed, and the others are finished. "
    "A step of compiled code is finished first",
)

cut_scope_option = click.option(
    "--cut-scope",
    type=click.Choice(["population", "cohort"]),
    help="The patients a cut is learned on  [default: population]",
)

absent_assay_option = click.option(
    "--absent-assay",
    type=click.Choice(["unknown", "drop"]),
    help="What a leg of an 'any' is when the cohort lacks its assay  [default: unknown]",
)


def _absolute(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...] | None:
    """Paths of a repeatable option, from the working directory; None when it is not given."""
    return tuple(str(Path(path).absolute()) for path in value) or None


resource_options = _stack(
    click.option(
        "--gene-sets",
        multiple=True,
        type=click.Path(),
        callback=_absolute,
        metavar="FILE",
        help="Gene lists that signatures name: GMT, GMX, TSV or CSV (repeatable)",
    ),
    click.option(
        "--centroids",
        multiple=True,
        type=click.Path(),
        callback=_absolute,
        metavar="FILE",
        help="Centroids, genes x classes, for PAM50 and TNBCtype (repeatable)",
    ),
    click.option(
        "--hgnc", type=click.Path(), metavar="FILE", help="hgnc_complete_set.txt instead of the shipped names"
    ),
    click.option(
        "--min-coverage",
        type=click.FloatRange(min=0, max=1, min_open=True),
        metavar="SHARE",
        help="Share of a list's genes below which it is not scored  [default: 0.8]",
    ),
)
"""What signatures need beside the cohort."""


def read_resources(options: Mapping[str, Any]) -> Resources:
    """The gene lists, centroids and names that a command's options point at."""
    from strata.scoring import Resources

    keys = ("gene_sets", "centroids", "hgnc", "min_coverage")
    return Resources.read(**{key: options[key] for key in keys if options.get(key) is not None})


privacy_options = _stack(
    click.option(
        "--min-cell",
        type=click.IntRange(min=0),
        metavar="N",
        help="Hide counts below N, and what would tell them, in baseline.tsv and multiqc/; results, calls and figures "
        "are the analyst's own and show everything  [default: 5]",
    ),
    click.option(
        "--share",
        is_flag=True,
        default=None,
        help="Write a folder that may leave the house: counts below 11 (or --min-cell) hidden everywhere, curves read "
        "every 3 months, no patient's id, time or value",
    ),
    click.option(
        "--no-assignments",
        "assignments",
        flag_value=False,
        default=None,
        help="Do not write assignments.parquet, the call of each patient",
    ),
)
"""What of single patients, and of few, is written."""


def _refuse_share(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    from strata.errors import Problem, UsageError

    if value:
        what = "the numbers of many genes about the same few patients say too much together"
        fix = "Use `strata compare --share` or `strata run --share` for the signatures that you report"
        raise UsageError(Problem("--share", what, fix, code="E703"))


no_share_option = click.option(
    "--share", is_flag=True, expose_value=False, callback=_refuse_share, help="Refused: the table is for you alone"
)
"""Of commands whose tables cannot leave the house."""

analysis_options = _stack(
    click.option(
        "--signatures", "signatures", callback=comma, metavar="FOLDER|FILE,...", help="Add signatures of your own"
    ),
    click.option("--cut", help="Replace learned cuts: median, mean, qNN, sdN, mixture, optimal, tertiles, quartiles"),
    cut_scope_option,
    absent_assay_option,
    resource_options,
    click.option(
        "--covariates",
        callback=comma,
        metavar="COLUMN,...",
        help="Adjust hazard ratios, and the P that answers, for clinical columns",
    ),
    click.option(
        "--stratify-by",
        callback=comma,
        metavar="COLUMN,...",
        help="Stratify tests and hazard ratios by clinical columns",
    ),
    click.option(
        "--subgroups",
        callback=comma,
        metavar="COLUMN,...",
        help="Compare within the levels of clinical columns, and test each for interaction",
    ),
    click.option(
        "--pool",
        type=click.Choice(["REML", "DL", "PM"]),
        help="Estimator of the variance between cohorts, where there are several  [default: REML]",
    ),
    click.option(
        "--treatment", metavar="COLUMN", help="Compare the effect of this treatment (two words) by marker, and test it"
    ),
    click.option("--treatment-reference", metavar="WORD", help="The comparator  [default: control, placebo, none ...]"),
    click.option(
        "--family",
        callback=comma,
        metavar="COLUMN,...",
        help="Adjust P over the tests alike in these: cohort, signature, population, endpoint, comparison; run: all "
        "main (pooled, secondary, subgroup) tests of the run; all: these together  [default: run]",
    ),
    click.option(
        "--horizon", type=click.FloatRange(min=0, min_open=True), metavar="MONTHS", help="Cut follow-up there"
    ),
    click.option("--landmark", type=click.FloatRange(min=0, min_open=True), metavar="MONTHS", help="Start time there"),
    click.option("--times", callback=_numbers, metavar="MONTHS,...", help="Print survival at  [default: 12,36,60,120]"),
    privacy_options,
    click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes"),
    click.option(
        "--cross-check", is_flag=True, help="Compute every number again with lifelines and record the difference"
    ),
)
"""How strata are made and compared."""


control_options = _stack(
    click.option(
        "--null-check",
        type=click.IntRange(min=0),
        default=0,
        metavar="B",
        help="Permute outcomes within cohorts B times and report how often tests are below 0.05 then",
    ),
    click.option(
        "--random-signatures",
        type=click.IntRange(min=0),
        default=0,
        metavar="B",
        help="Compare each signature with B of as many genes drawn at random, and with a proliferation score",
    ),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of these negative controls"),
)
"""Negative controls of a run."""


def plan_overrides(options: Mapping[str, Any]) -> dict[str, Any]:
    """Of a command's options, those that are keys of a plan and were given."""
    keys = (
        "cut",
        "cut_scope",
        "absent_assay",
        "covariates",
        "stratify_by",
        "subgroups",
        "pool",
        "treatment",
        "treatment_reference",
        "family",
        "horizon",
        "landmark",
        "times",
        "comparator",
        "populations",
        "endpoints",
        "gene_sets",
        "centroids",
        "hgnc",
        "min_coverage",
        "min_cell",
        "share",
        "assignments",
    )
    return {key: options[key] for key in keys if options.get(key) is not None}
