"""What a rehearsal tells is what a worker does: the example tenants' events, both ways, compared in every word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from delivery.conftest import Scene
from delivery.doubled import OBJECT, Doubled, Kind
from memory_destination import Jumping
from preview.example_plans import NOW, plans_of, seeds, stream
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.written import held
from queast_runtime.ports.ledger import DeliveryFilter
from queast_runtime.ports.store import Snapshot
from queast_runtime.preview.happening import CrmRecord
from queast_runtime.preview.rehearsal import Rehearsal

EVENTS = 80


def _told(tx: Snapshot, lines: list[bytes]) -> list[Any]:
    """Everything that a store says of these events and what was made of them, but for ids that each makes itself."""
    found: list[Any] = []
    for line in lines:
        event = read_event(line)
        if not isinstance(event, Event):
            continue
        outcomes = tx.event_outcomes("acme", event.source, event.id)
        found.append((event.id, sorted((one.mapping, one.route, one.decision.value, one.reason) for one in outcomes)))
    for row in tx.deliveries("acme", DeliveryFilter(), limit=10_000):
        body = tx.delivery_body("acme", row.id)
        said = (row.event_id, row.mapping, row.route, row.kind, row.queast_id, row.reference, body)
        found.append((*said, row.state.value, row.needs, row.error_message))
    for link in tx.links("acme"):
        partner = "made" if link.created_record else link.partner_id
        found.append((link.object, link.queast_id, partner, link.rule, link.standing, link.score))
    return found


def _held(scene: Doubled, object_: str, properties: dict[str, Any]) -> dict[str, Any]:
    """What properties hold, in one form for both sides, by the names that the account's people see."""
    names = {scene.key(each): each for each in ("queast_company_id", "queast_domain", "country", "founded_on")}
    form = scene.driver().form
    found = {names.get(key, key): held(value, form(object_, key).wire) for key, value in properties.items()}
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(("tenant", "kind"), [("acme", "hubspot"), ("nordlys", "pipedrive")])
def test_a_rehearsal_decides_and_writes_what_a_worker_does(tenant: str, kind: Kind, tmp_path: Path) -> None:
    plans, lines, object_ = plans_of(tenant), stream(tenant, EVENTS), OBJECT[kind]
    ((name, connection),) = plans.connections.items()
    scene = Doubled(
        tmp_path,
        clock=Jumping(NOW),
        kind=kind,
        plans=tuple(each.plan for each in plans.mappings),
        connections=(connection,),
    )
    records = [
        CrmRecord(object_, scene.add(**seed), {scene.key(name): value for name, value in seed.items()})
        for seed in seeds(tenant, object_)
    ]
    try:
        for line in lines:
            scene.submit(line)
            scene.drain(patience_s=5)
        with scene.store.read() as snapshot:
            expected = _told(snapshot, lines)
            links = [link for link in snapshot.links("acme") if link.object == object_]
        with Rehearsal("acme", plans.connections, plans.mappings, now=NOW, folder=tmp_path) as rehearsal:
            rehearsal.put_records(name, records)
            told = [rehearsal.take(line) for line in lines]
            assert _told(rehearsal.reading(), lines) == expected
            for link in links:
                theirs = f"new:{link.queast_id}" if link.created_record else link.partner_id
                rehearsed = _held(scene, object_, dict(rehearsal.record(name, object_, theirs) or {}))
                shown = _held(scene, object_, scene.holds(link.partner_id))
                both = rehearsed.keys() & shown.keys()
                assert {each: rehearsed[each] for each in both} == {each: shown[each] for each in both}
                assert "name" in both
    finally:
        scene.store.close()
    assert {one.operation for each in told for one in each.routes} >= {"create", "update", None}


def test_a_rehearsal_sends_what_a_worker_sends(tmp_path: Path) -> None:
    plans, lines = plans_of("fjordbank"), stream("fjordbank", EVENTS)
    scene = Scene(
        tmp_path,
        clock=Jumping(NOW),
        plans=tuple(each.plan for each in plans.mappings),
        connections=tuple(plans.connections.values()),
    )
    try:
        for line in lines:
            scene.submit(line)
            scene.drain()
        with scene.store.read() as snapshot:
            expected = _told(snapshot, lines)
    finally:
        scene.store.close()
    with Rehearsal("acme", plans.connections, plans.mappings, now=NOW, folder=tmp_path) as rehearsal:
        bodies = [one.body for line in lines for one in rehearsal.take(line).routes if one.operation == "send"]
        assert _told(rehearsal.reading(), lines) == expected
    assert bodies == [body for sent in scene.memory.sent.values() for body in sent]
