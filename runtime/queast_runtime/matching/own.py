"""Queast's own companies as the mirror keeps them, so that the rules which find a CRM's records find them, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from queast_runtime.matching.keys import domain_key, linkedin_key, name_key
from queast_runtime.ports.rows import MirrorCard, MirrorRecord

# The tokens of a company's name, as the index by name keeps them.
TokensOf = Callable[[MirrorCard], tuple[str, ...]]


# What a record is made of.
_SAID = ("name", "domain", "website_url", "linkedin_url", "country", "city")


def no_tokens(_: MirrorCard) -> tuple[str, ...]:
    """Without an index by name a company is found by its exact keys alone."""
    return ()


def own_record(company_id: str, state: Mapping[str, Any], tokens_of: TokensOf = no_tokens) -> MirrorRecord:
    """Return a company's state as a record.

    `{"name": "Acme ASA", "domain": "www.acme.no", …}`  ->  keys name `acme asa`, domain `acme.no`, external_id …
    """
    domain = domain_key(state.get("domain")) or domain_key(state.get("website_url"))
    keys = {
        "external_id": company_id,
        "domain": domain,
        "linkedin": linkedin_key(state.get("linkedin_url")),
        "name": name_key(state.get("name")),
    }
    card = MirrorCard(
        name=_text(state.get("name")),
        country=_text(state.get("country")),
        city=_text(state.get("city")),
        domain=domain,
    )
    return MirrorRecord(
        company_id, {kind: (value,) for kind, value in keys.items() if value is not None}, card, tokens_of(card)
    )


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two states of a company make the same record."""
    return all(one.get(key) == other.get(key) for key in _SAID)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
