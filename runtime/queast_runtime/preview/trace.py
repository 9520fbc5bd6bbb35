"""One event's way under one mapping: admission, matching, fields, the exact request. Nothing is kept or sent.

A new event is taken in by the very code that a worker runs, in a transaction that the caller rolls back; a stored one
is shown as it was decided, with its matching and fields worked out again from what is known now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from queast_compiler.codegen import FieldTrace, Interpreter
from queast_compiler.codegen.analysis import compared_paths
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan, RoutePlan
from queast_runtime.connectors.body import CannotFill
from queast_runtime.delivery.admit import Rules, take_in
from queast_runtime.delivery.leaving import leaves
from queast_runtime.delivery.prepare import Bench, item
from queast_runtime.delivery.resolve import find, held_back
from queast_runtime.delivery.steps import Bound, Claimed, Place
from queast_runtime.engine.changes import NOTHING_DELIVERED, path_hashes, with_answers
from queast_runtime.engine.event import Broken, Event, read_event
from queast_runtime.engine.payload import Subject, read_payload
from queast_runtime.engine.projection import projection_key
from queast_runtime.matching.decide import Linked, Match, NeedsReview, NotLookedUp, Unmatched
from queast_runtime.matching.fuzzy import Judged
from queast_runtime.ports import Driver, HttpRequest
from queast_runtime.ports.ledger import Delivery, DeliveryFilter, Taken
from queast_runtime.ports.rows import Outcome
from queast_runtime.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One matching rule: the key it looked for (None where the entity has none) and the partner ids it met."""

    rule: str
    key: str | None
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchTrace:
    """How one entity finds its record; `decision` in words. `judged` are the records that were compared, best first."""

    entity: str
    queast_id: str
    rules: tuple[RuleTrace, ...]
    decision: str
    judged: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteTrace:
    """One route. `decision` and `reason` as stored; `delivery` is its row in the ledger, None where it made none.

    `unsendable` says why the delivery can be no request at all, such as a header with characters that cannot be sent.
    """

    route: RoutePlan
    decision: str
    reason: str | None
    fields: tuple[FieldTrace, ...]
    matches: tuple[MatchTrace, ...]
    delivery: Delivery | None
    request: HttpRequest | None
    unsendable: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """`stored` tells an event that was taken in before from one that was only tried."""

    event_id: str
    type: str
    entity_id: str
    decision: str
    reason: str | None
    stored: bool
    whole: tuple[Outcome, ...]
    routes: tuple[RouteTrace, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a trace stands on: the release, the mapping and its connection, and the driver that would send."""

    rules: Rules
    mapping: MappingPlan
    connection: ConnectionPlan
    digest: str
    driver: Driver
    now: datetime


def trace_new(tx: Transaction, ground: Ground, raw: bytes) -> Trace:
    """Try an event that was not taken in. The caller rolls `tx` back."""
    event = read_event(raw)
    if isinstance(event, Event) and tx.event_seen(ground.rules.tenant, event.source, event.id):
        return trace_stored(tx, ground, event.source, event.id)
    taken = take_in(tx, ground.rules, event, ground.now)
    if isinstance(event, Broken):
        return Trace(event.id, "", "", taken.decision.value, taken.reason, False, (), ())
    return _trace(tx, ground, event, taken.decision.value, taken.reason, stored=False)


def trace_stored(tx: Transaction, ground: Ground, source: str, event_id: str) -> Trace:
    """Show an event that was taken in. Raises LookupError if there is none."""
    tenant = ground.rules.tenant
    row = next((row for row in tx.events_with_id(tenant, event_id) if row.source == source), None)
    body = tx.event_body(tenant, source, event_id)
    if row is None or body is None:
        raise LookupError(f"no event {event_id} of {source} is stored")
    event = read_event(body)
    if isinstance(event, Broken):
        return Trace(event_id, row.type, row.queast_id, row.decision.value, row.reason, True, (), ())
    return _trace(tx, ground, event, row.decision.value, row.reason, stored=True)


def _trace(tx: Transaction, ground: Ground, event: Event, decision: str, reason: str | None, *, stored: bool) -> Trace:
    tenant, mapping = ground.rules.tenant, ground.mapping
    outcomes = [o for o in tx.event_outcomes(tenant, event.source, event.id) if o.mapping == mapping.mapping]
    by_route = {outcome.route: outcome for outcome in outcomes}
    rows = tx.deliveries(
        tenant, DeliveryFilter(connection=mapping.connection, mapping=mapping.mapping, event_id=event.id), limit=1000
    )
    interpreter = Interpreter({name: dict(table) for name, table in mapping.tables})
    stored_company = _stored_company(tx, tenant, event)
    routes: list[RouteTrace] = []
    for route in mapping.routes:
        row = next((row for row in rows if row.route == route.name), None)
        outcome = by_route.get(route.name)
        if row is None and outcome is None and route.entity != event.entity:
            continue
        own = event.entity == route.entity
        request, unsendable = _request_or_reason(tx, ground, row)
        routes.append(
            RouteTrace(
                route=route,
                decision=outcome.decision.value if outcome else "admitted" if row else decision,
                reason=outcome.reason if outcome else None if row else reason,
                fields=interpreter.trace(route, _asked(tx, ground, event, route, stored_company, own=own), ground.now),
                matches=_matches(tx, ground, row),
                delivery=row,
                request=request,
                unsendable=unsendable,
            )
        )
    whole = tuple(outcome for outcome in outcomes if outcome.route == "")
    return Trace(event.id, event.type, event.entity_id, decision, reason, stored, whole, tuple(routes))


def _stored_company(tx: Transaction, tenant: str, event: Event) -> dict[str, Any] | None:
    row = None if event.company_id is None else tx.entity(tenant, "company", event.company_id)
    if row is None or row.state is None:
        return None
    state: dict[str, Any] = orjson.loads(row.state)
    return state


def _roots(event: Event, stored: dict[str, Any] | None, *, own: bool) -> dict[str, Any]:
    """What the engine hands to the route: a company route set off by another entity's event sees the company alone."""
    if "company" in event.data or event.entity == "company":
        return event.data
    company = event.company or stored or {}
    return {**event.data, "company": company} if own else {"company": company}


def _asked(
    tx: Transaction,
    ground: Ground,
    event: Event,
    route: RoutePlan,
    stored: dict[str, Any] | None,
    *,
    own: bool,
) -> dict[str, Any]:
    """The roots, with what has changed since the route last delivered the entity, as far as it asks for that."""
    roots = _roots(event, stored, own=own)
    compared = compared_paths(field.expr for field in route.fields)
    if not compared:
        return roots
    ours = event.entity_id if own else event.company_id
    key = projection_key(ground.connection.account, ours or "")
    last = tx.projection(ground.rules.tenant, ground.connection.connection, ground.mapping.mapping, route.name, key)
    now = path_hashes(roots, compared, ground.rules.hash_key)
    return with_answers(roots, now, NOTHING_DELIVERED if last is None else last.path_hashes)


def _matches(tx: Transaction, ground: Ground, row: Delivery | None) -> tuple[MatchTrace, ...]:
    claimed = _claimed(tx, ground, row)
    if claimed is None:
        return ()
    return tuple(_match(tx, ground, subject) for subject in claimed.payload.subjects)


def _match(tx: Transaction, ground: Ground, subject: Subject) -> MatchTrace:
    place = _place(ground)
    plan = place.match(subject.object)
    tenant, account, keys = place.tenant, place.account, subject.keys
    rules: list[RuleTrace] = []
    for rule in plan.order if plan else ("link",):
        if rule == "link":
            link = tx.link(tenant, account, subject.object, keys.external_id)
            rules.append(RuleTrace(rule, keys.external_id, (link.partner_id,) if link else ()))
        else:
            key = {
                "external_id": keys.external_id,
                "domain": keys.domain,
                "linkedin": keys.linkedin,
                "name": keys.name,
            }[rule]
            met = tx.mirror_find(tenant, account, subject.object, rule, key) if key is not None else ()
            rules.append(RuleTrace(rule, key, met))
    decided = find(tx, place, subject, plan)
    if isinstance(decided, Linked):
        decided = held_back(tx, place, subject, decided, ground.now) or decided
    return MatchTrace(subject.entity, keys.external_id, tuple(rules), in_words(decided), _judged(decided))


def _judged(decided: Match) -> tuple[Judged, ...]:
    match decided:
        case NeedsReview(judged=judged):
            return judged
        case Linked(judged=Judged() as judged):
            return (judged,)
        case _:
            return ()


def in_words(decided: Match) -> str:
    """Return a matching decision as a sentence."""
    match decided:
        case Linked(partner_id=partner_id, rule=rule):
            return f"record {partner_id}, by {rule}"
        case NeedsReview(candidates=candidates, reason=reason):
            between = f" ({', '.join(candidates)})" if candidates else ""
            return f"waits for a person: {reason}{between}; nothing is written"
        case Unmatched(action="create"):
            return "no record: one live search, then a new one is created"
        case Unmatched():
            return "no record: the connection creates none"
        case NotLookedUp(object=object_):
            return f"not looked up yet: the mirror of {object_} is not complete, so creating waits"


def _request_or_reason(tx: Transaction, ground: Ground, row: Delivery | None) -> tuple[HttpRequest | None, str | None]:
    try:
        return _request(tx, ground, row), None
    except CannotFill as error:
        return None, str(error)


def _request(tx: Transaction, ground: Ground, row: Delivery | None) -> HttpRequest | None:
    """The request that this delivery makes, or would make now; None while nobody can say which record it is about."""
    claimed = _claimed(tx, ground, row)
    if claimed is None or row is None:
        return None
    place = _place(ground)
    bench = Bench(place, ground.driver, leaves([ground.mapping]), {}, ground.now)
    if row.kind == "send":
        return ground.driver.preview(item(bench, claimed, "send", None, ()))
    found = [(subject, find(tx, place, subject, place.match(subject.object))) for subject in claimed.payload.subjects]
    partners = {subject.object: decided.partner_id for subject, decided in found if isinstance(decided, Linked)}
    if row.kind == "upsert":
        partner = partners.get(row.object)
        if partner is None and not isinstance(found[0][1], Unmatched):
            return None
        return ground.driver.preview(item(bench, claimed, "update" if partner else "create", partner, ()))
    if len(partners) < len(found):
        return None
    return ground.driver.preview(item(bench, claimed, "create", None, tuple(partners.items())))


def _claimed(tx: Transaction, ground: Ground, row: Delivery | None) -> Claimed | None:
    if row is None:
        return None
    body = tx.delivery_body(ground.rules.tenant, row.id)
    # Past its retention a delivery keeps its row and loses its body.
    bound = Bound(_place(ground), ground.driver)
    return None if not body else Claimed(Taken(row, body, row.attempts), read_payload(body), bound)


def _place(ground: Ground) -> Place:
    return Place(ground.rules.tenant, ground.connection, 0, ground.digest, ground.rules.hash_key)
