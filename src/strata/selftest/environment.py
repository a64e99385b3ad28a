"""What strata runs on here: versions, optional parts, and which of its fast paths are in use and why."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from typing import NamedTuple

import numpy as np
import pandas as pd

from strata.selftest.golden import golden_set
from strata.survival.kernels.many_groups import compare_many_groups
from strata.survival.kernels.prepared import COMPILED_FROM, PreparedOutcome

__all__ = ["COMPILED_TOLERANCE", "Part", "compiled_difference", "describe_environment"]

COMPILED_TOLERANCE = 1e-9
"""Relative difference between a compiled number and numpy's that is rounding."""

_EXTRAS = {
    "dask": ("distributed", "runs and batches can use a Dask cluster, with --scheduler"),
    "h5ad": ("anndata", "cohorts in .h5ad files can be read and written"),
}
"""Of each extra its package, and what it is for."""


class Part(NamedTuple):
    """One thing that strata runs on.

    Parameters
    ----------
    name : str
    words : str
        Its version, whether it is there or in use, and why.
    ok : bool
        False where it is installed and does not work.
    """

    name: str
    words: str
    ok: bool = True


def describe_environment() -> list[Part]:
    """Versions, optional parts and fast paths of this installation.

    Returns
    -------
    list of Part
        ``strata``, ``Python``, ``dependencies``, ``extra NAME`` of each optional part, ``compiled kernels``, ``gzip``
        and ``threads``.
    """
    machine = f"{platform.python_implementation()}, {platform.system()} {platform.machine()}"
    return [
        Part("strata", version("strata-cohort")),
        Part("Python", f"{platform.python_version()}, {machine}"),
        Part("dependencies", ", ".join(f"{name} {version(name)}" for name in _dependencies())),
        *(_extra(name, package, purpose) for name, (package, purpose) in _EXTRAS.items()),
        _compiled_kernels(),
        Part("gzip", f"on: compressed tables are read by ISA-L (isal {version('isal')})"),
        _threads(),
    ]


def compiled_difference() -> float:
    """The largest relative difference between numba's and numpy's numbers of one log-rank test and Cox model."""
    trial = pd.DataFrame(golden_set()["tables"]["trial"])
    outcome = PreparedOutcome.of(trial["time"].to_numpy(float), trial["event"].to_numpy(bool))
    positive = trial[["arm"]].to_numpy(bool).T
    by_numba, by_numpy = (compare_many_groups(outcome, positive, compiled=compiled) for compiled in (True, False))
    names = ("chi_squared", "coefficients", "standard_errors", "ph_chi_squared")
    ours, expected = (np.concatenate([getattr(found, name) for name in names]) for found in (by_numba, by_numpy))
    return float(np.max(np.abs(ours - expected) / np.abs(expected)))


def _dependencies() -> Iterator[str]:
    """The packages that are installed with strata, as its metadata ask for them."""
    for requirement in requires("strata-cohort") or ():
        if "extra ==" not in requirement:
            yield re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _extra(name: str, package: str, purpose: str) -> Part:
    try:
        words = f"present: {package} {version(package)}; {purpose}"
    except PackageNotFoundError:
        words = f"absent: {package} is not installed; with it {purpose} (pip install 'strata-cohort[{name}]')"
    return Part(f"extra {name}", words)


def _compiled_kernels() -> Part:
    numba = f"numba {version('numba')}"
    try:
        from numba import config

        apart = compiled_difference()
    except (ImportError, OSError, RuntimeError) as error:
        # numba's own words: it is too old for numpy, it finds no compiler library, it may write into no folder
        words = f"off: {numba} does not work here ({type(error).__name__}: {error}); scans of many genes will fail"
        return Part("compiled kernels", words, ok=False)
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        words = f"off: NUMBA_DISABLE_JIT is set, so that {numba} compiles nothing; scans of many genes are very slow"
        return Part("compiled kernels", words)
    agree = apart <= COMPILED_TOLERANCE
    words = (
        f"on: those of {numba} {'agree' if agree else 'DISAGREE'} with numpy's here (relative difference {apart:.1e}); "
        f"used where tests x patients reach {COMPILED_FROM:,}, numpy's below, where they are quicker"
    )
    return Part("compiled kernels", words, ok=agree)


def _threads() -> Part:
    from joblib import cpu_count
    from threadpoolctl import threadpool_info

    pools = sorted({f"{pool['internal_api']} {pool['num_threads']}" for pool in threadpool_info()})
    words = (
        f"{cpu_count()} processors may be used; strata works in one until --jobs says more; "
        f"threads of linear algebra: {', '.join(pools) or 'none found'}"
    )
    return Part("threads", words)
