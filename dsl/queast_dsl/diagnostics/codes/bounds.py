"""Codes QM460-QM479: what the platform's policy bounds, and the grants beyond it."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM460",
        "one person approves twice",
        Severity.ERROR,
        "A grant that lets more of persons leave, or more links be made without a person, is approved by two people. "
        "`second_approver` is somebody else than `approver`.",
        (
            "-- policy.yaml --\n"
            "personal_data:\n"
            "  without_grant: [business_contact]\n"
            "  grants:\n"
            "    - tenant: acme\n"
            "      paths: [person.mobile_phone]\n"
            "      approver: ola@queast.example\n"
            "      second_approver: ola@queast.example\n"
            "      reason: pilot\n"
            '      expires: "2099-01-31"'
        ),
        (
            "-- policy.yaml --\n"
            "personal_data:\n"
            "  without_grant: [business_contact]\n"
            "  grants:\n"
            "    - tenant: acme\n"
            "      paths: [person.mobile_phone]\n"
            "      approver: ola@queast.example\n"
            "      second_approver: kari@queast.example\n"
            "      reason: pilot\n"
            '      expires: "2099-01-31"'
        ),
    ),
    Code(
        "QM461",
        "personal data beyond the policy",
        Severity.ERROR,
        "The policy says which labels of person fields a `pii:` block may release by itself "
        "(`personal_data.without_grant`); where it does not say, or there is none, that is `business_contact`. A field "
        "with another label leaves only under a grant of the platform for this tenant, approved by two people, besides "
        "its place in the `pii:` block.",
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      phone: person.mobile_phone\n"
            "pii: {send: [person.mobile_phone], purpose: sales_outreach, basis: legitimate_interest}\n"
            "-- policy.yaml --\n"
            "personal_data: {without_grant: [business_contact]}"
        ),
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      title: person.job_title\n"
            "pii: {send: [person.job_title], purpose: sales_outreach, basis: legitimate_interest}\n"
            "-- policy.yaml --\n"
            "personal_data: {without_grant: [business_contact]}"
        ),
    ),
    Code(
        "QM462",
        "purpose or lawful basis beyond the policy",
        Severity.ERROR,
        "The policy lists the purposes and lawful bases that a `pii:` block may name, and this is none of them.",
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      title: person.job_title\n"
            "pii: {send: [person.job_title], purpose: curiosity, basis: legitimate_interest}\n"
            "-- policy.yaml --\n"
            "personal_data: {purposes: [sales_outreach]}"
        ),
        (
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      title: person.job_title\n"
            "pii: {send: [person.job_title], purpose: sales_outreach, basis: legitimate_interest}\n"
            "-- policy.yaml --\n"
            "personal_data: {purposes: [sales_outreach]}"
        ),
    ),
    Code(
        "QM463",
        "destination beyond the policy",
        Severity.ERROR,
        "The policy lists the connectors and hosts that tenants may send to by themselves (`destinations`). Another "
        "one needs a grant of the platform for this tenant.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    url: https://hooks.elsewhere.example/in\n"
            "-- policy.yaml --\n"
            "destinations: {hosts: ['*.acme.example']}"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  warehouse:\n"
            "    url: https://hooks.acme.example/in\n"
            "-- policy.yaml --\n"
            "destinations: {hosts: ['*.acme.example']}"
        ),
    ),
    Code(
        "QM464",
        "grant ends soon",
        Severity.WARNING,
        "Something here leaves only under a grant of the platform, and the grant ends within 30 days. From that day on "
        "it no longer leaves, whatever release is running, and the mapping no longer compiles.",
        (
            "entity: signal\n"
            "to: notes\n"
            "scope: {signals: informational}   # read on 2026-06-01\n"
            "-- policy.yaml --\n"
            "informational_export:\n"
            '  - {tenant: acme, approver: ola@queast.example, reason: pilot, expires: "2026-06-20"}'
        ),
        (
            "entity: signal\n"
            "to: notes\n"
            "scope: {signals: informational}   # read on 2026-06-01\n"
            "-- policy.yaml --\n"
            "informational_export:\n"
            '  - {tenant: acme, approver: ola@queast.example, reason: pilot, expires: "2026-12-20"}'
        ),
        dated=True,
    ),
    Code(
        "QM465",
        "grant for nobody",
        Severity.WARNING,
        "The policy names a tenant, a connection or a field that is not there, so what it grants is granted to nobody.",
        (
            "-- policy.yaml --\n"
            "informational_export:\n"
            '  - {tenant: acmee, approver: ola@queast.example, reason: pilot, expires: "2099-01-31"}'
        ),
        (
            "-- policy.yaml --\n"
            "informational_export:\n"
            '  - {tenant: acme, approver: ola@queast.example, reason: pilot, expires: "2099-01-31"}'
        ),
        on_own_line=False,
    ),
    Code(
        "QM466",
        "threshold beyond the policy",
        Severity.ERROR,
        "The thresholds of matching by name have defaults, and a tenant may raise each freely. How far they may be "
        "lowered says the platform's policy (`matching`); without it, or without a bound there, not at all. A still "
        "lower `auto_link` needs a grant for this tenant, approved by two people.",
        (
            "-- policy.yaml --\n"
            "matching: {auto_link: {min: 0.85}}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {auto_link: 0.7}"
        ),
        (
            "-- policy.yaml --\n"
            "matching: {auto_link: {min: 0.85}}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {auto_link: 0.96}"
        ),
    ),
    Code(
        "QM467",
        "threshold below the default",
        Severity.WARNING,
        "The policy allows it, and it still costs something: the default is calibrated so that, on the data it was "
        "fitted to, about one link by name in 700 is wrong. With a lower `auto_link` or a smaller `margin` more links "
        "are made without a person, and more of them are to the wrong company.",
        (
            "-- policy.yaml --\n"
            "matching: {auto_link: {min: 0.85}}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {auto_link: 0.88}"
        ),
        (
            "-- policy.yaml --\n"
            "matching: {auto_link: {min: 0.85}}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {auto_link: 0.95}"
        ),
    ),
    Code(
        "QM468",
        "a name alone makes a link",
        Severity.WARNING,
        "Namesakes and sister companies carry the same name, so no score makes a name alone safe: where two names were "
        "equal after their legal forms were left out, up to one link in fifteen was wrong. With an empty `corroborate` "
        "neither country nor domain has to agree.",
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {review: 0.8}\n"
            "        corroborate: []"
        ),
        (
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    match:\n"
            "      company:\n"
            "        order: [link, domain, name]\n"
            "        name: {review: 0.8}\n"
            "        corroborate: [country, domain]"
        ),
    ),
)
