"""The meaning of signature files a second time, as plainly as possible: patient after patient, in pure Python.

Rules are the mappings of a file as a YAML reader gives them; values are dictionaries from patient to value, None where
unknown. Nothing is shared with the package but its data files: listed variants, exons, which stages lie within which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from .plain_sets import nearest_class, set_scores
from .plain_values import (
    TESTS,
    Truth,
    all_of,
    any_of,
    compared,
    count_of,
    cut_point,
    first_of,
    moments,
    opposite,
    row_is,
    word_is,
    z_score,
)

Rule = dict[str, Any]

NUMBER_ASSAYS = ("mrna", "protein", "copy_number", "serum", "mirna", "clinical")
GISTIC = {"amp": 2, "gain": 1, "neutral": 0, "loss": -1, "homdel": -2}
LOG_SCALES = ("log2", "ln", "z-score")
LINEAR_SCALES = ("linear", "counts", "copies")


# -- a cohort ----------------------------------------------------------------------------------------------------------


@dataclass
class PlainCohort:
    """Values of patients. Features at a time point are called ``IGF1R@post``."""

    patients: list[str]
    numbers: dict[str, dict[str, dict[str, float | None]]]
    """Assay to feature to patient to value."""
    scales: dict[str, str]
    clinical: dict[str, dict[str, str | None]]
    variants: dict[str, list[tuple[str, str, str, str]]] = field(default_factory=dict)
    """``mutation`` and ``germline`` to rows of patient, gene, change, consequence."""
    tested: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    gene_lists: dict[str, dict[str, float]] = field(default_factory=dict)
    """Name to gene to weight."""
    centroids: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    """Scheme to class to gene to value."""
    min_coverage: float = 0.8

    def without(self, assay: str) -> PlainCohort:
        """The cohort without one kind of tables."""

        def rest(tables: dict[str, Any]) -> dict[str, Any]:
            return {kind: table for kind, table in tables.items() if kind != assay}

        clinical = {} if assay == "clinical" else self.clinical
        tables = {name: rest(getattr(self, name)) for name in ("numbers", "variants", "tested")}
        return replace(self, clinical=clinical, **tables)


@dataclass
class Truths:
    """A predicate, patient by patient; ``absent``: the cohort as a whole cannot answer it."""

    by: dict[str, Truth]
    absent: bool = False


@dataclass
class Numbers:
    """A number, patient by patient: its least and greatest possible value, None where unknown."""

    by: dict[str, tuple[float, float] | None]
    absent: bool
    scale: str
    exact: bool = False
    """Free of rounding, so that two programs agree to the last digit."""

    def point(self, patient: str) -> float | None:
        ends = self.by[patient]
        return ends[0] if ends is not None and ends[0] == ends[1] else None


# -- rules -------------------------------------------------------------------------------------------------------------


def with_own_score(rule: Any, score: Rule | None) -> Any:
    """The rule with the signature's score in the place of ``score: self``."""
    if isinstance(rule, list):
        return [with_own_score(part, score) for part in rule]
    if not isinstance(rule, dict):
        return rule
    if rule.get("score") == "self":
        return {**(score or {}), **{key: value for key, value in rule.items() if key != "score"}}
    return {key: with_own_score(value, score) for key, value in rule.items()}


def positive_of(entry: Rule) -> Rule | None:
    return with_own_score(entry.get("positive"), entry.get("score"))


class Plain:
    """Rules over one cohort, with cuts and z-scores learned on ``scope``."""

    def __init__(self, cohort: PlainCohort, library: dict[str, Rule], scope: set[str], *, drop: bool = False) -> None:
        self.cohort, self.library, self.scope, self.drop = cohort, library, scope, drop
        self.edges: set[str] = set()
        """Patients so near a cut that rounding decides: two correct programs may differ."""

    # -- predicates

    def truths(self, rule: Rule) -> Truths:
        if "not" in rule:
            part = self.truths(rule["not"])
            return Truths({patient: opposite(truth) for patient, truth in part.by.items()}, part.absent)
        if kind := next((kind for kind in ("all", "any", "first") if kind in rule), ""):
            return self._several(kind, [self.truths(part) for part in rule[kind]])
        if "signature" in rule:
            positive = positive_of(self.library[rule["signature"]])
            assert positive is not None
            return self.truths(positive)
        if "class" in rule:
            return self._classes(rule["class"], _listed(rule["is"]))
        if "is" in rule:
            return self._tokens(rule)
        comparator = next(word for word in TESTS if word in rule)
        number = {key: value for key, value in rule.items() if key != comparator}
        return self._compared(number, comparator, rule[comparator])

    def _several(self, kind: str, parts: list[Truths]) -> Truths:
        if kind == "any" and self.drop:
            parts = [part for part in parts if not part.absent] or parts
        join = {"all": all_of, "any": any_of, "first": first_of}[kind]
        absent = [part.absent for part in parts]
        by = {patient: join([part.by[patient] for part in parts]) for patient in self.cohort.patients}
        return Truths(by, any(absent) if kind == "all" else all(absent))

    def _compared(self, rule: Rule, comparator: str, cut: float | str) -> Truths:
        number = self.numbers(rule)
        if isinstance(cut, str):
            learned = cut_point(self._known(number), cut)
            self._note_edges(number, cut, learned)
        else:
            learned = cut
            if number.scale == "gistic" and abs(cut) > 2:
                number = self._nothing()
            self._note_edges(number, "", learned)
        by = {patient: compared(ends, comparator, learned) for patient, ends in number.by.items()}
        return Truths(by, number.absent)

    def _note_edges(self, number: Numbers, rule: str, cut: float | None) -> None:
        # a median or a quartile may be the value of one patient, which is no accident
        own = rule == "median" or rule.startswith("q")
        if cut is None or (number.exact and (own or rule == "")):
            return
        points = {patient: number.point(patient) for patient in self.cohort.patients}
        near = {p for p, value in points.items() if value is not None and abs(value - cut) <= 1e-9 * (1 + abs(cut))}
        if len(near) > (1 if own else 0):
            self.edges |= near

    def _tokens(self, rule: Rule) -> Truths:
        tokens = _listed(rule["is"])
        assay = next(key for key in rule if key not in ("is", "at"))
        feature = rule[assay]
        if assay in ("mutation", "germline"):
            return self._variants(assay, feature, tokens)
        if assay == "clinical":
            words = self._column(self.cohort.clinical, feature, rule.get("at"))
            by = {patient: word_is(feature, words[patient], tokens) for patient in self.cohort.patients}
            return Truths(by, all(word is None for word in words.values()))
        calls = self.numbers({key: value for key, value in rule.items() if key != "is"})
        words_for = {"gistic": GISTIC, "copies": {token: token for token in tokens if token not in GISTIC}}
        known = words_for.get(calls.scale, {})
        if not all(token in known for token in tokens):
            calls = self._nothing()
        wanted = [float(known[token]) for token in tokens if token in known]
        points = {patient: calls.point(patient) for patient in self.cohort.patients}
        return Truths({p: None if value is None else value in wanted for p, value in points.items()}, calls.absent)

    def _variants(self, kind: str, gene: str, tokens: list[str]) -> Truths:
        rows = [row for row in self.cohort.variants.get(kind, []) if row[1] == gene]
        tested = self.cohort.tested.get(kind, {}).get(gene, set()) | {row[0] for row in rows}
        by: dict[str, Truth] = {}
        for patient in self.cohort.patients:
            own = [row[1:] for row in rows if row[0] == patient]
            answers = [row_is(*row, token) for row in own for token in tokens]
            wild_type = not any(row_is(*row, "any") for row in own)
            answers.append("none" in tokens and wild_type)
            by[patient] = any_of(answers) if patient in tested else None
        return Truths(by, not tested)

    def _classes(self, scheme: str, wanted: list[str]) -> Truths:
        centroids = self.cohort.centroids.get(scheme, {})
        genes = sorted({gene for column in centroids.values() for gene in column})
        table = self.cohort.numbers.get("mrna", {})
        if not genes or sum(gene in table for gene in genes) < self.cohort.min_coverage * len(genes):
            return Truths(dict.fromkeys(self.cohort.patients), absent=True)
        nearest = nearest_class(table, centroids, self.cohort.patients, self.cohort.min_coverage)
        return Truths({p: None if name is None else name in wanted for p, name in nearest.items()})

    # -- numbers

    def numbers(self, rule: Rule) -> Numbers:
        if "count" in rule:
            parts = [self.truths(part) for part in rule["count"]]
            by = {patient: count_of([part.by[patient] for part in parts]) for patient in self.cohort.patients}
            return Numbers(by, all(part.absent for part in parts), "count", exact=True)
        if "genes" in rule:
            return self._gene_set(rule["genes"], rule["by"])
        if "mean" in rule:
            return self._mean(rule["mean"])
        if kind := next((kind for kind in ("ln", "log2") if kind in rule), ""):
            return self._log(kind, self.numbers(rule[kind]))
        if "weighted" in rule:
            pairs = [({assay: f}, w) for assay, features in rule["weighted"].items() for f, w in features.items()]
            terms, weights = [self.numbers(leaf) for leaf, _ in pairs], [weight for _, weight in pairs]
            return self._joined(terms, lambda *xs: sum(w * x for w, x in zip(weights, xs)), _scale(terms))
        if kind := next((kind for kind in ("sum", "diff", "ratio") if kind in rule), ""):
            return self._arithmetic(kind, [self.numbers(term) for term in rule[kind]])
        return self._leaf(rule)

    def _leaf(self, rule: Rule) -> Numbers:
        assay = next(key for key in rule if key in NUMBER_ASSAYS)
        if assay == "clinical":
            words = self._column(self.cohort.clinical, rule[assay], rule.get("at"))
            values = {patient: _number(word) for patient, word in words.items()}
        else:
            values = self._column(self.cohort.numbers.get(assay, {}), rule[assay], rule.get("at"))
        if all(value is None for value in values.values()):
            return self._nothing()
        by = {patient: None if value is None else (value, value) for patient, value in values.items()}
        return Numbers(by, False, self.cohort.scales.get(assay, "linear"), exact=True)

    def _mean(self, rules: list[Rule]) -> Numbers:
        """The mean of z-scores; a term at a time point is standardised by the values without one."""
        terms = [self.numbers(rule) for rule in rules]
        plain = [self.numbers({key: value for key, value in rule.items() if key != "at"}) for rule in rules]
        learned = [moments(self._known(term)) for term in plain]

        def mean(*xs: float) -> float | None:
            z = [z_score(x, reference) for x, reference in zip(xs, learned)]
            return None if None in z else sum(z) / len(z)

        made = self._joined(terms, mean, "z-score")
        return replace(made, absent=any(term.absent for term in [*terms, *plain]))

    def _log(self, kind: str, term: Numbers) -> Numbers:
        if term.scale in LOG_SCALES and not term.absent:
            return self._nothing()
        log = {"ln": math.log, "log2": math.log2}[kind]
        return self._joined([term], lambda x: log(x) if x > 0 else None, kind)

    def _arithmetic(self, kind: str, terms: list[Numbers]) -> Numbers:
        scale = _scale(terms)
        possible = scale in (*LOG_SCALES, *LINEAR_SCALES) if kind == "ratio" else scale != "mixed"
        if not possible and not any(term.absent for term in terms):
            return self._nothing()
        if kind == "sum":
            return self._joined(terms, lambda *xs: sum(xs), scale, exact=True)
        if kind == "ratio" and scale in LINEAR_SCALES:
            return self._joined(terms, lambda a, b: a / b if b else None, "linear")
        return self._joined(terms, lambda a, b: a - b, scale, exact=True)

    def _joined(self, terms: list[Numbers], join: Any, scale: str, *, exact: bool = False) -> Numbers:
        by: dict[str, tuple[float, float] | None] = {}
        for patient in self.cohort.patients:
            points = [term.point(patient) for term in terms]
            value = None if None in points else join(*points)
            by[patient] = None if value is None else (value, value)
        return Numbers(by, any(term.absent for term in terms), scale, exact and all(term.exact for term in terms))

    def _gene_set(self, genes: Rule, method: str) -> Numbers:
        names = [part for part in genes.values() if isinstance(part, str)]
        if any(name not in self.cohort.gene_lists for name in names):
            return self._nothing()
        weights = dict(self.cohort.gene_lists[genes["table"]]) if "table" in genes else {}
        for side, sign in (("up", 1.0), ("down", -1.0)):
            part = genes.get(side, [])
            weights |= dict.fromkeys(self.cohort.gene_lists[part] if isinstance(part, str) else part, sign)
        table = self.cohort.numbers.get("mrna", {})
        if sum(gene in table for gene in weights) < self.cohort.min_coverage * len(weights):
            return self._nothing()
        scores = set_scores(table, weights, method, sorted(self.scope), self.cohort.patients, self.cohort.min_coverage)
        by = {patient: None if value is None else (value, value) for patient, value in scores.items()}
        scale = {"mean": "z-score", "signed-mean": self.cohort.scales.get("mrna", "")}.get(method, method)
        return self._nothing() if not any(by.values()) else Numbers(by, False, scale)

    # -- small things

    def _column(self, table: dict[str, Any], feature: str, at: str | None) -> dict[str, Any]:
        """The values of a feature; without a time point, those before treatment stand in."""
        keys = [f"{feature}@{at}"] if at else [feature, f"{feature}@pre"]
        column = next((table[key] for key in keys if key in table), {})
        return {patient: column.get(patient) for patient in self.cohort.patients}

    def _known(self, number: Numbers) -> list[float]:
        """The values of the patients of the scope."""
        points = [number.point(patient) for patient in self.cohort.patients if patient in self.scope]
        return [value for value in points if value is not None]

    def _nothing(self) -> Numbers:
        return Numbers(dict.fromkeys(self.cohort.patients), True, "unknown", exact=True)


def _scale(terms: list[Numbers]) -> str:
    scales = {term.scale for term in terms}
    return scales.pop() if len(scales) == 1 else "mixed"


def _number(word: str | None) -> float | None:
    try:
        return None if word is None else float(word)
    except ValueError:
        return None


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [token if isinstance(token, str) else f"{token:g}" for token in values]


# -- signatures --------------------------------------------------------------------------------------------------------


def stratify(
    cohort: PlainCohort, entry: Rule, library: dict[str, Rule], *, cut_scope: str = "population", drop: bool = False
) -> tuple[dict[str, str], set[str]]:
    """``positive``, ``negative``, ``unknown`` or ``not applicable`` for every patient, and who is too near a cut."""
    everyone = Plain(cohort, library, set(cohort.patients), drop=drop)
    panels = entry.get("populations") or [entry[key] for key in ("population",) if key in entry]
    inside = set(cohort.patients)
    if panels:
        member = everyone.truths({"any": panels} if len(panels) > 1 else panels[0]).by
        inside = {patient for patient in cohort.patients if member[patient]}
    rules = Plain(cohort, library, inside if cut_scope == "population" else set(cohort.patients), drop=drop)
    positive = positive_of(entry)
    truth = dict.fromkeys(cohort.patients) if positive is None else rules.truths(positive).by
    words = {True: "positive", False: "negative", None: "unknown"}
    calls = {patient: words[truth[patient]] if patient in inside else "not applicable" for patient in cohort.patients}
    return calls, everyone.edges | rules.edges


def score(cohort: PlainCohort, entry: Rule, library: dict[str, Rule]) -> dict[str, float | None]:
    """The signature's own number, with z-scores over the whole cohort."""
    number = Plain(cohort, library, set(cohort.patients)).numbers(entry["score"])
    return {patient: number.point(patient) for patient in cohort.patients}
