"""Names of endpoints that can only be misspelt."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from strata.errors import Problem, UsageError
from strata.plots.wording import ENDPOINTS

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["refuse_unknown_endpoints"]


def refuse_unknown_endpoints(results: Results) -> None:
    """Refuse what is no common endpoint and what no cohort has; a common one that a cohort lacks is a row that says so.

    Raises
    ------
    UsageError
        With the endpoints that the cohorts have, and the one that was meant as far as it can be guessed.
    """
    if results.failures:
        # a cohort that could not be read may have it
        return
    equivalents = results.plan.equivalents
    found = list(dict.fromkeys(name for cohort in results.cohorts for name in cohort.choices.get("endpoints", ())))
    asked = [name for name in results.plan.endpoints if name not in {*ENDPOINTS, *equivalents, *found}]
    answered = [*found, *(name for name, used in equivalents.items() if not set(found).isdisjoint(used))]
    if asked:
        raise UsageError([_problem(name, found, answered) for name in asked])


def _problem(asked: str, found: list[str], answered: list[str]) -> Problem:
    words = {name: name for name in answered} | {ENDPOINTS.get(name, name).upper(): name for name in answered}
    near = [word for word in words if word.startswith(asked)] or get_close_matches(asked, words, n=1, cutoff=0.5)
    what = f"no cohort has an endpoint of this name (endpoints found: {', '.join(found) or 'none'})"
    fix = f"Did you mean {words[near[0]]}?" if near else "Name its columns under endpoints: in a cohort YAML"
    return Problem(f"endpoint {asked}", what, fix, code="E703")
