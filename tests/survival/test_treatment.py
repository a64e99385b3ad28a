from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strata.survival.kernels.cox import cox
from strata.survival.treatment import interaction

NEWTON = 1e-7

# time, event, marker and treatment of each golden case, as the R program that made it defines them
TRIALS = {
    "int_colonw_node4": lambda d: d[d["rx"].isin(["Obs", "Lev+5FU"])].assign(
        t=lambda d: d["os_time"], e=lambda d: d["os_event"], m=lambda d: d["node4"], a=lambda d: d["rx"] == "Lev+5FU"
    ),
    "int_gbsg_hormon_er": lambda d: d.assign(t=d["time"], e=d["event"], m=d["er"] > 10, a=d["hormon"]),
    "int_rot_hormon_pgr": lambda d: d[d["nodes"] > 0].assign(
        t=lambda d: d["rfs10_time"], e=lambda d: d["rfs10_event"], m=lambda d: d["pgr"] > 10, a=lambda d: d["hormon"]
    ),
    "int_veteran_trt_karno": lambda d: d.assign(t=d["time"], e=d["event"], m=d["karno"] >= 70, a=d["trt"]),
}


def cases(folder: Path) -> dict[str, dict]:
    return {case["id"]: case for case in json.loads((folder / "interaction.json").read_text())["cases"]}


def numbers(found, result) -> tuple[list[float], list[float]]:
    """Ours and R's."""
    wanted = result["contrasts"]
    ours = [value for contrast in (found.in_negative, found.in_positive, found.interaction) for value in contrast[:5]]
    theirs = [wanted[name][k] for k in range(3) for name in ("log_hr", "se", "hr", "lower", "upper")]
    ours += [contrast.log10_p for contrast in (found.in_negative, found.in_positive, found.interaction)]
    theirs += [math.log10(p) for p in wanted["p_wald"]]
    ours += [found.likelihood_ratio.chi_squared, found.likelihood_ratio.log10_p]
    theirs += [result["lrt"]["stat"], math.log10(result["lrt"]["p"])]
    separate = result["separate_fits"]
    ours += [*found.separate_negative[:2], *found.separate_positive[:2], found.separate_difference.log10_p]
    theirs += [separate[name] for name in ("log_hr_neg", "se_neg", "log_hr_pos", "se_pos")]
    theirs += [math.log10(separate["p_difference"])]
    ours += [found.n.sum(), found.events.sum()]
    theirs += [result["n"], result["events"]]
    return ours, theirs


def high_igf1r(root: Path) -> pd.DataFrame:
    frame = pd.read_csv(root / "tests/golden/survival/data/synthetic3cohorts.csv").dropna(subset=["IGF1R"])
    return frame.reset_index(drop=True)


def test_bundled_numbers_of_r(root) -> None:
    wanted = cases(root / "tests/golden/survival")
    for name, case in wanted.items():
        frame = high_igf1r(root)
        adjusted = name == "int_syn3_adjusted"
        frame = frame.dropna(subset=["SPHK1"]) if adjusted else frame
        high = frame["IGF1R"] > frame.groupby("cohort")["IGF1R"].transform("median")
        extra = {"covariates": frame[["SPHK1"]], "stratification_factors": frame["cohort"]} if adjusted else {}
        found = interaction(frame["time"], frame["event"], high, frame["treat"], **extra)
        ours, theirs = numbers(found, case["result"])
        assert ours == pytest.approx(theirs, rel=NEWTON)
        assert found.converged
        assert len(ours) == 27
    assert len(wanted) == 2


def test_every_number_of_r(shared) -> None:
    wanted = cases(shared / "golden")
    assert wanted.keys() <= TRIALS.keys()
    for name, case in wanted.items():
        frame = TRIALS[name](pd.read_csv(shared / "golden" / "data" / f"{case['dataset']}.csv"))
        ours, theirs = numbers(interaction(frame["t"], frame["e"], frame["m"], frame["a"]), case["result"])
        assert ours == pytest.approx(theirs, rel=NEWTON)
    sys.stdout.write(f"interaction: {len(wanted)} cases\n")
    assert len(wanted) >= 4


def random_trial(seed: int, n: int = 120):
    generator = np.random.default_rng(seed)
    marker, treated = generator.integers(0, 2, n), generator.integers(0, 2, n)
    hazard = np.exp(0.3 * marker - 0.2 * treated - 0.6 * marker * treated)
    return np.ceil(generator.exponential(12 / hazard)), generator.random(n) < 0.8, marker, treated, generator


def test_one_model_seen_from_both_sides() -> None:
    time, event, marker, treated, generator = random_trial(1)
    entry, age, site = generator.uniform(-3, 0.5, 120), generator.normal(60, 9, 120), generator.integers(0, 3, 120)
    found = interaction(time, event, marker, treated, covariates=age, stratification_factors=site, entry=entry)
    for flipped, contrast in ((marker, found.in_negative), (1 - marker, found.in_positive)):
        design = np.column_stack([treated, flipped, treated * flipped, age])
        model = cox(time, event, design, stratification_factors=site, entry=entry)
        assert contrast.log_hazard_ratio == pytest.approx(model.coefficients[0])
        assert contrast.standard_error == pytest.approx(model.standard_errors[0])
        assert contrast.p_value == pytest.approx(model.p_values[0])
        assert found.interaction.p_value == pytest.approx(model.p_values[2])
    alone = marker == 1
    half = cox(
        time[alone],
        event[alone],
        np.column_stack([treated, age])[alone],
        stratification_factors=site[alone],
        entry=entry[alone],
    )
    assert found.separate_positive.hazard_ratio == pytest.approx(half.hazard_ratios[0])
    assert found.n.tolist() == [[((marker == m) & (treated == a)).sum() for a in (0, 1)] for m in (0, 1)]
    assert found.events[1, 0] == event[(marker == 1) & (treated == 0)].sum()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_relabelling_and_row_order(seed) -> None:
    time, event, marker, treated, generator = random_trial(seed)
    plain = interaction(time, event, marker, treated)
    assume(plain.converged)
    order = generator.permutation(120)
    text = np.where(treated, "tamoxifen", "none")[order]
    other = interaction(time[order] / 30.4375, event[order], (marker == 0)[order], text)
    assert other.treatment_labels == ("none", "tamoxifen")
    assert other.in_negative == pytest.approx(plain.in_positive, rel=1e-6, abs=1e-9)
    assert other.interaction.hazard_ratio == pytest.approx(1 / plain.interaction.hazard_ratio)
    assert other.likelihood_ratio == pytest.approx(plain.likelihood_ratio, rel=1e-6, abs=1e-9)


def test_a_covariate_may_have_any_name_and_index() -> None:
    time, event, marker, treated, generator = random_trial(2)
    age = generator.normal(size=120)
    plain = interaction(time, event, marker, treated, covariates=age)
    named = pd.DataFrame({"marker": age}, index=["same"] * 120)
    assert interaction(time, event, marker, treated, covariates=named).interaction == plain.interaction


def test_a_group_without_events() -> None:
    time, event, marker, treated, _ = random_trial(3)
    event = event & ~((marker == 1) & (treated == 1))
    found = interaction(time, event, marker, treated)
    assert not found.converged
    assert "treatment in positive" in found.reason
    for contrast in (found.in_positive, found.interaction, found.separate_positive, found.separate_difference):
        assert np.isnan(contrast).all()
    assert np.isfinite(found.in_negative).all()
    assert 0 < found.likelihood_ratio.p_value < 0.001


def test_a_group_without_patients() -> None:
    time, event, marker, treated, _ = random_trial(4)
    kept = ~((marker == 0) & (treated == 1))
    found = interaction(time[kept], event[kept], marker[kept], treated[kept])
    assert np.isnan(found.in_negative).all()
    assert np.isnan(found.interaction).all()
    assert np.isfinite(found.in_positive).all()
    assert np.isnan(found.likelihood_ratio.p_value)
    assert "treatment in negative is constant" in found.reason


def test_nothing_to_compare() -> None:
    time, event, marker, treated, _ = random_trial(5)
    for found in (
        interaction(time, np.zeros(120), marker, treated),
        interaction(time, event, marker, np.ones(120)),
        interaction(time, event, np.ones(120), treated),
    ):
        assert np.isnan(found.interaction).all()
        assert np.isnan(found.likelihood_ratio.p_value)
        assert not found.converged


def test_refuses_what_it_cannot_use() -> None:
    time, event, marker, treated, _ = random_trial(6)
    with pytest.raises(ValueError, match="marker must have two labels, not 3: high, low, mid"):
        interaction([1, 2, 3], [1, 1, 1], ["low", "mid", "high"], [0, 1, 0])
    with pytest.raises(ValueError, match="treatment: 1 of 2 labels are missing"):
        interaction([1, 2], [1, 1], [0, 1], [0.0, np.nan])
    with pytest.raises(ValueError, match="covariates have 3 rows, time has 120 values"):
        interaction(time, event, marker, treated, covariates=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="covariate age: 1 of 120 values are missing"):
        interaction(time, event, marker, treated, covariates=pd.DataFrame({"age": [np.nan] + [1.0] * 119}))


def test_a_half_without_events_leaves_nothing_to_be_known_of_the_interaction():
    generator = np.random.default_rng(1)
    marker, treated = generator.integers(0, 2, 120), generator.integers(0, 2, 120)
    time, event = generator.exponential(10, 120), (generator.random(120) < 0.7) & (marker == 1)
    found = interaction(time, event, marker, treated)
    assert np.isnan(found.likelihood_ratio.p_value)
    assert np.isnan(found.interaction.log_hazard_ratio)
    # one arm of one half without events: infinite, and the test knows it
    event = (generator.random(120) < 0.7) & ((marker == 1) | (treated == 0))
    found = interaction(time, event, marker, treated)
    assert np.isnan(found.interaction.log_hazard_ratio)
    assert found.likelihood_ratio.p_value < 0.05
