"""Endpoints: columns by name or by the YAML, event words, times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort.clinical import Column, PatientTable
from strata.cohort.endpoint_columns import EndpointColumns
from strata.cohort.endpoints import find_endpoints
from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions


def found(
    columns: dict[str, list[str]], declared: dict[str, EndpointColumns] | None = None, **read: Any
) -> tuple[Any, Findings]:
    n = len(next(iter(columns.values())))
    table = PatientTable(tuple(f"P{i}" for i in range(n)))
    for name, cells in columns.items():
        table.columns[name] = Column(name, Path("clinical.tsv"), cells, list(range(2, n + 2)))
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
    for words in ("'2' (2)", "'1' (1)", "lines 3, 4", "event_values=2", "clinical.tsv: column 'os_event'"):
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
    assert "column 'os_months'" in text(findings)
    assert not endpoints


def test_a_unit_that_contradicts_the_name() -> None:
    columns = {"os_days": ["1"], "os_event": ["1"]}
    assert "days" in text(found(columns, time_unit="months")[1])
    assert found({"os.time": ["1"], "os": ["1"]}, time_unit="months")[0]["OS"].unit == "months"


def test_columns_of_the_yaml() -> None:
    columns = {"fu": ["1", "2"], "vital": ["Dead", "Alive"], "start": ["0", "0.5"]}
    endpoints, findings = found(columns, {"OS": EndpointColumns("FU", "vital", "years", "start")})
    assert not findings.problems
    assert endpoints["OS"].in_months().time.tolist() == [12.0, 24.0]
    assert endpoints["OS"].entry.tolist() == [0.0, 0.5]
    assert "Did you mean 'vital'" in text(found(columns, {"OS": EndpointColumns("fu", "vitl", "years")})[1])
    assert "time_unit" in text(found(columns, {"OS": EndpointColumns("fu", "vital")})[1])
    assert "is the time column" in text(found(columns, {"OS": EndpointColumns("fu", "fu", "days")})[1])
    late = {"OS": EndpointColumns("start", "vital", "years", "fu")}
    assert "entry at or after" in text(found(columns, late)[1])


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
    notes = " ".join(found(columns)[1].notes)
    for words in ("OS: no event", "1 patient with time 0", "DFS: longer than OS"):
        assert words in notes
    many = {"os_months": ["1"] * 30, "os_event": ["1"] * 30}
    assert any("all 30 patients have the event" in note for note in found(many)[1].notes)
