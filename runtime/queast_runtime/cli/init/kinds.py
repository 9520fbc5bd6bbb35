"""What a new tenant may begin with: one entry for each word that `--from` takes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["hubspot", "pipedrive", "webhook", "inbound"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """`connection` is the name of the tenant's connection, `account` the sandbox's account that it is pinned to, `ends`
    what the mapping's name ends with, `says` what is made, in words."""

    kind: Kind
    connection: str
    account: str
    ends: str
    says: str


BEGINNINGS: Final[Mapping[str, Beginning]] = {
    each.kind: each
    for each in (
        Beginning("hubspot", "hubspot-main", "10000001", "hubspot", "companies and notes in HubSpot"),
        Beginning("pipedrive", "pipedrive-main", "10000001", "pipedrive", "organizations and notes in Pipedrive"),
        Beginning("webhook", "endpoint", "endpoint", "webhook", "signed events to an endpoint of your own"),
        Beginning("inbound", "endpoint", "endpoint", "inbound", "events to an endpoint, and bookmarks from there"),
    )
}
