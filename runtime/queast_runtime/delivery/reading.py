"""The read before a write: what a record holds, what of it may be written, and what it held before is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from queast_compiler.plan.connection import MatchPlan
from queast_compiler.plan.needs import Asking
from queast_runtime.delivery.steps import (
    Answered,
    Came,
    Compared,
    KeyGone,
    NoLookup,
    NothingToWrite,
    Place,
    ReadThenWrite,
    Rules,
    Step,
    Write,
)
from queast_runtime.engine.guarding import Terms, allowed
from queast_runtime.engine.written import Held, held, held_hash
from queast_runtime.ports import Driver, ErrorClass, Form, LookupFailed, Phase, Refused, RemoteRecord
from queast_runtime.ports.ledger import Delivery
from queast_runtime.ports.matches import BeforeImage
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Snapshot, Transaction

KEPT: Final = timedelta(days=30)
# By object and property.
FormOf = Callable[[str, str], Form]
_NOT_THERE: Final = Refused(ErrorClass.GONE, "the record is not there any more", None, Phase.BODY)


def rules_of(tx: Snapshot, place: Place, link: Link, guards: Mapping[str, Asking]) -> Rules | None:
    """Return what an update through this link is held to; None where nothing depends on what the record holds."""
    fill_only = link.standing == "inferred"
    keep_before = not link.created_record
    if not (guards or fill_only or keep_before):
        return None
    written = tx.last_written(place.tenant, place.account, link.object, link.partner_id)
    match = place.match(link.object)
    return Rules(written, fill_only, keep_before, frozenset() if match is None else compared_by(match))


def compared_by(match: MatchPlan) -> frozenset[str]:
    """Return the properties of a record that matching reads."""
    card = (path.partition(".")[0] for _, path in match.card)
    return frozenset({*match.domain_to, *card} | ({match.external_id} if match.external_id is not None else set()))


def link_moved(tx: Snapshot, place: Place, step: Step) -> bool:
    """Whether an update's link was taken down since it was claimed, names another record, or is no longer vouched for:
    it is matched anew instead of written."""
    if step.item.op != "update" or step.claimed.taken.delivery.kind != "upsert":
        return False
    subject = step.claimed.payload.subjects[0]
    link = tx.link(place.tenant, place.account, subject.object, subject.keys.external_id)
    if link is None or link.partner_id != step.item.partner_id:
        return True
    compared = step.compared if isinstance(step, Write) else None
    return compared is not None and link.standing == "inferred" and not compared.rules.fill_only


def read_groups(steps: Iterable[ReadThenWrite], driver: Driver) -> list[tuple[ReadThenWrite, ...]]:
    """Group by object, as many as one read can ask for, in order."""
    grouped: dict[str, list[ReadThenWrite]] = {}
    ready: list[tuple[ReadThenWrite, ...]] = []
    for step in steps:
        waiting = grouped.setdefault(step.item.object, [])
        waiting.append(step)
        if len(waiting) >= driver.read_size(step.item.object):
            ready.append(tuple(grouped.pop(step.item.object)))
    ready.extend(tuple(rest) for rest in grouped.values())
    return ready


async def read_first(
    driver: Driver, place: Place, steps: Sequence[ReadThenWrite], is_borne_out: Callable[[Rules, RemoteRecord], bool]
) -> list[Write | Came]:
    """Read the records of one group; return the writes that are allowed, and what became of the other steps.

    `is_borne_out` says whether a record still says what its link was made by.
    """
    object_ = steps[0].item.object
    ids = [step.item.partner_id or "" for step in steps]
    asked = {name for step in steps for name in step.item.values}
    found = await driver.read(object_, ids, asked)
    if isinstance(found, LookupFailed):
        return [NoLookup(step, found) for step in steps]
    ready: list[Write | Came] = []
    for step, partner_id in zip(steps, ids, strict=True):
        record = found.get(partner_id)
        if record is None:
            ready.append(Answered(Write(step.claimed, step.item), _NOT_THERE))
        elif is_borne_out(step.rules, record):
            ready.append(_compared(driver, place, step, record))
        else:
            ready.append(KeyGone(step.claimed, record))
    return ready


def _compared(driver: Driver, place: Place, step: ReadThenWrite, record: RemoteRecord) -> Write | NothingToWrite:
    item, rules = step.item, step.rules
    wanted, guards = dict(item.values), dict(step.claimed.payload.guards)
    ours = driver.claimed(item.object, item.op) if item.claims else None
    if ours is not None:
        # Another id that stands there is somebody's own, or another entity's: neither is replaced.
        wanted[ours] = item.reference
        guards[ours] = "empty"
    terms = Terms(
        guards,
        rules.last_written,
        rules.fill_only,
        lambda name: driver.form(item.object, name).wire,
        partial(held_hash, place.hash_key, (place.account, item.object, record.partner_id)),
        rules.compared,
    )
    may = allowed(record.properties, wanted, terms)
    compared = Compared(rules, record, may)
    if not may.values:
        return NothingToWrite(step.claimed, compared)
    values = {name: value for name, value in may.values.items() if name != ours}
    return Write(step.claimed, replace(item, values=values, claims=ours in may.values), compared)


def keep_before(tx: Transaction, place: Place, form_of: FormOf, writes: Iterable[Write], now: datetime) -> None:
    """Keep what the properties hold, before the write leaves: after it nobody could say any more.

    A write that was tried before and got no answer may have happened. Where the record holds what it would have
    written, the earlier image stays; where it holds something else, that is what the write would destroy now.
    """
    for write in writes:
        if write.compared is None or not write.compared.rules.keep_before:
            continue
        row, record = write.claimed.taken.delivery, write.compared.record
        kept = images_of(tx, place, row, record.object, record.partner_id) if write.claimed.taken.attempt > 1 else {}
        values = write.compared.allowed.values
        fresh = {name: _image(place, form_of, row, record, name, value, now) for name, value in values.items()}
        if kept.keys() & fresh.keys():
            tx.drop_before_images(place.tenant, row.id)
            fresh = kept | fresh
        tx.put_before_images(place.tenant, tuple(fresh.values()))


def images_of(tx: Snapshot, place: Place, row: Delivery, object_: str, partner_id: str) -> dict[str, BeforeImage]:
    """The images that this delivery left of a record, by property."""
    found = tx.before_images(place.tenant, place.account, object_, partner_id, row.created_at)
    return {image.property: image for image in found if image.delivery_id == row.id}


def _image(
    place: Place, form_of: FormOf, row: Delivery, record: RemoteRecord, name: str, value: object, now: datetime
) -> BeforeImage:
    hash_of = hashes_of(place, form_of, record.object, record.partner_id)
    return BeforeImage(
        delivery_id=row.id,
        connection=place.name,
        account=place.account,
        object=record.object,
        partner_id=record.partner_id,
        queast_id=row.queast_id,
        property=name,
        before=record.properties.get(name),
        written_hash=hash_of(name, value),
        at=now,
    )


def hashes_of(place: Place, form_of: FormOf, object_: str, partner_id: str) -> Callable[[str, object], str]:
    """Return what hashes a wire value of a property of this record."""

    def hash_of(name: str, value: object) -> str:
        says: Held = held(value, form_of(object_, name).wire)
        return held_hash(place.hash_key, (place.account, object_, partner_id), name, says)

    return hash_of
