"""What genes are called: approved symbols, ids and other names, and the features of a table that stand for a gene."""

from strata.genes.features import FeatureIndex, Found
from strata.genes.names import GeneNames, Resolved

__all__ = ["FeatureIndex", "Found", "GeneNames", "Resolved"]
