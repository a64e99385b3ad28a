"""Invented data, made in a process of its own and kept for every table that asks for the same sizes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.work import Measured

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

SIGNATURES, GENES_EACH = 10, 6


def cohort(folder: Path, genes: int, samples: int) -> Measured:
    """Numbers with four decimals in memory, as TSV and as TSV.gz."""
    import gzip
    import shutil

    values, time, event = _numbers(folder, genes, samples, 4)
    plain, packed = folder / "cohort", folder / "cohort-gz"
    packed.mkdir()
    _write_cohort(plain, values, {"os": (time, event)})
    shutil.copy(plain / "clinical.tsv", packed)
    with (plain / "mrna.tsv").open("rb") as source, gzip.open(packed / "mrna.tsv.gz", "wb", 6) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return Measured(0.0)


def numbers(folder: Path, genes: int, samples: int, decimals: int) -> Measured:
    """In memory alone."""
    _numbers(folder, genes, samples, decimals)
    return Measured(0.0)


def groups(folder: Path, tests: int, patients: int) -> Measured:
    """Random halves of the same patients."""
    import numpy as np

    rng = np.random.default_rng(patients)
    time, event, risk = _outcome(rng, patients)
    split = rng.normal(size=(tests, patients)) + 0.2 * risk > 0
    split.astype(float).tofile(folder / "values")
    time.tofile(folder / "time")
    event.astype(float).tofile(folder / "event")
    (folder / "shape").write_text(f"{tests} {patients}")
    return Measured(0.0)


def expression(folder: Path, genes: int, samples: int) -> Measured:
    """A table and 50 gene sets, as ``benchmarks/gene_sets.py`` makes them."""
    from gene_sets import make

    make(folder, samples, genes)
    return Measured(0.0)


def cohorts(folder: Path, files: int, genes: int, samples: int) -> Measured:
    """Cohort folders with two endpoints, and ten signatures of six genes each."""
    import numpy as np

    for i in range(files):
        rng = np.random.default_rng(i)
        time, event, risk = _outcome(rng, samples)
        values = rng.normal(8.0, 1.0, size=(genes, samples))
        values[:60] += 0.2 * risk
        earlier = np.ceil(time * rng.uniform(0.5, 1.0, samples))
        _write_cohort(folder / f"c{i:03}", values, {"os": (time, event), "dfs": (earlier, event)})
    (folder / "signatures").mkdir()
    for i in range(SIGNATURES):
        terms = "".join(f"    - {{mrna: {name}}}\n" for name in members(i))
        (folder / "signatures" / f"sig{i}.yaml").write_text(
            f"id: sig{i}\nname: Invented {i}\nscore:\n  mean:\n{terms}positive: {{score: self, above: median}}\n"
            "claims:\n  - {role: prognostic, evidence: hypothesis, document: invented}\n"
        )
    return Measured(0.0)


def narrow_and_wide(folder: Path, files: int, genes: int, samples: int) -> Measured:
    """The same twice, the second time with ten times the genes."""
    for name, wider in (("narrow", 1), ("wide", 10)):
        (folder / name).mkdir()
        cohorts(folder / name, files, wider * genes, samples)
    return Measured(0.0)


def compiled(folder: Path) -> Measured:  # noqa: ARG001
    """Call what strata compiles."""
    import numpy as np

    from strata.survival.kernels.many_groups import compare_many_groups
    from strata.survival.kernels.many_values import fit_many_values
    from strata.survival.kernels.pair_layout import PairLayout
    from strata.survival.kernels.pairs import PackedMarkers, compare_pairs
    from strata.survival.kernels.prepared import PreparedOutcome

    rng = np.random.default_rng(0)
    time, event, _ = _outcome(rng, 200)
    values = rng.normal(size=(4, 200))
    prepared = PreparedOutcome.of(time, event)
    compare_many_groups(prepared, values > 0, compiled=True)
    fit_many_values(prepared, values, compiled=True)
    layout = PairLayout.of(prepared)
    markers = PackedMarkers(layout.pack(np.packbits(values > 0, axis=1)))
    compare_pairs(layout, markers, markers, compiled=True)
    return Measured(0.0)


def members(signature: int) -> list[str]:
    """The genes of a signature."""
    return [f"G{GENES_EACH * signature + j:05}" for j in range(GENES_EACH)]


def picked(k: int, of: int) -> list[int]:
    """``k`` of ``of`` genes, spread evenly; ``peers.R`` picks the same."""
    return [i * of // k for i in range(k)]


def matrix(folder: Path) -> Array:
    """The values of ``cohort``, ``numbers`` or ``groups``."""
    import numpy as np

    shape = tuple(map(int, (folder / "shape").read_text().split()))
    return np.fromfile(folder / "values").reshape(shape)


def outcome(folder: Path) -> tuple[Array, Array]:
    """Times in months and events."""
    import numpy as np

    return np.fromfile(folder / "time"), np.fromfile(folder / "event") > 0


def in_memory(folder: Path) -> Any:
    """A cohort of strata whose matrix is in memory already."""
    import pandas as pd

    from strata.cohort import Cohort, Endpoint

    values, (time, event) = matrix(folder), outcome(folder)
    patients = [f"P{i:05}" for i in range(time.size)]
    table = pd.DataFrame(values.T, patients, [f"G{i:05}" for i in range(len(values))])
    series = pd.Series(time, patients), pd.Series(event, patients, dtype="boolean")
    endpoint = Endpoint("OS", *series, "months", "invented")
    return Cohort("invented", pd.DataFrame(index=table.index), {"mrna": MemoryAssay(table)}, {}, {"OS": endpoint})


class MemoryAssay:
    """What a reader gives, without files."""

    kind = "mrna"

    def __init__(self, table: Any) -> None:
        self.table, self.features, self.assayed = table, list(table.columns), frozenset(table.index)

    def scale(self, feature: str) -> str:  # noqa: ARG002
        """All the same."""
        return "log2"

    def written(self, feature: str) -> str:
        """As it is."""
        return feature

    def read(self, features: list[str]) -> Any:
        """Values (patients x features)."""
        return self.table if len(features) == len(self.features) else self.table[list(features)]


def _numbers(folder: Path, genes: int, samples: int, decimals: int) -> tuple[Array, Array, Array]:
    """Genes x samples, of which every tenth gene has something to do with survival; written for ``matrix``."""
    import numpy as np

    rng = np.random.default_rng(genes + samples)
    time, event, risk = _outcome(rng, samples)
    values = rng.normal(rng.normal(7, 2, genes)[:, np.newaxis], 1.0, size=(genes, samples))
    values[::10] += 0.3 * risk
    values.round(decimals, out=values).tofile(folder / "values")
    time.tofile(folder / "time")
    event.astype(float).tofile(folder / "event")
    (folder / "shape").write_text(f"{genes} {samples}")
    return values, time, event


def _outcome(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    """Whole months with many ties, about 60 % events, and the risk behind them."""
    import numpy as np

    risk = rng.normal(size=n)
    dies, leaves = rng.exponential(30 * np.exp(-0.5 * risk)), rng.exponential(50, n)
    return np.ceil(np.minimum(dies, leaves)), dies <= leaves, risk


def _write_cohort(folder: Path, values: Array, endpoints: dict[str, tuple[Array, Array]]) -> None:
    folder.mkdir()
    patients = [f"P{i:05}" for i in range(values.shape[1])]
    form = "\t%.4f" * len(patients)
    with (folder / "mrna.tsv").open("w") as file:
        file.write("\t".join(["gene", *patients]) + "\n")
        for i, row in enumerate(values):
            file.write(f"G{i:05}" + form % tuple(row) + "\n")
    names = [f"{name}_{part}" for name in endpoints for part in ("months", "event")]
    columns = [column for pair in endpoints.values() for column in pair]
    rows = ["\t".join([patient, *(f"{x:.0f}" for x in row)]) for patient, *row in zip(patients, *columns)]
    (folder / "clinical.tsv").write_text("\n".join(["\t".join(["patient_id", *names]), *rows]) + "\n")
