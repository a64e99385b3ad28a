"""From a block of tests to rows of ``scan.tsv``: columns, the P that ranks them, and what must be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.cohort.findings import count
from strata.survival import CheckOptions
from strata.survival.kernels.chi_squared import many_chi_squared_p
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.many_groups import INFINITE, ManyGroups
from strata.survival.non_proportional import FAILS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.scan.markers import Markers
    from strata.survival.kernels.many_values import ManyValues

__all__ = ["AVERAGE", "SCAN_COLUMNS", "group_columns", "rank_by", "scored_columns", "typed", "value_columns"]

SCAN_COLUMNS = (
    "cohort",
    "population",
    "endpoint",
    "assay",
    "gene",
    "marker",
    "cut",
    "n",
    "events",
    "n_unknown",
    "n_positive",
    "events_positive",
    "test",
    "p_value",
    "log10_p",
    "q_value",
    "max_t_p",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "wald_p",
    "log_rank_chi2",
    "log_rank_p",
    "permutation_p",
    "per_sd_hazard_ratio",
    "per_sd_hazard_ratio_lower",
    "per_sd_hazard_ratio_upper",
    "per_sd_p",
    "ph_p",
    "small",
    "estimable",
    "note",
)
"""The columns of ``scan.tsv``."""

_SPARSE = CheckOptions()
AVERAGE = "hazards are not proportional: the hazard ratio is an average over time"


def group_columns(groups: ManyGroups) -> dict[str, Any]:
    """Two groups compared: log-rank, Cox, proportional hazards."""
    p_value, log10_p = many_chi_squared_p(groups.chi_squared)
    n_rest, events_rest = groups.n - groups.n_positive, groups.events - groups.events_positive
    small = (np.minimum(groups.n_positive, n_rest) < _SPARSE.sparse_patients) | (
        np.minimum(groups.events_positive, events_rest) < _SPARSE.sparse_events
    )
    return {
        "n": groups.n,
        "events": groups.events,
        "n_positive": groups.n_positive,
        "events_positive": groups.events_positive,
        "test": "log-rank",
        "p_value": p_value,
        "log10_p": log10_p,
        **_ratios("hazard_ratio", "wald_p", groups.coefficients, groups.standard_errors),
        "log_rank_chi2": groups.chi_squared,
        "log_rank_p": p_value,
        "ph_p": many_chi_squared_p(groups.ph_chi_squared)[0],
        "small": small,
        "note": _why_no_ratio(groups.missing, groups.n_positive, n_rest, groups.events_positive, events_rest),
    }


def value_columns(fits: ManyValues, *, main: bool) -> dict[str, Any]:
    """Hazard ratios per standard deviation; ``main``: they are what the row is about, not what stands beside."""
    ratios = _ratios("per_sd_hazard_ratio", "per_sd_p", fits.coefficients, fits.standard_errors)
    if not main:
        return ratios
    with np.errstate(divide="ignore", invalid="ignore"):
        chi_squared = (fits.coefficients / fits.standard_errors) ** 2
    p_value, log10_p = many_chi_squared_p(chi_squared)
    infinite = "hazard ratio per SD not estimable (the likelihood rises without end)"
    nothing = "hazard ratio per SD not estimable (values that do not vary among those at risk)"
    return ratios | {
        "marker": "per SD",
        "n": fits.n,
        "events": fits.events,
        "test": "Cox Wald, per SD",
        "p_value": p_value,
        "log10_p": log10_p,
        "ph_p": many_chi_squared_p(fits.ph_chi_squared)[0],
        "small": (fits.n < _SPARSE.sparse_patients) | (fits.events < _SPARSE.sparse_events),
        "note": np.where(fits.missing == 0, "", np.where(fits.missing == INFINITE, infinite, nothing)),
    }


def _ratios(name: str, p_name: str, coefficients: NDArray[np.float64], errors: NDArray[np.float64]) -> dict[str, Any]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {
            name: np.exp(coefficients),
            f"{name}_lower": np.exp(coefficients - Z_95 * errors),
            f"{name}_upper": np.exp(coefficients + Z_95 * errors),
            p_name: many_chi_squared_p((coefficients / errors) ** 2)[0],
        }


def _why_no_ratio(missing: NDArray[np.uint8], *counts: NDArray[np.int64]) -> list[str]:
    """Why a hazard ratio is missing, in the words of the other tables."""
    return [
        "" if not why else f"hazard ratio not estimable ({_reason(*numbers)})"
        for why, *numbers in zip(missing.tolist(), *(count.tolist() for count in counts))
    ]


def _reason(n_positive: int, n_rest: int, events_positive: int, events_rest: int) -> str:
    if empty := [word for word, n in (("positive", n_positive), ("negative", n_rest)) if n == 0]:
        return f"no patient in {', '.join(empty)}"
    groups = (("positive", n_positive, events_positive), ("negative", n_rest, events_rest))
    if silent := [f"{word}: no event among {count(n, 'patient')}" for word, n, events in groups if events == 0]:
        return "; ".join(silent)
    return "no event tells the groups apart, or each does"


def scored_columns(markers: Markers, strata: NDArray[np.int64], *, in_groups: bool) -> NDArray[Any]:
    """Markers as columns (n_patients, n_markers) for permutations: 0 and 1, or values about their mean over their SD.

    Who is unknown has the mean of the own stratum.
    """
    columns = (markers.positive if in_groups or markers.numbers is None else markers.numbers).astype(np.float64)
    if not in_groups:
        with np.errstate(invalid="ignore"):
            centred = columns - _mean(columns, markers.known)[:, np.newaxis]
            spread = np.sqrt(np.where(markers.known, centred**2, 0.0).sum(axis=1))
        varies = spread[:, np.newaxis] > 0.0
        columns = np.divide(centred, spread[:, np.newaxis], out=np.zeros_like(centred), where=varies)
    if not markers.known.all():
        for stratum in np.unique(strata):
            own = strata == stratum
            mean = _mean(columns[:, own], markers.known[:, own])
            columns[:, own] = np.where(markers.known[:, own], columns[:, own], mean[:, np.newaxis])
    by_patient: NDArray[np.float64] = columns.T
    return by_patient


def _mean(rows: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    n = known.sum(axis=1)
    mean: NDArray[np.float64] = np.divide(np.where(known, rows, 0.0).sum(axis=1), n, out=np.zeros(n.size), where=n > 0)
    return mean


def rank_by(table: pd.DataFrame, said: Sequence[str], *, permutations: int) -> None:
    """Choose each row's P, and complete its note, in place.

    Where a group is small the P of large samples is far too small: the permutation P stands in, or none.
    """
    small = table["small"].fillna(value=False).to_numpy(dtype=bool)
    table["small"] = small
    replaced = small & (table["test"] != "searched cut, corrected").to_numpy(dtype=bool)
    by_permutation = table["permutation_p"].to_numpy(dtype=float)
    with np.errstate(divide="ignore"):
        table["p_value"] = np.where(replaced, by_permutation, table["p_value"])
        table["log10_p"] = np.where(replaced, np.log10(by_permutation), table["log10_p"])
    table["test"] = np.where(replaced, "permutation", table["test"])
    table["estimable"] = table["p_value"].notna()
    few = f"small group (below {_SPARSE.sparse_patients} patients or {_SPARSE.sparse_events} events)"
    how = f"P by {permutations} permutations" if permutations else "no P without permutations"
    table["note"] = [
        "; ".join(
            [*said, *([f"{few}: {how}"] if sparse else []), *([note] if note else []), *([AVERAGE] if bent else [])]
        )
        for sparse, note, bent in zip(replaced, table["note"], table["ph_p"] < FAILS)
    ]


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``scan.tsv``, with their types."""
    text = ("cohort", "population", "endpoint", "assay", "gene", "marker", "test", "note")
    counts = ("n", "events", "n_unknown", "n_positive", "events_positive")
    types = dict.fromkeys(SCAN_COLUMNS, "float64") | dict.fromkeys(text, "string") | dict.fromkeys(counts, "Int64")
    return table[list(SCAN_COLUMNS)].astype(types | {"small": "bool", "estimable": "bool"})
