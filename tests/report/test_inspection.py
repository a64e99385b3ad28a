"""What a cohort holds, in plain words, and the plan that fits it."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from strata import read_cohort
from strata.analysis import CohortEntry, load_plan
from strata.report import describe, plan_template
from strata.signatures import load_signatures, signature_library

NAMES = ["figure2-breast", "no-effect", "additive-only", "trial-everolimus", "one-event", "heavy-ties"]


@pytest.fixture(scope="session")
def cohort(root):
    def read(name, layout="flat"):
        return read_cohort(root / "synthetic" / name / layout, name=name)

    return read


def told(cohort):
    return describe(cohort, load_signatures(), signature_library())


def test_a_whole_cohort_is_told(cohort):
    text = told(cohort("figure2-breast"))
    lines = text.splitlines()
    assert lines[0] == "Cohort figure2-breast: 600 patients, layout flat (the folder has no file of another layout)"
    for title in ("Tables", "Endpoints", "Clinical columns", "Signatures"):
        assert title in lines
    for start in (
        "mrna: ",
        "protein: ",
        "mutation: ",
        "copy_number: ",
        "all of copy_number, ",
        "OS: ",
        "DFS: ",
        "er from ",
    ):
        assert any(line.strip().startswith(start) for line in lines), start
    assert "scale log2" in text or "scale z-score" in text or "scale linear" in text
    assert "  er from er_status: positive (436), negative (155), unknown (9)" in lines
    (age,) = [line for line in lines if line.startswith("  age from age: ")]
    assert re.fullmatch(r"  age from age: median \S+ \(quartiles \S+ and \S+\), unknown \(\d+\)", age)
    (grade,) = [line for line in lines if line.startswith("  grade from grade: ")]
    assert re.findall(r"(\w+) \(", grade) == ["1", "2", "3", "unknown"]


def test_the_endpoints_are_counted(cohort):
    made = cohort("figure2-breast")
    os = made.endpoint("OS")
    known = os.time.notna() & os.event.notna()
    events = int(os.event[known].sum())
    assert f"  OS: {known.sum()} patients, {events} events, median follow-up " in told(made)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", ["flat", "cbioportal"])
def test_no_patient_is_named(cohort, name, layout):
    text = told(cohort(name, layout))
    assert "SYN-" not in text
    assert f"Cohort {name}: " in text


def test_what_cannot_be_scored_says_why(cohort):
    lines = told(cohort("one-event")).splitlines()
    assert any(line.startswith("  igf1r-high: ") and " positive, " in line for line in lines)
    assert "    the cohort has no mutation table: 13" in lines
    assert "kras-mutated" in lines[lines.index("    the cohort has no mutation table: 13") + 1]
    assert lines[-1].split()[2] == str(len(load_signatures()))
    assert " can be evaluated, " in lines[-1]
    assert max(map(len, lines[lines.index("Signatures") :])) <= 130


def test_everything_that_is_missing_is_told_on_request(cohort):
    made = cohort("one-event")
    lines = describe(made, load_signatures(), signature_library(), every_reason=True).splitlines()
    assert "  kras-mutated: no (the cohort has no mutation table)" in lines
    assert any(line.startswith("  axl-high: no (") and line.count("; ") > 1 for line in lines)
    assert not any("by the first thing that is missing" in line for line in lines)


def test_what_can_be_scored_and_is_not_in_the_plan_is_told(cohort):
    made = cohort("figure2-breast")
    lines = told(made).splitlines()
    assert "      er-positive" in lines[lines.index("    the same two groups of patients as er-negative: 1") + 1]
    can, planned = (int(lines[-1].split()[i]) for i in (0, 6))
    listed = [line for line in template(made, path="p", name="n").splitlines() if line.startswith("  - ")]
    assert planned == len(listed) - 1 < can


def test_a_cohort_of_clinical_values_alone(make_cohort):
    index = pd.Index(["P1", "P2"], name="patient", dtype=str)
    text = told(make_cohort(clinical=pd.DataFrame({"er": pd.array(["positive", None], dtype="string")}, index=index)))
    assert "clinical only: no expression" in text
    assert "none: no pair of columns such as os_months and os_event" in text


def template(cohort, **keys):
    return plan_template(cohort, CohortEntry(**keys), load_signatures(), signature_library())


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_a_cohort_is_a_plan(cohort, name, tmp_path):
    text = template(cohort(name), path="it's here", name=name)
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    plan = load_plan(path)
    assert plan.cohorts[0].path == "it's here"
    assert plan.output == "results"
    listed = [signature.id for signature in plan.load_signatures()[1]]
    assert sorted(plan.signatures) == listed
    assert listed
    below = text.partition("\nsignatures:\n")[2]
    assert text.index("endpoints: [") < text.index("output: results") < text.index("signatures:")
    mentioned = set(re.split(r"[\s,]+", re.sub("^ *#", "", below, flags=re.M)))
    assert {signature.id for signature in load_signatures()} <= mentioned
    assert max(map(len, text.splitlines())) <= 120
    assert set(plan.endpoints) <= set(cohort(name).endpoints)


@pytest.mark.parametrize(
    ("has", "asked"),
    [
        (["RFS", "OS"], "[RFS, OS]"),
        (["OS", "RFS", "DFS"], "[DFS, OS]"),
        (["DFI", "PFS"], "[DFI, PFS]"),
        (["OS"], "[OS]"),
        ([], "[OS]"),
    ],
)
def test_the_plan_asks_for_the_endpoints_that_the_cohort_has(make_cohort, has, asked):
    index = pd.Index(["P1", "P2"], name="patient", dtype=str)
    clinical = pd.DataFrame({"er": pd.array(["positive", "negative"], dtype="string")}, index=index)
    made = make_cohort(clinical=clinical, endpoints={name: ([1.0, 2.0], [True, False]) for name in has})
    assert f"\nendpoints: {asked}\n" in template(made, path="p", name="n")


def test_the_plan_keeps_how_the_cohort_was_read(cohort, tmp_path):
    keys = {"layout": "flat", "read": {"sep": "tab", "event_values": "it's 2"}}
    path = tmp_path / "plan.yaml"
    path.write_text(template(cohort("one-event"), path="p", name="n", **keys), encoding="utf-8")
    assert load_plan(path).cohorts == (CohortEntry(path="p", name="n", **keys),)


def test_what_is_left_out_of_the_plan_stands_below_its_reason(cohort):
    lines = template(cohort("one-event"), path="p", name="n").splitlines()
    assert "kras-mutated" in lines[lines.index("  #   the cohort has no mutation table: 13") + 1]


def test_patients_that_are_split_in_the_same_way_twice_are_in_the_plan_once(cohort):
    lines = template(cohort("figure2-breast"), path="p", name="n").splitlines()
    assert "  - er-negative" in lines
    assert "  - er-positive" not in lines
    assert "  #   the same two groups of patients as er-negative: 1" in lines
