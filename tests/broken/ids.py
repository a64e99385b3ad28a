"""Ids of patients, samples and genes."""

from __future__ import annotations

import unicodedata

from broken.make import COMPARE, PATIENTS, Bench, Ran, case


def _rename(bench: Bench, new: dict[str, str], *names: str) -> None:
    for name in names or ("clinical.csv", "expression.csv"):
        bench.put(name, [[new.get(cell, cell) for cell in row] for row in bench.rows(name)])


def _names_kept(bench: Bench, new: dict[str, str]) -> Ran:
    """Run with patients of other names, and look for them where patients are written."""
    import pandas as pd

    _rename(bench, new)
    ran = bench.run(COMPARE)
    written = set(pd.read_parquet(bench.out / "assignments.parquet")["patient"])
    assert written >= set(new.values())
    assert len(written) == len(PATIENTS)
    return ran


@case("", 0, same=True)
def i01_leading_zero(bench: Bench) -> Ran:
    names = {name: name[1:] for name in PATIENTS}
    return _names_kept(bench, names | {"P008": "7"})


@case("", 0, same=True)
def i02_sci(bench: Bench) -> Ran:
    names = {name: f"{i}E5" for i, name in enumerate(PATIENTS, start=1)}
    return _names_kept(bench, names | {"P002": "1e5.0", "P030": "100000"})


@case("E303", 3, "clinical.csv:4: column 'patient': empty patient id", "Give it an id, or delete the line")
def i03_bigint(bench: Bench) -> None:
    big = {name: f"9007199254740993{i:03d}" for i, name in enumerate(PATIENTS)}
    _rename(bench, big)
    bench.edit("clinical.csv", big["P003"], "")


@case("", 0, same=True)
def i03_bigint__no_two_are_one(bench: Bench) -> Ran:
    return _names_kept(bench, {name: f"9007199254740993{i:03d}" for i, name in enumerate(PATIENTS)})


@case("", 0, same=True)
def i04_NA_id(bench: Bench) -> Ran:
    return _names_kept(bench, dict(zip(PATIENTS, ["#N/A", "-", ".", "N/A", "NA", "nan", "None", "null"], strict=False)))


@case("W305", 0, "clinical.csv: 3 ids with spaces around, trimmed", run=COMPARE, same=True)
def i05_whitespace(bench: Bench) -> None:
    _rename(bench, {"P001": "P001 ", "P002": "\u00a0P002", "P003": "P003\u200b"}, "clinical.csv")


@case(
    "W306", 0, "12 of 30 samples have no clinical row; 12 ids match without case", "--read id_case=ignore", run=COMPARE
)
def i06_case(bench: Bench) -> None:
    _rename(bench, {name: name.lower() for name in PATIENTS[:12]}, "clinical.csv")


@case("", 0, same=True, run=COMPARE + " --read id_case=ignore")
def i06_case__joined(bench: Bench) -> None:
    _rename(bench, {name: name.lower() for name in PATIENTS[:12]}, "clinical.csv")


@case("W307", 0, "expression.csv: 2 names brought to Unicode form NFC", run=COMPARE, same=True)
def i07_unicode_nfc(bench: Bench) -> None:
    named = {"P001": "Böhm", "P002": "Müller"}
    _rename(bench, named, "clinical.csv")
    _rename(bench, {key: unicodedata.normalize("NFD", name) for key, name in named.items()}, "expression.csv")


@case("E309", 3, "30 ids match after cutting TCGA barcodes to 12 characters", "--read id_rule=tcga-patient")
def i08_tcga_barcode(bench: Bench) -> None:
    _barcodes(bench)


@case("", 0, same=True, run=COMPARE + " --read id_rule=tcga-patient")
def i08_tcga_barcode__cut(bench: Bench) -> None:
    _barcodes(bench)


@case(
    "E309", 3, "no patient or sample of the clinical table is in this table", "clinical 30, such as 'A999'", "'AA999'"
)
def i09_no_overlap(bench: Bench) -> None:
    _rename(bench, {name: f"X{name}" for name in PATIENTS}, "expression.csv")


@case("W306", 0, "expression.csv: 6 of 30 samples have no clinical row", run=COMPARE)
def i10_partial_overlap(bench: Bench) -> None:
    _rename(bench, {name: f"X{name}" for name in PATIENTS[:6]}, "expression.csv")


@case("E310", 3, "expression.csv: 24 of 30 samples have no clinical row", "--read min_overlap=20")
def i10_partial_overlap__most(bench: Bench) -> None:
    _rename(bench, {name: f"X{name}" for name in PATIENTS[:24]}, "expression.csv")


@case("W311", 0, "clinical.csv: 1 line identical to another of the same patient; one kept", run=COMPARE, same=True)
def i11_dup_patient_same(bench: Bench) -> None:
    rows = bench.rows("clinical.csv")
    bench.put("clinical.csv", [*rows, rows[4]])


@case(
    "E312",
    3,
    "clinical.csv: lines 5, 32 are the same patient with different values: os_months '59.5' / '99'",
    "Keep one line",
)
def i12_dup_patient_conflict(bench: Bench) -> None:
    bench.write("clinical.csv", bench.text("clinical.csv") + "P004,99,0,pos\n")


@case("E312", 3, "lines 5, 32 are", "code 'A999' / 'A999'")
def i12_dup_patient_conflict__ids(bench: Bench) -> None:
    """What differs may name somebody."""
    rows = bench.rows("clinical.csv")
    bench.put(
        "clinical.csv", [*([*r, "code" if i == 0 else f"P{i:03d}"] for i, r in enumerate(rows)), [*rows[4], "P031"]]
    )


@case("E313", 3, "expression.csv: 1 patient with several samples", "--read sample_rule=")
def i13_multi_samples(bench: Bench) -> None:
    bench.write(
        "samples.csv", "sample_id,patient_id\n" + "".join(f"{name},{name}\n" for name in PATIENTS) + "S2,P004\n"
    )
    bench.put(
        "expression.csv", [[*row, "S2" if i == 0 else "7.3"] for i, row in enumerate(bench.rows("expression.csv"))]
    )


@case("", 0, "sample of normal tissue", run=COMPARE + " --read id_rule=tcga-patient", same=True)
def i13_multi_samples__tcga(bench: Bench) -> None:
    _barcodes(bench)
    extra = ["TCGA-AB-0004-01A-11D-A12B-07", "TCGA-AB-0004-11A-11R-A12B-07"]  # a DNA aliquot, and normal tissue
    header, *rows = bench.rows("expression.csv")
    header[4] += "-11R-A12B-07"
    bench.put("expression.csv", [[*header, *extra], *([*row, "1.5", "2.5"] for row in rows)])


@case("E314", 3, "expression.csv: 'IGF1R' on lines 2, 7 with different values", "--read duplicate_genes=")
def i14_dup_gene_conflict(bench: Bench) -> None:
    rows = bench.rows("expression.csv")
    bench.put("expression.csv", [*rows, ["IGF1R", *rows[2][1:]]])


@case("", 0, "SPHK1\ttrue\tlog2\t30\tNA\tSPHK\t", run=COMPARE)
def i15_gene_alias(bench: Bench) -> None:
    bench.edit("expression.csv", "SPHK1", "SPHK")


@case("", 0, "SPHK1\ttrue\tlog2\t30\tNA\tENSG00000176170.12\t", run=COMPARE)
def i15_gene_alias__ensembl(bench: Bench) -> None:
    bench.edit("expression.csv", "SPHK1", "ENSG00000176170.12")


@case("", 1, "no mrna SPHK1 in the cohort's tables (5 features; nearest: SPHK2)", run=COMPARE)
def i16_gene_missing(bench: Bench) -> None:
    bench.rule("id: both-high\nname: x\npositive: {mrna: SPHK1, above: median}\nclaims: []\n")
    bench.edit("expression.csv", "SPHK1", "SPHK2")


@case(
    "E317",
    3,
    "expression.csv:3: 3 gene names look like a date or number made by a spreadsheet: '2-Sep' (may have been SEPTIN2)",
    "Export the",
)
def i17_date_genes(bench: Bench) -> None:
    for old, new in (("SPHK1", "2-Sep"), ("PIK3CA", "1-Mar"), ("FGFR1", "2006/09/02")):
        bench.edit("expression.csv", old, new)


@case("E317", 3, "expression.csv:4: 1 gene name looks like a date or number made by a spreadsheet: '2.31E+13'")
def i18_riken_float(bench: Bench) -> None:
    bench.edit("expression.csv", "PIK3CA", "2.31E+13")


@case("", 1, "'Igf1r' looks like the mouse symbol of IGF1R", run=COMPARE)
def i19_gene_case(bench: Bench) -> None:
    for name in ("Igf1r", "Sphk1", "Pik3ca", "Fgfr1", "Pten"):
        bench.edit("expression.csv", name.upper(), name)


@case("E320", 3, r"clinical.csv:6: column 'patient': patient id contains the control character U+001B ('\x1b')")
def i20_control_chars(bench: Bench) -> None:
    bench.edit("clinical.csv", "P005", "P\x1b[31m005")


@case("E320", 3, r"expression.csv: column 2: sample id contains the control character U+202E ('\u202e')")
def i20_control_chars__direction(bench: Bench) -> None:
    bench.edit("expression.csv", "P002", "P\u202e002")


@case("E321", 3, "clinical.csv:3: column 'patient': patient id of 100,000 characters (limit 256)")
def i21_long_id(bench: Bench) -> None:
    bench.edit("clinical.csv", "P002", "x" * 100_000)


@case("", 0, run=COMPARE, same=True)
def i22_prototype_names(bench: Bench) -> None:
    for old, new in (("PIK3CA", "__proto__"), ("FGFR1", "con"), ("PTEN", "..")):
        bench.edit("expression.csv", old, new)


def _barcodes(bench: Bench) -> None:
    """Clinical rows by patient, expression by sample: TCGA-AB-0001 and TCGA-AB-0001-01A."""
    _rename(bench, {name: f"TCGA-AB-{i:04d}" for i, name in enumerate(PATIENTS, 1)}, "clinical.csv")
    _rename(bench, {name: f"TCGA-AB-{i:04d}-01A" for i, name in enumerate(PATIENTS, 1)}, "expression.csv")
