"""The page in a real browser: no errors, sorting, filtering, curves, print and accessibility. Skipped without one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from report.page_reader import Page
from strata.analysis import Plan, run_plan
from strata.report import Drawing, run_to_folder

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).with_name("axe")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def page(root, tmp_path_factory):
    """The page of a run with figures, a treatmentless cohort, rows with and without numbers."""
    folder = tmp_path_factory.mktemp("browser") / "run"
    path = str(root / "synthetic" / "figure2-breast" / "flat")
    plan = Plan.checked(
        cohorts=[{"path": path, "name": "figure2-breast"}],
        signatures=["igf1r-sphk1-high", "igf1r-high", "her2-positive", "brca1-mutated-tnbc"],
        endpoints=["OS"],
    )
    run_to_folder(lambda: run_plan(plan), folder, drawing=Drawing(singles=True))
    return folder / "report.html"


def in_chromium(address, profile, *options):
    """The page as its script has left it, and what the browser wrote to the console."""
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
    words += [f"--user-data-dir={profile}", "--virtual-time-budget=4000", *options, "--dump-dom", address]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True)
    return Page(done.stdout), [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def shown(page, table="results"):
    """The rows that are not hidden: the reader keeps rows in order, so the attributes are matched to them."""
    place = next(i for i, (tag, each) in enumerate(page.elements) if tag == "table" and each.get("id") == table)
    rows = []
    for tag, each in page.elements[place + 1 :]:
        if tag == "table":
            break
        if tag == "tr":
            rows.append("hidden" not in each)
    return [row for row, there in zip(page.tables[table][1:], rows[1:], strict=True) if there]


def test_it_opens_without_a_complaint(page, tmp_path):
    found, console = in_chromium(page.as_uri(), tmp_path)
    assert console == []
    assert len(shown(found)) == len(Page.of(page).tables["results"]) - 1
    assert "Filter rows" in found.text


def test_a_complaint_would_be_seen(page, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(page.read_text(encoding="utf-8").replace("<main ", '<main style="color: red" '), encoding="utf-8")
    _, console = in_chromium(broken.as_uri(), tmp_path / "profile")
    assert any("Content Security Policy" in line for line in console)


@pytest.mark.parametrize("order", ["", "&order=descending"])
def test_an_address_sorts_numbers_as_numbers_and_what_is_missing_comes_last(page, tmp_path, order):
    found, console = in_chromium(f"{page.as_uri()}#table=results&sort=hr{order}", tmp_path)
    assert console == []
    header = found.tables["results"][0]
    place = next(i for i, title in enumerate(header) if title.startswith("HR"))
    texts = [row[place] for row in shown(found)]
    numbers = [float(text.partition(" ")[0]) for text in texts if re.match(r"\d", text)]
    assert len(numbers) > 10
    assert numbers == sorted(numbers, reverse=bool(order))
    assert all(not re.match(r"\d", text) for text in texts[len(numbers) :])
    assert texts[-1] == "–"
    (sorted_by,) = [each for tag, each in found.elements if "aria-sort" in each]
    assert sorted_by["data-key"] == "hr"
    assert sorted_by["aria-sort"] == ("descending" if order else "ascending")


def test_an_address_filters_by_words_and_by_a_column(page, tmp_path):
    found, console = in_chromium(f"{page.as_uri()}#table=results&filter=IGF1R-SPHK1+os", tmp_path)
    assert console == []
    rows = shown(found)
    assert 0 < len(rows) < len(found.tables["results"]) - 1
    assert all(any("igf1r-sphk1-high" in cell for cell in row) for row in rows)
    assert f"{len(rows)} of {len(found.tables['results']) - 1} rows" in found.text
    found, _ = in_chromium(f"{page.as_uri()}#table=results&only-comparison=IGF1R", tmp_path)
    header, rows = found.tables["results"][0], shown(found)
    assert rows
    assert {row[header.index("Comparison")] for row in rows} == {"IGF1R"}


def test_a_link_opens_a_card_which_draws_its_curves(page, tmp_path):
    found, console = in_chromium(f"{page.as_uri()}#signature-igf1r-high", tmp_path)
    assert console == []
    before = Page.of(page)
    images = [each for tag, each in found.elements if tag == "svg"]
    drawn = [each for each in images if each.get("aria-label")]
    assert len(images) - len(drawn) == len([1 for tag, _ in before.elements if tag == "svg"])
    assert len(drawn) == 1
    assert re.search(r"positive: \d+ patients, \d+ % at \d+ months; negative: \d+ patients", drawn[0]["aria-label"])
    opened = [each["id"] for tag, each in found.elements if each.get("class") == "card" and "open" in each]
    assert opened == ["signature-igf1r-high"]


def test_it_prints(page, tmp_path):
    paper = tmp_path / "page.pdf"
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    words += ["--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri()]
    subprocess.run(words, capture_output=True, timeout=300, check=True)
    content = paper.read_bytes()
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", content)}
    assert sizes
    assert all(abs(width - 595) < 2 and abs(height - 842) < 2 for _, _, width, height in sizes)


@pytest.fixture(scope="module")
def checked(page, tmp_path_factory):
    """What ``axe/check.js`` found: axe-core in light and dark, the console, and what is wider than the window."""
    if shutil.which("node") is None or not (AXE / "node_modules" / "axe-core").is_dir():
        pytest.skip("axe-core is not installed: make check-page")
    words = ["node", str(AXE / "check.js"), str(page), CHROMIUM]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=True)
    return json.loads(done.stdout)


def test_axe_finds_no_serious_fault_in_light_and_dark(checked):
    assert checked["schemes"] == ["light", "dark"]
    assert checked["rules_passed"] > 20
    assert [found for found in checked["violations"] if found["impact"] in ("serious", "critical")] == []
    # the check itself can see one: it was shown a picture without words
    assert checked["planted"] == ["image-alt"]


def test_nothing_is_wider_than_the_window_or_the_paper(checked):
    assert set(checked["overflow"].values()) == {0}
    assert len(checked["overflow"]) == 4
    assert checked["console"] == []
    assert all(address.startswith("file://") for address in checked["requests"])
