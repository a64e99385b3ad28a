"""Whole cohorts: the same content however it is written, every problem at once, no patient in the notes."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import Cohort, read_cohort
from strata.errors import DataError, InputOutputError, PlanError, StrataError, UsageError

Small = Write = Any


def flat(write: Write, small: Small) -> Path:
    write("clinical.tsv", small.clinical())
    write("mrna.tsv", small.expression())
    write("mutations.tsv", small.mutations())
    write("sequenced.txt", "\n".join(small.ids[:10]) + "\n")
    return write("cna.tsv", small.copy_number()).parent


def content(cohort: Cohort) -> dict[str, Any]:
    """What a cohort says, by patient, whatever the order."""
    mutation = cohort.mutations["mutation"]
    found: dict[str, Any] = {name: cohort.clinical[name].sort_index().to_dict() for name in ("er", "node")}
    for name in ("OS", "DFS"):
        endpoint = cohort.endpoint(name).in_months()
        found[name] = endpoint.time.round(9).sort_index().to_dict()
        found[f"{name} event"] = endpoint.event.sort_index().to_dict()
    found["mrna"] = cohort.assays["mrna"].read(["SPHK1", "IGF1R"]).sort_index().to_dict()
    found["cna"] = cohort.assays["copy_number"].read(["FGFR1"]).sort_index().to_dict()
    found["variants"] = sorted(map(tuple, mutation.variants(["TP53", "PTEN"]).to_numpy().tolist()))
    found["tested"] = {gene: sorted(mutation.tested(gene)) for gene in ("TP53", "PTEN", "KRAS")}
    return found


def cbioportal(write: Write, small: Small, months: list[list[str]]) -> Path:
    def commented(rows: list[list[str]]) -> str:
        head = [f"#{line}" for line in ("\t".join(rows[0]), "\t".join(rows[0]), "STRING", "1")]
        return "\n".join([*head, *("\t".join(row) for row in rows)]) + "\n"

    words = {"0": "0:LIVING", "1": "1:DECEASED"}
    patient = [["PATIENT_ID", "OS_MONTHS", "OS_STATUS", "DFS_MONTHS", "DFS_STATUS"]]
    patient += [[r[0], r[1], words[r[2]], r[3], {"0": "0:DiseaseFree", "1": "1:Recurred"}[r[4]]] for r in months[1:]]
    sample = [["PATIENT_ID", "SAMPLE_ID", "ER_STATUS", "NODE_STATUS"]]
    sample += [[r[0], f"{r[0]}-T1", r[5], r[6]] for r in months[1:]]
    write("study/data_clinical_patient.txt", commented(patient))
    write("study/data_clinical_sample.txt", commented(sample))
    renamed = [[f"{c}-T1" if c in small.ids else c for c in row] for row in small.expression()]
    write("study/data_mrna.txt", renamed)
    cna = [[f"{c}-T1" if c in small.ids else c for c in row] for row in small.copy_number()]
    cna[1][0] = "FGFR1|8p11.23"
    write("study/data_cna.txt", cna)
    write("study/data_mutations.txt", [[f"{c}-T1" if c in small.ids else c for c in row] for row in small.mutations()])
    matrix = [["SAMPLE_ID", "mutations"]] + [[f"{p}-T1", "PANEL" if p in small.ids[:10] else "NA"] for p in small.ids]
    write("study/data_gene_panel_matrix.txt", matrix)
    metas = {
        "clinical_patient": ("CLINICAL", "PATIENT_ATTRIBUTES"),
        "clinical_sample": ("CLINICAL", "SAMPLE_ATTRIBUTES"),
        "mrna": ("MRNA_EXPRESSION", "CONTINUOUS"),
        "cna": ("COPY_NUMBER_ALTERATION", "DISCRETE"),
        "mutations": ("MUTATION_EXTENDED", "MAF"),
        "gene_panel_matrix": ("GENE_PANEL_MATRIX", "GENE_PANEL_MATRIX"),
    }
    for name, (kind, datatype) in metas.items():
        lines = f"genetic_alteration_type: {kind}\ndatatype: {datatype}\ndata_filename: data_{name}.txt\n"
        path = write(f"study/meta_{name}.txt", lines)
    return path.parent


def test_a_flat_folder_is_read_whole(write: Write, small: Small) -> None:
    cohort = read_cohort(flat(write, small), name="small")
    assert list(cohort.patients) == small.ids
    assert list(cohort.clinical["er"][:3]) == ["negative", "positive", "positive"]
    assert list(cohort.clinical["node"][:5]) == ["negative", "positive", "positive", "positive", "negative"]
    os = cohort.endpoint("os")
    assert (os.unit, int(os.event.sum()), float(os.time.iloc[1])) == ("months", 6, 12.5)
    frame = cohort.assays["mrna"].read(["SPHK1", "IGF1R"])
    assert list(frame.columns) == ["SPHK1", "IGF1R"]
    assert frame.loc["P002", "IGF1R"] == pytest.approx(6.5)
    assert cohort.assays["mrna"].scale("IGF1R") == "log2"
    mutation = cohort.mutations["mutation"]
    assert mutation.assayed == frozenset(small.ids[:10])
    assert mutation.tested("TP53") == frozenset(small.ids[:10])
    assert mutation.tested("KRAS") == frozenset()
    assert mutation.variants(["TP53"]).to_numpy().tolist() == [
        ["P001", "TP53", "R175H", "missense"],
        ["P002", "TP53", "L12=", "silent"],
    ]
    assert {path.name for path in cohort.source} == {
        "clinical.tsv",
        "mrna.tsv",
        "mutations.tsv",
        "sequenced.txt",
        "cna.tsv",
    }


@pytest.mark.parametrize("change", ["shuffled", "days", "years", "transposed", "gzipped", "parquet", "csv"])
def test_the_same_cohort_written_differently_has_the_same_content(
    write: Write, small: Small, change: str, tmp_path: Path
) -> None:
    expected = content(read_cohort(flat(write, small)))
    if change == "shuffled":
        head, *rows = small.clinical()
        write("clinical.tsv", [head, *rows[::-1]])
        wide = small.expression()
        write("mrna.tsv", [[row[0], *row[:0:-1]] for row in wide])
    elif change in {"days", "years"}:
        write("clinical.tsv", small.clinical({"days": 30.4375, "years": 1 / 12}[change], change))
    elif change == "transposed":
        write("mrna.tsv", small.transposed(small.expression()))
        write("cna.tsv", small.transposed(small.copy_number()))
    elif change == "gzipped":
        import gzip

        (tmp_path / "mrna.tsv").write_bytes(gzip.compress((tmp_path / "mrna.tsv").read_bytes()))
    elif change == "parquet":
        for name in ("mrna", "clinical"):
            frame = pd.read_csv(tmp_path / f"{name}.tsv", sep="\t")
            (tmp_path / f"{name}.tsv").unlink()
            frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    else:
        for name, rows in (("mrna", small.expression()), ("clinical", small.clinical())):
            (tmp_path / f"{name}.tsv").unlink()
            write(f"{name}.csv", rows, sep=",")
    assert content(read_cohort(tmp_path)) == expected


def test_the_same_cohort_as_a_cbioportal_study_has_the_same_content(write: Write, small: Small) -> None:
    expected = content(read_cohort(flat(write, small)))
    study = read_cohort(cbioportal(write, small, small.clinical()))
    assert content(study) == expected
    assert study.choices["layout"]["name"] == "cbioportal"
    assert any("cbioportal" in note and "meta_" in note for note in study.notes)


def test_no_patient_is_named_in_notes_and_choices(write: Write, small: Small) -> None:
    cohort = read_cohort(flat(write, small))
    told = "\n".join(cohort.notes) + json.dumps(cohort.choices) + "".join(str(item) for item in cohort.exclusions)
    assert not [patient for patient in small.ids if patient in told]


def test_a_cohort_survives_pickling_and_reads_afterwards(write: Write, small: Small) -> None:
    cohort = pickle.loads(pickle.dumps(read_cohort(flat(write, small))))
    assert cohort.assays["mrna"].read(["IGF1R"]).shape == (12, 1)
    assert len(cohort.mutations["mutation"].variants(["PTEN"])) == 1


def test_all_problems_of_all_tables_are_told_at_once(write: Write, small: Small) -> None:
    rows = small.clinical()
    rows[3][1], rows[4][2] = "-1", "perhaps"
    write("clinical.tsv", rows)
    write("mrna.tsv", [["Hugo_Symbol", "X1", "X2"], ["IGF1R", "1", "2"]])
    folder = write("cna.tsv", "").parent
    with pytest.raises(DataError) as caught:
        read_cohort(folder)
    text = str(caught.value)
    for words in ("'-1'", "line 4", "'perhaps'", "event_values", "'A9'", "12", "cna.tsv", "0 bytes"):
        assert words in text


def test_a_missing_file_is_an_io_error_with_the_closest_name(write: Write, small: Small, tmp_path: Path) -> None:
    write("clinical.tsv", small.clinical())
    yaml = write("cohort.yaml", "name: a\nclinical: clinicl.tsv\n")
    with pytest.raises(InputOutputError, match=r"clinicl.tsv: no such file.*Did you mean 'clinical.tsv'"):
        read_cohort(yaml)


def test_options_given_on_the_call_win_over_the_yaml(write: Write, small: Small) -> None:
    rows = [[*row[:2], {"0": "1", "1": "2"}.get(row[2], row[2]), *row[3:]] for row in small.clinical()]
    write("clinical.tsv", rows)
    yaml = write("cohort.yaml", "name: a\nclinical: clinical.tsv\nread: {event_values: 1}\n")
    assert int(read_cohort(yaml).endpoint("OS").event.sum()) == 6
    assert list(read_cohort(yaml, read={"event_values": "2"}).endpoint("OS").event[:2]) == [False, True]


def test_without_a_list_patients_without_a_row_are_unknown(write: Write, small: Small, tmp_path: Path) -> None:
    flat(write, small)
    (tmp_path / "sequenced.txt").unlink()
    cohort = read_cohort(tmp_path)
    assert cohort.mutations["mutation"].assayed == frozenset(small.ids[:3])
    assert any("unknown, not wild type" in note for note in cohort.notes)
    everyone = read_cohort(tmp_path, read={"sequenced": "all"})
    assert everyone.mutations["mutation"].assayed == frozenset(small.ids)


def test_genes_outside_the_panel_are_tested_in_nobody(write: Write, small: Small) -> None:
    flat(write, small)
    write("panel_genes.txt", "gene\nTP53\nKRAS\n")
    mutation = read_cohort(write("notes.md", "x").parent).mutations["mutation"]
    assert mutation.tested("KRAS") == frozenset(small.ids[:10])
    assert mutation.tested("PTEN") == frozenset()


def test_of_two_tables_the_first_wins_per_gene(write: Write, small: Small) -> None:
    write("clinical.tsv", small.clinical())
    write("a.tsv", [["gene", *small.ids], ["IGF1R", *["7.5"] * 12]])
    write("b_zscores.tsv", small.expression())
    yaml = write("cohort.yaml", "name: a\nclinical: clinical.tsv\nmrna: [a.tsv, b_zscores.tsv]\n")
    assay = read_cohort(yaml).assays["mrna"]
    assert (assay.scale("IGF1R"), assay.scale("SPHK1")) == ("log2", "z-score")
    assert set(assay.read(["IGF1R"])["IGF1R"]) == {7.5}
    assert assay.read(["SPHK1"]).notna().all().all()


def test_several_samples_of_one_patient_need_a_rule(write: Write, small: Small) -> None:
    write("clinical.tsv", small.clinical())
    links = [["sample_id", "patient_id", "sample_type"]]
    links += [[f"{p}-{k}", p, t] for p in small.ids for k, t in (("M", "Metastasis"), ("T", "Primary"))]
    write("samples.tsv", links)
    header = ["gene", *(f"{p}-{k}" for p in small.ids for k in "TM")]
    folder = write("mrna.tsv", [header, ["IGF1R", *(v for _ in small.ids for v in ("4", "8"))]]).parent
    with pytest.raises(DataError, match=r"12 patients with several samples.*sample_rule"):
        read_cohort(folder)
    values = {
        rule: read_cohort(folder, read={"sample_rule": rule}).assays["mrna"].read(["IGF1R"])
        for rule in ("first", "primary", "mean")
    }
    assert {rule: set(frame["IGF1R"]) for rule, frame in values.items()} == {
        "first": {8.0},
        "primary": {4.0},
        "mean": {6.0},
    }


@pytest.mark.parametrize(
    ("case", "status", "words"),
    [
        ("f04_empty", 3, ["0 bytes"]),
        ("f12_nul", 3, ["NUL", ":3"]),
        ("f13_gz_truncated", 3, ["ends early"]),
        ("f14_gz_crc", 3, ["checksum"]),
        ("f17_zip_two", 3, ["2 members", "a.csv"]),
        ("f19_zip_bomb", 6, ["max_line_bytes"]),
        ("f24_html_login", 3, ["web page"]),
        ("f25_lfs_pointer", 3, ["git lfs pull"]),
        ("i09_no_overlap", 3, ["30", "'AA999'", "'A999'"]),
        ("i12_dup_patient_conflict", 3, ["5, 32", "102.6", "99"]),
        ("i14_dup_gene_conflict", 3, ["IGF1R", "2, 7", "duplicate_genes"]),
        ("i18_riken_float", 3, ["2.31E+13", ":4"]),
        ("i20_control_chars", 3, ["U+001B", ":6"]),
        ("i21_long_id", 3, ["100,000 characters", ":3"]),
        ("s01_neg_time", 3, ["line 5", "os_months", "-3.2"]),
        ("s04_event_12", 3, ["'2' (14)", "'1' (16)", "event_values=2"]),
        ("s07_event_half", 3, ["0.5", "6"]),
        ("s08_cnsr", 3, ["CNSR", "event_values=0"]),
        ("s25_status_words_unknown", 3, ["lost to follow up", "censored_values"]),
        ("t01_wrong_delim", 3, ["1 column", "sep"]),
        ("t02_ragged_more", 3, ["line 7 has 5"]),
        ("t03_ragged_less", 3, ["line 31 has 2", "cut off"]),
        ("t04_trailing_delim", 3, ["trailing"]),
        ("t07_dup_columns", 3, ["positions 1, 30", "sample_rule"]),
        ("t08_dup_columns_norm", 3, ["but for case"]),
        ("t09_blank_header", 3, ["column 3 has no name"]),
        ("t14_footer", 3, ["Total", ":32"]),
        ("v03_inf", 3, ["inf", "line 2"]),
        ("v04_text", 3, ["<0.1", "line 2"]),
        ("v06_decimal_comma", 3, ["decimal"]),
        ("v07_thousands", 3, ["1,234", "ambiguous"]),
        ("v11_mixed_scale", 3, ["mixed scales"]),
        ("v17_overflow", 3, ["1e400", "range of a double"]),
    ],
)
def test_broken_cohorts_are_refused_with_the_reason(shared: Path, case: str, status: int, words: list[str]) -> None:
    with pytest.raises(StrataError) as caught:
        read_cohort(shared / "bad_inputs" / case).assays["mrna"].read(["IGF1R"])
    assert caught.value.exit_status == status
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("case", "note"),
    [
        ("f06_bom", ""),
        ("f08_cr", ""),
        ("f09_mixed_eol", ""),
        ("f15_gz_named_csv", "gzip data although the name"),
        ("f16_csv_named_gz", "plain text although the name"),
        ("i05_whitespace", "3 ids with spaces"),
        ("i11_dup_patient_same", "1 line identical"),
        ("s05_event_text", "'1:DECEASED' (14)"),
        ("s06_event_bool", "'TRUE' (14)"),
        ("t05_header_short", "one field short"),
        ("t11_transposed", "samples in rows"),
        ("t13_comment_lines", "4 comment lines"),
        ("t16_gct", "GCT"),
    ],
)
def test_harmless_differences_give_the_clean_cohort_and_a_note(shared: Path, case: str, note: str) -> None:
    clean = read_cohort(shared / "bad_inputs" / "ok_baseline")
    cohort = read_cohort(shared / "bad_inputs" / case)
    genes = ["IGF1R", "SPHK1"]
    pd.testing.assert_frame_equal(cohort.assays["mrna"].read(genes), clean.assays["mrna"].read(genes))
    pd.testing.assert_series_equal(cohort.endpoint("OS").time, clean.endpoint("OS").time)
    pd.testing.assert_series_equal(cohort.endpoint("OS").event, clean.endpoint("OS").event)
    assert any(note in text for text in cohort.notes)


@pytest.mark.parametrize(
    ("case", "note"),
    [
        ("i06_case", "12 ids match without case"),
        ("s02_zero_time_event", "time 0"),
        ("s03_nan_time", "3 patients with a time or an event but not both"),
        ("s12_no_events", "no event"),
        ("s14_units_batch", "is that the unit"),
        ("t10_missing_column", "os_months"),
        ("v16_outlier", "1e+300"),
        ("v21_sentinel", "na=9999"),
    ],
)
def test_doubtful_cohorts_are_read_with_a_note(shared: Path, case: str, note: str) -> None:
    assert any(note in text for text in read_cohort(shared / "bad_inputs" / case).notes)


def test_remedies_mend_what_they_are_given_for(shared: Path) -> None:
    bad = shared / "bad_inputs"
    clean = read_cohort(bad / "ok_baseline")
    genes = ["IGF1R", "SPHK1"]
    for case, read in {
        "t01_wrong_delim": {"sep": ";"},
        "v06_decimal_comma": {"sep": ";", "decimal": ","},
        "s04_event_12": {"event_values": "2"},
        "i06_case": {"id_case": "ignore"},
    }.items():
        cohort = read_cohort(bad / case, read=read)
        # ids may be in another case, and so in another order
        rows, expected = (
            each.assays["mrna"].read(genes).assign(event=each.endpoint("OS").event).rename(index=str.upper).sort_index()
            for each in (cohort, clean)
        )
        pd.testing.assert_frame_equal(rows, expected)
    sentinel = read_cohort(bad / "v21_sentinel", read={"na": "9999"}).assays["mrna"].read(["IGF1R"])
    assert int(sentinel["IGF1R"].isna().sum()) == 4


def test_metabric(shared: Path, write: Write) -> None:
    yaml = write(
        "metabric.yaml",
        f"name: metabric\nfolder: {shared / 'data' / 'metabric'}\nclinical: clinical.tsv.gz\n"
        "mrna: [expression_log2_8genes.tsv.gz, expression_zscores.tsv.gz]\nmutation: mutations.tsv.gz\n"
        "sequenced: mutation_panel_samples.tsv.gz\n",
    )
    cohort = read_cohort(yaml)
    assert len(cohort.patients) == 2509
    assay = cohort.assays["mrna"]
    assert len(assay.assayed) == 1904
    assert "SPHK1" not in assay.features
    os, rfs = cohort.endpoint("OS"), cohort.endpoint("RFS")
    has = assay.read(["IGF1R"])["IGF1R"].notna()
    known = os.time.notna() & os.event.notna() & has
    assert (int(known.sum()), int(os.event[known].sum())) == (1904, 1103)
    known = rfs.time.notna() & rfs.event.notna() & has
    assert (int(known.sum()), int(rfs.event[known].sum())) == (1903, 771)
    assert cohort.choices["harmonised"]["er"]["disagreements"] == {"er_ihc": 128}
    assert float((cohort.clinical["er"][has] == "positive").mean()) == pytest.approx(0.766, abs=5e-4)
    triple = (cohort.clinical[["er", "pr", "her2"]] == "negative").all(axis=1)
    assert int(triple.sum()) > 200
    mutation = cohort.mutations["mutation"]
    assert len(mutation.assayed) == 2509
    rows = mutation.variants(["PIK3CA"])
    mutated = set(rows.loc[rows["consequence"] != "silent", "patient"])
    assert len(mutated) / 2369 == pytest.approx(0.412, abs=5e-4)
    assert len(mutated & set(os.time.dropna().index)) == 796


def test_gse1992(shared: Path, write: Write) -> None:
    yaml = write(
        "gse1992.yaml",
        f"name: gse1992\nfolder: {shared / 'data' / 'gse1992'}\nclinical: clinical.tsv.gz\n"
        "mrna: expression_samples_x_genes.tsv.gz\n",
    )
    cohort = read_cohort(yaml)
    assert len(cohort.patients) == 124
    assert len(cohort.assays["mrna"].features) == 15528
    assert cohort.choices["assays"]["mrna"]["tables"][0]["orientation"] == "samples-in-rows"
    assert cohort.assays["mrna"].read(["IGF1R", "SPHK1"]).notna().all().all()
    assert (int(cohort.endpoint("RFS").event.sum()), int(cohort.endpoint("OS").event.sum())) == (35, 26)


def test_names_and_options_that_do_not_exist(write: Write, small: Small) -> None:
    folder = flat(write, small)
    with pytest.raises(PlanError, match="cannot be a folder name"):
        read_cohort(folder, name="../evil")
    with pytest.raises(UsageError, match="Did you mean 'decimal'"):
        read_cohort(folder, read={"decimals": ","})
    with pytest.raises(UsageError, match="unknown layout"):
        read_cohort(folder, layout="flatt")


def test_clinical_values_at_time_points(write: Any) -> None:
    folder = write("clinical.tsv", "patient_id\tos_months\tos_event\tki67\nP1\t10\t1\t30\nP2\t12\t0\t40\n").parent
    text = "patient_id\ttimepoint\tki_67\tos_months\tbmi\nP1\tBaseline\t31\t10\t20\nP1\tD15\t5%\t10\t21\n"
    write("clinical_timepoints.tsv", text + "P2\tpost\t8\t12\tNA\n")
    cohort = read_cohort(folder)
    frame = cohort.clinical
    # the table without time points gives the plain value; endpoints have no time points
    assert frame["ki67"].tolist() == ["30", "40"]
    assert {name: frame[name].fillna("-").tolist() for name in frame if "@" in name} == {
        "ki67@pre": ["31", "-"],
        "ki_67@pre": ["31", "-"],
        "bmi@pre": ["20", "-"],
        "ki67@day15": ["5", "-"],
        "ki_67@day15": ["5%", "-"],
        "bmi@day15": ["21", "-"],
        "ki67@post": ["-", "8"],
        "ki_67@post": ["-", "8"],
    }
    assert frame["bmi"].fillna("-").tolist() == ["20", "-"]
    assert list(cohort.endpoints) == ["OS"]
    assert "ki67: column ki67 is used; ki_67 disagrees in 1 patient and is not merged" in cohort.notes
    assert set(cohort.choices["harmonised_at_time_points"]) == {"ki67@pre", "ki67@day15", "ki67@post"}
    assert "ki67@post" not in cohort.choices["harmonised"]


def test_samples_at_time_points_are_linked_with_them(write: Any) -> None:
    folder = write("clinical.tsv", "patient_id\tage\nP1\t50\nP2\t60\n").parent
    write("samples.tsv", "patient_id\tsample_id\ttime_point\nP1\tS1\tpre\nP1\tS2\tpost\nP2\tS3\tpost\n")
    write("protein.tsv", "gene\tS1\tS2\tS3\nIGF1R\t1.5\t2.5\t3.5\n")
    write("mutations.tsv", "gene\tsample\tchange\nTP53\tS1\tR175H\nKRAS\tS2\tG12D\nTP53\tS3\tR175H\n")
    cohort = read_cohort(folder)
    protein = cohort.assays["protein"].read(["IGF1R", "IGF1R@post"])
    assert protein.fillna(-1.0).to_numpy().tolist() == [[1.5, 2.5], [-1.0, 3.5]]
    # mutations are those of the sample at baseline
    mutation = cohort.mutations["mutation"]
    assert mutation.variants(["TP53", "KRAS"])["patient"].tolist() == ["P1"]
    assert mutation.assayed == {"P1"}
    assert (2, "mutation (mutations.tsv): sample at another time point than pre") in [
        (item.n, item.reason) for item in cohort.exclusions
    ]


def test_a_sample_at_two_time_points_is_refused(write: Any) -> None:
    folder = write("clinical.tsv", "patient_id\tage\nP1\t50\n").parent
    write("samples.tsv", "patient_id\tsample_id\ttimepoint\nP1\tS1\tpre\nP1\tS1\tpost\n")
    with pytest.raises(DataError, match=r"samples.tsv:3: this sample is at 'post' here and at 'pre' on another line"):
        read_cohort(folder)


def test_a_table_of_patients_has_no_time_points_though_samples_are_called_like_patients(write: Any) -> None:
    folder = write("clinical.tsv", "patient_id\tage\nP1\t50\nP2\t60\n").parent
    write("samples.tsv", "patient_id\tsample_id\ttimepoint\nP1\tP1\tpost\nP2\tP2\tpost\n")
    assert read_cohort(folder).clinical.to_dict("list") == {"age": ["50", "60"]}
