"""Generated rules on generated tables: strata agrees with the plain rules, and keeps what must hold of every rule."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from strata.scoring import CohortSource, LearnedCuts, score
from strata.signatures import Signature, evaluate, needs_of
from strata.signatures.parse import parse_signature
from strata.stratification import stratify

from .plain_rules import PlainCohort, Rule
from .plain_rules import score as plain_score
from .plain_rules import stratify as plain_stratify
from .plain_values import first_of
from .strategies import cohorts, comparisons, libraries, open_rules, predicates, quantile_rules, tokens

EXAMPLES = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
Make = Callable[[PlainCohort], Any]


def parsed(entry: Rule, library: dict[str, Rule]) -> dict[str, Signature]:
    """The models of a library with ``entry`` in it as ``drawn``."""
    entries = library | {"drawn": entry}
    return {name: parse_signature({"name": name, **one}, id=name, where=name) for name, one in entries.items()}


def calls(cohort: PlainCohort, entry: Rule, library: dict[str, Rule], make: Make, **words: Any) -> dict[str, str]:
    made, resources = make(cohort)
    signatures = parsed(entry, library)
    frame = stratify(made, signatures["drawn"], library=signatures, resources=resources, **words).to_frame()
    return dict(zip(frame["patient"], frame["call"]))


# -- agreement ---------------------------------------------------------------------------------------------------------


@settings(EXAMPLES, max_examples=200)
@given(
    cohort=cohorts(),
    rule=predicates(4),
    library=libraries(),
    population=st.none() | tokens() | comparisons(1, ("median", "q75", 0)),
    cut_scope=st.sampled_from(["population", "cohort"]),
    absent_assay=st.sampled_from(["unknown", "drop"]),
)
def test_agrees_with_the_plain_rules(
    cohort: PlainCohort,
    rule: Rule,
    library: dict[str, Rule],
    population: Rule | None,
    cut_scope: str,
    absent_assay: str,
    to_strata: Make,
) -> None:
    entry = {"positive": rule} | ({} if population is None else {"population": population})
    expected, edges = plain_stratify(cohort, entry, library, cut_scope=cut_scope, drop=absent_assay == "drop")
    assume(not edges)
    assert calls(cohort, entry, library, to_strata, cut_scope=cut_scope, absent_assay=absent_assay) == expected


GENES = [f"MADE{number}" for number in range(12)]
CLASSES = ("Basal", "Her2", "LumA", "LumB", "Normal")
EIGHTHS = st.integers(-40, 40).map(lambda number: number / 8)


@st.composite
def expression(draw: Any) -> PlainCohort:
    """A small table with ties, unknown values and maybe a constant gene; lists and centroids that it lacks genes of."""
    patients = [f"P{number}" for number in range(draw(st.integers(1, 8)))]
    cells = st.one_of(EIGHTHS, EIGHTHS, st.sampled_from([0.0, 1.0]), st.none() if draw(st.booleans()) else EIGHTHS)
    table = {gene: {patient: draw(cells) for patient in patients} for gene in GENES}
    if draw(st.booleans()):
        table[GENES[0]] = dict.fromkeys(patients, 1.0)
    up = draw(st.lists(st.sampled_from([*GENES[:6], "ABSENT1"]), min_size=1, unique=True))
    down = draw(st.lists(st.sampled_from([*GENES[6:10], "ABSENT2"]), min_size=1, unique=True))
    weights = draw(st.dictionaries(st.sampled_from(GENES), st.sampled_from([-2.0, -0.5, 1.0, 3.0]), min_size=1))
    lists = {"up": dict.fromkeys(up, 1.0), "down": dict.fromkeys(down, 1.0), "table": weights}
    centroids = {name: {gene: draw(EIGHTHS) for gene in [*GENES[:8], "ABSENT1"]} for name in CLASSES}
    least = draw(st.sampled_from([0.3, 0.5, 0.8, 1.0]))
    given = {"gene_lists": lists, "centroids": {"pam50": centroids}, "min_coverage": least}
    return PlainCohort(patients, {"mrna": table}, {"mrna": "log2"}, {}, **given)


SETS = [{"up": "up"}, {"down": "down"}, {"up": "up", "down": "down"}, {"table": "table"}, {"up": GENES[:3]}]


@settings(EXAMPLES, max_examples=80)
@given(
    cohort=expression(),
    genes=st.sampled_from(SETS),
    method=st.sampled_from(["mean", "signed-mean", "ssgsea", "correlation"]),
)
def test_agrees_on_gene_sets(cohort: PlainCohort, genes: Rule, method: str, to_strata: Make) -> None:
    entry = {"score": {"genes": genes, "by": method}, "positive": {"score": "self", "above": 0}}
    made, resources = to_strata(cohort)
    signatures = parsed(entry, {})
    found = score(made, ["drawn"], library=signatures, resources=resources).values["drawn"]
    expected = {p: math.nan if value is None else value for p, value in plain_score(cohort, entry, {}).items()}
    assert found.to_dict() == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


@settings(EXAMPLES, max_examples=60)
@given(cohort=expression(), wanted=st.sampled_from([*CLASSES, ["Basal", "Her2", "Normal"]]))
def test_agrees_on_classes(cohort: PlainCohort, wanted: Any, to_strata: Make) -> None:
    entry = {"positive": {"class": "pam50", "is": wanted}}
    assert calls(cohort, entry, {}, to_strata) == plain_stratify(cohort, entry, {})[0]


# -- unknown stays unknown ---------------------------------------------------------------------------------------------


def call(cohort: PlainCohort, rule: Rule, make: Make, cuts: LearnedCuts) -> dict[str, bool | None]:
    """The truth of a rule with the cuts that ``cuts`` has learned before, or learns now."""
    made, resources = make(cohort)
    signatures = parsed({"positive": rule}, {})
    signature = signatures["drawn"]
    source = CohortSource(made, needs_of(signature, signatures), resources)
    assert signature.positive is not None
    found = evaluate(signature.positive, source=source, cuts=cuts, library=signatures)
    assert not (found.true & found.false).any()
    truths = np.where(found.true, True, np.where(found.false, False, None))
    return dict(zip(cohort.patients, truths.tolist()))


def everyone(cohort: PlainCohort) -> LearnedCuts:
    return LearnedCuts(np.ones(len(cohort.patients), dtype=bool))


def forget(cohort: PlainCohort, patient: str, *, everything: bool = False, pick: int = 0) -> PlainCohort:
    """The cohort without what is known of a patient: everything, or the value, word or test that ``pick`` counts to."""
    places = [("numbers", assay, feature) for assay, table in cohort.numbers.items() for feature in table]
    places += [("clinical", "", name) for name in cohort.clinical]
    places += [("tested", kind, gene) for kind, genes in cohort.tested.items() for gene in genes]
    gone = set(places if everything else [places[pick % len(places)]])

    def less(part: str, kind: str, table: dict[str, Any]) -> dict[str, Any]:
        return {name: without(known) if (part, kind, name) in gone else known for name, known in table.items()}

    def without(known: Any) -> Any:
        return known - {patient} if isinstance(known, set) else known | {patient: None}

    return replace(
        cohort,
        numbers={assay: less("numbers", assay, table) for assay, table in cohort.numbers.items()},
        clinical=less("clinical", "", cohort.clinical),
        tested={kind: less("tested", kind, genes) for kind, genes in cohort.tested.items()},
        variants={
            kind: [row for row in rows if not (row[0] == patient and ("tested", kind, row[1]) in gone)]
            for kind, rows in cohort.variants.items()
        },
    )


@settings(EXAMPLES, max_examples=80)
@given(cohort=cohorts(), rule=open_rules(4), drop=st.booleans())
def test_of_whom_nothing_is_known_nothing_is_said(cohort: PlainCohort, rule: Rule, drop: bool, to_strata: Make) -> None:
    """Left aside: counts that no member could change (``count: [a], at_most: 1`` is true of everyone)."""
    blank = cohort.patients[0]
    words = {"absent_assay": "drop" if drop else "unknown"}
    assert calls(forget(cohort, blank, everything=True), {"positive": rule}, {}, to_strata, **words)[blank] == "unknown"


@settings(EXAMPLES, max_examples=120)
@given(cohort=cohorts(), rule=open_rules(4, ("all", "any")), who=st.integers(0, 11), pick=st.integers(0, 19))
def test_forgetting_never_turns_a_call_round(
    cohort: PlainCohort, rule: Rule, who: int, pick: int, to_strata: Make
) -> None:
    """With the cuts held fixed, a known input that becomes unknown leaves a call as it was or makes it unknown.

    Not so for ``first``, which passes to the next measurement; for cuts learned anew; and for ``absent_assay: drop``,
    where the last value of a column takes its leg along.
    """
    patient = cohort.patients[who % len(cohort.patients)]
    cuts = everyone(cohort)
    before = call(cohort, rule, to_strata, cuts)
    after = call(forget(cohort, patient, pick=pick), rule, to_strata, cuts)
    assert after[patient] in (before[patient], None)
    others = [one for one in cohort.patients if one != patient]
    assert [after[one] for one in others] == [before[one] for one in others]


@settings(EXAMPLES, max_examples=40)
@given(value=st.floats(1e-3, 1e6), n=st.integers(1, 60))
def test_a_constant_feature_has_no_z_score(value: float, n: int, to_strata: Make) -> None:
    """0.1 fifty times has a standard deviation of 3e-17 by rounding, which is none."""
    column = {f"P{number}": value for number in range(n)}
    cohort = PlainCohort(list(column), {"mrna": {"IGF1R": column}}, {"mrna": "log2"}, {"er": dict.fromkeys(column)})
    entry = {"positive": {"mean": [{"mrna": "IGF1R"}], "below": 0}}
    assert set(calls(cohort, entry, {}, to_strata).values()) == {"unknown"}


@settings(EXAMPLES, max_examples=60)
@given(cohort=cohorts(), rules=st.lists(predicates(2), min_size=1, max_size=3), library=libraries())
def test_first_is_the_first_that_is_known(
    cohort: PlainCohort, rules: list[Rule], library: dict[str, Rule], to_strata: Make
) -> None:
    words = {"positive": True, "negative": False, "unknown": None}
    parts = [calls(cohort, {"positive": rule}, library, to_strata) for rule in rules]
    whole = calls(cohort, {"positive": {"first": rules}}, library, to_strata)
    for patient, found in whole.items():
        assert words[found] is first_of([words[part[patient]] for part in parts])


# -- what must not matter ----------------------------------------------------------------------------------------------


def shuffled(cohort: PlainCohort, random: Any) -> PlainCohort:
    """The same data with patients, features, words and rows in another order."""

    def mixed(items: Any) -> list[Any]:
        listed = list(items)
        random.shuffle(listed)
        return listed

    def table(columns: dict[str, Any]) -> dict[str, Any]:
        return dict(mixed(columns.items()))

    return replace(
        cohort,
        patients=mixed(cohort.patients),
        numbers=table({assay: table(columns) for assay, columns in cohort.numbers.items()}),
        clinical=table(cohort.clinical),
        variants={kind: mixed(rows) for kind, rows in cohort.variants.items()},
        tested={kind: table(genes) for kind, genes in cohort.tested.items()},
    )


@settings(EXAMPLES, max_examples=80)
@given(
    cohort=cohorts(),
    rule=predicates(4),
    library=libraries(),
    random=st.randoms(use_true_random=False),
    absent_assay=st.sampled_from(["unknown", "drop"]),
)
def test_the_order_of_rows_and_columns_does_not_matter(
    cohort: PlainCohort, rule: Rule, library: dict[str, Rule], random: Any, absent_assay: str, to_strata: Make
) -> None:
    entry = {"positive": rule, "population": {"not": {"clinical": "er", "is": "negative"}}}
    assume(not plain_stratify(cohort, entry, library, drop=absent_assay == "drop")[1])
    before = calls(cohort, entry, library, to_strata, absent_assay=absent_assay)
    assert calls(shuffled(cohort, random), entry, library, to_strata, absent_assay=absent_assay) == before


def ranks(column: dict[str, Any]) -> dict[str, Any]:
    levels = sorted({value for value in column.values() if value is not None})
    return {patient: None if value is None else float(levels.index(value)) for patient, value in column.items()}


def each(function: Callable[[float], float]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda column: {patient: None if value is None else function(value) for patient, value in column.items()}


TRANSFORMS = {"exp": each(math.exp), "3x + 7": each(lambda x: 3 * x + 7), "rank": ranks}


@settings(EXAMPLES, max_examples=80)
@given(
    cohort=cohorts(),
    rule=quantile_rules(4),
    chosen=st.lists(st.sampled_from(sorted(TRANSFORMS)), min_size=8, max_size=8),
    population=st.none() | tokens(),
    cut_scope=st.sampled_from(["population", "cohort"]),
)
def test_quantile_cuts_follow_monotone_transforms(
    cohort: PlainCohort, rule: Rule, chosen: list[str], population: Rule | None, cut_scope: str, to_strata: Make
) -> None:
    """Each feature by its own transform; copy numbers are calls and stay."""
    entry = {"positive": rule} | ({} if population is None else {"population": population})
    ways = iter(chosen)
    moved = {
        assay: {f: column if assay == "copy_number" else TRANSFORMS[next(ways)](column) for f, column in table.items()}
        for assay, table in cohort.numbers.items()
    }
    before = calls(cohort, entry, {}, to_strata, cut_scope=cut_scope)
    assert calls(replace(cohort, numbers=moved), entry, {}, to_strata, cut_scope=cut_scope) == before
