"""Several cohorts from one plan; one that fails would be reported and the others finished."""

from pathlib import Path

from strata import load_plan, run_plan
from strata.analysis import pooled_results

plan = load_plan(Path(__file__).with_name("03_plan.yaml"))
results = run_plan(plan, jobs=2)

table = results.to_frame()
asked = table["comparison"].isin(["positive_vs_rest", "interaction"])
pairs = table[(table["signature"] == "igf1r-sphk1-high") & asked]
print(pairs[["cohort", "endpoint", "comparison", "n", "events", "hazard_ratio", "wald_p", "note"]].to_string())
for pooled in pooled_results(results):
    if pooled.signature == "igf1r-sphk1-high" and pooled.comparison == "positive_vs_rest":
        random = pooled["random_effects"]
        print(f"{pooled.endpoint}: {len(random.cohorts)} cohorts, I2 {random.meta.i_squared:.0f} %")
        print(pooled.to_frame()[["method", "cohort", "n", "events", "hazard_ratio", "p_value"]].to_string(index=False))
for failure in results.failures:
    print(failure.cohort, *failure.problems, sep="\n  ")
