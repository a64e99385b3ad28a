"""Gene lists of other programs as signature files: each text is read back by the grammar it is written in."""

from __future__ import annotations

import pytest

from strata.errors import DataError, SignatureError
from strata.signatures import parse_signature
from strata.signatures.importing import import_signatures
from strata.yaml_file import parse_yaml


def parsed(texts):
    """The signatures of imported texts; each must be a right file."""
    found = {}
    for name, text in texts.items():
        data = parse_yaml(text, name=name, error=SignatureError).value
        found[name] = parse_signature(data, id=name, where=name)
    return found


@pytest.fixture
def imported(tmp_path):
    """``imported(text, name)``: the texts that a file, written for the test, gives."""

    def run(text, name="made.gmt", **options):
        path = tmp_path / name
        path.write_text(text)
        return import_signatures(path, **options)

    return run


def problems(imported, text, name="made.gmt", **options):
    with pytest.raises(DataError) as caught:
        imported(text, name, **options)
    return [str(problem).rpartition("/")[2] for problem in caught.value.problems]


def test_a_short_set_is_written_out_and_nothing_is_misread(imported):
    assert imported("My Set_1\tna\tA1\tNO\t1E5\tHLA-A\n") == {
        "my-set-1": (
            "# Imported from made.gmt (GMT): My Set_1, 4 genes.\n"
            "# The method (ssgsea) and the cut (median) are not the file's.\n"
            "id: my-set-1\n"
            "name: My Set_1\n"
            "score: {genes: {up: [A1, 'NO', '1E5', HLA-A]}, by: ssgsea}\n"
            "positive: {score: self, above: median}\n"
            "claims:\n"
            "  - role: mechanism\n"
            "    evidence: definition\n"
            "    list: made.gmt\n"
        )
    }


@pytest.mark.parametrize(("n", "named"), [(60, ()), (61, ("LONG",))])
def test_a_long_set_is_named(imported, n, named):
    genes = [f"G{i}" for i in range(n)]
    texts = imported("\t".join(["LONG", "na", *genes]))
    score = parsed(texts)["long"].score
    assert score.named == named
    assert score.up == ("LONG" if named else tuple(genes))
    assert ("# The genes stay in that file: give it with --gene-sets made.gmt\n" in texts["long"]) is bool(named)


@pytest.mark.parametrize("down", ["DN", "down"])
def test_up_and_down_become_one_and_a_side_alone_stays_a_set(imported, down):
    texts = imported(f"X.V1_UP\tna\tA\tB\nX.V1_{down}\tna\tC\nY_UP\tna\tD\n")
    found = parsed(texts)
    assert {name: str(signature.score) for name, signature in found.items()} == {
        "x-v1": "mean(up A+B, down C)",
        "y-up": "ssgsea(up D)",
    }
    assert found["x-v1"].name == f"X.V1_UP and X.V1_{down}"


def test_a_gene_on_both_sides_is_left_out_and_named(imported):
    texts = imported("X_UP\tna\tA\tB\nX_DN\tna\tB\tC\n")
    assert str(parsed(texts)["x"].score) == "mean(up A, down C)"
    assert "# Up and down at once, so they say nothing: B\n" in texts["x"]


def test_weights_become_a_weighted_sum(imported):
    texts = imported("source\ttarget\tweight\nNet\tA\t0.5\nNet\tB\t-1e-7\nOther\tC\t2\n", "net.tsv")
    assert {name: str(signature.score) for name, signature in parsed(texts).items()} == {
        "net": "weighted(0.5*mrna A, -1e-07*mrna B)",
        "other": "weighted(2*mrna C)",
    }


def test_many_weights_stay_in_their_file(imported):
    rows = [f"Net\tG{i}\t{i + 1}" for i in range(61)]
    texts = imported("\n".join(["source\ttarget\tweight", *rows]), "net.tsv")
    assert str(parsed(texts)["net"].score) == "weighted(Net)"
    assert "genefu's weighted average of the up and of the down genes, not a plain sum" in texts["net"]


@pytest.mark.parametrize(("coefficient", "score"), [("-1", "signed-mean(sig)"), ("-0.5", "weighted(sig)")])
def test_a_genefu_table_is_named_and_says_what_was_left_out(imported, coefficient, score):
    rows = ["p1\t10\t1", "p2\t10\t1", f"p3\t20\t{coefficient}"]
    texts = imported("\n".join(["probe\tEntrezGene.ID\tcoefficient", *rows]), "sig.tsv")
    assert str(parsed(texts)["sig"].score) == score
    assert "# Left out: sig: further probes of a gene left out: 1 (2 genes kept)\n" in texts["sig"]


def test_ids_take_a_prefix_and_come_sorted(imported):
    assert list(imported("B\tna\tG1\nA\tna\tG2\n", prefix="My lab")) == ["my-lab-a", "my-lab-b"]


def test_genes_that_cannot_be_features_are_named_with_their_lines(imported):
    assert problems(imported, "A\tna\tG1\nB\tna\tG*\tG2\nC\tna\t+G\n") == [
        "made.gmt:2: 'G*' cannot be a feature. Letters, digits and _ . @ - make the name of a gene",
        "made.gmt:3: '+G' cannot be a feature. Letters, digits and _ . @ - make the name of a gene",
    ]


def test_names_that_become_one_id_no_id_or_too_long_a_one(imported):
    text = f"A b\tna\tG1\nA_B\tna\tG2\n++\tna\tG3\n{'x' * 65}\tna\tG4\n"
    assert problems(imported, text) == [
        "made.gmt: 'A b' and 'A_B' get the same id 'a-b'. Rename one",
        "made.gmt: '++' gets an id of 0 characters, 1 to 64 are possible. "
        "Rename the list, with small letters and digits",
        f"made.gmt: '{'x' * 55}...' gets an id of 65 characters, 1 to 64 are possible. "
        "Rename the list, with small letters and digits",
    ]


def test_the_real_files_give_right_signatures(shared):
    folder = shared / "genesets"
    hallmarks = parsed(import_signatures(folder / "h.all.v7.0.symbols.gmt"))
    assert str(hallmarks["hallmark-mtorc1-signaling"].score) == "ssgsea(up HALLMARK_MTORC1_SIGNALING)"
    # 50 sets, of which KRAS_SIGNALING_UP and _DN and UV_RESPONSE_UP and _DN are pairs
    assert len(hallmarks) == 48
    oncogenic = parsed(import_signatures(folder / "c6.all.v7.0.symbols.gmt"))
    assert str(oncogenic["pten-dn-v1"].score) == "mean(up PTEN_DN.V1_UP, down PTEN_DN.V1_DN)"
    loi = parsed(import_signatures(folder / "loi2010_pik3ca_gs.tsv"))
    assert str(loi["loi2010-pik3ca-gs"].score) == "signed-mean(loi2010_pik3ca_gs)"
