"""A connection that is new, or that a mapping moves to, beside the one that did the same before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from queast_compiler.diff.kinds import destination, identity, security
from queast_compiler.diff.manifests import authentication, manifest
from queast_compiler.diff.matching import matching
from queast_compiler.diff.model import Change, ChangeKind
from queast_compiler.diff.place import Place
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan

# What is another's by nature where the destination is of another kind: its objects and properties.
_OF_THE_CONNECTOR: Final[frozenset[ChangeKind]] = frozenset(
    {
        *(identity.MATCH_ADDED, identity.MATCH_REMOVED, identity.MATCHED_OBJECT_CHANGED, identity.CARD_CHANGED),
        *(identity.DOMAIN_TARGET_CHANGED, identity.EXTERNAL_ID_CHANGED, security.AUTHENTICATION_CHANGED),
    }
)


def likened(
    new: ConnectionPlan, olds: Mapping[str, ConnectionPlan], news: Iterable[str], came_from: Iterable[str]
) -> ConnectionPlan | None:
    """Return what a connection that is new is compared with: one of the same connector and account before, rather one
    that is gone, else the first that a mapping of it went through before; None where there is none.

    `news` are the names of today's connections, `came_from` those that its mappings went through.
    """
    kept = set(news)
    same = [each for each in olds.values() if (each.connector, each.account) == (new.connector, new.account)]
    if same:
        return min(same, key=lambda each: (each.connection in kept, each.connection))
    return next((olds[name] for name in came_from if name in olds), None)


def of_another(old: ConnectionPlan, new: ConnectionPlan, home: Place) -> Iterator[Change]:
    """Compare matching, authentication and, of one connector, how it is spoken to, of connections by two names."""
    if old.connector != new.connector:
        for each in (*matching(old, new, home), *authentication(old, new, home, "")):
            if each.kind not in _OF_THE_CONNECTOR:
                yield each
        return
    if old.account == new.account and old.url != new.url:
        yield home.at("url").change(destination.ADDRESS_CHANGED, old.url, new.url)
    yield from matching(old, new, home)
    for each in manifest(old, new, home, lambda _: ""):
        # Another account has other properties; what fields do differently is shown there.
        if each.kind is not destination.OBJECT_DESCRIBED_OTHERWISE:
            yield each


def moved_to(mapping: MappingPlan, old: ConnectionPlan, new: ConnectionPlan, home: Place) -> Iterator[Change]:
    """What of the connection that a mapping moves to is otherwise than what it went through: of the entities that the
    mapping is about."""
    asked = {route.entity for route in mapping.routes} | {rule.entity for rule in mapping.receive}
    asked |= {each.entity for route in mapping.routes for each in route.attach_to}
    for change in of_another(old, new, home):
        _, part, rest = change.path.partition("match.")
        if not part or rest.split(".")[0] in asked:
            yield change
