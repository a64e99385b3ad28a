"""What fuzzing once broke stays mended: every file of the corpus is read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from broken.fuzz_readers import CORPUS, REFUSED, Target, targets, what_came_out


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    """The good files, by name."""
    return {target.name: target for target in targets(tmp_path_factory.mktemp("good"))}


def test_every_good_file_is_read(known):
    assert {target.name: what_came_out(target) for target in known.values()} == dict.fromkeys(known, "")


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_only_errors_of_strata_come_out(known, path: Path):
    target = known[path.name.rpartition("--")[0].replace("--", "/")]
    good = target.path.read_bytes()
    target.path.write_bytes(path.read_bytes())
    try:
        assert what_came_out(target) in {"", REFUSED}
    finally:
        target.path.write_bytes(good)
