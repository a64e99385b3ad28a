"""Tables for papers: numbers as journals print them, nothing blank, every note explained."""

from __future__ import annotations

import pandas as pd
import pytest

from strata.errors import DataError, InputOutputError
from strata.report import run_to_folder
from strata.report.paper_columns import paper_p
from strata.report.paper_table import paper_table, read_paper_table
from strata.survival import multivariable_frame, pooled_frame, subgroup_frame
from strata.wording import format_hazard_ratio


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    run_to_folder(lambda: results, out, figures=False)
    return out


def whole(made):
    """No cell is empty but those of the notes, and each note is used and explained."""
    cells = made.cells.drop(columns="Notes")
    assert len(cells)
    assert not cells.isin(["", "nan", "NaN", "<NA>", "None"]).any(axis=None)
    used = [letter for letters in made.cells["Notes"] for letter in letters.split(", ") if letter]
    assert list(dict.fromkeys(used)) == list(made.notes)
    return made


@pytest.mark.parametrize(
    ("p", "said"),
    [
        *((0.0, "<0.001"), (1e-300, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.0041, "0.004")),
        *((0.023, "0.023"), (0.05, "0.050"), (0.9991, ">0.999"), (1.0, ">0.999")),
    ],
)
def test_p_as_journals_print_it(p, said):
    assert paper_p(p) == said


def test_the_numbers_are_those_of_the_rows(results):
    table = results.to_frame()
    made = whole(paper_table(table, tests=results.tests))
    assert made.constants == {
        "Cohort": "figure2-breast",
        "Signature": "IGF1R and SPHK1 mRNA both high",
        "Cut": "median",
    }
    assert "Population" in made.cells
    rows = table[table["comparison"].isin(["positive_vs_rest", "both_vs_neither", "IGF1R", "SPHK1"])]
    assert len(made.cells) == len(rows) == 16
    tests = results.tests[results.tests["family"] != "supporting"]
    q = dict(zip(zip(tests["population"], tests["endpoint"], tests["comparison"]), tests["q_value"]))
    for cells, row in zip(made.cells.to_dict("records"), rows.to_dict("records"), strict=True):
        ratio = [row[f"hazard_ratio{end}"] for end in ("", "_lower", "_upper")]
        assert cells["HR (95 % CI)"] == format_hazard_ratio(*ratio)
        assert cells["Patients (events)"] == f"{row['n']} ({row['events']})"
        assert cells["Stratum, n (events)"] == f"{row['n_positive']} ({row['events_positive']})"
        rest = (row["n"] - row["n_positive"], row["events"] - row["events_positive"])
        assert cells["Reference, n (events)"] == f"{rest[0]} ({rest[1]})"
        small = pd.notna(row["permutation_p"])
        assert cells["P"] == paper_p(row["permutation_p"] if small else row["log_rank_p"])
        assert small == any(
            made.notes[letter].startswith("P by permutation") for letter in cells["Notes"].split(", ") if letter
        )
        assert cells["q"] == paper_p(q[(row["population"], row["endpoint"], row["comparison"])])
    assert made.cells["Comparison"].unique().tolist() == [
        *("positive vs rest", "both vs neither", "IGF1R alone", "SPHK1 alone"),
    ]


def test_medians_are_numbers_or_said_not_to_be_reached(results):
    made = paper_table(results.to_frame())
    row = results.to_frame().iloc[0]
    told = made.cells.iloc[0]["Median, months (stratum / reference)"]
    sides = [f"{m:.1f}" if pd.notna(m) else "not reached" for m in (row["median_positive"], row["median_negative"])]
    assert told == " / ".join(sides)
    assert "q" not in made.cells


def test_all_rows_with_those_that_have_no_ratio(results):
    made = whole(paper_table(results.to_frame(), rows="all")).cells.set_index("Comparison")
    assert (made.loc["four groups", "HR (95 % CI)"] == "not applicable").all()
    assert (made.loc["interaction", "Stratum, n (events)"] == "not applicable").all()
    assert not (made.loc["interaction", "P"] == "not estimable").any()


def test_what_is_not_estimable_is_said_and_why(several):
    made = whole(paper_table(several.to_frame(), tests=several.tests))
    nothing = made.cells[made.cells["HR (95 % CI)"] == "not estimable"]
    assert len(nothing)
    assert (nothing["Notes"] != "").all()
    table = several.to_frame()
    reason = next(note for note in table.loc[~table["estimable"], "note"] if "not estimable (" in note)
    assert any(text in reason for text in made.notes.values())
    assert made.cells["Cohort"].unique().tolist() == ["figure2-breast", "additive-only", "one-event"]
    nobody = made.cells[made.cells["Patients (events)"] == "0 (0)"]
    assert nobody["Median, months (stratum / reference)"].eq("no patient / no patient").all()


def test_treatment_and_searched_rows_name_their_test(trial, searched):
    made = whole(paper_table(trial.to_frame(), tests=trial.tests))
    row = made.cells.set_index("Comparison").loc["treatment interaction"]
    assert row["P"] == paper_p(
        trial.to_frame().set_index("comparison").loc["treatment_interaction", "likelihood_ratio_p"]
    )
    assert any("likelihood-ratio test of the interaction" in made.notes[letter] for letter in row["Notes"].split(", "))
    made = whole(paper_table(searched.to_frame()))
    assert any("corrected for the search" in text for text in made.notes.values())
    assert made.cells["Comparison"].tolist() == ["positive vs rest", "median split", "per sd"]


def test_other_tables_of_a_run(several, trial):
    pooled = whole(paper_table(pooled_frame(several.pooled)))
    assert "random effects" in pooled.cells["Cohort or method"].tolist()
    assert not pooled.cells["Cohort or method"].str.contains("without").any()
    assert paper_table(pooled_frame(several.pooled), rows="all").cells["Cohort or method"].str.contains("without").any()
    terms = whole(paper_table(multivariable_frame(trial.comparisons())))
    assert terms.cells["Term"].iloc[1].startswith("age (per SD")
    levels = whole(paper_table(subgroup_frame(trial.comparisons())))
    assert levels.cells["Level"].tolist() == ["negative", "positive"]
    assert len(set(levels.cells["Interaction P"])) == 1


def test_markers_of_a_scan(root):
    from strata import read_cohort, scan_genes

    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat")
    table = scan_genes(cohort, "OS", assays=("mrna",), permutations=0, jobs=1).to_frame()
    made = whole(paper_table(table))
    assert len(made.cells) == 20
    assert f"20 of {len(table):,} rows." in made.legend
    assert made.cells["Gene"].tolist() == table["gene"].head(20).tolist()
    assert made.cells["P"].iloc[0] == paper_p(table["p_value"].iloc[0])


def test_a_folder_a_tsv_and_a_parquet_are_the_same_table(folder):
    made = [read_paper_table(path) for path in (folder, folder / "results.parquet", folder / "results.tsv")]
    for other in made[1:]:
        pd.testing.assert_frame_equal(other.cells, made[0].cells)
        assert (other.caption, other.notes) == (made[0].caption, made[0].notes)
    assert "q" in made[0].cells
    assert "adjusted for the number of tests by" in made[0].caption


def test_a_shared_run_hides_and_says_so(shared_run, tmp_path):
    out = tmp_path / "out"
    run_to_folder(lambda: shared_run, out, figures=False)
    made = whole(read_paper_table(out))
    medians = made.cells["Median, months (stratum / reference)"]
    assert set(medians) <= {"withheld", "not told / not told"}
    small = made.cells[made.cells["HR (95 % CI)"] == "withheld"]
    assert len(small)
    assert small[["Patients (events)", "P", "q"]].isin(["withheld", "not estimable"]).all(axis=None)
    assert "withheld: it would tell of fewer than 11 patients" in made.notes.values()


def test_notes_are_divided_outside_brackets_and_lettered_once():
    row = {
        **dict.fromkeys(("hazard_ratio_lower", "hazard_ratio_upper", "hazard_ratio", "wald_p", "ph_p"), 0.5),
        **{"comparison": "positive_vs_rest", "n": 10, "events": 3, "cohort": "A", "endpoint": "OS"},
        **{"signature": "mine", "population": "all", "cut": "median"},
    }
    notes = ["one (a; b); two", "two; three", None, *(f"note {i}" for i in range(30))]
    table = pd.DataFrame([row | {"term": f"t{i}", "note": note} for i, note in enumerate(notes)])
    made = paper_table(table)
    assert made.cells["Notes"].head(3).tolist() == ["a, b", "b, c", ""]
    assert list(made.notes.values())[:3] == ["one (a; b)", "two", "three"]
    assert list(made.notes)[25:28] == ["z", "aa", "ab"]


def test_words_stay_words(tmp_path, several):
    table = several.to_frame().assign(cohort="1992")
    path = tmp_path / "results.tsv"
    table.to_csv(path, sep="\t", index=False, na_rep="NA")
    assert read_paper_table(path).constants["Cohort"] == "1992"


def test_what_is_no_table_of_a_run(tmp_path, folder):
    with pytest.raises(DataError, match="not a table of results"):
        paper_table(pd.DataFrame({"a": [1]}))
    with pytest.raises(InputOutputError, match="holds none of results"):
        read_paper_table(tmp_path)
    with pytest.raises(InputOutputError, match="No such file"):
        read_paper_table(tmp_path / "results.tsv")
    for name, content in (("results.parquet", b"no parquet"), ("results.tsv", b"\xff\xfe\x00"), ("x.tsv", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match="a table of"):
            read_paper_table(tmp_path / name)
    with pytest.raises(DataError, match=r"exclusions.*: not a table of results"):
        read_paper_table(folder / "exclusions.tsv")
