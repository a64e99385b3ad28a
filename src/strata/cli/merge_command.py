"""``strata merge``."""

from __future__ import annotations

from pathlib import Path

import click

from strata.cli.options import overwrite_option


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=click.Path(), metavar="FOLDER...")
@click.option("--out", type=click.Path(), help="Folder for the tables  [default: FOLDER, where there is one]")
@overwrite_option
def command(folders: tuple[str, ...], out: str | None, overwrite: bool) -> int:
    """Put the tables of a batch together that was run in shards, all in one FOLDER or each in its own.

    Nothing is computed again but what needs all cohorts: P adjusted over the batch, and pooled hazard ratios. When a
    shard or a cohort is missing, the message says which, and nothing is written. The exit status is 1 when a cohort
    failed.
    """
    from strata.batch import BatchFolder, find_shards, merge
    from strata.cli.batch_options import say, say_merged
    from strata.errors import Problem, UsageError

    found = [BatchFolder(Path(folder)) for folder in folders]
    if out is not None:
        merged = merge(find_shards(found), Path(out), overwrite=overwrite)
    elif len(found) > 1:
        raise UsageError(Problem("--out", f"{len(found)} folders, and none for the tables", "Pass --out", code="E703"))
    else:
        with found[0].writing(None, say=say):
            merged = merge(find_shards(found), found[0].path, overwrite=True, alone=True)
    say_merged(merged, folders[0] if out is None else out)
    return merged.exit_status
