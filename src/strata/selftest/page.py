"""The page "Agreement with R", written from a run of the golden set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

__all__ = ["agreement_page"]

_HEAD = """# Agreement with R

This page is written by `strata selftest --markdown`; `strata selftest` computes the same numbers on your machine and
exits with status 1 when one of them is further from R's than its tolerance. The tables are invented by
`src/strata/selftest/make_golden.R`, which also calls R: {versions}.

The tolerance is relative: of P values that of the logarithm, so that a P of 1e-50 is checked as well as one of 0.5.
Closed forms agree to 1e-9, Newton fits to 1e-7, profile intervals, REML and Paule-Mandel to 1e-5, cut-points to 1e-6.

| case | R | number | R's | strata's | within |
|---|---|---|---:|---:|---:|
"""

_OUT_OF_SCOPE = """
## Not in this table

Computed by strata, and not comparable number by number:

- P values by permutation (log-rank in small arms, maximally selected log-rank, max-T): the draws differ from R's. The
  tests of strata compare them with exact enumeration and with `maxstat` and `coin` within Monte-Carlo error.
- Time-dependent AUC at an event time: R's `timeROC` counts an event at the time asked as a control; strata follows the
  definition, by hand in its tests. At other times the two agree, to 1e-9 in the tests on three data sets.
- The median on a plateau of exactly one half: as R's, its middle. SAS and lifelines give another.

Not computed by strata:

- Quartiles of a Kaplan-Meier curve and other quantiles than the median.
- The Nelson-Aalen estimate with its standard error, and Greenwood's standard error as a number: strata gives the
  intervals that are made of it.
- Profile likelihood intervals of Cox regression: strata gives Wald's, and profile intervals of Firth's fit alone.
- Score tests and Wald's P of Firth's fit; Akaike's criterion of any fit.
- Fine and Gray's subdistribution hazards, frailties, case weights.
- `maxstat`'s exactGauss and condMC, Altman's and Miller and Siegmund's corrections of a searched cut-point.
- Quantiles of a marker by R's types other than 7, the default.
- Meta-analysis by maximum likelihood, Sidik and Jonkman, Hedges; moderators.
- Concordance weights other than Harrell's and Uno's (`n/G2`): `S`, `S/G` and `I`.

Cox models with covariates that change over time are those with delayed entry in the table: one row an interval of a
patient, `cox(stop, event, covariates, entry=start)`.
"""


def agreement_page(table: pd.DataFrame, made_with: Mapping[str, Any]) -> str:
    """The page in Markdown.

    Parameters
    ----------
    table : DataFrame
        What ``run_selftest`` returned.
    made_with : mapping of name to version
        R and its packages.
    """
    versions = ", ".join(f"{name} {version}" for name, version in made_with.items())
    return _HEAD.format(versions=versions) + "\n".join(_rows(table)) + "\n" + _OUT_OF_SCOPE


def _rows(table: pd.DataFrame) -> Iterator[str]:
    before = ""
    for row in table.itertuples():
        first = row.case != before
        before = str(row.case)
        what, call = (row.what, f"`{row.r_call}`") if first else ("", "")
        within = f"{row.tolerance:g}" if row.ok else f"**no: {row.relative_difference:.1e}**"
        # eight digits: fewer than any tolerance leaves to chance on another processor
        yield f"| {what} | {call} | {row.value} | {row.r:.8g} | {row.strata:.8g} | {within} |"
