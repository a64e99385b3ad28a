"""Populations: the part of a cohort that is chosen before the analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeGuard

from strata.errors import Problem, UsageError
from strata.signatures import Needs, Predicate, Reference, Several, Signature, needs_of_rule

__all__ = ["EVERYONE", "Population", "one_population", "parse_population", "plan_populations"]


@dataclass(frozen=True, slots=True)
class Population:
    """A population by name; no predicate means everyone.

    Parameters
    ----------
    name : str
        ``all``, a signature id, or ids joined by ``&``.
    predicate : Predicate or None
    """

    name: str
    predicate: Predicate | None

    def needs(self, library: Mapping[str, Signature]) -> Needs:
        """What membership needs."""
        return Needs() if self.predicate is None else needs_of_rule(self.predicate, library)


EVERYONE = Population("all", None)


def parse_population(text: str, library: Mapping[str, Signature]) -> Population:
    """The population that ``text`` names: signature ids joined by ``&``, or ``all``.

    Raises
    ------
    UsageError
        When an id is not in the library; the message suggests near ones.
    """
    if text.strip() == "all":
        return EVERYONE
    ids = [part.strip() for part in text.split("&")]
    unknown = [name for name in ids if name not in library]
    if unknown:
        raise UsageError(
            [Problem("population", f"no signature '{name}'", _suggest(name, library), code="E616") for name in unknown]
        )
    return _conjunction([Population(name, Reference(signature=name)) for name in ids])


def one_population(signature: Signature, requested: str | None, library: Mapping[str, Signature]) -> Population:
    """The one population in which ``stratify`` takes a signature: everyone in any of those of ``plan_populations``."""
    panels = plan_populations(signature, [] if requested is None else [requested], library)
    if len(panels) == 1:
        return panels[0]
    parts = [panel.predicate for panel in panels if panel.predicate is not None]
    return Population(" | ".join(f"({panel.name})" for panel in panels), Several(kind="any", of=tuple(parts)))


def plan_populations(
    signature: Signature, requested: Sequence[str], library: Mapping[str, Signature]
) -> tuple[Population, ...]:
    """The populations in which a plan analyses a signature.

    Nothing requested: the signature's own, each panel by itself. A requested population is intersected with the
    signature's: it is that panel when it is one of them, else the panels inside it when there are some (er-negative &
    node-negative lies inside node-negative), else its part of each panel.
    """
    own = _panels(signature)
    if not requested:
        return own
    made: dict[frozenset[str], Population] = {}
    for text in requested:
        asked = parse_population(text, library)
        exact = [panel for panel in own if _ids(panel) == _ids(asked)]
        inside = [panel for panel in own if _ids(panel) > _ids(asked) > frozenset()]
        panels = exact or inside or own
        for panel in panels:
            both = _conjunction([asked, panel])
            made.setdefault(_ids(both), both)
    return tuple(made.values())


def is_own(population: Population, signature: Signature) -> bool:
    """Whether a population is one of the signature's, or everyone in any of them; everyone, where it has none."""
    own = [*_panels(signature), one_population(signature, None, {})]
    return any(_ids(population) == _ids(panel) for panel in own)


def _panels(signature: Signature) -> tuple[Population, ...]:
    return tuple(Population(_name(panel), panel) for panel in signature.panels) or (EVERYONE,)


def _conjunction(parts: Sequence[Population]) -> Population:
    """All of ``parts`` at once, each named id once and in order."""
    unique: dict[str, Predicate] = {}
    for part in parts:
        for predicate in _parts(part):
            unique.setdefault(_name(predicate), predicate)
    if not unique:
        return EVERYONE
    predicates = tuple(unique.values())
    return Population(" & ".join(unique), predicates[0] if len(predicates) == 1 else Several(kind="all", of=predicates))


def _parts(population: Population) -> tuple[Predicate, ...]:
    if population.predicate is None:
        return ()
    return population.predicate.of if _is_conjunction(population.predicate) else (population.predicate,)


def _name(predicate: Predicate) -> str:
    if _is_conjunction(predicate):
        return " & ".join(_name(part) for part in predicate.of)
    return str(predicate)


def _is_conjunction(predicate: Predicate) -> TypeGuard[Several]:
    return isinstance(predicate, Several) and predicate.kind == "all"


def _ids(population: Population) -> frozenset[str]:
    return frozenset(_name(part) for part in _parts(population))


def _suggest(name: str, library: Mapping[str, Signature]) -> str:
    near = get_close_matches(name, library, n=1)
    return f"Did you mean '{near[0]}'?" if near else "`strata signatures list` prints all of them"
