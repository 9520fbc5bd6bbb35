"""What an expression may name, what it is for, and what comes out of compiling it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from queast_compiler.plan.ir import Expr
from queast_dsl.document.connector import PropertyType
from queast_dsl.document.mapping import Table
from queast_dsl.entities import entity as entity_shape
from queast_dsl.entities import event_data
from queast_dsl.source import Span
from queast_dsl.types import ListType, ObjectType, Property, Type


@dataclass(frozen=True, slots=True)
class Destination:
    """The property that a value is for. It steers help texts and the check for bare words, nothing else."""

    property: str
    type: PropertyType
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sink:
    """Where what an expression gives, or decides, ends up. `rule` is the mapping's dotted path of the expression,
    `object` what takes it at the destination, `span` where the mapping says so."""

    rule: str
    object: str
    span: Span


@dataclass(frozen=True, slots=True)
class Environment:
    """`roots` are the keys of the event's `data`, `aliases` names that stand for a path (`company` -> ("signal",
    "company")), `variables` names bound by `each:` and `for`, with `sources` saying which event paths their items come
    from. `granted` are dotted person paths that the mapping's `pii:` block names, `optional_roots` may be missing.
    `remembers`: what was last delivered is known here, so that `changed(path)` has an answer. `sink` is None where
    nothing leaves.
    """

    roots: Mapping[str, ObjectType]
    aliases: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Table]
    granted: frozenset[str]
    optional_roots: frozenset[str] = frozenset()
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    remembers: bool = False
    sink: Sink | None = None

    def at(self, *steps: str) -> Environment:
        """`routes.persons`, at("fields", "mail")  ->  the same, for the expression at routes.persons.fields.mail"""
        if self.sink is None:
            return self
        return replace(self, sink=replace(self.sink, rule=".".join((self.sink.rule, *steps))))

    def property_at(self, words: Sequence[str]) -> Property | None:
        """Return the field of an entity that a plain path names, None where there is none.

        `("company", "address", "city")` in a signal's route  ->  the city of the signal's company
        """
        root, *steps = (*self.aliases.get(words[0], (words[0],)), *words[1:])
        shape = self.roots.get(root)
        found: Property | None = None
        for step in steps:
            found = shape.get(step) if shape is not None else None
            if found is None:
                return None
            inner = found.type.item if isinstance(found.type, ListType) else found.type
            shape = inner if isinstance(inner, ObjectType) else None
        return found

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.roots, *self.aliases, *self.variables)


@dataclass(frozen=True, slots=True)
class Typed:
    """A compiled expression. `reads` are dotted event paths, `labels` what all that chose the value says of persons,
    `origins` the event paths that an object (or the objects of a list) may be taken from whole.
    """

    ir: Expr
    type: Type
    nullable: bool
    labels: frozenset[str]
    reads: frozenset[str]
    origins: frozenset[str] = frozenset()


def environment(
    entity: str, tables: Mapping[str, Table], granted: frozenset[str], *, remembers: bool = False
) -> Environment:
    """Return what an expression about an entity sees. KeyError for an entity that Queast does not have.

    environment("signal", …)  ->  roots signal; `company` stands for `signal.company`
    """
    keys = event_data(entity)
    roots = {key: entity_shape(key) for key, _ in keys}
    embedded = roots[entity].get("company")
    aliases: dict[str, tuple[str, ...]] = {}
    if "company" not in roots and embedded is not None and isinstance(embedded.type, ObjectType):
        aliases["company"] = (entity, "company")
    optional = frozenset(key for key, may_be_missing in keys if may_be_missing)
    return Environment(roots, aliases, tables, granted, optional, remembers=remembers)
