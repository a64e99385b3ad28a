"""A run as sentences may tell it: its rows, names and counts, hidden where a run that is shared hides them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.cohort.findings import count
from strata.report.sharing import shared_remarks
from strata.report.small_cells import withheld
from strata.report.tables import shown_results
from strata.survival.own_test import name_of_test, own_test
from strata.survival.small_cells import shown_counts

if TYPE_CHECKING:
    from strata.analysis import CohortResult, Failure, Results
    from strata.stratification import Strata
    from strata.survival import Comparison, SurvivalComparison

__all__ = ["MAIN_ROWS", "ShownRow", "ShownRun", "note_parts", "some"]

MAIN_ROWS = ("positive_vs_rest", "trend")
"""The rows that answer a signature's own question: the main tests of the ledger."""


@dataclass(frozen=True, eq=False, slots=True)
class ShownRow:
    """A row of the results with the comparison behind it.

    Parameters
    ----------
    result : SurvivalComparison
    comparison : Comparison
        For its words alone: its numbers may be hidden.
    cells : mapping
        The row of ``results.tsv``.
    notes : tuple of str
        Of the comparison, as they may be told.
    withheld : bool
        The row tells of too few patients to be shared.
    """

    result: SurvivalComparison
    comparison: Comparison
    cells: Mapping[str, Any]
    notes: tuple[str, ...]
    withheld: bool

    def number(self, column: str) -> float:
        """A number of the row; NaN where it is missing or hidden."""
        value = self.cells[column]
        return nan if pd.isna(value) else float(value)

    def has(self, column: str) -> bool:
        """Whether the row has a number in a column."""
        return not isnan(self.number(column))

    @property
    def own_p(self) -> float:
        """P of the test that answers the row, which the ledger counts."""
        return self.number(own_test(self.comparison.name, self.cells))

    @property
    def test(self) -> str:
        """What that test is called."""
        return name_of_test(own_test(self.comparison.name, self.cells), self.comparison)

    @property
    def answered(self) -> bool:
        """Whether the row has a P or a hazard ratio that may be told."""
        return not isnan(self.own_p) or self.has("hazard_ratio")

    @property
    def small(self) -> bool:
        """Whether a stratum is too small for large-sample theory."""
        return any(note.startswith("small group") for note in self.notes)

    @property
    def key(self) -> tuple[str, ...]:
        """What the ledger calls the row: cohort, signature, population, endpoint, comparison."""
        return (*list(self.result.keys().values())[:4], self.comparison.name)

    def adjustment(self) -> str:
        """``adjusted for er in 122 patients``, where that number may be told; empty where HR is not adjusted."""
        adjusted = self.comparison.adjusted
        if adjusted is None:
            return ""
        return adjusted.said(self.comparison.n if self.has("n_adjusted") else None)

    def patients(self) -> str:
        """``n = 410 (122 positive), 151 events``."""
        n, events, positive = (self.cells[name] for name in ("n", "events", "n_positive"))
        if pd.isna(n) or pd.isna(events):
            return "counts are hidden"
        inside = "" if pd.isna(positive) else f" ({positive:,} positive)"
        return f"n = {n:,}{inside}, {count(events, 'event')}"

    def why_not(self) -> str:
        """Why a number is missing: the notes that say so, all of them where none does."""
        own = [note.partition("not estimable (")[2].removesuffix(")") for note in self.notes]
        others = [note for note in self.notes if not (note.startswith("asked for") and note.endswith("used"))]
        return "; ".join(filter(None, own)) or "; ".join(others) or "no reason was noted"


class ShownRun:
    """The parts of a run that sentences are made of.

    Parameters
    ----------
    results : Results
    """

    def __init__(self, results: Results) -> None:
        self.results, self.plan = results, results.plan

    @cached_property
    def rows(self) -> list[ShownRow]:
        """Every row, in the order of ``results.tsv``."""
        pairs = [(result, row) for result in self.results.comparisons() for row in result.comparisons]
        values = shown_results(self.results).to_dict("records")
        return [self._row(result, row, own) for (result, row), own in zip(pairs, values, strict=True)]

    def _row(self, result: SurvivalComparison, row: Comparison, own: Mapping[Any, Any]) -> ShownRow:
        hidden = self.is_withheld(own["note"])
        notes = (own["note"],) if hidden else tuple(self.text(part) for note in row.notes for part in note_parts(note))
        return ShownRow(result, row, {str(key): value for key, value in own.items()}, notes, hidden)

    def is_withheld(self, note: object) -> bool:
        """Whether the note of a row says that the row is withheld."""
        return self.plan.share and note == withheld(self.plan.shared_cell)

    @cached_property
    def main(self) -> list[ShownRow]:
        """The rows that answer a signature's own question, in the order of the plan; those without an answer last."""
        mine = [row for row in self.rows if row.comparison.name in MAIN_ROWS]
        return sorted(mine, key=lambda row: (not row.answered, self.place(row.result.signature)))

    def place(self, signature: str) -> int:
        """Where the plan names a signature; after all of these where it comes from a file or folder of the plan."""
        asked = self.plan.signatures
        return asked.index(signature) if signature in asked else len(asked)

    @cached_property
    def asked_tests(self) -> pd.DataFrame:
        """The tests of the ledger that ask a question: all but the supporting ones."""
        tests = self.results.tests
        return tests[~tests["family"].str.startswith("supporting")]

    @cached_property
    def _q_values(self) -> dict[tuple[str, ...], float]:
        tests = self.asked_tests
        keys = zip(*(tests[name] for name in ("cohort", "signature", "population", "endpoint", "comparison")))
        return dict(zip(keys, tests["q_value"]))

    def q_value(self, key: tuple[str, ...]) -> float:
        """The adjusted P of a row by its ``key``; NaN where it has none."""
        return self._q_values.get(key, nan)

    @cached_property
    def signatures(self) -> list[str]:
        """Ids of the signatures that were asked about, in the order of the run."""
        return list(dict.fromkeys(strata.signature for cohort in self.results.cohorts for strata in cohort.strata))

    def name(self, signature: str) -> str:
        """What a signature is called by people."""
        known = self.results.library.get(signature)
        return signature if known is None else known.name

    def failed(self, failure: Failure) -> str:
        """What a cohort is called that could not be analysed: its path where it had no name yet."""
        return Path(failure.cohort).name if self.plan.share else failure.cohort

    def patients(self, cohort: CohortResult) -> str:
        """``600 patients``: how many were read."""
        n = max((strata.labels.size for strata in cohort.strata), default=0)
        return count(n, "patient") if n >= self.plan.shared_cell else f"{self.number_of(n)} patients"

    def number_of(self, n: int) -> str:
        """A count of patients: ``<11`` where it is too small to be shared."""
        return f"<{self.plan.shared_cell}" if 0 < n < self.plan.shared_cell else f"{n:,}"

    def calls(self, strata: Strata) -> str:
        """``62 positive, 178 negative``: counts that add up to the cohort."""
        if not self.plan.share:
            return strata.counts_in_words
        told = shown_counts(list(strata.counts.values()), self.plan.shared_cell)
        return ", ".join(f"{n} {label}" for n, label in zip(told, strata.counts))

    def text(self, words: str) -> str:
        """A remark as it may be told: of a run that is shared without its numbers and folders."""
        return str(shared_remarks(words)) if self.plan.share else words


def note_parts(note: Any) -> Iterator[str]:
    """The remarks of a note, which semicolons divide; a semicolon in brackets divides none."""
    depth, start = 0, 0
    text = note if isinstance(note, str) else ""
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == ";" and depth <= 0:
            yield text[start:i].strip()
            start = i + 1
    if text:
        yield text[start:].strip()


def some(parts: Sequence[str], *, most: int = 10, rest: str) -> str:
    """The first parts, divided by semicolons, and how many more there are in the file ``rest``."""
    more = [f"{len(parts) - most:,} more in {rest}"] if len(parts) > most else []
    return "; ".join([*parts[:most], *more])
