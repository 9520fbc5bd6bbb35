"""PRIVACY: which paths of persons begin or stop to leave, to whom, about whom and on what ground."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from queast_compiler.diff.conditions import reach
from queast_compiler.diff.free_text import free_text
from queast_compiler.diff.kinds import privacy as kinds
from queast_compiler.diff.model import Change
from queast_compiler.diff.pairing import route_pairs
from queast_compiler.diff.place import Place
from queast_compiler.diff.reads import Flow, flows
from queast_compiler.diff.scope import WIDENS, lasts_longer, until_text
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan, PersonalUsePlan, RoutePlan

Connections = tuple[ConnectionPlan | None, ConnectionPlan | None]


def personal(
    old: MappingPlan | None, new: MappingPlan | None, home: Place, connections: Connections, others: Iterable[Change]
) -> Iterator[Change]:
    """Compare what of persons leaves through a mapping; None where there is none.

    `connections` are the two plans it leaves by, `others` the mapping's other changes, of which those that let more
    through let more of persons through.
    """
    names = {} if old is None or new is None else route_pairs(old, new)
    before, after = _flowing(old, home, names), _flowing(new, home, {})
    for (path, route, kind), flow in after.items():
        told = (path, route, "value") in before or (kind == "condition" and (path, route, kind) in before)
        # Whoever got the value itself learns nothing from a condition about it.
        if not told and not (kind == "condition" and (path, route, "value") in after):
            yield flow.place.change(kinds.PERSON_PATH_STARTS, None, path, f"to {home.connection}{_ground(new)}")
    for (path, route, kind), flow in before.items():
        if (path, route, kind) not in after and not (kind == "condition" and (path, route, "value") in before):
            note = f"to {home.connection}; what was sent stays there"
            yield flow.place.change(kinds.PERSON_PATH_STOPS, path, None, note)
    yield from free_text(old, new, home, names)
    was_sent, is_sent = ({flow.path: flow for flow in reversed(each.values())} for each in (before, after))
    yield from _released(old, new, home, was_sent, is_sent)
    if old is None or new is None:
        return
    if (old.personal_use and new.personal_use) or old.personal_data == new.personal_data:
        # A block that is new or gone has its paths beside it, which say their ground.
        yield from _use(old.personal_use, new.personal_use, home.at("pii"))
    hosts = [_recipient(each) for each in connections]
    if old.connection != new.connection or hosts[0] != hosts[1]:
        for path, flow in is_sent.items():
            if path in was_sent:
                was_text, is_text = (f"{path} to {each}" for each in hosts)
                yield flow.place.change(kinds.PERSON_PATH_NEW_HOST, was_text, is_text)
    yield from _reach(before, after, new, home, others)
    yield from _reach_of_new((old, new), before, after, home, names)


# Path, route, and whether its value leaves or a condition tells of it.
_Key = tuple[str, str | None, str]


def _flowing(plan: MappingPlan | None, home: Place, names: Mapping[str, str]) -> dict[_Key, Flow]:
    """Where each path is read first in each route; `names` are what the routes are called on the other side."""
    found: dict[_Key, Flow] = {}
    for flow in () if plan is None else flows(plan, home):
        route = None if flow.route is None else names.get(flow.route, flow.route)
        found.setdefault((flow.path, route, flow.kind), flow)
    return found


def _recipient(plan: ConnectionPlan | None) -> str:
    return "nobody" if plan is None else f"{plan.connector} account {plan.account} at {plan.url}"


def _released(
    old: MappingPlan | None, new: MappingPlan | None, home: Place, before: Mapping[str, Flow], after: Mapping[str, Flow]
) -> Iterator[Change]:
    place = home.at("pii", "send")
    was, is_now = (dict(() if plan is None else plan.personal_data) for plan in (old, new))
    for path in sorted(was.keys() | is_now.keys()):
        if path not in was:
            if path not in after:
                yield place.change(kinds.PERSON_PATH_GRANTED, None, path, "nothing reads it yet")
        elif path not in is_now:
            if path not in before:
                yield place.change(kinds.PERSON_PATH_WITHDRAWN, path, None, "nothing read it")
        elif was[path] != is_now[path]:
            kind = kinds.GRANT_EXTENDED if lasts_longer(was[path], is_now[path]) else kinds.GRANT_SHORTENED
            was_text, is_text = (f"{path} {until_text(each[path])}" for each in (was, is_now))
            yield place.change(kind, was_text, is_text)


def _ground(plan: MappingPlan | None) -> str:
    use = None if plan is None else plan.personal_use
    return "" if use is None else f"; purpose {use.purpose}, basis {use.basis}"


def _use(old: PersonalUsePlan | None, new: PersonalUsePlan | None, place: Place) -> Iterator[Change]:
    was, is_now = (None if each is None else each.purpose for each in (old, new))
    if was != is_now:
        yield place.at("purpose").change(kinds.PURPOSE_CHANGED, was, is_now)
    was, is_now = (None if each is None else each.basis for each in (old, new))
    if was != is_now:
        yield place.at("basis").change(kinds.BASIS_CHANGED, was, is_now)


def _reach(
    before: Mapping[_Key, Flow], after: Mapping[_Key, Flow], new: MappingPlan, home: Place, others: Iterable[Change]
) -> Iterator[Change]:
    """`scope-widened` of a mapping that sends person.email  ->  more persons' e-mail, by every route that sends it."""
    widened = [each.path for each in others if each.kind.id in WIDENS]
    was, is_now = ({(path, route) for path, route, _ in side} for side in (before, after))
    for route in new.routes:
        start = f"routes.{route.name}."
        because = [path for path in widened if path.startswith(start) or not path.startswith("routes.")]
        paths = sorted(path for path, name in was & is_now if name == route.name)
        if because and paths:
            yield _wider(route, paths, f"because of {', '.join(dict.fromkeys(because))}", home)


def _reach_of_new(
    plans: tuple[MappingPlan, MappingPlan],
    before: Mapping[_Key, Flow],
    after: Mapping[_Key, Flow],
    home: Place,
    names: Mapping[str, str],
) -> Iterator[Change]:
    """A further route of persons, of more of them than every route that sent their data so far."""
    old, new = plans
    known = set(names.values())
    for route in new.routes:
        if route.name in known:
            continue
        paths = sorted(path for path, name, kind in after if name == route.name and kind == "value")
        wider: dict[str, list[str]] = {}
        for path in paths:
            carrying = [each for each in old.routes if _carries(before, path, each, names)]
            if carrying and all(_is_wider(each, route, plans) for each in carrying):
                wider[path] = [each.name for each in carrying]
        if wider:
            limited = ", ".join(dict.fromkeys(name for found in wider.values() for name in found))
            yield _wider(route, list(wider), f"so far only what {limited} lets through", home)


def _carries(before: Mapping[_Key, Flow], path: str, route: RoutePlan, names: Mapping[str, str]) -> bool:
    return (path, names.get(route.name, route.name), "value") in before


def _is_wider(old: RoutePlan, new: RoutePlan, plans: tuple[MappingPlan, MappingPlan]) -> bool:
    before, after = plans
    effect = reach(old.when, new.when, (before.tables, after.tables))
    return effect == "wider" or not set(new.events) <= set(old.events)


def _wider(route: RoutePlan, paths: list[str], note: str, home: Place) -> Change:
    sent = ", ".join(paths)
    place = home.at("routes", route.name, file=route.file, line=route.line)
    return place.change(kinds.PERSON_REACH_WIDENED, sent, sent, note)
