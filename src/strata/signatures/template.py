"""The file that ``strata signatures new`` writes: right as it stands, to be changed line by line."""

from __future__ import annotations

import re

from strata.errors import Problem, UsageError, shown

__all__ = ["new_signature"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_TEMPLATE = """\
# A signature: who is marker-positive, in which patients, and who says so.
# Change every line to yours, then run:  strata signatures lint ID.yaml

# The id is the name of this file without .yaml: small letters, digits, single hyphens.
id: ID
name: IGF1R high and PIK3CA wild type

# What ranks patients (may be left out). Other scores:
#   {mean: [{mrna: IGF1R}, {mrna: SPHK1}]}                           the mean of z-scores
#   {ratio: [{protein: EIF4E}, {protein: EIF4EBP1}]}                 also diff, sum, ln, log2
#   {weighted: {mrna: {ESR1: 0.6, MKI67: -0.4}}}                     the sum of weight times value
#   {genes: {up: [MKI67, AURKA], down: [ESR1, PGR]}, by: mean}       genes written here
#   {genes: {up: HALLMARK_MTORC1_SIGNALING}, by: ssgsea}             genes from --gene-sets h.all.gmt
# Methods (by): mean, zscore, signed-mean, weighted, ssgsea, gsva, plage, singscore, correlation
score: {mrna: IGF1R}

# Who is positive. Join rules with all, any and not; first takes the first that is known.
# Comparators: above, below, at_least, at_most. Cuts: a number, median, mean, q75 (75th percentile), sd1 (mean + 1 SD).
#   {score: self, above: median}                     the score of this file
#   {mutation: PIK3CA, is: nonsyn}                   also hotspot, driver, truncating, none, H1047R, codon:1047
#   {copy_number: ERBB2, is: amp}                    also gain, neutral, loss, homdel
#   {clinical: grade, at_least: 3}                   also serum, mirna, germline
#   {protein: EIF4EBP1_pS65, at: post, below: 0}     at a time point: pre, post, day15
#   {class: pam50, is: [LumA, LumB]}                 by --centroids FILE
positive:
  all:
    - {score: self, above: median}
    - not: {mutation: PIK3CA, is: nonsyn}

# Whom it is about; everybody else is "not applicable". Leave it out for all patients.
population: {signature: er-positive}

# What the sources say, one entry each. It is kept beside results and never taken for one.
claims:
  - role: prognostic           # predictive (with drug:), pharmacodynamic, diagnostic, eligibility, subtype, mechanism
    endpoints: [DFS]
    effect: worse              # better, sensitive, resistant, none, associated
    evidence: hypothesis       # validated, reported, conflicting, not-confirmed, preclinical, definition ...
    document: where you read it
    # literature: the publication, such as doi:10.1000/182
    # reported: the numbers as printed there
"""


def new_signature(id: str) -> str:  # noqa: A002
    """The text of a commented signature file, to be saved as ``ID.yaml``; it passes ``lint`` as it stands.

    Raises
    ------
    UsageError
        When ``id`` is no id.
    """
    if not _ID.fullmatch(id) or len(id) > 64:
        fix = "Use small letters, digits and single hyphens, at most 64 characters: igf1r-high"
        raise UsageError(Problem("", f"{shown(id)} is not an id", fix, code="E624"))
    return re.sub(r"\bID\b", id, _TEMPLATE)
