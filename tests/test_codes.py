"""The catalogue of codes: every problem has one of it, and every one of it is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from strata.codes import catalogue

PASSED_ON = re.compile(r"\bcode\b|\*|_CODES\[|_words\(|\(\"\", problems\)")
"""How a problem gets the code of another place: by a name, by unpacking, from a table."""

MAKERS = {"Problem", "problem", "wrong", "_refuse"}


def _calls(root: Path) -> Iterator[tuple[str, str]]:
    """Every call that makes a problem, as (place, source)."""
    for path in sorted((root / "src" / "strata").rglob("*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in MAKERS and not (name == "_refuse" and path.name == "program.py"):
                yield f"{path.relative_to(root)}:{node.lineno}", ast.get_source_segment(source, node) or ""


def test_every_problem_has_a_known_code(root: Path):
    wrong = []
    for place, source in _calls(root):
        codes = re.findall(r"\"([EW]\d{3})\"", source)
        if not (codes and set(codes) <= set(catalogue())) and not PASSED_ON.search(source):
            wrong.append(f"{place}: {' '.join(source.split())[:120]}")
    assert not wrong, "\n".join(wrong)


def test_an_error_is_made_of_problems_not_of_a_text(root: Path):
    """A text alone would have no code."""
    found = []
    for path in sorted((root / "src" / "strata").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                name = getattr(node.exc.func, "id", "")
                text = isinstance(node.exc.args[0], ast.Constant | ast.JoinedStr)
                if text and name in {"UsageError", "DataError", "SignatureError", "PlanError", "InputOutputError"}:
                    found.append(f"{path.relative_to(root)}:{node.lineno}")
    assert found == []


def test_every_code_is_used(root: Path):
    source = "\n".join(path.read_text() for path in (root / "src" / "strata").rglob("*.py"))
    assert [code for code in catalogue() if f'"{code}"' not in source] == []


def test_every_code_in_the_source_is_in_the_catalogue(root: Path):
    source = "\n".join(path.read_text() for path in (root / "src" / "strata").rglob("*.py"))
    assert set(re.findall(r"\"([EW]\d{3})\"", source)) <= set(catalogue())


def test_the_catalogue_is_whole_and_in_order():
    codes = list(catalogue())
    assert codes == sorted(codes)
    for entry in catalogue().values():
        assert entry.title
        assert entry.meaning.endswith((".", "?"))
        assert entry.mend.endswith((".", "?")), entry.code
        assert entry.exit_status in ({0} if entry.severity == "warning" else {1, 2, 3, 4, 6, 70})
