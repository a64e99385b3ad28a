"""The tables of a run as tables of its page: each is read from its file, and what that hides stays hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from strata.report.page.cells import (
    ADJUSTED,
    COHORT,
    COMPARISON,
    ENDPOINT,
    EVENTS,
    HAZARD_RATIO,
    MISSING,
    NOTE,
    PATIENTS,
    POPULATION,
    SIGNATURE,
    Cell,
    Column,
    PageTable,
    Row,
    count,
    in_words,
    number,
    p_value,
    read_rows,
    word,
)

__all__ = ["Ledgers", "coverage_lines", "pooled_rows"]

_QUESTION = ("cohort", "signature", "population", "endpoint", "comparison")

_MOST_GENES = 1_000
"""Rows of the gene ledger; of more it lists only what is missing."""

_MOST_NAMED = 8
"""Features that are named one by one."""

_NO_LINK = Column("signature", "Signature", word("signature"))


class Ledgers:
    """The tables of a run.

    Parameters
    ----------
    folder : Path
        Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, name: str) -> list[Row]:
        """The rows of ``NAME.tsv``; none where the run wrote no such table."""
        return read_rows(self._folder / f"{name}.tsv")

    @cached_property
    def results(self) -> list[Row]:
        """The rows of ``results.tsv``, each with ``p`` and ``q`` of its own test."""
        tests: dict[tuple[str, ...], Row] = {}
        for test in self.asked_tests:
            tests.setdefault(tuple(test[key] for key in _QUESTION), test)
        nothing = {"p_value": "", "q_value": ""}
        found: list[Row] = []
        for row in self.rows("results"):
            own = tests.get(tuple(row[key] for key in _QUESTION), nothing)
            found.append({**row, "p": own["p_value"], "q": own["q_value"]})
        return found

    @cached_property
    def tests(self) -> list[Row]:
        """The rows of ``tests.tsv``."""
        return self.rows("tests")

    @cached_property
    def asked_tests(self) -> list[Row]:
        """Those that ask a question: all but the supporting ones."""
        return [row for row in self.tests if not row["family"].startswith("supporting")]

    @cached_property
    def genes(self) -> list[Row]:
        """The rows of ``genes.tsv``."""
        return self.rows("genes")

    @cached_property
    def calls(self) -> list[Row]:
        """The rows of ``calls.tsv``."""
        return self.rows("calls")

    def results_table(self) -> PageTable:
        """Every row of the results."""
        columns = [COHORT, SIGNATURE, *_RESULT]
        return PageTable.of("results", "Results", columns, self.results, file="results.tsv")

    def results_of(self, signature: str, rows: Sequence[Row]) -> PageTable:
        """The rows of one signature, with medians."""
        columns = [COHORT, *_RESULT[:-1], _MEDIANS, NOTE]
        return PageTable.of(f"results-{signature}", f"Results of {signature}", columns, rows, file="results.tsv")

    def calls_table(self) -> PageTable:
        """How many patients got each call, a row for each signature and population."""
        labels = list(dict.fromkeys(row["call"] for row in self.calls))
        merged: dict[tuple[str, ...], dict[str, str]] = {}
        for row in self.calls:
            strata = merged.setdefault(
                tuple(row[name] for name in ("cohort", "signature", "population", "cut")), {**row}
            )
            strata[f"n {row['call']}"] = row["n"]
            for part, whole in (("n_not_assayed", "unknown"), ("n_membership_unknown", "not applicable")):
                if row["call"] == whole:
                    strata[part] = row[part]
        # of a row a call may be missing: quantile groups stand beside positive and negative
        rows = [{f"n {label}": "" for label in labels} | row for row in merged.values()]
        columns = [
            *(COHORT, SIGNATURE, POPULATION, Column("cut", "Cut", word("cut"), choose=True)),
            *(Column(label.replace(" ", "-"), label.capitalize(), count(f"n {label}"), True) for label in labels),
            Column("not-assayed", "Of the unknown, not assayed", count("n_not_assayed"), True),
            Column("membership", "Of the not applicable, membership unknown", count("n_membership_unknown"), True),
            NOTE,
        ]
        return PageTable.of("calls", "Patients by call", columns, rows, file="calls.tsv")

    def exclusions_table(self) -> PageTable:
        """Who was left out of which analysis, and why."""
        columns = [COHORT, Column("step", "Step", word("step"), choose=True), SIGNATURE, POPULATION, ENDPOINT]
        columns += [Column("reason", "Reason", word("reason"), choose=True), PATIENTS]
        rows = self.rows("exclusions")
        return PageTable.of("left-out", "Left out, and why", columns, rows, file="exclusions.tsv")

    def gene_counts(self) -> PageTable:
        """How many features of each assay were asked for and found in each cohort, each counted once."""
        asked: dict[tuple[str, str], dict[str, bool]] = {}
        for row in self.genes:
            asked.setdefault((row["cohort"], row["assay"]), {})[row["feature"]] = row["found"] == "true"
        rows = [
            {
                **{"cohort": cohort, "assay": in_words(assay)},
                **{"asked": str(len(found)), "found": str(sum(found.values()))},
                "missing": str(len(found) - sum(found.values())),
            }
            for (cohort, assay), found in asked.items()
        ]
        numbers = (("asked", "Asked for"), ("found", "Found"), ("missing", "Missing"))
        columns = [COHORT, Column("assay", "Assay", word("assay"))]
        columns += [Column(key, title, count(key), True) for key, title in numbers]
        return PageTable.of("gene-counts", "Genes and other features by assay", columns, rows, file="genes.tsv")

    def genes_table(self) -> PageTable:
        """Every feature of every signature: found as what, or why not; of very many only those that are missing."""
        missing = [row for row in self.genes if row["found"] != "true"]
        whole = len(self.genes) <= _MOST_GENES
        caption = "Every feature" if whole else f"The {len(missing):,} of {len(self.genes):,} features that are missing"
        rows = self.genes if whole else missing
        columns = [COHORT, SIGNATURE, *_GENE]
        return PageTable.of("genes", caption, columns, rows, file="genes.tsv", most=_MOST_GENES)

    def families_table(self) -> PageTable:
        """How many tests each family has, how many failed, and how many are below 0.05."""
        families: dict[str, list[Row]] = {}
        for row in self.tests:
            families.setdefault(row["family"], []).append(row)
        rows = [
            {
                **{"family": family, "tests": str(len(tests)), "failed": str(sum(not t["p_value"] for t in tests))},
                **{name: str(_below(tests, name)) for name in ("p_value", "q_value", "holm_p")},
            }
            for family, tests in families.items()
        ]
        numbers = (("tests", "Tests"), ("failed", "Without P"), ("p_value", "P < 0.05"), ("q_value", "q < 0.05"))
        columns = [Column("family", "Family", word("family"))]
        columns += [Column(key, title, count(key), True) for key, title in (*numbers, ("holm_p", "Holm’s P < 0.05"))]
        return PageTable.of("families", "Families of tests", columns, rows, file="tests.tsv")

    def tests_table(self) -> PageTable:
        """The tests that ask a question."""
        columns = [_FAMILY, COHORT, SIGNATURE, *_TEST]
        return PageTable.of("tests", "Every test that asks a question", columns, self.asked_tests, file="tests.tsv")

    def pooled_table(self) -> PageTable:
        """The ways to pool each question over the cohorts; without a row of one cohort."""
        return pooled_rows(self._folder / "pooled.tsv", signature=SIGNATURE)

    def subgroups_table(self) -> PageTable:
        """The marker within the levels of clinical factors; without a row where none were asked for."""
        rows = self.rows("subgroups")
        return PageTable.of("subgroups", "Subgroups, exploratory", _SUBGROUP, rows, file="subgroups.tsv")

    def baseline_of(self, signature: str, rows: Sequence[Row]) -> PageTable:
        """Characteristics of the strata of one signature."""
        title, file = f"Characteristics by {signature}", "baseline.tsv"
        return PageTable.of(f"baseline-{signature}", title, _BASELINE, rows, file=file)


def pooled_rows(path: Path, *, signature: Column = _NO_LINK) -> PageTable:
    """The ways to pool each question, of a run or a batch; without a row where nothing was pooled.

    Parameters
    ----------
    path : Path
        The file ``pooled.tsv``; it need not be there.
    signature : Column
        How a signature is shown: a batch has no cards that a link could lead to.
    """
    rows = [row for row in read_rows(path) if row["method"] != "cohort" and "_without" not in row["method"]]
    return PageTable.of("pooled", "Pooled", [signature, *_POOLED], rows, file="pooled.tsv")


def coverage_lines(rows: Iterable[Row]) -> list[str]:
    """Which features of a signature were found, a line a cohort, and why the others were not."""
    cohorts: dict[str, list[Row]] = {}
    for row in rows:
        cohorts.setdefault(row["cohort"], []).append(row)
    return [_coverage(cohort, mine) for cohort, mine in cohorts.items()]


def _coverage(cohort: str, rows: Sequence[Row]) -> str:
    missing = [row for row in rows if row["found"] != "true"]
    parts = [f"{cohort}: {len(rows) - len(missing):,} of {len(rows):,} features found"]
    for reason in Counter(row["reason"] for row in missing):
        parts.append(f"{_some([row['feature'] for row in missing if row['reason'] == reason])}: {reason}")
    return "; ".join(parts)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _below(rows: Iterable[Row], column: str) -> int:
    return sum(bool(row[column]) and float(row[column]) < 0.05 for row in rows)


def _positive(row: Row) -> Cell:
    n, events = (count(name)(row) for name in ("n_positive", "events_positive"))
    return n if events.value is None else n._replace(text=f"{n.text} ({events.text})")


def _medians(row: Row) -> Cell:
    own, others = (number(name, 1)(row) for name in ("median_positive", "median_negative"))
    known = own.value is not None or others.value is not None
    return Cell(f"{own.text} / {others.text}", own.value) if known else Cell(MISSING)


def _log_rank(row: Row) -> Cell:
    """Beside the P of an adjusted hazard ratio; the other rows have it as their P."""
    return p_value("log_rank_p")(row) if row["adjusted_for"] else Cell(MISSING)


def _crude(row: Row) -> Cell:
    columns = ("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper")
    texts = [row[name.replace("ratio", "ratio_unadjusted")] for name in columns]
    return HAZARD_RATIO.cell(dict(zip(columns, texts))) if all(texts) else Cell(MISSING)


def _own_p(row: Row) -> Cell:
    """Of a subgroup: Firth's or Wald's of an adjusted hazard ratio, else by permutation or log-rank."""
    names = ("firth_p", "wald_p") if row["adjusted_for"] else ("permutation_p", "log_rank_p")
    return p_value(*names)(row)


def _prediction(row: Mapping[str, str]) -> Cell:
    lower, upper = (number(f"prediction_{end}", 2)(row) for end in ("lower", "upper"))
    return Cell(f"{lower.text}–{upper.text}", lower.value) if lower.value is not None else Cell(MISSING)


def _share(side: str) -> Column:
    """Mean and SD, or the share of a level."""

    def cell(row: Row) -> Cell:
        value = row[f"value_{side}"]
        if not value:
            return Cell(MISSING)
        if row["level"] == "mean":
            return Cell(f"{float(value):.1f} (SD {float(row[f'sd_{side}'] or 'nan'):.1f})", float(value))
        return Cell(f"{float(value):.0%}", float(value))

    return Column(side, "In the stratum" if side == "stratum" else "In the reference", cell, numeric=True)


_P, _Q = (Column(key, key if key == "q" else "P", p_value(key), True) for key in ("p", "q"))
_LITERATURE = Column("literature", "Literature", word("agrees"), choose=True)
_MEDIANS = Column("medians", "Median months, positive / others", _medians, True)
_RESULT = (
    *(POPULATION, ENDPOINT, COMPARISON, PATIENTS, EVENTS),
    Column("positive", "Positive (events)", _positive, True),
    *(HAZARD_RATIO, _P, _Q, ADJUSTED),
    Column("crude", "HR, not adjusted", _crude, True),
    Column("log-rank", "Log-rank P, not adjusted", _log_rank, True),
    *(_LITERATURE, NOTE),
)
_GENE = (
    Column("assay", "Assay", lambda row: Cell(in_words(row["assay"])), choose=True),
    Column("feature", "Feature", word("feature")),
    Column("found", "Found", lambda row: Cell("yes" if row["found"] == "true" else "no"), choose=True),
    Column("as", "Under the name", word("found_as")),
    Column("scale", "Scale", word("scale"), choose=True),
    Column("patients", "Patients", count("n_patients"), True),
    Column("reason", "Why not", word("reason")),
)
_FAMILY = Column("family", "Family", word("family"), choose=True)
_TEST = (
    *(POPULATION, ENDPOINT, COMPARISON, Column("test", "Test", word("test"), choose=True)),
    Column("p", "P", p_value("p_value"), True),
    Column("q", "q", p_value("q_value"), True),
    Column("holm", "Holm’s P", p_value("holm_p"), True),
    NOTE,
)
_POOLED = (
    *(POPULATION, ENDPOINT, COMPARISON),
    Column("method", "Pooled", lambda row: Cell(in_words(row["method"])), choose=True),
    Column("cohorts", "Cohorts", count("n_cohorts"), True),
    *(PATIENTS, EVENTS, HAZARD_RATIO, ADJUSTED),
    Column("p", "P", p_value("p_value"), True),
    Column("i2", "I² (%)", number("i_squared", 0), True),
    Column("prediction", "Prediction interval", _prediction, True),
    NOTE,
)
_SUBGROUP = (
    *(COHORT, SIGNATURE, POPULATION, ENDPOINT),
    Column("factor", "Factor", word("factor"), choose=True),
    Column("level", "Level", word("level")),
    *(PATIENTS, EVENTS, HAZARD_RATIO, ADJUSTED),
    Column("p", "P", _own_p, True),
    Column("interaction", "P of interaction", p_value("interaction_p"), True),
    NOTE,
)
_BASELINE = (
    *(COHORT, POPULATION, Column("characteristic", "Characteristic", word("characteristic"), choose=True)),
    *(Column("level", "Level", word("level")), _share("stratum"), _share("reference")),
    Column("difference", "Standardised difference", number("standardised_difference", 2), True),
)
