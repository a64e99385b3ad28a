"""Every shipped signature means the same to strata and to the plain rules, on an invented cohort."""

from __future__ import annotations

from typing import Any

import pytest

from strata.scoring import CohortSource, Resources, score
from strata.signatures import Needs, needs_of, signature_library
from strata.stratification import Strata, one_population, stratify, stratify_in

from .invented import SCALES, invented_cohort
from .plain_rules import PlainCohort, Rule
from .plain_rules import score as plain_score
from .plain_rules import stratify as plain_stratify

LIBRARY = signature_library()


@pytest.fixture(scope="module")
def plain(entries: dict[str, Rule]) -> PlainCohort:
    return invented_cohort(entries)


@pytest.fixture(scope="module")
def made(plain: PlainCohort, to_strata: Any) -> Any:
    return to_strata(plain)


@pytest.mark.parametrize("name", LIBRARY)
def test_same_patients(name: str, plain: PlainCohort, made: Any, entries: dict[str, Rule]) -> None:
    cohort, resources = made
    for cut_scope in ("population", "cohort"):
        found = stratify(cohort, name, cut_scope=cut_scope, library=LIBRARY, resources=resources)
        _assert_same(found, plain_stratify(plain, entries[name], entries, cut_scope=cut_scope))


def test_same_scores(plain: PlainCohort, made: Any, entries: dict[str, Rule]) -> None:
    cohort, resources = made
    found = score(cohort, library=LIBRARY, resources=resources).values
    assert set(found.columns) == {name for name, entry in entries.items() if "score" in entry}
    for name, values in found.items():
        expected = plain_score(plain, entries[str(name)], entries)
        assert values.to_dict() == pytest.approx(
            {patient: float("nan") if value is None else value for patient, value in expected.items()},
            rel=1e-9,
            abs=1e-9,
            nan_ok=True,
        ), name


def test_the_cohort_puts_every_signature_to_the_test(plain: PlainCohort, entries: dict[str, Rule]) -> None:
    """Where nobody is positive, negative or unknown, agreement would prove little."""
    found = {
        name: set(plain_stratify(plain, entry, entries)[0].values())
        for name, entry in entries.items()
        if "positive" in entry
    }
    one_of_eleven = {"her2-resistance-panel"}  # hardly anybody has none of its eleven alterations
    assert {name for name, calls in found.items() if not {"positive", "negative"} <= calls} <= one_of_eleven
    assert sum("unknown" in calls for calls in found.values()) > 0.9 * len(found)


@pytest.mark.parametrize("absent_assay", ["unknown", "drop"])
@pytest.mark.parametrize("assay", [*SCALES, "mutation", "germline", "clinical"])
def test_same_patients_without_an_assay(
    assay: str, absent_assay: str, plain: PlainCohort, to_strata: Any, entries: dict[str, Rule]
) -> None:
    less = plain.without(assay)
    cohort, resources = to_strata(less)
    needing = {name: s for name, s in LIBRARY.items() if assay in _assays(needs_of(s, LIBRARY))}
    assert needing
    source = _source(cohort, resources)
    for name, signature in needing.items():
        population = one_population(signature, None, LIBRARY)
        settings = {"population": population, "absent_assay": absent_assay, "library": LIBRARY}
        found = stratify_in(source, signature, **settings)
        _assert_same(found, plain_stratify(less, entries[name], entries, drop=absent_assay == "drop"))


def _assert_same(found: Strata, expected: tuple[dict[str, str], set[str]]) -> None:
    """The same call for every patient, but those for whom rounding decides."""
    calls, edges = expected
    assert len(edges) < 0.05 * len(calls)
    frame = found.to_frame()
    theirs = dict(zip(frame["patient"], frame["call"]))
    assert {p: call for p, call in theirs.items() if p not in edges} == {
        p: c for p, c in calls.items() if p not in edges
    }


def _assays(needs: Needs) -> set[str]:
    return {assay for assay, _ in needs.features} | ({"mrna"} if needs.gene_sets or needs.schemes else set())


def _source(cohort: Any, resources: Resources) -> CohortSource:
    needs = Needs()
    for signature in LIBRARY.values():
        needs |= needs_of(signature, LIBRARY)
    return CohortSource(cohort, needs, resources)
