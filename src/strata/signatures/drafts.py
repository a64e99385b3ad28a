"""A signature that is being imported: its score from a gene list, its cut, and what is known about its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from strata.signatures.gene_list_files import ListFile
from strata.signatures.gene_lists import GeneList
from strata.signatures.yaml_text import one_line, yaml_text

__all__ = ["MOST_INLINE", "Draft", "set_score"]

MOST_INLINE = 60
"""A signature spells out at most so many genes; a longer list is named, and given with ``--gene-sets``."""

MEDIAN: Mapping[str, str | float] = {"above": "median"}


@dataclass(frozen=True)
class Draft:
    """A signature without its id.

    Parameters
    ----------
    lists : sequence of GeneList
        Where its genes are from.
    name : str
        What the id is made of.
    title : str
        Words for people.
    score : mapping
        A NUMBER of the grammar.
    cut : mapping
        One comparator.
    comments : sequence of str
        Lines for the top of the file.
    claim : mapping
        Further keys of the claim.
    """

    lists: Sequence[GeneList]
    name: str
    title: str
    score: Mapping[str, Any]
    cut: Mapping[str, str | float] = field(default_factory=lambda: MEDIAN)
    comments: Sequence[str] = ()
    claim: Mapping[str, str] = field(default_factory=dict)

    def text(self, id: str, file: ListFile) -> str:  # noqa: A002
        """The signature file."""
        names = " and ".join(found.name for found in self.lists)
        genes = sum(len(found.weights) for found in self.lists)
        comments = [f"Imported from {file.path.name} ({file.form}): {names}, {genes} genes.", *self.comments]
        comments += [f"Left out: {note}" for found in self.lists for note in found.notes]
        if self._names_a_list():
            comments.append(f"The genes stay in that file: give it with --gene-sets {file.path.name}")
        claim = {"role": "mechanism", "evidence": "definition", **self.claim, "list": file.path.name}
        data = {
            "id": id,
            "name": self.title,
            "score": self.score,
            "positive": {"score": "self", **self.cut},
            "claims": [claim],
        }
        return "".join(f"# {one_line(line)}\n" for line in comments) + yaml_text(data)

    def _names_a_list(self) -> bool:
        return any(isinstance(part, str) for part in self.score.get("genes", {}).values())


def set_score(by: str, **sides: GeneList) -> dict[str, Any]:
    """The score of gene sets (``up``, ``down``): spelled out where they are short, else by their names."""
    short = sum(len(side.weights) for side in sides.values()) <= MOST_INLINE
    return {"genes": {key: list(side.weights) if short else side.name for key, side in sides.items()}, "by": by}
