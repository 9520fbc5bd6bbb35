"""`changed(path)` compares with what the route last delivered, never with what was only intended (D4.1)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine_plans import DOMAIN, NAME, connection_plan, field_plan, mapping_plan, route_plan
from memory_destination import LOST
from queast_compiler.plan.ir import CHANGED, If, Lit, MakeObj, Path
from queast_runtime.ports import ErrorClass, Phase, Refused

Make = Callable[..., Any]
DOMAIN_CHANGED = Path(CHANGED, ("company.domain",), "bool", (False,))
NO = Refused(ErrorClass.REJECT, "no", 422, Phase.BODY)


def on_change() -> Any:
    """A route that takes a company only where its domain changed."""
    route = route_plan("company", "upsert", fields=(field_plan("name", NAME), field_plan("domain", DOMAIN)))
    return mapping_plan(replace(route, when=DOMAIN_CHANGED))


def test_what_was_never_delivered_has_changed_and_what_was_delivered_has_not(scene: Make) -> None:
    one = scene(plans=(on_change(),))
    assert one.submit(one.company("created")).deliveries == 1
    one.drain()
    assert one.submit(one.company(sequence=4, name="Acme ASA")).reasons == {"when_false": 1}
    assert one.submit(one.company(sequence=5, domain="acme.com")).deliveries == 1
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["domain"] == "acme.com"
    assert one.submit(one.company(sequence=6, domain="acme.com", name="A")).reasons == {"when_false": 1}
    assert one.submit(one.company(sequence=7, domain=None)).deliveries == 1


def test_a_change_that_was_refused_or_lost_is_still_a_change(scene: Make) -> None:
    one = scene(plans=(on_change(),))
    one.submit(one.company("created"))
    one.drain()
    for sequence, answer in ((4, NO), (6, LOST)):
        one.memory.fault = lambda item, answer=answer: answer
        one.submit(one.company(sequence=sequence, domain="acme.com"))
        one.drain(patience_s=0.0)
        one.memory.fault = lambda item: None
        again = one.submit(one.company(sequence=sequence + 1, domain="acme.com", name=f"Acme {sequence}"))
        assert again.deliveries == 1, answer


def test_the_answer_alone_makes_no_second_update(scene: Make) -> None:
    """A field that says "new" would say "same" right after: that is no news of the entity."""
    note = If(DOMAIN_CHANGED, Lit("new"), Lit("same"))
    route = route_plan("company", "upsert", fields=(field_plan("name", NAME), field_plan("note", note)))
    one = scene(plans=(mapping_plan(route),))
    one.submit(one.company("created"))
    one.drain()
    assert one.submit(one.company(sequence=4)).reasons == {"unchanged": 1}
    one.submit(one.company(sequence=5, name="Acme ASA"))
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["note"] == "same"


def test_a_message_is_sent_again_when_only_the_compared_field_changed(scene: Make) -> None:
    body = MakeObj((("name", NAME), ("moved", DOMAIN_CHANGED)))
    plan = mapping_plan(route_plan("company", "send", body=body), connection="hook")
    one = scene(plans=(plan,), connections=(connection_plan("hook"),))
    for sequence, domain in ((3, "acme.no"), (4, "acme.com"), (5, "acme.com")):
        one.submit(one.company(sequence=sequence, domain=domain))
        one.drain()
    assert [bodies[-1] for bodies in one.memory.sent.values()] == [{"name": "Acme AS", "moved": True}] * 2


def test_only_keyed_hashes_of_the_compared_values_are_kept(scene: Make) -> None:
    one = scene(plans=(on_change(),))
    one.submit(one.company("created"))
    one.drain()
    with sqlite3.connect(one.folder / "queast.db") as database:
        ((kept,),) = database.execute("SELECT path_hashes FROM projections").fetchall()
    (hash_,) = json.loads(kept).values()
    assert list(json.loads(kept)) == ["company.domain"]
    assert len(hash_) == 32
    assert "acme" not in kept
