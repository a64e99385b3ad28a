"""``strata cutpoint``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.options import analysis_options, cohort_options, output_options, plan_overrides, timeout_option

_SEARCH = ("method", "permutations", "minprop", "folds", "bootstrap", "seed")


@click.command("cutpoint")
@click.argument("cohort", type=click.Path())
@click.argument("signature")
@click.option("--endpoint", required=True, help="Such as OS; DFS also finds RFS and DFI")
@click.option("--population", help="Signature id; ids joined by & for both at once  [default: the signature's own]")
@click.option(
    "--validate",
    multiple=True,
    type=click.Path(),
    metavar="COHORT",
    help="Another cohort, to which the cut is applied unchanged (repeatable)",
)
@click.option(
    "--method",
    type=click.Choice(["permutation", "lau92", "lau94", "hothorn-lausen"]),
    default="permutation",
    show_default=True,
    help="How P is corrected for the search",
)
@click.option(
    "--permutations", type=click.IntRange(min=1), default=10_000, show_default=True, help="Of the method permutation"
)
@click.option("--minprop", type=float, default=0.1, show_default=True, help="Smallest share of patients in a group")
@click.option("--folds", type=click.IntRange(min=2), default=2, show_default=True, help="Of the cross-fitting")
@click.option("--bootstrap", type=click.IntRange(min=0), default=500, show_default=True, help="Resamples")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of everything random")
@output_options
@cohort_options
@analysis_options
@timeout_option
def command(
    cohort: str, signature: str, out: str, overwrite: bool, jobs: int, cross_check: bool, **options: Any
) -> int:
    """Search the cut-point of SIGNATURE that separates survival best in COHORT, and report it honestly.

    P is corrected for the search, the hazard ratio is cross-fitted, and the median split and the hazard ratio per
    standard deviation stand beside them. Searched is the number of the signature's one comparison, else its score. The
    P of a test at the best cut is not given: it is below 0.05 for four in ten markers without any effect.

    COHORT is a folder or a cohort YAML. The exit status is 1 when no cut could be searched, as without events or with
    delayed entry (the rows are written all the same), and when one of several cohorts could not be analysed.
    """
    from strata.analysis import CohortEntry, Plan
    from strata.cli.running import last_words, run_and_write, say_rows
    from strata.errors import Problem, UsageError
    from strata.report import Drawing
    from strata.stratification import searched_signature

    if options["cut"] is not None:
        raise UsageError(
            Problem("--cut", "the cut is searched here", "Use `strata compare` for another cut", code="E703")
        )
    if options["share"]:
        what, fix = (
            "a cut-point is the value of a patient",
            "Use `strata compare --cut optimal --share`: P without the cut",
        )
        raise UsageError(Problem("--share", what, fix, code="E703"))
    if options["stratify_by"] and options["method"] != "permutation":
        what = f"{options['method']} knows no stratification factors"
        raise UsageError(
            Problem("--method", what, "Leave it out with --stratify-by: permutation is the default", code="E703")
        )
    overrides = plan_overrides(options)
    entry = CohortEntry(path=cohort, name=options["name"], layout=options["layout"], read=dict(options["read"]))
    others = [
        CohortEntry(path=path, layout=options["layout"], read=dict(options["read"])) for path in options["validate"]
    ]
    asked: dict[str, Any] = {
        "cohorts": [entry, *others],
        "signatures": [signature],
        "library": options["signatures"] or (),
        "populations": [options["population"]] if options["population"] else [],
        "endpoints": [options["endpoint"]],
        "cut_search": {key: options[key] for key in _SEARCH},
        **overrides,
    }
    plan = Plan.checked(**asked)
    if others:
        plan = Plan.checked(**asked, train=plan.specs_or_errors()[0][0])
    library, chosen = plan.load_signatures()
    searched = [searched_signature(each, library) for each in chosen]
    drawing = Drawing(stem="survival", every=True)
    results = run_and_write(
        plan,
        out,
        overwrite=overwrite,
        jobs=jobs,
        cross_check=cross_check,
        drawing=drawing,
        extra=searched,
        timeout=options["timeout"],
    )
    say_rows(results)
    found = any(search.cut == search.cut for each in results.cohorts for search in each.searches)
    return last_words(results) or int(not found)
