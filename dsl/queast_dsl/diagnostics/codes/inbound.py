"""Codes QM550-QM569: what is received."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

_ERROR = Severity.ERROR

CODES: tuple[Code, ...] = (
    Code(
        "QM550",
        "received without verification",
        _ERROR,
        "What a mapping receives is taken only from a sender who signs it. The connection says under `inbound` by "
        "which scheme and with which secret.",
        (
            "connection: warehouse\n"
            "receive:\n"
            "  starred:\n"
            "    when: {event: company.interest_highlighted}\n"
            "    entity: company\n"
            "    then: {ensure_bookmark: {owner: {team: sales}}}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse: {inbound: null}"
        ),
        (
            "connection: warehouse\n"
            "receive:\n"
            "  starred:\n"
            "    when: {event: company.interest_highlighted}\n"
            "    entity: company\n"
            "    then: {ensure_bookmark: {owner: {team: sales}}}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}"
        ),
    ),
    Code(
        "QM551",
        "inbound secret is used for something else",
        _ERROR,
        "Whoever knows a key can sign with it. With the key of what we send, our own messages could be sent back to us "
        "as another's; with one key for two connections, what was meant for one could be replayed to the other.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    inbound: {verify: standard_webhooks, secret: secret://warehouse}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}"
        ),
    ),
    Code(
        "QM552",
        "note is not text",
        _ERROR,
        "The note of a bookmark is text. It may be missing, and then there is none.",
        (
            "connection: warehouse\n"
            "receive:\n"
            "  starred:\n"
            "    when: {event: company.interest_highlighted}\n"
            "    entity: company\n"
            "    then:\n"
            "      ensure_bookmark:\n"
            "        owner: {team: sales}\n"
            "        note: highlight.company\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}"
        ),
        (
            "connection: warehouse\n"
            "receive:\n"
            "  starred:\n"
            "    when: {event: company.interest_highlighted}\n"
            "    entity: company\n"
            "    then:\n"
            "      ensure_bookmark:\n"
            "        owner: {team: sales}\n"
            "        note: highlight.note\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}"
        ),
    ),
)
