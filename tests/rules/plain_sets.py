"""Gene sets and classes for the plain rules: loops over one table of gene to patient to value."""

from __future__ import annotations

import math
import statistics

from .plain_values import moments, z_score

Column = dict[str, float | None]

# -- one patient -------------------------------------------------------------------------------------------------------


def average_ranks(values: list[float]) -> list[float]:
    """1 the lowest; ties share the mean of their ranks."""
    return [sum(v < value for v in values) + (values.count(value) + 1) / 2 for value in values]


def spearman(xs: list[float], ys: list[float]) -> float | None:
    if len(xs) < 2:
        return None
    a, b = average_ranks(xs), average_ranks(ys)
    centre = (len(xs) + 1) / 2
    width = sum((x - centre) ** 2 for x in a) * sum((y - centre) ** 2 for y in b)
    return sum((x - centre) * (y - centre) for x, y in zip(a, b)) / math.sqrt(width) if width else None


def enrichment(values: dict[str, float], genes: list[str]) -> float | None:
    """ssGSEA without normalising: two walks down one patient's genes, step by step."""
    inside = [gene for gene in genes if gene in values]
    if not inside or len(inside) == len(values):
        return None
    order = sorted(values, key=lambda gene: (-values[gene], gene))
    rank = {gene: math.floor(rank) for gene, rank in zip(values, average_ranks(list(values.values())))}
    whole = sum(rank[gene] ** 0.25 for gene in inside)
    walked = missed = area = 0.0
    for gene in order:
        if gene in inside:
            walked += rank[gene] ** 0.25 / whole
        else:
            missed += 1 / (len(values) - len(inside))
        area += walked - missed
    return area


def set_score(values: dict[str, float], weights: dict[str, float], found: list[str], method: str) -> float | None:
    """The score of one patient from the values that are known; ``found``: the genes of the set that the table has."""
    known = [gene for gene in found if gene in values]
    if method == "correlation":
        return spearman([values[gene] for gene in known], [weights[gene] for gene in known])
    total = 0.0
    for sign in (1, -1):
        asked = [gene for gene in weights if weights[gene] * sign > 0]
        own = [gene for gene in known if gene in asked]
        if not asked:
            continue
        side = one_side(values, own, method)
        if side is None:
            return None
        share = sum(gene in found for gene in asked) / len(found) if method == "signed-mean" else 1
        total += sign * share * side
    return total


def one_side(values: dict[str, float], genes: list[str], method: str) -> float | None:
    if not genes:
        return None
    return enrichment(values, genes) if method == "ssgsea" else sum(values[gene] for gene in genes) / len(genes)


# -- one table ---------------------------------------------------------------------------------------------------------


def set_scores(
    table: dict[str, Column],
    weights: dict[str, float],
    method: str,
    scope: list[str],
    patients: list[str],
    min_coverage: float,
) -> Column:
    """mean (of z-scores over the scope), signed-mean, ssgsea (not normalised) or correlation."""
    found = [gene for gene in weights if gene in table]
    if method == "mean":
        table = {gene: standardised(table[gene], scope) for gene in found}
    elif method == "correlation":
        table = centred(table, found)
    scores: Column = {}
    for patient in patients:
        values = known_values(table, patient)
        covered = sum(gene in values for gene in found) >= min_coverage * len(weights)
        scores[patient] = set_score(values, weights, found, method) if covered else None
    return scores


def nearest_class(
    table: dict[str, Column], centroids: dict[str, dict[str, float]], patients: list[str], min_coverage: float
) -> dict[str, str | None]:
    """The class whose centroid a patient's genes, each minus its median, resemble most by Spearman; None for a tie."""
    genes = sorted({gene for column in centroids.values() for gene in column})
    table = centred(table, [gene for gene in genes if gene in table])
    classes: dict[str, str | None] = {}
    for patient in patients:
        values = known_values(table, patient)
        likeness = {
            name: spearman(list(values.values()), [column[gene] for gene in values])
            for name, column in centroids.items()
        }
        rhos = {name: rho for name, rho in likeness.items() if rho is not None}
        nearest = [name for name, rho in rhos.items() if rho > max(rhos.values()) - 1e-12]
        sure = len(nearest) == 1 and len(values) >= min_coverage * len(genes)
        classes[patient] = nearest[0] if sure else None
    return classes


def known_values(table: dict[str, Column], patient: str) -> dict[str, float]:
    return {gene: value for gene, column in table.items() if (value := column[patient]) is not None}


def standardised(column: Column, scope: list[str]) -> Column:
    learned = moments([value for patient in scope if (value := column[patient]) is not None])
    return {patient: z_score(value, learned) for patient, value in column.items()}


def centred(table: dict[str, Column], genes: list[str]) -> dict[str, Column]:
    """The genes, each minus its median over all patients."""
    moved = {}
    for gene in genes:
        known = [value for value in table[gene].values() if value is not None]
        middle = statistics.median(known) if known else 0.0
        moved[gene] = {patient: None if value is None else value - middle for patient, value in table[gene].items()}
    return moved
