"""What an analysis cannot answer, or answers with a word of caution."""

from __future__ import annotations

from broken.make import COMPARE, PLAN, Bench, Ran, case

_ONE = "id: both-high\nname: x\npositive: {mrna: IGF1R, %s}\nclaims: []\n"


@case("", 0, "hazard ratio not estimable (no patient in positive)", run=COMPARE)
def a01_one_group(bench: Bench) -> None:
    bench.rule(_ONE % "above: 1000")


@case("", 0, "small group (", " 3 patients, ", "permutation P ", "log-rank P ", run=COMPARE)
def a02_small_group(bench: Bench) -> None:
    bench.rule(_ONE % "above: q90")


@case("", 0, "Firth's hazard ratio", "hazard ratio not estimable (positive: no event among 15 patients)", run=COMPARE)
def a03_zero_events_group(bench: Bench) -> None:
    bench.rule(_ONE % "above: median")
    high = {i for i, cell in enumerate(bench.rows("expression.csv")[1][1:], 1) if float(cell) > 7.875}
    bench.column("clinical.csv", 2, lambda i, cell: "0" if i in high else "1")


@case("", 0, "hazards not proportional", run=COMPARE)
def a04_ph_violated(bench: Bench) -> None:
    _many(bench, lambda i: (5 + i / 50 if i % 2 else (1 + i / 200 if i < 150 else 30 + i / 50), 1))


@case("", 0, "c2: no patient in both high", run=PLAN)
def a05_one_cohort_strata(bench: Bench) -> None:
    _cohorts(bench, 3)
    path = bench.folder / "c2" / "expression.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *(",".join([row.split(",")[0], *["1.5"] * 30]) for row in rows)]) + "\n")


@case(
    "",
    0,
    "Hartung-Knapp (t distribution, 1 degree of freedom)",
    "2 cohorts tell little of how much they differ",
    run=PLAN,
)
def a06_k2_meta(bench: Bench) -> None:
    _cohorts(bench, 2)
    path = bench.folder / "c1" / "clinical.csv"
    path.write_text(path.read_text().replace(",1,neg", ",0,neg"))


@case("", 0, "covariate er=positive is constant", run=COMPARE + " --covariates er")
def a07_collinear(bench: Bench) -> None:
    bench.column("clinical.csv", 3, lambda *_: "pos")


@case("E807", 3, "code has 30 words in 30 patients: ids, or free text", run=COMPARE + " --covariates code")
def a07_collinear__ids(bench: Bench) -> None:
    """The words of a covariate would name rows of the results."""
    _codes(bench)


@case("E807", 3, "code has 30 words in 30 patients: ids, or free text", run=COMPARE + " --subgroups code")
def a07_collinear__subgroups(bench: Bench) -> None:
    _codes(bench)


def _codes(bench: Bench) -> None:
    rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [[*row, "code" if i == 0 else f"P{i:03d}"] for i, row in enumerate(rows)])


@case("", 0, "holm_p", "q_below_0.05", run=PLAN)
def a08_multiplicity(bench: Bench) -> Ran:
    """Every test that a run made has its q beside its P, the failed ones too."""
    _cohorts(bench, 2)
    ran = bench.run(PLAN)
    header, *rows = (bench.out / "tests.tsv").read_text().splitlines()
    assert {"p_value", "q_value", "holm_p"} <= set(header.split("\t"))
    assert rows
    return ran


@case(
    "W809",
    0,
    "column 'marker_time' is after time zero for 12 patients: immortal time; give the endpoint entry: marker_time",
    "--landmark",
    run=COMPARE,
)
def a09_landmark(bench: Bench) -> None:
    _measured(bench, "marker_time")


@case("", 0, "delayed entry: patients are at risk from their entry on")
def a09_landmark__mended(bench: Bench) -> Ran:
    """With the entry that the note asks for it is not said any more."""
    _measured(bench, "marker_time")
    entry = "{time: os_months, event: os_event, entry: marker_time}"
    bench.yaml(f"name: cohort\nclinical: clinical.csv\nexpression: expression.csv\nendpoints: {{OS: {entry}}}\n")
    ran = bench.run(COMPARE)
    assert "W809" not in ran.told
    return ran


@case("W809", 0, "column 'Marker Days' is after the landmark for 4 patients", "a later --landmark")
def a09_landmark__later(bench: Bench) -> Ran:
    """The name of the column tells another unit than that of the endpoint."""
    _measured(bench, "Marker Days", unit=30.4375)
    return bench.run(COMPARE + " --landmark 2")


def _measured(bench: Bench, column: str, unit: float = 1.0) -> None:
    """When the marker was measured: at time zero; for the last twelve a quarter of a month to three months later."""
    times = [str(max(0, i - 18) / 4 * unit) for i in range(1, 31)]
    bench.put("clinical.csv", [[*row, cell] for row, cell in zip(bench.rows("clinical.csv"), [column, *times])])


@case("", 0, "(seed 0)", same=True)
def a10_seed(bench: Bench) -> Ran:
    return bench.run(COMPARE)


def _many(bench: Bench, outcome: object) -> None:
    """Three hundred patients, odd ones high."""
    bench.rule(_ONE % "above: 5")
    n = range(1, 301)
    rows = [[f"Q{i}", *(f"{value:g}" for value in outcome(i)), "pos"] for i in n]  # type: ignore[operator]
    bench.put("clinical.csv", [["patient", "os_months", "os_event", "er"], *rows])
    bench.put("expression.csv", [["gene", *(f"Q{i}" for i in n)], ["IGF1R", *(str(2 + 7 * (i % 2)) for i in n)]])


def three_cohorts(bench: Bench) -> None:
    """Three cohorts alike, c0, c1 and c2, and a plan for them."""
    _cohorts(bench, 3)


def _cohorts(bench: Bench, n: int) -> None:
    for i in range(n):
        folder = bench.folder / f"c{i}"
        folder.mkdir()
        for name in ("clinical.csv", "expression.csv"):
            (folder / name).write_text(bench.text(name))
    bench.plan.write_text(
        f"cohorts: [{', '.join(f'c{i}' for i in range(n))}]\nsignatures: [both-high.yaml]\nendpoints: [OS]\n"
    )
