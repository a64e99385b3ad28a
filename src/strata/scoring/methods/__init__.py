"""Scoring methods for gene sets: one file a method, and its line in ``METHODS``."""

from collections.abc import Mapping
from types import MappingProxyType

from strata.scoring.methods.correlation import CORRELATION, spearman
from strata.scoring.methods.expression import Expression
from strata.scoring.methods.gsva import GSVA
from strata.scoring.methods.mean import MEAN
from strata.scoring.methods.method import IndexedSet, Method
from strata.scoring.methods.plage import PLAGE
from strata.scoring.methods.scaling import SCALINGS
from strata.scoring.methods.signed_mean import SIGNED_MEAN
from strata.scoring.methods.singscore import SINGSCORE
from strata.scoring.methods.ssgsea import SSGSEA
from strata.scoring.methods.weighted import WEIGHTED
from strata.scoring.methods.zscore import ZSCORE

__all__ = ["METHODS", "SCALINGS", "Expression", "IndexedSet", "Method", "spearman"]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (MEAN, ZSCORE, SIGNED_MEAN, WEIGHTED, SSGSEA, GSVA, PLAGE, SINGSCORE, CORRELATION)
    }
)
