"""The reading options: the keys of ``read:`` in a cohort YAML and of ``--read KEY=VALUE``, described once, here."""

from __future__ import annotations

import codecs
import csv
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from strata.cohort.layouts import LAYOUT_NAMES
from strata.errors import PlanError, Problem, UsageError, shown

__all__ = ["COHORT_KEYS", "ReadOptions", "can_be_typed", "closest", "cohort_key", "parse_read_options", "remedy"]

COHORT_KEYS: Mapping[str, str] = {
    "name": "the cohort's name: letters, digits and . _ -, at most 64",
    "folder": "where the files are; the folder of the YAML when absent",
    "layout": f"one of {', '.join(LAYOUT_NAMES)}",
    "clinical": "clinical tables",
    "mrna": "expression tables; the first wins per gene",
    "protein": "protein tables",
    "mutation": "mutation tables",
    "copy_number": "copy number tables",
    "serum": "serum tables",
    "germline": "germline tables",
    "mirna": "microRNA tables",
    "samples": "a table with a sample and a patient column, or {SAMPLE: PATIENT}",
    "sequenced": "who was sequenced: a file, a list of ids, or all",
    "panel_genes": "the genes that were sequenced: a file or a list",
    "endpoints": "{OS: {time: COLUMN, event: COLUMN, unit: months}}",
    "read": "reading options: {KEY: VALUE}",
    "cohorts": "a list of cohorts, each with these keys",
}
"""The keys of a cohort YAML and what each holds."""


def _option(default: Any, text: str, *, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How the tables of a cohort are read. Every field is a key of ``read:`` and of ``--read KEY=VALUE``.

    A field whose default is a tuple takes several values, separated by commas on the command line.
    """

    sep: str = _option("", "field separator (tab, ; , or |), used in every table whose header holds it")
    decimal: str = _option(".", "decimal mark of numbers", choices=(".", ","))
    encoding: str = _option("utf-8", "text encoding of the tables: utf-8, latin-1, utf-16 ...")
    na: tuple[str, ...] = _option((), "further words that mean missing, beside the documented list")
    id_column: str = _option("", "the column that holds the patient or sample id")
    id_case: str = _option(
        "", "whether ids that differ only in case are different or the same", choices=("keep", "ignore")
    )
    id_rule: str = _option(
        "exact",
        "how ids are compared; tcga-patient cuts TCGA barcodes to the patient and leaves normal tissue out",
        choices=("exact", "tcga-patient"),
    )
    event_values: tuple[str, ...] = _option((), "the words or codes that mean the event happened")
    censored_values: tuple[str, ...] = _option((), "the words or codes that mean the follow-up ended without the event")
    time_unit: str = _option("", "unit of time columns whose name tells none", choices=("days", "months", "years"))
    sample_rule: str = _option(
        "",
        "which of several samples of one patient counts: the first, the primary tumour's, their mean (for mutations: a "
        "change in any), or by TCGA barcode as Broad's GDAC chooses, which is done unless another rule is named; gdac "
        "also takes the first of equal ids",
        choices=("first", "primary", "mean", "gdac"),
    )
    duplicate_genes: str = _option(
        "",
        "which of several rows (or probes) of one gene counts: the first, their mean or median by patient, the row "
        "with the largest mean or variance, or the probe that JetSet marks best",
        choices=("first", "mean", "median", "max_mean", "max_variance", "jetset"),
    )
    probes: str = _option("", "a table of probes and their genes, for expression tables whose rows are probes")
    min_overlap: int = _option(50, "per cent of a table's samples that must have a clinical row")
    orientation: str = _option("", "how a matrix lies", choices=("genes-in-rows", "samples-in-rows"))
    scale: str = _option(
        "",
        "scale of the numbers (gistic and copies are for copy number tables, the others for the rest)",
        choices=("log2", "linear", "counts", "z-score", "gistic", "copies"),
    )
    star_column: str = _option(
        "tpm_unstranded",
        "the column of GDC's STAR counts that is read: TPM and FPKM become log2(x + 1), counts stay counts",
        choices=(
            "tpm_unstranded",
            "fpkm_unstranded",
            "fpkm_uq_unstranded",
            "unstranded",
            "stranded_first",
            "stranded_second",
        ),
    )
    sequenced: str = _option("", "who was sequenced: all, or a file with their ids")
    cache: str = _option("", "a folder that keeps tables of numbers as they were parsed, for the next time")
    max_line_bytes: int = _option(32 * 2**20, "the longest line that is read")
    max_bytes: int = _option(16 * 2**30, "the longest table that is read, after decompression")

    @classmethod
    def of(
        cls,
        values: Mapping[str, Any],
        *,
        error: type[UsageError] | type[PlanError] = UsageError,
        where: Mapping[str, str] | None = None,
    ) -> ReadOptions:
        """Options from texts, each checked.

        Parameters
        ----------
        values : mapping of option to text, or list of texts where several are allowed
        error : exception class
            What is raised: UsageError for a call, PlanError for a file.
        where : mapping of option to place, optional
            Where each option was written, for messages.

        Raises
        ------
        UsageError or PlanError
            For every unknown option, with the closest name, and every value that is not allowed.
        """
        problems: list[Problem] = []
        checked: dict[str, Any] = {}
        for key, value in values.items():
            place = (where or {}).get(key, f"--read {key}")
            known = _FIELDS.get(key)
            if known is None:
                problems.append(
                    Problem(place, f"unknown reading option {shown(key)}", closest(key, _FIELDS), code="E703")
                )
                continue
            try:
                checked[key] = _convert(known, value)
            except ValueError as wrong:
                problems.append(Problem(place, str(wrong), code="E703"))
        if problems:
            raise error(problems)
        return cls(**checked)

    def or_else(self, values: Mapping[str, Any]) -> ReadOptions:
        """These options, with ``values`` for those that are left at their default."""
        open_ = {key: value for key, value in values.items() if getattr(self, key) == _FIELDS[key].default}
        return replace(self, **open_)


_FIELDS: Mapping[str, Field[Any]] = {item.name: item for item in fields(ReadOptions)}


def closest(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?`` when a known word is near, else the list of known words."""
    words = list(known)
    near = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else "Known: " + ", ".join(words)


def _convert(known: Field[Any], value: Any) -> Any:
    if isinstance(known.default, tuple):
        # as in a CSV file, a value that holds a comma stands in double quotes
        parts = value if isinstance(value, list | tuple) else next(csv.reader([str(value)], skipinitialspace=True), [])
        return tuple(str(part).strip() for part in parts)
    if isinstance(value, list | tuple | dict):
        raise ValueError(f"{known.name} takes one value")  # noqa: TRY004  every wrong value is reported alike
    text = str(value)
    if isinstance(known.default, int):
        if not text.isdigit() or int(text) == 0:
            raise ValueError(f"{known.name} must be a whole number above 0, got {shown(text)}")
        return int(text)
    choices = known.metadata["choices"]
    if choices and text not in choices:
        raise ValueError(f"{known.name} must be one of {', '.join(choices)}, got {shown(text)}")
    if known.name == "sep":
        return _separator(text)
    if known.name == "encoding":
        _check_encoding(text)
    return text


def _separator(text: str) -> str:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}.get(text, text)
    if len(named) != 1 or named.isalnum():
        raise ValueError(f"sep must be one character such as ; or the word tab, got {shown(text)}")
    return named


def _check_encoding(text: str) -> None:
    try:
        codecs.lookup(text)
    except LookupError:
        raise ValueError(f"no text encoding is called {shown(text)}") from None


def parse_read_options(items: Iterable[str]) -> dict[str, str]:
    """``["sep=;", "event_values=2"]``, as ``--read`` gives them, as a mapping.

    Parameters
    ----------
    items : iterable of str
        Each ``KEY=VALUE``.

    Returns
    -------
    dict of str to str

    Raises
    ------
    UsageError
        For every item without ``=``, unknown key (with the closest name), key given twice or value not allowed.
    """
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        key = key.strip()
        if not equals:
            problems.append(
                Problem("--read", f"{shown(item)} is not KEY=VALUE", "For example --read sep=;", code="E703")
            )
        elif key in found:
            problems.append(Problem("--read", f"{key} is given twice", code="E703"))
        else:
            found[key] = value
    try:
        ReadOptions.of(found)
    except UsageError as wrong:
        problems += wrong.problems
    if problems:
        raise UsageError(problems)
    return found


def remedy(key: str, *values: str) -> str:
    """How a message names a reading option; a key that does not exist is our own mistake and raises KeyError."""
    if isinstance(_FIELDS[key].default, tuple):
        value = ",".join('"' + text.replace('"', '""') + '"' if {",", '"'} & set(text) else text for text in values)
    else:
        (value,) = values
    on_the_call = shlex.quote(f"{key}={value}")
    in_yaml = value.replace("'", "''")
    return f"read: {{{key}: '{in_yaml}'}} in the cohort YAML, or --read {on_the_call}"


def can_be_typed(values: Sequence[str]) -> bool:
    """Whether a remedy can name every value: few, short and printable."""
    return len(values) <= 12 and all(text.isprintable() and len(text) <= 40 for text in values)


def cohort_key(key: str) -> str:
    """How a message names a key of the cohort YAML; a key that does not exist raises KeyError."""
    if key not in COHORT_KEYS:
        raise KeyError(key)
    return f"{key}: in the cohort YAML ({COHORT_KEYS[key]})"
