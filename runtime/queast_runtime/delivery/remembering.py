"""After a write: what a record holds now, of us and altogether, as far as answers say it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import Final

from queast_runtime.delivery.mirror import mirror_record, own_card, own_record
from queast_runtime.delivery.our_words import Key, hashed, keys_of, keys_said
from queast_runtime.delivery.reading import FormOf, hashes_of, images_of
from queast_runtime.delivery.steps import Claimed, Compared, Place
from queast_runtime.ports import ErrorClass, JsonObject, Phase, RemoteRecord
from queast_runtime.ports.ledger import Delivery
from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.ports.store import Transaction

_BEFORE_BYTES: Final = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.NOTHING_SENT})
_NO_VERDICT: Final = frozenset({ErrorClass.TRANSIENT, ErrorClass.UNKNOWN})


def take_down(
    tx: Transaction,
    place: Place,
    form_of: FormOf,
    claimed: Claimed,
    partner_id: str,
    values: JsonObject,
    stored: JsonObject,
    compared: Compared | None,
    now: datetime,
) -> None:
    """Remember what an upsert's record holds now. `values` were written; `stored` is what the answer shows of it."""
    row, match = claimed.taken.delivery, place.match(claimed.taken.delivery.object)
    again: JsonObject = {}
    said: Set[Key]
    if compared is not None and compared.allowed.same and may_have_written(tx, place, claimed):
        # What is just what we would write is taken to be ours.
        same = compared.allowed.same
        again = {name: claimed.payload.values[name] for name in same if name in claimed.payload.values}
    _written(tx, place, form_of, row, partner_id, {**values, **again}, stored, now)
    link = tx.link_to(place.tenant, place.account, row.object, partner_id)
    still = link is not None and link.queast_id == claimed.payload.subjects[0].keys.external_id
    if compared is None or match is None:
        record = _as_ours(tx, place, claimed, partner_id)
        said = keys_of(record) | (set() if match is None else keys_said(match, {**values, **stored}))
        if still:
            tx.put_mirror_record(place.tenant, place.account, row.object, record)
    else:
        holds = {**compared.record.properties, **values, **stored}
        # What the record said before us stays its own word, even where we wrote it once more.
        said = keys_said(match, {**values, **stored}) - keys_said(match, compared.record.properties)
        said |= keys_said(match, again)
        if still and not compared.rules.fill_only:
            # A record that an inferred link may be wrong about is no evidence of what we think it is.
            record = mirror_record(match, RemoteRecord(row.object, partner_id, holds))
            tx.put_mirror_record(place.tenant, place.account, row.object, record)
    if link is None or not link.created_record:
        # One that we made is what we made it for, whoever takes its link down.
        words = hashed(place, row.object, partner_id, frozenset(said))
        tx.put_last_written(place.tenant, place.account, row.object, partner_id, words, now)


def may_have_written(tx: Transaction, place: Place, claimed: Claimed) -> bool:
    """Whether an earlier try of the delivery may have reached the record although nobody said so: its process ended, or
    bytes left and no verdict came. A read that failed wrote nothing."""
    if claimed.taken.attempt <= 1:
        return False
    attempts = tx.attempts(place.tenant, claimed.id)
    return any(
        one.ended_at is not None
        and (one.phase is None or (one.phase not in _BEFORE_BYTES and one.error_class in _NO_VERDICT))
        for one in attempts
    )


def _as_ours(tx: Transaction, place: Place, claimed: Claimed, partner_id: str) -> MirrorRecord:
    """Return a record as what our entity is: we made it."""
    subject = claimed.payload.subjects[0]
    known = own_card(tx, place.tenant, subject)
    card = MirrorCard(subject.keys.name, domain=subject.keys.domain) if known is None else known
    return own_record(partner_id, subject.keys, card)


def _written(
    tx: Transaction,
    place: Place,
    form_of: FormOf,
    row: Delivery,
    partner_id: str,
    values: Mapping[str, object],
    stored: JsonObject,
    now: datetime,
) -> None:
    """Remember what the record holds of us from now on: what the answer says it stores, else what was sent."""
    hash_of = hashes_of(place, form_of, row.object, partner_id)
    kept = {name: value for name, value in stored.items() if value not in (None, "", [])}
    hashes = {name: hash_of(name, kept.get(name, value)) for name, value in values.items()}
    tx.put_last_written(place.tenant, place.account, row.object, partner_id, hashes, now)
    changed = {name for name, value in values.items() if hashes[name] != hash_of(name, value)}
    if not changed:
        return
    images = images_of(tx, place, row, row.object, partner_id)
    if not changed & images.keys():
        return
    tx.drop_before_images(place.tenant, row.id)
    renewed = (
        replace(image, written_hash=hashes[name]) if name in changed else image for name, image in images.items()
    )
    tx.put_before_images(place.tenant, tuple(renewed))
