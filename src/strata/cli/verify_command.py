"""``strata verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from strata.report import Verification


@click.command("verify")
@click.argument("run", type=click.Path())
def command(run: str) -> int:
    """Prove RUN, the folder of a run: hash its inputs again, do it again, and compare every table bit for bit.

    Says which inputs and files were changed, with both hashes, which versions are others now, and in which row and
    column tables differ. The run is repeated from its run.json in a temporary folder; RUN is not touched.

    The exit status is 0 when everything is as it was, 1 when something differs, 6 when inputs are gone, and that of the
    run itself when it cannot be repeated. On another processor or with another numpy numbers may differ in their last
    digits, which is said, and is 1 as well.
    """
    from strata.report import verify_run

    click.echo("the run is repeated from its record, which takes as long as it took", err=True)
    found = verify_run(run)
    for line in (*found.versions, *found.missing, *found.changed, *found.edited, *found.differences):
        click.echo(line)
    click.echo(_verdict(found))
    return found.exit_status


def _verdict(found: Verification) -> str:
    from strata.cohort.findings import count

    if found.failed is not None:
        return f"not repeated: {'; '.join(map(str, found.failed.problems))}"
    if not found.exit_status:
        return f"verified: {found.tables} tables come out again, every cell the same"
    apart = {item.table for item in found.differences}
    where = "only in the last digits: " if all(item.last_digits for item in found.differences) else ""
    parts = [f"{where}{len(apart)} of {found.tables} tables"] * bool(apart)
    parts += [f"{count(len(found.changed), 'input')} changed"] * bool(found.changed)
    parts += [f"{count(len(found.edited), 'file')} of the run changed or gone"] * bool(found.edited)
    return f"differs: {'; '.join(parts)}"
