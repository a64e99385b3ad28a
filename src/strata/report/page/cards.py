"""The card of a signature: what it means, what its sources claim, what was found of it, and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strata.plots.wording import endpoint_label, population_label
from strata.report.bibliography import reviews_of
from strata.report.facts import and_list
from strata.report.page.cells import PageTable, Row
from strata.report.page.ledgers import Ledgers, coverage_lines
from strata.signatures.rule_words import in_words

if TYPE_CHECKING:
    from strata.analysis import Results
    from strata.report.page.curves import Curves
    from strata.signatures import Claim, Signature
    from strata.survival import SurvivalComparison

__all__ = ["Card", "CardPlot", "cards"]

_MOST_BASELINE = 2_000
"""Rows of ``baseline.tsv`` that the cards of a page hold; of more they hold none."""


@dataclass(frozen=True, slots=True)
class CardPlot:
    """Curves that are drawn when the card is opened.

    Parameters
    ----------
    title : str
    place : int, optional
        Among the curves of the page; None where there are none.
    why : str
        Why there are none.
    command : str
        Which command draws the figure of this question by itself.
    """

    title: str
    place: int | None
    why: str
    command: str


@dataclass(frozen=True, slots=True)
class Card:
    """A signature in a page.

    Parameters
    ----------
    id, name : str
    definition : tuple of (label, words)
    claims : tuple of mapping of label to words
        What each claim says, its empty parts left out.
    coverage : tuple of str
        A line a cohort.
    cuts : tuple of str
        Learned cut-points, a line each.
    results : PageTable
    baseline : PageTable or None
        Without a row where the run has none, None where it has too many.
    plots : tuple of CardPlot
    verdict : str
        How many of its comparisons are estimable.
    """

    id: str
    name: str
    definition: tuple[tuple[str, str], ...]
    claims: tuple[Mapping[str, str], ...]
    coverage: tuple[str, ...]
    cuts: tuple[str, ...]
    results: PageTable
    baseline: PageTable | None
    plots: tuple[CardPlot, ...]
    verdict: str


def cards(results: Results, ledgers: Ledgers, curves: Curves) -> list[Card]:
    """The cards of a run, in its order; the curves they draw are added to ``curves``."""
    names = dict.fromkeys(strata.signature for cohort in results.cohorts for strata in cohort.strata)
    own: dict[str, list[SurvivalComparison]] = {}
    for result in results.comparisons():
        own.setdefault(result.signature, []).append(result)
    rows, genes, cuts = (_by_signature(r) for r in (ledgers.results, ledgers.genes, ledgers.rows("cut_points")))
    described = ledgers.rows("baseline")
    baseline = _by_signature(described) if len(described) <= _MOST_BASELINE else None
    return [
        Card(
            id=name,
            name=known.name if (known := results.library.get(name)) is not None else name,
            definition=() if known is None else tuple(_definition(known)),
            claims=() if known is None else tuple(_claim(claim) for claim in known.claims),
            coverage=tuple(coverage_lines(genes.get(name, ()))),
            cuts=tuple(_cut(row, several=len(results.cohorts) > 1) for row in cuts.get(name, ())),
            results=ledgers.results_of(name, rows.get(name, [])),
            baseline=None if baseline is None else ledgers.baseline_of(name, baseline.get(name, [])),
            plots=tuple(_plot(result, curves, several=len(results.cohorts) > 1) for result in own.get(name, ())),
            verdict=_verdict(rows.get(name, ())),
        )
        for name in names
    ]


def _by_signature(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["signature"], []).append(row)
    return found


def _definition(signature: Signature) -> Iterable[tuple[str, str]]:
    if signature.positive is not None:
        yield "Positive", in_words(signature.positive)
    if signature.panels:
        yield "Population", "; ".join(map(in_words, signature.panels))
    if signature.score is not None:
        yield "Score", in_words(signature.score)
    if signature.positive is not None:
        yield "As written", str(signature.positive)
    if signature.computable is not None:
        yield "Computable", signature.computable


def _claim(claim: Claim) -> dict[str, str]:
    parts = {
        "Role": claim.role,
        "Effect in the positive": claim.effect,
        "Evidence": claim.evidence,
        "Endpoints": ", ".join(claim.endpoints),
        "Drug": claim.drug,
        "Reported": claim.reported,
        "Read in": _read_in(claim),
        "Literature": claim.literature,
        "Gene list": claim.list,
        "Note": claim.note,
    }
    return {label: words for label, words in parts.items() if words}


def _read_in(claim: Claim) -> str | None:
    """``000:8362-8373``, with what the number and the lines are where it is one of the shipped reviews."""
    reviews = [f"{number} is {name}" for number, name in reviews_of(claim).items()]
    told = f" ({and_list(reviews)}; after the colon, lines of its text)" if reviews else ""
    return f"{claim.document}{told}" if claim.document else None


def _cut(row: Row, *, several: bool) -> str:
    where = f"{row['cohort']}, " if several else ""
    value = f": {float(row['value']):.4g}" if row["value"] else ""
    elsewhere = f", learned in {row['learned_on']}" if row["learned_on"] not in ("", row["cohort"]) else ""
    return f"{where}{population_label(row['population'])}: {row['cut']} of {row['number']}{value}{elsewhere}"


def _plot(result: SurvivalComparison, curves: Curves, *, several: bool) -> CardPlot:
    where = [result.cohort] if several else []
    title = ", ".join([*where, population_label(result.population), endpoint_label(result.endpoint)])
    population = "" if result.population == "all" else f" --population '{result.population}'"
    command = f"strata compare COHORT {result.signature} --endpoint {result.endpoint}{population} --out FOLDER"
    place, why = curves.add(result)
    return CardPlot(title, place, why, command)


def _verdict(rows: Sequence[Row]) -> str:
    done = sum(row["estimable"] == "true" for row in rows)
    return f"{done} of {len(rows)} comparisons estimable" if rows else "not compared"
