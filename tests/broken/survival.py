"""Times and events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from broken.make import COMPARE, Bench, Ran, case

TIME, EVENT = 1, 2


def _times(bench: Bench, **cells: str) -> None:
    bench.column("clinical.csv", TIME, lambda i, cell: cells.get(f"p{i}", cell))


def _events(bench: Bench, **cells: str) -> None:
    bench.column("clinical.csv", EVENT, lambda i, cell: cells.get(f"p{i}", cell))


def _words(bench: Bench, event: str, censored: str) -> None:
    bench.column("clinical.csv", EVENT, lambda _, cell: event if cell == "1" else censored)


def _column(bench: Bench, name: str, values: list[str]) -> None:
    rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [[*row, cell] for row, cell in zip(rows, [name, *values], strict=True)])


def _endpoint(bench: Bench, text: str) -> None:
    bench.yaml(f"name: cohort\nclinical: clinical.csv\nexpression: expression.csv\nendpoints: {{OS: {text}}}\n")


@case("E501", 3, "clinical.csv:5: column 'os_months': 1 cell negative: '-3.2' (1) (line 5)")
def s01_neg_time(bench: Bench) -> None:
    _times(bench, p4="-3.2")


@case("W502", 0, "endpoint OS: 2 patients with time 0, kept; 1 with the event", run=COMPARE)
def s02_zero_time_event(bench: Bench) -> None:
    _times(bench, p3="0", p4="0")


@case("W503", 0, "endpoint OS: 3 patients with a time or an event but not both; left out", run=COMPARE)
def s03_nan_time(bench: Bench) -> None:
    _times(bench, p3="", p4="NA")
    _events(bench, p7="")


@case(
    "E504",
    3,
    "clinical.csv:2: column 'os_event': 15 values are no event word",
    "'2' (15)",
    "the others are '1' (15)",
    "--read event_values=2",
)
def s04_event_12(bench: Bench) -> None:
    _words(bench, "2", "1")


@case("", 0, "event: '1:DECEASED' (15); censored: '0:LIVING' (15)", run=COMPARE)
def s05_event_text(bench: Bench) -> None:
    _words(bench, "1:DECEASED", "0:LIVING")


@case("", 0, "event: 'Dead' (15); censored: 'Alive' (15)", run=COMPARE)
def s05_event_text__words(bench: Bench) -> None:
    _words(bench, "Dead", "Alive")


@case("", 0, "event: 'TRUE' (15); censored: 'FALSE' (15)", run=COMPARE)
def s06_event_bool(bench: Bench) -> None:
    _words(bench, "TRUE", "FALSE")


@case("", 0, "event: 'yes' (15); censored: 'no' (15)", run=COMPARE)
def s06_event_bool__words(bench: Bench) -> None:
    _words(bench, "yes", "no")


@case(
    "E504",
    3,
    "clinical.csv:6: column 'os_event': 3 values are no event word (lines 6, 8, 10): '0.5' (1), '-1' (1), '2' (1)",
)
def s07_event_half(bench: Bench) -> None:
    _events(bench, p5="0.5", p7="-1", p9="2")


@case("E508", 3, "clinical.csv:1: column 'CNSR': a CDISC censoring flag (0 = event)", "--read event_values=0")
def s08_cnsr(bench: Bench) -> None:
    bench.edit("clinical.csv", "os_event", "CNSR")


@case("E509", 3, "clinical.csv: column 'os_months': endpoint OS: the event column is the time column")
def s09_event_is_time(bench: Bench) -> None:
    _endpoint(bench, "{time: os_months, event: os_months}")


@case("E510", 4, "cohort.yaml:4: endpoints.OS: endpoint 'OS': needs both a time and an event column")
def s10_event_default(bench: Bench) -> None:
    _endpoint(bench, "{time: os_months}")


@case("W511", 0, "endpoint OS: all 30 patients have the event; is the event column right?", run=COMPARE)
def s11_all_events(bench: Bench) -> None:
    _words(bench, "1", "1")


@case("", 0, "hazard ratio not estimable (no event in 30 patients)", run=COMPARE)
def s12_no_events(bench: Bench) -> None:
    _words(bench, "0", "0")


@case(
    "E513",
    3,
    "clinical.csv: column 'os_days'",
    "name says days, the option time_unit says months",
    run="score {cohort} {signature} --out {out} --read time_unit=months",
)
def s13_units_declared(bench: Bench) -> None:
    bench.edit("clinical.csv", "os_months", "os_days")


@case(
    "E513", 3, "cohort.yaml:4: endpoints.OS: endpoint OS: the column's name (os_days) says days, its unit says months"
)
def s13_units_declared__yaml(bench: Bench) -> None:
    bench.edit("clinical.csv", "os_months", "os_days")
    _endpoint(bench, "{time: os_days, event: os_event, unit: months}")


@case("W514", 0, "endpoint OS: the longest time is 1,125 months; is that the unit?", run=COMPARE)
def s14_units_batch(bench: Bench) -> None:
    bench.column("clinical.csv", TIME, lambda _, cell: str(float(cell) * 10))


@case("E514", 3, "clinical.csv: column 'os_months': the median of 1,920 months is 160 years: another unit?")
def s14_units_batch__a_century(bench: Bench) -> None:
    bench.column("clinical.csv", TIME, lambda _, cell: str(float(cell) * 30))


@case(
    "E515",
    3,
    "clinical.csv:2: column 'os_months': 1 cell a date, not a number: '2012-01-03' (1) (line 2)",
    "Give a duration",
)
def s15_time_dates(bench: Bench) -> None:
    _times(bench, p1="2012-01-03")


@case(
    "E515", 3, "clinical.csv:2: column 'os_months': 30 cells a date, not a number: '2009-01-01' (30)", "Give a duration"
)
def s16_end_before_start(bench: Bench) -> None:
    bench.column("clinical.csv", TIME, lambda *_: "2009-01-01")
    _column(bench, "start", ["2010-05-02"] * 30)


@case(
    "E515", 3, "clinical.csv:2: column 'os_months': 30 cells a date, not a number: '03/04/2011' (30)", "Give a duration"
)
def s17_date_order(bench: Bench) -> None:
    bench.column("clinical.csv", TIME, lambda *_: "03/04/2011")


@case("E518", 3, "clinical.csv:8: column 'dfs_months': 1 time longer than the one of OS (line 8)")
def s18_dfs_gt_os(bench: Bench) -> None:
    cells = [row[TIME] for row in bench.rows("clinical.csv")[1:]]
    _column(bench, "dfs_event", ["0"] * 30)
    _column(bench, "dfs_months", [*cells[:6], "170", *cells[7:]])


@case("W519", 0, "endpoint DFS: 15 patients died without its event", "taken as given", run=COMPARE)
def s19_dfs_no_death(bench: Bench) -> None:
    _column(bench, "dfs_months", [row[TIME] for row in bench.rows("clinical.csv")[1:]])
    _column(bench, "dfs_event", ["0"] * 30)


@case(
    "E520", 3, "clinical.csv:4: column 'entry': 4 entries at or after the time in os_months (lines 4, 5, 6 and 1 more)"
)
def s20_entry_after_exit(bench: Bench) -> None:
    _column(bench, "entry", ["1", "1", "999", "999", "999", *["1"] * 24, "999"])
    _endpoint(bench, "{time: os_months, event: os_event, entry: entry}")


@case("", 0, "15 events", run=COMPARE + " --horizon 112.5")
def s21_horizon(bench: Bench) -> Ran:
    """The longest time is the horizon: its event stays one, as does one a tenth of a month later not."""
    _times(bench, p1="112.5")
    ran = bench.run(COMPARE + " --horizon 112.5")
    assert "n 30, 15 events" in ran.told
    _times(bench, p1="112.6")
    bench.out = bench.folder / "later"
    assert "n 30, 14 events" in bench.run(COMPARE + " --horizon 112.5").told
    bench.out = bench.folder / "out"
    return ran


@case(
    "",
    0,
    "the horizon of 500 months is beyond the longest follow-up",
    "nothing is cut",
    run=COMPARE + " --horizon 500",
)
def s22_horizon_too_long(bench: Bench) -> None:
    pass


@case("W523", 0, "only 9 different times for 30 patients: heavy ties", run=COMPARE)
def s23_decimal_years(bench: Bench) -> None:
    bench.column("clinical.csv", TIME, lambda i, _: f"{1 + i % 9}.0")
    bench.edit("clinical.csv", "os_months", "os_years")


@case("", 0)
def s24_float_ties(bench: Bench) -> Ran:
    """Times one unit in the last place apart are ties: the results are those of equal times."""
    bench.column("clinical.csv", TIME, lambda i, cell: f"{10 + i % 5}.3")
    bench.run(COMPARE)
    ties = numbers_of(bench)
    bench.column("clinical.csv", TIME, lambda i, cell: "12.300000000000002" if cell == "12.3" and i % 2 else cell)
    bench.out = bench.folder / "apart"
    ran = bench.run(COMPARE)
    assert np.allclose(numbers_of(bench), ties, rtol=1e-12, atol=0, equal_nan=True)
    return ran


@case(
    "E525",
    3,
    "clinical.csv:3: column 'os_event': 3 values are no event word",
    "'lost to follow up' (3)",
    "--read 'event_values=",
)
def s25_status_words_unknown(bench: Bench) -> None:
    _events(bench, p2="lost to follow up", p4="lost to follow up", p6="lost to follow up")


def numbers_of(bench: Bench) -> np.ndarray:
    """The numbers of the results."""
    return pd.read_csv(bench.out / "results.tsv", sep="\t").select_dtypes("number").to_numpy(float)
