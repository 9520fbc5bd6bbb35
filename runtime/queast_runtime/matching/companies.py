"""A company as the rule by name compares it, read from our entity and from the CRM's record alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from queast_dsl.names import CompanyName, read_company_name
from queast_dsl.names.countries import read_country
from queast_dsl.names.synonyms import JOINING, SYNONYMS
from queast_dsl.names.words import read_words

# What stands before a domain among the tokens of an index; no word of a name has it.
DOMAIN_MARK: Final = "@"


@dataclass(frozen=True, slots=True)
class Company:
    """`words` of the name without legal form, `forms` canonical. `country` is an ISO code, `city` plain words, `domain`
    registrable; None where there is none that can be read. `lookalike` and `disguised` are those of CompanyName."""

    words: tuple[str, ...]
    forms: tuple[str, ...] = ()
    country: str | None = None
    city: str | None = None
    domain: str | None = None
    lookalike: str | None = None
    disguised: str | None = None

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def tokens(self) -> tuple[str, ...]:
        """What the words say, each once, in the order of the name: `société de banque`  ->  society, bank."""
        return tuple(dict.fromkeys(tokens_of(self.words)))

    @property
    def postings(self) -> tuple[str, ...]:
        """Under what an index files the company: its tokens, and its domain behind DOMAIN_MARK."""
        return (*self.tokens, DOMAIN_MARK + self.domain) if self.domain else self.tokens


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A record as an index keeps it. A store may keep rows, their postings and how many rows have each posting in
    tables of its own, and make an index of them without reading a name again."""

    id: str
    company: Company

    def as_json(self) -> dict[str, Any]:
        """Return JSON-able data; what is empty is left out."""
        company = self.company
        fields = {
            "words": list(company.words),
            "forms": list(company.forms),
            "country": company.country,
            "city": company.city,
            "domain": company.domain,
            "lookalike": company.lookalike,
            "disguised": company.disguised,
        }
        return {"id": self.id, **{key: value for key, value in fields.items() if value}}


def row_from_json(data: Mapping[str, Any]) -> IndexRow:
    """Return the row that `as_json` gave."""
    return IndexRow(
        data["id"],
        Company(
            tuple(data.get("words", ())),
            tuple(data.get("forms", ())),
            data.get("country"),
            data.get("city"),
            data.get("domain"),
            data.get("lookalike"),
            data.get("disguised"),
        ),
    )


def read_company(name: str, country: str = "", city: str = "", domain: str | None = None) -> Company:
    """Read what is known of a company: texts as people wrote them, and the `domain` as `keys.domain_key` gives it.

    An empty or unreadable text counts as unknown; nothing fails.
    """
    read: CompanyName = read_company_name(name)
    return Company(
        read.words,
        read.forms,
        read_country(country) if country else None,
        _city(city) if city else None,
        domain or None,
        read.lookalike,
        read.disguised,
    )


def tokens_of(words: tuple[str, ...]) -> list[str]:
    """Return what each word says, joining words left out; all as they are where there is nothing else."""
    return [SYNONYMS.get(word, word) for word in words if word not in JOINING] or list(words)


@lru_cache(maxsize=16_384)
def _city(text: str) -> str | None:
    return " ".join(read_words(text).words) or None
