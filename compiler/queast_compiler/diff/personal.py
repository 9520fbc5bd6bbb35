"""PRIVACY: which paths of persons begin or stop to leave, to whom, about whom and on what ground."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from queast_compiler.diff.kinds import privacy as kinds
from queast_compiler.diff.model import Change
from queast_compiler.diff.place import Place
from queast_compiler.diff.reads import Flow, flows
from queast_compiler.diff.scope import WIDENS, lasts_longer, until_text
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan, PersonalUsePlan

Connections = tuple[ConnectionPlan | None, ConnectionPlan | None]


def personal(
    old: MappingPlan | None, new: MappingPlan | None, home: Place, connections: Connections, others: Iterable[Change]
) -> Iterator[Change]:
    """Compare what of persons leaves through a mapping; None where there is none.

    `connections` are the two plans it leaves by, `others` the mapping's other changes, of which those that let more
    through let more of persons through.
    """
    before, after = _first(old, home), _first(new, home)
    for path, flow in after.items():
        if path not in before:
            yield flow.place.change(kinds.PERSON_PATH_STARTS, None, path, f"to {home.connection}{_ground(new)}")
    for path, flow in before.items():
        if path not in after:
            note = f"to {home.connection}; what was sent stays there"
            yield flow.place.change(kinds.PERSON_PATH_STOPS, path, None, note)
    yield from _released(old, new, home, before, after)
    if old is None or new is None:
        return
    if (old.personal_use and new.personal_use) or old.personal_data == new.personal_data:
        # A block that is new or gone has its paths beside it, which say their ground.
        yield from _use(old.personal_use, new.personal_use, home.at("pii"))
    hosts = [_recipient(each) for each in connections]
    if old.connection != new.connection or hosts[0] != hosts[1]:
        for path, flow in after.items():
            if path in before:
                was_text, is_text = (f"{path} to {each}" for each in hosts)
                yield flow.place.change(kinds.PERSON_PATH_NEW_HOST, was_text, is_text)
    yield from _reach(old, new, home, others)


def _first(plan: MappingPlan | None, home: Place) -> dict[str, Flow]:
    """Where each path is read first."""
    found: dict[str, Flow] = {}
    for flow in () if plan is None else flows(plan, home):
        found.setdefault(flow.path, flow)
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


def _reach(old: MappingPlan, new: MappingPlan, home: Place, others: Iterable[Change]) -> Iterator[Change]:
    """`scope-widened` of a mapping that sends person.email  ->  more persons' e-mail, by every route that sends it."""
    widened = [each for each in others if each.kind.id in WIDENS]
    if not widened:
        return
    both = {(flow.path, flow.route) for flow in flows(old, home)} & {
        (flow.path, flow.route) for flow in flows(new, home)
    }
    for route in new.routes:
        start = f"routes.{route.name}"
        because = [
            each.path for each in widened if not each.path.startswith("routes.") or each.path.startswith(f"{start}.")
        ]
        paths = sorted(path for path, name in both if name == route.name)
        if because and paths:
            place = home.at("routes", route.name, file=route.file, line=route.line)
            sent = ", ".join(paths)
            yield place.change(
                kinds.PERSON_REACH_WIDENED, sent, sent, f"because of {', '.join(dict.fromkeys(because))}"
            )
