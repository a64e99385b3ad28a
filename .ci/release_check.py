"""Wheel and sdist in environments of their own: each Python that is here, newest and lowest dependencies, pandas 3.

``make release-check`` runs it with its tools (build, twine, cffconvert, uv) beside its interpreter. An installed strata
sees nothing of the checkout; one environment exists at a time. A line a step; the status is 1 when a step failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
PYTHONS = ("python3.11", "python3.12", "python3.13")
DEPENDENCIES = ("newest", "lowest", "pandas3")

TESTS = ("tests/survival", "tests/stratification", "tests/scoring", "tests/cohort")
TEST_PACKAGES = ("pytest", "pytest-xdist", "hypothesis")

# The lowest version that has a wheel for this Python: nobody compiles numpy to get it. lifelines needs one sdist.
LOWEST = ("--resolution", "lowest-direct", "--only-binary", ":all:", "--no-binary", "autograd-gamma")
EXTRAS = ("--extra", "dask", "--extra", "h5ad")

COHORT = "from strata.simulate import synthetic_folder; print(synthetic_folder() / 'figure2-breast' / 'flat')"
VERSIONS = (
    "import numpy, pandas, lifelines; print(*(f'{m.__name__} {m.__version__}' for m in (numpy, pandas, lifelines)))"
)


@dataclass
class Steps:
    """Steps of one combination after the other: each is run, timed and printed."""

    name: str = ""
    failed: int = 0
    environment: dict[str, str] = field(
        default_factory=lambda: {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    )

    def run(self, step: str, *command: object, cwd: Path = ROOT, **variables: str) -> str | None:
        """What the command printed last; None when it failed, with the end of what it said on stderr."""
        started = time.monotonic()
        words = [str(word) for word in command]
        done = subprocess.run(words, cwd=cwd, env=self.environment | variables, capture_output=True, text=True)
        last = (done.stdout.strip().splitlines() or [""])[-1]
        result = f"status {done.returncode}" if done.returncode else "ok"
        print(self.name, step, result, f"{time.monotonic() - started:.0f} s", last[:150], sep="\t", flush=True)
        if done.returncode:
            self.failed += 1
            print((done.stdout + done.stderr)[-4000:], file=sys.stderr)
            return None
        return last


def interpreters(names: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Each name with the interpreter it stands for, also where pyenv has it and its shim is not switched on."""
    variables = dict(os.environ)
    if shutil.which("pyenv"):
        versions = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=True)
        variables["PYENV_VERSION"] = ":".join(versions.stdout.split())
    for name in names:
        ask = [name, "-c", "import sys; print(sys.executable)"]
        try:
            found = subprocess.run(ask, env=variables, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            yield name, None
        else:
            yield name, found.stdout.strip()


def check_built(steps: Steps, dist: Path) -> tuple[Path, Path]:
    """Build wheel and sdist, and check their metadata and CITATION.cff."""
    steps.name = "build"
    steps.run("wheel and sdist", TOOLS / "python", "-m", "build", "--outdir", dist, ROOT)
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    steps.run("metadata", TOOLS / "twine", "--no-color", "check", "--strict", wheel, sdist)
    steps.run("CITATION.cff", TOOLS / "cffconvert", "--validate", "-i", ROOT / "CITATION.cff")
    return wheel, sdist


def install(steps: Steps, python: Path, wheel: Path, dependencies: str) -> None:
    """The wheel with its dependencies; pip's as a user's, and uv's for the lowest, which pip cannot do."""
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile")
    if dependencies == "lowest":
        uv = (TOOLS / "uv", "pip", "install", "--quiet", "--python", python)
        steps.run("dependencies", *uv, *LOWEST, *EXTRAS, "--requirement", ROOT / "pyproject.toml")
        steps.run("wheel", *pip, "--no-deps", wheel)
    else:
        steps.run("wheel", *pip, wheel, *(["pandas>=3"] if dependencies == "pandas3" else []))
    steps.run("nothing missing", python, "-m", "pip", "check")
    steps.run("versions", python, "-c", VERSIONS)


def check_installed(steps: Steps, python: Path, empty: Path) -> None:
    """What a newcomer does, in an empty folder."""
    strata = python.with_name("strata")
    where = steps.run("import", python, "-c", "import strata; print(strata.__file__)", cwd=empty)
    if where is not None and python.parents[1] not in Path(where).parents:
        sys.exit(f"{where} is not of the environment: another strata was found")
    cohort = steps.run("bundled cohort", python, "-c", COHORT, cwd=empty)
    steps.run("demo", strata, "demo", "--out", "demo", cwd=empty)
    steps.run("verify", strata, "verify", "demo", cwd=empty)
    steps.run("selftest", strata, "selftest", cwd=empty)
    steps.run("signatures list", strata, "signatures", "list", cwd=empty)
    steps.run("figure2", strata, "figure2", cohort, "--out", "figure2", cwd=empty)
    steps.run(
        "compare",
        strata,
        "compare",
        cohort,
        "igf1r-high",
        "--endpoint",
        "OS",
        "--cross-check",
        "--out",
        "compare",
        cwd=empty,
    )


def check_tests(steps: Steps, python: Path, folder: Path, sdist: Path, tests: Sequence[str]) -> None:
    """Part of the sdist's own tests, on its code, with the dependencies that are installed."""
    shutil.unpack_archive(sdist, folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    steps.run("test packages", TOOLS / "uv", "pip", "install", "--quiet", "--python", python, *TEST_PACKAGES)
    pytest = (python, "-m", "pytest", "-q", "--tb=line", "-n", "auto", *tests)
    steps.run("tests", *pytest, cwd=source, PYTHONPATH="src")


def check_combination(
    steps: Steps, python: Path, empty: Path, built: tuple[Path, Path], dependencies: str, tests: Sequence[str] | None
) -> None:
    """One Python with one set of dependencies; with the newest the sdist as well."""
    wheel, sdist = built
    install(steps, python, wheel, dependencies)
    check_installed(steps, python, empty)
    if tests is not None:
        check_tests(steps, python, empty, sdist, tests or TESTS)
    if dependencies == "newest":
        steps.name += ", sdist"
        shutil.rmtree(empty)
        empty.mkdir()
        steps.run("sdist", python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", sdist)
        check_installed(steps, python, empty)


def main() -> int:
    """Run the combinations asked for."""
    parser = argparse.ArgumentParser(description="Check wheel and sdist in environments of their own")
    parser.add_argument("--python", nargs="+", default=PYTHONS, metavar="NAME")
    parser.add_argument("--dependencies", nargs="+", default=DEPENDENCIES, choices=DEPENDENCIES)
    parser.add_argument(
        "--tests", nargs="*", metavar="PATH", help=f"run tests as well [without PATH: {' '.join(TESTS)}]"
    )
    asked = parser.parse_args()
    steps = Steps()
    with tempfile.TemporaryDirectory() as made:
        built = check_built(steps, Path(made) / "dist")
        folder = Path(made) / "environment"
        for name, interpreter in interpreters(asked.python):
            if interpreter is None:
                print(name, "not on this machine", sep="\t")
                continue
            for dependencies in asked.dependencies:
                steps.name = f"{name}, {dependencies}"
                (folder / "empty").mkdir(parents=True)
                steps.run("environment", interpreter, "-m", "venv", folder / "env")
                python = folder / "env" / "bin" / "python"
                check_combination(steps, python, folder / "empty", built, dependencies, asked.tests)
                shutil.rmtree(folder)
    print(f"{steps.failed} steps failed")
    return int(steps.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
