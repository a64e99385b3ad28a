"""Exponentials of many numbers, compiled by numba: those of numpy to the last digit but one."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

__all__ = ["exponentials"]

# Each step as it is written: the rest of an exponent is exact only so.
_compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})

_LN2, _LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The first 33 binary digits of the logarithm of 2, and the others."""

_SERIES = tuple(1.0 / math.factorial(power) for power in range(13, -1, -1))
"""Of exp, the highest power first: for numbers up to half the logarithm of 2 what is left out is beyond rounding."""


@_compiled
def exponentials(x, coefficient, found, powers):  # type: ignore[no-untyped-def]
    """Set ``found`` to exp(coefficient x), where coefficient x lies between -700 and 700; ``powers`` is scratch, int64.

    LLVM computes several of these at once, which it cannot do with calls of exp: a fifth of the time. exp(a) is
    2**power, whose binary digits are known, times exp(rest), for which a polynomial will do.
    """
    for j in range(x.size):
        exponent = x[j] * coefficient
        power = np.floor(exponent / math.log(2.0) + 0.5)
        rest = (exponent - power * _LN2) - power * _LN2_REST
        value = 0.0
        for part in _SERIES:
            value = value * rest + part
        found[j] = value
        powers[j] = (np.int64(power) + 1023) << 52
    powers_of_2 = powers.view(np.float64)
    for j in range(x.size):
        found[j] *= powers_of_2[j]
