"""The connection plan: everything the driver and the matcher need to know about one account, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from queast_compiler.plan.ir import Expr

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """Matching of one entity on this account. `domain_from` is evaluated over the entity.

    `domain_to` are properties compared after the same normalisation; `external_id` the property that holds our id.
    """

    entity: str
    object: str
    order: tuple[Literal["link", "external_id", "domain", "linkedin", "name"], ...]
    external_id: str | None
    domain_from: Expr | None
    domain_to: tuple[str, ...]
    on_none: Literal["create", "review", "skip"]
    on_many: Literal["review", "skip"]


@dataclass(frozen=True, slots=True)
class ConnectionPlan:
    """`manifest` is the connector's runtime half (api, auth, codec, rate_limit, errors, objects with operations) as
    plain JSON, validated when it was compiled; `secrets` maps credential names to secret names."""

    tenant: str
    connection: str
    connector: str
    connector_version: int
    account: str
    url: str
    time_zone: str
    secrets: tuple[tuple[str, str], ...]
    match: tuple[MatchPlan, ...]
    manifest: JsonObject
    sources: tuple[tuple[str, str], ...]
