"""The five steps, one value each: read, score, stratify, compare, and the table at the end."""

from strata import compare_coexpression, compare_survival, read_cohort, score, stratify
from strata.simulate import synthetic_folder

# 1 read: any folder of tables, cohort YAML or cBioPortal study
cohort = read_cohort(synthetic_folder() / "figure2-breast" / "flat", name="figure2-breast")
print(f"{len(cohort.patients)} patients; endpoints {', '.join(cohort.endpoints)}")

# 2 score
scores = score(cohort, ["igf1r-sphk1-high", "igf1r-high"])
print(scores.values.describe().loc[["count", "mean", "std"]])

# 3 stratify: three-valued, unknown is never "low"
strata = stratify(cohort, "igf1r-high", population="er-positive")
print(strata.counts)

# 4 compare
result = compare_survival(cohort, strata, "DFS")
hazard = result.hazard_ratio
if hazard is None:
    print("not estimable:", result.comparisons[0].notes)
else:
    print(f"IGF1R high against the rest: HR {hazard.value:.2f} ({hazard.lower:.2f}-{hazard.upper:.2f})")

# the co-expression question, answered in full: the pair, each gene alone, and the interaction
pair = compare_coexpression(cohort, "igf1r-sphk1-high", "DFS", population="er-positive")
print(pair.to_frame()[["comparison", "n", "events", "hazard_ratio", "log_rank_p", "note"]].to_string())

# cut-points are values: save them, cite them, apply them to another cohort
for cut in strata.cut_points.cuts:
    print(f"{cut.rule} of {cut.number}: {cut.value:.4f} over {cut.n} patients")
