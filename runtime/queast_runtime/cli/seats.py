"""Which destinations the sandbox stands in for: those of the tenants in the mappings folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args
from urllib.parse import urlsplit

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.connections import Connection
from queast_dsl.loading import load_connector, load_tenant, tenants
from queast_runtime.sandbox.settings import Kind, Seat, example_seats

_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Seats:
    """`taken` has one double of a kind at most; `left_out` are the connections (`tenant/name`) that none stands for."""

    taken: tuple[Seat, ...]
    left_out: tuple[str, ...]


def seats_of(mappings: Path) -> Seats:
    """Return the seats of the tenants' connections, in the order of their names; without one those of the examples.

    What has errors is left out: lint says what is wrong with it.
    """
    taken: dict[str, Seat] = {}
    left_out: list[str] = []
    for tenant in tenants(mappings):
        records = mappings / tenant / "sandbox.json"
        for connection in load_tenant(mappings, tenant, Diagnostics()).connections.values():
            for seat in _seat(connection, records if records.is_file() else None):
                if seat.kind in taken:
                    left_out.append(f"{tenant}/{connection.name.value}")
                else:
                    taken[seat.kind] = seat
    if not taken:
        return Seats(example_seats(mappings if mappings.is_dir() else None), tuple(left_out))
    return Seats(tuple(taken.values()), tuple(left_out))


def _seat(connection: Connection, records: Path | None) -> Iterator[Seat]:
    """Yield the seat of a connection, nothing for one to a destination that has no double."""
    kind: Kind | None = next((each for each in _KINDS if each == connection.connector.value), None)
    secrets = [secret.name.value for _, secret in connection.auth]
    if kind is None or not secrets:
        return
    if kind == "webhook":
        if connection.url is not None:
            yield Seat("webhook", _origin(connection.url.value), connection.tenant, secrets[0], "")
        return
    manifest = load_connector(kind, Diagnostics())
    if manifest is not None:
        origin = _origin(str(manifest.runtime["api"]["base_url"]))
        yield Seat(kind, origin, connection.tenant, secrets[0], connection.account.value, records)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
