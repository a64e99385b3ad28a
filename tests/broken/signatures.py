"""Signature files, in the grammar of signatures/."""

from __future__ import annotations

from broken.make import COMPARE, SIGNATURE, Bench, case

_RULE = "id: both-high\nname: x\npositive: {}\nclaims: []\n"


@case("E601", 4, "both-high.yaml:2:11: not valid YAML: mapping values are not allowed here", "in quotes")
def g01_yaml_syntax(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("name: IGF1R and", "name: PTEN: loss,"))


@case("E601", 4, "both-high.yaml:4:1: not valid YAML", "Indent with spaces, not tabs")
def g01_yaml_syntax__tab(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("  all:", "\tall:"))


@case("E602", 4, "both-high.yaml:2:7: the YAML tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed")
def g02_yaml_tag(bench: Bench) -> None:
    bench.rule(f"id: both-high\nname: !!python/object/apply:os.system ['touch {bench.folder}/pwned']\n")


@case("E603", 4, "both-high.yaml:1:5: YAML anchors and aliases (& *) are not allowed")
def g03_yaml_bomb(bench: Bench) -> None:
    bombs = [f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 10)]
    bench.rule("\n".join(["b0: &b0 x", *bombs]))


@case("E604", 4, "both-high.yaml:1:", "nested deeper than 20 levels")
def g04_yaml_deep(bench: Bench) -> None:
    bench.rule("x: " + "[" * 3000 + "]" * 3000)


@case("E605", 4, "both-high.yaml:3:1: key 'name' is given twice (first on line 2)")
def g05_dup_key(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("positive:", "name: again\npositive:"))


@case("E606", 4, "both-high.yaml:5: positive.all[0]", "'abov'", "Did you mean 'above'?")
def g06_unknown_key(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("IGF1R, above", "IGF1R, abov"))


@case("E607", 4, "both-high.yaml:5:14: NO without quotes is a boolean to many YAML readers", "Quote it: 'NO'")
def g07_norway(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("{mrna: IGF1R", "{mrna: NO"))


@case("E608", 4, "both-high.yaml:5: positive.all[0].above: cut '1:30' is not a number")
def g08_number_trap(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("IGF1R, above: median", "IGF1R, above: 1:30"))


@case(
    "E608", 4, "positive.all[0].above: cut '1_000' is not a number", "positive.all[1].above: cut '017' is not a number"
)
def g08_number_trap__octal(bench: Bench) -> None:
    bench.rule(SIGNATURE.replace("median", "1_000", 1).replace("median", "017", 1))


@case("E609", 4, "both-high.yaml: expected one mapping, found nothing")
def g09_empty(bench: Bench) -> None:
    bench.rule("")


@case("E609", 4, "both-high.yaml: expected one mapping, found a list")
def g09_empty__list(bench: Bench) -> None:
    bench.rule("- id: both-high\n")


@case("E609", 4, "both-high.yaml:8:1: a second YAML document starts here")
def g09_empty__two(bench: Bench) -> None:
    bench.rule(SIGNATURE + "---\nid: x\n")


@case("E610", 4, "both-high.yaml: name: 'name' is required", "both-high.yaml: id: 'id' is required")
def g10_missing_field(bench: Bench) -> None:
    bench.rule("positive: {mrna: IGF1R, above: median}\n")


@case("E610", 4, "'positive' is required")
def g10_missing_field__rule(bench: Bench) -> None:
    bench.rule("id: both-high\nname: x\n")


@case(
    "E611",
    4,
    "more/both-high.yaml: 'both-high' is already in ",
    "Rename one of the files",
    run="score {cohort} {signature} more/both-high.yaml --out {out}",
)
def g11_dup_name(bench: Bench) -> None:
    (bench.folder / "more").mkdir()
    (bench.folder / "more" / "both-high.yaml").write_text(SIGNATURE)


@case("E612", 4, "positive.genes.up", "empty")
def g12_empty_genes(bench: Bench) -> None:
    bench.rule(_RULE.format("{genes: {up: []}, by: mean, above: median}"))


@case("E612", 4, "positive.weighted.mrna.IGF1R", "a weight is a number, found the text '.nan'")
def g12_empty_genes__nan_weight(bench: Bench) -> None:
    bench.rule(_RULE.format("{weighted: {mrna: {IGF1R: .nan, SPHK1: 1}}, above: median}"))


@case("E613", 4, "positive.genes.up", "'IGF1R' is listed twice")
def g13_dup_gene(bench: Bench) -> None:
    bench.rule(_RULE.format("{genes: {up: [IGF1R, IGF1R]}, by: mean, above: median}"))


@case("E614", 4, "both-high.yaml:3: positive.above", "quantile 'q150' must be between 1 and 100 per cent")
def g14_cut_range(bench: Bench) -> None:
    bench.rule(_RULE.format("{mrna: IGF1R, above: q150}"))


@case("", 0, "P", "corrected for the search", run=COMPARE + " --cut optimal")
def g15_optimal_no_correction(bench: Bench) -> None:
    """Without an ``adjust`` key: the searched cut is always corrected, and the naive P is not printed."""
    bench.rule(_RULE.format("{mrna: IGF1R, above: median}"))


@case(
    "E616",
    4,
    "a.yaml:3: positive: signatures refer to each other in a circle: 'a' -> 'b' -> 'a'",
    run="score {cohort} {signature} b.yaml --out {out}",
)
def g16_cycle(bench: Bench) -> None:
    for name, other in (("b", "a"), ("a", "b")):
        bench.rule(_RULE.format(f"{{signature: {other}}}").replace("both-high", name), name)


@case("E616", 4, "both-high.yaml:3: positive.signature: unknown signature 'er-positve'", "Did you mean 'er-positive'?")
def g16_cycle__unknown(bench: Bench) -> None:
    bench.rule(_RULE.format("{signature: er-positve}"))


@case("E606", 4, "both-high.yaml:8: include: unknown key 'include'")
def g17_include_path(bench: Bench) -> None:
    bench.rule(SIGNATURE + "include: ../../etc/passwd\n")


@case("E618", 4, "both-high.yaml:3: positive: a rule is expected, found the text", "Rules are data, not text")
def g18_expr_injection(bench: Bench) -> None:
    bench.rule(_RULE.format("\"__import__('os').system('id')\""))


@case("", 1, "the cohort has no protein table", run="score {cohort} {signature} --out {out}")
def g19_modality_missing(bench: Bench) -> None:
    bench.rule(_RULE.format("{protein: EIF4EBP1_pS65, above: median}"))


@case(
    "E618", 4, "both-high.yaml:3: positive.mrna", "'(a+)+$' is not the name of a feature", "Patterns are not supported"
)
def g20_redos(bench: Bench) -> None:
    bench.rule(_RULE.format("{mrna: '(a+)+$', above: median}"))
