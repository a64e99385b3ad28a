"""The pages of a batch: an index over its cohorts, and what they say together."""

from __future__ import annotations

import time

import pandas as pd

from report.page_reader import Page
from strata.batch.outcomes import Outcome
from strata.batch.pages import Indexed, write_pages
from strata.errors import Problem
from strata.report import read_paper_table


def test_the_index_lists_every_cohort_with_its_numbers(plain, same_inputs):
    page = Page.of(plain / "report.html")
    assert page.open == []
    header, *rows = page.tables["cohorts"]
    names = list(pd.read_csv(same_inputs.manifest, sep="\t")["cohort"])
    assert [row[0] for row in rows] == names
    results = pd.read_csv(plain / "results.tsv", sep="\t")
    for row in rows:
        mine = results[results["cohort"] == row[0]]
        shown = {title: cell.replace(",", "") for title, cell in zip(header, row, strict=True)}
        assert shown["Status"] == "analysed"
        assert int(shown["Most patients compared"]) == mine["n"].max()
        assert int(shown["Most events"]) == mine["events"].max()
        assert int(shown["Comparisons"]) == len(mine)
        assert int(shown["Estimable"]) == mine["estimable"].sum()
    # nothing leads to pages that were not asked for
    assert not [link for link in page.attributes("href") if link.startswith("cohorts/")]


def test_the_pooled_page_holds_the_rows_of_the_table_and_a_forest_plot(plain):
    page = Page.of(plain / "pooled.html")
    pooled = pd.read_csv(plain / "pooled.tsv", sep="\t")
    header, *rows = page.tables["pooled"]
    assert len(rows) == len(pooled) > 0
    place = header.index("HR (95 % CI)")
    for row, ratio in zip(rows, pooled["hazard_ratio"], strict=True):
        assert row[place].startswith(f"{ratio:.2f} (") or pd.isna(ratio)
    tests = pd.read_csv(plain / "tests.tsv", sep="\t")
    asked = tests[tests["family"] == "pooled"]
    below, kept = ((asked[name] < 0.05).sum() for name in ("p_value", "q_value"))
    said = f"{len(asked)} pooled tests of random effects: {below} with P below 0.05, {kept} with q below 0.05."
    assert said in (plain / "pooled.html").read_text()
    (figure,) = [each for tag, each in page.elements if tag == "svg"]
    assert figure["role"] == "img"
    assert "All cohorts together: marker-positive vs rest" in page.texts["title"]
    assert not [link for link in page.attributes("href") if link.startswith("#sig")]


def test_its_table_for_a_paper_has_the_ways_to_pool(plain):
    pooled = pd.read_csv(plain / "pooled.tsv", sep="\t")
    table = read_paper_table(plain / "pooled.tsv", rows="all")
    assert len(table.cells) == len(pooled) > 0
    assert set(table.cells["Cohort or method"]) == {"fixed effect", "random effects"}
    assert "not estimable" not in set(table.cells["P"][pooled["p_value"].notna()])


def test_with_reports_the_index_leads_to_the_page_of_each_cohort(inputs, batch, tmp_path):
    out = tmp_path / "out"
    assert batch(inputs, out, reports=True).ended.exit_status == 0
    page = Page.of(out / "report.html")
    links = [link for link in page.attributes("href") if link.startswith("cohorts/")]
    assert len(links) == len(page.tables["cohorts"]) - 1
    for link in links:
        assert Page.of(out / link).tables["results"]
    # without them nothing is done again, with them everything
    assert batch(inputs, out, reports=True, resume=True).ended.reused == len(links)
    assert batch(inputs, out, resume=True).ended.reused == 0
    assert "cohorts/" not in " ".join(Page.of(out / "report.html").attributes("href"))


def test_a_cohort_that_failed_says_why_unless_the_batch_is_shared(tmp_path):
    problem = Problem("clinical.tsv:5", "<b>cell of a table</b>", "Mend it", code="E305")
    cohorts = [Indexed(Outcome("a", exit_status=3, problems=(problem,)), tmp_path / "cohorts" / "a")]
    for share in (False, True):
        about = {
            "strata": "0",
            "failed": 1,
            "plan": {"share": share},
            "manifest": {"path": "/x/manifest.tsv", "sha256": "00"},
        }
        write_pages(cohorts, [], about, tmp_path, tmp_path)
        page = Page.of(tmp_path / "report.html")
        assert ("cell of a table" in page.text) is not share
        assert "failed" in page.tables["cohorts"][1]
        assert not (tmp_path / "pooled.html").exists()


def test_ten_thousand_cohorts_make_a_page_of_a_few_megabytes(tmp_path):
    cohorts = [
        Indexed(Outcome(f"cohort-{i}", endpoints=("OS",), comparisons=40, estimable=38), tmp_path / "x", 400, 100)
        for i in range(12_000)
    ]
    about = {"strata": "0", "failed": 0, "plan": {"share": False}, "manifest": {"path": "m", "sha256": "00"}}
    began = time.process_time()
    write_pages(cohorts, [], about, tmp_path, tmp_path)
    assert time.process_time() - began < 20
    page = tmp_path / "report.html"
    assert page.stat().st_size < 5e6
    assert "The first 10,000 rows; 2,000 more are in run.json and failures.tsv." in page.read_text()
