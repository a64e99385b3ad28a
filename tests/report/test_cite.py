"""The methods paragraph and the BibTeX of runs that were made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from strata import run_plan
from strata.analysis import Plan
from strata.errors import InputOutputError
from strata.report import cite_run, run_to_folder
from strata.signatures import signature_library


@pytest.fixture
def cite(root, tmp_path):
    """``cite("one-event", signatures=[...])``: the citation of a run of synthetic cohorts, without figures."""

    def make(*names, check=False, figures=False, **keys):
        cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
        plan = Plan.checked(cohorts=cohorts, **{"signatures": ["igf1r-high"], "endpoints": ["OS"], **keys})
        run_to_folder(lambda: run_plan(plan, check=check), tmp_path / "out", figures=figures)
        return cite_run(tmp_path / "out")

    return make


def entries(citation) -> list[str]:
    return re.findall(r"^@\w+\{([^,]+),$", citation.bibtex, flags=re.MULTILINE)


def cited(citation) -> set[str]:
    return set(re.findall(r"@([\w-]+)", citation.methods))


OPTIONAL = {
    *("phipson2010", "firth1993", "heinze2001", "viechtbauer2005", "hartung2001", "davidsonpilon2019", "hunter2007"),
    *("westfall1993", "venet2011", "gray1988", "tarone1975", "lausen1992", "wang2009", "barbie2009"),
}


def test_the_bibtex_is_what_the_paragraph_cites(cite):
    found = cite("figure2-breast")
    assert len(entries(found)) == len(set(entries(found)))
    assert set(entries(found)) == cited(found)
    assert {"kaplan1958", "mantel1966", "cox1972", "efron1977", "benjamini1995", "strata", "ochnik2016"} <= cited(found)
    assert not OPTIONAL & cited(found)
    assert found.methods.startswith("The cohort was figure2-breast (600 patients; OS: up to 561 compared, 149 events).")


def test_sparse_strata_bring_permutations_and_firth(cite):
    found = cite("one-event")
    assert OPTIONAL & cited(found) == {"phipson2010", "firth1993", "heinze2001"}
    small = "In strata below 20 patients or 10 events, the log-rank P is also by 10,000 random permutations (seed 0)"
    assert small in found.methods


def test_permutations_are_said_with_their_seed_and_limits(cite):
    found = cite("figure2-breast", sparse_patients=400, sparse_events=0, permutation_seed=11)
    assert "In strata below 400 patients or 0 events" in found.methods
    assert "10,000 random permutations (seed 11) [@phipson2010]" in found.methods


def test_strata_and_covariates(cite):
    found = cite("figure2-breast", stratify_by=["node"], covariates=["age"])
    assert "stratified by node [@mantel1966; @peto1972]" in found.methods
    assert "[@efron1977], adjusted for age and stratified by node." in found.methods


def test_pooled_cohorts(cite):
    found = cite("figure2-breast", "heavy-ties", pool="DL")
    assert {"dersimonian1986", "hartung2001", "higgins2002"} <= cited(found)
    assert "viechtbauer2005" not in entries(found)
    assert "The 2 cohorts were figure2-breast (600 patients; " in found.methods


def test_figures_and_the_second_opinion(cite):
    found = cite("one-event", signatures=["igf1r-sphk1-high"], check=True, figures=True)
    assert {"hunter2007", "davidsonpilon2019"} <= cited(found)


def test_scores_alone(cite):
    found = cite("figure2-breast", endpoints=[])
    assert cited(found) & {"kaplan1958", "cox1972", "benjamini1995"} == set()
    assert "survival was not compared" in found.methods


def test_gene_lists(cite, root):
    lists = root / "synthetic" / "gene-sets" / "invented.gmt"
    found = cite("figure2-breast", signatures=["hallmark-mtorc1"], gene_sets=[str(lists)])
    assert {"barbie2009", "liberzon2015"} <= cited(found)


def test_the_sources_of_many_signatures_are_in_the_bibtex_alone(cite):
    found = cite("figure2-breast", signatures=[], endpoints=[])
    said = re.search(
        r"classified by (\d+) published signatures in \d+ populations; (\d+) other signatures", found.methods
    )
    assert int(said[1]) + int(said[2]) == len(signature_library())
    assert cited(found) < set(entries(found))
    # its lists and centroids were not given: nothing was scored by them
    assert not {"liberzon2015", "barbie2009", "parker2009"} & set(entries(found))


def test_a_signature_file_that_is_gone(root, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("id: mine\nname: m\npositive: {mrna: IGF1R, above: median}\n")
    plan = Plan.checked(
        cohorts=[str(root / "synthetic" / "one-event" / "flat")], signatures=[str(mine)], endpoints=["OS"]
    )
    run_to_folder(lambda: run_plan(plan), tmp_path / "out", figures=False)
    assert "Patients were classified by m (mine, cut: median)." in cite_run(tmp_path / "out").methods
    mine.unlink()
    with pytest.raises(InputOutputError, match=r"mine\.yaml"):
        cite_run(tmp_path / "out")


def test_what_is_no_run(tmp_path: Path):
    with pytest.raises(InputOutputError, match=r"run\.json"):
        cite_run(tmp_path)
