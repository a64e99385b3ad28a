"""What a layout hands to the reader: the files of a cohort by what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from strata.cohort.assay_tables import TableSource
from strata.cohort.options import cohort_key
from strata.cohort.table import Table
from strata.errors import PlanError, Problem

if TYPE_CHECKING:
    from strata.cohort.spec import CohortSpec

__all__ = ["CohortFiles", "refuse_tables"]


@dataclass
class CohortFiles:
    """The files of one cohort.

    Parameters
    ----------
    layout, why : str
        The layout's name, and how it was chosen.
    clinical : list of Path or Table
        Tables of patients or samples, by their files or as the layout made them.
    samples : list of Path or Table
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
    read : dict of reading option to value
        How tables of this layout are read where the call leaves an option at its default.
    """

    layout: str
    why: str
    clinical: list[Path | Table] = field(default_factory=list)
    samples: list[Path | Table] = field(default_factory=list)
    matrices: dict[str, list[TableSource]] = field(default_factory=dict)
    variants: dict[str, list[Path]] = field(default_factory=dict)
    panels: list[Path] = field(default_factory=list)
    gene_lists: list[Path] = field(default_factory=list)
    assayed_ids: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    everyone_sequenced: bool = False
    panel_genes: frozenset[str] | None = None
    ignored: list[str] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)


def refuse_tables(spec: CohortSpec, layout: str) -> None:
    """Refuse a cohort YAML that names single tables for a layout that finds them itself.

    Raises
    ------
    PlanError
    """
    if spec.tables:
        what = f"layout {layout} finds its tables itself, and {', '.join(spec.tables)} are named"
        raise PlanError(
            Problem(
                str(spec.origin), what, f"Give the folder under {cohort_key('folder')}, or layout: flat", code="E218"
            )
        )
