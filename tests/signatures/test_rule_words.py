"""Rules in words: every form of the grammar once, as a clinician would say it."""

from __future__ import annotations

import pytest

from strata.signatures import parse_signature
from strata.signatures.rule_words import in_words


def words(rule, score=None):
    data = {"name": "n", "positive": rule} | ({} if score is None else {"score": score})
    return in_words(parse_signature(data, id="x", where="test").positive)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"mrna": "IGF1R", "above": "median"}, "IGF1R mRNA above the median"),
        ({"protein": "EIF4EBP1_pT37_T46", "below": "q25"}, "EIF4EBP1 pT37/T46 protein below percentile 25"),
        ({"copy_number": "ERBB2", "at_least": 6}, "ERBB2 copy number at least 6"),
        ({"serum": "IGF1", "at_most": "sd1.5"}, "IGF1 in serum at most the mean plus 1.5 SD"),
        ({"mirna": "hsa-miR-375", "above": "sd-1"}, "hsa-miR-375 above the mean minus 1 SD"),
        ({"clinical": "prior_ai", "is": "no"}, "prior ai is no"),
        ({"clinical": "igf1r_ihc", "at": "post", "is": "negative"}, "igf1r ihc after treatment is negative"),
        ({"clinical": "some_pulse", "above": "mean"}, "some pulse above the mean"),
        ({"ln": {"clinical": "ki67", "at": "day15"}, "below": 1}, "ln of ki67 on day 15 below 1"),
        (
            {"log2": {"ratio": [{"mrna": "A"}, {"mrna": "B"}]}, "above": 0},
            "log2 of (A mRNA divided by (on log data: minus) B mRNA) above 0",
        ),
        ({"protein": "A", "at": "cycle-2", "above": 0}, "A protein at cycle-2 above 0"),
    ],
)
def test_numbers(rule, said):
    assert words(rule) == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"mean": [{"mrna": "A"}, {"mrna": "B"}], "above": "median"},
         "the mean of the z-scores of A, B mRNA above the median"),
        ({"sum": [{"mrna": "A"}, {"protein": "B"}], "above": 1}, "the sum of A mRNA, B protein above 1"),
        ({"diff": [{"mean": [{"mrna": "A"}, {"mrna": "B"}]}, {"mrna": "C"}], "above": 0},
         "(the mean of the z-scores of A, B mRNA) minus C mRNA above 0"),
        ({"diff": [{"serum": "A", "at": "post"}, {"serum": "A", "at": "pre"}], "below": 0},
         "A in serum after treatment minus before treatment below 0"),
        ({"diff": [{"serum": "A", "at": "post"}, {"serum": "A"}], "below": 0},
         "A in serum after treatment minus A in serum below 0"),
        ({"diff": [{"serum": "A", "at": "post"}, {"serum": "B", "at": "pre"}], "below": 0},
         "A in serum after treatment minus B in serum before treatment below 0"),
        ({"weighted": {"mrna": {"ESR1": 0.6, "MKI67": -0.4}}, "above": 0},
         "the weighted sum of 0.6 times ESR1 mRNA, -0.4 times MKI67 mRNA above 0"),
        ({"genes": {"up": "HALLMARK_X"}, "by": "ssgsea", "above": "median"},
         "the ssgsea score of HALLMARK_X above the median"),
        ({"genes": {"up": ["A", "B"], "down": "LIST"}, "by": "mean", "above": 0},
         "the mean score of A, B (up) and LIST (down) above 0"),
        ({"genes": {"down": "LIST"}, "by": "mean", "above": 0}, "the mean score of LIST (down) above 0"),
        ({"genes": {"table": "LIST"}, "by": "weighted", "above": 0}, "the weighted score of LIST above 0"),
        ({"genes": {"up": [f"G{i}" for i in range(13)]}, "by": "zscore", "above": 0},
         "the zscore score of 13 genes above 0"),
    ],
)  # fmt: skip
def test_combined_numbers(rule, said):
    assert words(rule) == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"mutation": "TP53", "is": "nonsyn"}, "TP53 mutated"),
        ({"mutation": "TP53", "is": ["any", "nonsyn"]}, "TP53 mutated"),
        ({"mutation": "KRAS", "is": "none"}, "KRAS not mutated"),
        ({"mutation": "PIK3CA", "is": ["H1047R", "codon:545", "exon:20"]},
         "PIK3CA with H1047R or mutated at codon 545 or mutated in exon 20"),
        ({"germline": "BRCA1", "is": "truncating"}, "germline BRCA1 with a truncating mutation"),
        ({"germline": "rs2016347", "is": ["G/T", "T/T"]}, "germline rs2016347 with G/T or with T/T"),
        ({"copy_number": "ERBB2", "is": "amp"}, "ERBB2 amplified"),
        ({"copy_number": "ERBB2", "is": ["homdel", 6]}, "ERBB2 with both copies deleted or with 6 copies"),
        ({"class": "pam50", "is": ["LumA", "LumB"]}, "PAM50 class LumA or LumB"),
        ({"class": "tnbctype", "is": "MSL"}, "tnbctype class MSL"),
        ({"signature": "er-positive"}, "er-positive"),
        ({"not": {"signature": "er-positive"}}, "not er-positive"),
    ],
)  # fmt: skip
def test_tokens_classes_and_references(rule, said):
    assert words(rule) == said


def test_brackets_stand_where_a_sentence_would_be_read_wrongly():
    a, b, c = ({"signature": name} for name in ("a", "b", "c"))
    assert words({"all": [{"any": [a, b]}, c]}) == "(a or b) and c"
    assert words({"any": [a, {"not": {"all": [b, c]}}]}) == "a or not (b and c)"
    assert words({"first": [a, {"all": [b, c]}]}) == "the first that is known of: a; b and c"
    assert words({"all": [{"first": [a, b]}, c]}) == "(the first that is known of: a; b) and c"
    assert words({"all": [{"count": [a, b], "above": 1}, c]}) == "(more than 1 of: a; b) and c"


@pytest.mark.parametrize(
    ("comparator", "said"),
    [("above", "more than 1"), ("below", "fewer than 1"), ("at_least", "at least 1"), ("at_most", "at most 1")],
)
def test_a_count_says_how_many(comparator, said):
    assert words({"count": [{"signature": "a"}, {"signature": "b"}], comparator: 1}) == f"{said} of: a; b"


def test_a_score_has_words_of_its_own():
    data = {
        "name": "n",
        "score": {"count": [{"signature": "a"}, {"signature": "b"}]},
        "positive": {"score": "self", "above": 1},
    }
    score = parse_signature(data, id="x", where="test").score
    assert score is not None
    assert in_words(score) == "how many are true of: a; b"
