"""Plain data as the YAML a person would write: short parts on one line, text quoted where a reader might misread it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["one_line", "yaml_text"]

_WIDTH = 110
# everything else is quoted: 1e5, 1-2, a: b, ~
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./()-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})


def yaml_text(data: Mapping[str, Any]) -> str:
    """YAML of nested mappings and lists of text and numbers; lines end with a newline."""
    return "".join(f"{line}\n" for line in _block(data, 0))


def one_line(text: str) -> str:
    """``text`` with single blanks and without characters that cannot be printed."""
    return "".join(mark for mark in " ".join(text.split()) if mark.isprintable())


def _block(value: Any, indent: int) -> Iterator[str]:
    pad = " " * indent
    if isinstance(value, Mapping):
        for key, part in value.items():
            line = f"{pad}{_flow(key)}: {_flow(part)}"
            if not isinstance(part, (Mapping, list)) or (len(line) <= _WIDTH and not _is_table(part)):
                yield line
            else:
                yield f"{pad}{_flow(key)}:"
                yield from _block(part, indent + 2)
    elif all(isinstance(part, str) for part in value):
        wrapper = textwrap.TextWrapper(_WIDTH, pad, f"{pad} ", break_on_hyphens=False, break_long_words=False)
        yield from wrapper.wrap(_flow(value))
    else:
        for part in value:
            first, *rest = _block(part, indent + 2)
            yield f"{pad}- {first.lstrip()}"
            yield from rest


def _is_table(value: Any) -> bool:
    """Whether it is a list of mappings of several keys, which nobody reads on one line."""
    return isinstance(value, list) and any(isinstance(part, Mapping) and len(part) > 1 for part in value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    text = one_line(str(value))
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"
