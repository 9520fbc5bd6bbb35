"""Codes QM500-QM549: connections and account files."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

_ERROR = Severity.ERROR

CODES: tuple[Code, ...] = (
    Code(
        "QM500",
        "unknown connection",
        _ERROR,
        "A mapping sends to one connection of its own tenant, named in the tenant's `connections.yaml`.",
        "connection: hubspot-mian",
        "connection: hubspot-main",
    ),
    Code(
        "QM501",
        "unknown connector",
        _ERROR,
        "A connection names the connector that speaks to its destination. Connectors are manifests that ship with the "
        "product.",
        (
            "connection: hubspot-test\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-test:\n"
            "    connector: hubspott\n"
            '    account: "77"\n'
            "    auth: {token: secret://hubspot-test}"
        ),
        ("connection: warehouse\nroutes:\n  companies: {entity: company, events: [created], to: event}"),
    ),
    Code(
        "QM502",
        "account file is missing",
        _ERROR,
        "Accounts have properties of their own, so a mapping to such an object can only be checked against the "
        "account's file, `accounts/<connection>.json`. It lists the account's properties, options and owners and holds "
        "no records and no secrets.",
        "-- acme/accounts/hubspot-main.json --",
        ('-- acme/accounts/hubspot-main.json --\n{"pulled_at": "2026-05-20T08:00:00Z"}'),
    ),
    Code(
        "QM503",
        "records would be created without our id",
        _ERROR,
        "`on_none: create` makes new records. Without a property that holds our id they could not be found again after "
        "an interrupted run and would be created twice. Create the property in the account (unique, text) and list it "
        "in the account file, or let people decide with `on_none: review`.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match: {company: {on_none: create}}\n"
            "-- acme/accounts/hubspot-main.json --\n"
            '{"objects": {"companies": {"properties": {"queast_company_id": null}}}}'
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match: {company: {on_none: review, order: [link, domain]}}\n"
            "-- acme/accounts/hubspot-main.json --\n"
            '{"objects": {"companies": {"properties": {"queast_company_id": null}}}}'
        ),
    ),
)
