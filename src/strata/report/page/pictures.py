"""The figures of a page: those that the run has drawn, and the flow of its patients."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strata.analysis import patient_flow
from strata.plots.wording import endpoint_label, population_label
from strata.report.figures import drawn_comparison
from strata.report.page.svg import InlineFigure, inline_svg

if TYPE_CHECKING:
    from strata.analysis import PatientFlow, Results
    from strata.survival import SurvivalComparison

__all__ = ["MOST_FIGURES", "MOST_FLOWS", "Flow", "drawn_figures", "flows"]

MOST_FIGURES = 20
"""Figures of the run that its page holds; the others are files beside it."""

MOST_FLOWS = 4
"""Questions whose flow of patients is drawn."""

_MOST_STEPS = 100
"""Questions whose flow is told in words."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow of patients to one question.

    Parameters
    ----------
    title : str
    steps : tuple of (words, left out)
        Who remains after each step, and who was left out in it, each with their number.
    strata : tuple of str
    figure : InlineFigure, optional
    """

    title: str
    steps: tuple[tuple[str, tuple[str, ...]], ...]
    strata: tuple[str, ...]
    figure: InlineFigure | None


def drawn_figures(folder: Path) -> tuple[list[InlineFigure], int]:
    """The figures that a run has written, and how many more there are."""
    # subgroups, of which there are many, last
    files = sorted(folder.glob("**/*.svg"), key=lambda file: ("subgroups" in file.name, len(file.parts), file.name))
    shown = files[:MOST_FIGURES]
    found = [
        inline_svg(
            file.read_text(encoding="utf-8"), name=str(file.relative_to(folder).with_suffix("")), prefix=f"f{i}-"
        )
        for i, file in enumerate(shown)
    ]
    return found, len(files) - len(shown)


def flows(results: Results) -> tuple[list[Flow], int]:
    """The flow of patients to the first questions, and how many more there are.

    None of a run that is shared: its tables hide other counts than a diagram would.
    """
    if results.plan.share:
        return [], 0
    pairs = [(cohort, result) for cohort in results.cohorts for result in cohort.comparisons]
    made = []
    for place, (cohort, result) in enumerate(pairs[:_MOST_STEPS]):
        flow = patient_flow(cohort, result, comparison=drawn_comparison(result, results.plan.comparator).name)
        made.append(_flow(flow, result, place))
    return made, len(pairs) - len(made)


def _flow(flow: PatientFlow, result: SurvivalComparison, place: int) -> Flow:
    where = f"{population_label(result.population)}, {endpoint_label(result.endpoint)}"
    title = f"{result.cohort}: {result.signature}, {where}"
    steps: list[tuple[str, tuple[str, ...]]] = [(f"{flow.n_patients:,} patients read", ())]
    for step in flow.steps:
        left = tuple(f"{n:,} {reason}" for reason, n in step.left_out if n)
        steps.append((f"{step.remaining:,} {step.words}", left))
    steps += [
        (f"{flow.n - n:,} of them in the adjusted model", (f"{n:,} {reason}",)) for reason, n in flow.not_in_model if n
    ]
    strata = tuple(
        f"{stratum.label}: {stratum.n:,} patients, {stratum.events:,} with the event" for stratum in flow.strata
    )
    return Flow(title, tuple(steps), strata, _drawn(flow, title, place) if place < MOST_FLOWS else None)


def _drawn(flow: PatientFlow, title: str, place: int) -> InlineFigure:
    from strata.plots import figure_to_svg, plot_flow

    figure = plot_flow(flow, title=title).figure
    return inline_svg(figure_to_svg(figure), name=title, prefix=f"p{place}-")
