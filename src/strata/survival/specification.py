"""The specification curve: the hazard ratio of one signature under every setting a reader could have chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.errors import Problem, UsageError
from strata.scoring import CohortSource
from strata.signatures import cuts_of, needs_of, signature_library, signature_of
from strata.stratification import QUANTILE_GROUPS, is_searched, one_population, stratify_in
from strata.survival.checks import CheckOptions
from strata.survival.coexpression import compare_two_legs
from strata.survival.compare import Setting, compare_strata, endpoint_of
from strata.survival.sparse import sparse_groups

if TYPE_CHECKING:
    from strata.cohort import Cohort
    from strata.scoring import Resources
    from strata.signatures import Signature
    from strata.stratification import Strata

__all__ = ["CURVE_CUTS", "SPECIFICATION_COLUMNS", "SpecificationCurve", "specification_curve"]

CURVE_CUTS = ("q25", "q33", "median", "mean", "q67", "q75", "tertiles", "quartiles")
"""The cuts of a curve beside the signature's own; groups of the score are compared highest against lowest."""

SPECIFICATION_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    "cut",
    "cut_scope",
    "comparator",
    "pre_specified",
    "n",
    "events",
    "n_positive",
    "events_positive",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "wald_p",
    "log_rank_p",
    "small",
    "estimable",
    "note",
    "adjusted_for",
)
"""The columns of a curve."""

# the permutations of small arms take long; the rows say which arms are small
_NO_CHECKS = CheckOptions(sparse_patients=0, sparse_events=0)
_SPARSE = CheckOptions()


@dataclass(frozen=True, eq=False, slots=True)
class SpecificationCurve:
    """One question asked in every way that its settings allow.

    It is no search: nothing is selected, and no P is adjusted. The rows are about the same patients and follow each
    other closely: many small P are not many findings. What a curve shows is how much of an answer hangs on the
    settings.

    Parameters
    ----------
    table : DataFrame
        One row a specification in the columns ``SPECIFICATION_COLUMNS``, the smallest hazard ratio first, those without
        one last. ``comparator`` is ``rest``, ``neither`` (of two genes) or ``lowest`` (of quantile groups). ``small``:
        an arm has fewer than 20 patients or 10 events, and its P and interval are approximate.
    """

    table: pd.DataFrame

    @property
    def pre_specified(self) -> pd.Series[Any]:
        """The row of the settings that were chosen beforehand."""
        return self.table[self.table["pre_specified"]].iloc[0]

    def to_frame(self) -> pd.DataFrame:
        """The rows."""
        return self.table


def specification_curve(
    cohort: Cohort,
    signature: Signature | str,
    endpoints: Sequence[str],
    *,
    population: str | None = None,
    cut: str | None = None,
    cut_scope: str = "population",
    cuts: Sequence[str] = CURVE_CUTS,
    covariates: Sequence[str] = (),
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    absent_assay: str = "unknown",
    library: Mapping[str, Signature] | None = None,
    resources: Resources | None = None,
) -> SpecificationCurve:
    """Compare the strata of a signature by every cut, cut scope, endpoint and comparator.

    Parameters
    ----------
    cohort : Cohort
    signature : Signature or str
    endpoints : sequence of str
        The pre-specified one first.
    population, absent_assay, library, resources
        As for ``stratify``.
    cut, cut_scope
        The pre-specified ones, as for ``stratify``; the pre-specified comparator is the rest, of quantile groups the
        lowest.
    cuts : sequence of str
        The others, as far as they can replace a cut that the signature learns; ``tertiles`` and ``quartiles`` need its
        score. Where the population is a part of the cohort, each is taken over both.
    covariates, stratification_factors, horizon
        As for ``compare_survival``, of every specification.

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    UsageError
        When the cut, the scope or the population is unknown, no endpoint is named, or a cut is one that is searched.
    DataError
        When the cohort lacks an endpoint or a column.

    Notes
    -----
    Source: Simonsohn, Simmons and Nelson, Nat Hum Behav 2020;4:1208; their joint test is not made.
    """
    library = signature_library() if library is None else library
    signature = signature_of(signature, library)
    _check(signature, endpoints, (cut, *cuts), library)
    chosen = one_population(signature, population, library)
    source = CohortSource(cohort, needs_of(signature, library) | chosen.needs(library), resources)
    found = {endpoint.name: (endpoint, note) for endpoint, note in (endpoint_of(cohort, name) for name in endpoints)}
    settings: dict[str, Setting] = {}
    rows: list[dict[str, Any]] = []
    for each, scope in _choices(signature, cut, cut_scope, cuts, library):
        strata = stratify_in(
            source,
            signature,
            population=chosen,
            cut=each,
            cut_scope=scope,
            absent_assay=absent_assay,
            library=library,
        )
        if scope != cut_scope and (strata.cut_scope is None or strata.inside.all()):
            continue
        for name, (endpoint, note) in found.items():
            # the patients are the same whatever the cut
            if name not in settings:
                settings[name] = Setting(
                    cohort,
                    strata,
                    endpoint,
                    covariates=covariates,
                    stratification_factors=stratification_factors,
                    horizon=horizon,
                    checks=_NO_CHECKS,
                    note=note,
                )
            rows += _rows(strata, name, settings[name])
    rows[0]["pre_specified"] = True
    return SpecificationCurve(_typed(rows))


def _check(
    signature: Signature, endpoints: Sequence[str], cuts: Sequence[str | None], library: Mapping[str, Signature]
) -> None:
    problems = []
    if not endpoints:
        problems.append(Problem("endpoints", "none is named", "Name the pre-specified one first", code="E812"))
    if any(is_searched(signature, cut, library) for cut in cuts):
        what = "a cut that is searched on the outcome is no setting that could have been chosen beforehand"
        problems.append(Problem("cut", what, "Name other cuts than optimal", code="E812"))
    if problems:
        raise UsageError(problems)


def _choices(
    signature: Signature, cut: str | None, cut_scope: str, cuts: Sequence[str], library: Mapping[str, Signature]
) -> Iterator[tuple[str | None, str]]:
    """Cuts and their scopes, the pre-specified first."""
    learned = [own for own in cuts_of(signature, library) if isinstance(own, str)]
    own = cut or (learned[0] if len(learned) == 1 else None)
    fits = {True: signature.score is not None, False: bool(learned)}
    others = [each for each in dict.fromkeys(cuts) if each != own and fits[each in QUANTILE_GROUPS]]
    other_scope = "cohort" if cut_scope == "population" else "population"
    for scope in (cut_scope, other_scope):
        yield from ((each, scope) for each in (cut, *others))


def _rows(strata: Strata, endpoint: str, setting: Setting) -> Iterator[dict[str, Any]]:
    """The rows of one cut on one endpoint."""
    made = compare_two_legs(strata, setting) if len(strata.legs) == 2 else compare_strata(strata, setting)
    comparators = {"positive_vs_rest": "rest", "both_vs_neither": "neither"}
    if labels := strata.quantile_groups:
        comparators = {f"{labels[-1]}_vs_{labels[0]}": "lowest"}
    for row in made:
        if row.name in comparators:
            yield {
                **row.row(),
                "cohort": strata.cohort,
                "signature": strata.signature,
                "population": strata.population,
                "endpoint": endpoint,
                "cut": strata.cut,
                "cut_scope": strata.cut_scope,
                "comparator": comparators[row.name],
                "pre_specified": False,
                "small": bool(sparse_groups(row.groups, _SPARSE)),
            }


def _typed(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(SPECIFICATION_COLUMNS))
    text = ("cohort", "signature", "population", "endpoint", "cut", "cut_scope", "comparator", "note", "adjusted_for")
    types = dict.fromkeys(SPECIFICATION_COLUMNS, "float64") | dict.fromkeys(text, "string")
    types |= dict.fromkeys(("n", "events", "n_positive", "events_positive"), "Int64")
    types |= dict.fromkeys(("pre_specified", "small", "estimable"), "bool")
    return table.astype(types).sort_values("hazard_ratio", kind="stable", ignore_index=True)
