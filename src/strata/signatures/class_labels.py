"""The classes of the subtype schemes and how tables spell them: ``class_labels.tsv``, read once."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Scheme", "class_of", "classes_of", "schemes"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to sort tumours into subtypes.

    Parameters
    ----------
    name : str
        As signatures write it: ``pam50``.
    classes : tuple of str
        Every class, as signatures write it: ``LumA``.
    required : tuple of str
        The classes of which a table must have centroids.
    spellings : mapping of str to str
        From the plain form of a spelling (letters and digits, small) to the class.
    source : str
        Where centroids can be had.
    """

    name: str
    classes: tuple[str, ...]
    required: tuple[str, ...]
    spellings: Mapping[str, str]
    source: str


@cache
def schemes() -> Mapping[str, Scheme]:
    """Every scheme by its name."""
    text = (files("strata") / "signatures" / "class_labels.tsv").read_text(encoding="utf-8")
    table = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    names = dict.fromkeys(row["scheme"] for row in table)
    return {name: _scheme(name, [row for row in table if row["scheme"] == name]) for name in names}


def classes_of(scheme: str) -> tuple[str, ...]:
    """The classes of a scheme, as signatures write them."""
    return schemes()[scheme].classes


def class_of(scheme: str, label: str) -> str | None:
    """The class that a label stands for (``Luminal A``, ``luminal_a``: LumA); None when it is none of the scheme."""
    return schemes()[scheme].spellings.get(_plain(label))


def _scheme(name: str, rows: list[dict[str, str]]) -> Scheme:
    return Scheme(
        name,
        tuple(row["class"] for row in rows),
        tuple(row["class"] for row in rows if row["centroid"] == "required"),
        {_plain(word): row["class"] for row in rows for word in (row["class"], *row["other_spellings"].split(","))},
        rows[0]["source"],
    )


def _plain(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label.lower())
