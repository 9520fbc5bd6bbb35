"""Codes QM460-QM479: what the platform's policy bounds, and the grants beyond it."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM460",
        "one person approves twice",
        Severity.ERROR,
        "A grant that lets more of persons leave is approved by two people. `second_approver` is somebody else than "
        "`approver`.",
        "approver: ola@queast.example\nsecond_approver: ola@queast.example",
        "approver: ola@queast.example\nsecond_approver: kari@queast.example",
    ),
    Code(
        "QM461",
        "personal data beyond the policy",
        Severity.ERROR,
        "The policy says which labels of person fields a `pii:` block may release by itself "
        "(`personal_data.without_grant`). A field with another label leaves only under a grant of the platform for "
        "this tenant, approved by two people, besides its place in the `pii:` block.",
        "pii: {send: [person.mobile_phone]}   # sensitive, and no grant for this tenant",
        "pii: {send: [person.full_name]}",
    ),
    Code(
        "QM462",
        "purpose or lawful basis beyond the policy",
        Severity.ERROR,
        "The policy lists the purposes and lawful bases that a `pii:` block may name, and this is none of them.",
        "pii: {purpose: curiosity}   # where the policy has `purposes: [sales_outreach]`",
        "pii: {purpose: sales_outreach}",
    ),
    Code(
        "QM463",
        "destination beyond the policy",
        Severity.ERROR,
        "The policy lists the connectors and hosts that tenants may send to by themselves (`destinations`). Another "
        "one needs a grant of the platform for this tenant.",
        "url: https://hooks.elsewhere.example/in   # where the policy has `hosts: ['*.acme.example']`",
        "url: https://hooks.acme.example/in",
    ),
    Code(
        "QM464",
        "grant ends soon",
        Severity.WARNING,
        "Something here leaves only under a grant of the platform, and the grant ends within 30 days. From that day on "
        "it no longer leaves, whatever release is running, and the mapping no longer compiles.",
        "expires: 2026-06-20   # read on 2026-06-01",
        "a renewed grant whose `expires` lies further ahead",
    ),
    Code(
        "QM465",
        "grant for nobody",
        Severity.WARNING,
        "The policy names a tenant or a connection that is not there, so what it grants is granted to nobody.",
        "tenant: acmee",
        "tenant: acme",
    ),
)
