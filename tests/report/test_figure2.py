"""The plan of Figure 2: its populations, its genes, and the reading of the legend that is printed."""

from __future__ import annotations

import pytest

from strata.errors import UsageError
from strata.report import figure2_plan
from strata.signatures import load_signatures


def test_the_default_is_node_negative_in_panel_b_only():
    plan, signature, choice = figure2_plan("cohort")
    assert plan.populations == ("er-positive", "er-negative & node-negative")
    assert plan.endpoints == ("DFS", "OS")
    assert signature.id == "igf1r-sphk1-high"
    assert len(signature.panels) == 2
    assert "'lymph node-negative' read as panel B only (--node-negative-both for both)" in choice
    assert "cut median over the population; drawn against rest" in choice


def test_node_negative_may_belong_to_both():
    plan, _, choice = figure2_plan("cohort", node_negative_both=True)
    assert plan.populations == ("er-positive & node-negative", "er-negative & node-negative")
    assert "read as both panels;" in choice


def test_the_rule_is_that_of_the_shipped_signature():
    (shipped,) = load_signatures("igf1r-sphk1-high")
    _, made, _ = figure2_plan("cohort")
    assert made.positive == shipped.positive
    assert made.claims == shipped.claims
    assert set(made.panels) <= set(shipped.panels)
    _, both, _ = figure2_plan("cohort", node_negative_both=True)
    assert set(both.panels) <= set(shipped.panels)


def test_other_genes_and_other_keys():
    plan, signature, choice = figure2_plan(
        "cohort",
        genes=("ESR1", "HLA-A"),
        cut="q75",
        cut_scope="cohort",
        comparator="neither",
        endpoints=["OS"],
        name="n",
    )
    assert (signature.id, signature.claims) == ("esr1-hla-a-high", ())
    assert (plan.cut, plan.cut_scope, plan.comparator, plan.endpoints) == ("q75", "cohort", "neither", ("OS",))
    assert plan.cohorts[0].name == "n"
    assert choice.startswith("Figure 2: ESR1 and HLA-A high;")
    assert "cut q75 over the cohort; drawn against neither" in choice


@pytest.mark.parametrize("genes", [(), ("IGF1R",), ("IGF1R", "IGF1R"), ("A", "B", "C")])
def test_two_different_genes_are_needed(genes):
    with pytest.raises(UsageError, match="two different genes"):
        figure2_plan("cohort", genes=genes)


def test_a_wrong_key_is_a_usage_error():
    with pytest.raises(UsageError, match="is not a cut"):
        figure2_plan("cohort", cut="quintiles")
