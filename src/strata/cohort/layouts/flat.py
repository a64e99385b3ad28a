"""The flat layout: a folder whose file names tell what they hold, or a cohort YAML that names the files."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from strata.cohort.assay_tables import TableSource
from strata.cohort.findings import Findings, listed
from strata.cohort.layouts.files import CohortFiles
from strata.cohort.options import cohort_key
from strata.cohort.spec import KIND_WORDS, CohortSpec

__all__ = ["add_tables", "files_in", "find", "kind_of", "named_files", "sequenced_and_genes"]

_NO_TABLE = frozenset(
    {
        ".yaml",
        ".yml",
        ".json",
        ".md",
        ".rst",
        ".html",
        ".pdf",
        ".png",
        ".svg",
        ".jpg",
        ".py",
        ".r",
        ".log",
        ".toml",
        ".sh",
    }
)
_VARIANTS = ("mutation", "germline")


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a flat cohort."""
    files = CohortFiles("flat", "")
    add_tables(spec, files, findings)
    if not files.clinical:
        _samples_of_gct(spec, files, findings)
    if not files.clinical:
        what = "no clinical table"
        fix = f"Name it clinical.tsv, or name the file under {cohort_key('clinical')}"
        findings.problem(str(spec.origin or spec.folder), what, fix, code="E218")
    return files


def add_tables(spec: CohortSpec, files: CohortFiles, findings: Findings, taken: Collection[Path] = ()) -> None:
    """Add the tables that the YAML names, else those of the folder that are named like one, but not those ``taken``.

    What is said of who was sequenced and for which genes is added too.
    """
    if spec.tables:
        for kind, paths in spec.tables.items():
            for path in paths:
                if path not in taken:
                    _add(files, kind, path)
    else:
        _look_in(spec.folder, files, findings, taken)
    sequenced_and_genes(spec, files)


def named_files(spec: CohortSpec, pattern: re.Pattern[str]) -> list[Path]:
    """The files with such a name: of those that the YAML names, else of those in the folder."""
    named = [path for paths in spec.tables.values() for path in paths if pattern.fullmatch(path.name)]
    return named or files_in(spec.folder, pattern)


def files_in(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    """The files of a folder with such a name, in the order of their names."""
    return sorted(path for path in folder.iterdir() if pattern.fullmatch(path.name) and not path.is_dir())


def _samples_of_gct(spec: CohortSpec, files: CohortFiles, findings: Findings) -> None:
    """Without a clinical table, what GCT 1.3 files say about their samples."""
    from strata.cohort.gct import gct_samples

    for path in {source.path: None for sources in files.matrices.values() for source in sources}:
        with findings.collecting():
            if table := gct_samples(path, spec.options):
                files.clinical.append(table)
                names = listed(table.columns[1:], 12)
                findings.note(
                    f"{path.name}: no clinical table, so its column metadata are the clinical columns: {names}"
                )


def _look_in(folder: Path, files: CohortFiles, findings: Findings, taken: Collection[Path]) -> None:
    for path in sorted(folder.iterdir(), key=lambda item: item.name):
        kind = "" if path.is_dir() else kind_of(path.name)
        if path in taken:
            continue
        if kind:
            _add(files, kind, path)
        else:
            files.ignored.append(path.name)
    if files.ignored:
        findings.note(f"ignored, not named like a table: {listed(files.ignored, 12)}")


def kind_of(name: str) -> str:
    """What a file holds by its name; empty when the name tells nothing.

    A name with ``panel`` or ``sequenced`` in it lists who was assayed, whatever it starts with.

    Examples
    --------
    >>> kind_of("mutation_panel_samples.tsv.gz"), kind_of("RPPA_level4.csv"), kind_of("notes.txt")
    ('panel', 'protein', '')
    """
    name = name.casefold()
    if name.startswith((".", "~")) or Path(name).suffix in _NO_TABLE:
        return ""
    if "panel" in name or "sequenced" in name:
        return "panel"
    return next((kind for kind, words in KIND_WORDS.items() if name.startswith(words)), "")


def _add(files: CohortFiles, kind: str, path: Path) -> None:
    if kind == "clinical":
        files.clinical.append(path)
    elif kind == "samples":
        files.samples.append(path)
    elif kind == "panel":
        files.panels.append(path)
    elif kind in _VARIANTS:
        files.variants.setdefault(kind, []).append(path)
    else:
        files.matrices.setdefault(kind, []).append(TableSource(path))


def sequenced_and_genes(spec: CohortSpec, files: CohortFiles) -> None:
    """What the YAML and the options say about who was sequenced and for which genes."""
    sequenced = (spec.options.sequenced,) if spec.options.sequenced else spec.sequenced
    if sequenced == ("all",):
        files.everyone_sequenced = True
    elif sequenced and _are_files(sequenced, spec.folder):
        files.panels += [spec.folder / name for name in sequenced]
    elif sequenced:
        source = f"sequenced: in {spec.origin.name if spec.origin else 'the call'}"
        files.assayed_ids[source] = ("mutation", list(sequenced))
    if spec.panel_genes and _are_files(spec.panel_genes, spec.folder):
        files.gene_lists += [spec.folder / name for name in spec.panel_genes]
    elif spec.panel_genes:
        files.panel_genes = frozenset(spec.panel_genes)


def _are_files(words: tuple[str, ...], folder: Path) -> bool:
    """Words are files when they exist; a single word with a dot or slash is a file even when it is missing."""
    return all((folder / word).is_file() for word in words) or (len(words) == 1 and bool({".", "/"} & set(words[0])))
