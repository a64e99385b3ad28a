"""An invented cohort that holds everything the shipped signatures ask for, with 3 % of all values missing at random."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from random import Random
from typing import Any

from .plain_rules import PlainCohort, Rule

N_PATIENTS = 200
MISSING = 0.03
UNASSAYED = 0.05
SCALES = {"mrna": "log2", "protein": "log2", "copy_number": "gistic", "serum": "linear", "mirna": "log2"}
NUMERIC = {"age": (25, 85), "grade": (1, 3), "t_stage": (1, 4), "ki67": (0, 60), "cin_score": (0, 30)}
MORE_WORDS = {
    "stage": ["I", "II", "IIA", "III", "IIIA", "IIIB", "IV"],
    "er": ["positive", "negative", "negative"],
    "pr": ["negative"],
    "her2": ["negative", "negative"],
}
CLASSES = {"pam50": ("Basal", "Her2", "LumA", "LumB", "Normal"), "tnbctype": ("BL1", "BL2", "IM", "LAR", "M", "MSL")}
OTHER_CHANGES = [
    ("R100fs", "truncating"),
    ("Q55*", "truncating"),
    ("X200_splice", "splice"),
    ("V12del", "inframe"),
    ("A5V", "missense"),
    ("A5A", "silent"),
    ("", "truncating"),
    ("", "unknown"),
    ("K7fs", "unknown"),
    ("H1047R", "unknown"),
    ("", "other"),
]


def invented_cohort(entries: dict[str, Rule], seed: int = 20250301) -> PlainCohort:
    """Values for every feature, time point, word, gene list and class that the files name."""
    random = Random(seed)
    patients = [f"P{number:03}" for number in range(N_PATIENTS)]
    rules = [rule for entry in entries.values() for rule in _rules(_own_parts(entry))]
    numbers: dict[str, Any] = {assay: {} for assay in SCALES}
    clinical: dict[str, Any] = {}
    for rule in rules:
        _add_numbers(numbers, rule, patients, random)
        _add_words(clinical, rule, rules, patients, random)
    cohort = PlainCohort(patients, numbers, SCALES, clinical)
    for kind in ("mutation", "germline"):
        _add_variants(cohort, kind, sorted({rule[kind] for rule in rules if kind in rule}), random)
    _add_lists(cohort, rules, random)
    for table in numbers.values():
        unassayed = {patient for patient in patients if random.random() < UNASSAYED}
        for column in table.values():
            column.update(dict.fromkeys(unassayed))
    return cohort


def _own_parts(entry: Rule) -> list[Any]:
    return [entry[key] for key in ("score", "positive", "population", "populations") if key in entry]


def _rules(data: Any) -> Iterator[Rule]:
    """Every mapping inside a rule."""
    if isinstance(data, dict):
        yield data
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _rules(part)


def _some(patients: list[str], draw: Any, random: Random) -> dict[str, Any]:
    return {patient: None if random.random() < MISSING else draw() for patient in patients}


def _add_numbers(numbers: dict[str, Any], rule: Rule, patients: list[str], random: Random) -> None:
    leaves = [(assay, rule[assay]) for assay in SCALES if isinstance(rule.get(assay), str)]
    leaves += [(assay, feature) for assay, features in rule.get("weighted", {}).items() for feature in features]
    for assay, feature in leaves:
        key = f"{feature}@{rule['at']}" if "at" in rule else feature
        if assay == "copy_number":
            column = _some(patients, lambda: random.choice([-2, -1, 0, 0, 1, 2, 2]), random)
        elif assay == "serum":
            column = _some(patients, lambda: random.lognormvariate(2, 1), random)
        elif assay == "protein":  # coarse, so that some values tie
            column = _some(patients, lambda: round(8 * random.gauss(0, 1)) / 8, random)
        else:
            column = _some(patients, lambda: random.gauss(8, 2), random)
        numbers[assay].setdefault(key, column)


def _add_words(clinical: dict[str, Any], rule: Rule, rules: list[Rule], patients: list[str], random: Random) -> None:
    if "clinical" not in rule:
        return
    name = rule["clinical"]
    key = f"{name}@{rule['at']}" if "at" in rule else name
    if name in NUMERIC:
        low, high = NUMERIC[name]
        column = _some(patients, lambda: str(random.randint(low, high)), random)
    else:
        tokens = [one["is"] for one in rules if one.get("clinical") == name and "is" in one]
        flat = sorted({token for part in tokens for token in (part if isinstance(part, list) else [part])})
        words = [*flat, *MORE_WORDS.get(name, ["another word"])]
        column = _some(patients, lambda: random.choice(words), random)
    clinical.setdefault(key, column)


def _add_variants(cohort: PlainCohort, kind: str, genes: list[str], random: Random) -> None:
    text = (files("strata") / "signatures" / "variants.tsv").read_text(encoding="utf-8")
    sites: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        sites.setdefault(row["gene"], []).extend(row["changes"].replace("codon:", "G").split())
    sequenced = [patient for patient in cohort.patients if random.random() > UNASSAYED]
    rows, tested = [], {}
    for gene in genes:
        tested[gene] = {patient for patient in sequenced if random.random() > MISSING}
        changes = [(site if site[-1].isalpha() else f"{site}V", "missense") for site in sites.get(gene, [])]
        for patient in sorted(tested[gene]):
            if gene.startswith("rs"):
                rows.append((patient, gene, random.choice(["G/G", "G/T", "T/T", "A/A", "A/C"]), "other"))
            elif random.random() < 0.25:
                change = random.choice([*changes, *OTHER_CHANGES])
                rows += [(patient, gene, *one) for one in {change, random.choice([change, *OTHER_CHANGES])}]
    cohort.variants[kind], cohort.tested[kind] = rows, tested


def _add_lists(cohort: PlainCohort, rules: list[Rule], random: Random) -> None:
    """Lists and centroids over invented genes, a few of which the table does not have."""
    genes = [f"MADE{number}" for number in range(40)]
    for gene in genes:
        cohort.numbers["mrna"][gene] = _some(cohort.patients, lambda: random.gauss(8, 2), random)
    for rule in rules:
        for side, name in rule.get("genes", {}).items():
            chosen = [*random.sample(genes, 9), f"{name}-ABSENT"]
            if side == "table":
                weights = {gene: random.choice([-2.0, -1.0, 0.5, 3.0]) for gene in chosen}
            else:
                weights = dict.fromkeys(chosen, 1.0)
            cohort.gene_lists.setdefault(name, weights)
    for rule in rules:
        up, down = (cohort.gene_lists.get(rule.get("genes", {}).get(side), {}) for side in ("up", "down"))
        for gene in set(up) & set(down):  # a gene cannot be both
            del down[gene]
    for scheme, classes in CLASSES.items():
        chosen = [*random.sample(genes, 18), f"{scheme}-ABSENT"]
        cohort.centroids[scheme] = {name: {gene: random.gauss(0, 1) for gene in chosen} for name in classes}
