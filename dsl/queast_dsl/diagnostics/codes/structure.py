"""Codes QM100-QM199: shape of a document."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM100",
        "Unknown key",
        Severity.ERROR,
        "Documents are closed: a key that is not known here is refused, so that a typing error is never ignored.",
        "mode: live\ndescripton: Names of companies",
        "mode: live\ndescription: Names of companies",
    ),
    Code(
        "QM101",
        "Missing key",
        Severity.ERROR,
        "A key that this place needs is not there, neither in the file nor in its base.",
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM102",
        "Wrong kind of value",
        Severity.ERROR,
        "Text, a list or a mapping stands where another of them is needed.",
        "events: created",
        "events: [created, updated]",
    ),
    Code(
        "QM103",
        "Value not allowed",
        Severity.ERROR,
        "The place takes one of a few words, and this is none of them.",
        "mode: on",
        "mode: live",
    ),
    Code(
        "QM104",
        "Value not well formed",
        Severity.ERROR,
        "The text does not have the form that this place needs, for example a name of small letters and hyphens.",
        '-- acme/accounts/hubspot-main.json --\n{"pulled_at": "20.05.2026"}',
        ('-- acme/accounts/hubspot-main.json --\n{"pulled_at": "2026-05-20T08:00:00Z"}'),
    ),
    Code(
        "QM105",
        "Too long, too short, too many or too few",
        Severity.ERROR,
        "The text or list is outside the length that this place allows, or holds an item twice.",
        "events: []",
        "events: [created, updated]",
    ),
    Code(
        "QM106",
        "Number out of range",
        Severity.ERROR,
        "The number is outside what this place allows.",
        (
            "-- acme/accounts/hubspot-main.json --\n"
            '{"objects": {"companies": {"properties": {"domain": {"max_length": 0}}}}}'
        ),
        (
            "-- acme/accounts/hubspot-main.json --\n"
            '{"objects": {"companies": {"properties": {"domain": {"max_length": 255}}}}}'
        ),
    ),
    Code(
        "QM110",
        "Not available in this version",
        Severity.ERROR,
        "The key or value is part of the language, but this version cannot carry it out. It is refused rather than "
        "accepted and ignored.",
        "mode: shadow",
        "mode: live",
    ),
    Code(
        "QM111",
        "Secret in a file",
        Severity.ERROR,
        "Something that looks like a password, a token or a key stands in the file. Files are committed and shared, so "
        "secrets are only named there. A secret that was committed is known to others: revoke it.",
        "description: the token is pat-eu1-00000000-example",
        "description: the token is the secret `hubspot-main`",
    ),
    Code(
        "QM112",
        "Secret reference expected",
        Severity.ERROR,
        "This place takes a reference to a secret and nothing else. The value is not shown.",
        ("-- acme/connections.yaml --\nconnections:\n  hubspot-main:\n    auth: {token: hunter2}"),
        ("-- acme/connections.yaml --\nconnections:\n  hubspot-main:\n    auth: {token: secret://hubspot-main}"),
    ),
    Code(
        "QM113",
        "Not one form",
        Severity.ERROR,
        "A field is an expression, or a mapping with exactly one of from, const, template and render.",
        "city: {const: Oslo, template: Bergen}",
        "city: {const: Oslo}",
    ),
    Code(
        "QM114",
        "Secret reference out of place",
        Severity.ERROR,
        "Secrets are taken only under auth, and in a webhook's headers. Anywhere else the value would leave in plain.",
        "city: {const: secret://hubspot-main}",
        "headers: {X-Api-Key: secret://warehouse-key}",
    ),
    Code(
        "QM115",
        "Reserved header",
        Severity.ERROR,
        "These headers are set by the delivery itself: they frame or sign the request.",
        "headers: {Content-Length: company.id}",
        "headers: {X-Company: company.id}",
    ),
    Code(
        "QM116",
        "Table file not usable",
        Severity.ERROR,
        "A table file is a CSV in the tenant's folder: the heading `key,value`, then two columns with unique keys in "
        "the first.",
        (
            "city: company.country | lookup(markets, else = null)\n"
            "tables:\n"
            "  markets: {file: tables/markets.csv}\n"
            "-- acme/tables/markets.csv --\n"
            "key,value\n"
            "NO,Norway\n"
            "NO,Sweden"
        ),
        (
            "city: company.country | lookup(markets, else = null)\n"
            "tables:\n"
            "  markets: {file: tables/markets.csv}\n"
            "-- acme/tables/markets.csv --\n"
            "key,value\n"
            "NO,Norway\n"
            "SE,Sweden"
        ),
    ),
    Code(
        "QM117",
        "Account file does not fit its connection",
        Severity.ERROR,
        "accounts/<connection>.json describes the account that the connection of that name pins.",
        '-- acme/accounts/hubspot-main.json --\n{"account": "991"}',
        '-- acme/accounts/hubspot-main.json --\n{"account": "24512345"}',
    ),
    Code(
        "QM118",
        "Misspelt form of a value in a body",
        Severity.ERROR,
        "In a webhook's body `{const: …}`, `{template: …}` and `{render: …}` are values, and every other mapping is an "
        "object that is sent with its keys. A slip in the one key would send an object, and with `{cosnt: company}` a "
        "whole company in it. Where an object with such a key is meant, give it a second key.",
        "connection: warehouse\nroutes:\n  companies:\n    entity: company\n    events: [created]\n    to: event\n"
        "    body:\n      id: company.id\n      kind: {cosnt: company}",
        "connection: warehouse\nroutes:\n  companies:\n    entity: company\n    events: [created]\n    to: event\n"
        "    body:\n      id: company.id\n      kind: {const: company}",
    ),
)
