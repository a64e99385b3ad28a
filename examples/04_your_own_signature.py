"""A signature of your own: a YAML file, checked, scored and compared like the shipped ones."""

from pathlib import Path

from strata import compare_survival, read_cohort, stratify
from strata.signatures import explain, lint, signature_library
from strata.simulate import synthetic_folder

folder = Path(__file__).with_name("04_signatures")
problems = lint(folder)
print("problems:", *problems or ["none"])

library = signature_library(folders=[folder])
signature = library["proliferating-esr1-low"]
print(explain(signature))

cohort = read_cohort(synthetic_folder() / "figure2-breast" / "flat", name="figure2-breast")
strata = stratify(cohort, signature, library=library)
print(strata.population, strata.counts)
print(compare_survival(cohort, strata, "OS").to_frame().T.to_string())
