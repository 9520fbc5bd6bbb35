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
)
