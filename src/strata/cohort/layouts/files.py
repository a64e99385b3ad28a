"""What a layout hands to the reader: the files of a cohort by what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from strata.cohort.assay_tables import TableSource

__all__ = ["CohortFiles"]


@dataclass
class CohortFiles:
    """The files of one cohort.

    Parameters
    ----------
    layout, why : str
        The layout's name, and how it was chosen.
    clinical : list of Path
        Tables of patients or samples.
    samples : list of Path
        Tables that link samples to patients.
    matrices : dict of assay kind to tables, the first wins per feature
    variants : dict of ``mutation`` or ``germline`` to tables
    panels : list of Path
        Files that say who was assayed, or for which genes.
    gene_lists : list of Path
        Files that hold the genes of the panel.
    assayed_ids : dict of source to assay kind and ids
        Lists of samples that are no table (case lists, the YAML's list).
    everyone_sequenced : bool
    panel_genes : frozenset of str or None
    ignored : list of str
        Files that are no table of the cohort.
    """

    layout: str
    why: str
    clinical: list[Path] = field(default_factory=list)
    samples: list[Path] = field(default_factory=list)
    matrices: dict[str, list[TableSource]] = field(default_factory=dict)
    variants: dict[str, list[Path]] = field(default_factory=dict)
    panels: list[Path] = field(default_factory=list)
    gene_lists: list[Path] = field(default_factory=list)
    assayed_ids: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    everyone_sequenced: bool = False
    panel_genes: frozenset[str] | None = None
    ignored: list[str] = field(default_factory=list)
