"""Every feature of an assay as a marker: who is positive, who is known, and the number behind it, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strata.signatures import variant_matches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Assay, Cohort, MutationAssay

__all__ = ["MARKER_KINDS", "Markers", "markers_of", "median_split"]

MARKER_KINDS = ("mrna", "protein", "copy_number", "mirna", "serum", "mutation")
"""The assays that a scan takes features from."""

BLOCK = 2_000_000
"""Cells of a table that are numbers at once: 16 MB, of which the allocator gives the same memory again and again."""

_GISTIC = (("amp", 2.0), ("homdel", -2.0))


@dataclass(frozen=True, eq=False, slots=True)
class Markers:
    """A block of markers of one assay.

    Parameters
    ----------
    assay : str
    genes : tuple of str
    positive_if : tuple of str
        What makes a patient positive: ``above median``, ``amp``, ``homdel``, ``mutated``.
    positive, known : arrays of bool (n_markers, n_patients)
        Of the patients tested; ``positive`` is False where it is not known.
    cuts : array of float (n_markers,)
        NaN where nothing was cut.
    numbers : array of float (n_markers, n_patients) or None
        What was cut, NaN where unknown; None for calls.
    """

    assay: str
    genes: tuple[str, ...]
    positive_if: tuple[str, ...]
    positive: NDArray[np.bool_]
    known: NDArray[np.bool_]
    cuts: NDArray[np.float64]
    numbers: NDArray[np.float64] | None


def markers_of(
    cohort: Cohort,
    kind: str,
    inside: NDArray[np.bool_],
    keep: NDArray[np.bool_],
    genes: Sequence[str] | None = None,
) -> Iterator[Markers]:
    """The features of an assay, cut at their median over the patients ``inside``, for the patients ``keep``.

    Parameters
    ----------
    cohort : Cohort
    kind : str
        One of ``MARKER_KINDS`` that the cohort has.
    inside, keep : arrays of bool (n_cohort,)
        The population; those of it who are tested.
    genes : sequence of str, optional
        These alone; None: all, also those that no table of gene names knows.

    Notes
    -----
    Strictly above the median is high. GISTIC calls become two markers a gene, amplified and deleted. Mutated is
    everything but silent, of the patients tested for the gene. Values at time points after treatment are left out.
    """
    if kind == "mutation":
        yield from _mutations(cohort, cohort.mutations[kind], keep, genes)
        return
    assay = cohort.assays[kind]
    names = [name for name in assay.features if "@" not in name]
    if genes is not None:
        wanted = set(genes)
        names = [name for name in names if name in wanted]
    step = max(1, BLOCK // max(1, len(cohort.patients)))
    for start in range(0, len(names), step):
        yield from _numbers(assay, names[start : start + step], inside, keep)


def _numbers(
    assay: Assay, names: Sequence[str], inside: NDArray[np.bool_], keep: NDArray[np.bool_]
) -> Iterator[Markers]:
    values = np.ascontiguousarray(assay.read(names).to_numpy(dtype=float).T)
    called = np.array([assay.scale(name) == "gistic" for name in names], dtype=bool)
    for rows in (~called, called):
        some = [name for name, chosen in zip(names, rows) if chosen]
        theirs = values if rows.all() else values[rows]
        if some and rows is called:
            yield from _calls(assay.kind, some, theirs[:, keep])
        elif some:
            yield _split(assay.kind, some, theirs, inside, keep)


def _split(
    kind: str,
    names: Sequence[str],
    values: NDArray[np.float64],
    inside: NDArray[np.bool_],
    keep: NDArray[np.bool_],
) -> Markers:
    cuts = median_split(values if inside.all() else values[:, inside])
    tested = values if keep.all() else np.ascontiguousarray(values[:, keep])
    known = ~np.isnan(tested)
    with np.errstate(invalid="ignore"):
        positive = tested > cuts[:, np.newaxis]
    said = ("above median",) * len(names)
    return Markers(kind, tuple(names), said, positive, known, cuts, tested)


def _calls(kind: str, names: Sequence[str], values: NDArray[np.float64]) -> Iterator[Markers]:
    known = ~np.isnan(values)
    for word, call in _GISTIC:
        nothing = np.full(len(names), np.nan)
        yield Markers(kind, tuple(names), (word,) * len(names), values == call, known, nothing, None)


def median_split(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the known values of each row; NaN where there is none.

    One partition finds the upper middle value of a row without gaps, and the largest of what it leaves below is the
    lower one.
    """
    n = values.shape[1]
    # a block of rows at a time: a copy of all of them would take most of the time
    step = max(1, BLOCK // max(n, 1))
    cuts = [_median_split(values[i : i + step]) for i in range(0, values.shape[0], step)]
    return np.concatenate(cuts) if cuts else np.empty(0)


def _median_split(values: NDArray[np.float64]) -> NDArray[np.float64]:
    n = values.shape[1]
    cuts = np.full(values.shape[0], np.nan)
    gaps = np.isnan(values).any(axis=1)
    if n and not gaps.all():
        whole = np.partition(values[~gaps] if gaps.any() else values, n // 2, axis=1)
        upper = whole[:, n // 2]
        lower = upper if n % 2 else whole[:, : n // 2].max(axis=1)
        # as np.median: the mean of both
        cuts[~gaps] = np.where(n % 2, upper, (lower + upper) / 2.0)
    for i in np.flatnonzero(gaps):
        known = values[i][~np.isnan(values[i])]
        cuts[i] = np.median(known) if known.size else np.nan
    return cuts


def _mutations(
    cohort: Cohort, assay: MutationAssay, keep: NDArray[np.bool_], genes: Sequence[str] | None
) -> Iterator[Markers]:
    names = [name for name in assay.features if genes is None or name in set(genes)]
    if not names:
        return
    table = assay.variants(names)
    counts = [
        variant_matches(gene, change, word, ("any",)) is True
        for gene, change, word in zip(table["gene"], table["change"], table["consequence"])
    ]
    place = {patient: i for i, patient in enumerate(cohort.patients)}
    row = {name: i for i, name in enumerate(names)}
    positive = np.zeros((len(names), len(place)), dtype=bool)
    sequenced = np.zeros_like(positive)
    at = table["gene"].map(row).to_numpy(dtype=np.int64), table["patient"].map(place).to_numpy(dtype=np.int64)
    sequenced[at] = True
    positive[at[0][counts], at[1][counts]] = True
    tested: dict[frozenset[str], NDArray[np.bool_]] = {}
    for i, name in enumerate(names):
        panel = assay.tested(name)
        if panel not in tested:
            tested[panel] = np.asarray(cohort.patients.isin(list(panel)), dtype=bool)
        sequenced[i] |= tested[panel]
    nothing = np.full(len(names), np.nan)
    said = ("mutated",) * len(names)
    yield Markers("mutation", tuple(names), said, positive[:, keep], sequenced[:, keep], nothing, None)
