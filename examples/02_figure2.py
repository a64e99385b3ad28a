"""Figure 2 from Python: the same as `strata figure2 COHORT --out DIR`."""

import sys
import tempfile
from pathlib import Path

from strata.analysis import run_plan
from strata.report import Drawing, figure2_plan, run_to_folder
from strata.simulate import synthetic_folder

out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "figure2"

plan, signature, choice = figure2_plan(str(synthetic_folder() / "figure2-breast" / "cbioportal"), name="figure2-breast")
print(choice)
results = run_to_folder(
    lambda: run_plan(plan, signatures=[signature]),
    out,
    drawing=Drawing(caption=("Synthetic data: no biological meaning, reproduces no paper.",)),
)
table = results.to_frame()
print(table[["population", "endpoint", "comparison", "n", "events", "hazard_ratio", "log_rank_p"]].to_string())
print(f"figure: {out / 'figure2.png'}")
