"""Tables of a cohort written in the layouts that are read, of cohorts we invent and of cohorts that were read."""

from __future__ import annotations

from strata.writing.adtte import write_adtte
from strata.writing.cbioportal import write_cbioportal
from strata.writing.convert import write_cohort
from strata.writing.flat import write_flat
from strata.writing.gct import write_gct
from strata.writing.gdc import write_gdc
from strata.writing.geo import write_geo
from strata.writing.h5ad import write_h5ad
from strata.writing.tables import CohortTables
from strata.writing.tidy import write_tidy
from strata.writing.xena import write_xena

__all__ = [
    "CohortTables",
    "write_adtte",
    "write_cbioportal",
    "write_cohort",
    "write_flat",
    "write_gct",
    "write_gdc",
    "write_geo",
    "write_h5ad",
    "write_tidy",
    "write_xena",
]
