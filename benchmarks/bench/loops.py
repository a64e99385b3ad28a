"""One test after another: what a log-rank test and a Cox model cost each."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from bench.data import matrix, outcome
from bench.measure import Contender, Table
from bench.single_tests import PEERS, tests_of
from bench.size import Size
from bench.work import Measured, looped

MANY = 1_000
TESTS = {
    "log_rank": ("log-rank test", "chi_squared", "survdiff", "survdiff.fit"),
    "cox": ("Cox model", "coefficients", "coxph", "coxph.fit"),
}


def tables(size: Size) -> list[Table]:
    """Both tests for few and for many patients."""
    return [_table(test, patients, size.sample) for test in TESTS for patients in size.loop_patients]


def _table(test: str, patients: int, k: int) -> Table:
    name, _, formula, bare = TESTS[test]
    some = {"test": test, "k": k}
    return Table(
        f"A {name} of {patients:,} patients",
        f"Time a test; one binary group, whole months, about 60 % events. The peers loop over {k} groups; strata's "
        f"first row is {MANY:,} at once, which gives log-rank, Cox and proportional hazards together.",
        (
            Contender(f"strata, {MANY:,} at once", "strata_many", options=some),
            Contender("strata, one by one", "strata_single", options=some),
            *(Contender(peer, "peer", needs, options={"peer": peer, **some}) for peer, needs in PEERS.items()),
            Contender(f"R {formula}", test, r=("survival",), options={"k": k}),
            Contender(f"R {bare}", f"{test}_fit", r=("survival",), options={"k": k}),
        ),
        data=("groups", {"tests": MANY, "patients": patients}),
        tolerances={"chi_squared": 1e-6, "coefficients": 1e-4},
    )


def strata_many(folder: Path, test: str, k: int) -> Measured:
    """Every group at once."""
    from strata.survival.kernels.many_groups import compare_many_groups
    from strata.survival.kernels.prepared import PreparedOutcome

    groups, (time, event) = matrix(folder) > 0, outcome(folder)
    start = perf_counter()
    found = compare_many_groups(PreparedOutcome.of(time, event), groups)
    seconds = perf_counter() - start
    answer = TESTS[test][1]
    return Measured(seconds / len(groups), answers={answer: getattr(found, answer)[:k]})


def strata_single(folder: Path, test: str, k: int) -> Measured:
    """The plain kernels."""
    from strata.survival import cox, log_rank

    groups, (time, event) = matrix(folder)[:k] > 0, outcome(folder)

    def one(i: int) -> tuple[float]:
        if test == "log_rank":
            return (log_rank(time, event, groups[i]).chi_squared,)
        return (cox(time, event, groups[i].astype(float)).coefficients[0],)

    seconds, (numbers,) = looped(one, list(range(k)))
    return Measured(seconds, answers={TESTS[test][1]: numbers})


def peer(folder: Path, peer: str, test: str, k: int) -> Measured:
    """A loop of a peer."""
    groups, (time, event) = matrix(folder)[:k] > 0, outcome(folder)
    one = tests_of(peer, time, event)[list(TESTS).index(test)]
    seconds, (numbers,) = looped(lambda i: (one(groups[i]),), list(range(k)))
    return Measured(seconds, answers={TESTS[test][1]: numbers})
