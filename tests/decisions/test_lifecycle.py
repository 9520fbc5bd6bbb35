"""What sets a send off, and what comes after: D4.1 and D4.2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine_plans import COMPANY, WHOLE_SIGNAL, connection_plan, mapping_plan, route_plan
from queast_runtime.ports import ErrorClass, Phase, Refused

Make = Callable[..., Any]


def hook() -> dict[str, Any]:
    routes = (
        route_plan("company", "send", events=("created", "updated", "deleted")),
        route_plan("signal", "send", events=("created", "updated", "cooled_off", "suppressed"), body=WHOLE_SIGNAL),
    )
    return {
        "plans": (mapping_plan(*routes, connection="hook"),),
        "connections": (connection_plan("hook"),),
    }


def kinds(one: Any) -> list[str]:
    return [bodies[0]["type"].removeprefix("queast.") for bodies in one.memory.sent.values()]


def test_an_update_is_sent_only_if_what_the_mapping_reads_has_changed(scene: Make) -> None:
    """D4.1 a field that no route reads changes nothing; one that is read does, and so does going back."""
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    for sequence, changes in ((4, {"city": "Oslo"}), (5, {"name": "B"}), (6, {"name": "B", "city": "Bergen"}), (7, {})):
        one.submit(one.company(sequence=sequence, **changes))
        one.drain()
    assert [op for op, _, _ in one.memory.log] == ["create", "update", "update"]
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "Acme AS"


def test_the_hash_is_of_what_was_delivered_not_of_what_was_meant(scene: Make) -> None:
    """D4.1 an update that died unsent is sent when the same content comes again."""
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.memory.fault = lambda item: Refused(ErrorClass.REJECT, "no", 400, Phase.BODY)
    one.submit(one.company(sequence=4, name="B"))
    one.drain()
    one.memory.fault = lambda item: None
    one.submit(one.company(sequence=5, name="B"))
    one.drain()
    assert one.states() == ["delivered", "dead", "delivered"]
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "B"


def test_an_older_state_never_overwrites_a_newer_one(scene: Make) -> None:
    """D4.1 the version of an entity only rises, also that of a company inside another entity."""
    one = scene()
    one.submit(one.company("created", sequence=7, name="New"))
    assert one.submit(one.company(sequence=6, name="Old")).reasons == {"stale_sequence": 1}
    one.submit(one.signal(company={**COMPANY, "sequence": 5, "name": "Older"}))
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "New"
    with one.store.read() as snapshot:
        assert snapshot.entity_sequence("acme", "company", "c_1") == 7


def test_every_kind_of_end_is_a_message_of_its_own(scene: Make) -> None:
    """D4.1 created, deleted, cooled off and suppressed each set a send off once, with content that did not change."""
    one = scene(**hook())
    one.submit(
        one.company("created"),
        one.signal(),
        one.signal("cooled_off", sequence=2, state="cooled_off"),
        one.signal("suppressed", sequence=3, state="suppressed"),
        one.company("deleted", sequence=4),
        one.company("deleted", sequence=4),
    )
    one.drain()
    states = [row.entity for row in one.deliveries()]
    assert states == ["company", "signal", "signal", "signal", "company"]
    assert set(one.states()) == {"delivered"}


@pytest.mark.parametrize("kind", ["opted_out", "erased"])
def test_an_opt_out_and_an_erasure_take_effect_without_a_mapping(scene: Make, kind: str) -> None:
    """D4.1 both end what waits; an erasure also leaves no state of the entity behind."""
    one = scene()
    one.memory.fault = lambda item: Refused(ErrorClass.TRANSIENT, "busy", 503, Phase.BODY)
    one.submit(one.company("created"))
    one.drain(patience_s=0.0)
    assert one.submit(one.company(kind, sequence=4)).counts == {"recorded": 1}
    one.drain()
    assert one.states() == ["cancelled"]
    with one.store.read() as snapshot:
        state = snapshot.entity("acme", "company", "c_1")
    assert (state.state is None) == (kind == "erased")


@pytest.mark.parametrize("kind", ["cooled_off", "suppressed"])
def test_a_note_stays_when_its_signal_ends(scene: Make, kind: str) -> None:
    """D4.2 `keep` is all this version knows: the end is taken down, and the destination is left alone."""
    one = scene()
    one.submit(one.signal())
    one.drain()
    before = (dict(one.memory.of("notes")), len(one.memory.log))
    assert one.submit(one.signal(kind, sequence=2, state=kind)).reasons == {kind: 1}
    one.submit(one.company("deleted", sequence=9))
    one.drain()
    assert (one.memory.of("notes"), len(one.memory.log)) == before


def test_a_webhook_is_told_of_an_end_under_an_id_of_its_own(scene: Make) -> None:
    """D4.2 an event is never taken back or changed: the end is appended."""
    one = scene(**hook())
    one.submit(one.company("created"), one.company("deleted", sequence=4))
    one.drain()
    assert kinds(one) == ["company.created", "company.deleted"]
    assert len(one.memory.sent) == 2


def test_no_operation_that_ships_deletes_anything(scene: Make) -> None:
    """D4.2 what we did not make is not deleted, because no manifest has an operation that deletes."""
    from queast_dsl.diagnostics.model import Diagnostics
    from queast_dsl.loading import connector_names, load_connector

    for name in connector_names():
        connector = load_connector(name, Diagnostics())
        assert connector is not None
        operations = [op for each in connector.runtime["objects"].values() for op in each["operations"].values()]
        assert operations
        assert "DELETE" not in {operation["method"] for operation in operations}
