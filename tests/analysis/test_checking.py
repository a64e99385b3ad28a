"""Which signatures a cohort can answer."""

from __future__ import annotations

from strata.analysis import CHECK_COLUMNS, check_signatures
from strata.cohort import read_cohort
from strata.scoring import Resources
from strata.signatures import load_signatures, parse_signature, signature_library
from strata.simulate import synthetic_folder

CALLS = ["positive", "negative", "unknown", "not_applicable"]


def test_one_row_a_signature_and_the_patients_add_up(root):
    cohort = read_cohort(synthetic_folder() / "figure2-breast" / "flat")
    signatures = load_signatures()
    table = check_signatures(cohort, signatures, signature_library())
    assert tuple(table.columns) == CHECK_COLUMNS
    assert table["signature"].tolist() == [signature.id for signature in signatures]
    assert (table[CALLS].sum(axis=1) == len(cohort.patients)).all()
    assert (table["found"] + table["missing"] == table["asked"]).all()
    assert (table["renamed"] <= table["found"]).all()
    assert (table.loc[~table["can_be_scored"], "why"] != "").all()
    # without one of its parts an `all` can still be false, never true
    assert (table.loc[~table["can_be_scored"], "positive"] == 0).all()


def test_every_signature_that_tables_can_answer_is_scored_on_the_bundled_cohort():
    folder = synthetic_folder()
    lists = folder / "gene-sets"
    resources = Resources.read(
        gene_sets=[lists / "invented.gmt", lists / "loi2010_pik3ca_gs.tsv", lists / "pitts2010_ktsp.tsv"],
        centroids=[lists / "pam50_centroids.tsv", lists / "tnbctype_centroids.tsv"],
    )
    library = signature_library()
    cohort = read_cohort(folder / "figure2-breast" / "flat")
    table = check_signatures(cohort, list(library.values()), library, resources=resources)
    cannot = table[~table["can_be_scored"]].set_index("signature")["why"]
    without_rule = {name for name, signature in library.items() if signature.positive is None}
    assert set(cannot.index) == without_rule
    assert cannot.str.startswith("it needs an assay that tables do not hold").all()
    assert (table.loc[table["can_be_scored"], "missing"] == 0).all()


def test_what_is_missing_is_named(make_cohort):
    import pandas as pd

    index = pd.Index(["P1", "P2"], name="patient")
    clinical = pd.DataFrame({"er": ["positive", "negative"]}, index=index, dtype="string")
    library = signature_library()
    wanted = [library[name] for name in ("igf1r-high", "p4ebp1-high", "hallmark-mtorc1", "er-positive")]
    cohort = make_cohort(clinical=clinical, mrna=pd.DataFrame({"IGF1R": [1.0, 2.0]}, index=index))
    table = check_signatures(cohort, wanted, library).set_index("signature")
    assert table["can_be_scored"].tolist() == [True, False, False, True]
    assert table.loc["igf1r-high", ["asked", "found", "missing", "positive", "negative"]].tolist() == [1, 1, 0, 1, 1]
    assert "the cohort has no protein table" in table.loc["p4ebp1-high", "why"]
    assert table.loc["hallmark-mtorc1", "why"] == (
        "needs gene set HALLMARK_MTORC1_SIGNALING (MSigDB H): pass --gene-sets h.all.gmt"
    )


def test_signatures_that_split_the_patients_alike_are_told(make_cohort):
    import pandas as pd

    index = pd.Index([f"P{i}" for i in range(4)], name="patient")
    clinical = pd.DataFrame({"er": ["positive", "negative", "negative", None]}, index=index, dtype="string")
    mrna = pd.DataFrame({"IGF1R": [1.0, 2.0, 3.0, 4.0], "SPHK1": [1.0, 2.0, 3.0, 4.0]}, index=index)
    library = signature_library()
    pair = parse_signature(
        {"name": "p", "positive": {"all": [{"mrna": gene, "above": "median"} for gene in mrna]}}, id="pair", where="p"
    )
    wanted = [*(library[name] for name in ("er-negative", "er-positive", "igf1r-high", "sphk1-high")), pair]
    cohort = make_cohort(clinical=clinical, mrna=mrna)
    table = check_signatures(cohort, wanted, library)
    # of a pair each gene is compared too
    assert table["same_split_as"].tolist() == ["", "er-negative", "", "igf1r-high", ""]
