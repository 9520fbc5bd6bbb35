"""What of a record is only our own word: it was written by us, and proves nothing once nobody vouches for the link.

Without this a wrong link would feed itself: the domain that it filled into a record would come back as that record's
own domain, and make a second link that looks certain (D3.4). It is asked when a record is compared, not when a link
goes: whichever way a link was taken down, what was written through it is no evidence from then on.

Beside the hash of each property that we wrote, hashes of the keys that can be read from it are kept with the record,
because a CRM may copy what we wrote into another property (a website's domain into `domain`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.mirror import mirror_record
from queast_runtime.delivery.naming import company_of
from queast_runtime.delivery.reading import FormOf, hashes_of
from queast_runtime.delivery.steps import Place
from queast_runtime.engine.written import held_hash
from queast_runtime.matching.keys import domain_key, linkedin_key
from queast_runtime.ports import RemoteRecord
from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.ports.store import Snapshot

# No property of a CRM has such a name.
_KEY: Final = "key:"
_PROFILES: Final = "linkedin."
# (kind, value), as `("domain", "acme.no")`.
Key = tuple[str, str]
IsOurs = Callable[[str, str], bool]


def keys_said(match: MatchPlan, properties: Mapping[str, Any]) -> frozenset[Key]:
    """Return what a record could be recognised by, were these its properties: whichever of them holds it."""
    read = mirror_record(match, RemoteRecord(match.object, "", dict(properties)))
    found = keys_of(read)
    for value in properties.values():
        if isinstance(value, str):
            found |= {("domain", domain)} if (domain := domain_key(value)) is not None else set()
            found |= {("linkedin", page)} if _PROFILES in value and (page := linkedin_key(value)) is not None else set()
    return frozenset(found)


def keys_of(record: MirrorRecord) -> set[Key]:
    """Return the keys of a mirrored record, with what its card says beside the name."""
    found = {(kind, value) for kind, values in record.keys.items() for value in values}
    if record.card is not None:
        company = company_of(record.card)
        beside = (("name", company.name), ("country", company.country), ("city", company.city))
        found |= {(kind, value) for kind, value in beside if value}
    return found


def hashed(place: Place, object_: str, partner_id: str, keys: frozenset[Key]) -> dict[str, str]:
    """Return the keys as rows beside the hashes of what we wrote."""
    hashes = {_key_hash(place, object_, partner_id, *key) for key in keys}
    return {f"{_KEY}{each}": each for each in hashes}


def our_words(tx: Snapshot, place: Place, object_: str, partner_id: str) -> IsOurs:
    """Return what says of a key of a record whether it is only our own word. Through an established link a record says
    what it says: it is ours to speak for."""
    link = tx.link_to(place.tenant, place.account, object_, partner_id)
    if link is not None and link.standing == "established":
        return _nothing
    written = tx.last_written(place.tenant, place.account, object_, partner_id)
    if not any(name.startswith(_KEY) for name in written):
        return _nothing
    return lambda kind, value: f"{_KEY}{_key_hash(place, object_, partner_id, kind, value)}" in written


def their_card(card: MirrorCard, is_ours: IsOurs) -> MirrorCard:
    """Return a record's card as others know it."""
    if is_ours is _nothing:
        return card
    company = company_of(card)
    return MirrorCard(
        None if is_ours("name", company.name) else card.name,
        None if company.country and is_ours("country", company.country) else card.country,
        None if company.city and is_ours("city", company.city) else card.city,
        None if card.domain and is_ours("domain", card.domain) else card.domain,
    )


def without_our_words(tx: Snapshot, place: Place, form_of: FormOf, record: RemoteRecord) -> RemoteRecord:
    """Return a record without the properties that hold exactly what we wrote through a link that nobody vouches for.

    A value that a person typed after us is hashed differently and stays.
    """
    link = tx.link_to(place.tenant, place.account, record.object, record.partner_id)
    if link is not None and link.standing == "established":
        return record
    written = tx.last_written(place.tenant, place.account, record.object, record.partner_id)
    if not written:
        return record
    hash_of = hashes_of(place, form_of, record.object, record.partner_id)
    kept = {
        name: value
        for name, value in record.properties.items()
        if name not in written or hash_of(name, value) != written[name]
    }
    return replace(record, properties=kept)


def _key_hash(place: Place, object_: str, partner_id: str, kind: str, value: str) -> str:
    return held_hash(place.hash_key, (place.account, object_, partner_id), f"{_KEY}{kind}", value)


def _nothing(_kind: str, _value: str) -> bool:
    return False
