"""Thresholds of matching by name that are calibrated, and what counts as evidence beside a name where nothing is said.

With this score, this margin and one piece of evidence 4 of 2,743 links by name were wrong. No score makes a name alone
safe: namesakes and sister companies have the same one.
"""

from __future__ import annotations

from typing import Final

from queast_compiler.plan.connection import Evidence, NamePlan
from queast_dsl.entities import entity

AUTO_LINK: Final = 0.95
MARGIN: Final = 0.05
CORROBORATE: Final[tuple[Evidence, ...]] = ("country", "domain")
VETOES: Final[tuple[Evidence, ...]] = ("country", "city", "domain", "legal_form")
# Below it candidates are noise to the people who are asked.
REVIEW: Final = 0.8

# Which fields of an entity each piece of evidence is read from.
_READ_FROM: Final[dict[Evidence, tuple[str, ...]]] = {
    "country": ("country",),
    "city": ("city",),
    "domain": ("domain", "website_url"),
    "legal_form": ("legal_name",),
}


def calibrated(entity_name: str) -> NamePlan:
    """Return the plan of names of which nothing is said but that they are scored."""
    known = evidence_of(entity_name)
    corroborate: tuple[Evidence, ...] = tuple(each for each in CORROBORATE if each in known)
    vetoes: tuple[Evidence, ...] = tuple(each for each in VETOES if each in known)
    return NamePlan(REVIEW, AUTO_LINK, MARGIN, corroborate, vetoes)


def evidence_of(entity_name: str) -> tuple[Evidence, ...]:
    """`company`  ->  everything; of a person what a person has."""
    names = set(entity(entity_name).names)
    return tuple(each for each, fields in _READ_FROM.items() if not names.isdisjoint(fields))
