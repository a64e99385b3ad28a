"""What a rule means: three-valued (Kleene) logic and interval arithmetic over all patients at once.

Every array is 1-D over the patients of one cohort, in the cohort's order. Unknown stays unknown: ``all`` with one false
is false, ``any`` with one true is true, a number with a missing term is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from strata.signatures.model import (
    ClassOf,
    Combine,
    Compare,
    Count,
    GeneSet,
    Is,
    Leaf,
    Log,
    Not,
    NumberRule,
    Predicate,
    Reference,
    Several,
    Signature,
    Weighted,
)
from strata.signatures.needs import positive_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

LOG_SCALES = frozenset({"log2", "ln", "z-score"})
LINEAR_SCALES = frozenset({"linear", "counts", "copies"})
GISTIC_LARGEST = 2
ROUNDING = 1e-12
"""A standard deviation below this share of the mean is the rounding of equal values."""


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A predicate, patient by patient.

    Parameters
    ----------
    true, false : array of bool (n_patients,)
        Never both; neither is unknown.
    unassayed : array of bool (n_patients,)
        The patient lacks an assay that a part of the rule needs.
    absent : bool
        The whole cohort lacks what the rule needs (an assay, a gene tested in nobody), so that it cannot be answered.
    reasons : tuple of str
        What is absent, could not be computed or was left out by ``absent_assay: drop``, in plain words.
    """

    true: Bools
    false: Bools
    unassayed: Bools
    absent: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def unknown(self) -> Bools:
        """Neither true nor false."""
        return np.asarray(~(self.true | self.false))


@dataclass(frozen=True, eq=False, slots=True)
class Number:
    """A number, patient by patient.

    Parameters
    ----------
    low, high : array of float (n_patients,)
        Equal for a known number, the ends of the interval for a count with unknown members, NaN where unknown.
    unassayed : array of bool (n_patients,)
    absent : bool
    reasons : tuple of str
    scale : str
        ``log2``, ``linear``, ``counts``, ``z-score``, ``gistic``, ``copies``, ``count`` or ``unknown``.
    """

    low: Floats
    high: Floats
    unassayed: Bools
    absent: bool = False
    reasons: tuple[str, ...] = ()
    scale: str = "unknown"

    @property
    def point(self) -> Floats:
        """The value where it is one number, NaN where it is unknown or an interval."""
        return self.low if self.low is self.high else np.where(self.low == self.high, self.low, np.nan)


class Source(Protocol):
    """What rules ask of a cohort."""

    def number(self, assay: str, feature: str) -> Number:
        """A feature's values."""

    def tokens(self, assay: str, feature: str, tokens: tuple[str, ...]) -> Call:
        """Whether a feature is one of ``tokens``."""

    def gene_set(self, node: GeneSet, cuts: Cuts) -> Number:
        """The score of a gene set."""

    def classes(self, scheme: str, classes: tuple[str, ...]) -> Call:
        """Whether a patient is of one of ``classes``."""


class Cuts(Protocol):
    """Where cut-points and the moments of z-scores come from: learned over a scope, or looked up."""

    def cut(self, number: str, rule: str, values: Floats) -> float:
        """The cut-point of ``number`` by ``rule`` (``median``); NaN where it cannot be learned."""

    def moments(self, number: str, values: Floats) -> tuple[float, float]:
        """Mean and standard deviation (ddof 1) of ``number``."""


def evaluate(
    predicate: Predicate,
    *,
    source: Source,
    cuts: Cuts,
    library: Mapping[str, Signature],
    absent_assay: str = "unknown",
) -> Call:
    """Who fulfils a predicate.

    Parameters
    ----------
    predicate : Predicate
    source : Source
        The cohort's features.
    cuts : Cuts
        Used by the predicate and by every signature it refers to. Numbers in a rule never pass through it.
    library : mapping of id to Signature
        Everything ``{signature: id}`` may name; its population is ignored.
    absent_assay : {"unknown", "drop"}
        ``drop`` leaves parts that are absent from the whole cohort out of ``any``, inside references too; a ``count``
        never loses a part.

    Returns
    -------
    Call

    Raises
    ------
    SignatureError
        When a reference is not in the library.
    """
    return _Evaluator(source, cuts, library, absent_assay == "drop").call(predicate)


def evaluate_number(
    number: NumberRule,
    *,
    source: Source,
    cuts: Cuts,
    library: Mapping[str, Signature],
    absent_assay: str = "unknown",
) -> Number:
    """The values of a number; parameters as in ``evaluate``."""
    return _Evaluator(source, cuts, library, absent_assay == "drop").values(number)


@dataclass(frozen=True, slots=True)
class _Evaluator:
    source: Source
    cuts: Cuts
    library: Mapping[str, Signature]
    drop: bool

    # -- predicates ----------------------------------------------------------------------------------------------------

    def call(self, node: Predicate) -> Call:
        match node:
            case Is():
                return self.source.tokens(node.assay, node.key, node.tokens)
            case ClassOf():
                return self.source.classes(node.scheme, node.classes)
            case Compare():
                return self._compare(node)
            case Not():
                call = self.call(node.of)
                return replace(call, true=call.false, false=call.true)
            case Reference():
                return self.call(positive_of(node.signature, self.library))
            case Several():
                return self._several(node)
        raise TypeError(f"not a predicate: {node!r}")

    def _several(self, node: Several) -> Call:
        calls = [self.call(part) for part in node.of]
        if node.kind == "any" and self.drop:
            calls = _without_absent(node, calls)
        join = {"all": _all, "any": _any, "first": _first}[node.kind]
        absent = (any if node.kind == "all" else all)(call.absent for call in calls)
        return Call(*join(calls), _lacking(calls), absent, _reasons(calls))

    def _compare(self, node: Compare) -> Call:
        values = self.values(node.number)
        reasons = values.reasons
        if isinstance(node.cut, str):
            cut = self.cuts.cut(str(node.number), node.cut, values.point)
            if np.isnan(cut) and not values.absent:
                reasons = _once([*reasons, f"no {node.cut} of {node.number} could be learned"])
        else:
            cut = node.cut
            if values.scale == "gistic" and abs(cut) > GISTIC_LARGEST:
                values = _refused([values], f"{node}: {node.number} holds GISTIC calls (-2 to 2), not copies")
                reasons = values.reasons
        true, false = _COMPARISONS[node.comparator](values, cut)
        return Call(true, false, values.unassayed, values.absent, reasons)

    # -- numbers -------------------------------------------------------------------------------------------------------

    def values(self, node: NumberRule) -> Number:
        match node:
            case Leaf():
                return self.source.number(node.assay, node.key)
            case GeneSet():
                return self.source.gene_set(node, self.cuts)
            case Count():
                return _count([self.call(part) for part in node.of])
            case Log():
                return self._log(node)
            case Weighted():
                terms = [self.values(term.leaf) for term in node.terms]
                total = np.sum([term.weight * part.point for term, part in zip(node.terms, terms)], axis=0)
                return _combined(terms, total, _common_scale(terms))
            case Combine():
                return self._combine(node)
        raise TypeError(f"not a number: {node!r}")

    def _log(self, node: Log) -> Number:
        term = self.values(node.term)
        if not term.absent and term.scale in LOG_SCALES:
            return _refused([term], f"{node}: {node.term} is on the {term.scale} scale already")
        log = np.log if node.kind == "ln" else np.log2
        point = term.point
        return _combined([term], log(point, out=np.full_like(point, np.nan), where=point > 0), node.kind)

    def _combine(self, node: Combine) -> Number:
        terms = [self.values(term) for term in node.terms]
        if node.kind == "mean":
            return self._mean(node, terms)
        scale = _common_scale(terms)
        if not any(term.absent for term in terms):
            if scale == "mixed":
                named = " and ".join(f"{n} ({v.scale})" for n, v in zip(node.terms, terms))
                return _refused(terms, f"{node.kind} of {named}: different scales")
            if node.kind == "ratio" and scale not in LOG_SCALES | LINEAR_SCALES:
                return _refused(terms, f"{node}: a ratio on the scale '{scale}' is neither a difference nor a quotient")
        points = [term.point for term in terms]
        if node.kind == "sum":
            return _combined(terms, np.sum(points, axis=0), scale)
        if node.kind == "ratio" and scale in LINEAR_SCALES:
            quotient = np.divide(points[0], points[1], out=np.full_like(points[0], np.nan), where=points[1] != 0)
            return _combined(terms, quotient, "linear")
        return _combined(terms, points[0] - points[1], scale)

    def _mean(self, node: Combine, terms: Sequence[Number]) -> Number:
        """The mean of z-scores.

        A term at a time point is standardised by its values without one (those before treatment): standardised within
        each time point, a change of everybody would vanish.
        """
        z, before = [], []
        for rule, term in zip(node.terms, terms):
            reference = term
            if isinstance(rule, Leaf) and rule.at is not None:
                rule = rule.baseline
                reference = self.values(rule)
                before.append(reference)
            mean, sd = self.cuts.moments(str(rule), reference.point)
            varies = sd > ROUNDING * abs(mean)
            z.append((term.point - mean) / sd if varies else np.full_like(term.point, np.nan))
        return _combined([*terms, *before], np.mean(z, axis=0), "z-score")


# -- three-valued joins: each gives (true, false) ----------------------------------------------------------------------


def _all(calls: Sequence[Call]) -> tuple[Bools, Bools]:
    return np.all([call.true for call in calls], axis=0), np.any([call.false for call in calls], axis=0)


def _any(calls: Sequence[Call]) -> tuple[Bools, Bools]:
    return np.any([call.true for call in calls], axis=0), np.all([call.false for call in calls], axis=0)


def _first(calls: Sequence[Call]) -> tuple[Bools, Bools]:
    true, false = calls[0].true, calls[0].false
    for call in calls[1:]:
        unknown = ~(true | false)
        true, false = true | (unknown & call.true), false | (unknown & call.false)
    return true, false


def _without_absent(node: Several, calls: Sequence[Call]) -> list[Call]:
    """The calls of the parts the cohort has, the first of them saying what was left out; all when it has none."""
    kept = [call for call in calls if not call.absent]
    if not kept or len(kept) == len(calls):
        return list(calls)
    lost = [(part, call) for part, call in zip(node.of, calls) if call.absent]
    notes = tuple(f"absent_assay: drop left {part} out of any ({'; '.join(call.reasons)})" for part, call in lost)
    return [replace(kept[0], reasons=(*notes, *kept[0].reasons)), *kept[1:]]


# -- numbers -----------------------------------------------------------------------------------------------------------

_COMPARISONS: Mapping[str, Callable[[Number, float], tuple[Bools, Bools]]] = {
    # a comparison is known where both ends of the interval agree; NaN agrees with nothing
    "above": lambda values, cut: (values.low > cut, values.high <= cut),
    "at_least": lambda values, cut: (values.low >= cut, values.high < cut),
    "below": lambda values, cut: (values.high < cut, values.low >= cut),
    "at_most": lambda values, cut: (values.high <= cut, values.low > cut),
}


def _count(calls: Sequence[Call]) -> Number:
    low = np.sum([call.true for call in calls], axis=0).astype(float)
    high = low + np.sum([call.unknown for call in calls], axis=0)
    return Number(low, high, _lacking(calls), all(call.absent for call in calls), _reasons(calls), "count")


def _combined(terms: Sequence[Number], point: Floats, scale: str) -> Number:
    return Number(point, point, _either(terms), any(term.absent for term in terms), _reasons(terms), scale)


def _refused(terms: Sequence[Number], reason: str) -> Number:
    """A number that this cohort's scales do not allow."""
    nothing = np.full_like(terms[0].low, np.nan)
    return Number(nothing, nothing, _either(terms), True, _once([*_reasons(terms), reason]), "unknown")


def _common_scale(terms: Sequence[Number]) -> str:
    scales = {term.scale for term in terms}
    return scales.pop() if len(scales) == 1 else "mixed"


def _lacking(calls: Sequence[Call]) -> Bools:
    """Who lacks an assay of a part that is unknown for them; a part that is known is no reason."""
    return np.asarray(np.any([call.unassayed & call.unknown for call in calls], axis=0))


def _either(terms: Sequence[Number]) -> Bools:
    return np.asarray(np.any([term.unassayed for term in terms], axis=0))


def _reasons(parts: Sequence[Call] | Sequence[Number]) -> tuple[str, ...]:
    return _once(reason for part in parts for reason in part.reasons)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
