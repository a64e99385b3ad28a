"""The methods of a run in sentences: one for each thing that was done, none for what was not.

A sentence cites by the keys of ``bibliography.bib`` in pandoc's way, ``[@kaplan1958; @cox1972]``: what is cited is
what is in the sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from strata.cohort.findings import count
from strata.report.bibliography import key_of_doi
from strata.report.facts import Facts, and_list, cited
from strata.stratification import QUANTILE_GROUPS

__all__ = ["run_sentences", "software", "statistics_sentences"]

_MOST_NAMED = 10
"""Signatures, populations and families of tests that are named one by one; of more their number is said."""


def run_sentences(facts: Facts) -> list[str]:
    """What was done, in the order of a methods section."""
    return [said for sentence in _SENTENCES if (said := sentence(facts))]


def statistics_sentences(facts: Facts) -> list[str]:
    """How missing values were handled and what was computed, without citations; of the record the controls are read."""
    said = (sentence(facts) for sentence in _STATISTICS)
    return [re.sub(r" \[@[^\]]+\]", "", sentence) for sentence in said if sentence]


def _cohorts(facts: Facts) -> str:
    found = [
        f"{cohort['name']} ({_patients(cohort['patients'])}{_compared(facts, cohort['name'])})"
        for cohort in facts.record["cohorts"]
    ]
    were = "cohort was" if len(found) == 1 else f"{len(found)} cohorts were"
    return f"The {were} {and_list(found)}."


def _patients(n: int | None) -> str:
    """None: too few to be told."""
    return "few patients" if n is None else f"{n:,} patients"


def _compared(facts: Facts, cohort: str) -> str:
    """How many patients and events an endpoint had at most: signatures differ in whose call is known."""
    if not len(facts.results):
        return ""
    mine = facts.results[(facts.results["cohort"] == cohort) & (facts.results["n"] > 0)]
    most = mine.groupby("endpoint", sort=False)[["n", "events"]].max()
    parts = [f"{endpoint}: up to {n:,.0f} compared, {events:,.0f} events" for endpoint, n, events in most.itertuples()]
    return f"; {'; '.join(parts)}" if parts else ""


def _endpoints(facts: Facts) -> str:
    if not facts.plan.endpoints:
        return "Patients were scored and called; survival was not compared."
    used = list(dict.fromkeys(facts.results["endpoint"]))
    parts = [f"Endpoints were {and_list(used or facts.plan.endpoints)}, with times in months of 30.4375 days"]
    if facts.plan.horizon is not None:
        parts.append(f"follow-up was cut at {facts.plan.horizon:g} months")
    if facts.plan.landmark is not None:
        parts.append(f"time started at a landmark of {facts.plan.landmark:g} months")
    if _noted(facts, "delayed entry: "):
        parts.append("patients were at risk from their entry on")
    return f"{'; '.join(parts)}."


def _noted(facts: Facts, words: str) -> bool:
    return "note" in facts.results and any(words in note for note in facts.results["note"].dropna())


def _signatures(facts: Facts) -> str:
    called = {s["signature"] for s in facts.strata}
    chosen = [s for s in facts.signatures if s.id in called]
    if len(chosen) > _MOST_NAMED:
        named = f"{len(chosen)} published signatures"
    else:
        named = and_list([f"{s.name} ({s.id}{_cut(facts, s.id)}){cited(facts.sources[s.id])}" for s in chosen])
    populations = dict.fromkeys(s["population"] for s in facts.strata)
    inside = [f"{name}{cited(_population_sources(facts, name))}" for name in populations if name != "all"]
    where = f"{and_list(inside)} patients" if len(inside) <= _MOST_NAMED else f"{len(inside)} populations"
    unanswered = len(facts.record["signatures"]) - len(called)
    others = count(unanswered, "other signature" if called else "signature")
    not_called = f"; {others} could not be answered" if unanswered else ""
    said = f"Patients were classified by {named}{f' in {where}' * bool(inside)}" if chosen else "Nobody was classified"
    return f"{said}{not_called}."


def _population_sources(facts: Facts, population: str) -> list[str]:
    return [key for part in population.split(" & ") for key in facts.sources.get(part, ())]


def _cut(facts: Facts, signature: str) -> str:
    cuts = [s["cut"] for c in facts.record["cohorts"] for s in c["strata"] if s["signature"] == signature and s["cut"]]
    return f", cut: {' or '.join(dict.fromkeys(cuts))}" if cuts else ""


def _cut_scope(facts: Facts) -> str:
    cuts = " ".join(s["cut"] for s in facts.strata if s["cut"])
    if not cuts:
        return ""
    over = {
        "population": "in each cohort, over the patients of the population",
        "cohort": "in each cohort, over all its patients",
        "pooled": "over the pooled values of all cohorts",
    }
    where = over[facts.plan.cut_scope]
    if facts.plan.train is not None:
        where = f"in the cohort {facts.plan.train} and applied unchanged to the others"
    mixture = " A mixture cut is where two normal components are equally likely [@wang2009; @pedregosa2011]."
    return f"Cut-points were learned {where}.{mixture * ('mixture' in cuts)}"


def _scores(facts: Facts) -> str:
    classes = [item for item in facts.record["gene_sets"] if item["score"].startswith("class ")]
    lists = [item for item in facts.record["gene_sets"] if item not in classes]
    used = {item["method"]: key_of_doi(item["reference"]) for item in lists}
    parts = [f"Gene lists were scored by {and_list([f'{m}{cited([key])}' for m, key in used.items()])}"] * bool(used)
    if classes:
        nearest = cited([key_of_doi(classes[0]["reference"])])
        parts.append(f"{'c' if parts else 'C'}lasses are those of the nearest centroid{nearest}")
    share = f", where at least {facts.plan.min_coverage:.0%} of the genes were found"
    return f"{'; '.join(parts)}{share}." if parts else ""


def _missing(facts: Facts) -> str:
    dropped = " Parts of a rule whose assay a cohort lacks were left out of it." * (facts.plan.absent_assay == "drop")
    return (
        "Patients with a missing value or assay were unknown, not negative: they were left out of that comparison and"
        f" counted, and a gene that was not sequenced is not wild type.{dropped}"
    )


def _curves(facts: Facts) -> str:
    if not len(facts.results):
        return ""
    curves = "Survival was estimated by the Kaplan-Meier method with 95 % log-log intervals [@kaplan1958]"
    follow_up = ", median follow-up by the reverse Kaplan-Meier method [@schemper1996]"
    competing = ""
    if facts.has("gray_p"):
        competing = (
            " Where competing events were named, curves are one minus the cumulative incidence, compared by Gray's"
            " test [@gray1988]."
        )
    return f"{curves}{follow_up * facts.has('median_follow_up')}.{competing}"


def _log_rank(facts: Facts) -> str:
    strata = f", stratified by {and_list(facts.plan.stratify_by)}" if facts.plan.stratify_by else ""
    found = ""
    if facts.tested("log-rank"):
        found = (
            "Strata were compared by the two-sided log-rank test with the hypergeometric variance for tied times"
            f"{strata} [@mantel1966; @peto1972]."
        )
    if facts.compares("trend"):
        groups = facts.plan.cut if facts.plan.cut in QUANTILE_GROUPS else "quantile groups"
        found += f" The trend over {groups} is Tarone's [@tarone1975]."
    return found.strip()


def _cox(facts: Facts) -> str:
    if not facts.has("hazard_ratio"):
        return ""
    how = [f"adjusted for {and_list(facts.plan.covariates)}"] * bool(facts.plan.covariates)
    how += [f"stratified by {and_list(facts.plan.stratify_by)}"] * bool(facts.plan.stratify_by)
    more = f", {' and '.join(how)}" if how else ""
    found = (
        "Hazard ratios with 95 % Wald intervals are from Cox regression [@cox1972] with Efron's method for tied times"
        f" [@efron1977]{more}."
    )
    if facts.has("adjusted_for"):
        found += (
            " A comparison with an adjusted hazard ratio is answered by the Wald P of that model (in small strata by"
            " Firth's penalised likelihood ratio); its log-rank test and the hazard ratio beside it are not adjusted."
            " Patients without a value of a covariate are in these, but not in the adjusted model."
        )
    if facts.compares("interaction"):
        found += " Whether two genes do more together than apart is their interaction in one Cox model."
    return found


def _searched(facts: Facts) -> str:
    if not facts.tested("maximally selected log-rank"):
        return ""
    options = facts.plan.cut_search
    corrected = {
        "permutation": f"by {options.permutations:,} permutations (seed {options.seed}) [@phipson2010]",
        "lau92": "by the approximation for a Brownian bridge",
        "lau94": "by an improved Bonferroni bound [@lausen1994]",
        "hothorn-lausen": "by the exact conditional bound [@hothorn2003]",
    }[options.method]
    return (
        "Searched cut-points are where the log-rank statistic is largest [@lausen1992], with groups of at least"
        f" {options.minprop:.0%} of the patients; P is corrected for the search {corrected}, and the hazard ratio is"
        f" cross-fitted over {options.folds} folds [@pedregosa2011]."
    )


def _proportional(facts: Facts) -> str:
    if not facts.has("ph_p"):
        return ""
    found = "Proportional hazards were tested by Grambsch and Therneau's test [@grambsch1994]"
    if facts.has("rmst_difference"):
        found += "; where it failed, restricted mean survival times were compared [@royston2013; @uno2014]"
    return f"{found}."


def _sparse(facts: Facts) -> str:
    small = f"below {facts.plan.sparse_patients} patients or {facts.plan.sparse_events} events"
    parts = []
    if facts.has("permutation_p"):
        how = []
        for n in sorted(set(facts.results["permutations"].dropna().astype(int))):
            random = f"{n:,} random permutations (seed {facts.plan.permutation_seed}) [@phipson2010]"
            how.append(random if n else "all splits of the patients")
        parts.append(f"the log-rank P is also by {' or '.join(how)}")
    if facts.has("firth_p"):
        parts.append(
            "the hazard ratio is also Firth's penalised one with a profile-likelihood interval [@firth1993;"
            " @heinze2001]"
        )
    return f"In strata {small}, {and_list(parts)}." if parts else ""


def _treatment(facts: Facts) -> str:
    parts = []
    if facts.compares("treatment_interaction"):
        what = f"the effect of {facts.plan.treatment} by marker is tested by the likelihood ratio of their interaction"
        parts.append(what)
    if facts.plan.subgroups:
        parts.append(f"subgroups of {and_list(facts.plan.subgroups)} are compared with an interaction test each")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if parts else ""


def _multiplicity(facts: Facts) -> str:
    asked = facts.tests[facts.tests["family"] != "supporting"] if len(facts.tests) else facts.tests
    if not len(asked):
        return ""
    sizes = asked.groupby("family", sort=False).size()
    families = [f"{name} ({count(n, 'test')})" for name, n in sizes.items()]
    shown = (
        and_list(families) if len(families) <= _MOST_NAMED else f"{len(families):,} families of {len(asked):,} tests"
    )
    found = (
        f"P values were adjusted over each family of tests by itself, {shown}: q by the method of Benjamini and"
        " Hochberg [@benjamini1995], and Holm's P [@holm1979]."
    )
    if facts.tests["max_t_p"].notna().any():
        how = re.search(r"max-T by (\d+) permutations \(seed (\d+)\)", " ".join(facts.tests["note"].dropna()))
        many = f" ({int(how[1]):,} permutations, seed {how[2]})" if how else ""
        found += f" Where a marker is rare, P is also adjusted by the step-down max-T procedure{many} [@westfall1993]."
    return found


def _pooling(facts: Facts) -> str:
    if not len(facts.pooled):
        return ""
    estimator = {
        "REML": "restricted maximum likelihood [@viechtbauer2005]",
        "DL": "DerSimonian and Laird's estimator [@dersimonian1986]",
        "PM": "Paule and Mandel's estimator [@paule1982]",
    }[facts.plan.pool]
    return (
        "Cohorts were pooled unstratified, stratified by cohort, with a fixed effect, and with random effects: the"
        f" variance between cohorts by {estimator}, intervals by Hartung and Knapp [@hartung2001], heterogeneity as I2"
        " [@higgins2002] and with the Q-profile interval of tau2 [@viechtbauer2007]."
    )


def _controls(facts: Facts) -> str:
    controls, parts = facts.record["negative_controls"], []
    if controls["null_check"]:
        parts.append(f"outcomes were permuted {controls['null_check']:,} times within cohorts")
    if controls["random_signatures"]:
        drawn = f"each signature was compared with {controls['random_signatures']:,} of as many random genes"
        parts.append(f"{drawn} [@venet2011], and with a proliferation score [@paik2004]")
    return f"As negative controls {and_list(parts)} (seed {controls['seed']})." if parts else ""


def _baseline(facts: Facts) -> str:
    return "Characteristics of the strata are compared by standardised differences [@austin2009]." * bool(
        len(facts.baseline)
    )


def _software(facts: Facts) -> str:
    return software(facts.record)


def software(record: Mapping[str, Any]) -> str:
    """Which programs made the numbers and the figures of a run."""
    packages = record["packages"]
    found = (
        f"Numbers were computed with strata {record['strata']} [@strata] in Python {record['python']} with numpy"
        f" {packages['numpy']} [@harris2020] and pandas {packages['pandas']} [@mckinney2010]"
    )
    if any(name.endswith(".png") for name in record["outputs"]):
        found += f"; figures with matplotlib {packages['matplotlib']} [@hunter2007]"
    if (check := record.get("cross_check")) is not None:
        found += (
            f". {check['compared']:,} curves, tests and hazard ratios were computed again with {check['engine']}"
            f" [@davidsonpilon2019]; the largest relative difference is {check['largest']:.1e}"
        )
    return f"{found}."


_STATISTICS: tuple[Callable[[Facts], str], ...] = (
    *(_missing, _curves, _log_rank, _cox, _searched, _proportional, _sparse, _treatment, _pooling, _multiplicity),
    _controls,
)
_SENTENCES: tuple[Callable[[Facts], str], ...] = (
    *(_cohorts, _endpoints, _signatures, _cut_scope, _scores),
    *_STATISTICS,
    *(_baseline, _software),
)
