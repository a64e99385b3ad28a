"""Whether tests keep their level, intervals cover, and what was planted is found again.

Every check is an estimate over simulated data with exact binomial 99.9 % limits. Three kinds:

- ``exact``: the share must lie inside the limits;
- ``at most``: it must not lie above them (permutation tests of few patients, corrections that bound);
- ``shown``: large-sample tests and intervals where an arm is small or cohorts are few. They are known to miss their
  level, above all 0.001, and never fail the run. Beside them stands what mends them: the permutation P for the log-rank
  test and Cox's, max-T for screens, Hartung-Knapp for random effects.

A check that fails is repeated with five times the simulations before it fails for good.

    make calibration            # 2,000 simulations
    make calibration S=20000    # for a release
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import binom

from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.cox import cox
from strata.survival.kernels.firth import firth
from strata.survival.kernels.gray_test import gray_test
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.log_rank_exact import log_rank_exact
from strata.survival.kernels.max_t import max_t
from strata.survival.kernels.maximally_selected import maximally_selected_log_rank
from strata.survival.kernels.meta_analysis import meta_analysis
from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.restricted_mean import restricted_mean
from strata.survival.treatment import interaction

Floats = np.ndarray
Found = dict[str, float]

N = 400
HORIZON = 18.0
LEVELS = (0.05, 0.001)
PERMUTATIONS, GENES, EFFECTS = 999, 500, 50


@dataclass(frozen=True)
class Check:
    """One number of a study.

    ``share`` is what the share of True (or of P at most ``level``) should be; ``mean`` what the mean should be.
    """

    key: str
    kind: str = "exact"
    level: float | None = None
    share: float | None = None
    mean: float | None = None

    def name(self) -> str:
        """What it is called in the table."""
        return f"{self.key}, P <= {self.level}" if self.level else self.key


@dataclass(frozen=True)
class Study:
    """Data simulated again and again, what is computed on them, and what must come out.

    ``one_of`` S: a study that takes long runs S / ``one_of`` times.
    """

    name: str
    simulate: Callable[[np.random.Generator], Found]
    checks: tuple[Check, ...]
    one_of: int = 1


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
    """Every test of two arms that do not differ; strata of different hazard; two causes."""
    arm, site = arms(generator, share), generator.integers(0, 3, N)
    treatment = arms(generator, 0.5)
    time, event = survival(generator, 0.05 * 2.0**site)
    fit = cox(time, event, arm[:, None])
    cause, seed = np.where(event, generator.integers(1, 3, N), 0), int(generator.integers(2**31))
    return {
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
        "median cut": log_rank(time, event, values > np.median(values)).p_value,
    }


def levels(*keys: str, kind: str = "exact") -> tuple[Check, ...]:
    """Each test at both levels."""
    return tuple(Check(key, kind, level, level) for key in keys for level in LEVELS)


LARGE_SAMPLE = (
    *("log-rank", "log-rank, stratified", "Cox likelihood ratio", "Cox score", "Cox Wald", "Firth likelihood ratio"),
    *("proportional hazards", "restricted mean", "Gray", "interaction"),
)


def type_one(share: float) -> Study:
    """Arms of ``share`` and the rest: the large-sample tests are held to their level in equal arms only."""
    kind = "exact" if share == 0.5 else "shown"
    permutation = levels("log-rank by permutation", kind="exact" if share == 0.5 else "at most")
    checks = (*levels(*LARGE_SAMPLE, kind=kind), *permutation)
    return Study(f"type I error, arm of {share:.0%} of {N}", partial(null_tests, share=share), checks)


# -- coverage ----------------------------------------------------------------------------------------------------------


def covers(lower: float, upper: float, truth: float) -> float:
    """1 or 0."""
    return float(lower <= truth <= upper)


def coverage(generator: np.random.Generator) -> Found:
    """Intervals of a hazard ratio of 2, of survival and its median, and of a difference of restricted means."""
    arm = arms(generator, 0.5)
    hazard = 0.05 * 2.0**arm
    time, event = survival(generator, hazard)
    fit, penalised = cox(time, event, arm[:, None]), firth(time, event, arm[:, None])
    own = arm == 0
    found = {
        "Cox Wald": covers(fit.lower[0], fit.upper[0], 2.0),
        "Firth profile": covers(penalised.lower[0], penalised.upper[0], 2.0),
    }
    month = np.log(2) / 0.05
    for kind in ("log-log", "log", "plain", "logit", "arcsin"):
        curve = kaplan_meier(time[own], event[own], confidence=kind)
        at = curve.at([month])
        found[f"Kaplan-Meier, {kind}"] = covers(at.lower[0], at.upper[0], 0.5)
    means = (1 - np.exp(-HORIZON * np.array([0.05, 0.1]))) / np.array([0.05, 0.1])
    difference = restricted_mean(time, event, arm, horizon=HORIZON)
    lower, upper = difference.difference_lower, difference.difference_upper
    found["restricted mean difference"] = covers(lower, upper, means[1] - means[0])
    return found


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
    """Log hazard ratios of cohorts that differ (tau 0.3) about 0.5."""
    found = {}
    for k, errors in ((3, "equal"), (10, "equal"), (5, "unequal")):
        se = np.full(k, 0.2) if errors == "equal" else np.array([0.1, 0.15, 0.2, 0.3, 0.4])
        effects = generator.normal(0.5, np.sqrt(se**2 + 0.09))
        for name, adjusted in (("Hartung-Knapp", True), ("Wald", False)):
            pooled = meta_analysis(effects, se, method="REML", hartung_knapp=adjusted)
            found[f"REML {name}, {k} cohorts of {errors} size"] = covers(pooled.lower, pooled.upper, 0.5)
    return found


# -- recovery ----------------------------------------------------------------------------------------------------------


def planted(generator: np.random.Generator) -> Found:
    """Hazard ratios of 1, 2 and 3, and an interaction of 2."""
    arm, marker = arms(generator, 0.5), arms(generator, 0.5)
    found = {}
    for ratio in (1, 2, 3):
        time, event = survival(generator, 0.05 * float(ratio) ** arm)
        found[f"log HR, planted {ratio}"] = float(cox(time, event, arm[:, None]).coefficients[0])
    time, event = survival(generator, 0.05 * 2.0 ** (arm * marker))
    found["log interaction, planted 2"] = float(np.log(interaction(time, event, marker, arm).interaction.hazard_ratio))
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


def screen(generator: np.random.Generator, *, share: float, effects: int = 0) -> Found:
    """500 genes, positive in ``share`` of the patients, ``effects`` of them with a hazard ratio; which are reported."""
    n = N if share == 0.5 else N // 2
    groups = np.column_stack([arms(generator, share, n) for _ in range(GENES)])
    # the last of them act, each a little
    risk = groups[:, GENES - effects :].sum(axis=1) * 0.25
    time, event = survival(generator, 0.05 * np.exp(risk - risk.mean()))
    p = np.array([log_rank(time, event, groups[:, i]).p_value for i in range(GENES)])
    together = max_t(time, event, groups, n_permutations=PERMUTATIONS, seed=int(generator.integers(2**31)))
    false = np.arange(GENES) < GENES - effects
    found = {}
    adjusted = {method: adjust_p(p, method) for method in ("BH", "BY", "Holm", "Bonferroni")}
    for name, q in {**adjusted, "max-T": together.adjusted_p_values}.items():
        reported = q <= LEVELS[0]
        found[f"{name}: any false"] = float((reported & false).any())
        found[f"{name}: false share"] = float((reported & false).sum() / max(reported.sum(), 1))
    return found


def screens() -> tuple[Study, ...]:
    """Nothing to be found, then fifty genes; equal arms, then genes mutated in 5 %."""
    simple = ("Holm", "Bonferroni", "BH", "BY")
    everywhere = Check("max-T: any false", "at most", share=LEVELS[0])

    def any_false(kind: str) -> tuple[Check, ...]:
        return tuple(Check(f"{name}: any false", kind, share=LEVELS[0]) for name in simple)

    with_effects = (
        Check("Holm: any false", "at most", share=LEVELS[0]),
        everywhere,
        Check("BH: false share", "at most", mean=LEVELS[0]),
        Check("BY: false share", "at most", mean=LEVELS[0]),
    )
    found = partial(screen, share=0.5, effects=EFFECTS)
    return (
        Study("screen, balanced, nothing to find", partial(screen, share=0.5), (*any_false("at most"), everywhere), 5),
        Study("screen, balanced, 50 genes act", found, with_effects, 5),
        Study(
            "screen, rare markers, nothing to find", partial(screen, share=0.05), (*any_false("shown"), everywhere), 5
        ),
    )


# -- the whole ---------------------------------------------------------------------------------------------------------


def studies() -> tuple[Study, ...]:
    """Everything that is checked."""
    right = [Check(key, share=0.95) for key in ("Cox Wald", "Firth profile", "restricted mean difference")]
    right += [Check(f"Kaplan-Meier, {kind}", share=0.95) for kind in ("log-log", "logit", "arcsin")]
    near = [Check(f"Kaplan-Meier, {kind}", "shown", share=0.95) for kind in ("log", "plain")]
    pooled = [Check(f"REML Hartung-Knapp, {k} cohorts of equal size", share=0.95) for k in (3, 10)]
    sparse = tuple(
        Check(f"{name}, arm of {n}", kind, share=0.95)
        for n, kind in ((20, "exact"), (5, "shown"))
        for name in ("Firth profile", "Cox Wald")
    )
    approximate = [Check("REML Hartung-Knapp, 5 cohorts of unequal size", "shown", share=0.95)]
    approximate += [Check(f"REML Wald, {k} cohorts of equal size", "shown", share=0.95) for k in (3, 10)]
    bounds = levels("cut-point, Lausen 1992", "cut-point, Lausen 1994", kind="at most")
    return (
        *(type_one(share) for share in (0.5, 0.1, 0.05, 0.02)),
        Study(
            "type I error, searched cut-point of 100",
            null_cut_point,
            (*levels("cut-point by permutation", "median cut"), *bounds),
        ),
        Study(
            f"coverage of 95 % intervals, {N} patients",
            coverage,
            (*right, *near),
        ),
        Study("coverage of 95 % intervals, 100 patients", few_events, sparse),
        Study("coverage of 95 % intervals, cohorts", cohorts, (*pooled, *approximate)),
        Study(
            f"recovery, {N} patients",
            planted,
            (
                *(Check(f"log HR, planted {ratio}", mean=float(np.log(ratio))) for ratio in (1, 2, 3)),
                Check("log interaction, planted 2", mean=float(np.log(2))),
            ),
        ),
        Study(
            "recovery, three cohorts of 150",
            cohort_effect,
            (
                Check("log HR stratified by cohort, planted 2", mean=float(np.log(2))),
                Check("log HR of the third cohort, planted 4", mean=float(np.log(4))),
                Check("log HR not stratified, planted 2", "shown", mean=float(np.log(2))),
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
        return (
            f"mean {mean:.4f}, limits {low:.4f} to {check.mean + slack:.4f}{failed}",
            low <= mean <= check.mean + slack,
        )
    # a test without a P rejects nothing
    count = int((known <= check.level).sum() if check.level else known.sum())
    low, high = (int(x) for x in binom.interval(0.999, values.size, check.share))
    low = 0 if check.kind == "at most" else low
    return (
        f"{count / values.size:.4f}, limits {low / values.size:.4f} to {high / values.size:.4f}{failed}",
        low <= count <= high,
    )


def main(n: int) -> int:
    """Run every study, print every check, and return how many failed twice."""
    broken = total = 0
    for study in studies():
        size = max(n // study.one_of, 50)
        values = run(study, size, seed=1)
        again: Mapping[str, Floats] | None = None
        print(f"\n{study.name} ({size} simulations)")
        for check in study.checks:
            text, holds = judge(check, values[check.key])
            verdict = "ok" if holds else "outside, as known" if check.kind == "shown" else "FAIL"
            if verdict == "FAIL":
                again = run(study, 5 * size, seed=2) if again is None else again
                second, holds = judge(check, again[check.key])
                text, verdict = f"{text}; again with {5 * size}: {second}", "ok" if holds else "FAIL"
            broken += verdict == "FAIL"
            total += 1
            print(f"  {check.name():48} {check.kind:8} {text}: {verdict}", flush=True)
    print(f"\n{total} checks, {broken} failed twice")
    return broken


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000), 1))
