"""A person or a job ad whose company nobody has told of yet: company fields are empty, not broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from engine_plans import connection_plan, field_plan, mapping_plan, route_plan
from queast_compiler.codegen import load_mapping
from queast_compiler.plan.ir import Coalesce, Lit, Path
from queast_runtime.engine.admission import Facts
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.intents import Intent, Terms, consider
from queast_runtime.engine.payload import read_payload

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING_KNOWN = Facts(False, None, None, None, False, False)
PERSON = {"id": "p_1", "sequence": 1, "full_name": "Kari Nordmann", "company_id": "c_1"}
CITY = Coalesce((Path("company", ("city",), "str", (True,)), Lit("unknown")))
FULL_NAME = Path("person", ("full_name",), "str", (False,))


def told(facts: Facts, **data: Any) -> dict[str, Any]:
    fields = (field_plan("name", FULL_NAME), field_plan("city", CITY))
    mapping = load_mapping(mapping_plan(route_plan("person", "upsert", fields=fields)))
    event = read_event(
        {
            "specversion": "1.0",
            "id": "e_1",
            "source": "queast",
            "type": "queast.person.updated",
            "time": "2026-03-01T10:00:00Z",
            "data": {"person": PERSON, **data},
        }
    )
    assert isinstance(event, Event)
    considered = consider(event, mapping, facts, Terms(connection_plan(), "sha256:0", {}, b"k", NOW), delivered={})
    assert all(isinstance(intent, Intent) for intent in considered.intents), considered
    (intent,) = considered.intents
    return read_payload(intent.delivery.body).values


def test_without_a_company_its_fields_are_empty_and_the_person_goes_on() -> None:
    assert told(NOTHING_KNOWN) == {"name": "Kari Nordmann", "city": "unknown"}


def test_the_company_in_the_event_or_else_the_stored_one_is_read() -> None:
    stored = replace(NOTHING_KNOWN, company={"id": "c_1", "sequence": 1, "name": "Acme", "city": "Oslo"})
    assert told(stored)["city"] == "Oslo"
    inside = {"id": "c_1", "sequence": 2, "name": "Acme", "city": "Bergen"}
    assert told(stored, company=inside)["city"] == "Bergen"
