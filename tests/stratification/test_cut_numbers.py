"""The numbers that strata come from: the groups of the histogram are the strata, and every patient is in it once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata import read_cohort, stratify
from strata.errors import UsageError
from strata.signatures import parse_signature
from strata.stratification import cut_values

nan = np.nan


def made(rule, **more):
    return parse_signature({"name": "made", "positive": rule} | more, id="made", where="test")


@pytest.fixture
def cohort_of(make_cohort):
    def make(**genes):
        mrna = pd.DataFrame(genes, dtype=float)
        mrna.index = pd.Index([f"P{i}" for i in range(len(mrna))], name="patient")
        er = ["positive", *["negative"] * (len(mrna) - 1)]
        return make_cohort(clinical=pd.DataFrame({"er": er}, index=mrna.index, dtype="string"), mrna=mrna)

    return make


@pytest.fixture(scope="module")
def bundled(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="bundled")


def sizes(values):
    return values.to_frame().groupby("group", sort=False)["n"].sum().to_dict()


def test_each_gene_of_a_pair_has_its_own(bundled):
    strata = stratify(bundled, "igf1r-sphk1-high", population="er-positive")
    found = cut_values(bundled, "igf1r-sphk1-high", strata)
    assert [values.number for values in found] == ["mrna IGF1R", "mrna SPHK1"]
    for values, leg, cut in zip(found, strata.legs, strata.cut_points.cuts):
        assert (values.rule, values.cuts, values.population) == ("median", (cut.value,), "er-positive")
        low, high = values.groups
        assert sizes(values) == {
            low: (leg.call.false & strata.inside).sum(),
            high: (leg.call.true & strata.inside).sum(),
        }
        assert values.n_unknown == (leg.call.unknown & strata.inside).sum()
        assert values.known.size + values.n_unknown == strata.inside.sum()


def test_no_bar_lies_on_both_sides_of_a_cut(bundled):
    (values,) = cut_values(bundled, "igf1r-high", stratify(bundled, "igf1r-high"))
    table, (cut,) = values.to_frame(), values.cuts
    low = table["group"] == values.groups[0]
    assert table.loc[low, "upper"].max() == pytest.approx(cut)
    assert table.loc[~low, "lower"].min() == pytest.approx(cut)
    # by hand, every patient of a bar is in it: a value equal to the cut is not above it
    for _, bar in table.iterrows():
        assert ((values.known > bar["lower"]) & (values.known <= bar["upper"])).sum() == pytest.approx(bar["n"], abs=1)
    assert table["n"].sum() == values.known.size


def test_quantile_groups_are_of_the_score(bundled):
    strata = stratify(bundled, "igf1r-sphk1-high", cut="quartiles")
    (values,) = cut_values(bundled, "igf1r-sphk1-high", strata)
    assert values.rule == "quartiles"
    assert len(values.cuts) == 3
    assert list(sizes(values).values()) == [strata.counts[f"q{i}"] for i in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("comparator", "groups", "n"),
    [
        ("above", ["≤ 2", "> 2"], [3, 2]),
        ("at_most", ["≤ 2", "> 2"], [3, 2]),
        ("at_least", ["< 2", "≥ 2"], [1, 4]),
        ("below", ["< 2", "≥ 2"], [1, 4]),
    ],
)
def test_ties_are_on_the_side_that_the_rule_says(cohort_of, comparator, groups, n):
    cohort = cohort_of(A=[1, 2, 2, 3, 4, nan])
    signature = made({"mrna": "A", comparator: 2})
    strata = stratify(cohort, signature, library={})
    (values,) = cut_values(cohort, signature, strata, library={})
    assert (values.rule, values.n_unknown) == ("2", 1)
    assert sizes(values) == dict(zip(groups, n))
    positive = strata.counts["positive"]
    assert positive in n


def test_few_values_have_a_bar_each(cohort_of):
    cohort = cohort_of(A=[0, 0, 1, 1, 1, 2])
    signature = made({"mrna": "A", "above": "median"})
    (values,) = cut_values(cohort, signature, stratify(cohort, signature, library={}), library={})
    table = values.to_frame()
    assert table["n"].tolist() == [2, 3, 1]
    assert table["lower"].tolist() == [-0.5, 0.5, 1.5]
    assert table["group"].tolist() == ["≤ 1", "≤ 1", "> 1"]


def test_one_value_and_cuts_beyond_all_values(cohort_of):
    for cut, group in ((5, "≤ 5"), (0, "> 0"), (1e9, "≤ 1e+09"), (29, "≤ 29"), (1, "≤ 1")):
        for column in ([1.0] * 5, list(range(1, 30))):
            cohort = cohort_of(A=column)
            signature = made({"mrna": "A", "above": cut})
            (values,) = cut_values(cohort, signature, stratify(cohort, signature, library={}), library={})
            table = values.to_frame()
            assert table["n"].sum() == len(column)
            assert group in set(table["group"])
            assert (table["upper"] > table["lower"]).all()


def test_references_are_followed_and_learned_cuts_of_another_cohort_are_used(cohort_of):
    inner, outer = made({"mrna": "A", "above": "median"}), made({"signature": "inner"})
    library = {"inner": inner}
    cohort, other = cohort_of(A=[1, 2, 3, 4]), cohort_of(A=[10, 20, 30])
    learned = stratify(cohort, outer, library=library).cut_points
    strata = stratify(other, outer, cut_points=learned, library=library)
    (values,) = cut_values(other, outer, strata, library=library)
    assert values.cuts == (2.5,)
    assert sizes(values) == {"> 2.5": 3}


def test_rules_without_numbers_have_none(bundled):
    assert cut_values(bundled, "kras-mutated", stratify(bundled, "kras-mutated")) == ()
    absent = stratify(bundled, "p4ebp1-high")
    if absent.absent:
        assert cut_values(bundled, "p4ebp1-high", absent) == ()


def test_strata_of_another_signature_are_refused(bundled):
    with pytest.raises(UsageError, match="the strata are those of igf1r-high in cohort bundled"):
        cut_values(bundled, "sphk1-high", stratify(bundled, "igf1r-high"))
