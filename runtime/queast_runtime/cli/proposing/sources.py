"""Everything of an entity that a property can be filled with, out of the entity's schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from queast_dsl.entities import entity
from queast_dsl.pii import needs_grant
from queast_dsl.types import DateType, IntType, ListType, ObjectType, StrType, Type, max_length
from queast_runtime.cli.proposing.model import Source
from queast_runtime.cli.proposing.words import name

# Queast's own book-keeping: what it is for, no account has a property for by chance.
_OWN: Final = frozenset(
    {"id", "sequence", "do_not_export", "created_at", "updated_at", "parent_company_id", "company_id"}
)
_ALSO: Final = {
    "company.organization_number": ("registration number", "vat number", "company registration"),
    "company.employee_count": ("employees", "headcount", "number of employees", "company size"),
    "company.employee_count_change_12m": ("employee growth", "headcount growth", "growth"),
    "company.linkedin_url": ("linkedin", "linkedin company page", "linkedin profile"),
    "company.website_url": ("website", "website url"),
    "company.domain": ("domain", "domain name", "email domain", "website domain"),
    "company.revenue": ("annual revenue", "revenue", "yearly revenue"),
    "company.founded_on": ("founded", "date founded", "founded on", "founding date"),
    "company.phone": ("phone", "phone number"),
    "company.legal_name": ("legal name", "registered name"),
    "company.region": ("state region", "region"),
    "company.country": ("country", "country region", "country code"),
    "company.address.street": ("street", "street address", "address line 1"),
    "company.address.postal_code": ("postal code", "zip"),
    "company.technologies": ("technologies", "tech stack", "technologies used"),
    "person.full_name": ("name", "full name", "contact name"),
    "person.email": ("email", "email address", "work email"),
    "person.job_title": ("job title", "title", "position"),
}


@cache
def sources(of: str) -> tuple[Source, ...]:
    """Return what can be read of `company` or `person`. Raises KeyError for another name."""
    return tuple(_inside(entity(of), of))


def _inside(shape: ObjectType, path: str) -> Iterator[Source]:
    for prop in shape.properties:
        if prop.name in _OWN:
            continue
        inner = f"{path}.{prop.name}"
        # The head office says these already; twice the same is asked about twice.
        if isinstance(prop.type, ObjectType):
            yield from (
                each for each in _inside(prop.type, inner) if each.path.rpartition(".")[2] not in _said_above(path)
            )
            continue
        held_back = _held_back(path, inner, prop.labels)
        names = (name(inner.partition(".")[2]), *map(name, _ALSO.get(inner, ())))
        yield Source(inner, inner, prop.type, names, max_length(prop.type), held_back)
        if isinstance(prop.type, DateType):
            year = f"year {prop.name.removesuffix('_on')}"
            yield Source(inner, f"year({inner})", IntType(), (name(year),), None, held_back)
        if isinstance(prop.type, ListType) and isinstance(prop.type.item, StrType):
            yield Source(inner, f"join({inner}, ', ')", _TEXT, names, None, held_back)


_TEXT: Final[Type] = StrType()


def _said_above(path: str) -> frozenset[str]:
    return frozenset(each.name for each in entity(path).properties) if "." not in path else frozenset()


def _held_back(path: str, inner: str, labels: frozenset[str]) -> str | None:
    if path.partition(".")[0] == "person" or needs_grant(inner, labels):
        return "personal data: it needs a pii: block with basis, purpose and fields"
    if "free_text" in labels:
        return "free text may name persons: it needs a grant by the policy"
    return None
