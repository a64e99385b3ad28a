"""Random signatures: as many genes drawn blindly and cut alike, to see how well those would have done."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.analysis.settings import Settings
from strata.scoring import METHODS, CohortSource
from strata.signatures import cuts_of, needs_of, parse_signature
from strata.stratification import EVERYONE, is_searched, stratify_in
from strata.survival import compare_strata, find_endpoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.analysis.controls import Controls
    from strata.analysis.plan import Plan
    from strata.cohort import Assay, Cohort, Endpoint
    from strata.scoring import Resources
    from strata.signatures import Needs, Signature
    from strata.stratification import Population, Strata
    from strata.survival import Comparison

__all__ = ["PROLIFERATION_GENES", "RANDOM_COLUMNS", "compare_with_random"]

PROLIFERATION_GENES = ("MKI67", "AURKA", "BIRC5", "CCNB1", "MYBL2")
"""The proliferation group of the 21-gene recurrence score (Paik 2004, doi:10.1056/NEJMoa041588)."""

FEWEST_PROLIFERATION_GENES = 3

RANDOM_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    "cut",
    "assay",
    "genes",
    "n_random",
    "n_failed",
    "chi_squared",
    "random_chi_squared_median",
    "random_chi_squared_q95",
    "random_p_chi_squared",
    "abs_log_hazard_ratio",
    "random_abs_log_hazard_ratio_median",
    "random_p_hazard_ratio",
    "correlation_with_proliferation",
    "note",
)
"""The columns of ``random_signatures.tsv``."""


def compare_with_random(
    cohort: Cohort,
    units: Sequence[tuple[Signature, Population]],
    plan: Plan,
    *,
    library: Mapping[str, Signature],
    resources: Resources | None,
    controls: Controls,
) -> pd.DataFrame:
    """Compare each signature with random ones of as many genes of the same assay, by the same rule and cut.

    A random signature is the signature's own rule with other genes' values under its genes' names: drawn without
    replacement from the assay's table, leaving out the genes of the signature and of the population. Where the table
    has no more sets of so many genes than random signatures were asked for, every set is used once, its genes in the
    places of the signature's in random order. A proliferation score (mean z-score of ``PROLIFERATION_GENES``) is run as
    one more signature wherever at least three of its genes are in the table, because in breast cancer many random
    signatures follow proliferation (Venet 2011, doi:10.1371/journal.pcbi.1002240).

    Parameters
    ----------
    cohort : Cohort
    units : sequence of (Signature, Population)
    plan : Plan
    library : mapping of id to Signature
    resources : Resources, optional
    controls : Controls

    Returns
    -------
    pandas.DataFrame
        One row a signature, population and endpoint, in the columns ``RANDOM_COLUMNS``. ``random_p_...`` is
        (b + 1) / (B + 1), where b of the B random signatures that could be tested (``n_random``) reached the observed
        number. ``note`` says why there is none, why there are fewer than asked for, and why no proliferation score.
    """
    proliferation, missing = _proliferation(cohort)
    asked = [(s, p, plan.cut) for s, p in units]
    if proliferation is not None:
        # beside each signature with the cut that it was given
        cuts = {(p.name, cut): (p, cut) for s, p in units if (cut := plan.cut or _own_cut(s, library)) is not None}
        asked += [(proliferation, p, cut) for p, cut in cuts.values()]
    # what stands beside P and hazard ratio of sparse strata is not compared
    plain = plan.model_copy(update={"sparse_patients": 0, "sparse_events": 0})
    lab = _Lab(cohort, plain, library, resources, controls, proliferation, missing)
    return pd.DataFrame([row for unit in asked for row in lab.rows(*unit)], columns=list(RANDOM_COLUMNS))


def _proliferation(cohort: Cohort) -> tuple[Signature | None, str]:
    """The proliferation score, or why it cannot be made."""
    table = cohort.assays.get("mrna")
    if table is None:
        return None, "no proliferation score: the cohort has no mrna table"
    features = set(table.features)
    found = [gene for gene in PROLIFERATION_GENES if gene in features]
    if len(found) < FEWEST_PROLIFERATION_GENES:
        asked = f"{FEWEST_PROLIFERATION_GENES} of {', '.join(PROLIFERATION_GENES)}"
        there = f"only {' and '.join(found)}" if found else "none of them"
        return None, f"no proliferation score: it needs {asked}, and the mrna table has {there}"
    data = {
        "name": f"Proliferation ({', '.join(found)})",
        "score": {"mean": [{"mrna": gene} for gene in found]},
        "positive": {"score": "self", "above": "median"},
    }
    return parse_signature(data, id="proliferation", where="--random-signatures"), ""


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _own_cut(signature: Signature, library: Mapping[str, Signature]) -> str | None:
    words = [cut for cut in cuts_of(signature, library) if isinstance(cut, str)]
    return words[0] if words else None


@dataclass(frozen=True, eq=False, slots=True)
class _Swapped:
    """An assay in which features have changed names, read before: ``kind``, ``features`` ... as in ``Assay``."""

    assay: Assay
    values: pd.DataFrame
    names: Mapping[str, str]

    @property
    def kind(self) -> str:
        return self.assay.kind

    @property
    def features(self) -> Sequence[str]:
        return list(self.values.columns)

    @property
    def assayed(self) -> frozenset[str]:
        return self.assay.assayed

    def scale(self, feature: str) -> str:
        return self.assay.scale(feature)

    def written(self, feature: str) -> str:
        return self.assay.written(feature)

    def read(self, features: Sequence[str]) -> pd.DataFrame:
        return self.values[[self.names.get(name, name) for name in features]].set_axis(list(features), axis=1)


class _Lab:
    """One cohort in which signatures are compared with random ones."""

    def __init__(
        self,
        cohort: Cohort,
        plan: Plan,
        library: Mapping[str, Signature],
        resources: Resources | None,
        controls: Controls,
        proliferation: Signature | None,
        no_proliferation: str,
    ) -> None:
        self.cohort, self.plan, self.library, self.resources = cohort, plan, library, resources
        self.controls, self._settings = controls, Settings(plan)
        self.proliferation, self.no_proliferation = proliferation, no_proliferation

    def rows(self, signature: Signature, population: Population, cut: str | None) -> Iterator[dict[str, Any]]:
        """One row an endpoint."""
        needs = needs_of(signature, self.library, populations=False)
        if is_searched(signature, cut, self.library) or self.plan.validates(self.cohort.name):
            reason = "the cut was searched, or learned elsewhere: its own P says how it compares with chance"
            for endpoint in self.plan.endpoints:
                yield self._keys(signature, population) | {"endpoint": endpoint, "note": reason, "cut": cut}
            return
        source = CohortSource(self.cohort, needs | population.needs(self.library), self.resources)
        strata = self._stratify(source, signature, population, cut)
        kind, genes, reason = self._genes(source, needs, signature)
        pool = self._pool(source, kind, genes, population) if not reason else []
        if not reason and len(pool) < len(genes):
            reason = f"only {_count(len(pool), 'other gene')} to draw {len(genes)} from"
        notes = "; ".join(filter(None, [reason or self._few(len(pool), len(genes)), self.no_proliferation]))
        keys = self._keys(signature, population)
        keys |= {"cut": strata.cut, "assay": kind or None, "genes": len(genes)}
        keys["correlation_with_proliferation"] = self._correlation(strata)
        observed = self._statistics(self.cohort, strata)
        drawn = np.empty((0, len(observed), 2))
        if not reason:
            drawn = np.array(list(self._drawn(signature, population, cut, needs, kind, genes, pool)))
        for i, asked in enumerate(self.plan.endpoints):
            used = self._endpoint(self.cohort, asked)
            yield (
                keys
                | {"endpoint": asked if used is None else used.name, "note": notes or None}
                | _compared(observed[i], drawn[:, i])
            )

    def _keys(self, signature: Signature, population: Population) -> dict[str, Any]:
        return {"cohort": self.cohort.name, "signature": signature.id, "population": population.name}

    def _stratify(self, source: CohortSource, signature: Signature, population: Population, cut: str | None) -> Strata:
        return stratify_in(
            source,
            signature,
            population=population,
            cut=cut,
            cut_scope=self.plan.cut_scope,
            absent_assay=self.plan.absent_assay,
            library=self.library,
        )

    def _genes(self, source: CohortSource, needs: Needs, signature: Signature) -> tuple[str, list[str], str]:
        """The assay of a signature, the features of the table that it uses, and why random ones cannot be drawn."""
        kinds = {kind for kind, _ in needs.features if kind != "clinical"} | ({"mrna"} if needs.gene_sets else set())
        kind = next(iter(kinds), "")
        if needs.schemes or len(kinds) != 1 or kind not in self.cohort.assays:
            return "", [], "random signatures need one table of numbers that holds all genes of the signature"
        if any(isinstance(cut, float) for cut in cuts_of(signature, self.library)):
            return kind, [], "the cut is a number, which means nothing on another gene's scale"
        found = {source.feature(kind, feature) or "" for asked, feature in needs.features if asked == kind}
        found |= {str(row[6]) for node in needs.gene_sets for row in source.sets.coverage(node) if row[2]}
        genes = sorted(found - {""})
        if any("@" in gene for gene in genes):
            return kind, genes, "genes at time points are not drawn at random"
        return kind, genes, "" if genes else "none of its genes is in the table"

    def _pool(self, source: CohortSource, kind: str, genes: Sequence[str], population: Population) -> list[str]:
        """The features to draw from."""
        theirs = population.needs(self.library)
        taken = {source.feature(asked, feature) or "" for asked, feature in theirs.features if asked == kind}
        taken |= {str(row[6]) for node in theirs.gene_sets for row in source.sets.coverage(node)} | set(genes)
        return [name for name in self.cohort.assays[kind].features if "@" not in name and name not in taken]

    def _few(self, pool: int, genes: int) -> str:
        """That there are fewer random signatures than were asked for; empty when there are enough."""
        distinct = math.comb(pool, genes)
        if distinct >= self.controls.random_signatures:
            return ""
        made = f"{_count(distinct, 'distinct signature')} of {_count(genes, 'gene')}"
        return f"only {made} can be drawn from {_count(pool, 'other gene')}"

    def _draws(self, pool: int, genes: int, signature: Signature) -> list[NDArray[np.int64]]:
        """Positions in the pool of the genes of each random signature: every set once where these are few."""
        generator = self.controls.generator("random signatures", self.cohort.name, signature.id)
        if math.comb(pool, genes) <= self.controls.random_signatures:
            # which gene of a set stands in which place is left to chance: some rules treat their genes differently
            return [generator.permutation(chosen) for chosen in combinations(range(pool), genes)]
        return [generator.choice(pool, genes, replace=False) for _ in range(self.controls.random_signatures)]

    def _drawn(
        self,
        signature: Signature,
        population: Population,
        cut: str | None,
        needs: Needs,
        kind: str,
        genes: Sequence[str],
        pool: Sequence[str],
    ) -> Iterator[NDArray[np.float64]]:
        """The statistics of random signatures, one array (n_endpoints, 2) each."""
        draws = self._draws(len(pool), len(genes), signature)
        assay, all_needs = self.cohort.assays[kind], needs | population.needs(self.library)
        used = {pool[i] for draw in draws for i in draw} | set(genes)
        if any(METHODS[node.by].needs_all_genes for node in all_needs.gene_sets):
            used = set(assay.features)
        others = {name for asked, name in all_needs.features if asked == kind}
        values = assay.read([name for name in assay.features if name in used | others])
        for draw in draws:
            pairs = list(zip(genes, (pool[i] for i in draw)))
            names = dict(pairs) | {random: own for own, random in pairs}
            cohort = replace(self.cohort, assays={**self.cohort.assays, kind: _Swapped(assay, values, names)})
            source = CohortSource(cohort, all_needs, self.resources)
            yield self._statistics(cohort, self._stratify(source, signature, population, cut))

    def _statistics(self, cohort: Cohort, strata: Strata) -> NDArray[np.float64]:
        """Chi-squared and absolute log hazard ratio of the signature's own comparison, an endpoint a row."""
        rows = np.full((len(self.plan.endpoints), 2), np.nan)
        for i, asked in enumerate(self.plan.endpoints):
            endpoint = self._endpoint(cohort, asked)
            if endpoint is None:
                continue
            # the last row of quantile groups is their trend
            main = compare_strata(strata, self._settings(cohort, strata, endpoint, ""))[-1]
            rows[i, 0] = np.nan if main.log_rank is None else main.log_rank.chi_squared
            rows[i, 1] = _distance(main)
        return rows

    def _endpoint(self, cohort: Cohort, asked: str) -> Endpoint | None:
        return find_endpoint(cohort, asked, equivalents=self.plan.equivalents)[0]

    def _correlation(self, strata: Strata) -> float:
        """Spearman's correlation of the signature's score with the proliferation score, inside the population."""
        if self.proliferation is None or strata.score is None or strata.signature == self.proliferation.id:
            return float("nan")
        source = CohortSource(self.cohort, needs_of(self.proliferation, self.library), self.resources)
        other = self._stratify(source, self.proliferation, EVERYONE, None).score
        scores = pd.DataFrame({"own": strata.score, "proliferation": other})[strata.inside].dropna()
        varied = len(scores) > 2 and bool((scores.min() < scores.max()).all())
        return float(scores["own"].rank().corr(scores["proliferation"].rank())) if varied else float("nan")


def _distance(row: Comparison) -> float:
    """How far the hazard ratio is from 1, without a sign: infinitely far where just one of two groups has events."""
    if row.hazard_ratio is not None:
        return float(abs(np.log(row.hazard_ratio.value)))
    one_sided = len(row.groups) == 2 and row.log_rank is not None and sum(g.events > 0 for g in row.groups) == 1
    return float("inf") if one_sided else float("nan")


def _compared(observed: NDArray[np.float64], drawn: NDArray[np.float64]) -> dict[str, Any]:
    """Where the observed statistics lie among those of random signatures."""
    known = drawn[~np.isnan(drawn[:, 0])]
    chi_squared, log_ratio = (float(x) for x in observed)
    ratios = known[:, 1][~np.isnan(known[:, 1])]
    return {
        "n_random": len(known),
        "n_failed": len(drawn) - len(known),
        "chi_squared": chi_squared,
        "random_chi_squared_median": _quantile(known[:, 0], 0.5),
        "random_chi_squared_q95": _quantile(known[:, 0], 0.95),
        "random_p_chi_squared": _empirical_p(chi_squared, known[:, 0]),
        "abs_log_hazard_ratio": log_ratio if np.isfinite(log_ratio) else np.nan,
        "random_abs_log_hazard_ratio_median": _quantile(ratios, 0.5),
        "random_p_hazard_ratio": _empirical_p(log_ratio, ratios),
    }


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """NaN where it is infinite: a hazard ratio that cannot be estimated is not printed."""
    with np.errstate(invalid="ignore"):
        found = float(np.quantile(values, share)) if values.size else float("nan")
    return found if np.isfinite(found) else float("nan")


def _empirical_p(observed: float, random: NDArray[np.float64]) -> float:
    """(b + 1) / (B + 1); equal statistics count as reached, whatever their last digit."""
    if np.isnan(observed) or not random.size:
        return float("nan")
    return float((np.sum(random >= observed * (1 - 1e-12)) + 1) / (random.size + 1))
