"""After a write: what a record holds now, of us and altogether, as far as answers say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from queast_runtime.delivery.mirror import mirror_record, own_card, own_record
from queast_runtime.delivery.reading import FormOf, hashes_of, images_of
from queast_runtime.delivery.steps import Claimed, Compared, Place
from queast_runtime.ports import JsonObject, RemoteRecord
from queast_runtime.ports.ledger import Delivery
from queast_runtime.ports.rows import MirrorCard
from queast_runtime.ports.store import Transaction


def remember(tx: Transaction, place: Place, claimed: Claimed, partner_id: str) -> None:
    """Take a record for what our entity is, where nothing is known of what it holds."""
    subject = claimed.payload.subjects[0]
    known = own_card(tx, place.tenant, subject)
    card = MirrorCard(subject.keys.name, domain=subject.keys.domain) if known is None else known
    record = own_record(partner_id, subject.keys, card)
    tx.put_mirror_record(place.tenant, place.account, subject.object, record)


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
    row, ours = claimed.taken.delivery, dict(values)
    if compared is not None and claimed.taken.attempt > 1:
        # An earlier try may have written it: what is just what we would write is taken to be ours.
        ours |= {name: claimed.payload.values[name] for name in compared.allowed.same if name in claimed.payload.values}
    _written(tx, place, form_of, row, partner_id, ours, stored, now)
    match = place.match(row.object)
    if compared is None or match is None:
        remember(tx, place, claimed, partner_id)
    elif not compared.rules.fill_only:
        # A record that an inferred link may be wrong about is no evidence of what we think it is.
        holds = RemoteRecord(row.object, partner_id, {**compared.record.properties, **values, **stored})
        tx.put_mirror_record(place.tenant, place.account, row.object, mirror_record(match, holds))


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
