"""Between claim and send, in the claim's own transaction: may it still leave, to which record, by which operation?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from queast_compiler.plan.needs import Asking
from queast_runtime.delivery.leaving import Leave, denial, leak
from queast_runtime.delivery.rails import waits_for_tomorrow, waits_for_trust
from queast_runtime.delivery.reading import rules_of
from queast_runtime.delivery.resolve import claim, drop_claim, find, take_down, waits_for
from queast_runtime.delivery.steps import (
    CheckThenWrite,
    Claimed,
    Look,
    Place,
    ReadThenWrite,
    SearchThenWrite,
    Step,
    Write,
)
from queast_runtime.delivery.told import is_told
from queast_runtime.delivery.verifying import decided_by
from queast_runtime.engine.payload import JsonObject, Subject
from queast_runtime.matching.decide import Linked, Match, NeedsReview, NotLookedUp, Unmatched
from queast_runtime.observability.log import warn
from queast_runtime.ports import Driver, ErrorClass, WriteItem
from queast_runtime.ports.ledger import Dead, DeliveryState, Dropped, Ending, Parked
from queast_runtime.ports.store import Transaction

QUARANTINE = "quarantine:"
UNCHANGED = "says what was last delivered"
# Told of each subject's match as it was taken down.
Watch = Callable[[Subject, Match], None]


def nobody(subject: Subject, found: Match) -> None:
    """Watches nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What preparing needs beside the transaction. `leaves` are those of today's release, by mapping; `quarantined`
    properties by object are left out of writes; `watch` hears which record stands for each subject."""

    place: Place
    driver: Driver
    leaves: Mapping[str, Leave]
    quarantined: Mapping[str, frozenset[str]]
    now: datetime
    watch: Watch = nobody


def quarantined(tx: Transaction, place: Place) -> dict[str, frozenset[str]]:
    """Properties by object that the destination stopped taking under this very plan; a new plan tries them again."""
    found: dict[str, set[str]] = {}
    for name, fact in tx.facts(place.tenant, place.name).items():
        if name.startswith(QUARANTINE) and fact.get("plan") == place.digest:
            found.setdefault(fact["object"], set()).add(fact["property"])
    return {object_: frozenset(properties) for object_, properties in found.items()}


def prepare(tx: Transaction, bench: Bench, claimed: Claimed) -> Step | Ending:
    """Return what to do over the network, or how the delivery ends (or waits) without it."""
    step = _step(tx, bench, claimed)
    if not isinstance(step, Write | ReadThenWrite | SearchThenWrite | CheckThenWrite):
        return step
    found = leak(tx, bench.place.tenant, bench.leaves, claimed, step.item, bench.now)
    if found is None:
        return step
    warn(
        "personal data held back",
        tenant=bench.place.tenant,
        connection=bench.place.name,
        delivery=claimed.id,
        path=found.path,
    )
    if claimed.taken.delivery.kind == "upsert":
        drop_claim(tx, bench.place, claimed.payload.subjects[0], bench.now)
    return Dead(ErrorClass.REJECT, f"it says {found.path} in {found.place}, and no grant covers that")


def _step(tx: Transaction, bench: Bench, claimed: Claimed) -> Step | Ending:
    delivery, payload = claimed.taken.delivery, claimed.payload
    stop = _may_not_leave(tx, bench, claimed)
    if stop is not None and not _must_look(tx, bench, claimed):
        return stop
    place = bench.place
    fresh = delivery.kind != "create" and delivery.unanswered_since is None
    if fresh and is_told(tx, place.tenant, place.account, delivery):
        return Dropped(DeliveryState.SUPERSEDED, UNCHANGED)
    if delivery.kind == "send":
        return Write(claimed, item(bench, claimed, "send", None, ()))
    if delivery.kind == "upsert":
        return _upsert(tx, bench, claimed, payload.subjects[0])
    return _create(tx, bench, claimed)


def _may_not_leave(tx: Transaction, bench: Bench, claimed: Claimed) -> Dropped | None:
    why = denial(tx, bench.place.tenant, bench.leaves, claimed, bench.now)
    if why is None:
        return None
    if claimed.taken.delivery.kind == "upsert":
        # What a note hangs on may be under way by a delivery of its own, which holds the claim.
        drop_claim(tx, bench.place, claimed.payload.subjects[0], bench.now)
    return Dropped(DeliveryState.CANCELLED, why)


def _must_look(tx: Transaction, bench: Bench, claimed: Claimed) -> bool:
    """Whether a create that cannot be repeated may have happened: it is looked for, which sends nothing.

    What can be repeated would be sent again here, so there whatever forbids a send forbids this one too.
    """
    row = claimed.taken.delivery
    if row.unanswered_since is None or row.kind == "send" or bench.driver.is_idempotent(row.object, "create"):
        return False
    if row.kind == "create":
        return True
    subject = claimed.payload.subjects[0]
    return tx.link(bench.place.tenant, bench.place.account, subject.object, subject.keys.external_id) is None


def _upsert(tx: Transaction, bench: Bench, claimed: Claimed, subject: Subject) -> Step | Ending:
    place = bench.place
    match = place.match(subject.object)
    if _must_look(tx, bench, claimed):
        return Look(claimed, item(bench, claimed, "create", None, ()))
    found = take_down(tx, place, subject, claimed.taken, find(tx, place, subject, match), bench.now)
    bench.watch(subject, found)
    match found:
        case Linked():
            return _update(tx, bench, claimed, subject, found.partner_id)
        case NeedsReview():
            return Parked(waits_for(subject, found))
        case NotLookedUp():
            return Parked((f"mirror:{found.object}",))
        case Unmatched(action="create"):
            held = waits_for_tomorrow(tx, place, bench.leaves, claimed, bench.now)
            if held is not None:
                drop_claim(tx, place, subject, bench.now)
                return held
            claim(tx, place, subject)
            creating = item(bench, claimed, "create", None, ())
            if match is None:
                return Write(claimed, creating)
            rejected = tx.rejections(place.tenant, place.account, subject.object, subject.keys.external_id)
            return SearchThenWrite(claimed, creating, subject, match, rejected)
        case Unmatched():
            return Dropped(DeliveryState.CANCELLED, "no record stands for it, and the connection creates none")
        case _:
            assert_never(found)


def _update(tx: Transaction, bench: Bench, claimed: Claimed, subject: Subject, partner_id: str) -> Step | Ending:
    place = bench.place
    updating = item(bench, claimed, "update", partner_id, ())
    link = tx.link(place.tenant, place.account, subject.object, subject.keys.external_id)
    held = None if link is None else waits_for_trust(bench.leaves, claimed, link, bench.now)
    if held is not None:
        return held
    guards: dict[str, Asking] = {
        name: guard for name, guard in claimed.payload.guards.items() if name in updating.values
    }
    rules = None if link is None else rules_of(tx, place, link, guards)
    if rules is None:
        return Write(claimed, updating)
    if bench.driver.read_size(subject.object) == 0:
        if guards or rules.fill_only:
            return Dead(ErrorClass.CONFIG, "its plan cannot read what the record holds: compile and publish it again")
        return Write(claimed, updating)
    if link is not None:
        rules = replace(rules, decided=decided_by(tx, place, link, claimed.taken.delivery, subject))
    # An inferred link may be wrong: our id on the record would make it look like a certain one for ever. And a record
    # that was ours before may still carry the id, which destinations keep unique: the second one would be refused.
    history = tx.link_history(place.tenant, place.account, subject.object, subject.keys.external_id)
    was_elsewhere = any(each.link.partner_id != partner_id for each in history if each.link.standing == "established")
    claims = not (rules.fill_only or was_elsewhere)
    return ReadThenWrite(claimed, replace(updating, claims=claims), rules)


def _create(tx: Transaction, bench: Bench, claimed: Claimed) -> Step | Ending:
    place, row = bench.place, claimed.taken.delivery
    links: list[tuple[str, str]] = []
    ours = True
    for subject in claimed.payload.subjects:
        match = place.match(subject.object)
        found = take_down(tx, place, subject, claimed.taken, find(tx, place, subject, match), bench.now)
        bench.watch(subject, found)
        match found:
            case Linked():
                links.append((subject.object, found.partner_id))
                link = tx.link(place.tenant, place.account, subject.object, subject.keys.external_id)
                ours = ours and link is not None and link.created_record
                held = None if link is None else waits_for_trust(bench.leaves, claimed, link, bench.now)
                if held is not None:
                    return held
            case NeedsReview():
                return Parked(waits_for(subject, found))
            case NotLookedUp():
                return Parked((f"mirror:{found.object}",))
            case Unmatched():
                if tx.is_coming(place.tenant, place.name, subject.entity, subject.keys.external_id):
                    return Parked((subject.need,))
                return Dead(ErrorClass.REJECT, f"its {subject.entity} has no record, and nothing is about to make one")
            case _:
                assert_never(found)
    noting = item(bench, claimed, "create", None, tuple(links))
    if bench.driver.is_idempotent(row.object, "create"):
        return Write(claimed, noting)
    if row.unanswered_since is not None:
        return Look(claimed, noting)
    # A record that this very ledger created cannot carry a note that an earlier one wrote.
    return Write(claimed, noting) if ours else CheckThenWrite(claimed, noting)


def item(
    bench: Bench, claimed: Claimed, op: str, partner_id: str | None, links: tuple[tuple[str, str], ...]
) -> WriteItem:
    """Build the write of one delivery by `op`; quarantined properties are left out."""
    row, payload = claimed.taken.delivery, claimed.payload
    values: JsonObject = dict(payload.values)
    if op == "create":
        values |= payload.create_values
    for name in bench.quarantined.get(row.object, frozenset()):
        values.pop(name, None)
    return WriteItem(
        delivery_id=row.id,
        op=op,
        object=row.object,
        partner_id=partner_id,
        reference=row.reference,
        idempotency_key=row.idempotency_key,
        values=values,
        links=links,
        body=payload.body,
        headers=payload.headers,
        secret_headers=payload.secret_headers,
    )
