"""Nothing that is read can run: not as Python, not in a shell, not in a spreadsheet, not in a page."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from strata.errors import StrataError

CALLS = {
    *("eval", "exec", "compile", "__import__"),
    *("os.system", "os.popen", "os.execv", "os.spawnv", "yaml.load", "yaml.unsafe_load", "pd.read_pickle", "pd.eval"),
    *("joblib.load", "tempfile.mktemp", "shutil.unpack_archive", "np.fromfile"),
}
MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "shelve",
    "marshal",
    "tarfile",
    "yaml",
    "xml",
    "telnetlib",
    "ctypes",
}
METHODS = {"extractall", "query", "eval", "to_pickle"}

OWN_XML = "svg.py"
"""Of a report page: it parses figures that the same run has drawn, and nothing else."""


def sources(root: Path) -> list[Path]:
    return sorted((root / "src").rglob("*.py"))


def dotted(node: ast.expr) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def faults(tree: ast.AST) -> list[str]:
    """What of a source could run what it has read."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [name for name in names if name.partition(".")[0] in MODULES]
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            options = {keyword.arg: keyword.value for keyword in node.keywords}
            found += [name] if name in CALLS or name.rpartition(".")[2] in METHODS else []
            for option, wrong in (("shell", True), ("allow_pickle", True), ("typ", "unsafe"), ("typ", "rt")):
                value = options.get(option)
                found += [option] if isinstance(value, ast.Constant) and value.value == wrong else []
            # numpy's own default is to refuse pickles, but it says so nowhere
            found += ["np.load"] if name == "np.load" and "allow_pickle" not in options else []
    return found


@pytest.mark.parametrize(
    "code",
    [
        *(
            "eval(text)",
            "import pickle",
            "from yaml import load",
            "subprocess.run(text, shell=True)",
            "os.system(text)",
        ),
        *("YAML(typ='unsafe')", "np.load(path)", "np.load(path, allow_pickle=True)", "archive.extractall(path)"),
    ],
)
def test_the_search_finds(code):
    assert faults(ast.parse(code))


def test_no_source_runs_what_it_reads(root):
    assert len(sources(root)) > 300
    wrong = {path.name: found for path in sources(root) if (found := faults(ast.parse(path.read_text("utf-8"))))}
    assert wrong == {OWN_XML: ["xml.etree"]}


@pytest.mark.parametrize(
    "text",
    [
        "x: !!python/object/apply:os.system ['touch {mark}']\n",
        "x: !<tag:yaml.org,2002:python/object/new:os.system> [touch {mark}]\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    ],
)
@pytest.mark.parametrize("kind", ["plan", "signature", "cohort", "scenario"])
def test_tags_and_aliases_of_every_yaml_file_are_refused(tmp_path, text, kind):
    from strata.analysis import load_plan
    from strata.cohort import cohort_specs
    from strata.signatures import load_signatures
    from strata.simulate import load_scenario

    path, mark = tmp_path / "a-file.yaml", tmp_path / "mark"
    path.write_text(text.replace("{mark}", str(mark)))
    load = {
        "plan": load_plan,
        "signature": lambda file: load_signatures([file]),
        "cohort": cohort_specs,
        "scenario": load_scenario,
    }[kind]
    with pytest.raises(StrataError, match=r"tag .* is not allowed|anchors and aliases .* are not allowed"):
        load(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "name", ["../evil", "a/b", "a\\b", "con", "nul.txt", "a\x07b", "a\nb", ".", "..", "", "x" * 70, "-x"]
)
def test_no_name_leads_elsewhere(tmp_path, name):
    """Ids of signatures, of which populations are made, and names of cohorts become names of files."""
    from strata.analysis import CohortEntry, Plan
    from strata.cohort.spec import name_problem
    from strata.report.figures import file_names
    from strata.signatures import parse_signature
    from strata.stratification import parse_population

    assert name_problem(name)
    if name not in ("con", "x" * 70):
        # no file is called by the id of a signature alone
        with pytest.raises(StrataError):
            parse_signature({"name": "x", "positive": {"mrna": "A", "above": "median"}}, id=name, where="here")
    with pytest.raises(StrataError):
        parse_population(name, {})
    (safe,) = file_names([f"survival-{name}"])
    assert re.fullmatch(r"[A-Za-z0-9._-]+", safe)
    assert Path(safe).name == safe
    plan = Plan.checked(cohorts=[CohortEntry(path=str(tmp_path), name=name)])
    from strata.analysis import run_plan
    from strata.report import run_to_folder

    with pytest.raises(StrataError):
        run_to_folder(lambda: run_plan(plan), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


FORMULAS = ["=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", "a\tb", 'quote"d']


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A run on a cohort whose ids and words are formulas and HTML."""
    home = tmp_path_factory.mktemp("hostile")
    n = 120
    words = [FORMULAS[i % 5] for i in range(n)]
    clinical = pd.DataFrame(
        {
            "patient_id": [f"{FORMULAS[i % 5]}{i}" for i in range(n)],
            "site": words,
            "er_status": ["Positive" if i % 2 else "Negative" for i in range(n)],
            "os_months": [1.5 * i + 1 for i in range(n)],
            "os_event": [int(i % 3 == 0) for i in range(n)],
        }
    )
    cohort = home / "cohort"
    cohort.mkdir()
    clinical.to_csv(cohort / "clinical.tsv", sep="\t", index=False)
    values = pd.DataFrame({"patient_id": clinical["patient_id"], "IGF1R": [(i * 7 % 23) / 2 for i in range(n)]})
    values.to_csv(cohort / "mrna.tsv", sep="\t", index=False)
    (home / "mine.yaml").write_text(
        "id: mine\nname: '=cmd <script>alert(1)</script> & \"x\"'\npositive: {mrna: IGF1R, above: median}\nclaims: []\n"
    )
    (home / "plan.yaml").write_text("cohorts: [cohort]\nsignatures: [mine.yaml]\nendpoints: [OS]\nsubgroups: [site]\n")
    strata = Path(sys.executable).with_name("strata")
    ran = subprocess.run(
        [strata, "run", home / "plan.yaml", "--out", home / "out"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return home / "out", ran


def test_no_cell_of_a_table_is_a_formula(hostile):
    out, _ = hostile
    subgroups = pd.read_csv(out / "subgroups.tsv", sep="\t", dtype=str, keep_default_na=False)
    assert set(subgroups["level"]) == {"<script>alert(1)</script>", *(f"'{word}" for word in FORMULAS[:4])}
    for path in out.rglob("*.tsv"):
        for line in path.read_text().splitlines():
            for cell in line.split("\t"):
                number = re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?|-inf", cell)
                assert number or cell[:1] not in ("=", "+", "-", "@", "\r"), (path.name, cell)


def test_no_page_or_picture_runs_a_script(hostile):
    out, _ = hostile
    seen = 0
    for path in [*out.rglob("*.svg"), *out.rglob("*_mqc.json")]:
        text = path.read_text()
        assert "<script" not in text, path.name
        seen += 1
    assert seen > 3
    assert "&lt;script&gt;" in next(out.rglob("figures/survival-*.svg"), next(out.rglob("*.svg"))).read_text()


def test_nobody_is_named(hostile):
    out, ran = hostile
    ids = re.compile(r"calc'!A1\d|\+1\+1\d|-2\+3\d|@SUM\(A1\)\d|</script>\d")
    said = {path.name: path.read_text() for path in out.rglob("*") if path.suffix in (".tsv", ".json", ".svg", ".yml")}
    for name, text in {**said, "the streams": ran.stdout + ran.stderr}.items():
        assert not ids.search(text), name
    assert (out / "assignments.parquet").stat().st_mode & 0o777 == 0o600
    assert pd.read_parquet(out / "assignments.parquet")["patient"].str.contains(ids).sum() == 120
