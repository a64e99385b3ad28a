"""Which figures a run draws, and what their captions say."""

from __future__ import annotations

import re

import pytest

from strata import run_plan
from strata.analysis import Plan, ledger_frame
from strata.report import Drawing, draw_figures, figure2_plan, left_out
from strata.report.figures import MOST_SINGLES, _caption, _panels, file_names


def captions(results, **keys):
    (cohort,) = results.cohorts
    return _caption(cohort, cohort.comparisons, results, keys.get("extra", ()), ledger_frame(results))


def test_one_signature_of_one_cohort_is_one_figure_of_three_kinds(results, tmp_path):
    files = draw_figures(results, tmp_path, Drawing(caption=("Invented.",)))
    assert sorted(path.name for path in files) == ["figure2.pdf", "figure2.png", "figure2.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure2.pdf", "figure2.png", "figure2.svg"]
    text = re.sub(r"\s+", " ", (tmp_path / "figure2.svg").read_text(encoding="utf-8"))
    assert "Invented." in text
    for path in files:
        assert path.stat().st_size > 5000


def test_panels_are_lettered_by_population_and_hold_the_rows_of_the_results(results):
    panels = _panels(list(results.comparisons()), results.plan)
    assert [(panel.letter, panel.endpoint) for panel in panels] == [
        ("A", "DFS"),
        ("A", "OS"),
        ("B", "DFS"),
        ("B", "OS"),
    ]
    for panel, result in zip(panels, results.comparisons()):
        assert panel.comparison is result["positive_vs_rest"]
    for panel, result in zip(
        _panels(list(results.comparisons()), results.plan.model_copy(update={"comparator": "neither"})),
        results.comparisons(),
    ):
        assert panel.comparison is result["both_vs_neither"]


def test_what_cannot_be_drawn_is_a_panel_with_its_reason(root):
    plan, signature, _ = figure2_plan(str(root / "synthetic" / "trial-everolimus" / "flat"))
    found = run_plan(plan, signatures=[signature])
    panels = _panels(list(found.comparisons()), found.plan)
    assert all(panel.comparison is None for panel in panels)
    assert "no DFS" in panels[0].reason
    assert "no mrna table" in panels[1].reason


def test_the_caption_counts_the_tests_and_names_the_cut(results):
    text = captions(results, extra=("Invented.",))
    # 2 populations x 2 endpoints: of the 9 rows of each the figure draws one and lists the 2 single genes
    assert "This figure shows 12 of the 32 tests of this run: of 4 main ones" in text
    assert "; of 28 secondary ones" in text
    assert "Cut: median over the patients of each panel's population" in text
    assert "patients with both against all other patients" in text
    assert text.endswith("Invented. Cohort: figure2-breast.")


@pytest.fixture(scope="session")
def several(root):
    cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in ("one-event", "heavy-ties")]
    signatures = ["igf1r-high", "igf1r-sphk1-high"]
    return run_plan(Plan.checked(cohorts=cohorts, signatures=signatures, endpoints=["OS"], cut_scope="cohort"))


def test_several_cohorts_have_a_folder_of_figures(several, tmp_path):
    draw_figures(several, tmp_path, Drawing())
    stems = {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.png")}
    assert stems == {"figures/one-event-igf1r-sphk1-high", "figures/heavy-ties-igf1r-sphk1-high"}


def test_every_signature_is_drawn_when_asked(several, tmp_path):
    one = type(several)(several.plan, several.cohorts[:1], (), several.library)
    files = draw_figures(one, tmp_path, Drawing(stem="survival", every=True))
    assert {path.stem for path in files} == {"one-event-igf1r-high", "one-event-igf1r-sphk1-high"}


def test_quantile_groups_are_drawn_with_their_trend(quantiles, tmp_path):
    assert all(panel.comparison.name == "trend" for panel in _panels(list(quantiles.comparisons()), quantiles.plan))
    assert draw_figures(quantiles, tmp_path, Drawing()) == []
    assert len(draw_figures(quantiles, tmp_path, Drawing(every=True))) == 3
    assert "Cut: tertiles over the patients of each panel's population." in captions(quantiles)


@pytest.fixture(scope="session")
def panels_of(root):
    def make(*signatures, cohort="figure2-breast", **keys):
        folder = root / "synthetic" / cohort / "flat"
        cohorts = [{"path": str(folder), "name": cohort}]
        endpoints = ["DFS", "OS"] if cohort == "figure2-breast" else ["OS"]
        return run_plan(Plan.checked(cohorts=cohorts, signatures=list(signatures), endpoints=endpoints, **keys))

    return make


def stems(folder):
    return {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.*")}


def words_of(path):
    """The words of an SVG as they are read, spaces and lines apart."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8")))


def test_signatures_that_are_no_pair_have_a_figure_a_population(several, tmp_path):
    files = draw_figures(several, tmp_path, Drawing(singles=True))
    pairs = {f"figures/{cohort}-igf1r-sphk1-high" for cohort in ("one-event", "heavy-ties")}
    singles = {f"figures/survival-{cohort}-igf1r-high-all" for cohort in ("one-event", "heavy-ties")}
    assert stems(tmp_path) == pairs | singles
    assert len(files) == 3 * 4


def test_a_single_figure_is_that_of_the_population_alone(panels_of, tmp_path):
    results = panels_of("igf1r-high", populations=["er-positive", "er-negative & node-negative"])
    draw_figures(results, tmp_path, Drawing(singles=True))
    stem = "figures/survival-figure2-breast-igf1r-high-er-"
    assert stems(tmp_path) == {f"{stem}positive", f"{stem}negative-node-negative"}
    first = tmp_path / f"{stem}positive.svg"
    assert "ER-positive" in words_of(first)
    assert "ER-negative" not in words_of(first)
    assert "This figure shows 2 of the 4 tests of this run" in words_of(first)
    alone = panels_of("igf1r-high", populations=["er-positive"])
    draw_figures(alone, tmp_path, Drawing(stem="survival", every=True))
    # what compare draws: only the caption, which counts the tests of the run, is another
    one, other = (words_of(path).partition("Kaplan-Meier estimates")[0] for path in (first, tmp_path / "survival.svg"))
    assert one == other


def test_what_has_no_curve_is_not_drawn(panels_of, tmp_path):
    results = panels_of("kras-mutated", "igf1r-high", cohort="one-event")
    draw_figures(results, tmp_path, Drawing(singles=True))
    assert stems(tmp_path) == {"figures/survival-one-event-igf1r-high-all"}


def test_too_many_are_left_out(panels_of, tmp_path, monkeypatch):
    results = panels_of("igf1r-high", "igf1r-sphk1-high", populations=["er-positive", "er-negative"])
    assert MOST_SINGLES == 20
    monkeypatch.setattr("strata.report.figures.MOST_SINGLES", 1)
    assert left_out(results, Drawing(singles=True)) == 2
    assert left_out(results, Drawing()) == left_out(results, Drawing(every=True, singles=True)) == 0
    draw_figures(results, tmp_path, Drawing(singles=True))
    assert stems(tmp_path) == {"figure2"}
    monkeypatch.setattr("strata.report.figures.MOST_SINGLES", 2)
    assert left_out(results, Drawing(singles=True)) == 0


def testfile_names_are_safe_and_no_two_alike():
    assert file_names(["a-er-positive & node-negative", "../b", "age >= 50", "age < 50", "AGE 50", "age-50-2"]) == [
        *("a-er-positive-node-negative", "..-b", "age-50", "age-50-2", "AGE-50-3", "age-50-2-2")
    ]
    long = file_names(["x" * 300, "x" * 400])
    assert [len(name) for name in long] == [200, 202]
