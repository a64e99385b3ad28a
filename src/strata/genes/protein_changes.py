"""Protein changes in the short form of HGVS: ``H1047R`` however a table spells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["codon_of", "is_protein_change", "protein_changes"]

_LETTERS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Pyl": "O", "Sec": "U", "Ser": "S",
    "Ter": "*", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V",
}  # fmt: skip
_LETTER_OF = {name.casefold(): letter for name, letter in _LETTERS.items()}
_LONG = re.compile("|".join(_LETTERS), re.IGNORECASE)
_IS_LONG = re.compile(rf"(?:{_LONG.pattern})\d|\*\d+(?:{_LONG.pattern})", re.IGNORECASE)

_CODON = re.compile(r"[A-Z*]?-?(\d+)")
_BARE_CODON = re.compile(r"[A-Z*]\d+\??")
_FORM = re.compile(
    r"[A-Z*]\d+(?:"
    r"[A-Z*=]"  # H1047R R88* A79=
    r"|_splice"  # X80_splice
    r"|[A-Z*]?ext[*-]?(?:\d+|\?)?"  # *404Qext*5 M1ext-5
    r")"
    r"|[A-Z*-]\d+[A-Z*]?fs(?:\*(?:\d+|\?)?)?"  # K267fs K6Nfs*4, and -169fs where the amino acid was not written
    r"|(?:[A-Z*]\d+|[A-Z*]?\d+_[A-Z*]?\d+)"  # E746_A750del G12_G13insG 594_600FREYEYD>Y
    r"(?:(?:del|dup)[A-Z*]*|(?:del[A-Z*]*)?ins[A-Z*]*|[A-Z*]*>[A-Z*]+)\d*"
    r"|M1\?|="
)
_WORDS = re.compile("FS|EXT|DEL|DUP|INS|_SPLICE")
_PREFIX = re.compile(r"^[^\s,;]+:\s*")
_BRACKETS = re.compile(r"[()\[\]]")
_P = re.compile(r"^[pP]\.\s*")


def is_protein_change(text: str) -> bool:
    """Whether a text is a protein change in the short form of HGVS, without ``p.``.

    Examples
    --------
    >>> is_protein_change("H1047R"), is_protein_change("E746_A750del"), is_protein_change("His1047Arg")
    (True, True, False)
    """
    return _FORM.fullmatch(text) is not None


def codon_of(change: str) -> int | None:
    """The codon of a protein change in its short form, the first of several; None where none can be told.

    Examples
    --------
    >>> codon_of("H1047R"), codon_of("E746_A750del"), codon_of("H1047"), codon_of("promoter")
    (1047, 746, 1047, None)
    """
    codon = _CODON.match(change)
    if codon is None or not (is_protein_change(change) or _BARE_CODON.fullmatch(change)):
        return None
    return int(codon[1])


def protein_changes(text: str, gene: str = "") -> tuple[str, ...]:
    """The protein changes of a cell in the short form of HGVS, without ``p.``.

    What stands before a colon (a protein, a transcript) and the name of the gene are cut, three letters of an amino
    acid become one, a stop (``Ter``, ``X``) becomes ``*``. Small letters become capitals only where the whole is then a
    known form. What is in no known form stays as it is.

    Parameters
    ----------
    text : str
        A cell; several changes are parted by ``;``.
    gene : str
        The gene of the cell's row, as the table names it.

    Returns
    -------
    tuple of str
        Each change once. For an empty cell one empty text.

    Examples
    --------
    >>> protein_changes("ENSP00000263967.3:p.(His1047Arg)"), protein_changes("p.H1047R;p.H1047L")
    (('H1047R',), ('H1047R', 'H1047L'))
    >>> protein_changes("p.Glu746_Ala750del"), protein_changes("p.His115ProfsTer34"), protein_changes("p.?")
    (('E746_A750del',), ('H115Pfs*34',), ('?',))
    """
    if is_protein_change(short := text.removeprefix("p.")) and "X" not in short:
        return (short,)  # as nearly all are: tables are long
    return tuple(dict.fromkeys(_protein_change(part.strip(), gene) for part in text.split(";")))


def _protein_change(text: str, gene: str) -> str:
    short = text.removeprefix("p.")
    forms = (_with_stops(form) for form in _spellings(short, gene))
    return next((form for form in forms if is_protein_change(form)), short)


def _spellings(text: str, gene: str) -> Iterator[str]:
    """A change as it is, in one-letter code, and that in capitals."""
    yield text
    bare = _BRACKETS.sub("", _PREFIX.sub("", _without_gene(text, gene), count=1)).strip()
    bare = _P.sub("", bare, count=1).replace("%3D", "=")
    if _IS_LONG.match(bare):
        bare = _LONG.sub(lambda name: _LETTER_OF[name[0].casefold()], bare)
    yield bare
    yield _WORDS.sub(lambda word: word[0].lower(), bare.upper())


def _without_gene(text: str, gene: str) -> str:
    if not gene or text[: len(gene)].casefold() != gene.casefold():
        return text
    rest = text[len(gene) :]
    cut = rest.lstrip(" \t_-")
    return text if cut == rest else cut


def _with_stops(change: str) -> str:
    """An X is a stop, but in ``X80_splice``, where it stands for any amino acid."""
    return change if change.endswith("_splice") else change.replace("X", "*")
