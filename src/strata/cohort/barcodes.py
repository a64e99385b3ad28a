"""TCGA barcodes, ``TCGA-TT-PPPP-SSv-ppA-LLLL-CC``: what they tell of a sample, and which of several counts.

The table of sample types is the GDC's; the rule for replicates is that of the Broad GDAC's pages
``*_Replicate_Samples.html``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Barcode", "barcode", "rule_in_words", "which_counts"]

_BARCODE = re.compile(
    r"(?P<patient>TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})"
    r"(?:-(?P<type>\d{2})[A-Z]?(?:-\d{2}(?P<analyte>[A-Z])?(?:-(?P<plate>[A-Z0-9]{4}))?)?.*)?",
    re.IGNORECASE,
)
_PRIMARY = frozenset({"01", "03", "09"})
_RNA = "HRT"
_AMPLIFIED = frozenset("GWX")


@dataclass(frozen=True, slots=True)
class Barcode:
    """What a TCGA barcode tells; a part is empty where the barcode ends before it.

    Parameters
    ----------
    text : str
        The barcode with dashes.
    patient : str
        Its first 12 characters.
    sample_type : str
        ``01`` primary tumour, ``03`` and ``09`` primary blood cancer, ``02`` recurrent, ``06`` metastatic, ``10`` to
        ``19`` normal, ``20`` to ``29`` control.
    analyte : str
        ``D`` DNA, ``G``, ``W``, ``X`` amplified DNA, ``R``, ``T``, ``H`` RNA.
    plate : str
    """

    text: str
    patient: str
    sample_type: str
    analyte: str
    plate: str

    @property
    def is_normal(self) -> bool:
        """Whether it is of normal tissue or a control."""
        return "10" <= self.sample_type <= "29"

    @property
    def is_primary(self) -> bool:
        """Whether it is of a primary tumour, also of the blood."""
        return self.sample_type in _PRIMARY


def barcode(text: str) -> Barcode | None:
    """A TCGA barcode, also one spelled with dots; None for every other id."""
    text = text.replace(".", "-")
    match = _BARCODE.fullmatch(text)
    if match is None:
        return None
    sample_type, analyte, plate = (match[part] or "" for part in ("type", "analyte", "plate"))
    return Barcode(text, match["patient"], sample_type, analyte.upper(), plate.upper())


def which_counts(ids: Sequence[str]) -> tuple[list[int], str]:
    """The places in ``ids``, all of one patient, of the sample that counts, and what decided.

    A primary tumour counts before other samples, and of these the lower type. Then, as the Broad GDAC chooses among
    replicates: of RNA the analyte H before R before T; DNA before amplified DNA, unless this has a higher plate; then
    the highest barcode.

    Returns
    -------
    places : list of int
        More than one where ids are equal, and all where one is no barcode of a sample.
    why : str
        ``sample type``, ``analyte`` or ``highest barcode``; empty where nothing was to be decided.

    Examples
    --------
    >>> which_counts(["TCGA-OR-A5J1-06A-11R-A29S-07", "TCGA-OR-A5J1-01A-11R-A29S-07"])
    ([1], 'sample type')
    """
    codes = [barcode(text) for text in ids]
    known = [(place, code) for place, code in enumerate(codes) if code is not None and code.sample_type]
    if len(known) < len(ids) or len({code.text for _, code in known}) < 2:
        return list(range(len(ids))), ""
    primary = [(not code.is_primary, code.sample_type) for _, code in known]
    left = [item for item, rank in zip(known, primary, strict=True) if rank == min(primary)]
    why = "sample type"
    if len({code.text for _, code in left}) > 1:
        analytes = _analytes([code for _, code in left])
        left, why = [item for item in left if item[1].analyte in analytes], "analyte"
    if len({code.text for _, code in left}) > 1:
        highest = max(code.text for _, code in left)
        left, why = [item for item in left if item[1].text == highest], "highest barcode"
    return [place for place, _ in left], why


def rule_in_words(several: Iterable[Sequence[str]]) -> str:
    """The rule, and what decided in how many of the patients, whose ids are given.

    Examples
    --------
    >>> rule_in_words([["TCGA-OR-A5J1-06A", "TCGA-OR-A5J1-01A"], ["TCGA-OR-A5J2-01A", "TCGA-OR-A5J2-01B"]])
    'gdac (sample type 1, highest barcode 1)'
    """
    why = Counter(which_counts(ids)[1] or "first of equal ids" for ids in several)
    return f"gdac ({', '.join(f'{reason} {n}' for reason, n in why.most_common())})"


def _analytes(codes: Sequence[Barcode]) -> set[str]:
    """The analytes that count; all of them where the rule has no order between them."""
    found = {code.analyte for code in codes}
    if found <= set(_RNA):
        return {min(found, key=_RNA.index)}
    if "D" in found and found - {"D"} <= _AMPLIFIED:
        native = max(code.plate for code in codes if code.analyte == "D")
        amplified = max((code.plate for code in codes if code.analyte != "D"), default="")
        return found - {"D"} if amplified > native else {"D"}
    return found
