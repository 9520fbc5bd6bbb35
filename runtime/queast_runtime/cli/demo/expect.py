"""What ought to be at the destinations, worked out from the event files alone.

A second reading of the rules, on purpose: schemas instead of the engine's guards, the reference interpreter instead of
generated code, plain dictionaries instead of the store, no ledger at all. What it shares with the engine are the plans.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from queast_compiler.codegen import Interpreter
from queast_compiler.codegen.wire import native
from queast_compiler.plan.mapping import MappingPlan, RoutePlan

JsonObject = dict[str, Any]
Valid = Callable[[JsonObject], bool]


@dataclass(slots=True)
class Upsert:
    """A record that ought to hold `values` (wire form). `spare`: an opt-out or a deletion came later, so it
    may also be older or absent."""

    route: RoutePlan
    company: JsonObject
    values: JsonObject
    spare: bool = False


@dataclass(slots=True)
class NoteWish:
    route: RoutePlan
    signal_id: str
    company_id: str
    values: JsonObject
    spare: bool = False


@dataclass(slots=True)
class Send:
    """A webhook body; the last one about an entity is what the receiver ends up knowing."""

    route: RoutePlan
    entity_id: str
    body: Any
    spare: bool = False


@dataclass(slots=True)
class Expected:
    """Everything one mapping ought to have brought about, by (route, id); sends in order."""

    upserts: dict[tuple[str, str], Upsert] = field(default_factory=dict)
    notes: dict[tuple[str, str], NoteWish] = field(default_factory=dict)
    sends: dict[tuple[str, str], list[Send]] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """The events as they went by: what was refused and why, and what is known of each entity."""

    events: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    admitted: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _sequence: dict[tuple[str, str], int] = field(default_factory=dict)
    _companies: dict[str, JsonObject] = field(default_factory=dict)
    # Who may not leave, and the sequence of the mark that says so; None for what the entity cannot take back.
    _denied: dict[tuple[str, str], int | None] = field(default_factory=dict)


def expect(lines: Iterable[str], plan: MappingPlan, valid: Valid) -> tuple[Expected, Reading]:
    """Read `lines` in order under one mapping."""
    reader = _Reader(plan, valid)
    for line in lines:
        if line.strip():
            reader.read(line)
    return reader.expected, reader.reading


class _Reader:
    def __init__(self, plan: MappingPlan, valid: Valid) -> None:
        self.plan = plan
        self.valid = valid
        self.reading = Reading()
        self.expected = Expected()
        tables = {name: dict(rows) for name, rows in plan.tables}
        self.interpreter = Interpreter(tables)
        self.now = datetime.now(UTC)

    def read(self, line: str) -> None:
        state = self.reading
        state.events += 1
        try:
            event = json.loads(line)
        except ValueError:
            return self._refuse("broken")
        if not isinstance(event, dict) or not self.valid(event):
            return self._refuse("broken")
        key = (event["source"], event["id"])
        if key in state._seen:
            return self._refuse("duplicate")
        state._seen.add(key)
        _, entity, kind = event["type"].split(".")
        body = event["data"][entity]
        company = body if entity == "company" else event["data"].get("company", body.get("company"))
        company_id = company["id"] if company else body.get("company_id")
        if kind in ("opted_out", "erased"):
            self._deny((entity, body["id"]), None)
            return self._refuse(kind)
        parts = {(entity, body["id"]): body}
        if company:
            parts["company", company["id"]] = company
        if body.get("job_ad"):
            parts["job_ad", body["job_ad"]["id"]] = body["job_ad"]
        flagged = [part for part, value in parts.items() if value.get("do_not_export")]
        if flagged:
            for part in flagged:
                self._deny(part, parts[part].get("sequence"))
            return self._refuse("do_not_export")
        marked = state._denied.get((entity, body["id"]))
        if marked is not None and body.get("do_not_export") is False and body["sequence"] > marked:
            del state._denied[entity, body["id"]]
        named = {("person", mention.get("person_id")) for mention in body.get("mentions") or ()}
        if not state._denied.keys().isdisjoint({*parts, *named, ("company", company_id)}):
            return self._refuse("opted_out")
        if body["sequence"] < state._sequence.get((entity, body["id"]), -1):
            return self._refuse("stale_sequence")
        state.admitted += 1
        state._sequence[entity, body["id"]] = body["sequence"]
        if kind == "deleted":
            # Nothing is made for what is no more, but a record that was made before stays.
            self._spare_records((entity, body["id"]))
        self._admitted(event, entity, kind, body, company)
        return None

    def _admitted(
        self, event: JsonObject, entity: str, kind: str, body: JsonObject, company: JsonObject | None
    ) -> None:
        state = self.reading
        news = company is not None and (
            entity == "company" or company["sequence"] > state._sequence.get(("company", company["id"]), -1)
        )
        if entity == "signal" and not self._may_leave(body):
            news = news and entity == "company"
        roots = dict(event["data"])
        known = company or state._companies.get(str(body.get("company_id")))
        roots["company"] = known or {}
        if company is not None and news:
            state._sequence["company", company["id"]] = company["sequence"]
            if kind != "deleted" or entity != "company":
                state._companies[company["id"]] = company
        if self.plan.scope.where is not None and (
            known is None or self.interpreter.expression(self.plan.scope.where)(roots, self.now) is not True
        ):
            return
        for route in self.plan.routes:
            if route.entity == entity:
                self._route(route, event, kind, body, roots)
            elif route.entity == "company" and route.action == "upsert" and company is not None and news:
                self._route(route, event, "updated", company, {"company": company})

    def _route(self, route: RoutePlan, event: JsonObject, kind: str, body: JsonObject, roots: JsonObject) -> None:
        if route.entity == "signal" and (not self._may_leave(body) or body["state"] != "active"):
            return
        if kind not in route.events:
            return
        if route.when is not None and self.interpreter.expression(route.when)(roots, self.now) is not True:
            return
        if route.action == "send":
            sent = event if route.body is None else native(self.interpreter.expression(route.body)(roots, self.now))
            self.expected.sends.setdefault((route.name, body["id"]), []).append(Send(route, body["id"], sent))
            return
        record = self.interpreter.route(route)(roots, self.now)
        if record.refused is not None:
            return
        if route.action == "upsert":
            self.expected.upserts[route.name, body["id"]] = Upsert(route, body, dict(record.values))
        else:
            key = (route.name, body["id"])
            self.expected.notes.setdefault(
                key, NoteWish(route, body["id"], roots["company"].get("id", ""), dict(record.values))
            )

    def _may_leave(self, signal: JsonObject) -> bool:
        return signal["strictness"] == "strict" or self.plan.scope.signals == "informational"

    def _spare_records(self, part: tuple[str, str]) -> None:
        """What was wanted before may have been made or not: both are right."""
        entity, identity = part
        for (_, entity_id), upsert in self.expected.upserts.items():
            if entity == "company" and entity_id == identity:
                upsert.spare = True
        for (_, signal_id), note in self.expected.notes.items():
            if part in (("company", note.company_id), ("signal", signal_id)):
                note.spare = True

    def _deny(self, part: tuple[str, str], sequence: int | None) -> None:
        self.reading._denied[part] = sequence
        self._spare_records(part)
        _, identity = part
        for (_, entity_id), sends in self.expected.sends.items():
            for send in sends:
                company = send.body.get("company") if isinstance(send.body, dict) else None
                about = company.get("id") if isinstance(company, dict) else _company_of(send.body)
                if identity in (entity_id, about):
                    send.spare = True

    def _refuse(self, reason: str) -> None:
        self.reading.refused[reason] += 1


def _company_of(body: Any) -> str | None:
    data = body.get("data") if isinstance(body, dict) else None
    for value in (data or {}).values():
        if isinstance(value, dict):
            inner = value.get("company")
            return inner["id"] if isinstance(inner, dict) else value.get("company_id")
    return body.get("company_id") if isinstance(body, dict) else None
