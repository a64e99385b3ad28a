"""What ``strata selftest`` says of the installation."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import numpy
import pytest

from strata.selftest import describe_environment, environment


def words(name: str) -> str:
    (part,) = (part for part in describe_environment() if part.name == name)
    return part.words


def test_versions_are_those_that_are_installed():
    assert words("strata") == version("strata-cohort")
    assert words("Python").startswith(f"{platform.python_version()}, ")
    named = words("dependencies").split(", ")
    assert f"numpy {numpy.__version__}" in named
    assert {"pandas", "lifelines", "pyarrow", "numba", "matplotlib"} <= {name.split()[0] for name in named}
    assert not {"pytest", "anndata", "distributed"} & {name.split()[0] for name in named}


def test_an_extra_is_present_with_its_version(monkeypatch):
    monkeypatch.setattr(environment, "version", lambda name: "9.8.7")
    assert words("extra h5ad").startswith("present: anndata 9.8.7; ")
    assert words("extra dask").startswith("present: distributed 9.8.7; ")


def test_an_extra_is_absent_with_how_to_get_it(monkeypatch):
    def missing(name: str) -> str:
        if name == "anndata":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(environment, "version", missing)
    assert words("extra h5ad").startswith("absent: anndata is not installed; ")
    assert "pip install 'strata-cohort[h5ad]'" in words("extra h5ad")


def test_compiled_kernels_are_on_with_the_difference_measured():
    assert environment.compiled_difference() < 1e-12
    assert words("compiled kernels").startswith(f"on: those of numba {version('numba')} agree with numpy's here ")
    assert all(part.ok for part in describe_environment())


def test_compiled_kernels_that_differ_are_said(monkeypatch):
    monkeypatch.setattr(environment, "compiled_difference", lambda: 2e-9)
    (part,) = (part for part in describe_environment() if part.name == "compiled kernels")
    assert not part.ok
    assert "DISAGREE with numpy's here (relative difference 2.0e-09)" in part.words


@pytest.mark.parametrize("error", [ImportError, OSError, RuntimeError])
def test_compiled_kernels_that_fail_are_off_with_the_reason(monkeypatch, error):
    def broken() -> float:
        raise error("Numba needs NumPy 2.0 or less")

    monkeypatch.setattr(environment, "compiled_difference", broken)
    (part,) = (part for part in describe_environment() if part.name == "compiled kernels")
    assert not part.ok
    assert part.words.startswith("off: ")
    assert f"({error.__name__}: Numba needs NumPy 2.0 or less)" in part.words


def test_compiling_that_is_switched_off_is_said():
    code = "from strata.selftest import describe_environment; print(*describe_environment(), sep=chr(10))"
    switched_off = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=switched_off, capture_output=True, text=True, check=True)
    assert "off: NUMBA_DISABLE_JIT is set" in done.stdout


def test_threads_are_counted():
    assert " processors may be used" in words("threads")
    assert int(words("threads").split()[0]) >= 1
