"""Codes QM700-QM799: plans and releases."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM700",
        "engine cannot carry it out yet",
        Severity.WARNING,
        "The language has it and the plan says it, but the engine of this version cannot do it. Such a plan is never "
        "run with the wish left out: `publish` refuses it, and so does a worker that loads it.",
        (
            "industry:\n"
            "  from: company.industry | lookup(industries, else = null)\n"
            "  write: if_empty\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
        (
            "industry:\n"
            "  from: company.industry | lookup(industries, else = null)\n"
            "  write: on_create\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
    ),
    Code(
        "QM710",
        "not what qmap.lock was written for",
        Severity.ERROR,
        "A tenant's mappings rest on what Queast ships and decides: the base that they extend, the manifest of each "
        "connector, what the platform's policy says to the tenant. `qmap.lock` holds the digests of what somebody "
        "looked at. Where one is another now, what mappings do may have changed without a change to them.",
        '-- acme/qmap.lock --\n{"version": 1, "bases": {}, "connectors": {}}',
        "-- policy.yaml --\nversion: 1   # without a qmap.lock nothing is pinned",
        instead="See what it changes with `qmap diff`, then write it down with `qmap update`, as a change of its own.",
    ),
)
