"""Where the shipped signature files are: inside the wheel, or at the top of the checkout of an editable install."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from strata.errors import InputOutputError, Problem


def shipped_folder() -> Path:
    """The folder of the shipped signature files.

    Raises
    ------
    InputOutputError
        When the installation holds none.
    """
    package = Path(str(files("strata")))
    # an editable install never sees the wheel's _data, so the checkout is looked at second
    for folder in (package / "_data" / "signatures", *(parent / "signatures" for parent in package.parents[1:3])):
        if (folder / "schema.json").is_file():
            return folder
    raise InputOutputError(
        Problem(str(package), "the shipped signatures are missing", "Install strata-cohort again", code="E619")
    )
