"""A treatment by marker: who is compared with whom, the words, and what claims make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.errors import DataError, UsageError
from strata.signatures import Claim, parse_signature
from strata.stratification import stratify
from strata.survival import TREATMENT_ROWS, Treatment, compare_interaction, compare_survival
from strata.survival.claims import claim_columns
from strata.survival.treatment import interaction

HIGH = parse_signature({"name": "made", "positive": {"mrna": "A", "above": 0.5}}, id="made", where="test")


def data(n=240, *, in_positive=0.3, seed=1):
    """The treatment has the hazard ratio ``in_positive`` in marker-positive patients, and none in the others."""
    rng = np.random.default_rng(seed)
    marker, treated = rng.random(n) < 0.5, rng.random(n) < 0.5
    lived = rng.exponential(20 / np.where(marker & treated, in_positive, 1.0))
    followed = rng.uniform(5, 60, n)
    return pd.DataFrame(
        {
            "time": np.minimum(lived, followed).round(2) + 0.01,
            "event": lived <= followed,
            "A": marker.astype(float),
            "arm": np.where(treated, "drug", "placebo"),
            "age": rng.normal(60, 8, n).round(1),
        },
        index=pd.Index([f"P{i}" for i in range(n)], name="patient"),
    )


@pytest.fixture
def cohort_of(make_cohort):
    def make(frame):
        clinical = frame[["arm", "age"]].astype("string")
        endpoints = {"OS": (frame["time"].to_numpy(), frame["event"].to_numpy())}
        return make_cohort(clinical=clinical, mrna=frame[["A"]], endpoints=endpoints)

    return make


def compare(cohort, treatment="arm", signature=HIGH, **more):
    cut = more.pop("cut", None)
    return compare_interaction(cohort, stratify(cohort, signature, library={}, cut=cut), treatment, "OS", **more)


def test_the_rows_are_the_kernel_on_the_same_patients(cohort_of):
    frame = data()
    result = compare(cohort_of(frame))
    assert tuple(row.name for row in result.comparisons) == TREATMENT_ROWS
    r = interaction(frame["time"], frame["event"], frame["A"] > 0.5, frame["arm"] == "drug")
    inside, outside, joint = result.comparisons
    assert inside.hazard_ratio.value == pytest.approx(r.separate_positive.hazard_ratio, rel=1e-9)
    assert outside.hazard_ratio.upper == pytest.approx(r.separate_negative.upper, rel=1e-9)
    assert joint.hazard_ratio.value == pytest.approx(r.interaction.hazard_ratio, rel=1e-9)
    assert joint.hazard_ratio.wald_p == pytest.approx(r.interaction.p_value, rel=1e-9)
    assert joint.likelihood_ratio.p_value == pytest.approx(r.likelihood_ratio.p_value, rel=1e-9)
    table = result.to_frame().set_index("comparison")
    assert table.loc["treatment_interaction", "likelihood_ratio_p"] == joint.likelihood_ratio.p_value
    assert table.loc["treatment_interaction", "likelihood_ratio_chi2"] == joint.likelihood_ratio.chi_squared
    assert table["likelihood_ratio_p"].notna().sum() == 1


def test_the_four_curves(cohort_of):
    frame = data()
    groups = compare(cohort_of(frame))["treatment_interaction"].groups
    assert [group.label for group in groups] == [
        "marker-positive, drug",
        "marker-positive, placebo",
        "marker-negative, drug",
        "marker-negative, placebo",
    ]
    expected = frame.groupby([frame["A"] < 0.5, frame["arm"]]).size().tolist()
    assert [group.n for group in groups] == expected
    assert [group.curve.n if hasattr(group.curve, "n") else group.n for group in groups] == expected


def test_adjusted_and_stratified_like_the_kernel(cohort_of):
    frame = data()
    frame.loc[frame.index[:7], "age"] = np.nan
    joint = compare(cohort_of(frame), covariates=["age"])["treatment_interaction"]
    known = frame.dropna()
    r = interaction(
        known["time"], known["event"], known["A"] > 0.5, known["arm"] == "drug", covariates=known[["age"]].to_numpy()
    )
    assert joint.likelihood_ratio.chi_squared == pytest.approx(r.likelihood_ratio.chi_squared, rel=1e-7)
    assert joint.hazard_ratio.value == pytest.approx(r.interaction.hazard_ratio, rel=1e-7)


def test_predictive_is_said_only_with_an_interaction(cohort_of):
    strong = compare(cohort_of(data()))["treatment_interaction"]
    assert strong.likelihood_ratio.p_value < 0.05
    p_value = f"{strong.likelihood_ratio.p_value:.2g}"
    said = (
        f"interaction of marker and treatment (P {p_value}): predictive if the treatment was given by randomisation; "
    )
    assert strong.notes[-1].startswith(f"{said}hazard ratio of drug against placebo")
    none = compare(cohort_of(data(in_positive=1.0)))["treatment_interaction"]
    assert none.likelihood_ratio.p_value > 0.05
    assert none.notes[-1].startswith("no evidence that the marker changes the effect")
    assert "predictive" not in "; ".join(none.notes)


def test_an_arm_without_events_has_a_test_but_no_ratio(cohort_of):
    frame = data()
    frame.loc[(frame["A"] > 0.5) & (frame["arm"] == "drug"), "event"] = False
    row = compare(cohort_of(frame))["treatment_interaction"]
    assert row.hazard_ratio is None
    assert row.likelihood_ratio.p_value < 1e-6
    assert not row.estimable
    assert any("not estimable" in note for note in row.notes)


def test_an_arm_without_patients_says_so(cohort_of):
    frame = data()
    frame = frame[~((frame["A"] > 0.5) & (frame["arm"] == "drug"))]
    row = compare(cohort_of(frame))["treatment_interaction"]
    assert row.likelihood_ratio is None
    assert row.notes[-1] == "not estimable (no patient in marker-positive, drug)"


def test_patients_without_a_known_treatment_are_left_out_and_counted(cohort_of):
    frame = data()
    frame["arm"] = frame["arm"].where(np.arange(len(frame)) >= 9, None)
    row = compare(cohort_of(frame))["treatment_interaction"]
    assert row.n == len(frame) - 9
    assert any("9 patients without a known arm" in note for note in row.notes)


# -- which word is the comparator --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reference", "expected"),
    [
        (("drug", "Placebo"), None, ("drug", "Placebo")),
        (("control", "active"), None, ("active", "control")),
        (("1", "0"), None, ("1", "0")),
        (("letrozole", "tamoxifen"), "Tamoxifen", ("letrozole", "tamoxifen")),
    ],
)
def test_the_comparator(cohort_of, words, reference, expected):
    frame = data(20)
    frame["arm"] = np.where(np.arange(20) % 2 == 0, *words)
    assert Treatment("arm", reference).words(cohort_of(frame)) == expected


@pytest.mark.parametrize(
    ("words", "treatment", "match"),
    [
        (["letrozole", "tamoxifen"], Treatment("arm"), "Say which is the comparator: treatment_reference"),
        (["none", "control"], Treatment("arm"), "Say which is the comparator"),
        (["a", "b"], Treatment("arm", "c"), "of which none is c"),
        (["a", "b", "c"], Treatment("arm"), r"must hold two words, not 3: a \(7\), b \(7\), c \(6\)"),
        (["a"], Treatment("arm"), "must hold two words, not 1"),
        (["a", "b"], Treatment("trt"), "no clinical column trt. It has arm, age"),
    ],
)
def test_what_is_no_treatment_is_refused(cohort_of, words, treatment, match):
    frame = data(20)
    frame["arm"] = [words[i % len(words)] for i in range(20)]
    with pytest.raises(DataError, match=match):
        compare(cohort_of(frame), treatment)


def test_quantile_groups_have_no_interaction(cohort_of):
    ranked = parse_signature(
        {"name": "made", "score": {"mrna": "A"}, "positive": {"score": "self", "above": "median"}}, id="made", where="t"
    )
    with pytest.raises(UsageError, match="two strata"):
        compare(cohort_of(data()), signature=ranked, cut="tertiles")


# -- claims ------------------------------------------------------------------------------------------------------------


def predictive(effect, drug="everolimus", endpoints=("OS",)):
    return Claim(role="predictive", drug=drug, effect=effect, endpoints=endpoints, evidence="reported")


def verdict(cohort, claims, drug="everolimus", *, own=True):
    row = compare(cohort, Treatment("arm", drug=drug))["treatment_interaction"]
    return claim_columns(claims, "OS", row, own_population=own)["agrees"]


def test_a_claim_about_the_drug_is_tested_by_the_interaction(cohort_of):
    helped, nothing = cohort_of(data()), cohort_of(data(in_positive=1.0))
    assert verdict(helped, [predictive("sensitive")]) == "yes"
    assert verdict(helped, [predictive("resistant")]) == "no"
    assert verdict(helped, [predictive("none")]) == "no"
    assert verdict(nothing, [predictive("sensitive")]) == "not shown"


def test_other_drugs_endpoints_and_populations_stay_untested(cohort_of):
    helped = cohort_of(data())
    assert verdict(helped, [predictive("sensitive")], drug=None) == "untested"
    assert verdict(helped, [predictive("sensitive")], drug="letrozole") == "untested"
    assert verdict(helped, [predictive("sensitive", endpoints=("PFS",))]) == "untested"
    assert verdict(helped, [predictive("sensitive")], own=False) == "untested"
    assert verdict(helped, [predictive("resistant", drug="letrozole"), predictive("sensitive")]) == "yes"
    assert verdict(helped, [Claim(role="prognostic", effect="worse", evidence="reported")]) is None


def test_without_a_treatment_the_word_is_not_there(cohort_of):
    cohort = cohort_of(data())
    table = compare_survival(cohort, stratify(cohort, HIGH, library={}), "OS").to_frame()
    assert "predictive" not in table.to_csv()
