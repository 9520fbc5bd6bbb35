"""The connection plan: everything the driver and the matcher need to know about one account, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from queast_compiler.plan.ir import Expr
from queast_compiler.plan.needs import Need

Evidence = Literal["country", "city", "domain", "linkedin", "legal_form", "phone"]
JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamePlan:
    """Names scored from 0 to 1. From `auto_link` on a link is made, if the next candidate is at least `margin` behind,
    one of `corroborate` agrees (none needs to where it is empty) and none of `veto_if_different` differs; from `review`
    on a person is asked.

    `granted_until` is the first day (ISO) on which the grant no longer holds that an `auto_link` below the policy's
    bound needs: from then on a person is asked instead. None where it needs none.
    """

    review: float
    auto_link: float
    margin: float
    corroborate: tuple[Evidence, ...]
    veto_if_different: tuple[Evidence, ...]
    granted_until: str | None = None


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """Matching of one entity on this account. `domain_from` is evaluated over the entity.

    `domain_to` are properties compared after the same normalisation; `external_id` the property that holds our id.
    `card` are pairs of `name`, `country`, `city`, `linkedin`, or of a person `email` and `company`, and the dotted path
    where a record of theirs says it.
    Without `name` the rule by name asks a person whenever a record has exactly the same.
    """

    entity: str
    object: str
    order: tuple[Literal["link", "external_id", "domain", "linkedin", "name"], ...]
    external_id: str | None
    domain_from: Expr | None
    domain_to: tuple[str, ...]
    card: tuple[tuple[str, str], ...]
    on_none: Literal["create", "review", "skip"]
    on_many: Literal["review", "skip"]
    name: NamePlan | None = None


@dataclass(frozen=True, slots=True)
class InboundPlan:
    """How what the destination sends is verified; `secret` is the secret's name."""

    verify: Literal["standard_webhooks"]
    secret: str


@dataclass(frozen=True, slots=True)
class ConnectionPlan:
    """`manifest` is the connector's runtime half (api, auth, codec, rate_limit, errors, objects with operations) as
    plain JSON, validated when it was compiled; `secrets` maps credential names to secret names; `needs` is what the
    engine must be able to do. Without `inbound` nothing is taken from there."""

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
    needs: tuple[Need, ...] = ()
    inbound: InboundPlan | None = None
