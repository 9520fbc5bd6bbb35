"""What of Queast's a tenant's mappings are compiled against, and whether `qmap.lock` says the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum, auto
from typing import Any

from queast_compiler.passes.program import Destination
from queast_compiler.plan.canonical import dumps
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.lock import LockFile, Pins
from queast_dsl.document.policy import Policy
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading.json_places import place_of
from queast_dsl.source import Located, SourceFile, Span


def pins_of(documents: TenantDocuments, destinations: Mapping[str, Destination | None]) -> Pins:
    """Return the digests of what sound mappings and connections rest on, whoever uses it; by name, sorted."""
    bases = {
        mapping.extends.value: _digest(mapping.sources[1].text.encode())
        for mapping in documents.mappings
        if mapping.extends is not None
    }
    manifests = {
        destination.connector.name: _digest(destination.connector.source.text.encode())
        for destination in destinations.values()
        if destination is not None
    }
    policy = None if documents.policy is None else _of_policy(documents.policy, documents.tenant)
    return Pins(dict(sorted(bases.items())), dict(sorted(manifests.items())), policy)


class Pinned(Enum):
    """What of qmap.lock sources are held to: `SHIPPED` are bases and manifests."""

    NOTHING = auto()
    SHIPPED = auto()
    ALL = auto()


def check_pins(pins: Pins, lock: LockFile, pinned: Pinned, diagnostics: Diagnostics) -> None:
    """Report once what `qmap.lock` says otherwise or does not say; what it says beside is of no account."""
    if pinned is Pinned.NOTHING:
        return
    others = list(_others(pins, lock.pins, with_policy=pinned is Pinned.ALL))
    if not others:
        return
    said = [what for what, _ in others]
    path = next((path for _, path in others if path is not None), ())
    start, end = place_of(lock.source.text, path)
    diagnostics.report(
        "QM710",
        f"not what qmap.lock was written for: {', '.join(said)}",
        Span(lock.source, start, end),
        help="see what that changes (qmap diff), then write it down: qmap update",
    )


def _others(pins: Pins, locked: Pins, *, with_policy: bool) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """What differs, in words, and where the lock file says so; None where it does not say it."""
    for kind, what, here, there in (
        ("bases", "", pins.bases, locked.bases),
        ("connectors", "connector ", pins.connectors, locked.connectors),
    ):
        for name, digest in here.items():
            if name not in there:
                yield f"{what}{name} (not in it)", None
            elif there[name] != digest:
                yield f"{what}{name}", (kind, name)
    # Where the policy lies is Queast's matter: a tenant's own repository may hold no copy of it.
    if with_policy and pins.policy is not None and locked.policy is not None and pins.policy != locked.policy:
        yield "the platform's policy", ("policy",)


def _of_policy(policy: Policy, tenant: str) -> str:
    """The digest of what a policy says to one tenant. Layout, comments and other tenants' grants are no part of it."""
    return _digest(dumps({"policy": _plain(policy, tenant)}))


def _plain(value: Any, tenant: str) -> Any:
    match value:
        case Located():
            return value.value
        case tuple():
            return [_plain(item, tenant) for item in value if not _is_of_another(item, tenant)]
        case _ if is_dataclass(value):
            parts = ((each.name, getattr(value, each.name)) for each in fields(value))
            return {name: _plain(part, tenant) for name, part in parts if not isinstance(part, Span | SourceFile)}
        case _:
            return value


def _is_of_another(item: Any, tenant: str) -> bool:
    """Say whether an entry of a list is a grant, or a rate, of another tenant."""
    named = item[0] if isinstance(item, tuple) else getattr(item, "tenant", None)
    return isinstance(named, Located) and named.value != tenant


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
