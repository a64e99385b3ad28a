"""How the protein changes of mutation tables are spelled: how many were respelled, and which cannot be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from strata.cohort.findings import Findings, count, listed
from strata.cohort.numbers import is_missing
from strata.errors import shown
from strata.genes.protein_changes import is_protein_change, protein_changes

__all__ = ["ChangeSpelling", "spelled"]


def spelled(cell: str, gene: str) -> tuple[str, ...]:
    """The changes of a cell in the short form of HGVS, one empty text for a missing cell; genotypes as they are."""
    return ("",) if is_missing(cell) else protein_changes(cell, gene)


@dataclass
class ChangeSpelling:
    """The cells of one table that are not in the short form of HGVS.

    Parameters
    ----------
    respelled : int
        Cells that were put into it.
    unread : Counter
        Texts in no known form, with the number of their rows.
    """

    respelled: int = 0
    unread: Counter[str] = field(default_factory=Counter)

    def add(self, cell: str, gene: str) -> None:
        """Look at one cell."""
        if is_missing(cell):
            return
        changes = protein_changes(cell, gene)
        unread = [change for change in changes if change and not is_protein_change(change)]
        self.unread.update(unread)
        self.respelled += len(unread) < len(changes) and changes != (cell.removeprefix("p."),)

    def tell(self, name: str, kind: str, findings: Findings) -> None:
        """Note what was respelled and, where changes are no genotypes, what cannot be read."""
        if self.respelled:
            changes = count(self.respelled, "protein change")
            findings.note(f"{name}: {changes} put into the short form of HGVS (H1047R)")
        if self.unread and kind != "germline":
            texts = listed([f"{shown(text, limit=40)} ({n})" for text, n in self.unread.most_common()])
            unread = f"{count(self.unread.total(), 'protein change')} in no known form: {texts}"
            findings.note(f"{name}: {unread}; which change that is stays unknown")
