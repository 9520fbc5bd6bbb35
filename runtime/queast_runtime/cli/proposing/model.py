"""What may be read of ours, what an account takes, and what is proposed to bring the one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from queast_compiler.passes.properties import Property
from queast_dsl.types import Type
from queast_runtime.cli.proposing.words import Name


@dataclass(frozen=True, slots=True)
class Source:
    """Something of ours. `expression` reads it, `names` is what it goes by. `held_back` says why it is
    never proposed without a person's word, None where it may be."""

    path: str
    expression: str
    type: Type
    names: tuple[Name, ...]
    max_length: int | None = None
    held_back: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A table for `lookup`: options by our values. `open` are our values that no option is called like, `wider` those
    whose option says more than they do."""

    name: str
    rows: Mapping[str, str]
    open: tuple[str, ...]
    wider: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One field. `score` is from 0 to 1; `why` says what agrees; where it is not `is_active` it is a comment."""

    property: Property
    path: str
    expression: str
    score: float
    why: str
    is_active: bool
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A property that nothing is proposed for, and why."""

    property: Property
    why: str


@dataclass(frozen=True, slots=True)
class ObjectProposal:
    """What is proposed for one object of the destination. `names` is what each property is called in the mapping."""

    object: str
    entity: Literal["company", "person"]
    proposals: tuple[Proposal, ...]
    unmatched: tuple[Unmatched, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def required_missing(self) -> tuple[str, ...]:
        """Required properties that nothing is written to as it stands."""
        given = {each.property.name for each in self.proposals if each.is_active}
        others = [*(each.property for each in self.proposals), *(each.property for each in self.unmatched)]
        return tuple(sorted(each.name for each in others if each.required and each.name not in given))
