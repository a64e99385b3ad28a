"""The manifest: what a line may say, and everything that is wrong with it at once."""

from __future__ import annotations

import pytest

from strata.analysis import Plan, load_plan
from strata.batch import read_manifest
from strata.errors import InputOutputError, PlanError


@pytest.fixture
def read(tmp_path):
    """``read("cohort\\tpath\\n...", cut="mean")``: a manifest beside which there is nothing."""

    def make(text: str, **keys: object):
        (tmp_path / "manifest.tsv").write_text(text, encoding="utf-8")
        plan = Plan.checked(cohorts=["nowhere"], signatures=["igf1r-high"], **keys)
        return read_manifest(tmp_path / "manifest.tsv", plan)

    return make


def plans(manifest):
    return [manifest.plan_of(row) for row in manifest.rows]


def wrong(read, text, **keys):
    with pytest.raises(PlanError) as caught:
        read(text, **keys)
    return [str(problem).rpartition("manifest.tsv")[2] for problem in caught.value.problems]


def test_a_cohort_is_a_line_and_its_path_is_beside_the_manifest(read, tmp_path):
    manifest = read("# who and where\ncohort\tpath\tlayout\n\nb\tsub/b\tcbioportal\na\t/else/where\t\n")
    assert [(row.cohort, row.line, row.layout) for row in manifest.rows] == [("b", 4, "cbioportal"), ("a", 5, "auto")]
    assert [row.path for row in manifest.rows] == [str(tmp_path / "sub" / "b"), "/else/where"]
    (entry,) = plans(manifest)[0].cohorts
    assert (entry.name, entry.path, entry.layout) == ("b", str(tmp_path / "sub" / "b"), "cbioportal")


def test_every_other_column_replaces_a_key_of_the_plan_and_an_empty_cell_does_not(read):
    columns = "cohort\tpath\tcut\tendpoints\ttimes\thorizon\tpopulations\tread.event_values\tcut_search.folds\ti"
    with pytest.raises(PlanError, match="unknown column 'i'"):
        read(columns + "\na\ta" + "\t" * 8 + "\n")
    columns = columns.removesuffix("\ti")
    cells = "\tmean\tos, dfs\t12,24\t60\ter-positive & node-negative\tdead,gone\t5"
    first, second = plans(read(f"{columns}\na\ta{cells}\nb\tb{cells and chr(9) * 7}\n", cut="median", horizon=120.0))
    assert (first.cut, first.endpoints, first.times) == ("mean", ("OS", "DFS"), (12.0, 24.0))
    assert (first.horizon, first.populations) == (60.0, ("er-positive & node-negative",))
    assert first.cohorts[0].read == {"event_values": "dead,gone"}
    assert (first.cut_search.folds, first.cut_search.permutations) == (5, 10000)
    assert (second.cut, second.endpoints, second.horizon) == ("median", ("DFS", "OS"), 120.0)
    assert second.cohorts[0].read == {}


def test_all_is_the_empty_list_of_signatures_and_populations(read):
    (plan,) = plans(read("cohort\tpath\tpopulations\na\ta\tall\n", populations=["er-positive"]))
    assert plan.populations == ()


def test_files_are_beside_the_manifest_and_ids_are_no_files(read, tmp_path):
    (tmp_path / "sets.gmt").write_text("SET\tx\tIGF1R\tSPHK1\n")
    mine = "id: my-own\nname: Mine\npositive: {mrna: IGF1R, above: median}\n"
    (tmp_path / "my-own.yaml").write_text(mine)
    columns = "cohort\tpath\tgene_sets\tsignatures\tread.probes"
    (plan,) = plans(read(f"{columns}\na\ta\tsets.gmt\tpten-loss,./my-own.yaml\tmap.tsv\n"))
    assert plan.gene_sets == (str(tmp_path / "sets.gmt"),)
    assert plan.signatures == ("pten-loss", str(tmp_path / "my-own.yaml"))
    assert plan.cohorts[0].read == {"probes": str(tmp_path / "map.tsv")}


def test_the_plan_keeps_its_folder_and_file_where_a_line_changes_it(tmp_path):
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "plan.yaml").write_text("signatures: [igf1r-high]\nendpoints: [{DFS: [RFS]}]\n")
    (tmp_path / "manifest.tsv").write_text("cohort\tpath\tcut\na\ta\tmean\n")
    plan = load_plan(tmp_path / "plans" / "plan.yaml", cohorts=["x"])
    (mine,) = plans(read_manifest(tmp_path / "manifest.tsv", plan))
    assert (mine.folder, mine.file) == (plan.folder, plan.file)
    assert mine.equivalents["DFS"] == ("RFS",)


def test_every_problem_of_every_line_at_once(read):
    text = (
        "cohort\tpath\tlayout\tcut\thorizon\tread.time_unit\tsignatures\n"
        "a\ta\tflatt\tquintiles\t-1\tweeks\t\n"
        "A\ta\t\t\t\t\n"
        "\t\t\tmean\t\t\t\n"
        "A\ta\t\t\t\t\t\n"
        "../b\tb\t\t\t\t\t\n"
        "c\tc\t\tquintiles\t-1\tweeks\tigf1r-hihg\n"
        "d\td\t\t\t\t\tigf1r-hihg\n"
    )
    found = wrong(read, text)
    said = [
        (":2: column 'layout'", "Did you mean 'flat'"),
        (":2: column 'cut'", "quintiles"),
        (":2: column 'horizon'", "greater than 0"),
        (":2: column 'read.time_unit'", "weeks"),
        (":3: 6 fields, the header has 7", "An empty cell needs its tab"),
        (":4: column 'cohort': is empty", ""),
        (":4: column 'path': is empty", ""),
        (":5: column 'cohort': cohort A is on line 2 already", "Rename"),
        (":6: column 'cohort': cohort name '../b' cannot be a folder name", ""),
        (":7: column 'cut'", "quintiles"),
        (":7: column 'horizon'", "greater than 0"),
        (":7: column 'read.time_unit'", "weeks"),
        (":8: unknown signature 'igf1r-hihg'", "Did you mean 'igf1r-high'"),
    ]
    assert len(found) == len(said), found
    for problem, (start, words) in zip(found, said):
        assert problem.startswith(start), problem
        assert words in problem, problem


def test_values_that_the_plan_refuses_are_told_with_their_column(read):
    found = wrong(read, "cohort\tpath\tcut\thorizon\ttimes\na\ta\tquintiles\t-1\t12,soon\n")
    assert [problem.split(": ")[0:2] for problem in found] == [
        [":2", "column 'cut'"],
        [":2", "column 'horizon'"],
        [":2", "column 'times'"],
    ]
    found = wrong(read, "cohort\tpath\thorizon\na\ta\t6\n", landmark=12.0)
    assert found == [":2: the horizon of 6 months is not beyond the landmark of 12"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("cohort", "no column 'path'"),
        ("cohort,path,cut", "the header has no tab"),
        ("cohort\tpath\tcut\tcut", "column 'cut' is there twice"),
        ("cohort\tpath\t\tcut", "column 3 has no name"),
        ("cohort\tpath\tctu", "Did you mean 'cut'?"),
        ("cohort\tpath\ttrain", "column 'train' is about all cohorts"),
        ("cohort\tpath\tpool", "column 'pool' is about all cohorts"),
        ("cohort\tpath\tread", "column 'read' needs its key. For example read.sep"),
        ("cohort\tpath\tread.septor", "Did you mean 'read.sep"),
    ],
)
def test_a_wrong_header_is_told(read, header, said):
    assert any(said in problem for problem in wrong(read, header + "\na\ta\n"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"cohort\tpath\n", "a header and no cohort"),
        (b"cohort\tpath\n\xff\xfe\n", "not UTF-8"),
        (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    ],
)
def test_a_file_that_is_no_manifest_is_the_plans_fault(tmp_path, content, said):
    (tmp_path / "manifest.tsv").write_bytes(content)
    with pytest.raises(PlanError, match=said):
        read_manifest(tmp_path / "manifest.tsv", Plan.checked(cohorts=["x"]))


def test_a_missing_manifest_is_told(tmp_path):
    with pytest.raises(InputOutputError, match="cannot be read"):
        read_manifest(tmp_path / "none.tsv", Plan.checked(cohorts=["x"]))


def test_a_wrong_plan_is_told_before_anything_runs(read):
    assert wrong(read, "cohort\tpath\na\ta\n", populations=["er-positve"])[0].startswith("population: no signature")
