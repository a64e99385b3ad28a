"""The page of a run: what it holds, what it hides, what it lets in, and that it never changes."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re

import pandas as pd
import pytest
from click.testing import CliRunner

from report.page_reader import Page
from strata.analysis import Plan, run_plan
from strata.cli.program import program
from strata.report import Drawing, run_to_folder
from strata.report.page import cells, pictures
from strata.report.remark import remark
from strata.report.small_cells import hide_levels
from strata.report.summary import summary
from strata.wording import format_p

HOSTILE = "<img src=x onerror=alert(1)>"
NAME = "</script><script>alert(1)</script> & \"x\" 'y' {{ 7 * 7 }}"


def plan_of(root, **keys):
    folder = str(root / "synthetic" / "figure2-breast" / "flat")
    asked = {"signatures": ["igf1r-sphk1-high", "igf1r-high", "brca-mutated"], "endpoints": ["OS"]}
    return Plan.checked(cohorts=[{"path": folder, "name": "figure2-breast"}], **{**asked, **keys})


@pytest.fixture(scope="module")
def run(root, tmp_path_factory):
    """A run of three signatures, its folder and its page."""
    folder = tmp_path_factory.mktemp("page") / "run"
    drawing = Drawing(caption=("Synthetic data.",))
    results = run_to_folder(lambda: run_plan(plan_of(root, subgroups=["node_status"])), folder, drawing=drawing)
    return results, folder, Page.of(folder / "report.html")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_element_is_closed_and_every_id_is_its_own(run):
    _, folder, page = run
    assert page.open == []
    assert (folder / "report.html").read_text(encoding="utf-8").startswith('<!DOCTYPE html>\n<html lang="en">')
    ids = page.attributes("id")
    assert len(ids) == len(set(ids)) > 100
    for attribute in ("aria-labelledby", "aria-describedby"):
        assert set(page.attributes(attribute)) <= set(ids)
    assert {link[1:] for link in page.attributes("href") if link.startswith("#")} <= set(ids)


def test_the_policy_names_the_one_style_and_the_one_script(run):
    _, folder, page = run
    (policy,) = [each["content"] for tag, each in page.elements if each.get("http-equiv") == "Content-Security-Policy"]
    said = dict(part.split(" ", 1) for part in policy.split("; "))
    assert said["default-src"] == "'none'"
    assert "unsafe" not in policy
    (style,) = page.texts["style"]
    scripts = [each for tag, each in page.elements if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "curve-data"}, {}]
    for text, directive in ((style, "style-src"), (page.texts["script"][1], "script-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert said[directive] == f"'sha256-{digest}'"
    # a policy comes too late for what stands before it
    assert [tag for tag, _ in page.elements].index("style") > 3
    assert page.attributes("style") == []
    assert not [name for _, each in page.elements for name in each if name.startswith("on")]
    assert (folder / "report.html").read_bytes().count(b"\r") == 0


def test_nothing_is_fetched(run):
    _, _, page = run
    for attribute in ("src", "srcset", "action", "data", "background"):
        assert page.attributes(attribute) == []
    assert {tag for tag, _ in page.elements}.isdisjoint({"link", "iframe", "object", "embed", "img"})
    assert all(link.startswith("#") for link in page.attributes("href"))


def test_summary_and_remark_are_in_it_warnings_first(run):
    results, _, page = run
    said = summary(results)
    for sentence in (*said.asked, *said.found, *said.warnings, said.agreement):
        assert " ".join(sentence.split()) in page.text
    headings = page.texts["h2"]
    assert headings[0] == "Read first"
    assert page.text.index("Synthetic data.") < page.text.index("What was asked")
    for item in remark(results):
        assert " ".join(item.asks.split()) in page.text
        assert " ".join(item.filled.split()) in page.text
        assert " ".join(item.gap.split()) in page.text
    assert page.text.count("Author:") == sum(bool(item.gap) for item in remark(results))
    alone = sum(not item.filled for item in remark(results))
    assert 0 < alone < 10
    assert f"of 20 items {20 - alone} are filled from the run as far as it knows, and {alone} only the" in page.text


def test_the_cohort_is_described_before_anything_is_asked_of_it(run):
    results, _, page = run
    (cohort,) = results.cohorts
    said = page.text.split("The cohort", 1)[1].split("What was asked")[0]
    assert "figure2-breast: 600 patients" in said
    assert "mrna: 568 patients, 196 features, scale log2 (mrna.tsv)" in said
    assert re.search(r"OS: 595 patients, 160 events, median follow-up 99\.0 months", said)
    assert "Follow-up is short for OS: survival at 120 months rests on" in said
    assert "er from er_status: positive (436), negative (155), unknown (9)" in said
    for column in cohort.description.columns:
        assert f"{column.name} from {column.source}: " in said


def test_a_page_to_be_shared_tells_of_the_cohort_only_what_its_tables_do(root, tmp_path):
    results = run_to_folder(lambda: run_plan(plan_of(root, share=True)), tmp_path / "run", drawing=None)
    (cohort,) = results.cohorts
    said = Page.of(tmp_path / "run" / "report.html").text.split("The cohort", 1)[1].split("What was asked")[0]
    assert "median follow-up not told" in said
    assert "quartiles" not in said.replace("quartiles are not told", "")
    hidden = hide_levels(cohort.baseline, 11)
    withheld = hidden[hidden["value_stratum"].isna() | hidden["value_reference"].isna()]
    assert len(withheld)
    for column in cohort.description.columns:
        line = said.split(f"{column.name} from ", 1)[1].split(" from ", 1)[0]
        levels = set(withheld[withheld["characteristic"] == column.name]["level"])
        for word, n in column.counts.items():
            assert (f" {word} ({n:,})" not in line) or (n >= 11 and word not in levels)
        assert not re.search(r"\(([1-9]|10)\)", line)


def test_the_results_are_those_of_the_table(run):
    _, folder, page = run
    rows = rows_of(folder / "results.tsv")
    header, *shown = page.tables["results"]
    assert len(shown) == len(rows) > 10
    hr, n = header.index("HR (95 % CI)"), header.index("n")
    for cells_, row in zip(shown, rows, strict=True):
        assert cells_[n] == f"{int(row['n']):,}"
        if row["hazard_ratio"] != "NA":
            assert cells_[hr].startswith(f"{float(row['hazard_ratio']):.2f} (")
        elif row["estimable"] == "false":
            assert cells_[hr] == "not estimable"
    tests = [row for row in rows_of(folder / "tests.tsv") if row["family"] == "main"]
    main = {row["signature"]: row for row in tests if row["p_value"] != "NA"}
    p, q = header.index("P"), header.index("q")
    for cells_, row in zip(shown, rows, strict=True):
        if row["comparison"] == "positive_vs_rest" and row["population"] == main[row["signature"]]["population"]:
            test = main[row["signature"]]
            assert f"P = {cells_[p]}" == format_p(float(test["p_value"]))
            assert f"q = {cells_[q]}" == format_p(float(test["q_value"])).replace("P", "q")


def test_the_ledgers_count_what_the_files_count(run):
    _, folder, page = run
    calls = rows_of(folder / "calls.tsv")
    strata = {(row["signature"], row["population"]) for row in calls}
    header, *shown = page.tables["calls"]
    assert len(shown) == len(strata)
    assert sum(int(row[header.index("Positive")]) for row in shown) == sum(
        int(row["n"]) for row in calls if row["call"] == "positive"
    )
    unknown = [row for row in calls if row["call"] == "unknown"]
    assert sum(int(row["n_not_assayed"]) for row in unknown) > 0
    for title, name in (("Unknown", "n"), ("Of the unknown, not assayed", "n_not_assayed")):
        assert [int(row[header.index(title)]) for row in shown] == [int(row[name]) for row in unknown]
    outside = [row for row in calls if row["call"] == "not applicable"]
    told = [int(row[header.index("Of the not applicable, membership unknown")]) for row in shown]
    assert told == [int(row["n_membership_unknown"]) for row in outside]
    # the endpoint takes nobody out before the population does: both tables of the page count the same patients
    reason = "membership of the population unknown"
    gone = {
        (row["signature"], row["population"]): int(row["n"])
        for row in rows_of(folder / "exclusions.tsv")
        if row["reason"] == reason
    }
    assert gone == {(row["signature"], row["population"]): n for row, n in zip(outside, told, strict=True)}
    assert sum(told) > 0
    genes = rows_of(folder / "genes.tsv")
    assert len(page.tables["genes"]) - 1 == len(genes)
    families = {row[0]: row for row in page.tables["families"][1:]}
    for counted in json.loads((folder / "run.json").read_text())["tests"]:
        assert families[counted["family"]][1:4] == [f"{counted[key]:,}" for key in ("tests", "failed", "p_below_0.05")]
    asked = [row for row in rows_of(folder / "tests.tsv") if row["family"] != "supporting"]
    assert len(page.tables["tests"]) - 1 == len(asked)
    assert len(page.tables["left-out"]) - 1 == len(rows_of(folder / "exclusions.tsv"))
    assert len(page.tables["subgroups"]) - 1 == len(rows_of(folder / "subgroups.tsv"))


def test_a_card_says_what_a_signature_means_and_what_its_sources_claim(run):
    results, _, page = run
    cards = [each["id"] for tag, each in page.elements if each.get("class") == "card"]
    assert cards == [f"signature-{name}" for name in sorted(["brca-mutated", "igf1r-high", "igf1r-sphk1-high"])]
    for name in ("igf1r-high", "igf1r-sphk1-high"):
        signature = results.library[name]
        assert str(signature.positive) in page.text
        for claim in signature.claims:
            for words in (claim.reported, claim.document, claim.literature, claim.note):
                assert not words or " ".join(words.split()) in page.text
    assert "000:8362-8373 (000 is Ochnik and Baxter 2016; after the colon, lines of its text)" in page.text
    assert "IGF1R mRNA above the median and SPHK1 mRNA above the median" in page.text


def test_figures_are_in_it_with_words_for_who_cannot_see_them(run):
    results, folder, page = run
    images = [each for tag, each in page.elements if tag == "svg"]
    drawn = list(folder.rglob("*.svg"))
    questions = sum(len(cohort.comparisons) for cohort in results.cohorts)
    assert len(images) == len(drawn) + min(pictures.MOST_FLOWS, questions)
    assert all(each["role"] == "img" and "viewbox" in each and "width" not in each for each in images)
    assert "figure2-breast: IGF1R and SPHK1 mRNA both high" in page.texts["title"]
    described = " ".join(page.texts["desc"])
    hr = next(result.hazard_ratio for result in results.comparisons() if result.signature == "igf1r-sphk1-high")
    assert f"{hr.value:.2f} (95 % CI {hr.lower:.2f}" in described
    assert "Kaplan-Meier estimates with 95 % log-log confidence bands" in described


def test_the_curves_to_be_drawn_are_those_of_the_run(run):
    results, _, page = run
    plots = json.loads(page.texts["script"][0])
    boxes = [int(place) for place in page.attributes("data-curve")]
    assert sorted(boxes) == list(range(len(plots)))
    first = next(iter(results.comparisons()))
    assert [group["label"] for group in plots[boxes[0]]["groups"]] == [g.label for g in first.comparisons[0].groups]
    for plot in plots:
        assert all(group["risk"][0] > 0 for group in plot["groups"])


def test_no_patient_is_in_it(run, root):
    _, _, page = run
    clinical = pd.read_csv(root / "synthetic" / "figure2-breast" / "flat" / "clinical.tsv", sep="\t", dtype=str)
    ids = set(clinical["patient_id"])
    words = set(re.findall(r"[\w.-]+", page.text + " ".join(page.texts["script"])))
    assert len(ids) == 600
    assert not ids & words


def test_provenance_tells_versions_and_bytes_but_no_time(run):
    _, folder, page = run
    record = json.loads((folder / "run.json").read_text())
    for item in record["inputs"]:
        assert item["sha256"] in page.text
    assert all(f"{name} {version}" in page.text for name, version in record["packages"].items())
    assert record["started"][:10] not in page.text
    assert "report.html" in record["outputs"]


def test_the_same_run_makes_the_same_page(run, root, tmp_path):
    _, folder, _ = run
    run_to_folder(
        lambda: run_plan(plan_of(root, subgroups=["node_status"])),
        tmp_path / "again",
        drawing=Drawing(caption=("Synthetic data.",)),
    )
    assert (tmp_path / "again" / "report.html").read_bytes() == (folder / "report.html").read_bytes()


def test_tables_alone_have_no_page(root, tmp_path):
    plan = plan_of(root, signatures=["igf1r-high"])
    run_to_folder(lambda: run_plan(plan), tmp_path / "without", figures=False)
    run_to_folder(lambda: run_plan(plan), tmp_path / "with", figures=False, page=True)
    assert not (tmp_path / "without" / "report.html").exists()
    page = Page.of(tmp_path / "with" / "report.html")
    assert "This run drew no figure" in page.text
    assert page.attributes("data-curve")


def test_a_command_says_where_the_page_is(root, tmp_path):
    folder = str(root / "synthetic" / "one-event" / "flat")
    words = ["compare", folder, "igf1r-high", "--endpoint", "OS", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(program, words)
    assert f"report: {tmp_path / 'out' / 'report.html'}" in done.stderr
    page = Page.of(tmp_path / "out" / "report.html")
    assert "not estimable" in page.text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A run whose words, columns and signature are HTML, and its page."""
    home = tmp_path_factory.mktemp("hostile")
    n = 120
    words = [HOSTILE, "</title></svg><script>alert(2)</script>", "a & b"]
    clinical = pd.DataFrame(
        {
            "patient_id": [f"<b>P{i}</b>" for i in range(n)],
            "site": [words[i % 3] for i in range(n)],
            "os_months": [1.5 * i + 1 for i in range(n)],
            "os_event": [int(i % 3 == 0) for i in range(n)],
        }
    )
    (home / "cohort").mkdir()
    clinical.to_csv(home / "cohort" / "clinical.tsv", sep="\t", index=False)
    values = pd.DataFrame({"patient_id": clinical["patient_id"], "IGF1R": [(i * 7 % 23) / 2 for i in range(n)]})
    values.to_csv(home / "cohort" / "mrna.tsv", sep="\t", index=False)
    claim = f"{{role: prognostic, evidence: reported, note: '{HOSTILE}'}}"
    (home / "mine.yaml").write_text(
        f"id: mine\nname: {json.dumps(NAME)}\npositive: {{mrna: IGF1R, above: median}}\nclaims: [{claim}]\n"
    )
    plan = Plan.checked(
        cohorts=[str(home / "cohort")], signatures=[str(home / "mine.yaml")], endpoints=["OS"], subgroups=["site"]
    )
    run_to_folder(lambda: run_plan(plan), home / "run", drawing=Drawing(singles=True))
    return home / "run" / "report.html"


def test_words_of_others_stay_words(hostile):
    page = Page.of(hostile)
    assert page.open == []
    assert [each for tag, each in page.elements if tag == "script"] == [
        {"type": "application/json", "id": "curve-data"},
        {},
    ]
    assert {tag for tag, _ in page.elements}.isdisjoint({"img", "b"})
    assert not [name for _, each in page.elements for name in each if name.startswith("on")]
    assert HOSTILE in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert " ".join(NAME.split()) in page.text
    assert "P119" not in page.text


def test_columns_without_a_cell_are_left_out():
    columns = [cells.COHORT, cells.SIGNATURE, cells.PATIENTS, cells.NOTE]
    rows = [{"cohort": "a", "signature": name, "n": n, "note": ""} for name, n in (("x", "12"), ("y", ""))]
    table = cells.PageTable.of("t", "T", columns, rows, file="t.tsv", most=1)
    # one word in the first rows is not yet one word in all
    assert [column.key for column in table.columns] == ["cohort", "signature", "n"]
    table = cells.PageTable.of("t", "T", columns, rows, file="t.tsv")
    assert [[cell.text for cell in row] for row in table.rows] == [["x", "12"], ["y", cells.MISSING]]
    assert table.more == ""
    assert "1 more are in t.tsv" in cells.PageTable.of("t", "T", columns, rows, file="t.tsv", most=1).more
