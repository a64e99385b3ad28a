"""Numbers, words for missing, scales, and calls."""

from __future__ import annotations

from broken.make import COMPARE, PATIENTS, Bench, case

ONE = "id: both-high\nname: x\npositive: {mrna: IGF1R, above: median}\nclaims: []\n"
MUTATED = """\
id: both-high
name: PIK3CA mutated
positive: {mutation: PIK3CA, is: any}
claims: []
"""
AMPLIFIED = """\
id: both-high
name: FGFR1 amplified
positive: {copy_number: FGFR1, is: amp}
claims: []
"""


def _first(bench: Bench, gene: str, **cells: str) -> None:
    """Cells of a gene by patient number: ``p5="inf"``."""
    bench.cells(gene, lambda i, cell: cells.get(f"p{i}", cell))


@case("", 0, "both-high (all): 13 positive, 14 negative, 3 unknown (0 not assayed)")
def v01_nan(bench: Bench) -> None:
    bench.rule(ONE)
    _first(bench, "IGF1R", p1="NA", p2="", p3="NaN")


@case("", 1, "mrna IGF1R has no value in any patient", run=COMPARE)
def v02_all_nan(bench: Bench) -> None:
    bench.rule(ONE)
    bench.cells("IGF1R", lambda *_: "NA")


@case("E403", 3, "expression.csv: line 2 field 6: 1 cell infinite: 'inf' (1)", "add a pseudo-count")
def v03_inf(bench: Bench) -> None:
    _first(bench, "IGF1R", p5="inf")


@case("E404", 3, "expression.csv: line 2 field 6: 1 cell not a number: '<0.1' (1)", "--read 'na=<0.1'")
def v04_text(bench: Bench) -> None:
    _first(bench, "IGF1R", p5="<0.1")


@case("E404", 3, "clinical.csv:2: column 'code': 30 cells not a number", "'A999' (30)", "Correct them")
def v04_text__ids(bench: Bench) -> None:
    """More words than a vocabulary has may be ids: their form is shown."""
    _codes_as(bench, "{time: code, event: os_event, unit: months}")


@case("E525", 3, "30 values are no event word", "'A999' (30)", "Correct them")
def v04_text__events(bench: Bench) -> None:
    _codes_as(bench, "{time: os_months, event: code}")


def _codes_as(bench: Bench, endpoint: str) -> None:
    rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [[*row, "code" if i == 0 else f"P{i:03d}"] for i, row in enumerate(rows)])
    bench.yaml(f"name: cohort\nclinical: clinical.csv\nexpression: expression.csv\nendpoints: {{OS: {endpoint}}}\n")


@case("W405", 0, "expression.csv: 8 cells among the first rows read as missing: '.' (1), '-' (1)", run=COMPARE)
def v05_na_variants(bench: Bench) -> None:
    _first(bench, "SPHK1", p1=".", p2="-", p3="--", p4="?", p5="ND", p6="[Not Available]", p7="na", p8="missing")


@case("E406", 3, "expression.csv: line 2 field 2", "60 cells with a decimal comma: '4,75' (2)", "--read decimal=,")
def v06_decimal_comma(bench: Bench) -> None:
    bench.put("expression.csv", bench.rows("expression.csv"), sep="\t")
    bench.edit("expression.csv", ".", ",", -1)


@case(
    "E407",
    3,
    "expression.csv: line 2 field 2: 1 cell ambiguous, with a thousands separator or a decimal comma: '1,234'",
    "Remove the separators",
)
def v07_thousands(bench: Bench) -> None:
    _first(bench, "IGF1R", p1='"1,234"')


@case("W408", 0, "expression.csv: 2 cells among the first rows with a Unicode minus, digit or space", run=COMPARE)
def v08_unicode_minus(bench: Bench) -> None:
    _first(bench, "IGF1R", p1="\u22121.25", p2="\uff15.5")


@case("W409", 0, "expression.csv: the values look linear", "--read scale=linear", run=COMPARE)
def v09_linear_scale(bench: Bench) -> None:
    for gene in ("IGF1R", "SPHK1", "PIK3CA", "FGFR1", "PTEN"):
        bench.cells(gene, lambda _, cell: f"{2 ** float(cell) + 0.25:.2f}")


@case("", 1, "mrna IGF1R is on the log2 scale already")
def v10_double_log(bench: Bench) -> None:
    bench.rule("id: both-high\nname: x\npositive: {log2: {mrna: IGF1R}, above: median}\nclaims: []\n")


@case(
    "E410",
    3,
    "expression.csv: values 4.25..11.5 are already on a log scale",
    "--read scale=log2",
    run="score {cohort} {signature} --out {out} --read scale=linear",
)
def v10_double_log__declared(bench: Bench) -> None:
    """Only what can be nothing but logarithms is refused: the scale that a user declares is else believed."""


@case("", 0, run="score {cohort} {signature} --out {out} --read scale=linear")
def v10_double_log__ratios(bench: Bench) -> None:
    """Ratios lie around 1."""
    for gene in ("IGF1R", "SPHK1", "PIK3CA", "FGFR1", "PTEN"):
        bench.cells(gene, lambda _, cell: f"{float(cell) / 7:.4f}")


@case("E411", 3, "expression.csv: the samples' medians fall in two groups (", "mixed scales?", "--read scale=linear")
def v11_mixed_scale(bench: Bench) -> None:
    for gene in ("IGF1R", "SPHK1", "PIK3CA", "FGFR1", "PTEN"):
        bench.cells(gene, lambda i, cell: f"{2 ** float(cell) + 64:.1f}" if i > 15 else cell)


@case(
    "E412",
    3,
    "expression.csv: line 2 field 4: 1 cell below 0 although the scale is linear or counts: '-5.5'",
    run="score {cohort} {signature} --out {out} --read scale=linear",
)
def v12_neg_counts(bench: Bench) -> None:
    _first(bench, "IGF1R", p3="-5.5")


@case(
    "",
    0,
    "30 of 30 patients tie with the median of mrna IGF1R",
    "not estimable (no patient in positive)",
    run=COMPARE,
)
def v13_constant(bench: Bench) -> None:
    bench.rule(ONE)
    bench.cells("IGF1R", lambda *_: "7.0")


@case(
    "",
    0,
    "18 of 30 patients tie with the median of mrna IGF1R",
    "median of mrna IGF1R: it is also the lowest value",
    run=COMPARE,
)
def v14_median_is_min(bench: Bench) -> None:
    bench.cells("IGF1R", lambda i, cell: "0" if i <= 18 else cell)


@case("", 0, "9 of 30 patients tie with the median of mrna IGF1R", run=COMPARE)
def v15_ties_at_cut(bench: Bench) -> None:
    values = ["4"] * 11 + ["8.0"] * 9 + ["9"] * 10
    bench.cells("IGF1R", lambda i, _: values[i - 1])


@case("W421", 0, "expression.csv: ", "1 cell among the first rows such as 1e+300 while the rest is ", run=COMPARE)
def v16_outlier(bench: Bench) -> None:
    _first(bench, "IGF1R", p1="1e300", p2="1e-320")


@case("E417", 3, "expression.csv: line 2 field 2: 1 cell outside the range of a double: '1e400'")
def v17_overflow(bench: Bench) -> None:
    _first(bench, "IGF1R", p1="1e400")


@case("", 0, "both-high (all): 8 positive, 22 negative")
def v18_bool_mut(bench: Bench) -> None:
    yes, no = ["TRUE", "1", "MUT", "p.H1047R", "Yes", "H1047R", "true", "mutated"], ["FALSE", "0", "WT", "wt", "No"]
    cells = [*yes, *(no * 5)[:22]]
    bench.rule(MUTATED)
    rows = [["patient", "PIK3CA"], *([name, cell] for name, cell in zip(PATIENTS, cells, strict=True))]
    bench.put("mutations.csv", rows)


@case("E418", 3, "mutations.csv", "'maybe'")
def v18_bool_mut__unknown_word(bench: Bench) -> None:
    bench.rule(MUTATED)
    bench.put(
        "mutations.csv",
        [["patient", "PIK3CA"], *([name, "maybe" if i < 2 else "WT"] for i, name in enumerate(PATIENTS))],
    )


@case("", 0, "18 unknown", "who was sequenced is not known", "--read sequenced=")
def v19_mut_absent_vs_wt(bench: Bench) -> None:
    bench.rule(MUTATED)
    header = ["Hugo_Symbol", "Tumor_Sample_Barcode", "Variant_Classification", "HGVSp_Short"]
    rows = [["PIK3CA", name, "Missense_Mutation", "p.H1047R"] for name in PATIENTS[:12]]
    bench.put("mutations.maf", [header, *rows], sep="\t")


@case(
    "E420",
    3,
    "cna.csv: line 2 field 4",
    "2 cells not one of -2, -1.5, -1, 0, 1, 2: '3' (1), '1.7' (1)",
    "--read scale=copies",
)
def v20_cna_codes(bench: Bench) -> None:
    bench.rule(AMPLIFIED)
    codes = ["0", "1", "3", "1.7", *["2"] * 26]
    bench.put("cna.csv", [["gene", *PATIENTS], ["FGFR1", *codes]])


@case("W421", 0, "4 cells", "9999", "--read na=9999", run=COMPARE)
def v21_sentinel(bench: Bench) -> None:
    bench.cells("IGF1R", lambda i, cell: "9999" if i in {3, 9, 20, 25} else cell)
