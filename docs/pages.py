r"""The code of the pages: run, and its output compared with what the page shows.

    python docs/pages.py docs/tutorial.md FOLDER    # exit status 1 when something else comes out

The fences of a page, in their order:

- ``console``: a line that starts with ``$ `` is a command (``\\`` at its end continues it on the next line); the lines
  below are its output. A command must succeed; one that is shown to fail says so: ``|| echo "exit status $?"``.
- ``python``: the blocks of a page are one program; an ``output`` fence below holds what the last of them prints.
- ``yaml`` whose first line is ``# NAME.yaml``: written to that file.
- ``sh`` and ``bash``: commands that cannot run here; ``tests/test_docs.py`` lists what runs each of them.
- ``text`` and any other: no commands.

In an output a line ``...`` stands for any lines and ``...`` in a line for anything; empty lines and the width of white
space do not count. Output that is not shown is not compared.
Everything that a page makes is in FOLDER, also the figures it shows as ``/_made/PAGE/FILE``.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
WITH_READMES = ("examples", "signatures", "synthetic")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_FIGURE = re.compile(r"/_made/([\w./-]+\.(?:svg|png))")


def pages() -> dict[str, Path]:
    """Every page by its name: its path below docs without ``.md``; of a README its path in the checkout."""
    written = [page for page in sorted(DOCS.rglob("*.md")) if not page.relative_to(DOCS).parts[0].startswith("_")]
    named = {page.relative_to(DOCS).with_suffix("").as_posix(): page for page in written}
    root = DOCS.parent
    others = [root / "README.md", *(page for top in WITH_READMES for page in sorted((root / top).rglob("README.md")))]
    return {page.relative_to(root).with_suffix("").as_posix(): page for page in others} | named


def fences(page: Path) -> list[tuple[str, str]]:
    """The language and the text of each fence of a page."""
    return _FENCE.findall(page.read_text(encoding="utf-8"))


def figures(page: Path) -> list[str]:
    """The figures that a page shows, as PAGE/FILE: the page that draws it, and the file in its folder."""
    return _FIGURE.findall(page.read_text(encoding="utf-8"))


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Each command of a ``console`` fence, and the output that is shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
        lines = part.splitlines(keepends=True)
        last = next(i for i, line in enumerate(lines) if not line.endswith("\\\n"))
        yield "".join(lines[: last + 1]), "".join(lines[last + 1 :])


def run_page(page: Path) -> list[str]:
    """Run the code of a page in the working folder; returns what comes out in another way than the page shows."""
    wrong: list[str] = []
    names: dict[str, object] = {"__name__": "page"}
    printed = ""
    for language, body in fences(page):
        if language == "console":
            for command, shown in commands(body):
                wrong += _run(command, shown)
        elif language == "python":
            printed = _execute(body, names, page)
        elif language == "output":
            wrong += _differences("python", body, printed)
        elif language == "yaml" and (named := re.match(r"# ([\w.-]+\.yaml)\b", body)):
            Path(named[1]).write_text(body, encoding="utf-8")
    return wrong


def _run(command: str, shown: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        return [f"$ {command}exit status {done.returncode}:\n{done.stdout}"]
    return _differences(f"$ {command.strip()}", shown, done.stdout) if shown.strip() else []


def _execute(body: str, names: dict[str, object], page: Path) -> str:
    """What a block prints, warnings among it."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        exec(compile(body, f"<{page.name}>", "exec"), names)
    return out.getvalue()


def _differences(what: str, shown: str, found: str) -> list[str]:
    expected, lines = _lines(shown), _lines(found)
    pattern = "".join("(?:.*\n)*?" if line == "..." else f"{_escaped(line)}\n" for line in expected)
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)):
        return []
    return ["\n".join([what, *difflib.unified_diff(expected, lines, "shown", "found", lineterm="")])]


def _lines(text: str) -> list[str]:
    """The lines that are not empty, with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _escaped(line: str) -> str:
    return re.escape(line).replace(re.escape("..."), ".*")


def main() -> int:
    """Run one page."""
    page, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    # the commands of this Python, no window, and help as wide on every machine
    where = str(Path(sys.executable).parent)
    os.environ |= {"PATH": f"{where}{os.pathsep}{os.environ['PATH']}", "MPLBACKEND": "agg", "COLUMNS": "100"}
    wrong = run_page(page)
    print(*wrong, sep="\n\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
