"""What is measured again: who has a later sample, and how far the later value is from the first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from strata.simulate import Scenario, load_scenario, simulate_cohort

Make = Callable[..., Scenario]
N = 20_000


def numbers(texts: tuple[str | None, ...]) -> np.ndarray:
    return np.array([np.nan if text is None else float(text) for text in texts])


def test_shares_of_later_samples() -> None:
    tables, _ = simulate_cohort(load_scenario("figure2-breast").model_copy(update={"patients": N}))
    assert list(tables.later_samples) == ["post", "day15"]
    for time, share in (("post", 0.4), ("day15", 0.25)):
        assert abs(tables.later_samples[time].mean() - share) < 4 * np.sqrt(share * (1 - share) / N)
        for texts in tables.later_clinical[time].values():
            assert all(text is None for text, here in zip(texts, tables.later_samples[time]) if not here)
    for kind in ("protein", "serum"):
        table = tables.numbers[kind]
        measurable = table.assayed & tables.later_samples["post"]
        for values in table.later["post"].values():
            assert np.isnan(values[~measurable]).all()
            assert abs(np.isnan(values[measurable]).mean() - 0.01) < 4 * np.sqrt(0.01 * 0.99 / measurable.sum())


def test_later_numbers_differ_from_the_first_by_the_planted_change(complete: Make) -> None:
    scenario = complete("figure2-breast", N)
    tables, _ = simulate_cohort(scenario)
    protein = tables.numbers["protein"]
    first = dict(zip(protein.features, protein.cells))
    assert scenario.protein is not None
    changing = {name: plan.change["post"] for name, plan in scenario.protein.features.items() if plan.change}
    assert changing.keys() == protein.later["post"].keys()
    for name, change in changing.items():
        difference = (protein.later["post"][name] - first[name])[tables.later_samples["post"]]
        n = len(difference)
        assert abs(difference.mean() - change.by) < 4 * change.sd / np.sqrt(n)
        assert abs(difference.std() - change.sd) < 4 * change.sd / np.sqrt(2 * n)


def test_later_clinical_numbers_stay_inside_their_bounds_and_change(complete: Make) -> None:
    tables, _ = simulate_cohort(complete("figure2-breast", N))
    before, day15 = numbers(tables.clinical["ki67"]), numbers(tables.later_clinical["day15"]["ki67"])
    here = tables.later_samples["day15"]
    assert not np.isnan(day15[here]).any()
    assert np.nanmin(day15) == 1.0
    far = here & (before > 55)
    assert abs((day15 - before)[far].mean() + 16) < 4 * 9 / np.sqrt(far.sum())


def test_later_words_depend_on_the_first(complete: Make) -> None:
    tables, _ = simulate_cohort(complete("figure2-breast", N))
    first, later = (
        np.array(texts, dtype=object)
        for texts in (tables.clinical["igf1r_ihc"], tables.later_clinical["post"]["igf1r_ihc"])
    )
    here = tables.later_samples["post"]
    for word, share in (("positive", 0.35), ("negative", 0.90)):
        who = here & (first == word)
        assert abs((later[who] == "negative").mean() - share) < 4 * np.sqrt(share * (1 - share) / who.sum())
    assert "igf1r_ihc" not in tables.later_clinical["day15"]


def test_later_samples_leave_the_first_alone(complete: Make) -> None:
    scenario = complete("figure2-breast", 300)
    keys = scenario.model_dump(by_alias=True, exclude_none=True)
    keys["later_samples"] = {**keys["later_samples"], "relapse": 0.5}
    before, _ = simulate_cohort(scenario)
    after, _ = simulate_cohort(Scenario.model_validate(keys))
    assert before.clinical == after.clinical
    assert before.later_clinical["post"] == after.later_clinical["post"]
    assert after.later_clinical["relapse"] == {}
    assert np.array_equal(before.numbers["protein"].cells, after.numbers["protein"].cells)
