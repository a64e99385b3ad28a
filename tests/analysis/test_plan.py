"""A plan: keys, their defaults, what replaces what, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.analysis import CohortEntry, Plan, load_plan
from strata.analysis.plan import characteristics
from strata.errors import InputOutputError, PlanError, SignatureError, UsageError

SIGNATURE = """\
name: mine
positive: {mrna: IGF1R, above: 1.5}
"""


@pytest.fixture
def plan_file(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plan_needs_cohorts_alone(plan_file, tmp_path):
    plan = load_plan(plan_file("cohorts: [one, two]\n"))
    assert plan.cohorts == (CohortEntry(path="one"), CohortEntry(path="two"))
    assert plan.endpoints == ("DFS", "OS")
    assert plan.equivalents == {"DFS": ("DFS", "RFS", "DFI")}
    assert (plan.cut, plan.cut_scope, plan.comparator, plan.absent_assay) == (None, "population", "rest", "unknown")
    assert plan.times == (12, 36, 60, 120)
    assert (plan.signatures, plan.populations, plan.covariates, plan.horizon, plan.output) == ((), (), (), None, None)
    assert (plan.folder, plan.file) == (tmp_path, tmp_path / "plan.yaml")


def test_every_key_of_a_plan_is_read(plan_file):
    plan = load_plan(
        plan_file(
            """\
cohorts:
  - {path: data, name: mine, layout: flat, read: {sep: ";"}}
signatures: [igf1r-high]
library: mine/
populations: er-positive & node-negative
endpoints: [os, {dfs: [RFS, DFI]}]
cut: q75
cut_scope: cohort
comparator: neither
absent_assay: drop
covariates: age
horizon: 60
times: [12, 24.5]
read: {decimal: ","}
output: results
"""
        )
    )
    assert plan.cohorts == (CohortEntry(path="data", name="mine", layout="flat", read={"sep": ";"}),)
    assert plan.endpoints == ("OS", "DFS")
    assert plan.equivalents == {"DFS": ("RFS", "DFI")}
    assert plan.populations == ("er-positive & node-negative",)
    assert (plan.covariates, plan.library, plan.signatures) == (("age",), ("mine/",), ("igf1r-high",))
    assert (plan.cut, plan.cut_scope, plan.comparator, plan.absent_assay) == ("q75", "cohort", "neither", "drop")
    assert (plan.horizon, plan.times, plan.read, plan.output) == (60, (12, 24.5), {"decimal": ","}, "results")


@pytest.mark.parametrize(
    "text", ["cohorts: data", "cohorts: [data]", "cohorts: {path: data}", "cohorts: [{path: data}]"]
)
def test_cohorts_may_be_one_or_several(plan_file, text):
    assert load_plan(plan_file(text)).cohorts == (CohortEntry(path="data"),)


def test_an_equivalent_may_be_one_word(plan_file):
    plan = load_plan(plan_file("cohorts: a\nendpoints: {DFS: RFS, OS: [OS]}"))
    assert plan.endpoints == ("DFS", "OS")
    assert plan.equivalents == {"DFS": ("RFS",), "OS": ("OS",)}


def test_a_call_replaces_the_file_and_none_leaves_it(plan_file):
    path = plan_file("cohorts: a\ncut: q75\nendpoints: [OS]\n")
    plan = load_plan(path, cut="mean", endpoints=None, cohorts=["b"])
    assert (plan.cut, plan.endpoints, plan.cohorts[0].path) == ("mean", ("OS",), "b")


MISTAKES = {
    "endpoint: [OS]": (2, "endpoint: unknown key 'endpoint'. Did you mean 'endpoints'?"),
    "zzz: 1": (2, "zzz: unknown key 'zzz'. A plan has read, cohorts, signatures"),
    "folder: x": (2, "folder: unknown key 'folder'"),
    "file: x": (2, "file: unknown key 'file'"),
    "cut: quintiles": (2, "cut: 'quintiles' is not a cut. Use median, mean, qNN (q75), sdN (sd1), mixture, optimal"),
    "cut_search: {methd: lau92}": (2, "cut_search.methd: unknown key 'methd'. Did you mean 'method'?"),
    "cut_search: {minprop: 0.7}": (2, "cut_search.minprop: Input should be less than 0.5, found '0.7'"),
    "validat: [B]": (2, "validat: unknown key 'validat'. Did you mean 'validate'?"),
    "cut: q100": (2, "cut: 'q100' is not a cut"),
    "cut_scope: all": (2, "cut_scope: Input should be 'population', 'cohort' or 'pooled', found 'all'"),
    "comparator: both": (2, "comparator: Input should be 'rest' or 'neither', found 'both'"),
    "absent_assay: keep": (2, "absent_assay: Input should be 'unknown' or 'drop', found 'keep'"),
    "endpoints: 5": (2, "endpoints: Input should be a list, found '5'"),
    "endpoints:\n  - OS\n  - 5": (4, "endpoints[1]: Input should be a valid string, found '5'"),
    "horizon: 0": (2, "horizon: Input should be greater than 0, found '0'"),
    "horizon: soon": (2, "horizon: Input should be a valid number"),
    "landmark: 0": (2, "landmark: Input should be greater than 0, found '0'"),
    "horizon: 12\nlandmark: 12": (3, "landmark: the horizon of 12 months is not beyond the landmark of 12"),
    "sparse_patients: -1": (2, "sparse_patients: Input should be greater than or equal to 0, found '-1'"),
    "rmst_horizon: -1": (2, "rmst_horizon: Input should be greater than 0, found '-1'"),
    "times: [12, -1]": (2, "times[1]: Input should be greater than or equal to 0, found '-1'"),
    "read: {septor: x}": (2, "read: unknown reading option 'septor'. Did you mean 'sep'?"),
    "signatures: {a: b}": (2, "signatures: Input should be a list"),
}


@pytest.mark.parametrize(("text", "wanted"), MISTAKES.items(), ids=list(MISTAKES))
def test_every_mistake_has_file_line_key_and_words(plan_file, text, wanted):
    path = plan_file(f"cohorts: a\n{text}\n")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    (problem,) = caught.value.problems
    line, words = wanted
    assert str(problem).startswith(f"{path}:{line}: {words}")


COHORT_MISTAKES = {
    "cohorts: 5": "plan.yaml:1: cohorts: Input should be a list, found '5'",
    "cohorts: []": "plan.yaml:1: cohorts: List should have at least 1 item",
    "cohorts: [5]": "plan.yaml:1: cohorts[0]: Input should be a valid dictionary",
    "cohorts:\n  - a\n  - {path: b, nme: c}": "plan.yaml:3: cohorts[1].nme: unknown key 'nme'. Did you mean 'name'?",
    "cohorts: [{name: c}]": "plan.yaml:1: cohorts[0].path: this key is missing",
    "cohorts: [{path: a, layout: flt}]": "layout: Input should be 'auto', 'cbioportal', ",
    "cohorts: [{path: a, read: {septor: 1}}]": "plan.yaml:1: cohorts[0].read: unknown reading option 'septor'",
    "cut: median": "plan.yaml: cohorts: this key is missing",
}


@pytest.mark.parametrize(("text", "words"), COHORT_MISTAKES.items(), ids=list(COHORT_MISTAKES))
def test_mistakes_in_cohorts(plan_file, text, words):
    with pytest.raises(PlanError) as caught:
        load_plan(plan_file(text + "\n"))
    (problem,) = caught.value.problems
    assert words in str(problem)


def test_all_mistakes_at_once(plan_file):
    with pytest.raises(PlanError) as caught:
        load_plan(plan_file("cohorts: a\ncut: 7\ncut_scope: 7\nfolder: x\ntimez: []\n"))
    assert len(caught.value.problems) == 4


def test_a_file_that_is_no_yaml_or_not_there(plan_file, tmp_path):
    with pytest.raises(PlanError, match=r"plan\.yaml:2:1: not valid YAML"):
        load_plan(plan_file("cohorts: [a\n"))
    with pytest.raises(PlanError, match="expected one mapping"):
        load_plan(plan_file("- a\n"))
    with pytest.raises(InputOutputError, match="cannot be read"):
        load_plan(tmp_path / "nowhere.yaml")


def test_a_wrong_override_is_a_mistake_of_the_call(plan_file):
    path = plan_file("cohorts: a\ncut: q75\n")
    with pytest.raises(UsageError, match="cut: 'q0' is not a cut"):
        load_plan(path, cut="q0")
    with pytest.raises(PlanError, match="cut_scope"):
        load_plan(plan_file("cohorts: a\ncut_scope: x\n"), cut="q0")


def test_checked_says_what_is_wrong_with_a_call():
    with pytest.raises(UsageError) as caught:
        Plan.checked(cohorts=["a"], cut="q0", horizon=float("nan"))
    assert [problem.where for problem in caught.value.problems] == ["cut", "horizon"]


def test_reading_options_of_a_call_win_everywhere_and_the_others_stay(plan_file):
    plan = load_plan(plan_file("cohorts: [{path: a, read: {sep: ';'}}, b]\nread: {decimal: ',', na: x}\n"))
    plan = plan.extended(read={"sep": "tab", "na": "y"}, signatures=())
    assert plan.read == {"decimal": ",", "na": "y", "sep": "tab"}
    assert [entry.read["sep"] for entry in plan.cohorts] == ["tab", "tab"]
    assert plan.extended(read={}, signatures=()) == plan


def test_signatures_of_a_call(plan_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "my-sig.yaml").write_text(f"id: my-sig\n{SIGNATURE}")
    some = load_plan(plan_file("cohorts: a\nsignatures: [igf1r-high]\n"))
    every = load_plan(plan_file("cohorts: a\n"))

    def ids(plan: Plan) -> list[str]:
        return [signature.id for signature in plan.load_signatures()[1]]

    assert ids(some) == ["igf1r-high"]
    assert ids(some.extended(read={}, signatures=["pten-loss"])) == ["pten-loss"]
    assert ids(some.extended(read={}, signatures=["mine"])) == ["igf1r-high", "my-sig"]
    assert ids(some.extended(read={}, signatures=["pten-loss", "mine/my-sig.yaml"])) == ["my-sig", "pten-loss"]
    assert ids(some.extended(read={}, signatures=["my-sig", "mine"])) == ["my-sig"]
    added = every.extended(read={}, signatures=["mine"])
    assert set(ids(added)) - set(ids(every)) == {"my-sig"}
    assert added.signature_files() == [tmp_path / "mine" / "my-sig.yaml"]


def test_paths_are_taken_from_the_folder_of_the_plan(plan_file, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "my-sig.yaml").write_text(f"id: my-sig\n{SIGNATURE}")
    for text in ("signatures: mine", "signatures: [mine/my-sig.yaml]", "signatures: my-sig\nlibrary: mine"):
        library, chosen = load_plan(plan_file(f"cohorts: a\n{text}\n")).load_signatures()
        assert [signature.id for signature in chosen] == ["my-sig"]
        assert "my-sig" in library
        assert "igf1r-high" in library


def test_a_folder_named_like_a_signature_does_not_hide_it(plan_file, tmp_path):
    (tmp_path / "igf1r-high").mkdir()
    (signature,) = load_plan(plan_file("cohorts: a\nsignatures: igf1r-high\n")).load_signatures()[1]
    assert signature.id == "igf1r-high"


def test_an_unknown_signature_is_said(plan_file):
    with pytest.raises(SignatureError, match="Did you mean 'igf1r-high'"):
        load_plan(plan_file("cohorts: a\nsignatures: igf1r-hihg\n")).load_signatures()


def test_cohorts_get_their_names_options_and_errors(plan_file, tmp_path):
    (tmp_path / "a").mkdir()
    plan = load_plan(plan_file("cohorts: [{path: a, name: first, read: {sep: ';'}}, nowhere]\nread: {decimal: ','}\n"))
    (first, spec), (second, error) = plan.specs_or_errors()
    assert (first, second) == ("first", "nowhere")
    assert (spec.name, spec.options.sep, spec.options.decimal) == ("first", ";", ",")
    assert isinstance(error, InputOutputError)
    with pytest.raises(InputOutputError, match="nowhere"):
        plan.cohort_specs()


def test_two_cohorts_of_one_name_are_refused(plan_file, tmp_path):
    for name in ("x", "y"):
        (tmp_path / name / "flat").mkdir(parents=True)
    with pytest.raises(PlanError, match="two cohorts are called flat"):
        load_plan(plan_file("cohorts: [x/flat, y/flat]\n")).cohort_specs()
    with pytest.raises(PlanError, match="two cohorts are called same"):
        load_plan(plan_file("cohorts: [{path: x/flat, name: same}, {path: y/flat, name: SAME}]\n")).cohort_specs()


def test_one_name_cannot_be_given_to_several_cohorts(plan_file, tmp_path):
    (tmp_path / "two.yaml").write_text("cohorts:\n  - {name: a, clinical: a.tsv}\n  - {name: b, clinical: b.tsv}\n")
    plan = load_plan(plan_file("cohorts: [{path: two.yaml, name: same}]\n"))
    with pytest.raises(PlanError, match="holds 2 cohorts"):
        plan.cohort_specs()
    assert [spec.name for spec in load_plan(plan_file("cohorts: two.yaml\n")).cohort_specs()] == ["a", "b"]


def test_the_inputs_are_the_plan_the_cohorts_their_tables_and_signatures(plan_file, tmp_path):
    (tmp_path / "c.yaml").write_text("name: c\nclinical: tables/clinical.tsv\n")
    (tmp_path / "s.yaml").write_text(f"id: s\n{SIGNATURE}")
    path = plan_file("cohorts: c.yaml\nsignatures: [s.yaml, igf1r-high]\n")
    wanted = [path, tmp_path / "c.yaml", tmp_path / "tables" / "clinical.tsv", tmp_path / "s.yaml"]
    assert load_plan(path).inputs() == wanted


def test_characteristics_are_the_harmonised_columns(root):
    from strata import read_cohort

    cohort = read_cohort(root / "synthetic" / "one-event" / "flat")
    assert [column.name for column in characteristics(cohort)] == ["er", "node"]


def test_what_is_asked_twice_is_asked_once():
    plan = Plan(cohorts=["x"], endpoints=["OS", "os", "DFS"], times=[60, 12, 60])
    assert (plan.endpoints, plan.times) == (("OS", "DFS"), (60.0, 12.0))


def test_gene_lists_and_centroids_are_taken_from_the_folder_of_the_plan(plan_file, tmp_path):
    (tmp_path / "lists.gmt").write_text("MINE\tnote\tIGF1R\tSPHK1\n", encoding="utf-8")
    (tmp_path / "pam50.tsv").write_text(
        "gene\tBasal\tHer2\tLumA\tLumB\tNormal\nESR1\t-1\t0\t1\t0.5\t0\n", encoding="utf-8"
    )
    plan = load_plan(plan_file("cohorts: one\ngene_sets: lists.gmt\ncentroids: [pam50.tsv]\nmin_coverage: 0.5\n"))
    resources = plan.resources()
    assert list(resources.gene_lists) == ["MINE"]
    assert list(resources.centroids) == ["pam50"]
    assert resources.min_coverage == 0.5
    assert plan.resource_files() == [tmp_path / "lists.gmt", tmp_path / "pam50.tsv"]


def test_a_gene_list_that_is_not_there_is_said(plan_file):
    with pytest.raises(InputOutputError, match=r"nowhere\.gmt"):
        load_plan(plan_file("cohorts: one\ngene_sets: nowhere.gmt\n")).resources()


@pytest.mark.parametrize("share", ["0", "1.2", "many"])
def test_a_coverage_is_a_share(plan_file, share):
    with pytest.raises(PlanError, match=r"plan\.yaml:2: min_coverage"):
        load_plan(plan_file(f"cohorts: one\nmin_coverage: {share}\n"))
