"""The process of one measurement: ``python -m bench.work MODULE FUNCTION FOLDER ANSWERS OPTIONS``.

It imports nothing before the work says so, because what is imported counts in the peak of memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What a measurement says of itself.

    Parameters
    ----------
    seconds : float
        Of the work without imports and without what is loaded before it; already scaled where it was a sample.
    extra : float
        What scaling a sample adds to the wall time of the whole process.
    answers : mapping of name to array of float
        To be compared with those of the others.
    """

    seconds: float
    extra: float = 0.0
    answers: dict[str, Any] = field(default_factory=dict)


def looped(test: Callable[[int], tuple[float, ...]], indices: list[int]) -> tuple[float, Any]:
    """Seconds a call, after a first one that is not counted, and the numbers of all calls as columns."""
    import numpy as np

    test(indices[0])
    start = perf_counter()
    rows = [test(i) for i in indices]
    return (perf_counter() - start) / len(indices), np.array(rows, dtype=float).T


def main() -> None:
    """Do the work, keep its answers, and say how long it took."""
    module, function, folder, prefix, options = sys.argv[1:]
    found: Measured = getattr(import_module(module), function)(Path(folder), **json.loads(options))
    for name, values in found.answers.items():
        Path(f"{prefix}{name}").write_bytes(_doubles(values))
    print(json.dumps({"seconds": found.seconds, "extra": found.extra}))


def _doubles(values: Any) -> bytes:
    import numpy as np

    return np.ascontiguousarray(values, dtype=float).tobytes()


if __name__ == "__main__":
    # the module that topics import is not the one that runs: both know the same class
    sys.modules["bench.work"] = sys.modules["__main__"]
    main()
