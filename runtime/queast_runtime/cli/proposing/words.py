"""What properties are called, brought to one form, and how near two such names are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rapidfuzz.fuzz import token_sort_ratio

# Said of every property alike, or by whose it is: it tells none from another.
_EMPTY: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "of",
        "in",
        "for",
        "our",
        "their",
        "its",
        "hs",
        "hubspot",
        "queast",
        "crm",
        "custom",
        "cf",
        "c",
        "field",
        "property",
        "value",
        "company",
        "companies",
        "organization",
        "organisation",
        "organizations",
        "org",
        "business",
        "account",
        "firm",
        "at",
        "by",
        "total",
        "full",
        "current",
    ]
)
# One word for each idea; what people call it, in a few languages.
_ONE: Final[dict[str, str]] = {
    spoken: word
    for word, others in {
        "name": "title label navn namn nimi",
        "legal": "registered official juridical juridisk",
        "registration": "registry register orgnr orgno organisasjonsnummer regno organizationnumber",
        "number": "no nr num numberof count amount qty antall antal",
        "domain": "domene domän hostname host",
        "website": "web site url homepage www webpage webaddress websiteurl nettside webbplats hjemmeside hemsida",
        "linkedin": "linkedinurl linkedinpage",
        "phone": "telephone tel telefon switchboard phonenumber mobil",
        "country": "land nation countryregion",
        "region": "state province county fylke län lan",
        "city": "town locality municipality sted stad ort by",
        "street": "address street_address addressline gate adresse adress gatuadress line1",
        "postal": "zip zipcode postcode postalcode plz postnummer postnr",
        "industry": "sector branch vertical bransje bransch industri",
        "employee": "employees staff headcount head numberofemployees workforce personnel ansatte anställda size fte",
        "revenue": "turnover sales annualrevenue omsetning omsättning income",
        "currency": "valuta",
        "founded": "foundation established incorporated incorporation founding since stiftet grundad",
        "year": "yr år",
        "date": "day on dato datum",
        "description": "about summary bio overview beskrivelse beskrivning profile text",
        "technology": "technologies tech techstack stack tools technographics",
        "growth": "change trend increase",
        "email": "mail epost",
        "first": "given fornavn förnamn",
        "last": "family sur surname etternavn efternamn lastname",
        "job": "role position stilling",
        "bookmarked": "bookmark starred favourite favorite interest",
    }.items()
    for spoken in others.split()
}
_PARTS: Final = re.compile(r"[A-ZÅÄÖÆØ]?[a-zåäöæøéü]+|[A-ZÅÄÖÆØ]+(?![a-zåäöæøéü])|[0-9]+")


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called: `spoken` as it is written, in small letters, and as `words` of one form."""

    spoken: str
    words: tuple[str, ...]


def name(text: str) -> Name:
    """`numberOfEmployees  ->  Name("number of employees", (number, employee))`"""
    return Name(" ".join(each.casefold() for each in _PARTS.findall(text)), words(text))


def words(text: str) -> tuple[str, ...]:
    """`numberOfEmployees  ->  (number, employee)`; what every property is called is left out, unless that is all."""
    parts = [each.casefold() for each in _PARTS.findall(text)]
    told = [_one(each) for each in parts if each not in _EMPTY]
    return tuple(dict.fromkeys(told)) or tuple(map(_one, parts))


def _one(word: str) -> str:
    known = _ONE.get(word)
    if known is not None:
        return known
    return word.removesuffix("s") if len(word) > 4 else word


def nearness(left: Name, right: Name) -> float:
    """Return how near two names are, from 0 to 1: 1 for the same, 0.9 and more for other words of the same meaning.

    A word that only one of them has costs more than one that is spelt a little otherwise: `legal name` is not `name`.
    """
    if not left.words or not right.words:
        return 0.0
    mine, theirs = set(left.words), set(right.words)
    shared = len(mine & theirs) / max(len(mine), len(theirs))
    spelt = token_sort_ratio(" ".join(left.words), " ".join(right.words)) / 100
    run_together = token_sort_ratio("".join(left.words), "".join(right.words)) / 100
    meant = max(shared, 0.6 * max(spelt, run_together) + 0.4 * shared, 0.9 * run_together)
    return round(0.9 * meant + 0.1 * token_sort_ratio(left.spoken, right.spoken) / 100, 4)
