"""The plan of Figure 2: its two populations, its two genes, and which reading of the legend was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strata.analysis import CohortEntry, Plan
from strata.errors import Problem, UsageError
from strata.signatures import Signature, parse_signature, signature_library

__all__ = ["figure2_plan"]


def figure2_plan(
    cohort: str,
    *,
    genes: Sequence[str] = ("IGF1R", "SPHK1"),
    node_negative_both: bool = False,
    name: str | None = None,
    layout: str = "auto",
    read: Mapping[str, Any] | None = None,
    **overrides: Any,
) -> tuple[Plan, Signature, str]:
    """The plan that draws Figure 2 on a cohort.

    Parameters
    ----------
    cohort : str
        A folder or a cohort YAML.
    genes : two str
        HGNC symbols.
    node_negative_both : bool
        The legend's "lymph node-negative" may belong to panel B or to both panels: False reads it as B only.
    name, layout, read
        As for ``read_cohort``.
    **overrides
        Other keys of ``Plan``: cut, cut_scope, comparator, endpoints ...

    Returns
    -------
    plan, signature, choice
        The plan, the two-gene signature it runs, and the choices in a sentence for the reader.

    Raises
    ------
    UsageError
        When not two different genes are given.
    """
    if len(genes) != 2 or genes[0] == genes[1]:
        raise UsageError(
            Problem(
                "",
                f"--genes takes two different genes, such as IGF1R,SPHK1; got {', '.join(genes) or 'none'}",
                code="E703",
            )
        )
    panels = [["er-positive", "node-negative"] if node_negative_both else ["er-positive"], _PANEL_B]
    entry = CohortEntry(path=cohort, name=name, layout=layout, read=dict(read or {}))
    signature = _pair(genes, panels)
    plan = Plan.checked(
        cohorts=[entry],
        populations=[" & ".join(panel) for panel in panels],
        **overrides,
    )
    legend = "both panels" if node_negative_both else "panel B only (--node-negative-both for both)"
    choice = (
        f"Figure 2: {genes[0]} and {genes[1]} high; 'lymph node-negative' read as {legend}; "
        f"cut {plan.cut or 'median'} over the {plan.cut_scope}; drawn against {plan.comparator}"
    )
    return plan, signature, choice


_PANEL_B = ["er-negative", "node-negative"]


def _pair(genes: Sequence[str], panels: Sequence[Sequence[str]]) -> Signature:
    """Both genes above the median, in the panels of the figure, with what the sources of that rule claim."""
    first, second = genes
    high = [{"mrna": gene, "above": "median"} for gene in genes]
    populations = [[{"signature": name} for name in panel] for panel in panels]
    data = {
        "name": f"{first} and {second} mRNA both high",
        "score": {"mean": [{"mrna": gene} for gene in genes]},
        "positive": {"all": high},
        "populations": [named[0] if len(named) == 1 else {"all": named} for named in populations],
    }
    made = "-".join("".join(c if c.isalnum() else "-" for c in gene.lower()).strip("-") for gene in genes)
    signature = parse_signature(data, id=f"{made}-high", where="--genes")
    shipped = signature_library().get(signature.id)
    if shipped is None or shipped.positive != signature.positive:
        return signature
    return signature.model_copy(update={"claims": shipped.claims})
