"""Takes events in: reads what the store knows, asks the engine, writes everything of one event in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.own_companies import keep_own_companies
from queast_runtime.delivery.resolve import release_claim
from queast_runtime.delivery.reviewing.withdrawing import withdraw
from queast_runtime.delivery.told import delivered_paths, is_told
from queast_runtime.engine.admission import Effects, Facts, admit, company_is_news, effects
from queast_runtime.engine.event import Broken, Event, JsonObject, read_event
from queast_runtime.engine.identity import message_id
from queast_runtime.engine.intents import Considered, Intent, Terms, company_event, consider
from queast_runtime.engine.loaded import DomainOf, MappingCode
from queast_runtime.engine.needs import Known, needs_of
from queast_runtime.engine.payload import Subject, to_json
from queast_runtime.engine.verdict import Admitted, Reason, Refused, Verdict
from queast_runtime.matching.own import TokensOf, no_tokens
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState, Dropped, NewDelivery
from queast_runtime.ports.rows import Decision, NewEvent, Outcome, ParkedEvent
from queast_runtime.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """A tenant's release as admission needs it: each mapping with the connection it writes to.

    `domains` reads an entity's domain, by connection and entity. `tokens_of` gives the tokens by which the index of
    names finds our own companies; None where nobody will ask for those by what they are called.
    """

    tenant: str
    mappings: tuple[tuple[MappingCode, ConnectionPlan, str], ...]
    domains: Mapping[str, Mapping[str, DomainOf]]
    hash_key: bytes
    tokens_of: TokensOf | None = no_tokens

    @property
    def asks_bookmarks(self) -> bool:
        """Whether any mapping takes bookmarked companies only; without one nobody needs to know the marks."""
        return any(mapping.plan.scope.companies == "bookmarked" for mapping, _, _ in self.mappings)

    def terms(self, connection: ConnectionPlan, digest: str, now: datetime) -> Terms:
        return Terms(connection, digest, self.domains.get(connection.connection, {}), self.hash_key, now)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one event: `connections` are those with new work. `unread` is why a line is no event, in words
    that hold no value of it."""

    decision: Decision
    reason: str | None
    deliveries: int
    connections: frozenset[str]
    unread: str | None = None


def take_in(tx: Transaction, rules: Rules, event: Event | Broken, now: datetime) -> Taken:
    """Admit one event within the transaction."""
    if isinstance(event, Broken):
        return _broken(tx, rules.tenant, event, now)
    tenant = rules.tenant
    facts = _facts(tx, rules, event)
    verdict = admit(event, facts)
    considered: list[tuple[Considered, ConnectionPlan]] = []
    if isinstance(verdict, Admitted):
        considered = _consider(tx, rules, event, facts, now)
        verdict = _after_mappings(event, considered)
    change = effects(event, facts, verdict)
    _apply(tx, rules, event, facts, change, now)
    outcomes, touched, deliveries = _append_all(tx, tenant, considered, now)
    decision, reason = _verdict_row(verdict, outcomes, deliveries)
    tx.record_event(
        tenant,
        NewEvent(
            source=event.source,
            event_id=event.id,
            type=event.type,
            entity=event.entity,
            queast_id=event.entity_id,
            sequence=event.sequence,
            decision=decision,
            reason=reason,
            body=to_json(event.envelope),
            received_at=now,
        ),
        _one_each(outcomes),
    )
    parked = tuple(sorted({one.mapping for one in outcomes if one.decision is Decision.PARKED}))
    if parked and event.company_id is not None:
        # Whatever other mappings made of it, these could not judge it: their `where` reads a company nobody told of.
        tx.park(tenant, event.company_id, ParkedEvent(event.source, event.id, parked))
    for entity, identity, _, state in change.put:
        if entity == "company" and state is not None:
            touched |= _unpark(tx, rules, identity, now)
    return Taken(decision, reason, deliveries, frozenset(touched))


def _append_all(
    tx: Transaction, tenant: str, considered: Sequence[tuple[Considered, ConnectionPlan]], now: datetime
) -> tuple[list[Outcome], set[str], int]:
    outcomes: list[Outcome] = []
    touched: set[str] = set()
    deliveries = 0
    for answer, connection in considered:
        outcomes.extend(answer.outcomes)
        for intent in answer.intents:
            outcome = _append(tx, tenant, connection, intent, now)
            outcomes.append(outcome)
            if outcome.decision is Decision.ADMITTED:
                deliveries += 1
                touched.add(connection.connection)
    return outcomes, touched, deliveries


def _unpark(tx: Transaction, rules: Rules, company_id: str, now: datetime) -> set[str]:
    """Ask the mappings that could not judge what waited for this company; return the connections with new work."""
    tenant = rules.tenant
    touched: set[str] = set()
    for one in tx.unpark(tenant, company_id):
        body = tx.event_body(tenant, one.source, one.event_id)
        event = read_event(body) if body is not None else None
        if not isinstance(event, Event):
            continue
        facts = _facts(tx, rules, event, again=True)
        verdict = admit(event, facts)
        if isinstance(verdict, Refused):
            refused = [Outcome(mapping, "", verdict.decision, verdict.reason.value) for mapping in one.mappings]
            tx.put_outcomes(tenant, one.source, one.event_id, refused)
            continue
        considered = _consider(tx, rules, event, facts, now, only=frozenset(one.mappings))
        outcomes, more, _ = _append_all(tx, tenant, considered, now)
        tx.put_outcomes(tenant, one.source, one.event_id, _one_each(outcomes))
        touched |= more
    return touched


def _facts(tx: Transaction, rules: Rules, event: Event, *, again: bool = False) -> Facts:
    tenant = rules.tenant
    if not again and tx.event_seen(tenant, event.source, event.id):
        return Facts(True, None, None, None, False, False)
    company_id, company_sequence, company = event.company_id, None, None
    if company_id is not None:
        row = tx.entity(tenant, "company", company_id)
        if row is not None:
            company_sequence = row.sequence
            company = None if row.state is None else _object(row.state)
    denied = tx.suppressed(tenant, event.subjects)
    own = (event.entity, event.entity_id)
    held = tx.suppression(tenant, *own) if own in denied else None
    flagged_at = held.sequence if held is not None and held.reason == "do_not_export" and len(denied) == 1 else None
    return Facts(
        seen=False,
        sequence=company_sequence if event.entity == "company" else tx.entity_sequence(tenant, *own),
        company_sequence=company_sequence,
        company=company,
        bookmarked=company_id is not None and rules.asks_bookmarks and tx.is_bookmarked(tenant, company_id),
        suppressed=bool(denied) and flagged_at is None,
        flagged_at=flagged_at,
        erased=held is not None and held.reason == "erased",
        unnamed=frozenset(identity for _, identity in tx.suppressed(tenant, event.named)),
    )


def _consider(
    tx: Transaction,
    rules: Rules,
    event: Event,
    facts: Facts,
    now: datetime,
    only: frozenset[str] | None = None,
) -> list[tuple[Considered, ConnectionPlan]]:
    answers: list[tuple[Considered, ConnectionPlan]] = []
    lonely: set[str] = set()
    for mapping, connection, digest in rules.mappings:
        if only is not None and mapping.plan.mapping not in only:
            continue
        terms = rules.terms(connection, digest, now)
        answer = consider(event, mapping, facts, terms, delivered=delivered_paths(tx, mapping, connection, event))
        answers.append((answer, connection))
        if event.entity != "company" and any(_lonely(tx, rules.tenant, connection, i) for i in answer.intents):
            lonely.add(connection.connection)
    company = _latest_company(event, facts)
    allowed = event.entity != "signal" or any(answer.intents for answer, _ in answers) or _is_strict(event)
    if company is None or not allowed:
        return answers
    # The company comes first, so that what hangs on it finds its delivery ahead in the same root.
    news = company_is_news(event, facts)
    inner = company_event(event, company, known=facts.company_sequence is not None)
    ahead: list[tuple[Considered, ConnectionPlan]] = []
    for mapping, connection, digest in rules.mappings:
        if news or connection.connection in lonely:
            terms = rules.terms(connection, digest, now)
            known = delivered_paths(tx, mapping, connection, inner)
            answer = consider(inner, mapping, facts, terms, delivered=known, upserts_only=True)
            ahead.append((Considered((), answer.intents), connection))
    return ahead + answers


def _is_strict(event: Event) -> bool:
    return event.body.get("strictness") == "strict"


def _latest_company(event: Event, facts: Facts) -> JsonObject | None:
    if event.entity == "company":
        return None
    if event.company is None or (
        facts.company is not None
        and facts.company_sequence is not None
        and facts.company_sequence > event.company["sequence"]
    ):
        return facts.company
    return event.company


def _lonely(tx: Transaction, tenant: str, connection: ConnectionPlan, intent: Intent) -> bool:
    """Whether the intent hangs on a company that has no record and none on its way."""
    if intent.delivery.kind != "create":
        return False
    return any(not known.linked and not known.coming for _, known in _known(tx, tenant, connection, intent))


def _known(
    tx: Transaction, tenant: str, connection: ConnectionPlan, intent: Intent
) -> tuple[tuple[Subject, Known], ...]:
    found: list[tuple[Subject, Known]] = []
    for subject in intent.subjects:
        ours = subject.keys.external_id
        linked = tx.is_linked(tenant, connection.account, subject.object, ours)
        coming = False
        mirrored = True
        if not linked:
            state = tx.mirror_state(tenant, connection.account, subject.object)
            mirrored = state is not None and state.complete
            coming = intent.delivery.kind == "create" and tx.is_coming(
                tenant, connection.connection, subject.entity, ours
            )
        found.append((subject, Known(linked, mirrored, coming)))
    return tuple(found)


def _append(tx: Transaction, tenant: str, connection: ConnectionPlan, intent: Intent, now: datetime) -> Outcome:
    new = intent.delivery

    def outcome(decision: Decision, reason: Reason | None) -> Outcome:
        return Outcome(new.mapping, new.route, decision, None if reason is None else reason.value)

    if new.kind != "create" and _unchanged(tx, tenant, connection, intent):
        return outcome(Decision.RECORDED, Reason.UNCHANGED)
    needs = needs_of(new.kind, _known(tx, tenant, connection, intent))
    new = replace(new, needs=needs) if needs else new
    delivery_id = tx.append(tenant, new)
    if delivery_id is None and new.kind != "create":
        delivery_id = _append_other(tx, tenant, new)
    if delivery_id is None:
        return outcome(Decision.RECORDED, Reason.NOTED_ALREADY if new.kind == "create" else Reason.IN_LEDGER_ALREADY)
    if new.kind == "upsert":
        tx.supersede_older(tenant, delivery_id, now)
    return outcome(Decision.ADMITTED, None)


def _append_other(tx: Transaction, tenant: str, new: NewDelivery) -> str | None:
    """Append what tells something else under a sequence that was used before, as a message of its own.

    The receiver must not take it for a repeat, so it gets another id.
    """
    before = tx.appended_hash(tenant, new.connection, new.dedupe_key)
    if before is None or new.projection_hash is None or before == new.projection_hash:
        return None
    other = message_id(new.idempotency_key, new.projection_hash)
    reference = other if new.kind == "send" else new.reference
    return tx.append(tenant, replace(new, dedupe_key=other, idempotency_key=other, reference=reference))


def _unchanged(tx: Transaction, tenant: str, connection: ConnectionPlan, intent: Intent) -> bool:
    """Nothing open for the same entity and route, and the last that was delivered said the same."""
    new = intent.delivery
    if not is_told(tx, tenant, connection.account, new):
        return False
    return not tx.has_open(tenant, new.connection, new.mapping, new.route, new.queast_id)


def _after_mappings(event: Event, considered: list[tuple[Considered, ConnectionPlan]]) -> Verdict:
    """A signal that no mapping may pass on for its strictness is refused for the tenant as a whole."""
    if event.entity != "signal" or _is_strict(event) or any(answer.intents for answer, _ in considered):
        return Admitted()
    return Refused(Decision.REFUSED, Reason.NOT_STRICT)


def _apply(tx: Transaction, rules: Rules, event: Event, facts: Facts, change: Effects, now: datetime) -> None:
    tenant = rules.tenant
    if rules.tokens_of is not None:
        keep_own_companies(tx, tenant, change.put, facts.company, rules.tokens_of)
    for entity, identity, sequence, state in change.put:
        tx.put_entity(tenant, entity, identity, sequence, None if state is None else to_json(state), now)
    if change.bookmarked is not None:
        tx.set_bookmarked(tenant, event.entity_id, change.bookmarked)
    if change.unsuppress:
        tx.unsuppress(tenant, event.entity, event.entity_id)
    for entity, identity, reason, at in change.suppress:
        if tx.suppress(tenant, entity, identity, reason, now, at):
            _stop(tx, rules, DeliveryFilter(entity=entity, queast_id=identity), entity, identity, reason, now)
    if event.kind == "deleted" and change.put:
        # Nothing is made for what is no more; a message that says what happened still goes out, in its order.
        where = DeliveryFilter(entity=event.entity, queast_id=event.entity_id, kinds=("upsert", "create"))
        _stop(tx, rules, where, event.entity, event.entity_id, event.kind, now)


def _stop(
    tx: Transaction, rules: Rules, where: DeliveryFilter, entity: str, identity: str, reason: str, now: datetime
) -> None:
    """End what is queued for the entity and what waits for its record. What is pending for others of the same company
    is judged again at send."""
    tx.cancel(rules.tenant, where, now, f"{reason} since it was put in the ledger")
    dropped = Dropped(DeliveryState.CANCELLED, f"its {entity} is {reason}")
    for connection in {plan.connection: plan for _, plan, _ in rules.mappings}.values():
        for match in connection.match:
            if match.entity == entity:
                asked = (connection.account, match.object, identity)
                withdraw(tx, rules.tenant, asked, f"its {entity} is {reason}", now, kinds=("match", "sample"))
            if match.entity != entity or tx.is_coming(rules.tenant, connection.connection, entity, identity):
                continue
            release_claim(tx, rules.tenant, connection, match.object, identity, now)
            tx.end_waiting(rules.tenant, connection.connection, f"link:{match.object}:{identity}", now, dropped)


def _verdict_row(verdict: Verdict, outcomes: Sequence[Outcome], deliveries: int) -> tuple[Decision, str | None]:
    if isinstance(verdict, Refused):
        return verdict.decision, verdict.reason.value
    if deliveries:
        return Decision.ADMITTED, None
    if any(outcome.decision is Decision.PARKED for outcome in outcomes):
        return Decision.PARKED, Reason.COMPANY_UNKNOWN.value
    reasons = {outcome.reason for outcome in outcomes if outcome.reason is not None}
    telling = reasons - {Reason.NO_ROUTE.value, Reason.MODE_OFF.value} or reasons
    reason = min(telling) if telling else Reason.NO_ROUTE.value
    told = any(outcome.decision is Decision.RECORDED for outcome in outcomes)
    return Decision.RECORDED if told else Decision.REFUSED, reason


def _one_each(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """One row a (mapping, route): where a company inside a signal meets the same route, an admission wins."""
    rows: dict[tuple[str, str], Outcome] = {}
    for outcome in outcomes:
        key = (outcome.mapping, outcome.route)
        if key not in rows or outcome.decision is Decision.ADMITTED:
            rows[key] = outcome
    return tuple(rows.values())


def _broken(tx: Transaction, tenant: str, event: Broken, now: datetime) -> Taken:
    # A line without a usable id gets one from its bytes, so that the same file handed in twice counts it once.
    decision = Decision.REFUSED
    fresh = tx.record_event(
        tenant,
        NewEvent(
            source="queast:unreadable",
            event_id=f"line-{event.digest}",
            type="",
            entity="",
            queast_id="",
            sequence=None,
            decision=decision,
            reason=f"{event.reason}: {event.detail}" if event.reason == "broken" else event.reason,
            body=event.line,
            received_at=now,
        ),
    )
    if not fresh:
        return Taken(Decision.DUPLICATE, Reason.DUPLICATE.value, 0, frozenset(), event.detail)
    return Taken(decision, event.reason, 0, frozenset(), event.detail)


def _object(state: bytes) -> JsonObject:
    value: JsonObject = orjson.loads(state)
    return value
