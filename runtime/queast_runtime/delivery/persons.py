"""Persons of a CRM in the mirror: kept by keyed hashes and a sealed name, and found by e-mail, profile, then by name
within their company.

No shipped connector has an object of persons and nothing writes them; `find_person` is what such a route will ask.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any, Final, Literal, assert_never

from queast_compiler.plan.connection import MatchPlan
from queast_dsl.names import read_person_name
from queast_runtime.delivery.steps import Place
from queast_runtime.matching.fuzzy import FuzzyLinked, FuzzyReview, Judged, NoCandidate, Thresholds
from queast_runtime.matching.keys import email_key, linkedin_key
from queast_runtime.matching.persons import PersonRow, decide_person
from queast_runtime.ports import RemoteRecord
from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.ports.store import Snapshot

PERSON: Final = "person"
_HEX_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Person:
    """One of ours as the rules see it; `company` is our id of its company. Values as the entity has them."""

    queast_id: str
    full_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    linkedin_url: str | None = field(default=None, repr=False)
    company: str | None = None


@dataclass(frozen=True, slots=True)
class PersonLinked:
    """One record is the person's. By e-mail the link is established, by profile or name inferred."""

    partner_id: str
    rule: Literal["email", "linkedin", "name"]
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class PersonDoubtful:
    """Somebody must say which record it is."""

    candidates: tuple[str, ...]
    rule: Literal["email", "linkedin", "name"]
    judged: tuple[Judged, ...] = ()


PersonFound = PersonLinked | PersonDoubtful | NoCandidate


def person_record(plan: MatchPlan, place: Place, record: RemoteRecord, said: dict[str, str | None]) -> MirrorRecord:
    """Return a contact as the mirror keeps it: `{"email": "Kari@Acme.no", "company": "h1", …}`  ->  a keyed hash of
    `kari@acme.no`, the company's record in the clear, and the name sealed in the card. It has no tokens: nobody finds a
    person by a word of the name."""
    external_id = record.properties.get(plan.external_id) if plan.external_id else None
    keys = {
        "external_id": external_id if isinstance(external_id, str) else None,
        "email": _hashed(place, "email", email_key(said.get("email"))),
        "linkedin": _hashed(place, "linkedin", linkedin_key(said.get("linkedin"))),
        "company": said.get("company"),
    }
    held = {kind: (value,) for kind, value in keys.items() if value}
    return MirrorRecord(record.partner_id, held, MirrorCard(said.get("name")))


def find_person(
    tx: Snapshot, place: Place, plan: MatchPlan, companies: str, person: Person, thresholds: Thresholds
) -> PersonFound:
    """Go through e-mail, profile and name, first hit wins. `companies` is the object that companies are mirrored as.

    A name counts only among the contacts of the record that the person's company is linked to, and only where that
    link is established: an inferred one is no evidence. Rejected records are no candidates.
    """
    rejected = tx.rejections(place.tenant, place.account, plan.object, person.queast_id)
    hashed: tuple[tuple[Literal["email", "linkedin"], str | None], ...] = (
        ("email", _hashed(place, "email", email_key(person.email))),
        ("linkedin", _hashed(place, "linkedin", linkedin_key(person.linkedin_url))),
    )
    for rule, value in hashed:
        found = () if value is None else tx.mirror_find(place.tenant, place.account, plan.object, rule, value)
        left = tuple(one for one in found if one not in rejected)
        if len(left) == 1 and tx.link_to(place.tenant, place.account, plan.object, left[0]) is None:
            return PersonLinked(left[0], rule)
        if left:
            return PersonDoubtful(left, rule)
    return _by_name(tx, place, plan, companies, person, thresholds, rejected)


def _by_name(
    tx: Snapshot,
    place: Place,
    plan: MatchPlan,
    companies: str,
    person: Person,
    thresholds: Thresholds,
    rejected: frozenset[str],
) -> PersonFound:
    link = None if person.company is None else tx.link(place.tenant, place.account, companies, person.company)
    if link is None or link.standing != "established" or not person.full_name:
        return NoCandidate()
    colleagues = tx.mirror_find(place.tenant, place.account, plan.object, "company", link.partner_id)
    cards = tx.mirror_cards(
        place.tenant, place.account, plan.object, [one for one in colleagues if one not in rejected]
    )
    rows = [PersonRow(one, read_person_name(card.name or ""), link.partner_id) for one, card in cards.items()]
    fuzzy = decide_person(read_person_name(person.full_name), link.partner_id, rows, thresholds)
    match fuzzy:
        case FuzzyLinked(judged=judged):
            if tx.link_to(place.tenant, place.account, plan.object, judged.record) is not None:
                return PersonDoubtful((judged.record,), "name", (judged,))
            return PersonLinked(judged.record, "name", judged)
        case FuzzyReview(candidates=judged_all):
            return PersonDoubtful(tuple(each.record for each in judged_all), "name", judged_all)
        case NoCandidate():
            return fuzzy
        case _:
            assert_never(fuzzy)


def _hashed(place: Place, kind: str, key: str | None) -> str | None:
    """Return the installation's keyed hash of what tells of a person; the tenant is part of it."""
    if key is None:
        return None
    told: Any = "\0".join(("person", place.tenant, kind, key)).encode("utf-8", "surrogatepass")
    return hmac.new(place.hash_key, told, hashlib.sha256).hexdigest()[:_HEX_DIGITS]
