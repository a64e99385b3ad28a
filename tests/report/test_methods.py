"""Sentences about a run: one for each thing that was done, none for what was not."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from strata.analysis import Plan
from strata.report.facts import Facts, and_list, cited
from strata.report.methods import run_sentences
from strata.signatures import signature_library

STRATA = {
    "signature": "igf1r-high",
    "population": "all",
    "cut": "median",
    "counts": {"positive": 5, "negative": 4, "unknown": 1, "not applicable": 2},
}
RECORD = {
    "strata": "0.1",
    "python": "3.12",
    "packages": {"numpy": "2", "pandas": "3", "matplotlib": "4"},
    "outputs": {"results.tsv": ""},
    "signatures": ["igf1r-high"],
    "gene_sets": [],
    "negative_controls": {"null_check": 0, "random_signatures": 0, "seed": 0},
    "cohorts": [
        {
            "name": "A",
            "patients": 1200,
            "strata": [STRATA],
        }
    ],
}
RESULTS = {"cohort": "A", "endpoint": "OS", "comparison": "positive_vs_rest", "n": 1100, "events": 300, "note": None}
TESTS = {"test": "log-rank", "p_value": 0.01, "family": "main", "max_t_p": float("nan"), "note": None}


@pytest.fixture
def facts() -> Facts:
    """A run of one signature on one endpoint, with a hazard ratio and a log-rank P."""
    return Facts(
        RECORD,
        Plan.checked(cohorts=["A"], signatures=["igf1r-high"], endpoints=["OS"]),
        [signature_library()["igf1r-high"]],
        {"igf1r-high": ["ochnik2016"]},
        pd.DataFrame([RESULTS | {"hazard_ratio": 1.5}]),
        pd.DataFrame([TESTS]),
        pd.DataFrame(),
        pd.DataFrame(),
    )


def with_plan(facts: Facts, **keys) -> Facts:
    return replace(facts, plan=facts.plan.model_copy(update=keys))


def with_rows(facts: Facts, *rows) -> Facts:
    return replace(facts, results=pd.DataFrame([RESULTS | row for row in rows]))


def with_record(facts: Facts, **keys) -> Facts:
    return replace(facts, record=RECORD | keys)


def keys_of(facts: Facts) -> set[str]:
    return set(re.findall(r"@([\w-]+)", " ".join(run_sentences(facts))))


BASE = {"ochnik2016", "kaplan1958", "mantel1966", "peto1972", "cox1972", "efron1977", "benjamini1995", "holm1979"}
PROGRAMS = {"strata", "harris2020", "mckinney2010"}


def test_the_smallest_run(facts):
    said = run_sentences(facts)
    assert said[0] == "The cohort was A (1,200 patients; OS: up to 1,100 compared, 300 events)."
    assert "Endpoints were OS, with times in months of 30.4375 days." in said
    assert "Patients were classified by IGF1R mRNA high (igf1r-high, cut: median) [@ochnik2016]." in said
    assert "Cut-points were learned in each cohort, over the patients of the population." in said
    assert keys_of(facts) == BASE | PROGRAMS


@pytest.mark.parametrize(
    ("row", "keys", "words"),
    [
        ({"firth_p": 0.1}, {"firth1993", "heinze2001"}, "below 20 patients or 10 events"),
        ({"permutation_p": 0.1, "permutations": 10_000}, {"phipson2010"}, "10,000 random permutations (seed 0)"),
        ({"permutation_p": 0.1, "permutations": 0}, set(), "also by all splits of the patients"),
        ({"ph_p": 0.5}, {"grambsch1994"}, "Proportional hazards were tested"),
        ({"ph_p": 0.01, "rmst_difference": 2.0}, {"grambsch1994", "royston2013", "uno2014"}, "restricted mean"),
        ({"gray_p": 0.2}, {"gray1988"}, "cumulative incidence"),
        ({"median_follow_up": 60.0}, {"schemper1996"}, "reverse Kaplan-Meier"),
        ({"comparison": "trend"}, {"tarone1975"}, "The trend over quantile groups is Tarone's"),
        ({"comparison": "interaction"}, set(), "interaction in one Cox model"),
        ({"note": "delayed entry: patients are"}, set(), "patients were at risk from their entry on"),
    ],
)
def test_what_stands_in_a_row_is_said_and_nothing_else(facts, row, keys, words):
    found = with_rows(facts, {"hazard_ratio": 1.5} | row)
    assert keys_of(found) == BASE | PROGRAMS | keys
    assert words in " ".join(run_sentences(found))
    assert words not in " ".join(run_sentences(facts))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"stratify_by": ("node", "grade")}, "for tied times, stratified by node and grade [@mantel1966"),
        ({"stratify_by": ("node",)}, "[@efron1977], stratified by node."),
        ({"covariates": ("age",)}, "[@efron1977], adjusted for age."),
        ({"horizon": 60.0}, "follow-up was cut at 60 months"),
        ({"landmark": 6.0}, "a landmark of 6 months"),
        ({"cut_scope": "cohort"}, "in each cohort, over all its patients"),
        ({"train": "A"}, "in the cohort A and applied unchanged to the others"),
        ({"absent_assay": "drop"}, "whose assay a cohort lacks were left out"),
        ({"subgroups": ("er", "grade")}, "Subgroups of er and grade are compared with an interaction test each."),
    ],
)
def test_what_the_plan_asked_for_is_said(facts, plan, words):
    assert words in " ".join(run_sentences(with_plan(facts, **plan)))
    assert words not in " ".join(run_sentences(facts))


@pytest.mark.parametrize(("pool", "key"), [("REML", "viechtbauer2005"), ("DL", "dersimonian1986"), ("PM", "paule1982")])
def test_how_cohorts_were_pooled(facts, pool, key):
    pooled = replace(with_plan(facts, pool=pool), pooled=pd.DataFrame([{"method": "random_effects"}]))
    assert keys_of(pooled) == BASE | PROGRAMS | {key, "hartung2001", "higgins2002", "viechtbauer2007"}


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("permutation", {"phipson2010"}),
        ("lau92", set()),
        ("lau94", {"lausen1994"}),
        ("hothorn-lausen", {"hothorn2003"}),
    ],
)
def test_how_a_cut_was_searched(facts, method, keys):
    options = facts.plan.cut_search.model_copy(update={"method": method})
    found = replace(
        with_plan(facts, cut_search=options), tests=pd.DataFrame([TESTS | {"test": "maximally selected log-rank"}])
    )
    assert keys_of(found) == BASE - {"mantel1966", "peto1972"} | PROGRAMS | keys | {"lausen1992", "pedregosa2011"}


def test_the_families_and_max_t(facts):
    note = "max-T by 1000 permutations (seed 7); assumes"
    rows = [
        TESTS,
        TESTS | {"max_t_p": 0.2, "note": note},
        TESTS | {"family": "secondary"},
        TESTS | {"family": "supporting"},
    ]
    found = replace(facts, tests=pd.DataFrame(rows))
    said = " ".join(run_sentences(found))
    assert "main (2 tests) and secondary (1 test): q" in said
    assert "(1,000 permutations, seed 7) [@westfall1993]" in said


def test_controls_scores_and_programs(facts):
    controls = {"null_check": 200, "random_signatures": 1000, "seed": 3}
    sets = [
        {"score": "ssgsea(up A)", "method": "ssgsea", "reference": "10.1038/nature08460"},
        {"score": "class pam50", "method": "nearest centroid", "reference": "10.1200/JCO.2008.18.1370"},
    ]
    check = {"compared": 1234, "engine": "lifelines 0.30", "largest": 2e-11}
    found = with_record(
        facts, negative_controls=controls, gene_sets=sets, cross_check=check, outputs={"figure2.png": ""}
    )
    assert keys_of(found) - keys_of(facts) == {
        *("venet2011", "paik2004", "barbie2009", "parker2009", "davidsonpilon2019", "hunter2007")
    }
    said = " ".join(run_sentences(found))
    assert "outcomes were permuted 200 times within cohorts and each signature" in said
    assert "(seed 3)" in said
    assert "1,234 curves, tests and hazard ratios were computed again with lifelines 0.30" in said
    assert "Gene lists were scored by ssgsea [@barbie2009]; classes are those of the nearest centroid" in said


def test_a_mixture_and_a_table_of_characteristics(facts):
    strata = [STRATA | {"population": "er-positive", "cut": "mixture"}]
    found = with_record(facts, cohorts=[{"name": "A", "patients": 9, "strata": strata}])
    assert keys_of(found) - keys_of(facts) == {"wang2009", "pedregosa2011"}
    assert "in er-positive patients" in " ".join(run_sentences(found))
    described = replace(facts, baseline=pd.DataFrame([{"n": 1}]))
    assert keys_of(described) - keys_of(facts) == {"austin2009"}


def test_of_many_signatures_only_their_number_is_said(facts):
    some = list(signature_library().values())[:11]
    called = {"name": "A", "patients": 9, "strata": [STRATA | {"signature": signature.id} for signature in some]}
    found = replace(
        with_record(facts, signatures=[signature.id for signature in some], cohorts=[called]),
        signatures=some,
        sources={signature.id: ["x1999"] for signature in some},
    )
    assert "Patients were classified by 11 published signatures." in run_sentences(found)
    assert "x1999" not in keys_of(found)


def test_a_signature_that_no_cohort_can_answer_is_counted_and_not_cited(facts):
    nobody = STRATA | {"signature": "pten-loss", "counts": {"unknown": 12, "positive": 0}}
    cohorts = [{"name": "A", "patients": 9, "strata": [STRATA, nobody]}]
    found = with_record(facts, signatures=["igf1r-high", "pten-loss"], cohorts=cohorts)
    said = "Patients were classified by IGF1R mRNA high (igf1r-high, cut: median) [@ochnik2016]; 1 other signature"
    assert f"{said} could not be answered." in run_sentences(found)
    alone = with_record(facts, signatures=["pten-loss"], cohorts=[{"name": "A", "patients": 9, "strata": [nobody]}])
    assert "Nobody was classified; 1 signature could not be answered." in run_sentences(alone)


def test_of_many_populations_only_their_number_is_said(facts):
    strata = [STRATA | {"population": f"p{i}"} for i in range(11)]
    found = with_record(facts, cohorts=[{"name": "A", "patients": 9, "strata": strata}])
    assert any(said.endswith("[@ochnik2016] in 11 populations.") for said in run_sentences(found))


def test_without_survival_nothing_is_said_of_it(facts):
    nothing = pd.DataFrame()
    found = replace(with_plan(facts, endpoints=()), results=nothing, tests=nothing)
    assert keys_of(found) == {"ochnik2016"} | PROGRAMS
    assert "survival was not compared" in " ".join(run_sentences(found))


def test_lists_and_keys_in_words():
    assert [and_list(list(items)) for items in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert cited(["a", "b", "a"]) == " [@a; @b]"
    assert cited([]) == ""
