"""Codes QM315-QM316: one property, two routes."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM315",
        "property written by two routes",
        Severity.ERROR,
        "Two routes, of one mapping or of two, give the same property of the same record two values, so what the "
        "record holds depends on which was sent last. Write it in one route, with `if` or `case` where it depends on "
        "something, or give both routes a `when` or `where` that exclude each other. Routes that write the same "
        "value are let be; of those that may never meet, or follow one another, QM316 warns.",
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields: {name: company.name, city: company.city}\n"
            "  regions:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields: {name: company.name, city: company.region}"
        ),
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields: {name: company.name, city: company.city}\n"
            "  regions:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields: {name: company.name, state: company.region}"
        ),
    ),
    Code(
        "QM316",
        "property given two values by two routes that may meet",
        Severity.WARNING,
        "Two routes give the same property of the same record two values, and nothing shows that only one of them is "
        "ever sent: their conditions ask about one field in ways that cannot be compared, or one listens to `created` "
        "and the other to `updated`, so that the value changes with the next event although nothing about the company "
        "has. Conditions that exclude each other are let be, and so are fields that neither route writes over.",
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    when: contains(company.name, 'a')\n"
            "    fields: {name: company.name, city: company.city}\n"
            "  regions:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    when: contains(company.name, 'b')\n"
            "    fields: {name: company.name, city: company.region}"
        ),
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    when: contains(company.name, 'a')\n"
            "    fields: {name: company.name, city: company.city}\n"
            "  regions:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    when: not contains(company.name, 'a')\n"
            "    fields: {name: company.name, city: company.region}"
        ),
    ),
)
