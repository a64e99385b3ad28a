"""The wheel, installed away from the checkout, has its data and runs the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A new environment that holds the wheel; the dependencies are those of the running one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("strata_cohort-*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
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
