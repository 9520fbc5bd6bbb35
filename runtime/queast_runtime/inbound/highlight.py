"""A "company interest highlight" read from what a sender signed.

{"type": "company.interest_highlighted", "id": "hl_1", "company": {"name": "Nordic Data AS", …}, …}  ->  Highlight
What is signed and is of another type, or about no company, is none of our business: it is acknowledged and nothing
happens. A highlight of a company that cannot be read is refused, so that its sender learns of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from queast_runtime.matching.keys import domain_key, name_key

TYPE: Final = "company.interest_highlighted"
# As `highlight.schema.json` bounds them.
_LENGTHS: Final = {"id": 200, "name": 200, "domain": 2048, "country": 2, "city": 100, "note": 2000}

Why = Literal["no body", "not an object", "another type", "about no company"]
Fault = Literal[
    "no id",
    "no time of occurrence",
    "no object as its company",
    "no name of the company",
]


@dataclass(frozen=True, slots=True)
class HighlightedCompany:
    """The company as the sender knows it; None for what it does not say, or not readably. `domain` is registrable,
    `country` two capital letters."""

    partner_id: str | None
    name: str
    domain: str | None
    country: str | None
    city: str | None


@dataclass(frozen=True, slots=True)
class Highlight:
    """`roots` is what a note's expression sees: `highlight` without keys that the schema does not have."""

    id: str
    occurred_at: datetime
    company: HighlightedCompany
    roots: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotHighlight:
    """A signed message that asks for nothing that we do."""

    reason: Why


@dataclass(frozen=True, slots=True)
class Malformed:
    """It says that it is the highlight of a company, and lacks what one must have."""

    reason: Fault


def read_highlight(value: Any) -> Highlight | NotHighlight | Malformed:
    """Read a parsed body; None is a body without anything in it."""
    if value is None:
        return NotHighlight("no body")
    if not isinstance(value, dict):
        return NotHighlight("not an object")
    if value.get("type") != TYPE:
        return NotHighlight("another type")
    if value.get("company") is None:
        return NotHighlight("about no company")
    identity, occurred_at, company = _text(value, "id"), _moment(value.get("occurred_at")), value.get("company")
    if identity is None:
        return Malformed("no id")
    if occurred_at is None:
        return Malformed("no time of occurrence")
    if not isinstance(company, dict):
        return Malformed("no object as its company")
    name = _text(company, "name")
    if name is None or name_key(name) is None:
        return Malformed("no name of the company")
    country = _text(company, "country")
    known = HighlightedCompany(
        partner_id=_text(company, "id"),
        name=name,
        domain=domain_key(_text(company, "domain")),
        country=country.upper() if country is not None and country.isascii() and country.isalpha() else None,
        city=_text(company, "city"),
    )
    shown = {key: each for key in ("id", "name", "domain", "city") if (each := _text(company, key)) is not None}
    roots = {
        "id": identity,
        "type": TYPE,
        "occurred_at": value["occurred_at"],
        "company": shown if known.country is None else {**shown, "country": known.country},
    }
    note = _text(value, "note")
    return Highlight(identity, occurred_at, known, {"highlight": roots if note is None else {**roots, "note": note}})


def _text(holder: dict[str, Any], key: str) -> str | None:
    """Return a text of the length that the schema allows, without blanks around it; everything else is unknown."""
    value = holder.get(key)
    if not isinstance(value, str):
        return None
    plain = value.strip()
    # A country is two letters, and one that is longer is not the beginning of one that fits.
    fits = 0 < len(plain) <= _LENGTHS[key] and (key != "country" or len(plain) == _LENGTHS[key])
    clean = all(unicodedata.category(sign) != "Cc" for sign in plain) or key == "note"
    return plain if fits and clean else None


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
