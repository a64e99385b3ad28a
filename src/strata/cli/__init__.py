"""The command ``strata``: one file a subcommand, each calling one public function."""

from strata.cli.program import main

__all__ = ["main"]
