"""Every reader and loader on damaged files: nothing but an error of strata may come out, soon and in little memory.

    python tests/broken/fuzz_readers.py --executions 20000 --seed 1

Good files are made by the simulator in every layout; hypothesis cuts, repeats, flips and inserts bytes in one of them
at a time. A file that brings out anything else is kept in ``tests/broken/corpus``, which ``test_corpus.py`` reads.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from strata import simulate, writing
from strata.analysis import load_plan
from strata.batch.manifest import read_manifest
from strata.cohort import read_cohort
from strata.errors import StrataError
from strata.scoring import Resources
from strata.signatures import load_signatures, read_gene_lists
from strata.signatures.centroids import read_centroids

CORPUS = Path(__file__).with_name("corpus")
_UUID = re.compile(r"^[0-9a-f-]{36}\.")
REFUSED = "refused"
SECONDS, BYTES = 10, 3 << 30
"""The longest that one file may take, and the most memory that the process may have."""

WORDS = [
    *(b"\t", b",", b";", b"|", b'"', b"'", b"\n", b"\r", b"\r\n", b"\0", b"#", b"!", b":", b" ", b"\xff", b"\xb5"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x88\x92", b"\x1b[31m", b"\xe2\x80\xae", b"NA", b"nan", b"inf", b"-inf"),
    *(b"1e400", b"-9999", b"1,234", b"0x1F", b"1_000", b"2-Sep", b"2.31E+13", b"", b"''", b'""', b"=1+1", b"()", b"[["),
    *(b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!!python/object:os ", b"---\n", b"? ", b"- ", b"null", b"~", b"NO"),
    *(b"TCGA-AB-0001-01A", b"patient_id", b"os_months", b"Hugo_Symbol", b"CNSR", b"PARAMCD", b"9" * 400, b"\t" * 50),
]

SIGNATURE = b"""\
id: mine
name: Mine
score: {mean: [{mrna: IGF1R}, {mrna: SPHK1}]}
positive:
  all:
    - {mrna: IGF1R, above: median}
    - {any: [{mutation: PIK3CA, is: [any, 'codon:1047']}, {copy_number: FGFR1, is: amp}]}
population: {signature: er-positive}
claims:
  - {role: prognostic, endpoints: [DFS], effect: worse, evidence: reported, document: 'x', literature: 'y'}
"""
PLAN = b"""\
cohorts:
  - {path: cohort, name: A, read: {na: ['9']}}
signatures: [igf1r-high]
endpoints: [OS, {DFS: [RFS]}]
cut: q75
horizon: 60
cut_search: {permutations: 100}
"""
MANIFEST = b"cohort\tpath\tlayout\tcut\tread.sep\nA\tcohort\tflat\tmedian\t;\nB\tcohort\t\t\t\n"
HGNC = b"symbol\tstatus\tprev_symbol\talias_symbol\tentrez_id\tensembl_gene_id\nIGF1R\tApproved\tX|Y\tZ\t3480\tENSG1\n"
LISTS = b"MINE_UP\tna\tIGF1R\tSPHK1\tPTEN\nMINE_DN\tna\tESR1\tERBB2\n"


@dataclass(frozen=True)
class Target:
    """A good file and what reads it; the files beside it stay good."""

    name: str
    folder: Path
    file: str
    read: Callable[[Path], object]

    @property
    def path(self) -> Path:
        """The file that is damaged."""
        return self.folder / self.file


def read_all(folder: Path) -> None:
    """Read a cohort and every number of it."""
    cohort = read_cohort(folder)
    for assay in cohort.assays.values():
        assay.read(list(assay.features)[:20])
    for mutations in cohort.mutations.values():
        mutations.variants(list(mutations.features)[:20])


def targets(home: Path) -> Iterator[Target]:
    """Every kind of file, made below ``home``."""
    small = simulate.load_scenario("one-event").model_copy(update={"patients": 12})
    tables, _ = simulate.simulate_cohort(small)
    for layout in ("flat", "cbioportal", "gdc", "geo", "xena", "tidy", "adtte", "gct"):
        folder = home / layout
        folder.mkdir()
        getattr(writing, f"write_{layout}")(tables, folder)
        # of files that are alike but for the identifier that their name begins with, the first
        alike = {_UUID.sub("", path.name): path for path in sorted(folder.rglob("*"), reverse=True) if path.is_file()}
        for name, path in sorted(alike.items()):
            yield Target(f"{layout}/{name}", folder, str(path.relative_to(folder)), read_all)
    yield from _packed(home)
    yield from _descriptions(home)


def _packed(home: Path) -> Iterator[Target]:
    """Tables as gzip, Parquet and Feather, whose own bytes are damaged."""
    import pandas as pd

    table = home / "flat" / "mrna.tsv"
    made: dict[str, Callable[[pd.DataFrame, Path], None]] = {
        "mrna.tsv.gz": lambda _, path: path.write_bytes(gzip.compress(table.read_bytes())) and None,
        "mrna.parquet": lambda frame, path: frame.to_parquet(path, index=False),
        "mrna.feather": lambda frame, path: frame.to_feather(path),
    }
    for name, write in made.items():
        folder = home / name.replace(".", "-")
        folder.mkdir()
        (folder / "clinical.tsv").write_bytes((home / "flat" / "clinical.tsv").read_bytes())
        write(pd.read_csv(table, sep="\t"), folder / name)
        yield Target(name, folder, name, read_all)


def _descriptions(home: Path) -> Iterator[Target]:
    """What people write: cohort YAML, signatures, plans, manifests, gene lists, centroids."""
    folder = home / "written"
    folder.mkdir()
    cohort = b"name: A\nfolder: ../flat\nclinical: clinical.tsv\nmrna: [mrna.tsv]\nread: {na: ['9'], decimal: '.'}\n"
    cohort += b"endpoints:\n  OS: {time: os_months, event: os_event, unit: months}\nsequenced: all\n"
    centroids = b"gene\tLumA\tLumB\tHer2\tBasal\tNormal\nESR1\t1\t0.5\t-1\t-2\t0\nERBB2\t-1\t0\t2\t0\t0\n"
    plan = folder / "good.yaml"
    plan.write_bytes(PLAN)
    loaded = load_plan(plan)
    written: dict[str, tuple[bytes, Callable[[Path], object]]] = {
        "cohort.yaml": (cohort, lambda path: read_all(path)),
        "mine.yaml": (SIGNATURE, lambda path: load_signatures([path])),
        "plan.yaml": (PLAN, lambda path: load_plan(path).specs_or_errors()),
        "manifest.tsv": (MANIFEST, lambda path: read_manifest(path, loaded)),
        "lists.gmt": (LISTS, lambda path: read_gene_lists([path])),
        "pam50.tsv": (centroids, lambda path: read_centroids([path])),
        "hgnc.txt": (HGNC, lambda path: Resources.read(hgnc=path)),
    }
    for name, (content, read) in written.items():
        (folder / name).write_bytes(content)
        yield Target(name, folder / name, "", read)


@st.composite
def damage(draw: st.DrawFn, size: int) -> list[tuple[str, int, int, bytes]]:
    """A few changes: (what, where, how much, bytes)."""
    place = st.integers(0, max(0, size - 1))
    one = st.tuples(
        st.sampled_from(["insert", "insert", "flip", "cut", "repeat", "end", "replace"]),
        place,
        st.integers(1, 40),
        st.sampled_from(WORDS) | st.binary(max_size=8),
    )
    return draw(st.lists(one, min_size=1, max_size=4))


def damaged(content: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    """The content with the changes, one after the other."""
    for what, at, n, word in changes:
        middle = {
            "insert": word + content[at : at + n],
            "flip": bytes(byte ^ (1 << n % 8) for byte in content[at : at + 1]) + content[at + 1 : at + n],
            "cut": b"",
            "repeat": content[at : at + n] * 2,
            "end": b"",
            "replace": word,
        }[what]
        content = content[:at] + middle + (b"" if what == "end" else content[at + n :])
    return content


class TooLongError(Exception):
    """A file took longer than ``SECONDS``."""


def _too_long(*_: object) -> None:
    raise TooLongError


def what_came_out(target: Target) -> str:
    """What reading brought out that is no error of strata, and where; ``REFUSED`` when it is, empty when nothing."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(target.path if not target.file else target.folder)
    except StrataError:
        return REFUSED
    except Exception as error:  # noqa: BLE001  that is what is looked for
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/strata/" in f.filename]
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        return f"{type(error).__name__} in {where}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ""


@dataclass
class Found:
    """What the executions so far brought out."""

    crashes: dict[str, Path] = field(default_factory=dict)
    executions: int = 0
    refused: int = 0
    slowest: tuple[float, str] = (0.0, "")

    def try_one(self, target: Target, content: bytes) -> None:
        """One execution."""
        target.path.write_bytes(content)
        started = time.perf_counter()
        said = what_came_out(target)
        self.slowest = max(self.slowest, (time.perf_counter() - started, target.name))
        self.executions += 1
        self.refused += said == REFUSED
        if said not in {"", REFUSED, *self.crashes}:
            self.crashes[said] = _keep(target.name, content)
            print(f"{target.name}: {said}: {self.crashes[said].name}", flush=True)


def fuzz(executions: int, number: int) -> int:
    """Run, print what was found, and return how many kinds of it."""
    signal.signal(signal.SIGALRM, _too_long)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    found = Found()
    with tempfile.TemporaryDirectory() as home:
        all_targets = list(targets(Path(home)))
        for target in all_targets:
            good = target.path.read_bytes()
            if said := what_came_out(target):
                raise SystemExit(f"the good file {target.name}: {said}")
            _run(target, good, max(1, executions // len(all_targets)), number, found)
            target.path.write_bytes(good)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{found.executions} executions over {len(all_targets)} files, seed {number}, {found.refused} refused:")
    print(f"{len(found.crashes)} kinds of crashes; slowest {found.slowest[0]:.2f} s ({found.slowest[1]}), {peak} MiB")
    return len(found.crashes)


def _run(target: Target, good: bytes, executions: int, number: int, found: Found) -> None:
    @seed(number)
    @settings(
        max_examples=executions,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damage(len(good)))
    def once(changes: list[tuple[str, int, int, bytes]]) -> None:
        found.try_one(target, damaged(good, changes))

    once()


def _keep(name: str, content: bytes) -> Path:
    CORPUS.mkdir(exist_ok=True)
    path = CORPUS / f"{name.replace('/', '--')}--{hashlib.sha256(content).hexdigest()[:8]}"
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sys.exit(fuzz(asked.executions, asked.seed) > 0)
