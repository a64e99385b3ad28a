"""Reading files: everything that can be wrong is refused with its line, and the shipped files are right."""

from __future__ import annotations

import importlib
import pickle
from pathlib import Path

import pytest

from strata.errors import InputOutputError, SignatureError
from strata.signatures import lint, load_signatures, parse_signature, signature_library

load = importlib.import_module("strata.signatures.load")

GOOD = """\
id: {id}
name: IGF1R high
positive: {{mrna: IGF1R, above: median}}
"""

REQUIRED_IDS = [
    "er-positive", "er-negative", "node-negative", "hr-positive", "her2-positive", "hr-positive-her2-negative",
    "triple-negative", "igf1r-sphk1-high", "igf1r-high", "sphk1-high", "p4ebp1-high", "pik3ca-mutated",
    "pik3ca-altered", "fgfr1-amp", "fgfr1-altered", "fgfr2-altered", "ccnd1-altered", "pten-loss", "pten-altered",
    "pten-loss-or-pik3ca-mut", "everolimus-outlier", "golph3-amp", "stk11-mutated", "tsc1-mutated", "kras-mutated",
    "4ebp1-eif4e-ratio-low", "minimal-alterations", "pi3k-pathway-altered", "igf-balance-high", "insr-low"
]  # fmt: skip


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# -- shipped -----------------------------------------------------------------------------------------------------------


def test_every_shipped_file_loads_with_claims() -> None:
    shipped = load_signatures()
    assert [signature.id for signature in shipped] == sorted(signature.id for signature in shipped)
    assert set(REQUIRED_IDS) <= {signature.id for signature in shipped}
    assert len(shipped) == 175
    assert all(signature.claims for signature in shipped)
    without = {signature.id for signature in shipped if signature.positive is None}
    assert without == {"her2-dimerization", "igf1r-glycosylation", "insr-a-low", "insr-b-low"}
    assert all(signature.computable == "needs-assay" for signature in shipped if signature.id in without)


def test_every_shipped_file_names_its_schema(root: Path) -> None:
    files = sorted((root / "signatures").glob("*.yaml"))
    assert files
    assert all(
        file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json") for file in files
    )


def test_shipped_files_keep_the_claims_of_the_catalogue(shared: Path) -> None:
    from ruamel.yaml import YAML

    catalogue = {entry["id"]: entry for entry in YAML(typ="safe").load(shared / "catalogue.yaml")}
    library = signature_library()
    for name in REQUIRED_IDS:
        ours, theirs = library[name], catalogue[name]
        assert parse_signature(theirs, id=name, where="catalogue").positive == ours.positive
        assert [claim.reported for claim in ours.claims] == [claim.get("reported") for claim in theirs["claims"]]
        assert [claim.evidence for claim in ours.claims] == [claim["evidence"] for claim in theirs["claims"]]
        assert [claim.effect for claim in ours.claims] == [claim.get("effect") for claim in theirs["claims"]]


def test_inverted_ratio_ships_the_primary_direction() -> None:
    ratio = signature_library()["4ebp1-eif4e-ratio-low"]
    assert str(ratio.positive) == "ratio(mrna EIF4EBP1, mrna EIF4E) below median"
    assert ratio.claims[0].effect == "resistant"
    assert ratio.claims[0].note is not None
    assert "inverted" in (ratio.claims[0].document or "")


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_choose_by_id_file_and_folder(tmp_path: Path) -> None:
    mine = write(tmp_path, "mine", GOOD.format(id="mine"))
    write(tmp_path, "other", "id: other\nname: Other\npositive: {not: {signature: mine}}\n")
    assert [s.id for s in load_signatures(["sphk1-high", "igf1r-high"])] == ["igf1r-high", "sphk1-high"]
    assert [s.id for s in load_signatures("igf1r-high")] == ["igf1r-high"]
    assert [s.id for s in load_signatures(str(mine))] == ["mine"]
    assert [s.id for s in load_signatures([tmp_path, "igf1r-high"])] == ["igf1r-high", "mine", "other"]
    assert [s.id for s in load_signatures("other", folders=[tmp_path])] == ["other"]
    assert {"mine", "other", *REQUIRED_IDS} <= {s.id for s in load_signatures(folders=[tmp_path])}


def test_unknown_id_has_a_suggestion() -> None:
    with pytest.raises(SignatureError, match=r"unknown signature 'igf1r-hihg'\. Did you mean 'igf1r-high'\?"):
        load_signatures("igf1r-hihg")


def test_missing_file_is_an_input_output_error(tmp_path: Path) -> None:
    with pytest.raises(InputOutputError, match="no such file"):
        load_signatures(tmp_path / "gone.yaml")
    assert "no such file" in str(lint(tmp_path / "gone.yaml")[0])


def test_folder_without_signatures_and_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(SignatureError, match=r"no \.yaml file in this folder"):
        load_signatures(folders=[tmp_path])
    with pytest.raises(SignatureError, match=r"not a \.yaml file"):
        load_signatures(tmp_path / "notes.txt")


def test_an_id_that_is_shipped_names_both_files(tmp_path: Path, root: Path) -> None:
    path = write(tmp_path, "igf1r-high", GOOD.format(id="igf1r-high"))
    with pytest.raises(SignatureError) as caught:
        load_signatures(folders=[tmp_path])
    assert str(path) in str(caught.value)
    assert str(root / "signatures" / "igf1r-high.yaml") in str(caught.value)
    assert lint(root / "signatures" / "igf1r-high.yaml") == []


def test_two_folders_with_one_id(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "mine", GOOD.format(id="mine"))
    with pytest.raises(SignatureError, match=r"'mine' is already in .*a"):
        load_signatures(folders=[tmp_path / "a", tmp_path / "b"])


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    write(tmp_path, "one", "id: one\nnaem: One\npositive: {mrna: IGF1R, abov: median}\n")
    write(tmp_path, "two", "id: zwei\nname: Two\npositive: {signature: igf1r-hig}\n")
    write(tmp_path, "three", "id: three\nname: Three\npositive: {signature: sphk1-hihg}\n")
    texts = [str(problem) for problem in lint(tmp_path)]
    wanted = (
        "one.yaml:2: naem: unknown key 'naem'. Did you mean 'name'?",
        "one.yaml: name: 'name' is required",
        "one.yaml:3: positive.abov: unknown key 'abov'. Did you mean 'above'?",
        "two.yaml:1: id: the id 'zwei' is not the file's name 'two'",
        "three.yaml:3: positive.signature: unknown signature 'sphk1-hihg'. Did you mean 'sphk1-high'?",
    )
    for text in wanted:
        assert any(text in found for found in texts), (text, texts)
    assert len(texts) == len(wanted)


# -- references and files ----------------------------------------------------------------------------------------------


def test_cycle_over_three_files(tmp_path: Path) -> None:
    for name, to in (("a", "b"), ("b", "c"), ("c", "a")):
        write(tmp_path, name, f"id: {name}\nname: N\npositive: {{not: {{signature: {to}}}}}\n")
    found = lint(tmp_path)
    assert len(found) == 1
    assert "'a' -> 'b' -> 'c' -> 'a'" in str(found[0])
    assert found[0].where.endswith("a.yaml:3: positive")


def test_reference_to_a_signature_without_positive(tmp_path: Path) -> None:
    write(tmp_path, "a", "id: a\nname: A\ncomputable: needs-assay\n")
    write(tmp_path, "b", "id: b\nname: B\npositive: {signature: a}\n")
    assert "'a' does not say who is positive" in str(lint(tmp_path)[0])


def test_a_broken_file_is_not_also_an_unknown_reference(tmp_path: Path) -> None:
    write(tmp_path, "a", "id: a\nnome: A\npositive: {mrna: A, above: 1}\n")
    write(tmp_path, "b", "id: b\nname: B\npositive: {signature: a}\n")
    assert all("unknown signature" not in str(problem) for problem in lint(tmp_path))


def test_too_large_and_not_utf8(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * ((1 << 20) + 1))
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("id: latin\nname: Müller\n".encode("latin-1"))
    texts = [str(problem) for problem in lint([large, latin])]
    assert "larger than 1 MiB" in texts[0]
    assert "latin.yaml:2: not UTF-8" in texts[1]


def test_byte_order_mark_and_crlf_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.format(id="mine").replace("\n", "\r\n").encode())
    assert load_signatures(path)[0].name == "IGF1R high"


# -- a library ---------------------------------------------------------------------------------------------------------


def test_a_library_knows_every_id_and_reads_the_shipped_files_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    read_shipped = load._read_shipped
    monkeypatch.setattr(load, "_read_shipped", lambda path: read.append(path.stem) or read_shipped(path))
    library = signature_library()
    assert len(library) == len(list(library)) == 175
    assert list(library) == sorted(library)
    assert "igf1r-high" in library
    assert "nobody" not in library
    assert read == []
    assert library["igf1r-high"].id == "igf1r-high"
    assert read == ["igf1r-high"]
    with pytest.raises(KeyError):
        library["nobody"]


def test_a_library_takes_others_in_and_survives_pickling(tmp_path: Path) -> None:
    mine = load_signatures(write(tmp_path, "mine", GOOD.format(id="mine")))[0]
    library = signature_library() | {"mine": mine, "sphk1-high": mine}
    assert (library["mine"], library["sphk1-high"]) == (mine, mine)
    assert len(library) == 176
    again = pickle.loads(pickle.dumps(library))
    assert again["mine"] == mine
    assert again["igf1r-high"] == signature_library()["igf1r-high"]


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "mine", GOOD.format(id="mine"))
    assert load_signatures(path)[0].name == "IGF1R high"
    path.write_text(path.read_text(encoding="utf-8").replace("IGF1R high", "IGF1R low!"), encoding="utf-8")
    assert load_signatures(path)[0].name == "IGF1R low!"
