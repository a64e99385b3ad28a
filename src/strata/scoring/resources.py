"""What scoring needs beside a cohort and its signatures: gene lists, centroids, gene names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from strata.errors import Problem, UsageError
from strata.genes import GeneNames
from strata.signatures import Centroids, GeneList, read_centroids, read_gene_lists

__all__ = ["MIN_COVERAGE", "Resources"]

MIN_COVERAGE = 0.8
"""The share of a list's genes below which it is not scored, unless another is given."""


@dataclass(frozen=True, eq=False, slots=True)
class Resources:
    """Gene lists, centroids and gene names, read once for any number of cohorts.

    Parameters
    ----------
    gene_lists : mapping of name to GeneList
    centroids : mapping of scheme to Centroids
    names : GeneNames
        Approved symbols, earlier symbols and aliases.
    min_coverage : float
        The share of a list's (or of the centroids') genes that must be found, else it is not scored; of one patient,
        the share that must have a value.
    files : tuple of Path
        What was read.
    """

    gene_lists: Mapping[str, GeneList] = field(default_factory=dict)
    centroids: Mapping[str, Centroids] = field(default_factory=dict)
    names: GeneNames = field(default_factory=GeneNames.shipped)
    min_coverage: float = MIN_COVERAGE
    files: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.min_coverage <= 1:
            what = f"is {self.min_coverage:g}"
            raise UsageError(
                Problem("min_coverage", what, "Give a share above 0 and at most 1, such as 0.8", code="E703")
            )

    @classmethod
    def read(
        cls,
        *,
        gene_sets: Iterable[str | Path] = (),
        centroids: Iterable[str | Path] = (),
        hgnc: str | Path | None = None,
        min_coverage: float = MIN_COVERAGE,
    ) -> Resources:
        """Read the files that a user points at.

        Parameters
        ----------
        gene_sets : iterable of path
            GMT, GMX, or TSV and CSV of two or three columns.
        centroids : iterable of path
            Genes x classes.
        hgnc : path, optional
            ``hgnc_complete_set.txt`` in the place of the names that are shipped.
        min_coverage : float

        Raises
        ------
        InputOutputError, DataError
            When a file cannot be read or holds something else.
        UsageError
            When ``min_coverage`` is no share.
        """
        lists, tables = [Path(path) for path in gene_sets], [Path(path) for path in centroids]
        return cls(
            read_gene_lists(lists),
            read_centroids(tables),
            GeneNames.shipped() if hgnc is None else GeneNames.read_hgnc(Path(hgnc)),
            min_coverage,
            (*lists, *tables, *([] if hgnc is None else [Path(hgnc)])),
        )
