"""hacksig's table of signatures: one row a gene, with the method, the cut and the DOI of the publication.

Its columns and what they do are those of the R package hacksig 0.2.0 (``hack_sig``, ``stratify_sig``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strata.errors import DataError, Problem, shown
from strata.signatures.drafts import Draft, set_score
from strata.signatures.gene_list_files import ListFile
from strata.signatures.gene_lists import GeneList
from strata.text_file import fields_of, number_of, text_lines

__all__ = ["hacksig_drafts", "is_hacksig"]

_NONE = frozenset({"", "NA"})
_SAME_METHOD = frozenset({"ssgsea", "zscore", "singscore"})

Row = Mapping[str, str]


def is_hacksig(file: ListFile) -> bool:
    """Whether a file of gene lists has hacksig's columns."""
    return {"signature_id", "signature_method", "gene_symbol"} <= set(file.columns)


def hacksig_drafts(file: ListFile, lists: Sequence[GeneList]) -> list[Draft]:
    """A draft of each signature.

    Raises
    ------
    DataError
        When a signature has two methods or a cut that is none, with the line.
    """
    rows: dict[str, tuple[int, Row]] = {}
    problems: list[Problem] = []
    for line, cells in list(fields_of(file.path, text_lines(file.path)))[1:]:
        row: Row = dict(zip(file.columns, cells, strict=True))
        first_line, first = rows.setdefault(row["signature_id"], (line, row))
        if first["signature_method"] != row["signature_method"]:
            what = f"{shown(row['signature_method'])}, line {first_line} has {shown(first['signature_method'])}"
            problems.append(Problem(f"{file.path}:{line}: signature_method", what, "Keep one method", code="E622"))
    cuts: dict[str, str | float] = {}
    for name, (line, row) in rows.items():
        cut = _cut(row)
        if cut is None:
            what = f"the cut of {shown(row['signature_method'])} is no number, mean or median"
            problems.append(
                Problem(
                    f"{file.path}:{line}: signature_method", what, "Write method|cut, such as mean|median", code="E622"
                )
            )
        else:
            cuts[name] = cut
    if problems:
        raise DataError(problems)
    return [_draft(found, rows[found.name][1], cuts[found.name]) for found in lists]


def _cut(row: Row) -> str | float | None:
    """The cut of ``method|cut``: hacksig takes the median where none is given."""
    word = row["signature_method"].partition("|")[2]
    if word in _NONE:
        return "median"
    return word if word in ("median", "mean") else number_of(word)


def _draft(found: GeneList, row: Row, cut: str | float) -> Draft:
    method, _, written = row["signature_method"].partition("|")
    cut_words = written if written not in _NONE else "not given, so the median"
    comments = [f"hacksig: method {method}, cut {cut_words}; a score at the cut is high."]
    score = set_score("ssgsea", up=found)
    if method == "weighted_sum" and found.weighted:
        score = {"weighted": {"mrna": dict(found.weights)}}
    elif method == "mean":
        # a sum ranks as the mean of the values does; strata's own mean is of z-scores
        score = {"sum": [{"mrna": gene} for gene in found.weights]}
        cut = cut * len(found.weights) if isinstance(cut, float) else cut
        comments.append("hacksig's mean of the values, times the number of genes.")
    elif method in _SAME_METHOD:
        score = set_score(method, up=found)
    else:
        cut = "median" if isinstance(cut, float) else cut
        comments.append(
            "strata has no such method: ssgsea without weights, and no cut that is a number of another scale."
        )
    doi, title = row.get("publication_doi", ""), row.get("description", "")
    return Draft(
        lists=(found,),
        name=found.name,
        title=found.name if title in _NONE else title,
        score=score,
        cut={"at_least": cut},
        comments=comments,
        claim={} if doi in _NONE else {"literature": f"doi:{doi}"},
    )
