"""Many cohorts: a manifest, one task a cohort, on one machine or many, and one set of tables in the end."""

from strata.batch.folder import BatchFolder, Shard
from strata.batch.manifest import Manifest, Row, read_manifest
from strata.batch.merging import Merged, find_shards, merge
from strata.batch.outcomes import Outcome
from strata.batch.pooling import BATCH_POOLED_COLUMNS, ONE_STAGE
from strata.batch.previewing import PREVIEW_COLUMNS, preview
from strata.batch.running import BatchOptions, Ended, run_batch
from strata.batch.tables import FAILURE_COLUMNS

__all__ = [
    "BATCH_POOLED_COLUMNS",
    "FAILURE_COLUMNS",
    "ONE_STAGE",
    "PREVIEW_COLUMNS",
    "BatchFolder",
    "BatchOptions",
    "Ended",
    "Manifest",
    "Merged",
    "Outcome",
    "Row",
    "Shard",
    "find_shards",
    "merge",
    "preview",
    "read_manifest",
    "run_batch",
]
