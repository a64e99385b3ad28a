"""Tables in Markdown."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measure import Row, Table

HOW_TO_READ = """\
Every measurement is a process of its own, the contenders in turn, round after round. Times are medians; ratios are to
the first row, strata, and medians over the rounds; memory is the peak of the largest process, with interpreter and
imports. Time is from inside, without imports, unless a table says whole process; what numba compiles is in its cache,
as after a first run. *sample*: a loop ran on a sample and was scaled. *differs*: the largest difference to strata's
answers, over the larger of 1 and the answer."""


def heading(versions: Mapping[str, str], command: str) -> str:
    """The machine, the versions, and how to read the tables."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return "\n".join(
        [
            "# strata and its peers",
            "",
            f"`{command}`: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, {platform.platform()}.",
            ", ".join(f"{name} {version}" for name, version in versions.items()) + ".",
            "",
            HOW_TO_READ,
        ]
    )


def table_text(table: Table, rows: Sequence[Row], skipped: Sequence[str]) -> str:
    """A table with its heading and what was skipped."""
    lines = [
        f"## {table.title}",
        "",
        f"{table.about} Rounds: {max(len(row.seconds) for row in rows)}.",
        "",
        "| | median | ratio | peak MB | target | reached | differs |",
        "|---|---:|---:|---:|---|---|---|",
    ]
    lines += ["| " + " | ".join(_cells(row, rows[0])) + " |" for row in rows]
    if skipped:
        lines += ["", f"Skipped, not installed here: {', '.join(skipped)}."]
    sized = [(size, row.median) for size, row in zip(table.sizes, rows) if row.seconds and not row.failed]
    if len(sized) > 1:
        lines += ["", f"Fitted in log-log: time grows as size to the power of **{exponent(sized):.2f}**."]
    return "\n".join(lines)


def exponent(sized: Sequence[tuple[float, float]]) -> float:
    """The slope of log seconds on log size, by least squares."""
    x, y = ([math.log(value) for value in column] for column in zip(*sized))
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def faults(rows: Sequence[Row]) -> list[str]:
    """Processes that failed, and answers that differ."""
    found = [f"{row.contender.name} failed: {row.failed}" for row in rows if row.failed]
    return found + [f"{row.contender.name}: {', '.join(row.wrong)} differs from strata's" for row in rows if row.wrong]


def targets(row: Row, first: Row) -> list[tuple[str, str, bool]]:
    """Each target of a contender, what was measured, and whether that reaches it; a wrong answer reaches none."""
    contender, found = row.contender, []
    if contender.ratio is not None:
        found.append((f">= {contender.ratio:,.0f}x", f"{_short(row.ratio)}x", row.ratio >= contender.ratio))
    if contender.most_seconds is not None:
        most = contender.most_seconds
        found.append((f"<= {_seconds(most)}", _seconds(row.median), row.median <= most))
    if contender.most_mb is not None:
        found.append((f"<= {contender.most_mb:,.0f} MB", f"{row.peak:,.0f} MB", row.peak <= contender.most_mb))
    if contender.most_memory is not None:
        times = row.peak / first.peak
        target = f"<= {contender.most_memory}x the first one's MB"
        found.append((target, f"{times:.2f}x", times <= contender.most_memory))
    return [(text, measured, reached and not (row.wrong or row.failed)) for text, measured, reached in found]


def summary(measured: Sequence[tuple[Table, Sequence[Row]]]) -> str:
    """Every target in a table of its own, and what went wrong."""
    lines = ["## Targets", "", "| | | strata takes | target | measured | reached |", "|---|---|---:|---:|---:|---|"]
    for table, rows in measured:
        for row in rows:
            for text, found, reached in targets(row, rows[0]):
                cells = [table.title, row.contender.name, _seconds(rows[0].median), text, found, _yes(reached)]
                lines.append("| " + " | ".join(cells) + " |")
    wrong = [f"- {fault} ({table.title})" for table, rows in measured for fault in faults(rows)]
    return "\n".join([*lines, "", *(wrong or ["No process failed, and every answer that was compared agrees."])])


def _cells(row: Row, first: Row) -> list[str]:
    name = row.contender.name + (f" ({row.contender.note})" if row.contender.note else "")
    if row.failed:
        return [name, "failed: " + row.failed.replace("|", "/"), *[""] * 5]
    aims = targets(row, first)
    differs = ", ".join(
        f"**{name} {value:.0e}**" if name in row.wrong else f"{name} {value:.0e}"
        for name, value in row.differences.items()
        if row is not first
    )
    return [
        name,
        _seconds(row.median),
        "1" if row is first else _short(row.ratio),
        f"{row.peak:,.0f}",
        ", ".join(text for text, _, _ in aims),
        ", ".join(_yes(reached) for _, _, reached in aims),
        f"**WRONG:** {differs}" if row.wrong else differs,
    ]


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def _seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{_short(seconds / size)} {unit}"
    return f"{seconds:.1e} s" if seconds == seconds else "?"


def _short(number: float) -> str:
    """Three digits."""
    if not math.isfinite(number):
        return "?"
    digits = 2 - math.floor(math.log10(abs(number))) if number else 0
    return f"{number:,.{max(digits, 0)}f}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or sys.platform
