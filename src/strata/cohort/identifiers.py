"""Names of patients, samples and features: what is cut away, what is refused, and which patient a sample is of."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from strata.cohort.barcodes import barcode, which_counts
from strata.cohort.findings import Findings, count
from strata.cohort.options import ReadOptions, remedy
from strata.errors import Problem, shown

__all__ = [
    "Links",
    "clean_id",
    "cleaned",
    "cleaned_notes",
    "column_key",
    "id_form",
    "id_problems",
    "is_id",
    "nameless",
    "nameless_columns",
    "natural_order",
    "samples_of_patients",
]

_INVISIBLE = " \t\u00a0\u200b\u200c\u200d\u2060\ufeff"
_MAX_ID = 256
_VOCABULARY = 12
_PRIMARY = ("01", "03", "primary")
"""How the types of primary tumours begin, also ``Primary Blood Derived Cancer - Bone Marrow``."""


def clean_id(text: str) -> str:
    """An id without spaces and invisible characters around it, in Unicode form NFC. The letters stay as they are."""
    text = text.strip(_INVISIBLE)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _form(text: str) -> str:
    return "".join("9" if c.isdigit() else ("A" if c.isupper() else "a") if c.isalpha() else c for c in text)


def id_form(text: str) -> str:
    """What an id looks like, in quotes, without naming anybody: ``TCGA-a1-3502`` as ``'AAAA-a9-9999'``."""
    return shown(_form(text))


def nameless(words: Mapping[str, int]) -> Counter[str]:
    """Cells of a column and how often each is there, as a message may tell them.

    More than a vocabulary has may be ids, or what is typed about single patients: then it is their forms.
    """
    told: Counter[str] = Counter()
    for word, n in words.items():
        told[word if len(words) <= _VOCABULARY else _form(word)] += n
    return told


def nameless_columns(names: Sequence[str], of: Sequence[str]) -> list[str]:
    """Some names of the columns ``of`` a table; the forms of those that look like most columns, as ids do."""
    shape = {name: re.sub("9+", "9", _form(name)) for name in of}
    (common, n), *_ = Counter(shape.values()).most_common(1)
    ids = common if "9" in common and n > max(3, len(of) // 2) else None
    return list(dict.fromkeys(_form(name) if shape[name] == ids else name for name in names))


def natural_order(text: str) -> tuple[list[tuple[int, str]], str]:
    """What ids are sorted by: in any case, and runs of digits as the numbers they are, so that P2 is before P10."""
    parts = re.split(r"(\d+)", text.casefold())
    numbers = [digits.lstrip("0") for digits in parts[1::2]]
    key = [(0, part) for part in parts]
    key[1::2] = [(len(digits), digits) for digits in numbers]
    return key, text


def cleaned(written: Iterable[str], clean: Iterable[str]) -> Counter[str]:
    """How many names :func:`clean_id` changed, and how: trimmed, brought to another Unicode form, or both."""
    changed: Counter[str] = Counter()
    for before, after in zip(written, clean, strict=True):
        if before != after:
            trimmed = before.strip(_INVISIBLE)
            changed["trimmed"] += trimmed != before
            changed["normalised"] += trimmed != after
    return changed


def cleaned_notes(file: str, noun: str, changed: Counter[str]) -> list[tuple[str, str]]:
    """Notes on the names that were changed, with their codes; ``noun`` is what they are called."""
    notes = []
    if n := changed["trimmed"]:
        notes.append((f"{file}: {count(n, noun)} with spaces around, trimmed", "W305"))
    if n := changed["normalised"]:
        notes.append((f"{file}: {count(n, noun)} brought to Unicode form NFC", "W307"))
    return notes


def column_key(name: str) -> str:
    """The name of a column whatever its case and whether its words are joined by a space, dot, dash or underscore.

    Examples
    --------
    >>> column_key("Hugo_Symbol"), column_key("Gene.Symbol"), column_key("Patient ID")
    ('hugo_symbol', 'gene_symbol', 'patient_id')
    """
    return clean_id(name).casefold().replace(" ", "_").replace(".", "_").replace("-", "_")


def is_id(text: str) -> bool:
    """Whether nothing is wrong with an id: not empty, at most 256 characters, none of them a control character."""
    return 0 < len(text) <= _MAX_ID and text.isprintable()


def id_problems(ids: Iterable[tuple[str, str]], what: str) -> list[Problem]:
    """What no id may be: empty, longer than 256 characters, or with control characters.

    Parameters
    ----------
    ids : iterable of (id, place)
    what : str
        What the ids name, such as ``patient id``.
    """
    problems = []
    for text, place in ids:
        if not text:
            problems.append(Problem(place, f"empty {what}", "Give it an id, or delete the line", code="E303"))
        elif len(text) > _MAX_ID:
            problems.append(Problem(place, f"{what} of {len(text):,} characters (limit {_MAX_ID})", code="E321"))
        elif not text.isprintable():
            code = next(ord(char) for char in text if not char.isprintable())
            name = f"{what} contains the control character U+{code:04X} ({shown(chr(code))})"
            problems.append(Problem(place, name, "Export the table again", code="E320"))
    return problems


@dataclass(frozen=True)
class Links:
    """Which patient a sample or patient id belongs to.

    Parameters
    ----------
    patients : tuple of str
        The cohort's patients, in order.
    samples : mapping of sample to patient
        In the order of the table that links them.
    sample_types : mapping of sample to its type, as the table spells it
    options : ReadOptions
    time_points : mapping of sample to its time point
        Under the shared names of :func:`~strata.cohort.time_points.time_point`; samples without one are left out.
    """

    patients: tuple[str, ...]
    samples: Mapping[str, str] = field(default_factory=dict)
    sample_types: Mapping[str, str] = field(default_factory=dict)
    options: ReadOptions = field(default_factory=ReadOptions)
    time_points: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = {self._key(patient): patient for patient in self.patients}
        keys |= {self._key(sample): patient for sample, patient in self.samples.items()}
        object.__setattr__(self, "_keys", keys)
        object.__setattr__(self, "_order", {self._key(sample): i for i, sample in enumerate(self.samples)})
        types = {self._key(sample): kind for sample, kind in self.sample_types.items()}
        object.__setattr__(self, "_types", types)
        object.__setattr__(self, "_times", {self._key(sample): time for sample, time in self.time_points.items()})

    _keys: Mapping[str, str] = field(init=False, repr=False, default_factory=dict)
    _order: Mapping[str, int] = field(init=False, repr=False, default_factory=dict)
    _types: Mapping[str, str] = field(init=False, repr=False, default_factory=dict)
    _times: Mapping[str, str] = field(init=False, repr=False, default_factory=dict)

    def _key(self, text: str) -> str:
        text = clean_id(text)
        return text.casefold() if self.options.id_case == "ignore" else text

    def patient(self, text: str) -> str | None:
        """The patient of a sample or patient id; None when the cohort has no such id."""
        # most ids are written as they are in the table of patients
        found = self._keys.get(text) or self._keys.get(self._key(text))
        if found is None and self.options.id_rule == "tcga-patient":
            code = barcode(clean_id(text))
            found = self._keys.get(self._key(code.patient)) if code else None
        return found

    def time_of(self, sample: str) -> str:
        """The time point of a sample; empty when none is known."""
        return self._times.get(self._key(sample), "") if self._times else ""

    def is_normal(self, text: str) -> bool:
        """Whether a TCGA barcode is of normal tissue or a control (types 10 to 29)."""
        code = barcode(clean_id(text)) if self.options.id_rule == "tcga-patient" else None
        return code is not None and code.is_normal

    def matches(self, ids: Iterable[str]) -> int:
        """How many of ``ids`` are a patient or sample of the cohort."""
        return sum(self.patient(text) is not None for text in ids)

    def preferred(self, ids: Sequence[str]) -> list[int]:
        """Places in ``ids`` of the samples that count, when all are of one patient.

        One place for the sample rules ``first`` (in the order of the samples table, else of ``ids``) and ``primary``;
        all places for ``mean``. TCGA barcodes have a rule of their own (:func:`~strata.cohort.barcodes.which_counts`);
        without a rule all places of other ids, and of equal ones unless ``gdac`` is asked for.
        """
        rule = self.options.sample_rule
        if len(ids) == 1 or rule == "mean":
            return list(range(len(ids)))
        if rule in {"", "gdac"}:
            places, _ = which_counts([clean_id(text) for text in ids])
            return places[:1] if rule and len({ids[place] for place in places}) == 1 else places
        order = sorted(range(len(ids)), key=lambda i: self._order.get(self._key(ids[i]), len(self._order)))
        if self.options.sample_rule == "primary":
            order = [i for i in order if self._is_primary(ids[i])] or order
        return order[:1]

    def _is_primary(self, text: str) -> bool:
        code = barcode(clean_id(text))
        kind = self._types.get(self._key(text), code.sample_type if code else "")
        return kind.strip().casefold().startswith(_PRIMARY)

    def why_no_match(self, ids: Sequence[str]) -> str:
        """A remedy when ids do not meet but would under another rule; empty when none is known."""
        folded = {key.casefold() for key in self._keys}
        by_case = sum(clean_id(text).casefold() in folded for text in ids)
        if by_case:
            return f"{count(by_case, 'id matches', 'ids match')} without case: {remedy('id_case', 'ignore')}"
        codes = [barcode(clean_id(text)) for text in ids]
        by_barcode = sum(code is not None and code.patient in self._keys for code in codes)
        if by_barcode:
            how = f"{count(by_barcode, 'id matches', 'ids match')} after cutting TCGA barcodes to 12 characters"
            return f"{how}: {remedy('id_rule', 'tcga-patient')}"
        return ""


def samples_of_patients(where: str, names: Sequence[str], links: Links, findings: Findings) -> dict[str, list[int]]:
    """Where in ``names`` each patient's samples are; normal tissue and samples of nobody are left out and counted."""
    places: dict[str, list[int]] = {}
    unmatched = normal = 0
    for place, name in enumerate(names):
        patient = links.patient(name)
        if links.is_normal(name):
            normal += 1
        elif patient is None:
            unmatched += 1
        else:
            places.setdefault(patient, []).append(place)
    findings.exclude(f"{where}: sample without a clinical row", unmatched)
    findings.exclude(f"{where}: sample of normal tissue", normal)
    return places
