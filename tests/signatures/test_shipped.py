"""Where the shipped signatures are found."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from strata.errors import InputOutputError
from strata.signatures import shipped_folder

module = importlib.import_module("strata.signatures.shipped")


def test_editable_install_uses_the_checkout(root: Path) -> None:
    assert shipped_folder() == root / "signatures"


def test_wheel_uses_its_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lib" / "site-packages" / "strata"
    folder = package / "_data" / "signatures"
    folder.mkdir(parents=True)
    monkeypatch.setattr(module, "files", lambda name: tmp_path / "lib" / "site-packages" / name)
    with pytest.raises(InputOutputError, match="missing"):
        shipped_folder()
    (folder / "schema.json").write_text("{}", encoding="utf-8")
    assert shipped_folder() == folder
