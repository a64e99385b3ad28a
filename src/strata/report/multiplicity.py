"""What a caption says about the number of tests behind a P value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.report.tables import single_genes

if TYPE_CHECKING:
    import pandas as pd

    from strata.survival import SurvivalComparison

__all__ = ["shown_tests", "tests_in_words"]


def tests_in_words(tests: pd.DataFrame, shown: int) -> str:
    """How many of a run's tests a figure shows, and how many of all of them are below 0.05, adjusted and not.

    Parameters
    ----------
    tests : DataFrame
        The run's ledger.
    shown : int
        Tests of the figure.
    """
    asked = _asked(tests)
    further = len(tests) - len(asked)
    supporting = count(further, "supporting one")
    beside = f"; beside them {supporting}, of assumptions, of covariates or by another method" if further else ""
    roles = "; ".join(_roles(asked))
    of_all = f"This figure shows {shown} of the {count(len(asked), 'test')} of this run: {roles}{beside} (tests.tsv)."
    return f"{of_all} q: Benjamini-Hochberg over the tests of a family, failed ones counted."


def shown_tests(tests: pd.DataFrame, results: Sequence[SurvivalComparison], drawn: Sequence[str]) -> int:
    """How many tests a figure shows that draws one comparison of each result and lists the single genes.

    Parameters
    ----------
    tests : DataFrame
        The run's ledger.
    results : sequence of SurvivalComparison
        Those of the figure.
    drawn : sequence of str
        The name of the comparison that is drawn of each.
    """
    asked = _asked(tests)
    mine = set(zip((tuple(result.keys().values())[:4] for result in results), drawn))
    alone = single_genes(asked).index
    keys = list(zip(asked["cohort"], asked["signature"], asked["population"], asked["endpoint"]))
    own = {key for key, _ in mine}
    return sum(
        (key, name) in mine or (index in alone and key in own)
        for index, key, name in zip(asked.index, keys, asked["comparison"])
    )


def _asked(tests: pd.DataFrame) -> pd.DataFrame:
    return tests[~tests["family"].str.startswith("supporting")]


def _roles(asked: pd.DataFrame) -> Iterator[str]:
    for role in ("all", "main", "pooled", "secondary", "subgroup"):
        rows = asked[asked["family"].str.startswith(role)]
        if len(rows):
            p, q = (int((rows[column] < 0.05).sum()) for column in ("p_value", "q_value"))
            them = "them" if role == "all" else count(len(rows), f"{role} one")
            yield f"of {them} {p} {'has' if p == 1 else 'have'} P < 0.05 and {q} q < 0.05"
