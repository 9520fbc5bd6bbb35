"""What one happening comes to, for comparing it with another: decision, values, whether it fired, what it may show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan, RoutePlan
from queast_runtime.engine.event import Event
from queast_runtime.matching.decide import Linked, Match, NeedsReview, NotLookedUp, Unmatched
from queast_runtime.preview.effect_model import ValueSeen
from queast_runtime.preview.happening import Happening, RouteHappening
from queast_runtime.preview.showable import may_be_shown

# What is not written at all; null and the empty text are values, by which a destination empties a property.
NOTHING: Final = object()
EMPTY: Final = (None, "")
_ABSENT: Final = ValueSeen("absent")
_EMPTIED: Final = ValueSeen("emptied")
_HIDDEN: Final = ValueSeen("hidden")
# What was delivered or asked for already: the route would have fired, had nothing been said before.
_FIRED: Final = frozenset({"unchanged", "noted_already", "in_ledger_already"})
_LONGEST_SHOWN: Final = 200
_DAY_S: Final = 86_400


def decision(match: Match | None) -> str | None:
    """A match decision in a few words: what becomes of it, and by which rule."""
    match match:
        case None:
            return None
        case Linked(rule=rule):
            # A stored link is what an earlier event of the sample led to.
            return "linked" if rule == "link" else f"linked by {rule}"
        case NeedsReview(rule=rule):
            return "review" if rule is None else f"review by {rule}"
        case Unmatched(action="create"):
            return "a new record"
        case Unmatched():
            return "no record"
        case NotLookedUp():
            return "not looked up"


def best(match: Match | None) -> tuple[str | None, float | None]:
    match match:
        case Linked(partner_id=partner, judged=judged):
            return partner, None if judged is None else judged.score
        case NeedsReview(candidates=candidates, judged=judged):
            return (judged[0].record, judged[0].score) if judged else (candidates[0] if candidates else None, None)
        case _:
            return None, None


def by_route(happening: Happening) -> dict[tuple[str, str], RouteHappening]:
    return {(each.mapping, each.route): each for each in happening.routes if each.route}


def why_not(happening: Happening, mapping: str) -> str | None:
    """Why a whole mapping did nothing: the event was refused, or the mapping asked none of its routes."""
    if happening.decision != "admitted":
        return happening.reason
    return next((each.reason for each in happening.routes if each.mapping == mapping and not each.route), None)


def fired(happening: RouteHappening | None) -> bool:
    if happening is None:
        return False
    return happening.decision == "admitted" or (happening.reason or "") in _FIRED


def values_of(happening: RouteHappening | None) -> Mapping[str, Any]:
    if happening is None or happening.operation is None:
        return {}
    if happening.operation == "send":
        return dict(_leaves(happening.body, ""))
    return happening.fields


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """`{"a": {"b": 1}}`  ->  `a.b`, 1; a list is one value."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path or "body", value


def shows(route: RoutePlan, name: str) -> bool:
    if route.action == "send":
        # The event itself, or a body of many parts: each leaf would have to be followed to its own expression.
        return route.body is not None and may_be_shown(route.body)
    fields = [each.expr for each in route.fields if each.property == name]
    return may_be_shown(*fields)


def seen(value: Any, *, show: bool) -> ValueSeen:
    if value is NOTHING:
        return _ABSENT
    if value in EMPTY:
        return _EMPTIED
    if not show:
        return _HIDDEN
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return ValueSeen("value", text[:_LONGEST_SHOWN])


def flowing(plan: MappingPlan) -> Iterator[str]:
    """Paths of persons that a mapping may send and reads."""
    read = set(plan.reads)
    return (path for path, _ in plan.personal_data if path in read or any(each.startswith(f"{path}.") for each in read))


def says(event: Event, path: str) -> bool:
    value: Any = event.data
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value not in (None, "", [])


def whose(event: Event, path: str) -> str:
    body = event.data.get(path.partition(".")[0])
    return str(body.get("id")) if isinstance(body, Mapping) else event.entity_id


def per_day(plan: ConnectionPlan) -> int | None:
    budgets = plan.manifest.get("rate_limit", {}).get("budgets", ())
    return next((int(each["limit"]) for each in budgets if each["window_s"] == _DAY_S), None)
