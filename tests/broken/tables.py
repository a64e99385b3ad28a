"""Tables of a wrong shape."""

from __future__ import annotations

from broken.make import COMPARE, Bench, case


@case("E201", 3, "clinical.csv: 1 column found; the header looks split by ';'", "--read 'sep=;'")
def t01_wrong_delim(bench: Bench) -> None:
    bench.edit("clinical.csv", ",", ";", -1)


@case("E202", 3, "clinical.csv:7: 2 rows with another number of fields than the header's 4: line 7 has 5, line 9 has 5")
def t02_ragged_more(bench: Bench) -> None:
    bench.edit("clinical.csv", "P006,", "P006,x,")
    bench.edit("clinical.csv", "P008,", "P008,x,")


@case("E202", 3, "expression.csv:3: 1 row with another number of fields than the header's 31: line 3 has 32")
def t02_ragged_more__matrix(bench: Bench) -> None:
    bench.edit("expression.csv", "SPHK1,", "SPHK1,1,")


@case("E203", 3, "clinical.csv:31: 1 row with another number of fields than the header's 4: line 31 has 2", "cut off?")
def t03_ragged_less(bench: Bench) -> None:
    bench.write("clinical.csv", bench.text("clinical.csv").rsplit(",", 2)[0] + "\n")


@case(
    "E203", 3, "expression.csv:6: 1 row with another number of fields than the header's 31: line 6 has 11", "cut off?"
)
def t03_ragged_less__matrix(bench: Bench) -> None:
    bench.write("expression.csv", bench.text("expression.csv").rsplit(",", 20)[0] + "\n")


@case("E204", 3, "clinical.csv:2: every data row has 5 fields, the header 4: a trailing separator", "never shifted")
def t04_trailing_delim(bench: Bench) -> None:
    header, *rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [header, *([*row, ""] for row in rows)])


@case(
    "W205",
    0,
    "expression.csv: the header is one field short; the first column names the rows (as R writes it)",
    run=COMPARE,
    same=True,
)
def t05_header_short(bench: Bench) -> None:
    bench.edit("expression.csv", "gene,", "")


@case("E204", 3, "clinical.csv:2: every data row has 4 fields, the header 3", "columns are never shifted")
def t05_header_short__clinical(bench: Bench) -> None:
    bench.edit("clinical.csv", "patient,", "")


@case("E206", 3, "clinical.csv:5: a quote opened here is never closed")
def t06_unclosed_quote(bench: Bench) -> None:
    bench.edit("clinical.csv", "P004,", '"P004,')


@case("E207", 3, "clinical.csv:1: column 'er' appears 2 times (positions 4, 5)", "Keep one")
def t07_dup_columns(bench: Bench) -> None:
    bench.put("clinical.csv", [[*row, row[-1]] for row in bench.rows("clinical.csv")])


@case("E313", 3, "expression.csv: 1 patient with several samples", "positions 1, 31", "--read sample_rule=")
def t07_dup_columns__matrix(bench: Bench) -> None:
    bench.put("expression.csv", [[*row, row[1]] for row in bench.rows("expression.csv")])


@case("E208", 3, "expression.csv: ids at positions 1 and 31 are the same but for case", "--read id_case=keep")
def t08_dup_columns_norm(bench: Bench) -> None:
    header, *rows = bench.rows("expression.csv")
    bench.put("expression.csv", [[*header, "p001 "], *([*row, row[1]] for row in rows)])


@case("E209", 3, "clinical.csv:1: column 3 has no name", "Name it or delete it")
def t09_blank_header(bench: Bench) -> None:
    bench.edit("clinical.csv", "os_event", "")


@case("E209", 3, "expression.csv:1: column 4 has no name", "Name it or delete it")
def t09_blank_header__matrix(bench: Bench) -> None:
    bench.edit("expression.csv", "P003", "")


@case("E210", 3, "cohort.yaml:4: endpoints.OS: endpoint OS: no column 'os_event'", "Did you mean 'os_evnt'?")
def t10_missing_column(bench: Bench) -> None:
    bench.edit("clinical.csv", "os_event", "os_evnt")
    bench.yaml(
        "name: cohort\nclinical: clinical.csv\nexpression: expression.csv\n"
        "endpoints: {OS: {time: os_months, event: os_event}}\n"
    )


@case("", 1, "asked for OS: the cohort has no OS (endpoints found: none; name the columns of one under", run=COMPARE)
def t10_missing_column__found_by_name(bench: Bench) -> None:
    bench.edit("clinical.csv", "os_event", "status")


@case("E210", 3, "clinical.csv:1: no id column", "found name, os_months", "--read id_column=name")
def t10_missing_column__id(bench: Bench) -> None:
    bench.edit("clinical.csv", "patient", "name")


@case("E210", 3, "clinical.csv:1: no id column", "found row, A999")
def t10_missing_column__turned(bench: Bench) -> None:
    """A clinical table with patients in columns."""
    bench.put("clinical.csv", [list(row) for row in zip(*bench.rows("clinical.csv"))])
    bench.edit("clinical.csv", "patient,", "row,")


@case("E207", 3, "clinical.csv:1: column 'A999' appears 2 times (positions 2, 32)", "Keep one")
def t07_dup_columns__ids(bench: Bench) -> None:
    bench.put("clinical.csv", [[*row, row[1]] for row in zip(*bench.rows("clinical.csv"))])


@case("", 0, "samples in rows (ids of the cohort: 0 of 5 columns, 30 of 30 rows)", run=COMPARE, same=True)
def t11_transposed(bench: Bench) -> None:
    _transpose(bench)


@case(
    "E212",
    6,
    "expression.csv: from line 1: a line is longer than 100 bytes",
    "--read max_line_bytes=1600",
    run="score {cohort} {signature} --out {out} --read max_line_bytes=100",
)
def t12_huge_header(bench: Bench) -> None:
    pass


@case("W213", 0, "clinical.csv: 4 comment lines at the top left out", run=COMPARE, same=True)
def t13_comment_lines(bench: Bench) -> None:
    bench.write("clinical.csv", "#a\n#b\n#c\n#d\n" + bench.text("clinical.csv"))


@case("", 0, "clinical.csv", run=COMPARE, same=True)
def t13_comment_lines__in_a_cell(bench: Bench) -> None:
    bench.put(
        "clinical.csv", [[*row, "note" if i == 0 else "lesion #2"] for i, row in enumerate(bench.rows("clinical.csv"))]
    )


@case("E214", 3, "clinical.csv:32: column 'patient': 'Total' is not a patient", "Delete the line")
def t14_footer(bench: Bench) -> None:
    bench.write("clinical.csv", bench.text("clinical.csv") + "Total,1830.2,15,\n")


@case("W215", 0, "clinical.csv: the first column, without a name, counts the rows; left out", run=COMPARE, same=True)
def t15_excel_index(bench: Bench) -> None:
    rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [["" if i == 0 else str(i - 1), *row] for i, row in enumerate(rows)])


@case("E209", 3, "clinical.csv:1: column 1 has no name")
def t15_excel_index__not_a_count(bench: Bench) -> None:
    rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [["" if i == 0 else str(2 * i), *row] for i, row in enumerate(rows)])


@case("W216", 0, "GCT 1.2", run=COMPARE, same=True)
def t16_gct(bench: Bench) -> None:
    _gct(bench, "5\t30")


@case("E217", 3, "expression.gct:2: ", "6")
def t16_gct__dimension(bench: Bench) -> None:
    _gct(bench, "6\t30")


def _transpose(bench: Bench) -> None:
    bench.put("expression.csv", list(zip(*bench.rows("expression.csv"), strict=True)))


def _gct(bench: Bench, dimension: str) -> None:
    header, *rows = bench.rows("expression.csv")
    cells = [["NAME", "Description", *header[1:]], *([row[0], "na", *row[1:]] for row in rows)]
    bench.put("expression.gct", [["#1.2"], [dimension], *cells], sep="\t")
    (bench.folder / "cohort" / "expression.csv").unlink()
