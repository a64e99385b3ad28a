"""strata's answer to each case of the golden set, by the names that R's answers have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.concordance import concordance
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.cumulative_incidence import cumulative_incidence
from strata.survival.kernels.firth import firth
from strata.survival.kernels.follow_up import follow_up
from strata.survival.kernels.gray_test import gray_test
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank, log_rank_trend
from strata.survival.kernels.log_rank_exact import log_rank_exact
from strata.survival.kernels.maximally_selected import maximally_selected_log_rank
from strata.survival.kernels.meta_analysis import meta_analysis
from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.restricted_mean import restricted_mean
from strata.survival.treatment import interaction

__all__ = ["ANSWERS"]

Tables = Mapping[str, pd.DataFrame]
Answer = Callable[[Tables], dict[str, float]]


def _kaplan_meier(tables: Tables, *, confidence: Any) -> dict[str, float]:
    trial = tables["trial"]
    at = kaplan_meier(trial["time"], trial["event"], confidence=confidence).at([12.0, 24.0])
    columns = {"survival": at.survival, "lower": at.lower, "upper": at.upper}
    return {f"{name}_{month}": values[i] for i, month in enumerate((12, 24)) for name, values in columns.items()}


def _kaplan_meier_entry(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    at = kaplan_meier(trial["time"], trial["event"], entry=trial["entry"]).at([24.0])
    return {"survival_24": at.survival[0], "lower_24": at.lower[0], "upper_24": at.upper[0]}


def _median(tables: Tables) -> dict[str, float]:
    curve = kaplan_meier(tables["trial"]["time"], tables["trial"]["event"])
    return {"median": curve.median, "lower": curve.median_lower, "upper": curve.median_upper}


def _follow_up(tables: Tables) -> dict[str, float]:
    return {"median": follow_up(tables["trial"]["time"], tables["trial"]["event"]).median}


def _log_rank(tables: Tables, *, group: str = "arm", factors: str | None = None, weights: Any = "log-rank") -> Any:
    trial = tables["trial"]
    stratum = None if factors is None else trial[factors]
    test = log_rank(trial["time"], trial["event"], trial[group], stratification_factors=stratum, weights=weights)
    return {"chi_squared": test.chi_squared, "p_value": test.p_value}


def _log_rank_trend(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    test = log_rank_trend(trial["time"], trial["event"], trial["grade"])
    return {"chi_squared": test.chi_squared, "p_value": test.p_value}


def _log_rank_exact(tables: Tables) -> dict[str, float]:
    rare = tables["rare"]
    return {"p_value": log_rank_exact(rare["time"], rare["event"], rare["group"]).p_value}


def _fit(trial: pd.DataFrame, columns: list[str], **options: Any) -> Cox:
    time = options.pop("time", trial["time"])
    return cox(time, trial["event"], trial[columns].astype(float), **options)


def _terms(fit: Cox) -> dict[str, float]:
    both = zip(fit.coefficients, fit.standard_errors)
    return {f"{name}_{i}": x for i, pair in enumerate(both, 1) for name, x in zip(("coefficient", "se"), pair)}


def _cox(tables: Tables, *, ties: Any) -> dict[str, float]:
    fit = _fit(tables["trial"], ["arm", "age"], ties=ties)
    tests = {"likelihood_ratio": fit.likelihood_ratio.chi_squared, "score": fit.score.chi_squared}
    return _terms(fit) | tests


def _cox_terms(tables: Tables, **columns: str) -> dict[str, float]:
    trial = tables["trial"]
    return _terms(_fit(trial, ["arm", "age"], **{option: trial[column] for option, column in columns.items()}))


def _cox_cluster(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    errors = _fit(trial, ["arm", "age"], cluster=trial["pair"]).robust_standard_errors
    return {} if errors is None else {"robust_se_1": errors[0], "robust_se_2": errors[1]}


def _cox_float_ties(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    noise = 1 + (np.arange(1, len(trial) + 1) % 3) * 2.0**-52
    return _terms(_fit(trial, ["arm", "age"], time=trial["time"] / 12 * noise))


def _interaction(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    found = interaction(trial["time"], trial["event"], trial["grade"] > 1, trial["arm"])
    test = found.likelihood_ratio
    return {
        "hazard_ratio": found.interaction.hazard_ratio,
        "lower": found.interaction.lower,
        "upper": found.interaction.upper,
        "likelihood_ratio": test.chi_squared,
        "p_value": test.p_value,
    }


def _proportional_hazards(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    test = proportional_hazards(trial["time"], trial["event"], trial[["arm", "age"]].astype(float))
    each = zip(test.chi_squared, test.p_values)
    terms = {f"{name}_{i}": x for i, pair in enumerate(each, 1) for name, x in zip(("chi_squared", "p_value"), pair)}
    return terms | {"global_chi_squared": test.global_chi_squared, "global_p_value": test.global_p_value}


def _firth(tables: Tables) -> dict[str, float]:
    silent = tables["silent"]
    fit = firth(silent["time"], silent["event"], silent[["group"]].astype(float))
    found = {"coefficient": fit.coefficients, "lower": fit.lower, "upper": fit.upper, "p_value": fit.p_values}
    return {name: values[0] for name, values in found.items()}


def _restricted_mean(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    found = restricted_mean(trial["time"], trial["event"], trial["arm"], horizon=36.0)
    arms = {f"mean_{i}": x for i, x in enumerate(found.means)} | {
        f"se_{i}": x for i, x in enumerate(found.standard_errors)
    }
    return arms | {"difference_of_arms": abs(found.difference), "p_value": found.p_value}


def _gray(tables: Tables) -> dict[str, float]:
    trial = tables["trial"]
    test = gray_test(trial["time"], trial["cause"], trial["arm"])
    return {f"chi_squared_{c}": x for c, x in zip(test.causes, test.chi_squared)} | {
        f"p_value_{c}": x for c, x in zip(test.causes, test.p_values)
    }


def _cumulative_incidence(tables: Tables) -> dict[str, float]:
    curve = cumulative_incidence(tables["trial"]["time"], tables["trial"]["cause"])
    at = curve.at([12.0, 24.0])
    return {
        f"cause_{cause}_at_{month}": at.incidence[i, j]
        for i, cause in enumerate(curve.causes)
        for j, month in enumerate((12, 24))
    }


def _concordance(tables: Tables, *, method: Any) -> dict[str, float]:
    trial = tables["trial"]
    found = concordance(trial["time"], trial["event"], trial["age"], method=method)
    return {"concordance": found.concordance, "se": found.standard_error}


def _cut_point(tables: Tables, *, method: Any) -> dict[str, float]:
    untied = tables["untied"]
    found = maximally_selected_log_rank(untied["marker"], untied["time"], untied["event"], method=method)
    return {"statistic": found.statistic, "cut": found.cut, "p_value": found.p_value}


def _adjust_p(tables: Tables, *, method: str) -> dict[str, float]:
    adjusted = adjust_p(tables["screen"]["p"], method)
    return {f"p_value_{i}": p for i, p in enumerate(adjusted, 1) if not np.isnan(p)}


def _meta(tables: Tables, *, method: Any, hartung_knapp: bool) -> dict[str, float]:
    cohorts = tables["cohorts"]
    found = meta_analysis(cohorts["log_hr"], cohorts["se"], method=method, hartung_knapp=hartung_knapp)
    values = {name: getattr(found, name) for name in ("estimate", "lower", "upper", "p_value")}
    spread = {} if method == "fixed" else {"tau_squared": found.tau_squared}
    return values | {"se": found.standard_error} | spread


ANSWERS: Mapping[str, Answer] = {
    **{
        f"kaplan-meier-{kind}": partial(_kaplan_meier, confidence=kind)
        for kind in ("log-log", "log", "plain", "logit", "arcsin")
    },
    "median": _median,
    "kaplan-meier-entry": _kaplan_meier_entry,
    "follow-up": _follow_up,
    "log-rank": _log_rank,
    "log-rank-3": partial(_log_rank, group="grade"),
    "log-rank-stratified": partial(_log_rank, factors="site"),
    "log-rank-gehan": partial(_log_rank, weights="gehan"),
    "log-rank-tarone-ware": partial(_log_rank, weights="tarone-ware"),
    "log-rank-fh-1-0": partial(_log_rank, weights=("fleming-harrington", 1.0, 0.0)),
    "log-rank-fh-0-1": partial(_log_rank, weights=("fleming-harrington", 0.0, 1.0)),
    "log-rank-trend": _log_rank_trend,
    "log-rank-exact": _log_rank_exact,
    **{f"cox-{ties}": partial(_cox, ties=ties) for ties in ("efron", "breslow", "exact")},
    "cox-stratified": partial(_cox_terms, stratification_factors="site"),
    "cox-entry": partial(_cox_terms, entry="entry"),
    "cox-cluster": _cox_cluster,
    "cox-float-ties": _cox_float_ties,
    "interaction": _interaction,
    "proportional-hazards": _proportional_hazards,
    "firth": _firth,
    "restricted-mean": _restricted_mean,
    "gray": _gray,
    "cumulative-incidence": _cumulative_incidence,
    "concordance": partial(_concordance, method="harrell"),
    "concordance-uno": partial(_concordance, method="uno"),
    **{
        f"cut-point-{ours}": partial(_cut_point, method=name)
        for ours, name in (("lau92", "lau92"), ("lau94", "lau94"), ("hl", "hothorn-lausen"))
    },
    **{
        f"adjust-p-{method.lower()}": partial(_adjust_p, method=method)
        for method in ("BH", "BY", "Holm", "Hochberg", "Hommel", "Bonferroni")
    },
    "meta-fe": partial(_meta, method="fixed", hartung_knapp=False),
    **{
        f"meta-{method.lower()}{'-hk' if adjusted else ''}": partial(_meta, method=method, hartung_knapp=adjusted)
        for method in ("DL", "REML", "PM")
        for adjusted in (False, True)
    },
}
"""Each case of ``golden.json`` by its name."""
