"""What a cohort holds: every count is that of its own tables, whatever a run makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata import read_cohort
from strata.analysis import CohortDescription


@pytest.fixture(scope="module")
def cohort(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")


def test_words_are_counted_and_add_up_to_the_cohort(cohort):
    about = CohortDescription.of(cohort)
    assert about.patients == 600
    for column in about.columns:
        values = cohort.clinical[column.name].astype("string")
        assert column.unknown == values.isna().sum()
        if column.quartiles:
            numbers = pd.to_numeric(values).dropna()
            assert column.quartiles == tuple(np.percentile(numbers, (25, 50, 75)))
            assert column.counts == {}
        else:
            assert column.counts == values.value_counts().to_dict()
            assert sum(column.counts.values()) + column.unknown == about.patients
    assert {"er", "node", "grade", "age"} <= {column.name for column in about.columns}
    assert [column.name for column in about.columns if column.quartiles][:1] == ["age"]


def test_tables_and_their_files(cohort):
    about = CohortDescription.of(cohort)
    mrna = next(table for table in about.tables if table.kind == "mrna")
    assert (mrna.patients, mrna.features, mrna.scales, mrna.files) == (568, 196, {"log2": 196}, ("mrna.tsv",))
    mutation = next(table for table in about.tables if table.kind == "mutation")
    assert (mutation.patients, mutation.scales, mutation.files) == (550, {}, ("mutations.tsv",))
    everybody = [set(assay.assayed) for assay in (*cohort.assays.values(), *cohort.mutations.values())]
    assert about.complete == len(set(cohort.patients).intersection(*everybody))


def test_the_follow_up_is_that_of_everybody(cohort):
    (os,) = [endpoint for endpoint in CohortDescription.of(cohort).endpoints if endpoint.name == "OS"]
    months = cohort.endpoint("OS").in_months()
    known = months.time.notna() & months.event.notna()
    assert (os.n, os.events) == (known.sum(), months.event[known].sum())
    assert os.median_follow_up == pytest.approx(99.0, abs=0.05)


def test_a_cohort_of_clinical_values_alone(make_cohort):
    index = pd.Index(["P1", "P2"], name="patient", dtype=str)
    clinical = pd.DataFrame({"er": pd.array(["positive", None], dtype="string")}, index=index)
    about = CohortDescription.of(make_cohort(clinical=clinical))
    assert (about.patients, about.tables, about.endpoints) == (2, (), ())
