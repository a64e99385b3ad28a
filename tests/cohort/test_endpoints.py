"""Endpoints: columns by name or by the YAML, event words, times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.cohort.clinical import Column, PatientTable
from strata.cohort.endpoint_columns import EndpointColumns
from strata.cohort.endpoints import find_endpoints
from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions
from strata.errors import DataError


def found(
    columns: dict[str, list[str]], declared: dict[str, EndpointColumns] | None = None, **read: Any
) -> tuple[Any, Findings]:
    n = len(next(iter(columns.values())))
    table = PatientTable(tuple(f"P{i}" for i in range(n)))
    for name, cells in columns.items():
        table.add(Column(name, Path("clinical.tsv"), cells, list(range(2, n + 2))))
    findings = Findings()
    endpoints, _, _ = find_endpoints(table, declared or {}, ReadOptions.of(read), findings)
    return endpoints, findings


def text(findings: Findings) -> str:
    return "\n".join(str(problem) for problem in findings.problems)


@pytest.mark.parametrize(
    ("time", "event", "name", "unit"),
    [
        ("OS_MONTHS", "OS_STATUS", "OS", "months"),
        ("dfs_days", "dfs_event", "DFS", "days"),
        ("pfs_years", "PFS_status", "PFS", "years"),
        ("OS.time", "OS", "OS", "days"),
        ("rfs.time", "rfs_event", "RFS", "days"),
    ],
)
def test_pairs_by_name(time: str, event: str, name: str, unit: str) -> None:
    endpoints, findings = found({time: ["1", "2"], event: ["0", "1"]})
    assert not findings.problems
    assert (list(endpoints), endpoints[name].unit, endpoints[name].event.tolist()) == ([name], unit, [False, True])


def test_an_endpoint_knows_the_columns_that_tell_it_also_unused_ones() -> None:
    names = ("os_months", "os_event", "os_status", "os_days", "entered", "age")
    columns = {name: ["1", "0"] for name in names} | {"entered": ["0.5", "-"], "os_months": ["1", "2"]}
    assert found(columns)[0]["OS"].columns == ("os_months", "os_event", "os_status", "os_days")
    declared = {"OS": EndpointColumns("os_months", "os_event", entry="entered")}
    assert found(columns, declared)[0]["OS"].columns == ("os_months", "os_event", "entered")
    days = {"days_to_death": ["3", ""], "days_to_last_followup": ["", "4"], "vital_status": ["Dead", "Alive"]}
    assert found(days)[0]["OS"].columns == ("days_to_death", "days_to_last_followup", "vital_status")


@pytest.mark.parametrize(
    ("dead", "alive"),
    [
        ("1", "0"),
        ("1.0", "0.0"),
        ("1:DECEASED", "0:LIVING"),
        ("DECEASED", "LIVING"),
        ("Dead", "alive"),
        ("TRUE", "False"),
        ("T", "f"),
        ("yes", "no"),
        ("Recurred", "DiseaseFree"),
        ("1:Recurred/Progressed", "0:DiseaseFree"),
        ("Progressed", "CENSORED"),
    ],
)
def test_event_words(dead: str, alive: str) -> None:
    endpoints, findings = found({"os_months": ["1", "2", "3"], "os_event": [dead, alive, "[Not Available]"]})
    assert not findings.problems
    event = endpoints["OS"].event
    assert (event.iloc[0], event.iloc[1], event.isna().iloc[2]) == (True, False, True)
    assert repr(dead) in endpoints["OS"].definition


def test_unknown_words_are_never_guessed() -> None:
    _, findings = found({"os_months": ["1", "2", "3"], "os_event": ["1", "2", "2"]})
    for words in ("'2' (2)", "'1' (1)", "lines 3, 4", "event_values=2", "clinical.tsv:3: column 'os_event'"):
        assert words in text(findings)


def test_words_can_be_said() -> None:
    columns = {"os_months": ["1", "2", "3"], "os_event": ["1", "2", "2"]}
    assert found(columns, event_values="2")[0]["OS"].event.tolist() == [False, True, True]
    lost = {"os_months": ["1", "2", "3"], "os_event": ["1", "0", "lost"]}
    assert found(lost, censored_values="lost")[0]["OS"].event.tolist() == [True, False, False]
    competing = {"os_months": ["1", "2", "3"], "os_event": ["dead", "gone", "moved"]}
    assert "'moved'" in text(found(competing, event_values="dead")[1])
    cnsr = {"AVAL": ["1", "2", "3"], "CNSR": ["0", "1", "3"]}
    declared = {"OS": EndpointColumns("AVAL", "CNSR", "months")}
    assert found(cnsr, declared, event_values="0")[0]["OS"].event.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["-3.2", "1"], "negative: '-3.2'"),
        (["inf", "1"], "infinite"),
        (["2012-01-03", "1"], "a date"),
        (["1,5", "1"], "decimal comma"),
        (["soon", "1"], "not a number"),
        (["2000", "3000"], "another unit"),
    ],
)
def test_times_that_cannot_be(cells: list[str], words: str) -> None:
    endpoints, findings = found({"os_months": cells, "os_event": ["1", "0"]})
    assert words in text(findings)
    line = "" if words == "another unit" else ":2"
    assert f"clinical.tsv{line}: column 'os_months'" in text(findings)
    assert not endpoints


def test_a_unit_that_contradicts_the_name() -> None:
    columns = {"os_days": ["1"], "os_event": ["1"]}
    assert "days" in text(found(columns, time_unit="months")[1])
    assert found({"os.time": ["1"], "os": ["1"]}, time_unit="months")[0]["OS"].unit == "months"


def test_the_unit_option_is_for_the_columns_that_need_it() -> None:
    columns = {"os_months": ["1"], "os_event": ["1"], "dfs_time": ["30"], "dfs_event": ["1"], "t": ["2"], "e": ["1"]}
    declared = {"RFS": EndpointColumns("t", "e")}
    endpoints, findings = found(columns, declared, time_unit="days")
    assert not findings.problems
    assert {name: endpoint.unit for name, endpoint in endpoints.items()} == {
        "RFS": "days",
        "OS": "months",
        "DFS": "days",
    }
    assert "time_unit=months" in text(found(columns, declared)[1])


def test_a_time_whose_name_tells_no_unit_is_not_guessed() -> None:
    endpoints, findings = found({"os_time": ["1"], "os_event": ["1"]})
    assert not endpoints
    assert any("os_time tells no unit" in note and "time_unit=months" in note for note in findings.notes)
    assert found({"os_time": ["1"], "os_event": ["1"]}, time_unit="years")[0]["OS"].unit == "years"


@pytest.mark.parametrize("last", ["days_to_last_followup", "days_to_last_follow_up"])
def test_overall_survival_from_two_day_columns(last: str) -> None:
    columns = {
        "vital_status": ["Dead", "Alive", "Dead", "Alive", "NA"],
        "days_to_death": ["100", "NA", "", "", "5"],
        last: ["90", "200", "70", "", "6"],
    }
    endpoints, findings = found(columns)
    assert not findings.problems
    endpoint = endpoints["OS"]
    assert endpoint.unit == "days"
    assert endpoint.time.fillna(-1).tolist()[:4] == [100.0, 200.0, -1.0, -1.0]
    assert endpoint.event.tolist()[:4] == [True, False, True, False]
    assert endpoint.event.isna().iloc[4]
    assert any("days_to_death of the dead" in note for note in findings.notes)
    own = found(columns | {"os_months": ["1"] * 5, "os_event": ["1"] * 5})[0]["OS"]
    assert own.unit == "months"


def test_columns_of_the_yaml() -> None:
    columns = {"fu": ["1", "2"], "vital": ["Dead", "Alive"]}
    endpoints, findings = found(columns, {"OS": EndpointColumns("FU", "vital", "years")})
    assert not findings.problems
    assert endpoints["OS"].in_months().time.tolist() == [12.0, 24.0]
    assert "Did you mean 'vital'" in text(found(columns, {"OS": EndpointColumns("fu", "vitl", "years")})[1])
    assert "time_unit" in text(found(columns, {"OS": EndpointColumns("fu", "vital")})[1])
    assert "is the time column" in text(found(columns, {"OS": EndpointColumns("fu", "fu", "days")})[1])


def test_columns_without_a_partner_are_named() -> None:
    endpoints, findings = found({"os_months": ["1"], "dss_event": ["1"], "er_status": ["1"], "age_years": ["50"]})
    assert not endpoints
    assert not findings.problems
    (note,) = findings.notes
    assert "dss_event, os_months" in note
    assert "er_status" not in note
    assert "age_years" not in note


def test_two_event_columns_are_compared() -> None:
    _, findings = found({"os_months": ["1", "2"], "os_event": ["1", "0"], "os_status": ["Dead", "Dead"]})
    assert any("os_status disagrees in 1 patient" in note for note in findings.notes)


def test_doubtful_endpoints_are_noted() -> None:
    columns = {"os_months": ["1", "0"], "os_event": ["0", "0"], "dfs_months": ["5", "0"], "dfs_event": ["1", "1"]}
    _, findings = found(columns)
    for words in ("OS: no event", "1 patient with time 0"):
        assert words in " ".join(findings.notes)
    (problem,) = findings.problems
    assert (problem.code, problem.what) == ("E518", "1 time longer than the one of OS (line 2)")
    many = {"os_months": ["1"] * 30, "os_event": ["1"] * 30}
    assert any("all 30 patients have the event" in note for note in found(many)[1].notes)


def test_columns_the_yaml_names_in_vain_are_told_with_its_line(write: Any) -> None:
    write("clinical.tsv", "patient_id\tos_months\tos_event\nP1\t1\t0\n")
    yaml = write("c.yaml", "name: a\nclinical: clinical.tsv\nendpoints:\n  OS: {time: os_month, event: os_evnt}\n")
    with pytest.raises(DataError, match=r"c\.yaml:4: .*'os_month'.*Did you mean 'os_months'") as caught:
        read_cohort(yaml)
    assert len(caught.value.problems) == 2


def test_a_declared_unit_may_not_contradict_the_columns_name() -> None:
    declared = {"OS": EndpointColumns("os_days", "os_event", "months", "c.yaml:4")}
    endpoints, findings = found({"os_days": ["100", "200"], "os_event": ["1", "0"]}, declared)
    assert "OS" not in endpoints or findings.problems
    assert "c.yaml:4: endpoint OS: the column's name (os_days) says days, its unit says months" in text(findings)


ENTRY = {"fu": ["5", "9", "7", "8"], "vital": ["1", "0", "1", "0"], "start": ["1", "0", "2.5", "NA"]}


def test_delayed_entry_is_in_the_unit_of_the_time() -> None:
    endpoints, findings = found(ENTRY, {"OS": EndpointColumns("fu", "vital", "years", entry="start")})
    assert not findings.problems
    endpoint = endpoints["OS"]
    assert endpoint.in_months().entry.tolist()[:3] == [12.0, 0.0, 30.0]
    assert endpoint.entry.isna().tolist() == [False, False, False, True]
    assert endpoint.definition.endswith("; at risk from start on")
    assert "endpoint OS: delayed entry (start), unknown in 1 patient" in findings.notes
    # who has no known entry is not counted
    assert any(note.startswith("endpoint OS: 3 patients, 2 events") for note in findings.notes)


def test_an_entry_whose_name_says_another_unit_is_converted() -> None:
    days = {"fu": ["5", "9"], "vital": ["1", "0"], "start_days": ["365.25", "0"]}
    endpoints, findings = found(days, {"OS": EndpointColumns("fu", "vital", "years", entry="start_days")})
    assert not findings.problems
    assert endpoints["OS"].entry.tolist() == [1.0, 0.0]


MEASURED = {"os_months": ["5", "9", "7", "8"], "os_event": ["1", "0", "1", "0"]}


@pytest.mark.parametrize("name", ["marker_time", "Biomarker.Time", "time_of_marker", "marker_measurement_time"])
def test_a_marker_that_was_measured_after_time_zero_is_told(name: str) -> None:
    endpoints, findings = found(MEASURED | {name: ["0", "2", "later", "3.5"]})
    assert list(endpoints) == ["OS"]
    assert endpoints["OS"].marker_time.tolist()[::3] == [0.0, 3.5]
    assert endpoints["OS"].marker_time.isna().tolist() == [False, False, True, False]
    (said,) = [note for note in findings.notes if note.startswith("W809: ")]
    assert f"endpoint OS: column '{name}' is after time zero for 2 patients" in said
    assert f"entry: {name} in a cohort YAML" in said


def test_the_unit_of_a_marker_time_is_that_of_its_name_or_of_the_endpoint() -> None:
    for name, months in [("marker_days", 1.0), ("marker_time_years", 365.25), ("marker_time", 30.4375)]:
        endpoints, _ = found(MEASURED | {name: ["30.4375"] * 4})
        assert endpoints["OS"].in_months().marker_time.tolist() == pytest.approx([months] * 4)


def test_a_marker_time_of_zero_or_with_entry_is_nothing_to_tell() -> None:
    _, findings = found(MEASURED | {"marker_time": ["0", "0", "NA", "-2"]})
    assert "W809" not in str(findings.notes)
    declared = {"OS": EndpointColumns("os_months", "os_event", entry="marker_time")}
    endpoints, findings = found(MEASURED | {"marker_time": ["1", "2", "3", "0"]}, declared)
    assert "W809" not in str(findings.notes)
    assert endpoints["OS"].marker_time is None
    # a column of other times is none
    endpoints, _ = found(MEASURED | {"marker_time_point": ["1"] * 4, "sample_time": ["1"] * 4})
    assert endpoints["OS"].marker_time is None


def test_an_entry_at_or_after_the_end_names_its_lines() -> None:
    late = ENTRY | {"start": ["5", "0", "7.5", "NA"]}
    endpoints, findings = found(late, {"OS": EndpointColumns("fu", "vital", "years", entry="start")})
    assert not endpoints
    assert "clinical.tsv:2: column 'start'" in text(findings)
    assert "2 entries at or after the time in fu (lines 2, 4)" in text(findings)


def test_an_entry_column_that_is_not_there_or_holds_no_number() -> None:
    endpoints, findings = found(ENTRY, {"OS": EndpointColumns("fu", "vital", "years", entry="begin")})
    assert not endpoints
    assert "no column 'begin' in the clinical tables" in text(findings)
    _, findings = found(
        ENTRY | {"start": ["-1", "soon", "1", "1"]}, {"OS": EndpointColumns("fu", "vital", "years", entry="start")}
    )
    assert "negative" in text(findings)
    assert "soon" in text(findings)


def test_left_truncation_from_the_table_to_the_hazard_ratio_like_r(shared: Path, tmp_path: Path) -> None:
    from strata import compare_survival, stratify
    from strata.signatures import parse_signature

    # R: coxph(Surv(entry, exit, event) ~ I(gender == 1)), survfit(Surv(entry, exit, event) ~ 1) of the women
    r = json.loads((shared / "golden" / "pitfalls.json").read_text())["cases"]
    right = next(case["result"] for case in r if case["id"] == "left_truncation_channing")
    exact = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}
    d = pd.read_csv(shared / "golden" / "data" / "channing.csv", **exact)
    table = d.assign(patient_id=[f"R{i}" for i in range(len(d))])[["patient_id", "entry", "exit", "event", "gender"]]
    table.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    male = pd.DataFrame([["MALE", *(d["gender"] == 1).astype(int)]], columns=["gene", *table["patient_id"]])
    male.to_csv(tmp_path / "mrna.tsv", sep="\t", index=False)
    spec = tmp_path / "cohort.yaml"
    spec.write_text(
        "name: channing\nclinical: clinical.tsv\nmrna: mrna.tsv\n"
        "endpoints: {OS: {time: exit, event: event, unit: months, entry: entry}}\n"
    )
    with pytest.raises(DataError, match="4 entries at or after the time in exit"):
        read_cohort(spec)
    table.loc[d["entry"] >= d["exit"], "entry"] = None
    table.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False, na_rep="NA")
    cohort = read_cohort(spec)
    men = parse_signature({"name": "men", "positive": {"mrna": "MALE", "above": 0.5}}, id="men", where="test")
    result = compare_survival(cohort, stratify(cohort, men, library={}), "OS")
    row = result.comparisons[0]
    assert row.hazard_ratio is not None
    assert row.hazard_ratio.value == pytest.approx(right["right_entry"]["hr"][0], rel=1e-7)
    assert row.groups[1].curve.at([960]).survival[0] == pytest.approx(right["S_female_960mo_right"], rel=1e-9)
    assert ("no known OS", 4) in result.left_out
