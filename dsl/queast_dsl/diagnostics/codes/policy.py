"""Codes QM450-QM499: what the platform's policy grants, and what a mapping declares about personal data."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM450",
        "policy not checked",
        Severity.WARNING,
        "No `policy.yaml` lies beside the tenants' folders, so nothing that needs a grant of the platform is allowed, "
        "and what the policy would refuse is not found here. Nothing is published without it.",
        "-- policy.yaml --",
        "-- policy.yaml --\nversion: 1",
        on_own_line=False,
    ),
    Code(
        "QM451",
        "informational signals without a grant",
        Severity.ERROR,
        "Only strict signals leave by default. Informational ones need a grant of the platform's policy for this "
        "tenant, with an approver, a reason and a date on which it ends, besides `scope.signals: informational`.",
        (
            "entity: signal\n"
            "to: notes\n"
            "scope: {signals: informational}\n"
            "-- policy.yaml --\n"
            "informational_export: []   # no grant for this tenant"
        ),
        "entity: signal\nto: notes\nscope: {signals: strict}",
    ),
    Code(
        "QM452",
        "grant has expired",
        Severity.ERROR,
        "A grant holds until the day before `expires`. From that day on what it covers no longer leaves: informational "
        "signals, a person's field, or anything at all for a destination.",
        (
            "entity: signal\n"
            "to: notes\n"
            "scope: {signals: informational}\n"
            "-- policy.yaml --\n"
            "informational_export:\n"
            '  - {tenant: acme, approver: ola@queast.example, reason: pilot, expires: "2024-01-31"}'
        ),
        (
            "entity: signal\n"
            "to: notes\n"
            "scope: {signals: informational}\n"
            "-- policy.yaml --\n"
            "informational_export:\n"
            '  - {tenant: acme, approver: ola@queast.example, reason: pilot, expires: "2099-01-31"}'
        ),
    ),
    Code(
        "QM453",
        "unknown path in the pii block",
        Severity.ERROR,
        "The `pii:` block names the person fields that may leave or be matched on, each by its path. A path that does "
        "not exist grants nothing, so it is refused.",
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      name: person.full_name\n"
            "pii: {send: [person.full_name, person.fullname], purpose: sales_outreach, basis: legitimate_interest}"
        ),
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      name: person.full_name\n"
            "pii: {send: [person.full_name], purpose: sales_outreach, basis: legitimate_interest}"
        ),
    ),
    Code(
        "QM454",
        "whole entity holds personal data without a grant",
        Severity.ERROR,
        "A route without `body:` sends the canonical event with all fields of the entity. Each of its personal fields "
        "needs a grant in the `pii:` block; otherwise write a `body:` with the fields that are meant.",
        ("connection: warehouse\nroutes:\n  people: {entity: person, events: [created], to: event}"),
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body: {id: person.id}"
        ),
    ),
    Code(
        "QM455",
        "free text into a record",
        Severity.ERROR,
        "Titles, summaries and descriptions are text that may name persons (`free_text`). The policy says which kinds "
        "of objects take it; by default notes, tasks and events. A record's own properties are searched, listed and "
        "copied by the destination, so text goes into them only where the policy's `free_text_to` has their kind, or "
        "under a grant of the platform for the path.",
        "to: companies\nfields: {name: company.name, description: company.description}",
        "to: companies\nfields: {name: company.name, city: company.city}",
    ),
    Code(
        "QM456",
        "personal data beyond the connection",
        Severity.ERROR,
        "A connection may say in its own `pii:` what of a person goes to that account at most, whichever mapping sends "
        "it. This path is not among it.",
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      mail: person.email\n"
            "pii: {send: [person.email], purpose: sales_outreach, basis: legitimate_interest}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    pii: {send: [person.full_name]}"
        ),
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      name: person.full_name\n"
            "pii: {send: [person.full_name], purpose: sales_outreach, basis: legitimate_interest}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    pii: {send: [person.full_name]}"
        ),
    ),
)
