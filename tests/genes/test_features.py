"""Which feature of a table stands for a gene."""

from __future__ import annotations

import time

import pytest

from strata.genes import FeatureIndex, Found, GeneNames
from strata.genes.gene_table import Gene

# invented genes
NAMES = GeneNames(
    (
        Gene("ABC1", ("11", "ENSG00000000011"), ("OLD1",), ("one", "Shared")),
        Gene("ABC2", ("12", "ENSG00000000012"), (), ("two", "Shared", "ABC1")),
        Gene("ABC3", ("13", "ENSG00000000013"), (), ("three",)),
    ),
    {"the-first": "ABC1"},
)


@pytest.mark.parametrize(
    ("feature", "how"),
    [
        ("11", "Entrez id"),
        ("ENSG00000000011", "Ensembl id"),
        ("ENSG00000000011.4", "Ensembl id"),
        ("OLD1", "previous symbol"),
        ("one", "alias"),
        ("ONE", "alias"),
        ("the-first", "curated name"),
    ],
)
def test_a_gene_is_found_under_another_name(feature: str, how: str) -> None:
    assert FeatureIndex(["ABC3", feature, "Q"], NAMES).find("ABC1") == Found(feature, how)


def test_the_exact_feature_is_found_whatever_else_is_an_alias_of_it() -> None:
    index = FeatureIndex(["ABC1", "OLD1", "11", "one"], NAMES)
    assert [index.find(name) for name in ("ABC1", "OLD1", "11")] == [
        Found("ABC1", "exact"), Found("OLD1", "exact"), Found("11", "exact"),
    ]  # fmt: skip
    # an outdated name of a list, in a table with today's symbols
    assert FeatureIndex(["ABC1"], NAMES).find("OLD1") == Found("ABC1", "previous symbol")
    assert FeatureIndex(["one"], NAMES).find("11") == Found("one", "alias")


def test_an_approved_symbol_never_stands_for_another_gene() -> None:
    # ABC1 is an alias of ABC2, too
    found = FeatureIndex(["ABC1"], NAMES).find("ABC2")
    assert found == Found(None, "missing", "no feature ABC2, nor under another name or id of the gene")


def test_two_features_of_one_gene_are_refused_by_name() -> None:
    found = FeatureIndex(["OLD1", "11", "ABC2"], NAMES).find("ABC1")
    assert found == Found(None, "ambiguous", "'11' and 'OLD1' may each mean ABC1: keep one")


@pytest.mark.parametrize("other", ["OLD1", "Shared", "Abc1"])
def test_a_second_feature_is_refused_also_when_its_name_may_mean_another_gene(other: str) -> None:
    found = FeatureIndex(["one", other], NAMES).find("ABC1")
    assert found.feature is None
    assert found.reason == f"{' and '.join(map(repr, sorted(['one', other])))} may each mean ABC1: keep one"


def test_the_approved_symbol_comes_before_every_other_name() -> None:
    index = FeatureIndex(["ABC1", "ENSG00000000011.4", "one", "Shared"], NAMES)
    assert [index.find(name) for name in ("ABC1", "the-first")] == [
        Found("ABC1", "exact"), Found("ABC1", "curated name"),
    ]  # fmt: skip
    # at each site and time point of its own
    index = FeatureIndex(["ABC1", "one@post", "11@post"], NAMES)
    assert (index.find("ABC1").feature, index.find("ABC1@post").how) == ("ABC1", "ambiguous")


@pytest.mark.parametrize("other", ["NEU", "MLN19", "2064"])
def test_two_names_of_one_gene_in_the_shipped_table(other: str) -> None:
    # NEU is NEU1's name too
    assert FeatureIndex(["HER2", other], GeneNames.shipped()).find("ERBB2").how == "ambiguous"
    assert FeatureIndex(["ERBB2", "HER2", other], GeneNames.shipped()).find("ERBB2").feature == "ERBB2"


@pytest.mark.parametrize(
    ("features", "asked", "how", "reason"),
    [
        (["ABC1"], "Shared", "ambiguous", "no feature 'Shared': 'Shared' is a name of several genes: ABC1, ABC2"),
        (["Shared"], "ABC1", "ambiguous", "no feature ABC1: 'Shared' is a name of several genes: ABC1, ABC2"),
        (["Abc1"], "ABC1", "mouse symbol", "no feature ABC1: 'Abc1' looks like the mouse symbol of ABC1"),
        (["ABC1"], "QQQ", "unknown", "no feature 'QQQ': 'QQQ' is not in the table of gene names"),
        ([], "ABC1", "missing", "no feature ABC1, nor under another name or id of the gene"),
    ],
)
def test_a_gene_that_is_not_found_says_why(features: list[str], asked: str, how: str, reason: str) -> None:
    assert FeatureIndex(features, NAMES).find(asked) == Found(None, how, reason)


def test_sites_and_time_points_belong_to_the_feature() -> None:
    index = FeatureIndex(["one_pS65", "one_pT37_T46", "two@post", "three_pS9@day15", "ABC3@", "x_profile"], NAMES)
    asked = ["ABC1_pS65", "ABC1_pT37_T46", "ABC2@post", "12@post", "ABC3_pS9@day15", "x_profile"]
    assert [index.find(name).feature for name in asked] == [
        "one_pS65", "one_pT37_T46", "two@post", "two@post", "three_pS9@day15", "x_profile",
    ]  # fmt: skip
    for name in ("ABC1", "ABC1_pT37", "ABC1_pS65@post", "ABC2", "ABC2@pre", "ABC3_pS9"):
        assert index.find(name).feature is None


def test_names_of_micrornas() -> None:
    asked = ["hsa-miR-375", "hsa-miR-375-3p", "hsa-mir-375", "hsa-miR-630"]
    for feature in ("hsa-miR-375", "hsa-miR-375-3p", "hsa-mir-375", "MIMAT0000728"):
        index = FeatureIndex([feature, "hsa-miR-375-5p", "hsa-mir-630", "hsa-miR-21-5p"], GeneNames.shipped(), "mirna")
        assert [index.find(name).feature for name in asked] == [feature, feature, feature, "hsa-mir-630"]
    # the mature molecule before its precursor, at its own time point
    both = FeatureIndex(["hsa-mir-375", "hsa-miR-375-3p", "hsa-mir-630@post"], GeneNames.shipped(), "mirna")
    assert both.find("hsa-miR-375") == Found("hsa-miR-375-3p", "miRNA name")
    assert both.find("hsa-miR-630@post").feature == "hsa-mir-630@post"
    assert both.find("hsa-miR-630") == Found(
        None, "missing", "no feature 'hsa-miR-630', nor under another name of the microRNA"
    )


def test_a_lipid_is_not_its_namesake() -> None:
    assert FeatureIndex(["MBTPS1"], GeneNames.shipped()).find("S1P").how == "not a gene"
    assert FeatureIndex(["S1P"], GeneNames.shipped()).find("S1P").feature == "S1P"


def test_an_index_of_a_whole_transcriptome_is_fast() -> None:
    GeneNames.shipped()
    features = [f"ENSG{i:011}.{i % 20}" for i in range(10_000)] + [f"GENE{i}" for i in range(10_000)]
    start = time.perf_counter()
    index = FeatureIndex(features, GeneNames.shipped())
    assert index.find("GENE77").feature == "GENE77"
    # 0.05 s where this was written
    assert time.perf_counter() - start < 1
