"""A tenant's release as admission reads it, made the same way for a worker and for a rehearsal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.admit import Rules
from queast_runtime.delivery.naming import name_tokens
from queast_runtime.engine.domains import domains_of
from queast_runtime.engine.loaded import MappingCode


def rules_of_release(
    tenant: str,
    connections: Mapping[str, ConnectionPlan],
    mappings: Iterable[MappingCode],
    hash_key: bytes,
    *,
    inbound: bool = True,
) -> Rules:
    """Return the rules of a release: its mappings in their order, each with the connection it writes to.

    Without `inbound` our own companies are not kept as a message from outside looks for them.
    """
    with_connection = tuple((mapping, connections[mapping.plan.connection], mapping.digest) for mapping in mappings)
    domains = {name: domains_of(connection) for name, connection in connections.items()}
    return Rules(tenant, with_connection, domains, hash_key, name_tokens if inbound else None)
