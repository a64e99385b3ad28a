"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).resolve().parent
MADE = HERE / "_made"
EXTRA = MADE / "extra"
EXTRA.mkdir(parents=True, exist_ok=True)
sys.path.insert(0, str(HERE))

import made  # noqa: E402
import pages  # noqa: E402

project = "strata"
author = "The strata developers"
copyright = f"2026, {author}"  # noqa: A001
version = release = version_of("strata-cohort")

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["_made", "_build"]
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
smartquotes = False  # it would make a dash of --
nitpicky = True

nitpick_ignore_regex = [("py:.*", r"strata\..*")]  # docstrings may name what is not public

# the docstrings hold the types, as words
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = f"strata {release}"
html_static_path = ["_static"]
html_css_files = ["strata.css"]
html_extra_path = ["_made/extra"]
html_copy_source = False
html_theme_options = {"sidebar_hide_name": False}


def make(_app: object) -> None:
    """Write what pages include, and run the pages that show figures."""
    for name, text in made.texts().items():
        _write(MADE / name, text)
    copied = EXTRA / "signatures"
    shutil.copytree(made.ROOT / "signatures", copied, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))
    found = pages.pages()
    figures = {figure for page in found.values() for figure in pages.figures(page)}
    drawing = [name for name in found if any(figure.startswith(f"{name}/") for figure in figures)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_run, drawing, [found[name] for name in drawing]))
    if gone := [figure for figure in figures if not (MADE / figure).exists()]:
        raise RuntimeError(f"no page draws {', '.join(gone)}")


def _write(path: Path, text: str) -> None:
    """Write a text unless the file holds it: pages that include it are then not read again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _run(name: str, page: Path) -> None:
    folder = MADE / name
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, HERE / "pages.py", page, folder], capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(f"{page} shows something else than its code makes:\n{done.stdout}{done.stderr}")


def setup(app: object) -> None:
    """Called by Sphinx."""
    app.connect("builder-inited", make)  # type: ignore[attr-defined]
