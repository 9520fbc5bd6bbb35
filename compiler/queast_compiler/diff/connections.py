"""What belongs to a connection itself: where it goes, how it is authenticated, what it receives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from queast_compiler.diff.kinds import destination, security
from queast_compiler.diff.manifests import authentication, manifest
from queast_compiler.diff.matching import below_calibrated, matching
from queast_compiler.diff.model import Change
from queast_compiler.diff.moves import of_another
from queast_compiler.diff.place import Place
from queast_compiler.plan.connection import ConnectionPlan, InboundPlan
from queast_compiler.plan.mapping import MappingPlan

_OWN_FILE = "connections.yaml"
# Every change of a manifest names them.
_MOST_TOUCHED: Final = 5


def home_of(plan: ConnectionPlan) -> Place:
    """The place of a connection: the tenant's file of connections. Its plan holds no lines but those of names."""
    named = (path for path, _ in plan.sources if path.rpartition("/")[2] == _OWN_FILE)
    return Place(plan.connection, None, next(named, f"{plan.tenant}/{_OWN_FILE}"))


def connection(
    old: ConnectionPlan | None,
    new: ConnectionPlan | None,
    mappings: Iterable[MappingPlan],
    like: ConnectionPlan | None = None,
) -> Iterator[Change]:
    """Compare a connection; None where there is none. `mappings` are those that go through it, before or after.

    `like` is the one before that a new connection is compared with: without one, with what is calibrated.
    """
    using = tuple(mappings)
    if new is None:
        if old is not None:
            yield home_of(old).change(destination.CONNECTION_REMOVED, _summary(old), None)
    elif old is None:
        yield from _added(new, like, using)
    else:
        yield from _both(old, new, using)


def _both(old: ConnectionPlan, new: ConnectionPlan, using: tuple[MappingPlan, ...]) -> Iterator[Change]:
    home = home_of(new)

    def touched(object: str | None) -> str:
        return _touched(using, object)

    for path, kind, was, is_now in (
        ("connector", destination.CONNECTOR_CHANGED, old.connector, new.connector),
        ("account", destination.ACCOUNT_CHANGED, old.account, new.account),
        ("url", destination.ADDRESS_CHANGED, old.url, new.url),
        ("time_zone", destination.TIME_ZONE_CHANGED, old.time_zone, new.time_zone),
    ):
        if was != is_now:
            yield home.at(path).change(kind, was, is_now, touched(None))
    for each in (*_credentials(old, new, home.at("auth")), *_inbound(old.inbound, new.inbound, home.at("inbound"))):
        yield noted(each, touched(None))
    yield from _matching(old, new, home, using)
    if old.connector != new.connector:
        # All else in the manifest is another's, and said with the connector.
        yield from authentication(old, new, home, touched(None))
        return
    if old.connector_version != new.connector_version:
        was_text, is_text = str(old.connector_version), str(new.connector_version)
        place = home.at("connector", "version")
        yield place.change(destination.CONNECTOR_VERSION_CHANGED, was_text, is_text, touched(None))
    yield from manifest(old, new, home, touched)


def _matching(
    old: ConnectionPlan, new: ConnectionPlan, home: Place, using: tuple[MappingPlan, ...]
) -> Iterator[Change]:
    objects = {each.entity: each.object for each in (*old.match, *new.match)}
    for each in matching(old, new, home):
        yield noted(each, _touched(using, objects.get(each.path.split(".")[1])))


def _added(new: ConnectionPlan, like: ConnectionPlan | None, using: tuple[MappingPlan, ...]) -> Iterator[Change]:
    home = home_of(new)
    yield home.change(destination.CONNECTION_ADDED, None, _summary(new))
    yield from _inbound(None, new.inbound, home.at("inbound"))
    if like is None:
        for each in below_calibrated(new, home):
            yield noted(each, f"compared with what is calibrated; {_touched(using, None)}")
        return
    said = f"compared with {like.connection}"
    for each in (*_credentials(like, new, home.at("auth")), *of_another(like, new, home)):
        yield noted(each, f"{said}; {_touched(using, None)}")


def _summary(plan: ConnectionPlan) -> str:
    """`hubspot account 24512345 at https://api.hubapi.com`."""
    return f"{plan.connector} account {plan.account} at {plan.url}"


def _touched(mappings: Iterable[MappingPlan], object: str | None) -> str:
    """`touches acme-hubspot (companies)`: the mappings with the routes that write an object; all of them for None.
    Past five they are counted."""
    said: dict[str, None] = {}
    for plan in mappings:
        names = [route.name for route in plan.routes if object is None or route.object == object]
        # What hangs on an object's records depends on how they are found.
        names += [
            route.name
            for route in plan.routes
            if route.name not in names and any(each.object == object for each in route.attach_to)
        ]
        if object is None:
            said[plan.mapping] = None
        elif names:
            said[f"{plan.mapping} ({', '.join(names)})"] = None
    if not said:
        return "touches no mapping"
    more = f" and {len(said) - _MOST_TOUCHED} more" if len(said) > _MOST_TOUCHED else ""
    return f"touches {', '.join(list(said)[:_MOST_TOUCHED])}{more}"


def noted(change: Change, note: str) -> Change:
    return replace(change, note="; ".join(filter(None, (change.note, note))))


def _credentials(old: ConnectionPlan, new: ConnectionPlan, place: Place) -> Iterator[Change]:
    before, after = ({name: f"secret://{secret}" for name, secret in plan.secrets} for plan in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield place.at(name).change(security.SECRET_CHANGED, before.get(name), after.get(name))


def _inbound(old: InboundPlan | None, new: InboundPlan | None, place: Place) -> Iterator[Change]:
    if old is None or new is None:
        if new is not None:
            yield place.change(security.INBOUND_OPENED, None, new.verify)
        elif old is not None:
            yield place.change(security.INBOUND_CLOSED, old.verify, None)
        return
    if old.verify != new.verify:
        # Only one way is known today; whatever takes its place is looked at by Queast.
        yield place.at("verify").change(security.SIGNATURE_WEAKENED, old.verify, new.verify)
    if old.secret != new.secret:
        was_text, is_text = (f"secret://{each.secret}" for each in (old, new))
        yield place.at("secret").change(security.SECRET_CHANGED, was_text, is_text)
