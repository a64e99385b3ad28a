"""What sentences about a run are made from: its record and its tables, and words for lists and citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import Plan
    from strata.signatures import Signature

__all__ = ["Facts", "and_list", "called_strata", "cited"]


@dataclass(frozen=True, eq=False, slots=True)
class Facts:
    """What the sentences about the run of a plan are made from.

    Parameters
    ----------
    record : mapping
        The content of ``run.json``.
    plan : Plan
    signatures : sequence of Signature
        Those by which patients could be called, and those of their populations.
    sources : mapping of signature to keys
        What their claims were read in.
    results, tests, pooled, baseline : DataFrame
        The tables; empty where the run has none.
    """

    record: Mapping[str, Any]
    plan: Plan
    signatures: Sequence[Signature]
    sources: Mapping[str, Sequence[str]]
    results: pd.DataFrame
    tests: pd.DataFrame
    pooled: pd.DataFrame
    baseline: pd.DataFrame

    @property
    def strata(self) -> list[Mapping[str, Any]]:
        """See :func:`called_strata`."""
        return called_strata(self.record)

    def has(self, column: str) -> bool:
        """Whether any row of the results has a number in a column."""
        return column in self.results and bool(self.results[column].notna().any())

    def compares(self, *names: str) -> bool:
        """Whether the results have an estimable row of one of these comparisons."""
        return len(self.results) > 0 and bool(self.results["comparison"].isin(names).any())

    def tested(self, *names: str) -> bool:
        """Whether the ledger has a P of one of these tests, adjusted or not."""
        if not len(self.tests):
            return False
        test = self.tests["test"].str.removesuffix(", not adjusted")
        return bool((test.isin(names) & self.tests["p_value"].notna()).any())


def called_strata(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the record says of each signature in each population and cohort in which any patient could be called."""
    return [s for cohort in record["cohorts"] for s in cohort["strata"] if _called(s["counts"])]


def _called(counts: Mapping[str, int]) -> bool:
    return any(n for call, n in counts.items() if call not in ("unknown", "not applicable"))


def and_list(items: Sequence[str]) -> str:
    """``a``; ``a and b``; ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def cited(keys: Sequence[str]) -> str:
    """``" [@a; @b]"``, or nothing."""
    return f" [{'; '.join(f'@{key}' for key in dict.fromkeys(keys))}]" if keys else ""
