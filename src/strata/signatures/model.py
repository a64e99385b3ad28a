"""The grammar of a signature file: strict, frozen pydantic models. What a rule means is in ``rules``.

Every node's text (``str``) is its canonical one-line form: ``mean(mrna IGF1R, mrna SPHK1)``. Learned cut-points are
kept under it, and users see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, model_validator

from strata.notebook import Summary
from strata.signatures.set_shapes import MethodName
from strata.signatures.shapes import (
    Comparator,
    NumberAssay,
    TokenAssay,
    check_once,
    check_parts,
    number_shape,
    predicate_shape,
)

Role = Literal["prognostic", "predictive", "pharmacodynamic", "diagnostic", "eligibility", "subtype", "mechanism"]
Effect = Literal["worse", "better", "sensitive", "resistant", "none", "associated"]
Evidence = Literal[
    "validated",
    "reported",
    "conflicting",
    "not-confirmed",
    "preclinical",
    "hypothesis",
    "eligibility-only",
    "definition",
]
Computable = Literal["proxy", "needs-list", "needs-assay"]

_WORDS: dict[str, str] = {"above": "above", "below": "below", "at_least": "at least", "at_most": "at most"}


def _number(value: float) -> str:
    """A number as short as it can be told from every other: texts of nodes are the keys of what is learned."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


class Node(BaseModel):
    """A part of a rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def children(self) -> Iterator[Node]:
        """The nodes directly inside this one."""
        for value in vars(self).values():
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield part

    def walk(self) -> Iterator[Node]:
        """The node itself and every node inside it."""
        yield self
        for child in self.children():
            yield from child.walk()


def feature_key(feature: str, at: str | None) -> str:
    """What a feature is called below the grammar: ``IGF1R``, at a time point ``IGF1R@post``."""
    return feature if at is None else f"{feature}@{at}"


class Leaf(Node):
    """``{ASSAY: FEATURE, at: TIMEPOINT}``: one feature's values, at a time point or without one."""

    node: Literal["Leaf"] = Field("Leaf", repr=False)
    assay: NumberAssay
    feature: StrictStr
    at: StrictStr | None = None

    @property
    def key(self) -> str:
        """The feature's name in the tables."""
        return feature_key(self.feature, self.at)

    @property
    def baseline(self) -> Leaf:
        """The same feature without a time point."""
        return Leaf(assay=self.assay, feature=self.feature)

    def __str__(self) -> str:
        return f"{self.assay} {self.feature}" + (f" at {self.at}" if self.at else "")


class Combine(Node):
    """``{mean|sum|diff|ratio: [NUMBER, ...]}``."""

    node: Literal["Combine"] = Field("Combine", repr=False)
    kind: Literal["mean", "sum", "diff", "ratio"]
    terms: tuple[NumberRule, ...]

    @model_validator(mode="after")
    def _check_terms(self) -> Combine:
        check_once([str(term) for term in self.terms], self.kind)
        return self

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(map(str, self.terms))})"


class Log(Node):
    """``{ln|log2: NUMBER}``."""

    node: Literal["Log"] = Field("Log", repr=False)
    kind: Literal["ln", "log2"]
    term: NumberRule

    def __str__(self) -> str:
        return f"{self.kind}({self.term})"


class Count(Node):
    """``{count: [PREDICATE, ...]}``: how many are true."""

    node: Literal["Count"] = Field("Count", repr=False)
    of: tuple[Predicate, ...]

    def __str__(self) -> str:
        return f"count({', '.join(map(str, self.of))})"


class Weight(Node):
    """One term of a weighted sum."""

    leaf: Leaf
    weight: float

    def __str__(self) -> str:
        return f"{_number(self.weight)}*{self.leaf}"


class Weighted(Node):
    """``{weighted: {ASSAY: {FEATURE: weight}}}``: the sum of weight times value."""

    node: Literal["Weighted"] = Field("Weighted", repr=False)
    terms: tuple[Weight, ...]

    def __str__(self) -> str:
        return f"weighted({', '.join(map(str, self.terms))})"


class GeneSet(Node):
    """``{genes: {up, down or table}, by: METHOD}``: the score of a gene list, named or spelled out."""

    node: Literal["GeneSet"] = Field("GeneSet", repr=False)
    up: StrictStr | tuple[StrictStr, ...] | None = None
    down: StrictStr | tuple[StrictStr, ...] | None = None
    table: StrictStr | None = None
    by: MethodName

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the gene lists that must be given."""
        return tuple(part for part in (self.up, self.down, self.table) if isinstance(part, str))

    def __str__(self) -> str:
        sides = {"up": self.up, "down": self.down, "": self.table}
        words = {side: part if isinstance(part, str) else "+".join(part) for side, part in sides.items() if part}
        return f"{self.by}({', '.join(f'{side} {text}'.strip() for side, text in words.items())})"


class OwnScore(Node):
    """``{score: self}``: stands for the signature's own score until the signature is whole."""

    node: Literal["OwnScore"] = Field("OwnScore", repr=False)

    def __str__(self) -> str:
        return "score self"


class Compare(Node):
    """NUMBER and one comparator: ``{mrna: IGF1R, above: median}``."""

    node: Literal["Compare"] = Field("Compare", repr=False)
    number: NumberRule
    comparator: Comparator
    cut: float | str

    def __str__(self) -> str:
        cut = self.cut if isinstance(self.cut, str) else _number(self.cut)
        return f"{self.number} {_WORDS[self.comparator]} {cut}"


class Is(Node):
    """``{ASSAY: FEATURE, at: TIMEPOINT, is: TOKEN}`` or a list of tokens, of which one is enough."""

    node: Literal["Is"] = Field("Is", repr=False)
    assay: TokenAssay
    feature: StrictStr
    at: StrictStr | None = None
    tokens: tuple[StrictStr, ...]

    @property
    def key(self) -> str:
        """The feature's name in the tables."""
        return feature_key(self.feature, self.at)

    def __str__(self) -> str:
        when = f" at {self.at}" if self.at else ""
        return f"{self.assay} {self.feature}{when} is {' or '.join(self.tokens)}"


class ClassOf(Node):
    """``{class: SCHEME, is: CLASS}`` or a list of classes, of which one is enough."""

    node: Literal["ClassOf"] = Field("ClassOf", repr=False)
    scheme: StrictStr
    classes: tuple[StrictStr, ...]

    def __str__(self) -> str:
        return f"class {self.scheme} is {' or '.join(self.classes)}"


class Several(Node):
    """``{all|any|first: [PREDICATE, ...]}``."""

    node: Literal["Several"] = Field("Several", repr=False)
    kind: Literal["all", "any", "first"]
    of: tuple[Predicate, ...]

    def __str__(self) -> str:
        if self.kind == "first":
            return f"(the first that is known of: {'; '.join(map(str, self.of))})"
        return "(" + {"all": " and ", "any": " or "}[self.kind].join(map(str, self.of)) + ")"


class Not(Node):
    """``{not: PREDICATE}``."""

    node: Literal["Not"] = Field("Not", repr=False)
    of: Predicate

    def __str__(self) -> str:
        return f"not {self.of}"


class Reference(Node):
    """``{signature: id}``: the other signature's ``positive``."""

    node: Literal["Reference"] = Field("Reference", repr=False)
    signature: StrictStr

    def __str__(self) -> str:
        return self.signature


NumberRule = Annotated[
    Leaf | Combine | Log | Count | Weighted | GeneSet | OwnScore,
    Field(discriminator="node"),
    BeforeValidator(number_shape),
]
Predicate = Annotated[
    Compare | Is | ClassOf | Several | Not | Reference,
    Field(discriminator="node"),
    BeforeValidator(predicate_shape),
]


class Claim(BaseModel):
    """What a source says about the signature; never a result of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role = Field(description="What the source claims the signature is for")
    drug: StrictStr | None = Field(None, description="The drug a predictive claim is about, and its comparator")
    endpoints: tuple[StrictStr, ...] = Field((), description="The endpoints the source used (DFS, OS, pCR ...)")
    effect: Effect | None = Field(None, description="What marker-positive patients have, by the source")
    evidence: Evidence = Field(description="How strong the source is; not-confirmed ships too")
    reported: StrictStr | None = Field(None, description="The source's numbers, as worded there")
    document: StrictStr | None = Field(None, description="Where the claim was read")
    literature: StrictStr | None = Field(None, description="The publication behind it")
    list: StrictStr | None = Field(None, description="Where a gene list comes from")
    note: StrictStr | None = Field(None, description="What a reader must know before using the claim")


class Signature(BaseModel):
    """A signature: who is marker-positive, in which population, and what its sources claim.

    Parameters
    ----------
    id : str
        Kebab-case; the name of its file.
    name : str
        Words for people.
    score : NumberRule, optional
        What ranks patients.
    positive : Predicate, optional
        Who is marker-positive. Absent only where ``computable`` is ``needs-assay``. ``score: self`` has already been
        replaced by the score.
    population, populations : Predicate and tuple of Predicate, optional
        Who the signature is about (one or several panels); everyone else is "not applicable".
    computable : {"proxy", "needs-list", "needs-assay"}, optional
        What plain tables lack; None when they are enough.
    claims : tuple of Claim
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[StrictStr, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64, description="The file's name")]
    name: Annotated[StrictStr, Field(min_length=1, description="Words for people")]
    score: NumberRule | None = Field(None, description="What ranks patients")
    positive: Predicate | None = Field(None, description="Who is marker-positive")
    population: Predicate | None = Field(None, description="Who the signature is about")
    populations: tuple[Predicate, ...] = Field((), description="Instead of population: several panels")
    computable: Computable | None = Field(None, description="Absent: plain tables are enough")
    claims: tuple[Claim, ...] = Field((), description="What the sources say")

    @model_validator(mode="after")
    def _check_parts(self) -> Signature:
        own = [part for part in self._rules() if any(isinstance(node, OwnScore) for node in part.walk())]
        check_parts(
            given={name for name in self.model_fields_set if getattr(self, name) not in (None, ())},
            empty={name for name in self.model_fields_set if getattr(self, name) is None},
            computable=self.computable,
            score_uses_itself=self.score in own,
            population_uses_score=any(panel in own for panel in self.panels),
            lacks_score=self.score is None and bool(own),
        )
        if self.score is not None and self.positive in own:
            object.__setattr__(self, "positive", _with_score(self.positive, self.score))
        return self

    def _rules(self) -> list[Node]:
        return [part for part in (self.score, self.positive, self.population, *self.populations) if part is not None]

    def _repr_html_(self) -> str:
        """What a notebook shows: the rule, and what the sources claim."""
        facts = {"positive": self.positive or "not computable from tables", "score": self.score}
        facts |= {"population": " | ".join(map(str, self.panels)), "computable": self.computable}
        columns = ("claim", "drug", "effect", "evidence", "endpoints", "source")
        rows = [
            (c.role, c.drug, c.effect, c.evidence, ", ".join(c.endpoints), c.literature or c.document)
            for c in self.claims
        ]
        return Summary(f"{self.id}: {self.name}", facts, columns, rows).html()

    @property
    def panels(self) -> tuple[Predicate, ...]:
        """The populations the signature is about: none, one or several."""
        return self.populations if self.population is None else (self.population,)


def _with_score(node: Any, score: NumberRule) -> Any:
    """``node`` with the signature's score in the place of ``score: self``."""
    if isinstance(node, OwnScore):
        return score
    if isinstance(node, tuple):
        return tuple(_with_score(part, score) for part in node)
    if not isinstance(node, Node):
        return node
    return node.model_copy(update={name: _with_score(getattr(node, name), score) for name in type(node).model_fields})


for _model in (Combine, Log, Count, Compare, Several, Not, Signature):
    _model.model_rebuild()
