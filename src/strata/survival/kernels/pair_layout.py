"""Patients as bits, in the order in which they leave the risk sets: numbers at risk are then counts of bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.prepared import PreparedOutcome
from strata.survival.kernels.risk_table import Booleans, Floats, Integers

__all__ = ["UNROLLED", "Bits", "PairLayout", "Words"]

Words = npt.NDArray[np.uint64]

Bits = npt.NDArray[np.uint8]
"""``np.packbits(flags, axis=1)`` of flags (n_markers, n_patients)."""

WORD = 64
UNROLLED = 4
"""Words of a risk set that the compiled path takes at once: every stratum is filled up to a multiple of them."""

BLOCK = 1 << 25
"""Bits that are bytes at once while they are moved: 32 MB."""


class _Word(NamedTuple):
    patients: Integers
    at: int
    sign: int
    last: bool


@dataclass(frozen=True, eq=False, slots=True)
class PairLayout:
    """Where each patient's bit stands, and what the bits of a word count for.

    The first ``sign.size`` words are the risk sets: stratum after stratum, each from its last event time back, so that
    a running count of bits is the number at risk. Every event time begins a new word. Behind them stand all patients
    once more, those with an event first.

    Parameters
    ----------
    slots : array of int (64 n_words,)
        The patient of each bit; n for nobody.
    strata : array of int (n_strata + 1,)
        The first word of each stratum, and one past the last.
    sign : array of float (n_risk_words,)
        1 where patients leave the risk set, -1 where they enter it late, 0 for a word without anybody.
    last : array of bool (n_risk_words,)
        Whether the word is the last one of its event time.
    died : array of uint64 (n_risk_words,)
        Who of a word has the event.
    at_risk, hazard, weight : arrays of float (n_risk_words,)
        Of everybody, n, d / n and d (n - d) / (n^2 (n - 1)) at the event time that the word ends; 0 elsewhere.
    censored : int
        The word at which those without an event begin.
    n, events : int
        Patients and events.
    """

    slots: Integers
    strata: Integers
    sign: Floats
    last: Booleans
    died: Words
    at_risk: Floats
    hazard: Floats
    weight: Floats
    censored: int
    n: int
    events: int

    @classmethod
    def of(cls, outcome: PreparedOutcome) -> PairLayout:
        """The layout of an outcome, with its strata and its delayed entry."""
        words, strata = _risk_sets(outcome)
        at = np.array([word.at for word in words], dtype=np.int64)
        sign = np.array([word.sign for word in words], dtype=np.float64)
        last = np.array([word.last for word in words], dtype=bool)
        n, d = (np.where(last, counts[0][at], 0.0) for counts in outcome.counts(outcome.everybody))
        own_time = np.full(outcome.n + 1, -1)
        own_time[outcome.dying.order] = outcome.dying.at_patients
        nobody = np.zeros((0, WORD), dtype=np.int64)
        risk = np.concatenate([nobody, [word.patients for word in words]]) if words else nobody
        died = (own_time[risk] == at[:, np.newaxis]) & (sign > 0)[:, np.newaxis]
        event = _in_words(np.flatnonzero(outcome.event), outcome.n)
        others = _in_words(np.flatnonzero(~outcome.event), outcome.n)
        many = np.maximum(n, 1.0)
        return cls(
            slots=np.concatenate([risk, event, others]).astype(np.int64).ravel(),
            strata=np.array(strata, dtype=np.int64),
            sign=sign,
            last=last,
            died=_packed(died).ravel(),
            at_risk=n,
            hazard=d / many,
            weight=d * (n - d) / (many**2 * np.maximum(n - 1.0, 1.0)),
            censored=len(words) + len(event),
            n=outcome.n,
            events=int(outcome.event.sum()),
        )

    @property
    def n_words(self) -> int:
        """Words of a marker."""
        return self.slots.size // WORD

    def pack(self, bits: Bits, patients: Integers | None = None) -> Words:
        """Packed flags as words of this layout, shape (n_words, n_markers).

        ``patients`` deals the outcomes anew: patient i's goes to ``patients[i]``.
        """
        slots = self.slots if patients is None else np.append(patients, self.n)[self.slots]
        words = np.zeros((self.n_words, bits.shape[0]), dtype=np.uint64)
        step = max(1, BLOCK // max(1, slots.size))
        for start in range(0, bits.shape[0], step):
            flags = np.unpackbits(bits[start : start + step], axis=1, count=self.n)
            padded = np.concatenate([flags, np.zeros((flags.shape[0], 1), dtype=np.uint8)], axis=1)
            words[:, start : start + step] = _packed(padded.take(slots, axis=1)).T
        return words


def _risk_sets(outcome: PreparedOutcome) -> tuple[list[_Word], list[int]]:
    """The words of the risk sets, and where each stratum begins."""
    leaving, entering = (
        dict(zip(runs.at.tolist(), np.split(runs.order, runs.starts[1:])))
        for runs in (outcome.leaving, outcome.entering)
    )
    words: list[_Word] = []
    strata = [0]
    nobody = np.zeros(0, dtype=np.int64)
    for own in outcome.slices:
        for at in range(own.stop - 1, own.start - 1, -1):
            words += [_Word(patients, at, 1, False) for patients in _in_words(leaving[at], outcome.n)]
            words += [_Word(patients, at, -1, False) for patients in _in_words(entering.get(at, nobody), outcome.n)]
            words[-1] = words[-1]._replace(last=True)
        words += [_Word(np.full(WORD, outcome.n), own.start, 0, False)] * (-len(words) % UNROLLED)
        strata.append(len(words))
    return words, strata


def _in_words(patients: Integers, n: int) -> Integers:
    """Patients in rows of 64, the last one filled up with nobody."""
    return np.append(patients, np.full(-patients.size % WORD, n)).reshape(-1, WORD)


def _packed(flags: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]) -> Words:
    """Rows of flags, a multiple of 64 each, as rows of words."""
    return np.packbits(flags, axis=1, bitorder="little").view("<u8").astype(np.uint64)
