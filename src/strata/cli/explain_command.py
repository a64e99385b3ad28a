"""``strata explain``."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Say what the CODE of a message means and how to mend it; without CODE, list them all."""
    from difflib import get_close_matches

    from strata.codes import catalogue

    known = catalogue()
    if code is None:
        click.echo("\n".join(f"{entry.code}  {entry.title}" for entry in known.values()))
        return
    if (entry := known.get(code.upper())) is None:
        near = get_close_matches(code.upper(), known, n=3, cutoff=0.5)
        hint = f"Near: {', '.join(near)}" if near else "strata explain lists them"
        raise click.UsageError(f"no code {code}. {hint}")
    status = f", exit status {entry.exit_status}" if entry.exit_status else ""
    click.echo(f"{entry.code} ({entry.severity}{status}): {entry.title}\n\n{entry.meaning}\nTo mend: {entry.mend}")
