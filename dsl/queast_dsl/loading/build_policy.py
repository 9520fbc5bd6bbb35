"""A checked tree of policy.yaml to a `Policy`."""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics, Note
from queast_dsl.document.policy import (
    DestinationGrant,
    DestinationPolicy,
    MatchingGrant,
    MatchingPolicy,
    PersonalDataGrant,
    PersonalDataPolicy,
    Policy,
    RatePolicy,
    TenantGrant,
)
from queast_dsl.functions.dates import read_date
from queast_dsl.loading.nodes import MapNode, Node, SeqNode
from queast_dsl.loading.sound import entries, listed, located, mapping, optional, scalar
from queast_dsl.source import Located


def build_policy(root: MapNode, diagnostics: Diagnostics) -> Policy | None:
    """Return the policy, or None after reporting a date that does not exist or an approver who stands twice."""
    policy = Policy(
        informational_export=tuple(_tenant_grant(grant) for grant in _grants(root.get("informational_export"))),
        source=root.span.file,
        personal_data=_personal_data(root.get("personal_data")),
        destinations=_destinations(root.get("destinations")),
        matching=_matching(root.get("matching")),
        rates=_rates(root.get("rates")),
        event_samples=tuple(_tenant_grant(grant) for grant in _grants(root.get("event_samples"))),
    )
    days = [_is_date(grant.expires, diagnostics) for grant in policy.grants]
    pairs = [_are_two(grant, "widens what leaves of persons", diagnostics) for grant in policy.personal_data.grants]
    pairs += [_are_two(grant, "lowers a threshold", diagnostics) for grant in policy.matching.grants]
    return policy if all((*days, *pairs)) else None


def _grants(node: Node | None) -> tuple[MapNode, ...]:
    return tuple(mapping(item) for item in node.items) if isinstance(node, SeqNode) else ()


def _tenant_grant(grant: MapNode) -> TenantGrant:
    return TenantGrant(
        tenant=located(grant, "tenant"),
        approver=located(grant, "approver").value,
        reason=located(grant, "reason").value,
        expires=located(grant, "expires"),
        span=grant.span,
    )


def _personal_data(node: Node | None) -> PersonalDataPolicy:
    if node is None:
        return PersonalDataPolicy()
    section = mapping(node)
    return PersonalDataPolicy(
        without_grant=_bound(section, "without_grant"),
        free_text_to=_bound(section, "free_text_to"),
        purposes=_bound(section, "purposes"),
        bases=_bound(section, "bases"),
        grants=tuple(_personal_data_grant(grant) for grant in _grants(section.get("grants"))),
        span=section.span,
    )


def _personal_data_grant(grant: MapNode) -> PersonalDataGrant:
    return PersonalDataGrant(
        tenant=located(grant, "tenant"),
        connection=optional(grant, "connection"),
        paths=listed(grant, "paths"),
        approver=located(grant, "approver"),
        second_approver=located(grant, "second_approver"),
        reason=located(grant, "reason").value,
        expires=located(grant, "expires"),
        span=grant.span,
    )


def _destinations(node: Node | None) -> DestinationPolicy:
    if node is None:
        return DestinationPolicy()
    section = mapping(node)
    return DestinationPolicy(
        connectors=_bound(section, "connectors"),
        hosts=_bound(section, "hosts"),
        grants=tuple(_destination_grant(grant) for grant in _grants(section.get("grants"))),
        span=section.span,
    )


def _destination_grant(grant: MapNode) -> DestinationGrant:
    return DestinationGrant(
        tenant=located(grant, "tenant"),
        connection=optional(grant, "connection"),
        connectors=listed(grant, "connectors"),
        hosts=listed(grant, "hosts"),
        approver=located(grant, "approver").value,
        reason=located(grant, "reason").value,
        expires=located(grant, "expires"),
        span=grant.span,
    )


def _matching(node: Node | None) -> MatchingPolicy:
    if node is None:
        return MatchingPolicy()
    section = mapping(node)
    return MatchingPolicy(
        auto_link=_least(section, "auto_link"),
        review=_least(section, "review"),
        margin=_least(section, "margin"),
        grants=tuple(_matching_grant(grant) for grant in _grants(section.get("grants"))),
        span=section.span,
    )


def _least(section: MapNode, key: str) -> Located[str] | None:
    bound = section.get(key)
    return None if bound is None else located(mapping(bound), "min")


def _matching_grant(grant: MapNode) -> MatchingGrant:
    return MatchingGrant(
        tenant=located(grant, "tenant"),
        connection=optional(grant, "connection"),
        auto_link=located(grant, "auto_link"),
        approver=located(grant, "approver"),
        second_approver=located(grant, "second_approver"),
        reason=located(grant, "reason").value,
        expires=located(grant, "expires"),
        span=grant.span,
    )


def _rates(node: Node | None) -> RatePolicy:
    if node is None:
        return RatePolicy()
    section = mapping(node)
    return RatePolicy(
        requests_per_second=optional(section, "requests_per_second"),
        tenants=tuple((each.key.located, scalar(each.value).located) for each in entries(section, "tenants")),
        span=section.span,
    )


def _bound(section: MapNode, key: str) -> tuple[Located[str], ...] | None:
    """An empty list allows nothing, a missing one bounds nothing."""
    return None if section.get(key) is None else listed(section, key)


def _is_date(expires: Located[str], diagnostics: Diagnostics) -> bool:
    try:
        read_date(expires.value)
    except ValueError:
        message = f"there is no day {expires.value}"
        diagnostics.report("QM104", message, expires.span, help="write a date such as 2027-03-01")
        return False
    return True


def _are_two(grant: PersonalDataGrant | MatchingGrant, because: str, diagnostics: Diagnostics) -> bool:
    first, second = grant.approver, grant.second_approver
    if first.value.strip().casefold() != second.value.strip().casefold():
        return True
    diagnostics.report(
        "QM460",
        f"`{second.value}` approves twice",
        second.span,
        help=f"this {because}, so somebody else approves it too",
        notes=[Note("the approver", first.span)],
    )
    return False
