"""The wheel, made from the sdist and installed away from the checkout, has all its files and runs the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

import pytest

from strata.errors import InputOutputError
from strata.yaml_file import read_yaml


@pytest.fixture(scope="module")
def built(root, tmp_path_factory) -> tuple[Path, Path]:
    """The wheel and the sdist that it was made from."""
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(root)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,), (sdist,) = folder.glob("strata_cohort-*.whl"), folder.glob("strata_cohort-*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A new environment that holds the wheel; the dependencies are those of the running one."""
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(built[0])]
    subprocess.run(pip, check=True, capture_output=True)
    # a folder on PYTHONPATH lends its packages but not its .pth files, so the editable checkout stays out of sight
    environment = {**os.environ, "PYTHONPATH": sysconfig.get_paths()["purelib"]}
    return python, environment


def test_the_wheel_runs_the_demo(installed, tmp_path):
    python, environment = installed
    strata = python.with_name("strata")
    where = subprocess.run(
        [python, "-c", "import strata; print(strata.__file__)"],
        env=environment, cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert str(python.parents[1]) in where.stdout
    done = subprocess.run([strata, "demo"], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"figure2.png", "results.tsv", "run.json"} <= {file.name for file in (tmp_path / "demo").iterdir()}
    listed = subprocess.run(
        [strata, "signatures", "list"], env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "igf1r-sphk1-high\t" in listed.stdout


def test_an_activated_environment_finds_its_strata(installed):
    python, environment = installed
    words = f"source {python.with_name('activate')} && command -v strata && strata --version"
    found = subprocess.run(["bash", "-c", words], env=environment, check=True, capture_output=True, text=True).stdout
    assert found.splitlines()[0] == str(python.with_name("strata"))


def files_of(folder: Path, inside: str) -> set[str]:
    """Where the files of ``folder`` are in the wheel: all but what Python and numba compiled."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {f"{inside}/{path.relative_to(folder).as_posix()}" for path in found}


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(root, built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = files_of(root / "src" / "strata", "strata") | {"strata/_data/CITATION.cff"}
    expected |= files_of(root / "signatures", "strata/_data/signatures")
    expected |= files_of(root / "synthetic", "strata/_data/synthetic")
    assert names == expected
    kinds = {PurePosixPath(name).suffix for name in names}
    assert {".py", ".typed", ".yaml", ".tsv", ".bib", ".json", ".gmt"} <= kinds


def test_the_sdist_has_the_tests_and_no_caches(built):
    with tarfile.open(built[1]) as sdist:
        names = {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in sdist.getnames()}
    assert {PurePosixPath(name) for name in ("tests/test_packaging.py", "LICENSE", "CHANGELOG.md", "Makefile")} <= names
    made = {"__pycache__", "node_modules", "_build", "_made", ".venv", ".pytest_cache", ".hypothesis"}
    assert not [name for name in names if made & set(name.parts) or name.suffix in {".pyc", ".nbc", ".nbi"}]


def test_the_metadata_are_those_that_an_index_shows(built):
    with zipfile.ZipFile(built[0]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(wheel.read(name).decode("utf-8"))
    assert metadata["Name"] == "strata-cohort"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().startswith("# strata")
    assert {"dask", "h5ad"} <= set(metadata.get_all("Provides-Extra"))


@pytest.fixture(scope="module")
def project(root) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def citation(root) -> dict:
    return read_yaml(root / "CITATION.cff", InputOutputError).value


CITATION_KEYS = {
    *("abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords"),
    *("license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact"),
    *("repository-code", "title", "type", "url", "version"),
}
"""The keys of the Citation File Format 1.2.0; no other is allowed."""


def test_the_citation_file_is_valid(citation):
    """What the schema of the Citation File Format 1.2.0 asks of the keys that are used."""
    assert {"authors", "cff-version", "message", "title"} <= set(citation) <= CITATION_KEYS
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] in {"software", "dataset"}
    assert len(set(citation["keywords"])) == len(citation["keywords"]) > 0
    for work in [citation, *citation["references"]]:
        assert {"authors", "title", "type"} <= set(work)
        assert work["authors"]
        for author in work["authors"]:
            assert set(author) <= {"name"} or {"family-names"} <= set(author) <= {
                "family-names",
                "given-names",
                "orcid",
            }
    assert all(isinstance(work["year"], int) for work in citation["references"])


def test_the_version_is_the_same_everywhere(root, project, citation):
    first = re.search(r"^## (\S+) \((.+)\)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert first is not None
    assert project["version"] == citation["version"] == first[1]
    # only what was released has a date, and the same in both
    assert first[2] == str(citation.get("date-released", "unreleased"))
    assert project["license"] == citation["license"]


def test_the_pythons_that_are_named_are_those_that_a_release_is_checked_with(root, project):
    named = {word for word in project["classifiers"] if re.search(r":: 3\.\d+$", word)}
    checked = re.search(r"^PYTHONS = \((.*)\)$", (root / ".ci" / "release_check.py").read_text(encoding="utf-8"), re.M)
    assert checked is not None
    versions = re.findall(r"python(3\.\d+)", checked[1])
    assert named == {f"Programming Language :: Python :: {version}" for version in versions}
    assert project["requires-python"] == f">={versions[0]}"
