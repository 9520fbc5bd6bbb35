"""May this event leave at all, and does it concern this mapping? Pure: facts in, a verdict out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from queast_compiler.plan.mapping import MappingPlan, RoutePlan, ScopePlan
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.verdict import Admitted, Reason, Refused, Verdict
from queast_runtime.ports.rows import Decision


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store knew when the event came. Sequences are None for an entity never seen.

    `company` is the latest stored state of the event's company, be it the entity itself, `bookmarked` the stored mark,
    `suppressed` whether any of the event's subjects may not leave. `flagged_at` is the sequence at which the entity
    itself was last marked `do_not_export`, where nothing but that mark holds it back. `erased`: nothing of the entity
    may be stored again. `unnamed` are ids of persons whom the event names and who opted out: nothing may name them.
    """

    seen: bool
    sequence: int | None
    company_sequence: int | None
    company: JsonObject | None
    bookmarked: bool
    suppressed: bool
    flagged_at: int | None = None
    erased: bool = False
    unnamed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effects:
    """What an event changes in our own tables, whether or not anything leaves. `suppress` holds entity, id, reason and
    the sequence at which the entity said so, if it said that."""

    put: tuple[tuple[str, str, int, JsonObject | None], ...] = ()
    suppress: tuple[tuple[str, str, str, int | None], ...] = ()
    unsuppress: bool = False
    bookmarked: bool | None = None


def admit(event: Event, facts: Facts) -> Verdict:
    """Judge the event for the whole tenant.

    A deny is looked for before the sequence: an opt-out that comes late still denies. An equal sequence is not stale,
    whatever the event's kind: the company may have come inside a signal first, and of two different contents the one
    that came last is stored and sent.
    """
    if facts.seen:
        return Refused(Decision.DUPLICATE, Reason.DUPLICATE)
    if event.kind == "opted_out":
        return Refused(Decision.RECORDED, Reason.OPTED_OUT)
    if event.kind == "erased":
        return Refused(Decision.RECORDED, Reason.ERASED)
    if flagged(event):
        return Refused(Decision.REFUSED, Reason.DO_NOT_EXPORT)
    if facts.suppressed or (facts.flagged_at is not None and not unflags(event, facts)):
        return Refused(Decision.REFUSED, Reason.OPTED_OUT)
    if facts.sequence is not None and event.sequence < facts.sequence:
        return Refused(Decision.STALE, Reason.STALE_SEQUENCE)
    return Admitted()


def effects(event: Event, facts: Facts, verdict: Verdict) -> Effects:
    """Work out what to store for the event.

    The company inside another entity is stored only with that entity's admission: a refused signal must not use up the
    company's sequence, or the company's own routes would never see that state.
    """
    suppress: list[tuple[str, str, str, int | None]] = []
    if event.kind in ("opted_out", "erased"):
        suppress.append((event.entity, event.entity_id, event.kind, None))
    suppress.extend((entity, identity, "do_not_export", at) for (entity, identity), at in sorted(_flags(event).items()))
    if isinstance(verdict, Refused) and verdict.decision in (Decision.DUPLICATE, Decision.STALE):
        return Effects(suppress=() if verdict.decision is Decision.DUPLICATE else tuple(suppress))
    gone = event.kind in ("deleted", "erased") or facts.erased
    put: list[tuple[str, str, int, JsonObject | None]] = []
    # An erasure holds whenever it comes; a deletion that is older than what is stored was refused above.
    newest = event.sequence if facts.sequence is None else max(event.sequence, facts.sequence)
    if newest == event.sequence or event.kind == "erased":
        put.append((event.entity, event.entity_id, newest, None if gone else event.body))
    if isinstance(verdict, Admitted) and company_is_news(event, facts) and event.company is not None:
        put.append(("company", event.company["id"], event.company["sequence"], event.company))
    bookmarked = {"bookmarked": True, "unbookmarked": False}.get(event.kind)
    return Effects(tuple(put), tuple(suppress), isinstance(verdict, Admitted) and unflags(event, facts), bookmarked)


def company_is_news(event: Event, facts: Facts) -> bool:
    """Whether the company inside a person, signal or job ad is newer than what is stored, or unknown so far."""
    if event.entity == "company" or event.company is None:
        return False
    sequence: int = event.company["sequence"]
    return facts.company_sequence is None or sequence > facts.company_sequence


def unflags(event: Event, facts: Facts) -> bool:
    """Whether the entity takes back its own mark: it says `do_not_export: false`, and later than it said true.

    What it leaves unsaid takes nothing back, and neither does a word on the company inside another entity.
    """
    at = facts.flagged_at
    return at is not None and event.body.get("do_not_export") is False and event.sequence > at


def flagged(event: Event) -> bool:
    """Whether the event itself says `do_not_export`, on the entity, its company or its job ad."""
    return bool(_flags(event))


def _flags(event: Event) -> dict[tuple[str, str], int | None]:
    """The marked entities with their sequences; a job ad inside a signal may have none."""
    parts: list[tuple[str, Any]] = [(event.entity, event.body), ("company", event.company)]
    parts.append(("job_ad", event.body.get("job_ad")))
    return {
        (entity, body["id"]): body["sequence"] if isinstance(body.get("sequence"), int) else None
        for entity, body in parts
        if isinstance(body, dict) and body.get("do_not_export", False) is not False and isinstance(body.get("id"), str)
    }


def concerns(event: Event, plan: MappingPlan, facts: Facts, now: datetime) -> Reason | None:
    """Return why the mapping lets the event pass by, or None. `where` is asked afterwards, by the caller."""
    if plan.mode == "off":
        return Reason.MODE_OFF
    if event.entity == "signal" and not strict_enough(event.body.get("strictness"), plan.scope, now):
        return Reason.NOT_STRICT
    if not any(route.entity == event.entity for route in plan.routes):
        return Reason.NO_ROUTE
    if plan.scope.companies == "bookmarked" and not _bookmarked(event, facts):
        return Reason.NOT_BOOKMARKED
    return None


def strict_enough(strictness: object, scope: ScopePlan, now: datetime) -> bool:
    """Only `strict` leaves, unless the mapping asks for more and its grant has not run out."""
    if strictness == "strict":
        return True
    if scope.signals != "informational" or scope.informational_expires is None:
        return False
    return now < _end(scope.informational_expires)


def granted(plan: MappingPlan, now: datetime) -> frozenset[str]:
    """Return the person paths that a mapping's grants, and the platform's where it needs them, let out today."""
    return frozenset(path for path, until in plan.personal_data if until is None or now < _end(until))


def grants_hold(route: RoutePlan, now: datetime) -> bool:
    """Whether every grant of the platform still holds that the route's values, conditions and destination need."""
    return route.granted_until is None or now < _end(route.granted_until)


def takes(event: Event, route: RoutePlan) -> Reason | None:
    """Return why the route lets the event pass by, or None. Only `keep` exists for what comes after a note or record:
    an end of life is taken down, and sent only as an event of its own where the route lists it."""
    if route.entity != event.entity:
        return Reason.NO_ROUTE
    listed = event.kind in route.events
    if event.kind in ("created", "updated"):
        state = event.body.get("state")
        if event.entity == "signal" and state in ("cooled_off", "suppressed"):
            return Reason(state)
        return None if listed else Reason.NO_ROUTE
    if listed and route.action == "send":
        return None
    match event.kind:
        case "deleted" | "cooled_off" | "suppressed":
            return Reason(event.kind)
        case "bookmarked":
            # It brings the company into scope, so what an update would do is due now.
            return None if route.action == "upsert" else Reason.BOOKMARK
        case _:
            return Reason.BOOKMARK


def where_roots(event: Event, facts: Facts) -> JsonObject | None:
    """The roots for `scope.where`: the event's, and the company it embeds or the latest stored; None: not known yet."""
    company = event.company if event.company is not None else facts.company
    return None if company is None else {**event.data, "company": company}


def _bookmarked(event: Event, facts: Facts) -> bool:
    if event.kind in ("bookmarked", "unbookmarked"):
        return event.kind == "bookmarked"
    company: Mapping[str, Any] = event.company or facts.company or {}
    return facts.bookmarked or company.get("bookmarked") is True


def _end(expires: str) -> datetime:
    """A date is the first day on which the grant no longer holds, in UTC, as it is for the compiler."""
    if len(expires) == len("2026-01-31"):
        return datetime.combine(date.fromisoformat(expires), time(), UTC)
    moment = datetime.fromisoformat(expires)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
