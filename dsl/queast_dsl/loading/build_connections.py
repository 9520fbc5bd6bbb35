"""A checked tree of connections.yaml to `Connection`s."""

from __future__ import annotations

from queast_dsl.document.connections import (
    Clearance,
    Connection,
    DomainRule,
    EvidenceList,
    Inbound,
    MatchRules,
    NameRule,
)
from queast_dsl.loading.nodes import Entry, MapNode, Node
from queast_dsl.loading.sound import (
    entries,
    expression,
    listed,
    located,
    mapping,
    optional,
    scalar,
    secret,
)


def build_connections(tenant: str, root: MapNode) -> dict[str, Connection]:
    """Return the connections by name, in file order."""
    return {entry.key.value: _connection(tenant, entry) for entry in entries(root, "connections")}


def _connection(tenant: str, entry: Entry) -> Connection:
    node = mapping(entry.value)
    return Connection(
        tenant=tenant,
        name=entry.key.located,
        connector=located(node, "connector"),
        account=located(node, "account"),
        url=optional(node, "url"),
        time_zone=optional(node, "time_zone"),
        edition=optional(node, "edition"),
        auth=tuple((each.key.located, secret(each.value)) for each in entries(node, "auth")),
        match=tuple(_match(each) for each in entries(node, "match")),
        source=node.span.file,
        span=node.span,
        personal_data=_clearance(node.entry("pii")),
        inbound=_inbound(node.entry("inbound")),
    )


def _clearance(entry: Entry | None) -> Clearance | None:
    return None if entry is None else Clearance(listed(mapping(entry.value), "send"), entry.key.span)


def _inbound(entry: Entry | None) -> Inbound | None:
    if entry is None:
        return None
    node = mapping(entry.value)
    return Inbound(located(node, "verify"), secret(scalar(node.get("secret"))), entry.key.span)


def _match(entry: Entry) -> MatchRules:
    node = mapping(entry.value)
    return MatchRules(
        entity=entry.key.located,
        order=listed(node, "order"),
        domain=_domain(node.get("domain")),
        on_none=optional(node, "on_none"),
        on_many=optional(node, "on_many"),
        span=node.span,
        name=_name(node.entry("name")),
        corroborate=_evidence(node, "corroborate"),
        veto_if_different=_evidence(node, "veto_if_different"),
    )


def _domain(node: Node | None) -> DomainRule | None:
    if node is None:
        return None
    rule = mapping(node)
    return DomainRule(expression(rule.get("from")), listed(rule, "to"))


def _name(entry: Entry | None) -> NameRule | None:
    if entry is None:
        return None
    rule = mapping(entry.value)
    return NameRule(optional(rule, "review"), optional(rule, "auto_link"), optional(rule, "margin"), entry.key.span)


def _evidence(node: MapNode, key: str) -> EvidenceList | None:
    entry = node.entry(key)
    return None if entry is None else EvidenceList(listed(node, key), entry.key.span)
