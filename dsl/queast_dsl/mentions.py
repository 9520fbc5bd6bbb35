"""Which texts of a signal's event may name somebody, and are rewritten where no grant covers the name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from queast_dsl.entities import entity
from queast_dsl.types import ListType, ObjectType, Property, StrType, Type

# The texts in which mentions point.
TEXTS: Final[tuple[str, ...]] = ("title", "summary")
# Of a signal's own properties these say nothing in words; what is the company's is public.
NO_WORDS: Final[tuple[str, ...]] = ("id", "company", "mentions")
# Of an object inside a signal, such as its job ad.
NO_WORDS_INSIDE: Final[tuple[str, ...]] = ("id", "company_id")


def is_told(prop: Property) -> bool:
    """Whether a property of a company is told in words of somebody's own; all else of a company is public."""
    return "free_text" in prop.labels


@cache
def texts_with_names() -> frozenset[str]:
    """Return the event paths of a signal whose texts are rewritten: `signal.title`, `signal.tags`,
    `signal.job_ad.title`, `signal.company.description`, …"""
    own = _inside(entity("signal"), "signal", NO_WORDS)
    company = (f"signal.company.{prop.name}" for prop in entity("company").properties if is_told(prop))
    return frozenset((*own, *company))


def _inside(shape: ObjectType, path: str, skip: Collection[str]) -> Iterator[str]:
    for prop in shape.properties:
        if prop.name not in skip:
            yield from _of(prop.type, f"{path}.{prop.name}")


def _of(type_: Type, path: str) -> Iterator[str]:
    match type_:
        case ObjectType():
            yield from _inside(type_, path, NO_WORDS_INSIDE)
        case ListType(item=item):
            yield from _of(item, path)
        case StrType(format=None | "uri"):
            yield path
        case _:
            pass
