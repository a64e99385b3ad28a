"""The REMARK checklist of a run: what the run can say to each item, and what only its author can.

McShane LM et al. (2005) J Natl Cancer Inst 97:1180-1184; explained item by item in Altman DG et al. (2012) BMC
Medicine 10:51 and, shorter, in Sauerbrei W et al. (2018) J Natl Cancer Inst 110:803-811. What an item asks is said in
our words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strata.report.remark_methods import (
    assays,
    candidates,
    cut_points,
    endpoints,
    follow_up,
    markers,
    patients,
    sample_size,
    statistics,
    treatments,
)
from strata.report.remark_results import (
    beside_markers,
    checks,
    flow,
    interpretation,
    multivariable,
    one_by_one,
    strata_and_baseline,
    with_standard_variables,
)
from strata.report.shown import ShownRun

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["REMARK_SOURCE", "RemarkItem", "remark"]

REMARK_SOURCE = (
    "REMARK: McShane et al. 2005, J Natl Cancer Inst 97:1180; Altman et al. 2012, BMC Medicine 10:51 (doi"
    " 10.1186/1741-7015-10-51). Items in our words."
)
"""Where the checklist comes from."""


@dataclass(frozen=True, slots=True)
class RemarkItem:
    """One item of the checklist.

    Parameters
    ----------
    number : int
        1 to 20.
    section : str
        Of the article that is being written.
    asks : str
        What the item asks for.
    filled : str
        What the run says to it; empty where it knows nothing.
    gap : str
        What the author still has to write; empty where the run says all of it.
    """

    number: int
    section: str
    asks: str
    filled: str
    gap: str


def remark(results: Results) -> tuple[RemarkItem, ...]:
    """Fill the REMARK checklist from a run.

    Every item has something filled or a gap, most have both. Of a run that is shared, counts of few patients are hidden
    as in its tables.
    """
    run = ShownRun(results)
    return tuple(
        RemarkItem(number, section, asks, *answer(run)) for number, (section, asks, answer) in enumerate(_ITEMS, 1)
    )


_Answer = Callable[[ShownRun], tuple[str, str]]


def _author(gap: str) -> _Answer:
    """An item that no run knows anything about."""
    return lambda _: ("", gap)


_METHODS, _RESULTS = "Materials and methods", "Results"

_ITEMS: tuple[tuple[str, str, _Answer], ...] = (
    (
        "Introduction",
        "The marker, the aims of the study, and hypotheses that were fixed beforehand.",
        markers,
    ),
    (
        f"{_METHODS}: patients",
        "Characteristics of the patients, where they come from, and who was included and excluded.",
        patients,
    ),
    (f"{_METHODS}: patients", "Treatments received and how they were chosen.", treatments),
    (
        f"{_METHODS}: specimens",
        "Biological material, controls among it, and how it was preserved and stored.",
        _author(
            "Describe the specimens: tissue or fluid, taken when in the course of disease, share of tumour cells,"
            " controls, preservation and storage."
        ),
    ),
    (
        f"{_METHODS}: assays",
        "The assay with its protocol, quality control, reproducibility and scoring, and whether it was blinded to"
        " the outcome.",
        assays,
    ),
    (
        f"{_METHODS}: study design",
        "How cases were selected, prospectively or not, matched or not; the period, the end and the median of"
        " follow-up.",
        follow_up,
    ),
    (f"{_METHODS}: study design", "An exact definition of every endpoint.", endpoints),
    (f"{_METHODS}: study design", "Every variable that was looked at or considered for a model.", candidates),
    (
        f"{_METHODS}: study design",
        "Why this number of patients, and the power if it was planned.",
        sample_size,
    ),
    (
        f"{_METHODS}: statistical analysis",
        "All statistical methods: selection of variables, checks of assumptions, missing data.",
        statistics,
    ),
    (
        f"{_METHODS}: statistical analysis",
        "How values of the marker were used, and how a cut-point was found.",
        cut_points,
    ),
    (
        f"{_RESULTS}: data",
        "The flow of patients through the analysis with the reasons for leaving, and patients and events in all and"
        " in each subgroup.",
        flow,
    ),
    (
        f"{_RESULTS}: data",
        "Distributions of age, sex, standard prognostic variables and the marker, with the number of missing values.",
        strata_and_baseline,
    ),
    (f"{_RESULTS}: analysis", "The marker beside standard prognostic variables.", beside_markers),
    (
        f"{_RESULTS}: analysis",
        "The marker and the outcome without other variables: effect with interval, survival, curves; the same for the"
        " other variables.",
        one_by_one,
    ),
    (
        f"{_RESULTS}: analysis",
        "Multivariable models: effects with intervals of the marker and of all other variables of the final model.",
        multivariable,
    ),
    (
        f"{_RESULTS}: analysis",
        "The marker in a model with the standard prognostic variables, whether these are significant or not.",
        with_standard_variables,
    ),
    (f"{_RESULTS}: analysis", "Further looks: assumptions, sensitivity, internal validation.", checks),
    (
        "Discussion",
        "What the results mean for the hypotheses and beside other studies; limitations.",
        interpretation,
    ),
    (
        "Discussion",
        "What follows for research and for patients.",
        _author("Discuss what follows for further research, and whether anything follows for the care of patients."),
    ),
)
