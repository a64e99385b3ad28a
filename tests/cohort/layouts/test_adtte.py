"""CDISC ADTTE: 0 is the event."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.errors import DataError

ADTTE = (
    "STUDYID,USUBJID,TRT01P,AGE,PARAMCD,PARAM,AVAL,AVALU,CNSR,STARTDT,ADT,EVNTDESC\n"
    "S,P1,A,60,OS,Overall Survival,100,DAYS,0,2020-01-01,2020-04-10,Death\n"
    "S,P2,B,61,OS,Overall Survival,200,DAYS,2,2020-01-01,2020-07-19,Alive\n"
    "S,P1,A,60,PFS,Progression-Free Survival (Months),3,,1,2020-01-01,,Censored\n"
    "S,P2,B,61,PFS,Progression-Free Survival (Months),2,,0,2020-01-01,,Progression\n"
    "S,P3,B,70,PFS,Progression-Free Survival (Months),5,,,2020-01-01,,\n"
)
ADSL = "USUBJID,AGE,SEX\nP1,60,F\nP2,61,M\nP3,70,F\nP4,50,M\n"


@pytest.mark.parametrize("sep", [",", "\t"])
def test_each_parameter_is_an_endpoint_and_zero_is_the_event(write: Any, tmp_path: Path, sep: str) -> None:
    write("ADTTE.csv" if sep == "," else "adtte.tsv", ADTTE.replace(",", sep))
    cohort = read_cohort(tmp_path)
    assert cohort.choices["layout"]["name"] == "adtte"
    assert list(cohort.patients) == ["P1", "P2", "P3"]
    overall, free = cohort.endpoint("OS"), cohort.endpoint("PFS")
    assert (overall.unit, overall.time.tolist()[:2]) == ("days", [100.0, 200.0])
    assert overall.event.tolist()[:2] == [True, False]
    assert (free.unit, free.time.tolist()) == ("months", [3.0, 2.0, 5.0])
    assert free.event.fillna(False).tolist() == [False, True, False]
    assert free.event.isna().tolist() == [False, False, True]
    assert cohort.clinical["TRT01P"].tolist() == ["A", "B", "B"]
    assert not {"EVNTDESC", "ADT", "STARTDT", "PARAM", "CNSR"} & set(cohort.clinical.columns)
    assert any("OS in days: CNSR 0 is the event (1), above 0 censored (1)" in note for note in cohort.notes)


def test_adsl_holds_the_patients_and_biomarkers_lie_beside(write: Any, tmp_path: Path) -> None:
    write("adtte.csv", ADTTE)
    write("adsl.csv", ADSL)
    write("mrna.csv", "USUBJID,IGF1R,SPHK1\nP1,5.5,6.1\nP2,7.5,8.1\n")
    write("protein.csv", "USUBJID,gene,value\nP1,IGF1R,1.5\n")
    write("mutations.csv", "USUBJID,gene\nP2,TP53\n")
    cohort = read_cohort(tmp_path, read={"sequenced": "all"})
    assert list(cohort.patients) == ["P1", "P2", "P3", "P4"]
    assert cohort.clinical["sex"].tolist() == ["female", "male", "female", "male"]
    assert cohort.endpoint("OS").time.fillna(-1).tolist() == [100.0, 200.0, -1.0, -1.0]
    assert cohort.assays["mrna"].read(["SPHK1"])["SPHK1"].fillna(0).tolist() == [6.1, 8.1, 0.0, 0.0]
    assert cohort.assays["protein"].assayed == {"P1"}
    assert cohort.mutations["mutation"].variants(["TP53"])["patient"].tolist() == ["P2"]
    assert {path.name for path in cohort.source} == {
        "adtte.csv",
        "adsl.csv",
        "mrna.csv",
        "protein.csv",
        "mutations.csv",
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",AVAL,", ",X,", r"adtte\.csv:1: no column AVAL; .*Add AVAL, the time from STARTDT to ADT"),
        ("PARAMCD,PARAM,AVAL", "X,PARAM,Y", "no column PARAMCD, no column AVAL"),
        ("DAYS", "WEEKS", r"adtte\.csv:2: parameter 'OS': AVALU is 'WEEKS', not one of days, months and years"),
        ("200,DAYS", "200,MONTHS", "AVALU is 'DAYS', 'MONTHS', not one of"),
        (" (Months)", "", r"parameter 'PFS': neither AVALU nor PARAM tells the unit.*time_unit=months"),
        ("DAYS,2,", "DAYS,Y,", r"adtte\.csv:3: CNSR of parameter 'OS' is no whole number from 0 in 1 row: 'Y' \(1\)"),
        ("DAYS,2,", "DAYS,-1,", "no whole number from 0"),
        ("S,P2,B,61,OS,", "S,P2,B,61,,", r"1 row without PARAMCD \(line 3\)"),
        ("S,P2,B,61,OS,", "S,P1,B,61,OS,", r"lines 2, 3 are the same patient with different values"),
        (",100,DAYS", ",-100,DAYS", r"adtte\.csv:2: column 'OS_DAYS': 1 cell negative"),
    ],
)
def test_faults_have_their_place(write: Any, tmp_path: Path, old: str, new: str, told: str) -> None:
    write("adtte.csv", ADTTE.replace(old, new))
    with pytest.raises(DataError, match=told):
        read_cohort(tmp_path)


def test_all_faults_are_told_at_once(write: Any, tmp_path: Path) -> None:
    write("adtte.csv", ADTTE.replace(" (Months)", "").replace("DAYS,2,", "WEEKS,Y,"))
    with pytest.raises(DataError) as caught:
        read_cohort(tmp_path)
    assert all(told in str(caught.value) for told in ("AVALU is", "neither AVALU", "no whole number"))


def test_the_unit_may_be_an_option(write: Any, tmp_path: Path) -> None:
    write("adtte.csv", ADTTE.replace(" (Months)", "").replace("DAYS", ""))
    cohort = read_cohort(tmp_path, read={"time_unit": "months"})
    assert {endpoint.unit for endpoint in cohort.endpoints.values()} == {"months"}


def test_columns_that_differ_within_a_patient_are_no_covariates(write: Any, tmp_path: Path) -> None:
    write("adtte.csv", ADTTE.replace("S,P1,A,60,PFS", "S,P1,A,61,PFS"))
    cohort = read_cohort(tmp_path)
    assert "age" not in cohort.clinical
    assert any("adtte.csv: not used, as they differ within patients: AGE" in note for note in cohort.notes)


def test_a_yaml_names_them_and_a_flat_folder_refuses_the_flag(write: Any, tmp_path: Path) -> None:
    write("outcomes.csv", ADTTE)
    write("people.csv", ADSL)
    yaml = write("c.yaml", "name: c\nlayout: adtte\nclinical: [people.csv, outcomes.csv]\n")
    assert list(read_cohort(yaml).patients) == ["P1", "P2", "P3", "P4"]
    with pytest.raises(DataError, match="CDISC censoring flag"):
        read_cohort(write("d.yaml", "name: d\nclinical: outcomes.csv\n"))
    with pytest.raises(DataError, match="no table with PARAMCD and CNSR"):
        read_cohort(write("e.yaml", "name: e\nlayout: adtte\nclinical: people.csv\n"))


def ibm(value: float) -> bytes:
    """A double as SAS transport files have it: IBM's, of base 16."""
    if value == 0:
        return bytes(8)
    if math.isnan(value):
        return b"." + bytes(7)
    power = math.floor(math.log(abs(value), 16)) + 1
    fraction = round(abs(value) / 16.0**power * 2**56)
    return struct.pack(">Q", ((0x80 if value < 0 else 0) | (64 + power)) << 56 | fraction)


def transport(columns: dict[str, Sequence[str | float]]) -> bytes:
    """A SAS transport file of version 5."""

    def header(kind: str, tail: str = "000000000000000000000000000000") -> bytes:
        return f"HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{tail}".encode().ljust(80)

    def padded(data: bytes) -> bytes:
        return data.ljust(-(-len(data) // 80) * 80)

    names, at = b"", 0
    for number, (name, cells) in enumerate(columns.items(), start=1):
        text = isinstance(cells[0], str)
        width = 12 if text else 8
        names += struct.pack(">hhhh8s40s8shhh2s8shhl52s", 1 + text, 0, width, number, name.ljust(8).encode(),
                             b" " * 40, b" " * 8, 0, 0, 0, b"  ", b" " * 8, 0, 0, at, bytes(52))  # fmt: skip
        at += width
    rows = b"".join(
        b"".join(cell.ljust(12).encode() if isinstance(cell, str) else ibm(cell) for cell in row)
        for row in zip(*columns.values(), strict=True)
    )
    date = b"01JAN20:00:00:00"
    return b"".join(
        [
            header("LIBRARY"),
            b"SAS     SAS     SASLIB  9.4     X64     ".ljust(64) + date,
            date.ljust(80),
            header("MEMBER", "000000000000000001600000000140"),
            header("DSCRPTR"),
            b"SAS     ADTTE   SASDATA 9.4     X64     ".ljust(64) + date,
            date.ljust(80),
            header("NAMESTR", f"000000{len(columns):04d}00000000000000000000"),
            padded(names),
            header("OBS"),
            padded(rows),
        ]
    )


def test_a_sas_transport_file(tmp_path: Path) -> None:
    columns: dict[str, Sequence[str | float]] = {
        "USUBJID": ["P1", "P2", "P3"],
        "PARAMCD": ["OS", "OS", "OS"],
        "AVALU": ["MONTHS"] * 3,
        "AVAL": [12.5, 30.0, 0.1],
        "CNSR": [0.0, 1.0, math.nan],
        "AGE": [60.0, 61.0, 62.0],
    }
    (tmp_path / "adtte.xpt").write_bytes(transport(columns))
    cohort = read_cohort(tmp_path)
    assert cohort.endpoint("OS").time.tolist() == [12.5, 30.0, 0.1]
    assert cohort.endpoint("OS").event.fillna(False).tolist() == [True, False, False]
    assert cohort.clinical["age"].tolist() == ["60", "61", "62"]
    (tmp_path / "adtte.xpt").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(DataError, match="git lfs pull"):
        read_cohort(tmp_path)
    (tmp_path / "adtte.xpt").write_bytes(b"no transport file".ljust(400))
    with pytest.raises(DataError, match=r"pandas cannot read this SAS file.*version 5 transport file, or as CSV"):
        read_cohort(tmp_path)
