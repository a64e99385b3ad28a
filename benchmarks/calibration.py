"""Whether tests keep their level, intervals cover, and what was planted is found again.

Every check is an estimate over simulated data with exact binomial 99.9 % limits, of one of four kinds. The first three
are judged:

- ``exact``: the share must lie inside the limits;
- ``at most``: it must not lie above them (permutation tests of few patients, corrections that bound);
- ``at least``: it must not lie below them (intervals that are wider than they need be);
- ``shown``: never fails the run: what theory promises only of many events or many cohorts, where they are few. Each
  misses its level for a known reason, which is printed above it. Beside it stands what mends it: the permutation P for
  the log-rank test and Cox's, max-T and Benjamini-Hochberg on permutation P for screens, Hartung-Knapp for random
  effects.

A check that fails is repeated with five times the simulations before it fails for good.

    make calibration            # 2,000 simulations
    make calibration S=20000    # for a release
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import binom

from strata.survival.cut_learning import cross_fitted
from strata.survival.groups import Adjustment, Outcome
from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.chi_squared import many_chi_squared_p
from strata.survival.kernels.cox import cox
from strata.survival.kernels.cumulative_incidence import cumulative_incidence
from strata.survival.kernels.firth import firth
from strata.survival.kernels.gray_test import gray_test
from strata.survival.kernels.kaplan_meier import Z_95, kaplan_meier
from strata.survival.kernels.log_rank import log_rank, log_rank_trend
from strata.survival.kernels.log_rank_exact import log_rank_exact
from strata.survival.kernels.many_groups import compare_many_groups
from strata.survival.kernels.max_t import max_t
from strata.survival.kernels.maximally_selected import maximally_selected_log_rank
from strata.survival.kernels.meta_analysis import meta_analysis
from strata.survival.kernels.prepared import PreparedOutcome
from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.restricted_mean import restricted_mean
from strata.survival.search_options import SearchOptions
from strata.survival.treatment import interaction

Floats = np.ndarray
Found = dict[str, float]

N = 400
HORIZON = 18.0
LEVELS = (0.05, 0.001)
PERMUTATIONS, GENES, EFFECTS = 999, 500, 50
MANY_COHORTS = 300  # a prediction interval of 10 covers 91 %, of 100 still 94.5 %
WEIGHTS = ("gehan", "tarone-ware", "peto", "fleming-harrington(0,1)")

KINDS = {
    "exact": "judged: must lie inside the limits",
    "at most": "judged: must not lie above the limits",
    "at least": "judged: must not lie below the limits",
    "shown": "shown, not judged",
}


@dataclass(frozen=True)
class Check:
    """One number of a study.

    ``share`` is what the share of True (or of P at most ``level``) should be; ``mean`` what the mean should be.
    ``why`` it is not ``exact``.
    """

    key: str
    kind: str = "exact"
    level: float | None = None
    share: float | None = None
    mean: float | None = None
    why: str = ""

    def name(self) -> str:
        """What it is called in the table."""
        return f"{self.key}, P <= {self.level}" if self.level else self.key


@dataclass(frozen=True)
class Study:
    """Data simulated again and again, what is computed on them, and what must come out."""

    name: str
    simulate: Callable[[np.random.Generator], Found]
    checks: tuple[Check, ...]


# -- data --------------------------------------------------------------------------------------------------------------


def survival(generator: np.random.Generator, hazard: Floats) -> tuple[Floats, Floats]:
    """Exponential times with censoring from 6 to 36 months that depends on nothing."""
    death, censored = generator.exponential(1 / hazard), generator.uniform(6, 36, hazard.size)
    return np.minimum(death, censored), death <= censored


def arms(generator: np.random.Generator, share: float, n: int = N) -> Floats:
    """One arm of exactly ``share`` of the patients, in random order."""
    return generator.permutation((np.arange(n) < round(share * n)).astype(float))


# -- type I error ------------------------------------------------------------------------------------------------------


def null_tests(generator: np.random.Generator, *, share: float) -> Found:
    """Every test of two arms that do not differ, and for trend of three; strata of different hazard; two causes."""
    arm, site = arms(generator, share), generator.integers(0, 3, N)
    treatment = arms(generator, 0.5)
    time, event = survival(generator, 0.05 * 2.0**site)
    fit = cox(time, event, arm[:, None])
    cause, seed = np.where(event, generator.integers(1, 3, N), 0), int(generator.integers(2**31))
    ordered = np.where(arm == 1, 2, generator.integers(0, 2, N))
    weighted = {f"log-rank, {one}": log_rank(time, event, arm, weights=one).p_value for one in WEIGHTS}
    return weighted | {
        "log-rank for trend": log_rank_trend(time, event, ordered).p_value,
        "log-rank": log_rank(time, event, arm).p_value,
        "log-rank, stratified": log_rank(time, event, arm, stratification_factors=site).p_value,
        "log-rank by permutation": log_rank_exact(time, event, arm, n_permutations=PERMUTATIONS, seed=seed).p_value,
        "Cox likelihood ratio": fit.likelihood_ratio.p_value,
        "Cox score": fit.score.p_value,
        "Cox Wald": fit.wald.p_value,
        "Firth likelihood ratio": float(firth(time, event, arm[:, None]).p_values[0]),
        "proportional hazards": proportional_hazards(time, event, arm[:, None]).global_p_value,
        "restricted mean": restricted_mean(time, event, arm, horizon=HORIZON).p_value,
        "Gray": float(gray_test(time, cause, arm).p_values[0]),
        "interaction": interaction(time, event, arm, treatment).likelihood_ratio.p_value,
    }


def null_cut_point(generator: np.random.Generator) -> Found:
    """A marker that tells nothing, cut where it looks best."""
    n = 100
    values = generator.normal(size=n)
    time, event = survival(generator, np.full(n, 0.05))
    seed = int(generator.integers(2**31))

    def search(method: str) -> float:
        options = {"method": method, "n_permutations": PERMUTATIONS, "seed": seed}
        return maximally_selected_log_rank(values, time, event, **options).p_value

    return {
        "cut-point by permutation": search("permutation"),
        "cut-point, Lausen 1992": search("lau92"),
        "cut-point, Lausen 1994": search("lau94"),
        "cut-point, Hothorn-Lausen": search("hothorn-lausen"),
        "median cut": log_rank(time, event, values > np.median(values)).p_value,
    }


def levels(*keys: str, kind: str = "exact", why: str = "") -> tuple[Check, ...]:
    """Each test at both levels."""
    return tuple(Check(key, kind, level, level, why=why) for key in keys for level in LEVELS)


LARGE_SAMPLE = (
    *(f"log-rank, {one}" for one in WEIGHTS),
    "log-rank for trend",
    *("log-rank", "log-rank, stratified", "Cox likelihood ratio", "Cox score", "Cox Wald", "Firth likelihood ratio"),
    *("proportional hazards", "restricted mean", "Gray", "interaction"),
)


def type_one(share: float) -> Study:
    """Arms of ``share`` and the rest: the large-sample tests are held to their level in equal arms only."""
    equal = share == 0.5
    kind, why = ("exact", "") if equal else ("shown", "large-sample theory, and the smaller arm has few events")
    large = levels(*LARGE_SAMPLE, kind=kind, why=why)
    kind, why = ("exact", "") if equal else ("at most", "a small arm has few distinct P values")
    checks = (*large, *levels("log-rank by permutation", kind=kind, why=why))
    return Study(f"type I error, arm of {share:.0%} of {N}", partial(null_tests, share=share), checks)


# -- coverage ----------------------------------------------------------------------------------------------------------


def covers(lower: float, upper: float, truth: float) -> float:
    """1 or 0."""
    return float(lower <= truth <= upper)


def true_concordance() -> float:
    """Harrell's C of equal arms with the hazards 0.05 and 0.1, given who of ``N`` is comparable under the censoring."""
    month = (np.arange(3_600) + 0.5) / 100
    both_followed = np.clip((36 - month) / 30, 0, 1) ** 2

    def first(own: float, other: float) -> float:
        return own * float((np.exp(-(own + other) * month) * both_followed).sum())

    m, low, high = N / 2, 0.05, 0.1
    concordant, discordant = m**2 * first(high, low), m**2 * first(low, high)
    tied = m * (m - 1) * (first(low, low) + first(high, high))
    return (concordant + tied / 2) / (concordant + discordant + tied)


def coverage(generator: np.random.Generator) -> Found:
    """Intervals of a hazard ratio of 2, its concordance and its restricted means; of one arm's survival and median."""
    arm = arms(generator, 0.5)
    hazard = 0.05 * 2.0**arm
    time, event = survival(generator, hazard)
    fit, penalised = cox(time, event, arm[:, None]), firth(time, event, arm[:, None])
    own = arm == 0
    half = Z_95 * fit.concordance_standard_error
    found = {
        "Cox Wald": covers(fit.lower[0], fit.upper[0], 2.0),
        "Firth profile": covers(penalised.lower[0], penalised.upper[0], 2.0),
        "Harrell's concordance": covers(fit.concordance - half, fit.concordance + half, true_concordance()),
    }
    month = np.log(2) / 0.05
    for kind in ("log-log", "log", "plain", "logit", "arcsin"):
        curve = kaplan_meier(time[own], event[own], confidence=kind)
        at = curve.at([month])
        found[f"Kaplan-Meier, {kind}"] = covers(at.lower[0], at.upper[0], 0.5)
    means = (1 - np.exp(-HORIZON * np.array([0.05, 0.1]))) / np.array([0.05, 0.1])
    lost = HORIZON - means
    rm = restricted_mean(time, event, arm, horizon=HORIZON)
    found["restricted mean difference"] = covers(rm.difference_lower, rm.difference_upper, means[1] - means[0])
    found["restricted mean ratio"] = covers(rm.ratio_lower, rm.ratio_upper, means[1] / means[0])
    found["ratio of restricted time lost"] = covers(rm.rmtl_ratio_lower, rm.rmtl_ratio_upper, lost[1] / lost[0])
    curve = kaplan_meier(time[own], event[own])
    found["Kaplan-Meier median"] = covers(curve.median_lower, curve.median_upper, month)
    cause = np.where(event, np.where(generator.random(N) < 0.6, 1, 2), 0)
    at = cumulative_incidence(time[own], cause[own]).at([12.0])
    found["cumulative incidence"] = covers(at.lower[0, 0], at.upper[0, 0], 0.6 * (1 - np.exp(-12 * 0.05)))
    return found


def searched_cut(generator: np.random.Generator) -> Found:
    """The cross-fitted hazard ratio of the best cut of a marker that tells nothing, and so has the hazard ratio 1."""
    n = 100
    time, event = survival(generator, np.full(n, 0.05))
    options = SearchOptions(seed=int(generator.integers(2**31)))
    hazard, _, _ = cross_fitted(generator.normal(size=n), Outcome(time, event, Adjustment()), options)
    return {"cross-fitted hazard ratio": covers(hazard.lower, hazard.upper, 1.0) if hazard else np.nan}


def few_events(generator: np.random.Generator) -> Found:
    """The hazard ratio of 2 of an arm of 5 and of 20 in 100 patients."""
    found = {}
    for n in (5, 20):
        arm = arms(generator, n / 100, 100)
        time, event = survival(generator, 0.05 * 2.0**arm)
        for name, method in (("Firth profile", firth), ("Cox Wald", cox)):
            fit = method(time, event, arm[:, None])
            found[f"{name}, arm of {n}"] = covers(fit.lower[0], fit.upper[0], 2.0)
    return found


def cohorts(generator: np.random.Generator) -> Found:
    """Log hazard ratios of cohorts that differ (tau 0.3) about 0.5, and that of a further cohort."""
    found = {}
    for k, errors in ((3, "equal"), (10, "equal"), (MANY_COHORTS, "equal"), (5, "unequal")):
        se = np.full(k, 0.2) if errors == "equal" else np.array([0.1, 0.15, 0.2, 0.3, 0.4])
        effects = generator.normal(0.5, np.sqrt(se**2 + 0.09))
        for name, adjusted in (("Hartung-Knapp", True), ("Wald", False)):
            pooled = meta_analysis(effects, se, method="REML", hartung_knapp=adjusted)
            found[f"REML {name}, {k} cohorts of {errors} size"] = covers(pooled.lower, pooled.upper, 0.5)
            if adjusted:
                limits = pooled.tau_squared_lower, pooled.tau_squared_upper
                found[f"tau squared, {k} cohorts of {errors} size"] = covers(*limits, 0.09)
                limits = pooled.prediction_lower, pooled.prediction_upper
                found[f"prediction, {k} cohorts of {errors} size"] = covers(*limits, generator.normal(0.5, 0.3))
    return found


# -- recovery ----------------------------------------------------------------------------------------------------------


def planted(generator: np.random.Generator) -> Found:
    """Hazard ratios of 1, 2 and 3, and an interaction of 2 with its interval."""
    arm, marker = arms(generator, 0.5), arms(generator, 0.5)
    found = {}
    for ratio in (1, 2, 3):
        time, event = survival(generator, 0.05 * float(ratio) ** arm)
        found[f"log HR, planted {ratio}"] = float(cox(time, event, arm[:, None]).coefficients[0])
    time, event = survival(generator, 0.05 * 2.0 ** (arm * marker))
    ratio = interaction(time, event, marker, arm).interaction
    found["log interaction, planted 2"] = ratio.log_hazard_ratio
    found["interval of the interaction"] = covers(ratio.lower, ratio.upper, 2.0)
    return found


def cohort_effect(generator: np.random.Generator) -> Found:
    """Three cohorts whose hazards are 1, 2 and 4 and whose positive patients are ever more; the marker doubles it."""
    cohort = np.repeat(np.arange(3), 150)
    positive = (generator.random(cohort.size) < np.array([0.2, 0.4, 0.6])[cohort]).astype(float)
    time, event = survival(generator, 0.02 * 2.0**cohort * 2.0**positive)
    indicators = np.column_stack([positive, cohort == 1, cohort == 2]).astype(float)
    joint = cox(time, event, indicators).coefficients
    inside = cox(time, event, positive[:, None], stratification_factors=cohort)
    return {
        "log HR stratified by cohort, planted 2": float(inside.coefficients[0]),
        "log HR of the third cohort, planted 4": float(joint[2]),
        "log HR not stratified, planted 2": float(cox(time, event, positive[:, None]).coefficients[0]),
    }


# -- screens -----------------------------------------------------------------------------------------------------------


def screen(
    generator: np.random.Generator,
    *,
    share: float,
    n: int = N,
    log_hazard: float = 0.0,
    permutations: int = PERMUTATIONS,
) -> Found:
    """500 genes, positive in ``share`` of ``n`` patients, fifty of them with a log hazard ratio; which are reported."""
    effects = EFFECTS if log_hazard else 0
    groups = np.column_stack([arms(generator, share, n) for _ in range(GENES)])
    # the last of them act
    risk = groups[:, GENES - effects :].sum(axis=1) * log_hazard
    time, event = survival(generator, 0.05 * np.exp(risk - risk.mean()))
    # the log-rank tests as scans compute them
    tests = compare_many_groups(PreparedOutcome.of(time, event), groups.T == 1, compiled=True)
    p, _ = many_chi_squared_p(tests.chi_squared)
    together = max_t(time, event, groups, n_permutations=permutations, seed=int(generator.integers(2**31)))
    false = np.arange(GENES) < GENES - effects
    adjusted = {method: adjust_p(p, method) for method in ("BH", "BY", "Holm", "Bonferroni")}
    adjusted |= {"BH by permutation": adjust_p(together.p_values, "BH"), "max-T": together.adjusted_p_values}
    found = {}
    for name, q in adjusted.items():
        reported = q <= LEVELS[0]
        found[f"{name}: any false"] = float((reported & false).any())
        found[f"{name}: false share"] = float((reported & false).sum() / max(reported.sum(), 1))
    return found


def screens() -> tuple[Study, ...]:
    """Nothing to be found, then fifty genes; equal arms, then genes mutated in 5 %."""
    bound = "the correction promises no more than 5 %"
    far_out = "large-sample P far out in the tail, of genes with 10 or 20 positive patients"
    acting = f"{EFFECTS} of {GENES} genes act"

    def any_false(*names: str, kind: str = "at most", why: str = bound) -> tuple[Check, ...]:
        return tuple(Check(f"{name}: any false", kind, share=LEVELS[0], why=why) for name in names)

    def false_share(*names: str, kind: str = "at most", why: str = bound) -> tuple[Check, ...]:
        return tuple(Check(f"{name}: false share", kind, mean=LEVELS[0], why=why) for name in names)

    return (
        Study(
            "screen, balanced, nothing to find",
            partial(screen, share=0.5),
            any_false("Holm", "Bonferroni", "BH", "BY", "max-T"),
        ),
        Study(
            f"screen, balanced, {acting}",
            partial(screen, share=0.5, log_hazard=0.25),
            (*any_false("Holm", "max-T"), *false_share("BH", "BY")),
        ),
        Study(
            "screen, rare markers, nothing to find",
            partial(screen, share=0.05, n=N // 2),
            (*any_false("Holm", "Bonferroni", "BH", "BY", kind="shown", why=far_out), *any_false("max-T")),
        ),
        # with 999 permutations no P is below 0.001, and Benjamini-Hochberg reports nothing or ten genes at once
        Study(
            f"screen, rare markers, {acting}",
            partial(screen, share=0.05, log_hazard=1.0, permutations=3_999),
            (
                *any_false("Holm", kind="shown", why=far_out),
                *false_share("BH", "BY", kind="shown", why=far_out),
                *any_false("max-T"),
                *false_share("BH by permutation"),
            ),
        ),
    )


# -- the whole ---------------------------------------------------------------------------------------------------------


def intervals() -> tuple[Study, ...]:
    """Coverage of 95 %."""

    def covered(*keys: str, kind: str = "exact", why: str = "") -> tuple[Check, ...]:
        return tuple(Check(key, kind, share=0.95, why=why) for key in keys)

    def pooled(name: str, *sizes: int) -> tuple[str, ...]:
        return tuple(f"{name}, {k} cohorts of equal size" for k in sizes)

    by_arm = {n: [f"{name}, arm of {n}" for name in ("Firth profile", "Cox Wald")] for n in (5, 20)}
    means = ("restricted mean difference", "restricted mean ratio", "ratio of restricted time lost")
    unequal = "5 cohorts of unequal size"
    small = "large-sample theory, and a handful of events"
    skewed = "survival is skewed on these scales: large-sample theory sets in late"
    one_split = "the estimate is the mean of twenty splits, the standard error that of one"
    known = "tau squared is taken as known: for many cohorts"
    return (
        Study(
            f"coverage of 95 % intervals, {N} patients",
            coverage,
            (
                *covered("Cox Wald", "Firth profile", "Harrell's concordance", *means),
                *covered(*(f"Kaplan-Meier, {kind}" for kind in ("log-log", "logit", "arcsin"))),
                *covered("Kaplan-Meier median", "cumulative incidence"),
                *covered("Kaplan-Meier, log", "Kaplan-Meier, plain", kind="shown", why=skewed),
            ),
        ),
        Study(
            "coverage of 95 % intervals, 100 patients",
            few_events,
            (*covered(*by_arm[20]), *covered(*by_arm[5], kind="shown", why=small)),
        ),
        Study(
            "coverage of 95 % intervals, searched cut-point of 100",
            searched_cut,
            covered("cross-fitted hazard ratio", kind="at least", why=one_split),
        ),
        Study(
            "coverage of 95 % intervals, cohorts",
            cohorts,
            (
                *covered(*pooled("REML Hartung-Knapp", 3, 10, MANY_COHORTS)),
                *covered(*pooled("tau squared", 3, 10, MANY_COHORTS), f"tau squared, {unequal}"),
                *covered(*pooled("prediction", MANY_COHORTS)),
                *covered(*pooled("REML Wald", 3, 10), *pooled("prediction", 3, 10), kind="shown", why=known),
                *covered(f"REML Hartung-Knapp, {unequal}", f"prediction, {unequal}", kind="shown", why=known),
            ),
        ),
    )


def studies() -> tuple[Study, ...]:
    """Everything that is checked."""
    return (
        *(type_one(share) for share in (0.5, 0.1, 0.05, 0.02)),
        Study(
            "type I error, searched cut-point of 100",
            null_cut_point,
            (
                *levels("cut-point by permutation", "median cut"),
                *levels(
                    *(f"cut-point, {method}" for method in ("Lausen 1992", "Lausen 1994", "Hothorn-Lausen")),
                    kind="at most",
                    why="approximations from above",
                ),
            ),
        ),
        *intervals(),
        Study(
            f"recovery, {N} patients",
            planted,
            (
                *(Check(f"log HR, planted {ratio}", mean=float(np.log(ratio))) for ratio in (1, 2, 3)),
                Check("log interaction, planted 2", mean=float(np.log(2))),
                Check("interval of the interaction", share=0.95),
            ),
        ),
        Study(
            "recovery, three cohorts of 150",
            cohort_effect,
            (
                Check("log HR stratified by cohort, planted 2", mean=float(np.log(2))),
                Check("log HR of the third cohort, planted 4", mean=float(np.log(4))),
                Check(
                    "log HR not stratified, planted 2",
                    "shown",
                    mean=float(np.log(2)),
                    why="what the stratification is for: cohorts with more positive patients have the higher hazard",
                ),
            ),
        ),
        *screens(),
    )


def run(study: Study, n: int, seed: int) -> Mapping[str, Floats]:
    """The numbers of ``n`` simulations, by key."""

    def several(seeds: range) -> list[Found]:
        with np.errstate(all="ignore"):
            return [study.simulate(np.random.default_rng([seed, i])) for i in seeds]

    starts = range(0, n, 25)
    parts = Parallel(n_jobs=-1)(delayed(several)(range(start, min(start + 25, n))) for start in starts)
    found = [one for part in parts for one in part]
    return {key: np.array([one[key] for one in found]) for key in found[0]}


def judge(check: Check, values: Floats) -> tuple[str, bool]:
    """What is printed of a check, and whether it holds."""
    known = values[~np.isnan(values)]
    failed = f", {values.size - known.size} not estimable" if known.size < values.size else ""
    if check.mean is not None:
        mean, error = float(known.mean()), float(known.std(ddof=1) / np.sqrt(known.size))
        slack = 3 * error + 0.01 * abs(check.mean)
        low = -np.inf if check.kind == "at most" else check.mean - slack
        high = np.inf if check.kind == "at least" else check.mean + slack
        return f"mean {mean:.4f}, limits {low:.4f} to {high:.4f}{failed}", low <= mean <= high
    # a test without a P rejects nothing
    count = int((known <= check.level).sum() if check.level else known.sum())
    low, high = (int(x) for x in binom.interval(0.999, values.size, check.share))
    low = 0 if check.kind == "at most" else low
    high = values.size if check.kind == "at least" else high
    return (
        f"{count / values.size:.4f}, limits {low / values.size:.4f} to {high / values.size:.4f}{failed}",
        low <= count <= high,
    )


def main(n: int) -> int:
    """Run every study, print every check under how it is judged and why, and return how many failed twice."""
    verdicts: Counter[str] = Counter()
    for study in studies():
        values = run(study, n, seed=1)
        again: Mapping[str, Floats] | None = None
        print(f"\n{study.name} ({n} simulations)")
        for (kind, why), checks in groupby(study.checks, lambda check: (check.kind, check.why)):
            print(f"  {KINDS[kind]}{f' ({why})' if why else ''}")
            for check in checks:
                text, holds = judge(check, values[check.key])
                verdict = "ok" if holds else "outside, as known" if kind == "shown" else "FAIL"
                if verdict == "FAIL":
                    again = run(study, 5 * n, seed=2) if again is None else again
                    second, holds = judge(check, again[check.key])
                    text, verdict = f"{text}; again with {5 * n}: {second}", "ok" if holds else "FAIL"
                verdicts.update([kind, verdict])
                print(f"    {check.name():48} {text}: {verdict}", flush=True)
    kinds = ", ".join(f"{verdicts[kind]} {kind}" for kind in KINDS)
    print(f"\n{sum(verdicts[kind] for kind in KINDS)} checks ({kinds}), {verdicts['FAIL']} failed twice")
    return verdicts["FAIL"]


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000), 1))
