"""Signatures in scikit-learn: a cut chosen and judged by nested cross-validation, which never sees its test fold."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline

from strata import read_cohort
from strata.simulate import synthetic_folder
from strata.sklearn import SignatureScorer, Stratifier
from strata.survival import concordance

cohort = read_cohort(synthetic_folder() / "figure2-breast" / "flat", name="figure2-breast")

# X: samples x genes, with the clinical columns that the signature's population needs; y: event and months
X = cohort.assays["mrna"].read(["IGF1R", "SPHK1"])
X["clinical er"], X["clinical node"] = cohort.clinical["er"], cohort.clinical["node"]
endpoint = cohort.endpoint("DFS").in_months()
known = X[["IGF1R", "SPHK1"]].notna().all(axis=1) & endpoint.time.notna() & endpoint.event.notna()
X = X[known]
y = np.zeros(len(X), dtype=[("event", bool), ("time", float)])
y["event"], y["time"] = endpoint.event[known].astype(bool), endpoint.time[known]
print(f"{len(X)} of {len(known)} patients with both genes and a known DFS, {y['event'].sum()} events")


def harrell(fitted, X, y):  # noqa: N803
    """Concordance of the strata with survival, marker-positive expected to fare worse; NaN is outside or unknown."""
    strata = fitted.predict(X)
    called = ~np.isnan(strata)
    return concordance(y["time"][called], y["event"][called], strata[called]).concordance


# the inner folds choose the cut, the outer folds judge the choice: no cut-point is learned from its test fold
stratifier = Stratifier("igf1r-sphk1-high", population="er-positive")
cuts = {"stratifier__cut": ["q25", "median", "q75", "mean"]}
inner, outer = KFold(3, shuffle=True, random_state=0), KFold(5, shuffle=True, random_state=1)
search = GridSearchCV(make_pipeline(stratifier), cuts, cv=inner, scoring=harrell)
done = cross_validate(search, X, y, cv=outer, scoring=harrell, return_estimator=True, error_score="raise")
for fold, judged in zip(done["estimator"], done["test_score"]):
    points = ", ".join(f"{cut.number} {cut.value:.3f}" for cut in fold.best_estimator_[-1].cut_points_.cuts)
    print(f"{fold.best_params_['stratifier__cut']} ({points}): concordance {judged:.3f}")

# models take no NaN: every patient here has both genes, so that every score is known
# lifelines: a loop is all it takes
outcome = pd.DataFrame({"time": y["time"], "event": y["event"]}, index=X.index)
scorer = SignatureScorer(["igf1r-high", "sphk1-high"]).set_output(transform="pandas")
for train, test in outer.split(X):
    scorer.fit(X.iloc[train])
    model = CoxPHFitter().fit(scorer.transform(X.iloc[train]).join(outcome), "time", "event")
    judged = model.score(scorer.transform(X.iloc[test]).join(outcome), scoring_method="concordance_index")
    print(f"lifelines: concordance {judged:.3f}")

# scikit-survival: its models are steps of a pipeline
if find_spec("sksurv") is None:
    print("scikit-survival is not installed")
else:
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    model = make_pipeline(SignatureScorer(["igf1r-high", "sphk1-high"]), CoxPHSurvivalAnalysis(ties="efron"))
    judged = cross_validate(model, X, y, cv=outer, error_score="raise")["test_score"]
    print(f"scikit-survival: concordance {judged.mean():.3f}")
