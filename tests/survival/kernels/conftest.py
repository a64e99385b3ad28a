"""R's numbers: where they lie and how R's calls read as arrays."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


@dataclass(frozen=True)
class Model:
    """The arrays an R formula names, rows with a missing value dropped as R drops them."""

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None
    covariates: pd.DataFrame
    group: pd.Series | None
    strata: pd.DataFrame | None
    cluster: pd.Series | None


@dataclass(frozen=True)
class Golden:
    folder: Path

    def cases(self, topic: str) -> dict[str, dict[str, Any]]:
        return {case["id"]: case for case in json.loads((self.folder / f"{topic}.json").read_text())["cases"]}

    def frame(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "data" / f"{name}.csv", **EXACT)

    def model(self, dataset: str, formula: str, terms: list[str] | None = None) -> Model:
        frame = self.frame(dataset)
        if dataset == "channing":
            frame = frame[frame["entry"] < frame["exit"]]
        left, right = (side.strip() for side in re.sub(r"\s+", " ", formula).split("~"))
        outcome = [name.strip() for name in left.removeprefix("Surv(").removesuffix(")").split(",")]
        parts = [term.strip() for term in re.split(r"\+(?![^(]*\))", right)]
        names = [name for name in frame.columns if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", formula)]
        frame = frame.dropna(subset=names)
        strata = [term[7:-1].split(",") for term in parts if term.startswith("strata(")]
        cluster = [frame[term[8:-1]] for term in parts if term.startswith("cluster(")]
        plain = [term for term in parts if not term.startswith(("strata(", "cluster(")) and term != "1"]
        columns = [column for term in plain for column in design(frame, term, terms or [])]
        return Model(
            time=frame[outcome[-2]].to_numpy(float),
            event=frame[outcome[-1]].to_numpy(),
            entry=frame[outcome[0]].to_numpy(float) if len(outcome) == 3 else None,
            covariates=pd.concat(columns, axis=1) if columns else pd.DataFrame(index=frame.index),
            group=frame[plain[0]] if plain and plain[0] in frame else None,
            strata=frame[[name.strip() for name in strata[0]]] if strata else None,
            cluster=cluster[0] if cluster else None,
        )


def design(frame: pd.DataFrame, term: str, terms: list[str]) -> list[pd.Series]:
    """The columns of R's model matrix for one term; R sorts the levels of a factor by locale, ``terms`` tells how."""
    factor = re.fullmatch(r"factor\((.+)\)", term)
    values = frame[factor.group(1)] if factor else frame.get(term)
    if values is not None and (factor or not pd.api.types.is_numeric_dtype(values)):
        labels = term + values.astype(str)
        return [(labels == label).astype(float).rename(label) for label in terms if label in set(labels)]
    if values is None:
        columns = {name: frame[name] for name in frame.columns}
        functions = {"log": np.log, "log2": np.log2, "median": np.median, "I": lambda x: x}
        values = eval(term, functions, columns).rename(term)
    return [values.astype(float)]


def number(value: Any) -> float:
    """One of R's numbers: NA and NaN are NaN."""
    return math.nan if value in ("NA", "NaN") else float(value)


def close(actual: Any, expected: Any, rel: float = 1e-9, floor: float = 0.0) -> int:
    """Assert that ``actual`` is R's ``expected``; returns how many numbers were compared."""
    wanted = np.array([number(value) for value in np.ravel(np.array(expected, dtype=object))])
    np.testing.assert_allclose(np.ravel(np.asarray(actual, dtype=float)), wanted, rtol=rel, atol=floor, equal_nan=True)
    return wanted.size


@pytest.fixture(scope="session")
def golden(shared: Path) -> Golden:
    return Golden(shared / "golden")


@pytest.fixture(scope="session")
def bundled(root: Path) -> Golden:
    return Golden(root / "tests" / "golden" / "survival")


@pytest.fixture(scope="session", name="close")
def close_fixture() -> Any:
    return close
