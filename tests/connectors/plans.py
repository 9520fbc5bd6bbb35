"""Connection plans of the shipped connectors, compiled from documents written here."""

from __future__ import annotations

from pathlib import Path

from queast_compiler.passes.lower_connection import lower_connection
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.connections import (
    Account,
    AccountProperty,
    Connection,
    DomainRule,
    EvidenceList,
    MatchRules,
    NameRule,
)
from queast_dsl.document.connector import Connector
from queast_dsl.document.mapping import Expression, SecretRef
from queast_dsl.loading import load_connector
from queast_dsl.source import Located, SourceFile, SourceText, Span

ID_KEY = "0123456789abcdef0123456789abcdef01234567"
DOMAIN_KEY = "fedcba9876543210fedcba9876543210fedcba98"
SIZE_KEY = "00000000000000000000000000000000000000aa"
FILE = SourceFile("mappings/acme/connections.yaml", "a connection\n" * 40)


def at(value: str, line: int = 1) -> Located[str]:
    start = (line - 1) * 13
    return Located(value, Span(FILE, start, start + len(value)))


def connector(name: str, folder: Path | None = None) -> Connector:
    diagnostics = Diagnostics()
    loaded = load_connector(name, diagnostics, folder)
    assert loaded is not None, [str(each.message) for each in diagnostics]
    return loaded


def connection(
    kind: str,
    *,
    account: str = "1",
    url: str | None = None,
    time_zone: str | None = "Europe/Oslo",
    auth: tuple[tuple[str, str], ...] = (("token", "main"),),
    match: tuple[MatchRules, ...] = (),
) -> Connection:
    return Connection(
        tenant="acme",
        name=at(f"{kind}-main"),
        connector=at(kind, 2),
        account=at(account, 3),
        url=None if url is None else at(url, 4),
        time_zone=None if time_zone is None else at(time_zone, 5),
        edition=None,
        auth=tuple((at(name, 6), SecretRef(at(secret, 6))) for name, secret in auth),
        match=match,
        source=FILE,
        span=Span(FILE, 0, 10),
    )


def match_rules(
    entity: str = "company",
    order: tuple[str, ...] = (),
    domain: tuple[str, tuple[str, ...]] | None = None,
    on_none: str | None = None,
    on_many: str | None = None,
    name: NameRule | None = None,
    corroborate: tuple[str, ...] | None = None,
) -> MatchRules:
    rule = None
    if domain is not None:
        file = SourceFile("mappings/acme/match.yaml", domain[0])
        text = SourceText(domain[0], Span(file, 0, len(domain[0])))
        rule = DomainRule(Expression(text), tuple(at(each, 9) for each in domain[1]))
    return MatchRules(
        entity=at(entity, 7),
        order=tuple(at(each, 8) for each in order),
        domain=rule,
        on_none=None if on_none is None else at(on_none, 10),
        on_many=None if on_many is None else at(on_many, 11),
        span=Span(FILE, 0, 10),
        name=name,
        corroborate=None if corroborate is None else _evidence(corroborate),
    )


def _evidence(names: tuple[str, ...]) -> EvidenceList:
    return EvidenceList(tuple(at(each, 13) for each in names), at("corroborate", 13).span)


def account(kind: str, objects: dict[str, tuple[tuple[str, str, str], ...]]) -> Account:
    """`objects` holds (name, label, type) by object."""
    return Account(
        connector=kind,
        account="1",
        pulled_at="2026-11-20T08:00:00Z",
        objects={
            object: {
                name: AccountProperty(name, label, type, False, False, None, ()) for name, label, type in properties
            }
            for object, properties in objects.items()
        },
        owners=(),
        source=SourceFile(f"mappings/acme/accounts/{kind}-main.json", "{}"),
    )


HUBSPOT_ACCOUNT = account("hubspot", {"companies": (("queast_company_id", "Queast company id", "string"),)})
PIPEDRIVE_ACCOUNT = account(
    "pipedrive",
    {
        "organizations": (
            (ID_KEY, "queast_company_id", "string"),
            (DOMAIN_KEY, "queast_domain", "string"),
            (SIZE_KEY, "Size", "enumeration"),
        )
    },
)


def plan(kind: str) -> ConnectionPlan:
    """Return the plan of a connection that holds nothing but what the connector asks for."""
    match kind:
        case "hubspot":
            given, file = connection(kind), HUBSPOT_ACCOUNT
        case "pipedrive":
            given, file = connection(kind), PIPEDRIVE_ACCOUNT
        case _:
            given = connection(
                kind, url="https://hooks.acme.example/in?k=1", auth=(("signing_secret", "main"),), time_zone=None
            )
            file = None
    diagnostics = Diagnostics()
    compiled = lower_connection(given, connector(kind), file, diagnostics)
    assert compiled is not None, [each.message for each in diagnostics]
    return compiled
