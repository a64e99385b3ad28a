"""Which samples of a matrix count for each patient, at each time point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from strata.cohort.barcodes import rule_in_words
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, samples_of_patients
from strata.cohort.matrix import Matrix
from strata.cohort.options import remedy
from strata.cohort.time_points import BASELINE
from strata.errors import Problem

__all__ = ["Picks", "pick_samples", "plain_picks"]

Picks = Mapping[str, Mapping[str, tuple[int, ...]]]
"""Time point (empty: none is known) to patient to the places of their samples, one unless they are averaged."""


def plain_picks(picks: Picks) -> dict[str, tuple[int, ...]]:
    """The samples of each patient that give the plain features: those without a time point, else those at baseline."""
    return {**picks.get(BASELINE, {}), **picks.get("", {})}


def pick_samples(
    kind: str,
    matrix: Matrix,
    names: Sequence[str],
    times: Sequence[str],
    links: Links,
    findings: Findings,
) -> tuple[Picks, list[Problem]]:
    """Choose the samples that count.

    Parameters
    ----------
    kind : str
    matrix : Matrix
    names : sequence of str
        The samples, as the matrix names them.
    times : sequence of str
        Their time points as the matrix tells them, empty where it does not; the links are asked then.
    links : Links
    findings : Findings
        Takes what was left out, and a note on the time points.

    Returns
    -------
    picks : mapping
    problems : list of Problem
        Patients with several samples at one time point of which no rule says which counts.
    """
    path, rule = matrix.path, links.options.sample_rule
    places = samples_of_patients(f"{kind} ({path.name})", names, links, findings)
    matched = {place for at in places.values() for place in at}
    rest = [name for place, name in enumerate(names) if place not in matched and not links.is_normal(name)]
    unmatched = _unmatched(path, rest, len(names), links, findings)
    by_time: dict[str, dict[str, list[int]]] = {}
    for patient in links.patients:
        for place in places.get(patient, ()):
            time = times[place] or links.time_of(names[place])
            by_time.setdefault(time, {}).setdefault(patient, []).append(place)
    problems = unmatched
    picks: dict[str, dict[str, tuple[int, ...]]] = {}
    for time, patients in by_time.items():
        picks[time] = {patient: _counted(at, names, links) for patient, at in patients.items()}
        several = [at for at in patients.values() if len(at) > 1]
        open_ = [patients[patient] for patient, at in picks[time].items() if len(at) > 1]
        when = f" at {time}" if time else ""
        if open_ and rule != "mean":
            problems.append(_several_samples(matrix, names, open_, when))
        elif several:
            by_barcode = rule_in_words([names[place] for place in at] for at in several)
            said = rule if rule in {"first", "primary", "mean"} else by_barcode
            findings.note(f"{path.name}: {count(len(several), 'patient')} with several samples{when}; rule: {said}")
    used = sum(len(at) for patients in picks.values() for at in patients.values())
    findings.exclude(f"{kind} ({path.name}): further sample of a patient", sum(map(len, places.values())) - used)
    _tell_times(path.name, picks, findings)
    return picks, problems


def _counted(places: Sequence[int], names: Sequence[str], links: Links) -> tuple[int, ...]:
    """Of the samples of one patient, those that count."""
    if len(places) == 1:
        return tuple(places)
    return tuple(places[i] for i in links.preferred([names[place] for place in places]))


def _unmatched(path: Path, unmatched: Sequence[str], n: int, links: Links, findings: Findings) -> list[Problem]:
    """A note on the samples of nobody, or the problem that they are too many."""
    if not unmatched:
        return []
    why = links.why_no_match(unmatched)
    what = f"{len(unmatched):,} of {count(n, 'sample')} have no clinical row"
    if 100 * (n - len(unmatched)) < links.options.min_overlap * n:
        share = 100 * (n - len(unmatched)) // n
        fix = why or f"If that is right, {remedy('min_overlap', str(max(1, share)))}"
        return [Problem(str(path), what, fix, code="E310")]
    findings.note(f"{path.name}: {what}; {why}" if why else f"{path.name}: {what}", "W306")
    return []


def _tell_times(file: str, picks: Picks, findings: Findings) -> None:
    if not any(picks):
        return
    found = ", ".join(f"{time or 'none'} ({count(len(patients), 'patient')})" for time, patients in picks.items())
    n_plain = len(plain_picks(picks))
    plain = f"plain values: without a time point, else {BASELINE} ({count(n_plain, 'patient')})"
    findings.note(f"{file}: time points {found}; {plain if n_plain else 'no plain values'}")


def _several_samples(matrix: Matrix, names: Sequence[str], several: Sequence[Sequence[int]], when: str) -> Problem:
    first = several[0]
    positions = listed([place + 1 for place in first])
    same = len({names[place] for place in first}) == 1
    kind = "the same sample id" if same else "samples of one patient"
    where = f"first: {kind} at positions {positions}, not counting the names"
    what = f"{count(len(several), 'patient')} with several samples{when} ({where})"
    fix = f"Keep one, or choose first, primary or mean: {remedy('sample_rule', 'first')}"
    return Problem(str(matrix.path), what, fix, code="E313")
