"""What came of a test in the words of its expectations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from queast_runtime.matching.decide import Linked, Match, NeedsReview, NotLookedUp, Unmatched
from queast_runtime.preview.cases.run import Outcome
from queast_runtime.preview.happening import RouteHappening


@dataclass(frozen=True, slots=True)
class SeenMatch:
    """`why` says it in words, for who expected something else."""

    record: str | None
    by: str | None
    outcome: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class SeenWrite:
    """`id` is None for a record that is made."""

    route: RouteHappening
    object: str
    id: str | None
    fields: Mapping[str, Any]


def match_of(outcome: Outcome, route: str | None) -> SeenMatch | None:
    """Return how the record was found, of the last event that looked for one; None where none was looked for."""
    if outcome.received is not None:
        received = outcome.received
        return SeenMatch(received.company_id, None, received.found, received.reason)
    for happening in reversed(outcome.happenings):
        own = [
            one
            for one in happening.routes
            if one.match is not None and one.event_id == happening.event_id and (route is None or one.route == route)
        ]
        if own:
            return _seen(own[0].match)
    return None


def _seen(found: Match | None) -> SeenMatch | None:
    match found:
        case None:
            return None
        case Linked(partner_id=partner_id, rule=rule):
            return SeenMatch(partner_id, rule, "link")
        case NeedsReview(candidates=candidates, rule=rule, reason=reason):
            between = f" ({', '.join(candidates)})" if candidates else ""
            return SeenMatch(None, rule, "review", f"waits for a person: {reason}{between}")
        case Unmatched(action=action):
            return SeenMatch(None, None, action)
        case NotLookedUp(object=object_):
            return SeenMatch(None, None, "not_found", f"the mirror of {object_} is not complete")
        case _:
            assert_never(found)


def writes_of(outcome: Outcome) -> tuple[SeenWrite, ...]:
    return tuple(
        SeenWrite(one, one.object, one.partner_id, one.fields)
        for one in outcome.routes
        if one.operation in ("create", "update")
    )


def sends_of(outcome: Outcome) -> tuple[RouteHappening, ...]:
    return tuple(one for one in outcome.routes if one.operation == "send")


def refusal_of(outcome: Outcome) -> str | None:
    """Return why the last event, or all of the mapping, was refused; None where it was not."""
    last = outcome.happenings[-1] if outcome.happenings else None
    if last is None:
        return None
    if last.decision != "admitted" and last.reason is not None and not _is_of_a_route(last.routes, last.reason):
        return _word(last.reason)
    whole = next((one for one in last.routes if one.route == "" and one.reason is not None), None)
    return None if whole is None or whole.reason is None else _word(whole.reason)


def _is_of_a_route(routes: tuple[RouteHappening, ...], reason: str) -> bool:
    """Whether an event's reason is only that of its one route."""
    return any(one.route != "" and one.reason == reason for one in routes)


def word_of(outcome: Outcome, route: str) -> str | None:
    """Return what a route made of the last event that reached it: an operation, `waiting`, `nothing`, or its reason."""
    for one in reversed(outcome.routes):
        if one.route != route:
            continue
        if one.operation is not None:
            return one.operation
        if one.decision != "admitted":
            return None if one.reason is None else _word(one.reason)
        return "nothing" if one.state == "delivered" else one.state
    return None


def _word(reason: str) -> str:
    """`condition_failed: company.name is missing`  ->  `condition_failed`"""
    return reason.partition(":")[0]
