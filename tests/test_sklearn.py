"""Signatures in scikit-learn: conventions, one rule with the rest of strata, and cut-points that see no test fold."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array
from sklearn.utils.estimator_checks import check_estimator

from strata import read_cohort, score, stratify
from strata.errors import DataError, SignatureError, UsageError
from strata.signatures import parse_signature
from strata.sklearn import SignatureScorer, Stratifier
from strata.survival import concordance


@pytest.fixture(scope="module")
def cohort(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")


@pytest.fixture(scope="module")
def measured(cohort):
    """X and y of the patients with both genes and a known OS."""
    X = cohort.assays["mrna"].read(["IGF1R", "SPHK1", "ESR1"])
    endpoint = cohort.endpoint("OS").in_months()
    known = X.notna().all(axis=1) & endpoint.time.notna() & endpoint.event.notna()
    y = np.zeros(int(known.sum()), dtype=[("event", bool), ("time", float)])
    y["event"], y["time"] = endpoint.event[known].astype(bool), endpoint.time[known]
    return X[known], y


def made(**rule):
    return parse_signature({"name": "made in a test", **rule}, id="made-here", where="test")


def values_of(cohort, ids):
    return score(cohort, ids).values[ids]  # noqa: PD011


# -- one rule with the rest of strata ----------------------------------------------------------------------------------


def test_scores_of_the_fitted_samples_are_those_of_score(cohort):
    ids = ["igf1r-sphk1-high", "igf1r-high"]
    X = cohort.assays["mrna"].read(cohort.assays["mrna"].features)
    found = SignatureScorer(ids).set_output(transform="pandas").fit_transform(X)
    pd.testing.assert_frame_equal(found, values_of(cohort, ids), check_exact=True, check_names=False)


def test_new_samples_are_scored_with_the_moments_of_the_fitted_ones(measured):
    X, _ = measured
    train, test = X[:300], X[300:]
    found = SignatureScorer("igf1r-sphk1-high").fit(train).transform(test)[:, 0]
    by_hand = ((test - train.mean()) / train.std())[["IGF1R", "SPHK1"]].mean(axis=1)
    np.testing.assert_allclose(found, by_hand, rtol=1e-12)


@pytest.mark.parametrize("cut", [None, "q75", "sd1", "mean", "quartiles"])
def test_strata_of_the_fitted_samples_are_those_of_stratify(cohort, cut):
    mrna = cohort.assays["mrna"].read(["IGF1R"])
    X = mrna.assign(**{"clinical er": cohort.clinical["er"]})
    stratifier = Stratifier("igf1r-high", cut=cut, population="er-positive").fit(X)
    strata = stratify(cohort, "igf1r-high", cut=cut, population="er-positive")
    codes = strata.labels.cat.codes.to_numpy(dtype=float)
    np.testing.assert_array_equal(stratifier.predict(X), np.where(codes < 0, np.nan, codes))
    assert stratifier.labels_ == tuple(strata.labels.cat.categories)
    assert stratifier.cut_points_.cuts == strata.cut_points.cuts
    assert np.isnan(stratifier.predict(X)).sum() == strata.counts["unknown"] + strata.counts["not applicable"] > 100


def test_unknown_stays_unknown():
    X = pd.DataFrame({"IGF1R": [1.0, 2.0, 3.0, 4.0, np.nan]})
    np.testing.assert_array_equal(Stratifier("igf1r-high").fit_transform(X)[:, 0], [0, 0, 1, 1, np.nan])
    assert np.isnan(SignatureScorer("igf1r-high").fit_transform(X)[4, 0])


def test_proteins_are_an_assay_too(root):
    trial = read_cohort(root / "synthetic" / "trial-everolimus" / "flat", name="trial")
    names = ["EIF4EBP1_pS65", "EIF4EBP1_pT37_T46"]
    X = trial.assays["protein"].read(names)
    found = SignatureScorer("p4ebp1-high", assay="protein").fit_transform(X)[:, 0]
    np.testing.assert_array_equal(found, values_of(trial, ["p4ebp1-high"])["p4ebp1-high"])


def test_a_file_of_your_own_and_a_signature_made_in_code(tmp_path, measured):
    X, _ = measured
    own = tmp_path / "own-high.yaml"
    own.write_text("id: own-high\nname: own\nscore: {mrna: ESR1}\npositive: {score: self, above: median}\n")
    scorer = SignatureScorer([own, made(score={"mrna": "IGF1R"}, positive={"mrna": "IGF1R", "above": 9})]).fit(X)
    assert list(scorer.get_feature_names_out()) == ["own-high", "made-here"]
    np.testing.assert_array_equal(scorer.transform(X), X[["ESR1", "IGF1R"]])
    refers = tmp_path / "refers.yaml"
    refers.write_text("id: refers\nname: own\npositive: {not: {signature: own-high}}\n")
    with pytest.raises(SignatureError, match="own-high"):
        Stratifier(refers).fit(X)
    np.testing.assert_array_equal(
        Stratifier(refers, folders=[tmp_path]).fit_transform(X), 1 - Stratifier(own).fit_transform(X)
    )


# -- a cut-point never sees its test fold ------------------------------------------------------------------------------


def separation(fitted, X, y):
    """Of the strata of X: how far from 0.5 their concordance with survival is."""
    return abs(concordance(y["time"], y["event"], fitted.predict(X)).concordance - 0.5)


def nested(cuts=("median", "q25", "q75")):
    pipeline = make_pipeline(Stratifier("igf1r-high"))
    inner = KFold(3, shuffle=True, random_state=0)
    return GridSearchCV(pipeline, {"stratifier__cut": list(cuts)}, cv=inner, scoring=separation)


def test_in_nested_cross_validation_every_cut_is_that_of_its_own_training_fold(measured):
    X, y = measured
    outer = KFold(4, shuffle=True, random_state=1)
    done = cross_validate(
        nested(), X, y, cv=outer, scoring=separation, return_estimator=True, return_indices=True, error_score="raise"
    )
    values = []
    for search, train in zip(done["estimator"], done["indices"]["train"]):
        quantile = {"median": 0.5, "q25": 0.25, "q75": 0.75}[search.best_params_["stratifier__cut"]]
        (cut,) = search.best_estimator_[-1].cut_points_.cuts
        assert cut.value == np.quantile(X["IGF1R"].iloc[train], quantile)
        assert cut.n == len(train)
        values.append(cut.value)
    assert len(set(values)) == 4
    assert len(done["test_score"]) == 4


def test_a_poisoned_test_fold_changes_no_cut(measured):
    X, y = measured
    train, test = next(KFold(4, shuffle=True, random_state=1).split(X))
    poisoned = X.copy()
    poisoned.iloc[test] = 1e9
    found = [clone(nested()).fit(table.iloc[train], y[train]) for table in (X, poisoned)]
    points = [search.best_estimator_[-1].cut_points_ for search in found]
    assert points[0] == points[1]
    assert (found[1].predict(poisoned.iloc[test]) == 1).all()
    # the same poison inside the training fold does change it: the test above can fail
    both = Stratifier("igf1r-high").fit(poisoned)
    assert both.cut_points_.cuts[0].value != Stratifier("igf1r-high").fit(X).cut_points_.cuts[0].value


def test_applying_learns_nothing(measured):
    X, _ = measured
    stratifier = Stratifier("igf1r-sphk1-high", cut="median", population="all")
    X = X.assign(**{"clinical er": "positive", "clinical node": "negative"})
    stratifier.fit(X[:300])
    before = pickle.dumps(stratifier.cut_points_)
    one_by_one = np.concatenate([stratifier.predict(X[i : i + 1]) for i in range(300, 340)])
    np.testing.assert_array_equal(one_by_one, stratifier.predict(X[300:340]))
    assert pickle.dumps(stratifier.cut_points_) == before
    assert {0.0, 1.0} == set(one_by_one)


@pytest.mark.parametrize("by", ["mean", "zscore", "signed-mean", "ssgsea", "singscore"])
def test_a_sample_is_scored_alike_alone_and_among_others(cohort, by):
    mrna = cohort.assays["mrna"]
    X = mrna.read(mrna.features).dropna()
    signature = made(
        score={"genes": {"up": ["IGF1R", "SPHK1"], "down": ["ESR1"]}, "by": by}, positive={"score": "self", "above": 0}
    )
    scorer = SignatureScorer(signature).fit(X[:100])
    among = scorer.transform(X[100:110])[:, 0]
    assert np.isfinite(among).all()
    np.testing.assert_allclose([scorer.transform(X[i : i + 1])[0, 0] for i in range(100, 110)], among, rtol=1e-12)


def test_the_cut_points_work_in_stratify_too(cohort, measured):
    X, _ = measured
    points = Stratifier("igf1r-high").fit(X[:200]).cut_points_
    assert stratify(cohort, "igf1r-high", cut_points=points).cut_points.cuts[0].value == X["IGF1R"][:200].median()


# -- survival models downstream ----------------------------------------------------------------------------------------


def test_with_scikit_survival(measured):
    linear_model = pytest.importorskip("sksurv.linear_model", reason="scikit-survival is not installed")
    X, y = measured
    steps = SignatureScorer(["igf1r-high", "sphk1-high"]), StandardScaler(), linear_model.CoxPHSurvivalAnalysis()
    model = make_pipeline(*steps).fit(X, y)
    assert 0.5 < model.score(X, y) < 0.8
    by_strata = make_pipeline(Stratifier("igf1r-high"), linear_model.CoxPHSurvivalAnalysis(ties="efron"))
    search = GridSearchCV(by_strata, {"stratifier__cut": ["median", "q75"]}, cv=3)
    done = cross_validate(search, X, y, cv=3, error_score="raise")
    assert np.isfinite(done["test_score"]).all()


def test_with_lifelines(measured):
    from lifelines import CoxPHFitter

    X, y = measured
    outcome = pd.DataFrame({"time": y["time"], "event": y["event"]}, index=X.index)
    scores = []
    for train, test in KFold(3, shuffle=True, random_state=0).split(X):
        stratifier = Stratifier("igf1r-high").set_output(transform="pandas").fit(X.iloc[train])
        folds = [stratifier.transform(X.iloc[rows]).join(outcome) for rows in (train, test)]
        model = CoxPHFitter().fit(folds[0], "time", "event")
        scores.append(model.score(folds[1], scoring_method="concordance_index"))
    assert all(0.3 < found < 0.8 for found in scores)


# -- conventions -------------------------------------------------------------------------------------------------------


def test_parameters_are_stored_as_they_are_and_cloned():
    stratifier = Stratifier("igf1r-high", cut="q75", population="er-positive")
    assert stratifier.get_params() == {
        "signature": "igf1r-high",
        "cut": "q75",
        "population": "er-positive",
        "assay": "mrna",
        "scale": "log2",
        "folders": (),
        "resources": None,
    }
    copied = clone(stratifier).set_params(cut="median")
    assert (copied.cut, stratifier.cut) == ("median", "q75")
    assert "igf1r-high" in repr(SignatureScorer(["igf1r-high"]))


def test_what_is_not_fitted_says_so(measured):
    for estimator in (SignatureScorer("igf1r-high"), Stratifier("igf1r-high")):
        with pytest.raises(NotFittedError):
            estimator.transform(measured[0])
        with pytest.raises(NotFittedError):
            estimator.get_feature_names_out()


def test_names_and_containers(measured):
    X, _ = measured
    scorer = SignatureScorer(["sphk1-high", "igf1r-high"]).fit(X)
    assert scorer.n_features_in_ == 3
    assert list(scorer.feature_names_in_) == ["IGF1R", "SPHK1", "ESR1"]
    assert isinstance(scorer.transform(X), np.ndarray)
    table = scorer.set_output(transform="pandas").transform(X)
    assert list(table.columns) == ["sphk1-high", "igf1r-high"]
    assert table.index.equals(X.index)
    with pytest.raises(ValueError, match="feature names should match"):
        scorer.transform(X[["SPHK1", "IGF1R", "ESR1"]])


def test_a_step_before_must_keep_the_names(measured):
    X, _ = measured
    with pytest.raises(UsageError, match=r"ndarray, without the names.*set_output\(transform='pandas'\)"):
        make_pipeline(SimpleImputer(), Stratifier("igf1r-high")).fit(X)
    kept = make_pipeline(SimpleImputer(), Stratifier("igf1r-high")).set_output(transform="pandas").fit(X)
    assert set(kept.predict(X)) == {0.0, 1.0}


def test_what_is_wrong_with_x_is_said(measured):
    X, _ = measured
    with pytest.raises(UsageError, match="2 of 2 columns have no text"):
        SignatureScorer("igf1r-high").fit(pd.DataFrame(np.ones((3, 2))))
    with pytest.raises(UsageError, match="1 columns stand there more than once: IGF1R"):
        SignatureScorer("igf1r-high").fit(X[["IGF1R", "IGF1R"]])
    with pytest.raises(ValueError, match="infinity"):
        SignatureScorer("igf1r-high").fit(X.assign(IGF1R=np.inf))
    with pytest.raises(DataError) as caught:
        SignatureScorer(["igf1r-high", "igfbp3-circulating-high", "sphk1-high"]).fit(X[["IGF1R", "ESR1"]])
    assert [problem.where for problem in caught.value.problems] == [
        "X: signature igfbp3-circulating-high",
        "X: signature sphk1-high",
    ]
    with pytest.raises(DataError, match="no mrna IGF1R"):
        Stratifier("igf1r-high").fit(X[["ESR1"]])
    with pytest.raises(DataError, match="4 values are too few for a mixture"):
        Stratifier("igf1r-high", cut="mixture").fit(X[:4])


def test_what_cannot_be_learned_is_refused(measured):
    X, _ = measured
    with pytest.raises(UsageError, match="'optimal' is searched on an endpoint"):
        Stratifier("igf1r-high", cut="optimal").fit(X)
    with pytest.raises(UsageError, match="'medain' is not a cut"):
        Stratifier("igf1r-high", cut="medain").fit(X)
    with pytest.raises(UsageError, match="it has no score"):
        SignatureScorer("er-positive").fit(X)
    with pytest.raises(UsageError, match="0 signatures, not one"):
        Stratifier([]).fit(X)
    with pytest.raises(UsageError, match=r"gsva\(up IGF1R\+ESR1\): it depends on the samples"):
        SignatureScorer(
            made(score={"genes": {"up": ["IGF1R", "ESR1"]}, "by": "gsva"}, positive={"mrna": "IGF1R", "above": 9})
        ).fit(X)
    with pytest.raises(UsageError, match="class pam50 by nearest centroid"):
        Stratifier("luminal-a").fit(X)
    inside = made(positive={"mrna": "IGF1R", "above": "median"}, population={"signature": "sphk1-high"})
    with pytest.raises(UsageError, match="sphk1-high has a cut or a z-score of its own"):
        Stratifier(inside).fit(X)


# -- scikit-learn's own checks -----------------------------------------------------------------------------------------

GENES = ["IGF1R", "SPHK1", *(f"G{i}" for i in range(200))]


class _Named:
    """The arrays that the checks make, with gene symbols: an estimator of strata takes no columns without names."""

    def _cohort(self, X, *, reset):
        if not isinstance(X, pd.DataFrame):
            values = check_array(X, ensure_all_finite="allow-nan", estimator=self, input_name="X")
            X = pd.DataFrame(values, columns=GENES[: values.shape[1]])
        return super()._cohort(X, reset=reset)


class NamedScorer(_Named, SignatureScorer):
    pass


class NamedStratifier(_Named, Stratifier):
    pass


NAMES = {"check_n_features_in_after_fitting": "with too few columns, names are missing: the error is about the names"}
TWO_GENES = {"check_fit2d_1feature": "a signature of two genes cannot be scored from one"}


@pytest.mark.parametrize(
    ("estimator", "excused"),
    [(NamedScorer("igf1r-sphk1-high"), NAMES | TWO_GENES), (NamedStratifier("igf1r-high"), NAMES)],
    ids=["SignatureScorer", "Stratifier"],
)
def test_the_checks_of_scikit_learn(estimator, excused):
    done = check_estimator(estimator, expected_failed_checks=excused, on_fail=None, on_skip=None)
    failed = {check["check_name"]: check["exception"] for check in done if check["status"] == "failed"}
    assert failed == {}
    assert {check["check_name"] for check in done if check["status"] == "xfail"} == set(excused)
    assert sum(check["status"] == "passed" for check in done) > 35
