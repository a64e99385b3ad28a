"""What the rules read from a cohort: numbers, tokens, and who lacks an assay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.scoring import CohortSource
from strata.signatures import Needs

nan = np.nan
PATIENTS = [f"P{i}" for i in range(1, 7)]


@pytest.fixture
def clinical():
    return pd.DataFrame(
        {
            "er": ["positive", "Negative", None, "positive", "negative", "equivocal"],
            "age": ["61", "44.5", None, "unclear", "70", "52"],
            "empty": [None] * 6,
        },
        index=pd.Index(PATIENTS, name="patient"),
        dtype="string",
    )


@pytest.fixture
def source(make_cohort, clinical, memory_mutations):
    def make(wanted, *, rows=(), assayed=PATIENTS, genes=None, scale="log2", **tables):
        mutations = {"mutation": memory_mutations(list(rows), assayed, genes=genes)} if rows or genes else {}
        cohort = make_cohort(clinical=clinical, mutations=mutations, scale=scale, **tables)
        return CohortSource(cohort, Needs(frozenset(wanted)))

    return make


def words(call):
    return ["+" if t else "-" if f else "?" for t, f in zip(call.true, call.false)]


# -- mutations ---------------------------------------------------------------------------------------------------------

ROWS = [
    ("P1", "PIK3CA", "H1047R", "missense"),
    ("P2", "PIK3CA", "", "silent"),
    ("P3", "PIK3CA", "", "unknown"),
    ("P4", "PIK3CA", "K111del", "inframe"),
    ("P4", "TP53", "R175H", "missense"),
    ("P5", "TP53", "R213*", "truncating"),
]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        # P1 H1047R, P2 silent, P3 mutated but how is not known, P4 in frame, P5 no row, P6 not sequenced
        (("any",), "+ - + + - ?"),
        (("nonsyn",), "+ - + + - ?"),
        (("none",), "- + - - + ?"),
        (("missense",), "+ - ? - - ?"),
        (("inframe",), "- - ? + - ?"),
        (("missense", "inframe"), "+ - ? + - ?"),
        (("truncating",), "- - ? - - ?"),
        (("hotspot",), "+ - ? - - ?"),
        (("H1047R",), "+ - ? - - ?"),
        (("H1047L",), "- - ? - - ?"),
        (("codon:1047",), "+ - ? - - ?"),
        (("none", "H1047R"), "+ + ? - + ?"),
    ],
)
def test_mutation_tokens(source, tokens, expected):
    made = source({("mutation", "PIK3CA")}, rows=ROWS, assayed=PATIENTS[:5], genes=["PIK3CA", "TP53"])
    call = made.tokens("mutation", "PIK3CA", tokens)
    assert words(call) == expected.split()
    assert call.unassayed.tolist() == [False] * 5 + [True]
    assert not call.absent


def test_one_known_hit_outweighs_an_unknown_row_of_the_same_patient(source):
    rows = [("P1", "PIK3CA", "", "unknown"), ("P1", "PIK3CA", "E545K", "missense"), ("P2", "PIK3CA", "", "unknown")]
    made = source({("mutation", "PIK3CA")}, rows=rows)
    assert words(made.tokens("mutation", "PIK3CA", ("hotspot",))) == ["+", "?", "-", "-", "-", "-"]


def test_a_gene_off_the_panel_is_unknown_for_everyone(source):
    made = source({("mutation", "FGFR1")}, rows=ROWS)
    call = made.tokens("mutation", "FGFR1", ("any",))
    assert words(call) == ["?"] * 6
    assert call.absent
    assert call.unassayed.all()
    assert call.reasons == ("mutation FGFR1 was tested in nobody",)


def test_a_gene_on_the_panel_without_a_row_is_wild_type(source):
    made = source({("mutation", "AKT1")}, rows=ROWS, assayed=PATIENTS[:4], genes=["AKT1", "PIK3CA", "TP53"])
    call = made.tokens("mutation", "AKT1", ("any",))
    assert words(call) == ["-", "-", "-", "-", "?", "?"]
    assert not call.absent


def test_a_row_proves_that_its_patient_was_sequenced(source):
    made = source({("mutation", "PIK3CA")}, rows=ROWS, assayed=["P1"], genes=["PIK3CA"])
    call = made.tokens("mutation", "PIK3CA", ("any",))
    assert words(call) == ["+", "-", "+", "+", "?", "?"]
    assert call.unassayed.tolist() == [False, False, False, False, True, True]


def test_driver_of_a_suppressor_is_any_truncating_change(source):
    made = source({("mutation", "TP53")}, rows=ROWS)
    assert words(made.tokens("mutation", "TP53", ("driver",)))[4] == "+"


def test_hotspot_of_a_gene_without_a_list_says_so(source):
    made = source({("mutation", "GOLPH3")}, rows=[("P1", "GOLPH3", "A1B", "missense")])
    call = made.tokens("mutation", "GOLPH3", ("hotspot",))
    # without any mutation there is no hotspot either; with one, nobody can tell
    assert words(call)[:2] == ["?", "-"]
    assert not call.absent
    assert "GOLPH3" in call.reasons[0]


def test_a_cohort_without_mutations(source):
    call = source({("mutation", "PIK3CA")}).tokens("mutation", "PIK3CA", ("any",))
    assert (words(call), call.absent, call.unassayed.all()) == (["?"] * 6, True, True)
    assert call.reasons == ("the cohort has no mutation table",)


# -- copy number -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (("amp",), "+ - - - - ?"),
        (("gain",), "- + - - - ?"),
        (("amp", "gain"), "+ + - - - ?"),
        (("neutral",), "- - + - - ?"),
        (("loss",), "- - - + - ?"),
        (("homdel",), "- - - - + ?"),
    ],
)
def test_gistic_tokens(source, tokens, expected):
    table = pd.DataFrame({"ERBB2": [2.0, 1, 0, -1, -2, nan]}, index=PATIENTS)
    made = source({("copy_number", "ERBB2")}, scale="gistic", copy_number=table)
    assert words(made.tokens("copy_number", "ERBB2", tokens)) == expected.split()


def test_a_number_of_copies_is_a_number_and_takes_no_words(source):
    table = pd.DataFrame({"FGFR1": [8.0, 2, 2, 1, 0, nan]}, index=PATIENTS)
    made = source({("copy_number", "FGFR1")}, scale="copies", copy_number=table)
    number = made.number("copy_number", "FGFR1")
    np.testing.assert_array_equal(number.low, table["FGFR1"])
    assert number.scale == "copies"
    call = made.tokens("copy_number", "FGFR1", ("amp",))
    assert (words(call), call.absent) == (["?"] * 6, True)
    assert "GISTIC" in call.reasons[0]
    assert words(made.tokens("copy_number", "FGFR1", ("8", "0"))) == ["+", "-", "-", "-", "+", "?"]
    calls = source({("copy_number", "FGFR1")}, scale="gistic", copy_number=table)
    assert "a table of copies" in calls.tokens("copy_number", "FGFR1", ("6",)).reasons[0]


# -- clinical ----------------------------------------------------------------------------------------------------------


def test_clinical_tokens_in_any_case(source):
    call = source({("clinical", "er")}).tokens("clinical", "er", ("positive",))
    assert words(call) == ["+", "-", "?", "+", "-", "-"]
    assert not call.unassayed.any()
    both = source({("clinical", "er")}).tokens("clinical", "er", ("NEGATIVE", "equivocal"))
    assert words(both) == ["-", "+", "?", "-", "+", "+"]


def test_clinical_numbers(source):
    number = source({("clinical", "age")}).number("clinical", "age")
    np.testing.assert_array_equal(number.low, [61, 44.5, nan, nan, 70, 52])
    assert number.reasons == ("clinical age: values that are not numbers stay unknown (1)",)
    assert not number.absent


@pytest.mark.parametrize("column", ["grade", "empty"])
def test_a_clinical_column_that_is_not_there_or_empty(source, column):
    made = source({("clinical", column)})
    assert made.number("clinical", column).absent
    call = made.tokens("clinical", column, ("positive",))
    assert (words(call), call.absent) == (["?"] * 6, True)
    assert column in call.reasons[0]


def test_words_are_not_numbers(source):
    number = source({("clinical", "er")}).number("clinical", "er")
    assert number.absent
    assert number.reasons == ("clinical er has no number in any patient",)


@pytest.mark.parametrize("dtype", ["string", "object", "category"])
def test_string_dtypes_do_not_matter(make_cohort, clinical, dtype):
    wanted = {("clinical", "er"), ("clinical", "age")}
    made = CohortSource(make_cohort(clinical=clinical.astype(dtype)), Needs(frozenset(wanted)))
    assert words(made.tokens("clinical", "er", ("positive",))) == ["+", "-", "?", "+", "-", "-"]
    np.testing.assert_array_equal(made.number("clinical", "age").low, [61, 44.5, nan, nan, 70, 52])


def test_numbers_of_a_numeric_clinical_column(make_cohort, clinical):
    made = CohortSource(
        make_cohort(clinical=clinical.assign(age=[1.5, nan, 3, 4, 5, 6])), Needs(frozenset({("clinical", "age")}))
    )
    np.testing.assert_array_equal(made.number("clinical", "age").low, [1.5, nan, 3, 4, 5, 6])


# -- number tables -----------------------------------------------------------------------------------------------------


def test_who_was_assayed_is_not_who_has_a_value(make_cohort, clinical, memory_assay):
    table = pd.DataFrame({"IGF1R": [1.0, nan, 3, nan, 5, 6], "EMPTY": nan}, index=PATIENTS)
    cohort = make_cohort(clinical=clinical)
    cohort.assays["mrna"] = memory_assay("mrna", table, assayed=frozenset(PATIENTS) - {"P4"})
    made = CohortSource(cohort, Needs(frozenset({("mrna", "IGF1R"), ("mrna", "SPHK1"), ("mrna", "EMPTY")})))
    number = made.number("mrna", "IGF1R")
    np.testing.assert_array_equal(number.low, table["IGF1R"])
    assert number.unassayed.tolist() == [False, False, False, True, False, False]
    assert (number.absent, number.scale) == (False, "log2")
    for gene in ("SPHK1", "EMPTY"):
        lost = made.number("mrna", gene)
        assert lost.absent
        assert np.isnan(lost.low).all()
        assert gene in lost.reasons[0]
        assert lost.unassayed.sum() == 1


def test_a_cohort_without_the_assay(source):
    number = source({("protein", "PTEN")}).number("protein", "PTEN")
    assert (number.absent, number.unassayed.all(), number.reasons) == (True, True, ("the cohort has no protein table",))


def test_only_the_features_asked_for_are_read(make_cohort, clinical, memory_assay):
    asked = []

    class Recording(memory_assay):
        def read(self, features):
            asked.append(list(features))
            return super().read(features)

    cohort = make_cohort(clinical=clinical)
    cohort.assays["mrna"] = Recording("mrna", pd.DataFrame({"A": range(6), "B": range(6), "C": range(6)}, PATIENTS))
    CohortSource(cohort, Needs(frozenset({("mrna", "C"), ("mrna", "A"), ("mrna", "MISSING")})))
    assert asked == [["A", "C"]]


def test_found_says_how_many_and_why_not(source):
    table = pd.DataFrame({"IGF1R": [1.0, nan, 3, nan, 5, 6]}, index=PATIENTS)
    wanted = {("mrna", "IGF1R"), ("mrna", "SPHK1"), ("mutation", "PIK3CA"), ("mutation", "FGFR1"), ("clinical", "er")}
    made = source(wanted, rows=ROWS, assayed=PATIENTS[:5], mrna=table)
    assert made.found("mrna", "IGF1R") == (True, "log2", 4, "", "IGF1R")
    assert made.found("mrna", "SPHK1") == (False, "", 0, "no mrna SPHK1 in the cohort's tables", "")
    assert made.found("mutation", "PIK3CA") == (True, "", 5, "", "PIK3CA")
    assert made.found("mutation", "FGFR1") == (False, "", 0, "mutation FGFR1 was tested in nobody", "")
    assert made.found("clinical", "er") == (True, "", 5, "", "er")
    assert made.found("clinical", "grade") == (False, "", 0, "no clinical column grade", "grade")


def test_found_names_a_feature_as_its_file_writes_it(make_cohort, clinical, memory_assay, memory_mutations):
    class Written(memory_assay):
        def written(self, feature):
            return {"CAP1": "CAP|10487"}.get(feature, feature)

    cohort = make_cohort(clinical=clinical, mutations={"mutation": memory_mutations([("P1", "LKB1", "", "")], ["P1"])})
    cohort.assays["mrna"] = Written("mrna", pd.DataFrame({"CAP1": range(6), "HER2": range(6)}, PATIENTS))
    wanted = frozenset({("mrna", "CAP1"), ("mrna", "ERBB2"), ("mutation", "STK11")})
    made = CohortSource(cohort, Needs(wanted))
    assert [made.found(*key)[-1] for key in sorted(wanted)] == ["CAP|10487", "HER2", "LKB1"]
    assert [made.feature(*key) for key in sorted(wanted)] == ["CAP1", "HER2", "LKB1"]
    assert made.feature("mrna", "PTEN") is None


def test_tables_that_are_not_asked_for_are_not_read(make_cohort, clinical, memory_mutations):
    class Unread(memory_mutations):
        def variants(self, genes):
            raise AssertionError("read without being asked for")

    cohort = make_cohort(clinical=clinical, mutations={"mutation": Unread([], PATIENTS)})
    made = CohortSource(cohort, Needs(frozenset({("clinical", "age")})))
    assert made.found("clinical", "er")[0]
