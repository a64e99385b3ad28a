"""What a run says to the REMARK items of introduction and methods, each with what its author must add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.plots.wording import population_label
from strata.report.cohort_words import endpoint_counts
from strata.report.facts import Facts, and_list
from strata.report.methods import statistics_sentences
from strata.report.shown import ShownRow, ShownRun, some
from strata.signatures.rule_words import in_words
from strata.survival import pooled_frame

if TYPE_CHECKING:
    from strata.analysis import CohortResult
    from strata.signatures import Claim

__all__ = [
    "assays",
    "candidates",
    "cut_points",
    "endpoints",
    "follow_up",
    "markers",
    "patients",
    "sample_size",
    "statistics",
    "treatments",
]

Answer = tuple[str, str]
"""What the run says, and what it cannot know."""


def markers(run: ShownRun) -> Answer:
    """Item 1: the signatures by their rules, and what their sources claim."""
    found = []
    for name in run.signatures:
        known = run.results.library.get(name)
        rule = "" if known is None or known.positive is None else f": positive when {in_words(known.positive)}"
        claims = () if known is None else dict.fromkeys(filter(None, map(_claimed, known.claims)))
        said = f" (claims of its sources: {', '.join(claims)})" if claims else ""
        found.append(f"{run.name(name)}{rule}{said}")
    return (
        f"{count(len(found), 'marker')}: {some(found, rest='calls.tsv')}.",
        "State the aims, and which hypotheses were fixed before any outcome was seen: a run cannot know that.",
    )


def _claimed(claim: Claim) -> str:
    """What a source says of outcome or of a drug; no word of ours says that it is so."""
    about = f" to {claim.drug}" if claim.drug else f" for {and_list(list(claim.endpoints))}" if claim.endpoints else ""
    return f"{claim.effect}{about}, {claim.evidence}" if claim.effect else ""


def patients(run: ShownRun) -> Answer:
    """Item 2: who was read, from where, and the populations that were analysed."""
    read = [f"{cohort.name}: {run.patients(cohort)}{_left_out_of_files(cohort, run)}" for cohort in run.results.cohorts]
    names = dict.fromkeys(s.population for cohort in run.results.cohorts for s in cohort.strata)
    inside = some([population_label(name) for name in names], rest="calls.tsv")
    failed = [run.failed(failure) for failure in run.results.failures]
    lost = f" Could not be analysed: {some(failed, rest='run.json')}." if failed else ""
    return (
        f"Read: {some(read, rest='run.json')}. Analysed: {inside}.{lost}",
        "Say where and when the patients were seen, their comorbidities, and the criteria by which they came into these"
        " tables; item 13 has the clinical columns that the tables hold.",
    )


def _left_out_of_files(cohort: CohortResult, run: ShownRun) -> str:
    parts = [f"{run.text(reason)} ({run.number_of(n)})" for _, reason, n in cohort.exclusions]
    return f", left out of the files: {', '.join(parts)}" if parts else ""


def treatments(run: ShownRun) -> Answer:
    """Item 3: the treatment that was compared, if one was."""
    gap = "Describe the treatments, and whether they were randomised, by rule or by choice."
    if run.plan.treatment is None:
        return "", gap
    rows = [row for row in run.rows if row.comparison.name == "treatment_in_positive" and row.comparison.groups]
    arms = dict.fromkeys(" against ".join(group.label for group in row.comparison.groups) for row in rows)
    named = f": {and_list(list(arms))}" if arms else ""
    return f"Compared by the column {run.plan.treatment}{named}. How it was assigned is not in the tables.", gap


def assays(run: ShownRun) -> Answer:
    """Item 5: the tables that were read, their scales, and the features that were not found."""
    told = [f"{cohort.name}: {'; '.join(kinds)}" for cohort in run.results.cohorts if (kinds := list(_kinds(cohort)))]
    asked = sum(len(cohort.genes) for cohort in run.results.cohorts)
    found = sum(int(cohort.genes["found"].sum()) for cohort in run.results.cohorts)
    parts = [f"Tables that the markers need, as they were read: {run.text(some(told, rest='run.json'))}."] * bool(told)
    parts.append(f"Features found: {found:,} of {asked:,} that the signatures name (genes.tsv).")
    return (
        " ".join(parts),
        "Describe the assay: platform or antibody, protocol, normalisation, quality control, reproducibility, scoring,"
        " and whether it was read blinded to the outcome.",
    )


def _kinds(cohort: CohortResult) -> Iterator[str]:
    needed = set(cohort.genes["assay"])
    about: Mapping[str, Mapping[str, object]] = cohort.choices.get("assays", {})
    for kind, said in about.items():
        if kind not in needed:
            continue
        tables = said.get("tables")
        scales = (
            dict.fromkeys(f"{table['scale']} ({table['scale_why']})" for table in tables if isinstance(table, Mapping))
            if isinstance(tables, list)
            else {}
        )
        scale = f", scale {and_list(list(scales))}" if scales else ""
        how = f", sequenced: {said['sequenced']}" if "sequenced" in said else ""
        yield f"{kind}, {said['n_features']} features of {said['n_patients']} patients{scale}{how}"


def follow_up(run: ShownRun) -> Answer:
    """Item 6: the median follow-up of all patients of each cohort, for each endpoint that was compared."""
    used = {(row.result.cohort, row.result.endpoint) for row in run.rows}
    found = [
        f"{cohort.name}, {endpoint.name}: {endpoint_counts(endpoint, run.plan.shared_cell)}"
        for cohort in run.results.cohorts
        for endpoint in cohort.description.endpoints
        if (cohort.name, endpoint.name) in used
    ]
    cut = [f"cut at {run.plan.horizon:g} months"] if run.plan.horizon is not None else []
    cut += [f"from the landmark of {run.plan.landmark:g} months on"] if run.plan.landmark is not None else []
    then = f" Follow-up was then {' and '.join(cut)}." if cut else ""
    said = f"By the reverse Kaplan-Meier method: {some(found, rest='results.tsv')}.{then}" if found else ""
    return (
        said,
        "Say how cases were selected, prospectively or retrospectively, with stratification or matching, the period in"
        " which they were seen, and when follow-up ended.",
    )


def _largest(run: ShownRun) -> list[ShownRow]:
    """Of each cohort and endpoint the main row with most patients."""
    found: dict[tuple[str, str], ShownRow] = {}
    for row in run.main:
        key = (row.result.cohort, row.result.endpoint)
        if row.number("n") > (found[key].number("n") if key in found else 0):
            found[key] = row
    return list(found.values())


def endpoints(run: ShownRun) -> Answer:
    """Item 7: which columns and words an endpoint was read from, and what was done to the times."""
    if not run.plan.endpoints:
        return "", "No endpoint was analysed."
    used = {(row.result.cohort, row.result.endpoint) for row in run.rows}
    found = [
        run.text(f"{cohort.name}, {name}: {about['definition']}")
        for cohort in run.results.cohorts
        for name, about in cohort.choices.get("endpoints", {}).items()
        if (cohort.name, name) in used
    ]
    asked = dict.fromkeys(note for row in run.rows for note in row.notes if note.startswith("asked for"))
    parts = [f"As read: {some(found, rest='run.json')}."] if found else []
    parts += [f"{and_list(list(asked))}."] if asked else []
    parts.append("Times are in months of 30.4375 days.")
    if run.plan.horizon is not None:
        parts.append(f"Follow-up was cut at {run.plan.horizon:g} months.")
    if run.plan.landmark is not None:
        parts.append(f"Time starts at a landmark of {run.plan.landmark:g} months.")
    return (
        " ".join(parts),
        "Define each endpoint as a clinician would: from which day, which events count, what ends follow-up. The name"
        " of a column does not say it.",
    )


def candidates(run: ShownRun) -> Answer:
    """Item 8: everything the plan named; nothing was selected."""
    plan = run.plan
    asked = {
        "covariates": plan.covariates,
        "stratification factors": plan.stratify_by,
        "subgroups": plan.subgroups,
        "treatment": (plan.treatment,) if plan.treatment else (),
    }
    named = [f"{what}: {and_list(list(names))}" for what, names in asked.items() if names]
    said = f"; {'; '.join(named)}" if named else "; no other variable"
    return (
        f"In this run: {count(len(run.signatures), 'marker')}{said}. Every one asked for is in the tables, also those"
        " that could not be estimated; no variable was selected by its result.",
        "Name the variables that were looked at outside this run, and say why these were chosen.",
    )


def sample_size(run: ShownRun) -> Answer:
    """Item 9: the patients and events that there were."""
    found = [f"{row.result.cohort}, {row.result.endpoint}: {row.patients()}" for row in _largest(run)]
    said = f"Patients and events of the largest comparison: {some(found, rest='results.tsv')}." if found else ""
    return said, "Give the reason for the sample size, and the power if the study was planned for an effect."


def statistics(run: ShownRun) -> Answer:
    """Item 10: the sentences of the methods paragraph about statistics."""
    results = run.results
    record = {"negative_controls": results.controls.record()}
    tables = (results.to_frame(), results.tests, pooled_frame(results.pooled))
    facts = Facts(record, run.plan, (), {}, *tables, results.tests.iloc[:0])
    return (
        " ".join(statistics_sentences(facts)),
        "Add what was computed outside this run, and how variables were selected where they were.",
    )


def cut_points(run: ShownRun) -> Answer:
    """Item 11: which cut, learned on whom, and what searching one does to the result."""
    called = [strata for cohort in run.results.cohorts for strata in cohort.strata if not strata.absent]
    found = dict.fromkeys(
        f"{run.name(strata.signature)}: {strata.cut or 'no cut-point, the rule has none'}"
        f"{_learned(strata.cut_scope, strata.learned_in)}"
        for strata in called
    )
    parts = [f"{some(list(found), rest='cut_points.tsv')}."] if found else ["Nobody could be called."]
    if any(row.comparison.searched for row in run.rows):
        parts.append(
            "A searched cut is chosen on the outcome that it is then tested on: P is corrected for the search and the"
            " hazard ratio is cross-fitted, but curves and medians at the cut are optimistic. It needs other patients."
        )
    parts.append("Missing values were not imputed; a patient whose call cannot be known is unknown, not negative.")
    return (
        " ".join(parts),
        "Say why this cut, and whether it was fixed before the outcomes were seen.",
    )


def _learned(scope: str | None, learned_in: str | None) -> str:
    if learned_in is not None:
        return f", learned in cohort {learned_in} and applied unchanged"
    over = {
        "population": ", over the patients of the population, inside each cohort",
        "cohort": ", over all patients of the cohort",
        "pooled": ", over the pooled values of all cohorts",
    }
    return over.get(scope or "", "")
