"""The table of clinical concepts, ``clinical_terms.yaml``: columns, shared words, and which lie within which."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["clinical_match", "terms"]


@cache
def terms() -> Mapping[str, Mapping[str, Any]]:
    """The table of clinical concepts: column names in the order of preference, and words."""
    from ruamel.yaml import YAML

    text = (resources.files("strata.cohort") / "clinical_terms.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return loaded


def clinical_match(
    column: str, values: pd.Series[Any], tokens: Collection[str]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the values of a clinical column are one of ``tokens``, in any case; neither true nor false is unknown.

    Words may lie within others (stage IIIB within III, by ``clinical_terms.yaml``): a value IIIB is III, a value III is
    not II, and whether a value III is IIIB is unknown.

    Parameters
    ----------
    column : str
        The concept (``stage``), with or without a time point (``stage@post``).
    values : pandas.Series of text, (n_patients,)
        NA where unknown.
    tokens : collection of str

    Returns
    -------
    true, false : ndarray of bool, (n_patients,)

    Examples
    --------
    >>> import pandas as pd
    >>> true, false = clinical_match("stage", pd.Series(["IIIB", "III", "II", None]), ["iiib", "IIIC"])
    >>> true.tolist(), false.tolist()
    ([True, False, False, False], [False, False, True, False])
    """
    parts = _parts(column.partition("@")[0])
    wanted = _with_parts({token.casefold() for token in tokens}, parts)
    texts = values.astype("string").str.casefold()
    is_one = {text for text in texts.dropna().unique() if _is_wanted(text, wanted, parts)}
    may_be = {text for text in texts.dropna().unique() if _with_parts({text}, parts) & wanted}
    known = texts.notna().to_numpy(dtype=bool)
    return known & texts.isin(is_one).to_numpy(dtype=bool), known & ~texts.isin(may_be).to_numpy(dtype=bool)


Parts = Mapping[str, Collection[str]]


@cache
def _parts(concept: str) -> Parts:
    """Words to the words within them, in lower case."""
    parts = terms().get(concept, {}).get("parts", {})
    return {word.casefold(): frozenset(part.casefold() for part in within) for word, within in parts.items()}


def _with_parts(words: set[str], parts: Parts) -> set[str]:
    return words.union(*(parts.get(word, ()) for word in words))


def _is_wanted(text: str, wanted: Collection[str], parts: Parts) -> bool:
    """A word is wanted itself, or is when every word within it is."""
    within = parts.get(text, ())
    return text in wanted or (bool(within) and all(part in wanted for part in within))
