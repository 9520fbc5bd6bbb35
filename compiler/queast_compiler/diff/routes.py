"""DESTINATION and LIFECYCLE: which routes write which objects, and what becomes of what they sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from queast_compiler.diff.bodies import body, headers, secret_headers
from queast_compiler.diff.fields import STAYS, fields, overwriting
from queast_compiler.diff.kinds import destination, lifecycle
from queast_compiler.diff.kinds import privacy as privacy_kinds
from queast_compiler.diff.model import Change
from queast_compiler.diff.pairing import route_pairs
from queast_compiler.diff.place import Place
from queast_compiler.diff.scope import lasts_longer, triggers, until_text
from queast_compiler.diff.wording import list_text
from queast_compiler.plan.ir import MakeObj
from queast_compiler.plan.mapping import MappingPlan, RoutePlan

# What becomes of what was sent, gentlest first; silence is what a route without a word does.
_SEVERITY: Final[Mapping[str, int]] = {"keep": 0, "append": 1, "close": 2, "update": 3, "retract": 4}
_SILENT: Final[Mapping[str, str]] = {"cooled_off": "append", "suppressed": "retract"}


def routes(old: MappingPlan, new: MappingPlan, home: Place) -> Iterator[Change]:
    """Compare the routes: those of the new plan in its order, then those that are gone.

    One that goes by another name is compared with the one it was.
    """
    before = {each.name: each for each in old.routes}
    were = {to: name for name, to in route_pairs(old, new).items()}
    for route in new.routes:
        place = home.at("routes", route.name, file=route.file, line=route.line)
        was = before.get(were.get(route.name, ""))
        if was is None:
            yield place.change(destination.ROUTE_ADDED, None, _summary(route))
            yield from parts_of_new(route, place)
            continue
        if was.name != route.name:
            yield place.change(destination.ROUTE_RENAMED, was.name, route.name)
        yield from _route(was, route, place, (old, new))
    for name, route in before.items():
        if name not in were.values():
            place = home.at("routes", name, file=route.file, line=route.line)
            yield place.change(destination.ROUTE_REMOVED, _summary(route), None, STAYS)
            yield from parts_of_gone(route, place)


def parts_of_new(route: RoutePlan, place: Place) -> Iterator[Change]:
    """What a route that is new does to what is there, and tells its receiver: it overwrites what people typed, changes
    or deletes what it sent, and has headers with secrets."""
    for field in route.fields:
        yield from overwriting(route, field, place)
    for change in _afterwards({}, dict(route.afterwards), place):
        if change.kind is lifecycle.AFTERWARDS_DELETES:
            yield change
    yield from secret_headers({}, dict(route.secret_headers), place.at("headers"))


def parts_of_gone(route: RoutePlan, place: Place) -> Iterator[Change]:
    """What a receiver of a route that is gone can no longer rely on: the keys of its body, its headers."""
    nothing = replace(route, body=None if route.body is None else MakeObj(()), headers=(), secret_headers=())
    yield from body(route, nothing, place)
    yield from headers(route, nothing, place)


def _summary(route: RoutePlan) -> str:
    """`company created, updated → companies, 10 fields`."""
    what = f"{route.entity} {', '.join(route.events)} → {route.object}"
    return f"{what}, {len(route.fields)} fields" if route.fields else what


def _route(old: RoutePlan, new: RoutePlan, place: Place, plans: tuple[MappingPlan, MappingPlan]) -> Iterator[Change]:
    if old.entity != new.entity:
        yield place.at("entity").change(destination.ENTITY_SWITCHED, old.entity, new.entity)
    yield from triggers(old, new, place, plans)
    if old.object != new.object:
        note = f"what was written stays in {old.object}"
        yield place.at("to").change(destination.OBJECT_SWITCHED, old.object, new.object, note)
    if old.action != new.action:
        yield place.at("to", "action").change(destination.ACTION_SWITCHED, old.action, new.action)
    if old.role != new.role:
        yield place.at("to", "role").change(destination.ACTION_SWITCHED, old.role, new.role)
    if set(old.attach_to) != set(new.attach_to):
        was_text, is_text = (
            list_text(f"{each.entity} → {each.object}" for each in route.attach_to) for route in (old, new)
        )
        yield place.at("attach_to").change(destination.ATTACHMENT_CHANGED, was_text, is_text)
    yield from fields(old, new, place)
    yield from body(old, new, place)
    yield from headers(old, new, place)
    yield from _afterwards(dict(old.afterwards), dict(new.afterwards), place)
    if old.granted_until != new.granted_until:
        longer = lasts_longer(old.granted_until, new.granted_until)
        kind = privacy_kinds.GRANT_EXTENDED if longer else privacy_kinds.GRANT_SHORTENED
        was_text, is_text = (until_text(each.granted_until) for each in (old, new))
        yield place.at("granted_until").change(kind, was_text, is_text, "from the day on nothing of the route leaves")


def _afterwards(before: dict[str, str], after: dict[str, str], place: Place) -> Iterator[Change]:
    for occasion in sorted(before.keys() | after.keys()):
        old, new = before.get(occasion), after.get(occasion)
        if old == new:
            continue
        silent = _SILENT.get(occasion, "keep")
        was, is_now = (_SEVERITY.get(each or silent, max(_SEVERITY.values())) for each in (old, new))
        kind = lifecycle.AFTERWARDS_DELETES if is_now > was else lifecycle.AFTERWARDS_KEEPS
        note = "as without a word" if silent in (old, new) and None in (old, new) else ""
        was_text, is_text = (f"{silent} (unsaid)" if each is None else each for each in (old, new))
        yield place.at("afterwards", occasion).change(kind, was_text, is_text, note)
