"""The GDC layout of a simulated cohort."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strata.errors import InputOutputError
from strata.simulate import simulate_cohort
from strata.writing import write_gdc


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    tables, _ = simulate_cohort("one-event")
    for name in ("a", "b"):
        write_gdc(tables, tmp_path / name)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_file_for_each_sample_and_the_sheet_that_says_so(tmp_path: Path) -> None:
    tables, _ = simulate_cohort("figure2-breast")
    write_gdc(tables, tmp_path)
    sheet = pd.read_csv(tmp_path / "gdc_sample_sheet.tsv", sep="\t")
    assert all((tmp_path / row["File ID"] / row["File Name"]).is_file() for _, row in sheet.iterrows())
    mrna, mutations = tables.numbers["mrna"], tables.mutations
    assert mutations is not None
    counts = sheet["Data Type"].value_counts()
    assert counts["Gene Expression Quantification"] == mrna.assayed.sum()
    assert counts["Masked Somatic Mutation"] == mutations.sequenced.sum()
    first = sheet.iloc[0]
    star = pd.read_csv(tmp_path / first["File ID"] / first["File Name"], sep="\t", skiprows=1, index_col="gene_name")
    column = tables.patients.index(first["Case ID"])
    values = np.log2(star.loc[list(mrna.features), "tpm_unstranded"] + 1)
    np.testing.assert_allclose(values, np.clip(mrna.cells[:, column], 0, None), atol=2e-6)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    tables, _ = simulate_cohort("one-event")
    with pytest.raises(InputOutputError, match="cannot be written"):
        write_gdc(tables, tmp_path / "file")
