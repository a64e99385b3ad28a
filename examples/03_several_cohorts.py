"""Several cohorts from one plan; one that fails would be reported and the others finished."""

from pathlib import Path

from strata import load_plan, run_plan

plan = load_plan(Path(__file__).with_name("03_plan.yaml"))
results = run_plan(plan, jobs=2)

table = results.to_frame()
asked = table["comparison"].isin(["positive_vs_rest", "interaction"])
pairs = table[(table["signature"] == "igf1r-sphk1-high") & asked]
print(pairs[["cohort", "endpoint", "comparison", "n", "events", "hazard_ratio", "wald_p", "note"]].to_string())
for failure in results.failures:
    print(failure.cohort, *failure.problems, sep="\n  ")
