"""Every gene of a cohort as a marker: one table, ranked, with P that knows how many were asked."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from strata.errors import DataError, Problem, UsageError
from strata.notebook import MOST_ROWS, Shown, Summary
from strata.scan.every_cut import EveryCut
from strata.scan.markers import MARKER_KINDS, Markers, markers_of
from strata.scan.rows import SCAN_COLUMNS, group_columns, rank_by, scored_columns, typed, value_columns
from strata.scan.study import Study, study_of
from strata.scoring import Resources
from strata.scoring.finding import Finder
from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.joint_null import JointNull
from strata.survival.kernels.many_groups import compare_many_groups
from strata.survival.kernels.many_values import fit_many_values
from strata.survival.kernels.prepared import worth_compiling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Assay, Cohort, MutationAssay
    from strata.signatures import Signature

__all__ = ["SCAN_COLUMNS", "GeneScan", "ScanCut", "scan_genes"]

AHEAD = 3
"""Blocks of markers that are read before they are tested."""

ScanCut = Literal["median", "continuous", "every"]


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class GeneScan(Shown):
    """What a scan found.

    Parameters
    ----------
    table : DataFrame
        One row a marker in the columns ``SCAN_COLUMNS``, the smallest P first.
    study : Study
        Whom it compared.
    cut : {"median", "continuous", "every"}
    n_permutations, seed : int
    inflation : float
        Genomic inflation: the median chi-squared that the P values stand for, over that of no effect; small groups are
        left out. NaN where there is no other.
    """

    table: pd.DataFrame
    study: Study
    cut: ScanCut
    n_permutations: int
    seed: int
    inflation: float

    def to_frame(self) -> pd.DataFrame:
        """The rows of ``scan.tsv``."""
        return self.table

    def _summary(self) -> Summary:
        facts = self.study.facts() | {"markers": len(self.table), "cut": self.cut}
        facts |= {"permutations": self.n_permutations, "genomic inflation": self.inflation}
        columns = ("gene", "assay", "marker", "n", "events", "hazard_ratio", "test", "p_value", "q_value", "max_t_p")
        first = self.table.head(MOST_ROWS)[list(columns)].itertuples(index=False)
        return Summary("Scan of genes", facts, columns, first, len(self.table), self.study.notes)


def scan_genes(
    cohort: Cohort,
    endpoint: str,
    *,
    assays: Sequence[str] = (),
    genes: Sequence[str] | None = None,
    cut: ScanCut = "median",
    population: str | None = None,
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    permutations: int = 1_000,
    minprop: float = 0.1,
    seed: int = 0,
    jobs: int = 2,
    library: Mapping[str, Signature] | None = None,
    progress: Callable[[int], None] | None = None,
) -> GeneScan:
    """Ask of every gene of a cohort whether survival differs by it.

    Parameters
    ----------
    cohort : Cohort
    endpoint : str
        ``"OS"``; ``"DFS"`` also finds RFS and DFI. True is an event; times end in months.
    assays : sequence of str
        Of ``mrna``, ``protein``, ``copy_number``, ``mirna``, ``serum``, ``mutation``; none named: all of the cohort.
    genes : sequence of str, optional
        Symbols, ids and aliases, or features as the tables name them; None: all.
    cut : {"median", "continuous", "every"}
        ``median``: above the median of the population against the rest. ``continuous``: the hazard ratio per standard
        deviation. ``every``: the cut that separates survival best, with a P corrected for the search and no hazard
        ratio at that cut, which would be too far from 1. Calls (mutated, amplified, deleted) are compared as they are.
    population : str, optional
        Signature ids joined by ``&``.
    stratification_factors : sequence of str
        Clinical columns that every test is stratified by.
    horizon : float, optional
        Months after which follow-up is cut.
    permutations : int
        Behind ``max_t_p``, ``permutation_p`` and the P of searched cuts; 0: none.
    minprop : float
        Of searched cuts: the smallest share of patients in a group.
    seed : int
    jobs : int
        Threads that test, beside those that read.
    library : mapping of id to Signature, optional
        Signatures that ``population`` may name.
    progress : callable, optional
        Called with the number of markers of each block that is done.

    Returns
    -------
    GeneScan
        ``p_value`` ranks the rows and is adjusted over all of them, also those that failed (``q_value``, Benjamini and
        Hochberg). It is the P that ``test`` names: by permutation where a group has fewer than 20 patients or 10
        events, because the log-rank P is far too small there; corrected for the search; else the log-rank P, or Wald's
        of the hazard ratio per standard deviation.

    Raises
    ------
    UsageError
        Unknown assays or cuts, or a population that names no signature.
    DataError
        When the cohort lacks the endpoint, an assay, a gene or a column asked for; a searched cut with delayed entry.

    Notes
    -----
    Log-rank, Cox (Efron) and proportional-hazards numbers are those of R's ``survdiff``, ``coxph`` and ``cox.zph``.
    ``max_t_p`` is Westfall and Young's, single-step: permutations deal time and event together to the patients, inside
    the stratification factors, and assume that censoring does not depend on the marker. There are none with delayed
    entry. Searched cuts have none and take no part in that of called markers.
    """
    _check(cut, permutations, minprop)
    kinds = _kinds(cohort, assays)
    study = study_of(
        cohort,
        endpoint,
        population=population,
        stratification_factors=stratification_factors,
        horizon=horizon,
        library=library,
    )
    if cut == "every" and study.outcome.entry is not None:
        what = f"{study.endpoint} has delayed entry, with which a cut cannot be searched"
        raise DataError(Problem(f"cohort {cohort.name}", what, "Scan with the median, or continuously", code="E812"))
    features = dict.fromkeys(kinds) if genes is None else _features(cohort, kinds, genes)
    tables: dict[str, Assay | MutationAssay] = {**cohort.assays, **cohort.mutations}
    n_markers = sum(len(names or tables[kind].features) for kind, names in features.items())
    compiled = worth_compiling(n_markers, study.outcome.n)
    scan = _Scan(study, cut, permutations, minprop, seed, jobs, compiled=compiled)
    read = (markers_of(cohort, kind, study.inside, study.keep, names) for kind, names in features.items())
    for markers in _ahead(chain.from_iterable(read)):
        scan.take(markers)
        if progress is not None:
            progress(len(markers.genes))
    return scan.finish()


def _ahead(blocks: Iterator[Markers]) -> Iterator[Markers]:
    """The blocks; a thread reads some more while one is tested."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, blocks, None) for _ in range(AHEAD))
        while (markers := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, blocks, None))
            yield markers


def _check(cut: str, permutations: int, minprop: float) -> None:
    problems = []
    if cut not in get_args(ScanCut):
        problems.append(Problem("cut", f"'{cut}' is none of {', '.join(get_args(ScanCut))}", code="E703"))
    if permutations < 0:
        problems.append(Problem("permutations", f"{permutations} is below 0", code="E703"))
    if cut == "every" and permutations == 0:
        problems.append(
            Problem("permutations", "a searched cut has no P without them", "Give 1000 or more", code="E703")
        )
    if not 0.0 < minprop < 0.5:
        problems.append(Problem("minprop", f"{minprop} is not between 0 and 0.5", code="E703"))
    if problems:
        raise UsageError(problems)


def _kinds(cohort: Cohort, assays: Sequence[str]) -> list[str]:
    """The assays to scan."""
    has = [kind for kind in MARKER_KINDS if kind in cohort.assays or kind in cohort.mutations]
    unknown = [kind for kind in assays if kind not in MARKER_KINDS]
    if unknown:
        raise UsageError(Problem("assay", f"{', '.join(unknown)}: not one of {', '.join(MARKER_KINDS)}", code="E703"))
    absent = [kind for kind in assays if kind not in has]
    if absent or not has:
        what = f"it has no {', '.join(absent)} table" if absent else "it has no assay to scan"
        raise DataError(Problem(f"cohort {cohort.name}", what, f"It has {', '.join(has)}" if has else "", code="E811"))
    return [kind for kind in has if kind in assays or not assays]


def _features(cohort: Cohort, kinds: Sequence[str], genes: Sequence[str]) -> dict[str, Sequence[str] | None]:
    """The features of each assay that the names mean; a name may be in some assays only."""
    finder = Finder(cohort, Resources().names)
    found = {kind: [finder.find(kind, gene) for gene in genes] for kind in kinds}
    problems = []
    for gene, *each in zip(genes, *found.values()):
        if all(one.feature is None for one in each):
            near = get_close_matches(gene, (name for kind in kinds for name in finder.features(kind)), n=1)
            hint = f"Did you mean '{near[0]}'?" if near else ""
            problems.append(Problem(f"cohort {cohort.name}", "; ".join(one.reason for one in each), hint, code="E811"))
    if problems:
        raise DataError(problems)
    return {kind: list(dict.fromkeys(o.feature for o in each if o.feature)) for kind, each in found.items()}


class _Scan:
    """The rows of a scan, block by block."""

    def __init__(
        self,
        study: Study,
        cut: ScanCut,
        permutations: int,
        minprop: float,
        seed: int,
        jobs: int,
        *,
        compiled: bool,
    ) -> None:
        self.study, self.cut, self.seed = study, cut, seed
        self.how: dict[str, Any] = {"jobs": jobs, "compiled": compiled}
        outcome = study.outcome
        self.permutations = 0 if outcome.entry is not None else permutations
        more = {"n_permutations": self.permutations, "seed": seed}
        self.null = JointNull(outcome.time, outcome.event, outcome.strata, **more) if self.permutations else None
        self.searched = EveryCut(outcome, minprop, jobs=jobs, **more) if cut == "every" and self.permutations else None
        self.parts: list[dict[str, NDArray[Any]]] = []

    def take(self, markers: Markers) -> None:
        """Test a block of markers."""
        outcome, size = self.study.outcome, len(markers.genes)
        found: dict[str, Any] = dict.fromkeys((*SCAN_COLUMNS, "statistic"), np.full(size, np.nan))
        found |= {"assay": markers.assay, "gene": markers.genes, "note": [""] * size}
        in_groups = markers.numbers is None or self.cut == "median"
        if in_groups:
            known = None if markers.known.all() else markers.known
            groups = compare_many_groups(outcome, markers.positive, known, **self.how)
            found |= {"marker": markers.positive_if, "cut": markers.cuts} | group_columns(groups)
        if markers.numbers is not None:
            fits = fit_many_values(outcome, markers.numbers, **self.how)
            found |= value_columns(fits, main=not in_groups)
        if markers.numbers is not None and self.searched is not None:
            # without a place in the maximum of ``null``: linear statistics say nothing of the largest over many cuts
            found |= self.searched.columns(markers.numbers)
        elif self.null is not None:
            columns = scored_columns(markers, outcome.strata, in_groups=in_groups)
            found["statistic"], found["permutation_p"] = self.null.add(columns)
        self.parts.append({name: np.broadcast_to(column, size) for name, column in found.items()})

    def finish(self) -> GeneScan:
        """All blocks together, adjusted and ranked."""
        study = self.study
        names = (*SCAN_COLUMNS, "statistic")
        # [] where there is no part at all
        table = pd.DataFrame({name: np.concatenate([[], *(part[name] for part in self.parts)]) for name in names})
        table = table.assign(cohort=study.cohort, population=study.population, endpoint=study.endpoint)
        table["n_unknown"] = study.outcome.n - table["n"]
        if self.null is not None:
            table["max_t_p"] = self.null.largest_p(table["statistic"].to_numpy(dtype=float))
        rank_by(table, study.notes, permutations=self.permutations)
        table["q_value"] = adjust_p(table["p_value"].to_numpy(dtype=float), "BH", n=len(table))
        by = ["p_value", "log10_p", "assay", "gene", "marker"]
        ranked = table.sort_values(by, na_position="last", kind="stable", ignore_index=True)
        inflation = _inflation(table.loc[~table["small"], "p_value"].dropna().to_numpy(dtype=float))
        return GeneScan(typed(ranked), study, self.cut, self.permutations, self.seed, inflation)


def _inflation(p_values: NDArray[np.float64]) -> float:
    """Devlin and Roeder 1999; the median chi-squared is that of the P in the middle, or between those of the two."""
    if not p_values.size:
        return math.nan
    middle = np.sort(p_values)[[(p_values.size - 1) // 2, p_values.size // 2]]
    normal = NormalDist()
    # a P that is too small for a number counts as the smallest there is
    chi_squared = [normal.inv_cdf(max(p / 2.0, math.ulp(0.0))) ** 2 for p in middle.tolist()]
    return fmean(chi_squared) / normal.inv_cdf(0.25) ** 2
