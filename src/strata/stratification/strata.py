"""Who is marker-positive, marker-negative, unknown or not applicable, and by which cut-points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.notebook import Shown, Summary
from strata.scoring import CohortSource, LearnedCuts
from strata.signatures import (
    Call,
    Claim,
    Number,
    NumberRule,
    Signature,
    cuts_of,
    evaluate,
    evaluate_number,
    legs,
    needs_of,
    signature_library,
    signature_of,
)
from strata.stratification.cut_points import QUANTILE_GROUPS, CutPoints, FittedCuts, check_cut, fitted
from strata.stratification.populations import EVERYONE, Population, is_own, one_population
from strata.stratification.searched import OPTIMAL, is_searched, searched_signature, why_not_searched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.scoring import Resources

__all__ = ["Leg", "Membership", "Strata", "membership", "stratify", "stratify_in"]


_CALLS = pd.CategoricalDtype(["negative", "positive"], ordered=True)


@dataclass(frozen=True, eq=False, slots=True)
class Leg:
    """One gene of a two-gene signature, called by its own cut."""

    symbol: str
    call: Call
    labels: tuple[str, str]
    notes: tuple[str, ...]
    cut: str | None
    """The leg's own cut."""
    cut_scope: str | None
    """None when the cut is a number."""


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Strata(Shown):
    """The strata of one signature in one population of one cohort.

    Parameters
    ----------
    cohort, signature, population : str
    cut : str or None
        The rule's cuts, such as ``median``; None when it has none.
    cut_scope : str or None
        ``population`` or ``cohort``: the patients a cut was learned on; None when nothing is learned.
    labels : pandas.Series of ordered categories, indexed by patient
        ``negative`` < ``positive`` (or ``q1`` < ``q2`` ...), NA where unknown and outside the population.
    inside, outside : arrays of bool (n_patients,)
        Membership of the population; neither means that it is unknown.
    unassayed : array of bool (n_patients,)
        The patient lacks an assay that the rule needs.
    absent : bool
        The whole cohort lacks an assay or a gene that the rule needs; ``reasons`` names it.
    reasons, notes : tuple of str
        Why calls are unknown; what to know about the known ones (ties, legs left out).
    cut_points : CutPoints
        What was learned; can be applied to another cohort.
    legs : tuple of Leg
        The two genes of a co-expression signature, else empty.
    score : array of float (n_patients,) or None
        What ranks patients, where the signature says so.
    claims : tuple of Claim
        What the signature's sources say.
    own_population : bool
        Whether ``population`` is one of the signature's own.
    """

    cohort: str
    signature: str
    population: str
    cut: str | None
    cut_scope: str | None
    labels: pd.Series[Any]
    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    unassayed: NDArray[np.bool_]
    absent: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    cut_points: CutPoints
    legs: tuple[Leg, ...] = ()
    score: NDArray[np.float64] | None = None
    claims: tuple[Claim, ...] = ()
    own_population: bool = True

    @property
    def quantile_groups(self) -> tuple[str, ...]:
        """The names of the quantile groups, lowest first; empty for positive and negative."""
        return tuple(self.labels.cat.categories) if self.cut in QUANTILE_GROUPS else ()

    @property
    def learned_in(self) -> str | None:
        """The other cohort that the cuts were learned in; None when they are the cohort's own or all cohorts'."""
        points = self.cut_points
        own = points.cohort == self.cohort or points.cut_scope == "pooled" or not (points.cuts or points.moments)
        return None if own else points.cohort

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Patients of the population whose call is unknown."""
        return np.asarray(self.inside & self.labels.array.isna(), dtype=bool)

    @property
    def both_high(self) -> bool:
        """Whether positive means that both legs are above their cuts."""
        return len(self.legs) == 2 and all(leg.labels[0].endswith("high") for leg in self.legs)

    def is_(self, label: str) -> NDArray[np.bool_]:
        """Patients in the stratum ``label``."""
        return np.asarray(self.labels.array == label, dtype=bool)

    @property
    def counts(self) -> dict[str, int]:
        """Patients by label, highest first, then ``unknown`` and ``not applicable``; they add up to the cohort.

        A patient whose membership of the population is unknown is not applicable too.
        """
        by_label = {str(label): int(self.is_(label).sum()) for label in self.labels.cat.categories[::-1]}
        return by_label | {
            "unknown": int(self.unknown.sum()),
            "not applicable": int((~self.inside).sum()),
        }

    @property
    def n_not_assayed(self) -> int:
        """Of the unknown, those who lack an assay that the rule needs."""
        return int((self.unknown & self.unassayed).sum())

    @property
    def n_membership_unknown(self) -> int:
        """Of the not applicable, those who may belong to the population: it is not known whether they do."""
        return int((~self.inside & ~self.outside).sum())

    @property
    def counts_in_words(self) -> str:
        """The counts as a line for people."""
        parts = [f"{n} {label}" for label, n in self.counts.items()]
        line = ", ".join(parts).replace(" unknown", f" unknown ({self.n_not_assayed} not assayed)")
        return f"{line} ({self.n_membership_unknown} of unknown membership)" if self.n_membership_unknown else line

    def to_frame(self) -> pd.DataFrame:
        """One row a patient: ``patient``, ``call`` (a label, ``unknown`` or ``not applicable``) and ``score``."""
        calls = self.labels.array
        names = np.array([*calls.categories, "not applicable", "unknown"], dtype=object)
        call = names[np.where(self.inside, calls.codes, -2)]  # -1 is unknown
        score = np.full(len(call), np.nan) if self.score is None else self.score
        return pd.DataFrame({"patient": self.labels.index.astype("string"), "call": call, "score": score})

    def _summary(self) -> Summary:
        facts: dict[str, object] = {"cohort": self.cohort, "population": self.population, "cut": self.cut}
        facts |= {"learned over the": self.cut_scope, "learned in": self.learned_in}
        for cut in self.cut_points.cuts:
            facts[f"{cut.rule} of {cut.number}"] = f"{cut.value:.4g} ({cut.n:,} patients)"
        notes = self.reasons if self.absent else self.notes
        return Summary(f"Strata of {self.signature}", facts, ("stratum", "patients"), self.counts.items(), notes=notes)


def stratify(
    cohort: Cohort,
    signature: Signature | str,
    *,
    population: str | None = None,
    cut: str | None = None,
    cut_scope: str = "population",
    cut_points: CutPoints | None = None,
    absent_assay: str = "unknown",
    library: Mapping[str, Signature] | None = None,
    resources: Resources | None = None,
) -> Strata:
    """Stratify a cohort by a signature.

    Parameters
    ----------
    cohort : Cohort
    signature : Signature or str
        A signature, or the id of a shipped one.
    population : str, optional
        Signature ids joined by ``&`` (``"er-negative & node-negative"``), intersected with the signature's own. None
        or ``"all"``: the signature's own; where it has several, everyone in any of them.
    cut : str, optional
        ``median``, ``mean``, ``qNN``, ``sdN``, ``mixture``: replaces the cuts that the signature learns, never its
        numbers. ``optimal`` applies a searched cut, which ``cut_points`` must hold.
        ``tertiles`` and ``quartiles`` group patients by the signature's score. None: the signature's own.
    cut_scope : {"population", "cohort"}
        The patients a cut is learned on: all who have a value, whatever the endpoint.
    cut_points : CutPoints, optional
        Learned before, here or on another cohort: applied unchanged, nothing is learned.
    absent_assay : {"unknown", "drop"}
        What a leg of an ``any`` counts as when the whole cohort lacks its assay.
    library : mapping of id to Signature, optional
        Where references are looked up. None: the shipped signatures.
    resources : Resources, optional
        Gene lists and centroids that the signature names (:class:`~strata.scoring.Resources`).

    Returns
    -------
    Strata

    Raises
    ------
    UsageError
        When the cut, the scope or the population is unknown, or the cut must be searched first.
    """
    library = signature_library() if library is None else library
    signature = signature_of(signature, library)
    if cut_points is None and is_searched(signature, cut, library):
        what = "'optimal' is searched on an endpoint, which stratify does not know"
        fix = "Use search_cut_point(cohort, signature, endpoint) or `strata cutpoint`, or pass its cut_points"
        raise UsageError(Problem(f"signature {signature.id}: cut", what, fix, code="E812"))
    if cut == OPTIMAL:
        signature, cut = searched_signature(signature, library), None
    chosen = one_population(signature, population, library)
    source = CohortSource(cohort, needs_of(signature, library) | chosen.needs(library), resources)
    return stratify_in(
        source,
        signature,
        population=chosen,
        cut=cut,
        cut_scope=cut_scope,
        cut_points=cut_points,
        absent_assay=absent_assay,
        library=library,
    )


def stratify_in(
    source: CohortSource,
    signature: Signature,
    *,
    population: Population = EVERYONE,
    cut: str | None = None,
    cut_scope: str = "population",
    cut_points: CutPoints | None = None,
    absent_assay: str = "unknown",
    library: Mapping[str, Signature],
) -> Strata:
    """``stratify`` for a source that has been read already: a run reads each cohort once for all its signatures."""
    _check_words(cut, cut_scope, absent_assay)
    rules = _Rules(source, library, absent_assay)
    inside, outside, nobody = rules.membership(population)
    scope = inside if cut_scope == "population" else np.ones(inside.size, dtype=bool)
    groups = QUANTILE_GROUPS.get(cut or "")
    learned = LearnedCuts(scope, override=None if groups else cut)
    cuts = learned if cut_points is None else FittedCuts(cut_points)
    score = None if signature.score is None else rules.number(signature.score, cuts)
    if groups:
        call, labels = _by_quantile(signature, score, cuts, groups, len(inside))
    else:
        call = rules.call(signature.positive, cuts)
        if signature.positive is None:
            call = replace(call, reasons=(f"it needs an assay that tables do not hold: {signature.name}",))
        labels = _by_call(call)
    if cut_points is None and is_searched(signature, cut, library):
        nobody = nobody or why_not_searched(signature, library)
    call = _or_absent(call, nobody)
    labels[~inside] = -1
    kinds = pd.CategoricalDtype([f"q{i + 1}" for i in range(groups)], ordered=True) if groups else _CALLS
    categories = pd.Series(pd.Categorical.from_codes(labels, dtype=kinds), index=source.cohort.patients)
    cohort_name = source.cohort.name
    used = cut_points or fitted(
        learned, signature=signature.id, cohort=cohort_name, population=population.name, cut_scope=cut_scope
    )
    own = cuts_of(signature, library)
    learns = bool(groups) or any(isinstance(rule, str) for rule in own) or bool(used.moments)
    call = replace(call, reasons=(*call.reasons, *_cut_notes(learned, found=False)))
    said = (*_ties(learned), *_cut_notes(learned, found=True), *_elsewhere(cut_points, cohort_name))
    notes = () if call.absent else (*call.reasons, *said)
    return Strata(
        cohort=cohort_name,
        signature=signature.id,
        population=population.name,
        cut=cut if groups else _in_words(own, cut, cut_points),
        cut_scope=used.cut_scope if learns else None,
        labels=categories,
        inside=inside,
        outside=outside,
        unassayed=call.unassayed,
        absent=call.absent,
        reasons=call.reasons,
        notes=notes,
        cut_points=used,
        legs=() if groups else rules.legs(signature, cuts, learned, used, cut, nobody),
        score=None if score is None else np.where(score.low == score.high, score.low, np.nan),
        claims=signature.claims,
        own_population=is_own(population, signature),
    )


@dataclass(frozen=True, eq=False, slots=True)
class Membership:
    """Who belongs to a population.

    Parameters
    ----------
    inside, outside : arrays of bool (n_patients,)
        In neither are the patients of whom it is not known.
    reason : str
        Why nobody is inside; empty when somebody is.
    """

    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    reason: str


def membership(source: CohortSource, population: Population, library: Mapping[str, Signature]) -> Membership:
    """Who of a cohort belongs to a population."""
    return Membership(*_Rules(source, library, "unknown").membership(population))


class _Rules:
    """The rule language over one source."""

    def __init__(self, source: CohortSource, library: Mapping[str, Signature], absent_assay: str) -> None:
        self.source, self.library, self.absent_assay = source, library, absent_assay

    def membership(self, population: Population) -> tuple[NDArray[np.bool_], NDArray[np.bool_], str]:
        """Who is inside, who is outside, and why nobody is inside where that is so.

        A cut inside a population's own rule is taken over the whole cohort.
        """
        n = len(self.source.cohort.patients)
        if population.predicate is None:
            return np.ones(n, dtype=bool), np.zeros(n, dtype=bool), ""
        call = self.call(population.predicate, LearnedCuts(np.ones(n, dtype=bool)))
        why = "; ".join([f"no patient of the cohort is known to be {population.name}", *call.reasons])
        return call.true, call.false, "" if call.true.any() else why

    def call(self, predicate: Any, cuts: LearnedCuts | FittedCuts) -> Call:
        if predicate is None:
            needs = "it needs an assay that tables do not hold"
            nobody = np.zeros(len(self.source.cohort.patients), dtype=bool)
            return Call(nobody, nobody, ~nobody, True, (needs,))
        return evaluate(
            predicate,
            source=self.source,
            cuts=cuts,
            library=self.library,
            absent_assay=self.absent_assay,
        )

    def number(self, score: NumberRule, cuts: LearnedCuts | FittedCuts) -> Number:
        return evaluate_number(
            score,
            source=self.source,
            cuts=cuts,
            library=self.library,
            absent_assay=self.absent_assay,
        )

    def legs(
        self,
        signature: Signature,
        cuts: LearnedCuts | FittedCuts,
        learned: LearnedCuts,
        used: CutPoints,
        override: str | None,
        nobody: str,
    ) -> tuple[Leg, ...]:
        """The two genes of a co-expression signature, each called by itself."""
        rules = {point.number: point.rule for point in used.cuts}
        made = []
        for symbol, predicate in legs(signature):
            call = _or_absent(self.call(predicate, cuts), nobody)
            high = predicate.comparator in ("above", "at_least")
            labels = (f"{symbol} high", f"{symbol} low") if high else (f"{symbol} low", f"{symbol} high")
            number, fixed = str(predicate.number), isinstance(predicate.cut, float)
            cut = f"{predicate.cut:g}" if fixed else rules.get(number, override or str(predicate.cut))
            ties = _ties(learned, number=number)
            made.append(Leg(symbol, call, labels, ties, cut, None if fixed else used.cut_scope))
        return tuple(made)


def _in_words(own: Sequence[str | float], override: str | None, applied: CutPoints | None) -> str | None:
    """The ``cut`` of the results: the rule's own cuts, learned ones by the word they were learned by."""
    learned = [cut.rule for cut in applied.cuts] if applied else [override] if override else []
    words: list[str] = []
    for rule in own:
        words += [f"{rule:g}"] if isinstance(rule, float) else learned or [rule]
    return ", ".join(dict.fromkeys(words)) or None


def _or_absent(call: Call, nobody: str) -> Call:
    """The call, or one that nobody can have when the population is empty for the reason ``nobody``."""
    return replace(call, absent=True, reasons=(nobody,)) if nobody else call


def _by_call(call: Call) -> NDArray[np.int8]:
    return np.where(call.true, 1, np.where(call.false, 0, -1)).astype(np.int8)


def _by_quantile(
    signature: Signature, score: Number | None, cuts: LearnedCuts | FittedCuts, groups: int, n: int
) -> tuple[Call, NDArray[np.int8]]:
    """Groups of the score by quantiles: group k holds the values above the (k-1)th cut and at or below the kth."""
    nobody = np.zeros(n, dtype=bool)
    codes = np.full(n, -1, dtype=np.int8)
    if score is None:
        reason = f"signature {signature.id} has no score: quantile groups need one"
        return Call(nobody, nobody, nobody, True, (reason,)), codes
    values = np.where(score.low == score.high, score.low, np.nan)
    known = ~np.isnan(values)
    edges = [cuts.cut(str(signature.score), f"q{Fraction(100 * k, groups)}", values) for k in range(1, groups)]
    codes[known] = np.searchsorted(np.asarray(edges), values[known], side="left")
    return Call(known, nobody, score.unassayed, score.absent, score.reasons), codes


def _ties(learned: LearnedCuts, *, number: str | None = None) -> tuple[str, ...]:
    """Ties at a cut, in words: ``above`` is strict, so a tie is not above."""
    cuts = [cut for cut in learned.cuts if cut.ties > 1 and number in (None, cut.number)]
    return tuple(f"{cut.ties} of {cut.n} patients tie with the {cut.rule} of {cut.number}" for cut in cuts)


def _cut_notes(learned: LearnedCuts, *, found: bool) -> tuple[str, ...]:
    """What to know about the cuts that were found, or why there are none."""
    cuts = [cut for cut in learned.cuts if cut.note and np.isnan(cut.value) != found]
    return tuple(f"{cut.rule} of {cut.number}: {cut.note}" for cut in cuts)


def _elsewhere(cut_points: CutPoints | None, cohort: str) -> tuple[str, ...]:
    if cut_points is None or not (cut_points.cuts or cut_points.moments):
        return ()
    return (f"cut-points learned on {cut_points.cohort}, applied to {cohort}",)


def _check_words(cut: str | None, cut_scope: str, absent_assay: str) -> None:
    check_cut(cut)
    if cut_scope not in ("population", "cohort"):
        raise UsageError(Problem("", f"cut_scope '{cut_scope}' is neither population nor cohort", code="E703"))
    if absent_assay not in ("unknown", "drop"):
        raise UsageError(Problem("", f"absent_assay '{absent_assay}' is neither unknown nor drop", code="E703"))
