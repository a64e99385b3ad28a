"""Signature files from gene lists of other programs: GMT, GMX, decoupler, genefu and hacksig tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from strata.errors import DataError, Problem, shown
from strata.signatures.drafts import MOST_INLINE, Draft, set_score
from strata.signatures.gene_list_files import ListFile, list_file
from strata.signatures.gene_lists import GeneList, gene_lists_of
from strata.signatures.import_hacksig import hacksig_drafts, is_hacksig

__all__ = ["import_signatures"]

LONGEST_ID = 64

_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")
_SIDE = re.compile(r"(.+)_(up|dn|down)", re.IGNORECASE)


def import_signatures(path: str | Path, *, prefix: str = "") -> dict[str, str]:
    """Signature files, ready to be written, from a file of gene lists.

    Parameters
    ----------
    path : str or Path
        Anything that :func:`~strata.signatures.gene_lists.read_gene_lists` reads. A set becomes a ssGSEA score, a pair
        ``NAME_UP`` and ``NAME_DN`` the mean of the up minus the mean of the down genes, weights a weighted sum, a
        genefu table a signed mean; a hacksig table keeps its methods and cuts.
    prefix : str
        Put before every id.

    Returns
    -------
    dict of str to str
        The text of the file ``ID.yaml`` of each id, sorted by id.

    Raises
    ------
    InputOutputError
        When the file cannot be read.
    DataError
        When it is no file of gene lists, a gene cannot be a feature, an id is too long, or two lists get one id.
    """
    file = list_file(Path(path))
    _check_symbols(file)
    lists = gene_lists_of(file)
    drafts = hacksig_drafts(file, lists) if is_hacksig(file) else list(_drafts(file, lists))
    by_id: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_id.setdefault(_kebab(f"{prefix} {draft.name}"), []).append(draft)
    _check_ids(file, by_id)
    return {id_: by_id[id_][0].text(id_, file) for id_ in sorted(by_id)}


def _drafts(file: ListFile, lists: Sequence[GeneList]) -> Iterator[Draft]:
    sets = {found.name: found for found in lists if not found.weighted}
    pairs = _pairs(sets)
    for name, (up, down) in pairs.items():
        yield _two_sided(name, up, down)
    paired = {side.name for pair in pairs.values() for side in pair}
    for found in lists:
        if found.weighted:
            yield _weighted(file, found)
        elif found.name not in paired:
            comments = ["The method (ssgsea) and the cut (median) are not the file's."]
            yield Draft((found,), found.name, found.name, set_score("ssgsea", up=found), comments=comments)


def _pairs(sets: Mapping[str, GeneList]) -> dict[str, tuple[GeneList, GeneList]]:
    """The sets that are the two sides of one signature, by the name they share."""
    sides: dict[str, dict[str, GeneList]] = {}
    for name, found in sets.items():
        if match := _SIDE.fullmatch(name):
            sides.setdefault(match[1], {})["up" if match[2].lower() == "up" else "down"] = found
    return {name: (pair["up"], pair["down"]) for name, pair in sides.items() if len(pair) == 2}


def _two_sided(name: str, up: GeneList, down: GeneList) -> Draft:
    comments = ["The method (mean of z-scores) and the cut (median) are not the file's."]
    both = sorted(set(up.weights) & set(down.weights))
    if both:
        comments.append(f"Up and down at once, so they say nothing: {', '.join(both)}")
    sides = {key: _without(side, both) for key, side in (("up", up), ("down", down))}
    return Draft((up, down), name, f"{up.name} and {down.name}", set_score("mean", **sides), comments=comments)


def _without(found: GeneList, genes: Sequence[str]) -> GeneList:
    return replace(found, weights={gene: weight for gene, weight in found.weights.items() if gene not in genes})


def _weighted(file: ListFile, found: GeneList) -> Draft:
    comments = ["The cut (median) is not the file's."]
    if file.of_probes:
        signs_only = {abs(weight) for weight in found.weights.values()} == {1.0}
        score = _named(found, "signed-mean" if signs_only else "weighted")
        comments.append("The genes are Entrez ids, as in genefu; of several probes of a gene the first is kept.")
    elif len(found.weights) > MOST_INLINE:
        score = _named(found, "weighted")
        comments.append("The score is genefu's weighted average of the up and of the down genes, not a plain sum.")
    else:
        score = {"weighted": {"mrna": dict(found.weights)}}
    return Draft((found,), found.name, found.name, score, comments=comments)


def _named(found: GeneList, method: str) -> dict[str, Any]:
    return {"genes": {"table": found.name}, "by": method}


def _kebab(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _check_symbols(file: ListFile) -> None:
    fix = "Letters, digits and _ . @ - make the name of a gene"
    wrong = [row for row in file.rows if not _SYMBOL.fullmatch(row.gene)]
    if wrong:
        raise DataError(
            [
                Problem(f"{file.path}:{row.line}", f"{shown(row.gene)} cannot be a feature", fix, code="E622")
                for row in wrong
            ]
        )


def _check_ids(file: ListFile, by_id: Mapping[str, Sequence[Draft]]) -> None:
    problems: list[Problem] = []
    for id_, drafts in by_id.items():
        names = " and ".join(shown(draft.name) for draft in drafts)
        if len(drafts) > 1:
            problems.append(Problem(str(file.path), f"{names} get the same id {id_!r}", "Rename one", code="E622"))
        if not 0 < len(id_) <= LONGEST_ID:
            what = f"{names} gets an id of {len(id_)} characters, 1 to {LONGEST_ID} are possible"
            problems.append(
                Problem(str(file.path), what, "Rename the list, with small letters and digits", code="E622")
            )
    if problems:
        raise DataError(problems)
