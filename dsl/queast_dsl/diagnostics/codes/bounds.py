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
)
