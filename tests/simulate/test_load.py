"""Scenario files: shipped ones, and errors that name file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.errors import InputOutputError, PlanError
from strata.simulate import load_scenario, shipped_scenarios, synthetic_folder

GOOD = """\
name: mine
description: words
seed: 1
patients: 20
clinical:
  er_status: {values: {Positive: 0.7, Negative: 0.3}}
mrna:
  features:
    IGF1R: {mean: 9, sd: 1}
    SPHK1: {mean: 7, sd: 1, correlated: {assay: mrna, feature: IGF1R, r: 0.3}}
endpoints:
  OS:
    hazard: 0.01
    effects:
      - {of: [{mrna: IGF1R}], hazard_ratio: 1.3}
      - {of: [{clinical: er_status, is: Negative}], hazard_ratio: 2}
censoring: {accrual: 10, follow_up: 20}
"""


def problems(tmp_path: Path, old: str = "", new: str = "", text: str = GOOD) -> list[str]:
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_scenario(path)
    return [str(problem).removeprefix(f"{path}") for problem in caught.value.problems]


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD, encoding="utf-8")
    scenario = load_scenario(str(path))
    assert (scenario.name, scenario.patients) == ("mine", 20)
    assert scenario.endpoints["OS"].effects[0].of[0].features == ("IGF1R",)


def test_every_shipped_scenario_is_called_as_its_file(root: Path) -> None:
    assert synthetic_folder() == root / "synthetic"
    shipped = shipped_scenarios()
    assert list(shipped) == [
        "additive-only",
        "figure2-breast",
        "heavy-ties",
        "no-effect",
        "one-event",
        "trial-everolimus",
    ]
    assert [load_scenario(name).name for name in shipped] == list(shipped)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("seed: 1", "sead: 1", ":3: sead: unknown key 'sead'. Did you mean 'seed'?"),
        ("hazard_ratio: 1.3", "hazardratio: 1.3", "Did you mean 'hazard_ratio'?"),
        ("{mean: 9, sd: 1}", "{mean: 9, sd: 1, hazard: 3}", ":9: mrna.features.IGF1R.hazard: unknown key 'hazard'."),
        ("sd: 1}", "sd: 0}", ":9: mrna.features.IGF1R.sd: Input should be greater than 0; found '0'"),
        ("Negative: 0.3", "Negative: 0.2", ":6: clinical.er_status: prevalences add up to 0.9, not 1"),
        ("{mrna: IGF1R}", "{mrna: IGFR1}", "no mrna 'IGFR1' to refer to. Did you mean 'IGF1R'?"),
        ("is: Negative", "is: negative", ":16: endpoints.OS.effects[1].of[0].is: no value 'negative'"),
        (
            "er_status, is",
            "er_state, is",
            "no clinical 'er_state' to refer to. Did you mean 'er_status'?",
        ),
        ("er_status, is", "age, is", "Listed before this: er_status"),
        ("mean: 7", "mean: .inf", ":10: mrna.features.SPHK1.mean: Input should be a valid number"),
        ("feature: IGF1R", "feature: SPHK1", ":10: mrna.features.SPHK1.correlated.feature: no mrna 'SPHK1'"),
        ("  OS:", "  os:", ":12: endpoints.os"),
        ("hazard: 0.01", "hazard: 0.01\n    death_is_event: true", ":14: endpoints.OS.death_is_event: death is the"),
    ],
)
def test_a_slip_is_named_with_its_line_and_remedy(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in "\n".join(problems(tmp_path, old, new))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("seed: 1", "sead: 1").replace("patients: 20", "patients: 0").replace("accrual: 10, ", "")
    told = problems(tmp_path, text=text)
    assert len(told) == 4
    assert any("seed: this key is missing" in line for line in told)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1\nb: 2", "not valid YAML"),
        ("a: 1\na: 2\n", "given twice"),
        ("- 1\n", "found a list"),
        ("", "found nothing"),
        ("a: " + "[" * 3000, "nested deeper than 20 levels"),
    ],
)
def test_what_is_no_scenario_at_all(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(tmp_path, text=text)[0]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputOutputError, match="cannot be read"):
        load_scenario(tmp_path / "absent.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: \xb5\n")
    with pytest.raises(PlanError, match="UTF-8"):
        load_scenario(latin)


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(PlanError, match=r"Did you mean figure2-breast\?"):
        load_scenario("figure-2-breast")
