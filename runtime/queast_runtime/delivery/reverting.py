"""Puts back what a link's records held before we wrote to them, wherever nobody edited it since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, assert_never

from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.mirror import mirror_record
from queast_runtime.delivery.our_words import without_our_words
from queast_runtime.delivery.reading import KEPT, hashes_of
from queast_runtime.delivery.steps import Place
from queast_runtime.engine.identity import message_id
from queast_runtime.observability.log import note
from queast_runtime.ports import (
    Driver,
    ErrorClass,
    JsonObject,
    LookupFailed,
    Refused,
    RemoteRecord,
    Unanswered,
    WriteItem,
    Written,
)
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState
from queast_runtime.ports.matches import BeforeImage
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Snapshot, Store, Transaction

EDITED: Final = "edited in the CRM since we wrote it"
GONE: Final = "the record is not there any more"
UNDER_WAY: Final = "a delivery to it is on its way; try again when that has ended"
_OUT: Final = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reverted:
    """`restored` are the properties that hold again what they held before us. `left` are as they are, each with its
    reason in `reasons`; where that is not an edit, doing it again may restore them."""

    restored: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restoration:
    """What one property should hold. `due` is False where it does already."""

    value: Any
    due: bool


async def revert_link(store: Store, driver: Driver, place: Place, link: Link, actor: str, now: datetime) -> Reverted:
    """Restore the record that `link` names, whether the link still stands or not.

    One read and, where something is to be restored, one write; both pass the driver's gate. What is restored is marked
    after the answer, so a crash in between costs nothing: the next call finds the old values and only marks them.
    """
    with store.read() as snapshot:
        found = snapshot.before_images(place.tenant, place.account, link.object, link.partner_id, now - KEPT)
        under_way = _under_way(snapshot, place, link)
    images: dict[str, list[BeforeImage]] = {}
    for image in found:
        if image.undone_at is None and image.queast_id == link.queast_id:
            images.setdefault(image.property, []).append(image)
    if not images:
        return Reverted()
    names = sorted(images)
    if under_way:
        return _all_left(names, UNDER_WAY)
    read = await driver.read(link.object, [link.partner_id], names)
    if isinstance(read, LookupFailed):
        return _all_left(names, read.message)
    record = read.get(link.partner_id)
    if record is None:
        return _all_left(names, GONE)
    restored, reasons = await _restore(driver, place, link, record, images)
    match = place.match(link.object)

    def mark(tx: Transaction) -> None:
        for name in restored:
            for image in images[name]:
                # One that is to be tried again may write yet.
                if _has_ended(tx, place, image):
                    tx.mark_undone(place.tenant, image, now)
        forgotten = dict.fromkeys(restored)
        tx.put_last_written(place.tenant, place.account, link.object, link.partner_id, forgotten, now)
        if match is not None:
            holds = replace(record, properties={**record.properties, **restored})
            theirs = mirror_record(match, without_our_words(tx, place, driver.form, holds))
            tx.put_mirror_record(place.tenant, place.account, link.object, theirs)

    if restored:
        await Desk(store).do(mark)
    note(
        "values put back",
        tenant=place.tenant,
        connection=place.name,
        actor=actor,
        object=link.object,
        restored=len(restored),
        left=len(reasons),
    )
    return Reverted(tuple(restored), tuple(reasons), reasons)


async def _restore(
    driver: Driver, place: Place, link: Link, record: RemoteRecord, images: Mapping[str, Sequence[BeforeImage]]
) -> tuple[JsonObject, dict[str, str]]:
    """Return the properties that hold what they held before, with that, and why the others do not."""
    hash_of = hashes_of(place, driver.form, link.object, link.partner_id)
    values: JsonObject = {}
    restored: JsonObject = {}
    due: JsonObject = {}
    reasons: dict[str, str] = {}
    for name in sorted(images):
        found = restoration(record.properties.get(name), images[name], partial(hash_of, name))
        if found == "touched":
            reasons[name] = EDITED
        elif found.due:
            values[name] = driver.form(link.object, name).clear if found.value is None else found.value
            due[name] = found.value
        else:
            restored[name] = found.value
    writing = WriteItem(
        delivery_id=message_id(place.tenant, place.account, link.object, link.partner_id, "revert"),
        op="update",
        object=link.object,
        partner_id=link.partner_id,
        reference=link.queast_id,
        idempotency_key=message_id(place.tenant, place.account, link.object, link.partner_id, "revert"),
        values=values,
        claims=False,
    )
    written, refused = await _write(driver, writing)
    restored |= {name: due[name] for name in written}
    return {name: restored[name] for name in sorted(restored)}, reasons | refused


def _under_way(tx: Snapshot, place: Place, link: Link) -> bool:
    """Whether a write of ours to the record may be out: it would come after what is put back, and stay."""
    where = DeliveryFilter(states=_OUT, kinds=("upsert",), queast_id=link.queast_id)
    return any(row.object == link.object for row in tx.deliveries(place.tenant, where))


def _has_ended(tx: Snapshot, place: Place, image: BeforeImage) -> bool:
    row = tx.delivery(place.tenant, image.delivery_id)
    return row is None or row.ended_at is not None


async def _write(driver: Driver, item: WriteItem) -> tuple[tuple[str, ...], dict[str, str]]:
    """Write the values. One that the destination does not take must not keep the others from being restored."""
    if not item.values:
        return (), {}
    (result,) = await driver.write([item])
    match result:
        case Written():
            return tuple(item.values), {}
        case Unanswered(message=message):
            return (), dict.fromkeys(item.values, f"{message}: whether it is restored is unknown")
        case Refused(error=ErrorClass.CONFIG_FIELD | ErrorClass.REJECT) if len(item.values) > 1:
            names = [result.property] if result.property in item.values else list(item.values)[: len(item.values) // 2]
            alone = {name: item.values[name] for name in names}
            others = {name: value for name, value in item.values.items() if name not in alone}
            written, refused = await _write(driver, replace(item, values=others))
            more, again = await _write(driver, replace(item, values=alone))
            return (*written, *more), refused | again
        case Refused(message=message):
            return (), dict.fromkeys(item.values, message)
        case _:
            assert_never(result)


def restoration(
    now_held: Any, images: Sequence[BeforeImage], hash_of: Callable[[Any], str]
) -> Restoration | Literal["touched"]:
    """Return what a property held before the first of our writes that nobody's edit came after.

    `images` (at least one) are those of one property, newest first. Written W1 over A, then W2 over W1  ->  A; a person
    typed P between them  ->  P. A write that never happened left an image, too: the property still holds what was there
    before it.
    """
    current, newest = hash_of(now_held), images[0]
    target = _before(newest.before, images[1:], hash_of)
    if current == hash_of(target):
        return Restoration(target, due=False)
    if current not in (newest.written_hash, hash_of(newest.before)):
        return "touched"
    return Restoration(target, due=True)


def _before(value: Any, older: Sequence[BeforeImage], hash_of: Callable[[Any], str]) -> Any:
    for image in older:
        found = hash_of(value)
        if found == image.written_hash:
            value = image.before
        elif found != hash_of(image.before):
            break
    return value


def _all_left(names: Sequence[str], reason: str) -> Reverted:
    return Reverted((), tuple(names), dict.fromkeys(names, reason))
