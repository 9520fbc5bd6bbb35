"""One event under one mapping: which routes want something done, exactly what, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from queast_compiler.codegen.record import EvaluationFailed
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan, RoutePlan
from queast_compiler.plan.needs import Asking, guard_of
from queast_runtime.engine.admission import Facts, concerns, granted, grants_hold, takes, where_roots
from queast_runtime.engine.canonical import canonical
from queast_runtime.engine.changes import NOTHING_DELIVERED, Hashes, path_hashes, settled, with_answers
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.identity import message_id, reference
from queast_runtime.engine.loaded import DomainOf, MappingCode, RouteCode
from queast_runtime.engine.payload import Payload, Subject
from queast_runtime.engine.projection import TIMELESS, projection_hash, projection_key, without_sequence
from queast_runtime.engine.redaction import redacted
from queast_runtime.engine.verdict import Reason
from queast_runtime.matching.keys import Keys, domain_key, linkedin_key, name_key, whose_page
from queast_runtime.ports.ledger import NewDelivery, OpKind
from queast_runtime.ports.rows import Decision, Outcome

# The grant that covers a name in a text.
NAME_PATH: Final = "person.full_name"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole batch of admissions. `domains` reads an entity's domain by the connection's
    matching rules; `hash_key` (32 bytes) keys the tenant's projections."""

    connection: ConnectionPlan
    plan_digest: str
    domains: Mapping[str, DomainOf]
    hash_key: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A delivery as it would be appended, but for its `needs`, which depend on links and the ledger."""

    delivery: NewDelivery
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Considered:
    """What one mapping made of one event."""

    outcomes: tuple[Outcome, ...]
    intents: tuple[Intent, ...]


def consider(
    event: Event,
    mapping: MappingCode,
    facts: Facts,
    terms: Terms,
    *,
    delivered: Mapping[str, Hashes],
    upserts_only: bool = False,
) -> Considered:
    """Ask the mapping, then each of its routes. Every answer is kept, so that `trace` can say why not.

    `delivered` holds, by route, the path hashes kept with what it last delivered of this entity. `upserts_only` serves
    a company that came inside another entity: records are kept in sync with it, but no event of its own is announced.
    """
    plan = mapping.plan
    reason = concerns(event, plan, facts, terms.now)
    if reason is not None:
        return _whole(plan.mapping, Decision.REFUSED, reason)
    event = redacted(event, nameable(event, plan, facts, terms.now))
    if plan.scope.where is not None:
        roots = where_roots(event, facts)
        if roots is None:
            return _whole(plan.mapping, Decision.PARKED, Reason.COMPANY_UNKNOWN)
        try:
            if not mapping.where(roots, terms.now):
                return _whole(plan.mapping, Decision.REFUSED, Reason.OUT_OF_SCOPE)
        except EvaluationFailed:
            # Nobody can say that it is in scope, so it is not.
            return _whole(plan.mapping, Decision.REFUSED, Reason.CONDITION_FAILED)
    outcomes: list[Outcome] = []
    intents: list[Intent] = []
    for route in mapping.routes:
        if route.plan.entity != event.entity or (upserts_only and route.plan.action != "upsert"):
            continue
        made = _route(event, route, facts, terms, plan.mapping, delivered.get(route.plan.name, NOTHING_DELIVERED))
        if isinstance(made, Outcome):
            outcomes.append(made)
        else:
            intents.append(made)
    return Considered(tuple(outcomes), tuple(intents))


def nameable(event: Event, plan: MappingPlan, facts: Facts, now: datetime) -> frozenset[str]:
    """Return the ids of the persons whom a mapping may name in a text of the event: it has a grant for their names, and
    none of them opted out."""
    if not event.named or NAME_PATH not in granted(plan, now):
        return frozenset()
    return frozenset(id_ for _, id_ in event.named) - facts.unnamed


def company_event(event: Event, company: JsonObject, known: bool) -> Event:
    """See the company that came inside another entity as news of its own."""
    return replace(
        event,
        type=f"queast.company.{'updated' if known else 'created'}",
        entity="company",
        kind="updated" if known else "created",
        entity_id=company["id"],
        sequence=company["sequence"],
        data={"company": company},
        company=company,
        company_id=company["id"],
    )


@dataclass(frozen=True, slots=True)
class _No:
    """Says why a route wants nothing done."""

    mapping: str
    route: str

    def __call__(self, reason: Reason, detail: str = "", decision: Decision = Decision.REFUSED) -> Outcome:
        return Outcome(self.mapping, self.route, decision, f"{reason.value}: {detail}" if detail else reason.value)


def _whole(mapping: str, decision: Decision, reason: Reason) -> Considered:
    return Considered((Outcome(mapping, "", decision, reason.value),), ())


def _route(
    event: Event, route: RouteCode, facts: Facts, terms: Terms, mapping: str, delivered: Hashes
) -> Intent | Outcome:
    plan = route.plan
    no = _No(mapping, plan.name)
    if not grants_hold(plan, terms.now):
        return no(Reason.GRANT_ENDED)
    passing = takes(event, plan)
    if passing is not None:
        ended = passing in (Reason.DELETED, Reason.COOLED_OFF, Reason.SUPPRESSED, Reason.BOOKMARK)
        return no(passing, decision=Decision.RECORDED if ended else Decision.REFUSED)
    roots = _roots(event, facts)
    hashes = path_hashes(roots, route.compared, terms.hash_key)
    if hashes:
        roots = with_answers(roots, hashes, delivered)
    try:
        if plan.when is not None and not route.when(roots, terms.now):
            return no(Reason.WHEN_FALSE)
    except EvaluationFailed as failed:
        return no(Reason.CONDITION_FAILED, failed.reason)
    if plan.action == "send":
        try:
            return _send(event, route, roots, terms, mapping, hashes, no)
        except EvaluationFailed as failed:
            return no(Reason.BODY_FAILED, failed.reason)
    record = route.evaluate(roots, terms.now)
    if record.refused is not None:
        return no(Reason.REQUIRED_FIELD, record.refused)
    on_create = {field.property for field in plan.fields if field.write == "on_create"}
    values = {name: value for name, value in record.values.items() if name not in on_create}
    subjects = _subjects(event, plan, terms, facts)
    payload = Payload(
        values=values,
        create_values={name: value for name, value in record.values.items() if name in on_create},
        body=None,
        headers=(),
        secret_headers=(),
        subjects=subjects,
        people=(*event.subjects, *event.named),
        strictness=_strictness(event),
        guards=_guards(plan, values),
    )
    told: Any = values
    if plan.action == "upsert" and (route.timed or hashes):
        timeless = route.evaluate(settled(roots, hashes) if hashes else roots, TIMELESS).values
        told = {name: value for name, value in timeless.items() if name not in on_create}
    digest = _digest([told, hashes] if hashes else told, terms)
    return Intent(_delivery(event, plan, terms, mapping, payload, digest, hashes), subjects)


def _guards(plan: RoutePlan, values: Mapping[str, Any]) -> dict[str, Asking]:
    guards: dict[str, Asking] = {}
    for field in plan.fields:
        guard = guard_of(field.write)
        if guard != "none" and field.property in values:
            guards[field.property] = guard
    return guards


def _send(
    event: Event, route: RouteCode, roots: JsonObject, terms: Terms, mapping: str, hashes: Hashes, no: _No
) -> Intent | Outcome:
    plan = route.plan
    if plan.body is None:
        body: Any = canonical(event, plan.withheld)
        told: Any = without_sequence(body["data"])
    else:
        body = route.body(roots, terms.now)
        told = route.body(without_sequence(settled(roots, hashes) if hashes else roots), TIMELESS)
        if body is None:
            return no(Reason.BODY_FAILED, "null")
    payload = Payload(
        values={},
        create_values={},
        body=body,
        headers=_pairs(route.headers(roots, terms.now)),
        secret_headers=plan.secret_headers,
        subjects=(),
        people=(*event.subjects, *event.named),
        strictness=_strictness(event),
    )
    # Created and updated tell a state; every other kind is a message of its own even with the same content.
    kind = "state" if event.kind in ("created", "updated") else event.kind
    digest = _digest([kind, told, hashes] if hashes else [kind, told], terms)
    return Intent(_delivery(event, plan, terms, mapping, payload, digest, hashes), ())


def _delivery(
    event: Event, plan: RoutePlan, terms: Terms, mapping: str, payload: Payload, digest: str, hashes: Hashes
) -> NewDelivery:
    connection = terms.connection
    kind: OpKind = plan.action
    place = (connection.tenant, connection.account, connection.connection, mapping, plan.name, event.entity_id)
    message = message_id(*place, event.kind, event.sequence)
    if kind == "create":
        # Once per entity for ever: whatever event tells of it again, the note is there.
        named = (connection.account, mapping, plan.name, event.entity_id)
        ours, dedupe = reference(*named), f"once:{message_id(*named)}"
    elif kind == "upsert":
        ours, dedupe = event.entity_id, message
    else:
        ours, dedupe = message, message
    return NewDelivery(
        connection=connection.connection,
        mapping=mapping,
        route=plan.name,
        plan_digest=terms.plan_digest,
        dedupe_key=dedupe,
        event_source=event.source,
        event_id=event.id,
        entity=event.entity,
        queast_id=event.entity_id,
        root=event.root,
        kind=kind,
        object=plan.object,
        needs=(),
        body=payload.to_bytes(),
        projection_key=projection_key(connection.account, event.entity_id),
        projection_hash=digest,
        path_hashes=hashes,
        idempotency_key=message,
        reference=ours,
        created_at=terms.now,
        due_at=terms.now,
    )


def _digest(told: Any, terms: Terms) -> str:
    return projection_hash([terms.connection.account, told], terms.hash_key)


def _subjects(event: Event, plan: RoutePlan, terms: Terms, facts: Facts) -> tuple[Subject, ...]:
    if plan.action == "upsert":
        return (Subject(event.entity, plan.object, _keys(event.entity, event.body, terms)),)
    bodies: Mapping[str, JsonObject] = {
        event.entity: event.body,
        "company": event.company or facts.company or {"id": event.company_id},
    }
    return tuple(
        Subject(attach.entity, attach.object, _keys(attach.entity, bodies[attach.entity], terms))
        for attach in plan.attach_to
        if attach.entity in bodies and bodies[attach.entity].get("id")
    )


def _keys(entity: str, body: JsonObject, terms: Terms) -> Keys:
    """The exact keys of one of our entities, under the connection's matching rules."""
    domain_of = terms.domains.get(entity)
    domain = None if domain_of is None else domain_key(domain_of({entity: body}, terms.now))
    return Keys(
        external_id=body["id"],
        domain=whose_page(domain, body.get("domain"), body.get("website_url")),
        linkedin=linkedin_key(body.get("linkedin_url")),
        name=name_key(body.get("name", body.get("full_name"))),
    )


def _roots(event: Event, facts: Facts) -> JsonObject:
    if "company" in event.data or event.entity == "company":
        return event.data
    # A company that nobody has told of yet has no values; that is no reason for its fields to fail.
    return {**event.data, "company": event.company or facts.company or {}}


def _strictness(event: Event) -> str | None:
    return str(event.body.get("strictness")) if event.entity == "signal" else None


def _pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    entries = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((name, str(value)) for name, value in entries if value is not None)
