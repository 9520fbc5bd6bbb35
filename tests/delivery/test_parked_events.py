"""An event that one mapping cannot judge yet waits for that mapping, whatever the others made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine_plans import connection_plan, mapping_plan, route_plan
from queast_compiler.plan.ir import Compare, Lit, Path
from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.ports.rows import Decision

Make = Callable[..., Any]
NORWEGIAN = Compare("==", Path("company", ("country",), "str", (True,)), Lit("NO"))
AD = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_1", "url": "https://acme.example/jobs/1"}


def plans() -> tuple[MappingPlan, ...]:
    every = mapping_plan(route_plan("job_ad", "send", events=("created", "updated")), connection="hook")
    narrow = replace(every, mapping="norwegian", scope=replace(every.scope, where=NORWEGIAN))
    return every, narrow


def decisions(one: Any, event_id: str) -> dict[str, str]:
    with one.store.read() as snapshot:
        return {row.mapping: row.decision.value for row in snapshot.event_outcomes("acme", "queast", event_id)}


def test_what_one_mapping_admits_still_waits_for_the_other(scene: Make) -> None:
    one = scene(plans=plans(), connections=(connection_plan("hook"),))
    receipt = one.submit(one.event("job_ad.created", {"job_ad": AD}))
    assert receipt.deliveries == 1
    assert decisions(one, "e_1") == {"acme-crm": "admitted", "norwegian": "parked"}
    one.submit(one.company(country="NO"))
    one.drain()
    assert len(one.memory.sent) == 2
    assert decisions(one, "e_1") == {"acme-crm": "admitted", "norwegian": "admitted"}


def test_a_parked_event_that_a_newer_one_overtook_says_so(scene: Make) -> None:
    one = scene(plans=plans()[1:], connections=(connection_plan("hook"),))
    one.submit(one.event("job_ad.created", {"job_ad": AD}))
    one.submit(one.event("job_ad.updated", {"job_ad": {**AD, "sequence": 2, "title": "Head clerk"}}))
    one.submit(one.company(country="NO"))
    one.drain()
    assert decisions(one, "e_1") == {"norwegian": Decision.STALE.value}
    assert decisions(one, "e_2") == {"norwegian": "admitted"}
    assert len(one.memory.sent) == 1


def test_many_parked_events_of_one_company_come_out_in_their_order(scene: Make) -> None:
    one = scene(plans=plans()[1:], connections=(connection_plan("hook"),))
    one.submit(*(one.event("job_ad.created", {"job_ad": {**AD, "id": f"j_{n}"}}) for n in range(12)))
    with one.store.read() as snapshot:
        assert [row.event_id for row in snapshot.parked("acme", "c_1")] == [f"e_{n}" for n in range(1, 13)]
    one.submit(one.company(country="NO"))
    assert [row.queast_id for row in one.deliveries()] == [f"j_{n}" for n in range(12)]
    with one.store.read() as snapshot:
        assert snapshot.parked("acme", "c_1") == ()
