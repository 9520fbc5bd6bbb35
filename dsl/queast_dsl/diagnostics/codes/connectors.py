"""Codes QM600-QM699: connector manifests, and connections against them."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

_ERROR = Severity.ERROR

CODES: tuple[Code, ...] = (
    Code(
        "QM601",
        "manifest does not fit its schema",
        _ERROR,
        "A connector manifest is closed: every key is known and typed, so that a misspelt one cannot silently change "
        "how records are written.",
        ("-- connectors/hubspot.yaml --\nobjects:\n  companies:\n    operations:\n      create: {metod: POST}"),
        ("-- connectors/hubspot.yaml --\nobjects:\n  companies:\n    operations:\n      create: {method: POST}"),
    ),
    Code(
        "QM602",
        "write that can neither be repeated nor found again",
        _ERROR,
        "When a request leaves and no answer comes back, the record may or may not exist. Sending it again would make "
        "a second one, so an operation that is not idempotent must say how its result is looked up.",
        ("-- connectors/hubspot.yaml --\nobjects:\n  companies:\n    operations:\n      update: {idempotent: false}"),
        ("-- connectors/hubspot.yaml --\nobjects:\n  companies:\n    operations:\n      update: {idempotent: true}"),
    ),
    Code(
        "QM603",
        "manifest refers to something it does not declare",
        _ERROR,
        "Look-ups, links, credentials and the default destination of signals are named once and referred to by name.",
        "-- connectors/hubspot.yaml --\nsignal_destination: note",
        "-- connectors/hubspot.yaml --\nsignal_destination: notes",
    ),
    Code(
        "QM604",
        "interface version ends soon",
        Severity.WARNING,
        "The vendor may switch this version of its interface off on the date the manifest states. Queast ships a newer "
        "manifest before then; the warning starts 180 days ahead.",
        ('-- connectors/hubspot.yaml --\napi: {supported_until: "2026-09-01"}   # read on 2026-06-01'),
        ('-- connectors/hubspot.yaml --\napi: {supported_until: "2029-09-01"}   # read on 2026-06-01'),
        dated=True,
    ),
    Code(
        "QM610",
        "credentials do not fit the connector",
        _ERROR,
        "The connector says which credentials it needs; `auth` gives exactly those, each as a reference to a secret.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    auth: {token: secret://hubspot-main, api_key: secret://hubspot-key}"
        ),
        ("-- acme/connections.yaml --\nconnections:\n  hubspot-main:\n    auth: {token: secret://hubspot-main}"),
    ),
    Code(
        "QM611",
        "address of the destination is missing or not usable",
        _ERROR,
        "A webhook goes to the address the connection gives: https, a public host name, no user name, the default "
        "port. A connector with an address of its own takes none, so that a token cannot be sent elsewhere.",
        ("-- acme/connections.yaml --\nconnections:\n  warehouse:\n    url: https://10.0.0.7/queast"),
        ("-- acme/connections.yaml --\nconnections:\n  warehouse:\n    url: https://hooks.acme.example/queast"),
    ),
    Code(
        "QM612",
        "time zone is missing or unknown",
        _ERROR,
        "Daily quotas of this destination end at midnight where the account is, so the connection states the account's "
        "time zone by its IANA name.",
        ("-- acme/connections.yaml --\nconnections:\n  hubspot-main:\n    time_zone: CET+1"),
        ("-- acme/connections.yaml --\nconnections:\n  hubspot-main:\n    time_zone: Europe/Oslo"),
    ),
    Code(
        "QM614",
        "no object to match this entity with",
        _ERROR,
        "Matching finds the record of an entity in an object of the same role; this connector has none.",
        ("-- acme/connections.yaml --\nconnections:\n  warehouse:\n    match:\n      company: {order: [link]}"),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company: {order: [link, external_id]}"
        ),
    ),
    Code(
        "QM615",
        "property to match on does not exist",
        _ERROR,
        "`domain.to` lists properties of the object that stands for the entity, from the manifest or the account file.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        domain: {from: company.domain, to: [domian]}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        domain: {from: company.domain, to: [domain]}"
        ),
    ),
    Code(
        "QM616",
        "property that holds our id is not in the account",
        _ERROR,
        "Without a property that holds Queast's id a lost link cannot be found again, and a company could be created "
        "twice. `qmap connections setup` makes it; the account file then lists it.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match: {company: {on_none: review, order: [link, external_id, domain]}}\n"
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
    Code(
        "QM617",
        "unknown matching rule or outcome",
        _ERROR,
        "`order` lists `link`, `external_id`, `domain`, `linkedin` and `name`; `on_none` is `create`, `review` or "
        "`skip`; `on_many` is `review` or `skip`; evidence is something that the entity has.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match: {company: {order: [link, external_id, email]}}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match: {company: {order: [link, external_id, domain]}}"
        ),
    ),
    Code(
        "QM618",
        "domain rule compares what is no text",
        _ERROR,
        "The domain rule finds a record by the registrable domain in a text: `from` is an expression that gives text, "
        "and `to` lists text properties of the record.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        domain: {from: company.employee_count, to: [domain]}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        domain: {from: company.domain, to: [domain]}"
        ),
    ),
    Code(
        "QM619",
        "threshold that no rule uses",
        _ERROR,
        "`name` holds the thresholds of the rule `name`, and `corroborate` and `veto_if_different` are asked beside a "
        "scored name. Without the rule in `order`, or without thresholds, they would do nothing.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain]\n"
            "        name: {review: 0.8}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {review: 0.8}"
        ),
    ),
    Code(
        "QM620",
        "review lies above auto_link",
        _ERROR,
        "From `review` on a person is asked, from `auto_link` on the link is made. With `review` above `auto_link` "
        "nobody would ever be asked.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {review: 0.97, auto_link: 0.96}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {review: 0.8, auto_link: 0.96}"
        ),
    ),
    Code(
        "QM621",
        "match key that is not the record's own",
        _ERROR,
        "The domain rule links a company to the record that carries the same domain. A text that is written out, or "
        "the time, is the same for every company, so that all of them would become one record.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        domain: {from: text(now()), to: [domain]}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        domain: {from: company.domain, to: [domain]}"
        ),
    ),
)
