"""Every pair of genes of a cohort: do patients high in both fare differently, and more so than two genes explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strata.errors import Problem, UsageError
from strata.notebook import MOST_ROWS, Shown, Summary
from strata.scan.pair_markers import PairMarkers, check_assay
from strata.scan.pair_rows import PAIR_COLUMNS, pair_rows
from strata.scan.pair_state import State
from strata.scan.pair_tally import HISTOGRAM_COLUMNS, Limits
from strata.scan.pair_walk import PairOptions, PairProgress, Walk
from strata.scan.study import Study, study_of

if TYPE_CHECKING:
    import pandas as pd

    from strata.cohort import Cohort
    from strata.signatures import Signature

__all__ = ["HISTOGRAM_COLUMNS", "PAIR_COLUMNS", "PairProgress", "PairScan", "scan_pairs"]

COMPILED_FROM = 1_000_000_000
"""Pairs times patients from which importing numba, and compiling the first time, costs less than it saves."""


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class PairScan(Shown):
    """What a scan of pairs found.

    Parameters
    ----------
    table : DataFrame
        The best pairs in the columns ``PAIR_COLUMNS``, the smallest P first.
    histogram : DataFrame
        How many pairs have which chi-squared and which P, in the columns ``HISTOGRAM_COLUMNS``: of all pairs tested,
        those that are ranked (``pairs``) and those that are too small for it (``small_pairs``).
    study : Study
        Whom it compared.
    counts : mapping of str to int
        ``markers``; ``pairs`` of them, ``tested`` or ``not_testable`` (nobody positive for both, or no event that tells
        the groups apart); of those tested ``ranked`` or ``small`` (too few patients or events to be ranked).
    n_permutations, seed : int
    resumed : int
        Pairs that an interrupted scan had done.
    """

    table: pd.DataFrame
    histogram: pd.DataFrame
    study: Study
    counts: Mapping[str, int]
    n_permutations: int
    seed: int
    resumed: int

    def to_frame(self) -> pd.DataFrame:
        """The rows of ``pairs.tsv``."""
        return self.table

    def _summary(self) -> Summary:
        counts = {name.replace("_", " "): n for name, n in self.counts.items()}
        facts = self.study.facts() | counts | {"permutations": self.n_permutations}
        columns = ["gene_1", "gene_2", "n_both", "events_both", "hazard_ratio", "log_rank_p", "q_value", "bonferroni_p"]
        columns += ["interaction", "interaction_bonferroni_p"]
        first = self.table.head(MOST_ROWS)[columns].itertuples(index=False)
        return Summary("Scan of pairs", facts, columns, first, len(self.table), self.study.notes)


def scan_pairs(
    cohort: Cohort,
    endpoint: str,
    *,
    assay: str = "mrna",
    genes: Sequence[str] | None = None,
    partner: str | None = None,
    population: str | None = None,
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    top: int = 1000,
    min_patients: int = 20,
    min_events: int = 10,
    permutations: int = 0,
    seed: int = 0,
    jobs: int = 1,
    compiled: bool | None = None,
    progress: Callable[[PairProgress], None] | None = None,
    state: str | Path | None = None,
    overwrite: bool = False,
    library: Mapping[str, Signature] | None = None,
) -> PairScan:
    """Ask of every pair of genes whether the patients high in both survive differently from the rest.

    Parameters
    ----------
    cohort : Cohort
    endpoint : str
        ``"OS"``; ``"DFS"`` also finds RFS and DFI. True is an event; times end in months.
    assay : str
        ``mrna``, ``protein``, ``copy_number``, ``mirna``, ``serum`` or ``mutation``. High is strictly above the median
        of the population; calls (mutated, amplified, deleted) are taken as they are.
    genes : sequence of str, optional
        These alone, by any name; None: all.
    partner : str, optional
        This gene with every other, instead of all pairs.
    population : str, optional
        Signature ids joined by ``&``.
    stratification_factors : sequence of str
        Clinical columns that every test is stratified by.
    horizon : float, optional
        Months after which follow-up is cut.
    top : int
        How many pairs are returned; nothing else is kept of a pair but its place in the histogram.
    min_patients, min_events : int
        A pair is ranked where both groups have as many: the P of large samples is far too small in smaller ones.
    permutations : int
        Behind ``max_t_p``; each takes as long as the scan itself.
    seed : int
        Of the permutations.
    jobs : int
        Threads.
    compiled : bool, optional
        By numba rather than numpy: the same numbers to 1e-12. None: where there are enough pairs to pay for it.
    progress : callable, optional
        Called with a ``PairProgress`` after each tile.
    state : path, optional
        A file that keeps what is done when the scan is interrupted; the same scan then goes on from there and ends
        with the same numbers. It stays when the scan is done: remove it once the result is kept.
    overwrite : bool
        Start anew where ``state`` belongs to another scan.
    library : mapping of id to Signature, optional
        Signatures that ``population`` may name.

    Returns
    -------
    PairScan
        ``q_value`` (Benjamini and Hochberg, as if every pair that is not returned had P = 1) and ``bonferroni_p`` are
        over all pairs ranked, and so is ``interaction_bonferroni_p``, without which no pair is called a synergy.

    Raises
    ------
    UsageError
        Options that make no sense, or a population that names no signature.
    DataError
        When the cohort lacks the endpoint, the assay or a gene.
    InputOutputError
        When ``state`` belongs to another scan, or cannot be read or written.

    Notes
    -----
    Chi-squared is that of ``survdiff``. Kleene logic: who is low in one gene is in the rest, also where the other is
    unknown; who is high in one and unknown in the other is left out of that pair. ``max_t_p`` is Westfall and Young's,
    single-step, of the largest chi-squared: permutations deal time and event together to the patients, inside the
    stratification factors, and assume that censoring does not depend on the markers. There are none with delayed entry.
    """
    _check({"top": (top, 1), "min_patients": (min_patients, 0), "min_events": (min_events, 0), "jobs": (jobs, 1)})
    _check({"permutations": (permutations, 0), "seed": (seed, 0)})
    check_assay(cohort, assay)
    study = study_of(
        cohort,
        endpoint,
        population=population,
        stratification_factors=stratification_factors,
        horizon=horizon,
        library=library,
    )
    if study.outcome.entry is not None:
        permutations = 0
    markers = PairMarkers.read(cohort, assay, study, genes, partner)
    n_pairs = markers.n_pairs
    if compiled is None:
        compiled = n_pairs * (permutations + 1) * study.outcome.n >= COMPILED_FROM
    limits = Limits(min_patients, min_events)
    walk = Walk(study.outcome, markers, PairOptions(top, limits, permutations, seed, compiled))
    kept = None if state is None else State(Path(state), walk.key())
    if kept is not None:
        walk.tally = kept.load(overwrite=overwrite) or walk.tally
    resumed = walk.pairs_in(walk.tally.done)
    walk.run(jobs, kept, progress or (lambda _: None))
    tally = walk.tally
    return PairScan(
        table=pair_rows(study, assay, markers, tally),
        histogram=tally.histogram(),
        study=study,
        counts={
            "markers": len(markers.genes),
            "pairs": n_pairs,
            "tested": tally.ranked + tally.small,
            "ranked": tally.ranked,
            "small": tally.small,
            "not_testable": n_pairs - tally.ranked - tally.small,
        },
        n_permutations=permutations,
        seed=seed,
        resumed=resumed,
    )


def _check(least: Mapping[str, tuple[int, int]]) -> None:
    problems = [
        Problem(name, f"{value} is below {low}", code="E703") for name, (value, low) in least.items() if value < low
    ]
    if problems:
        raise UsageError(problems)
