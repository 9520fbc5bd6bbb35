"""Codes QM880-QM899: comments that silence a warning."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM880",
        "A comment that cannot silence anything",
        Severity.ERROR,
        "In a mapping or in `connections.yaml`, a comment silences a warning on its line, or alone on its line on the "
        "next one, by code and with a reason, so that a reviewer sees what was decided. Errors cannot be silenced.",
        "city: company.city  # qmap: ignore this",
        "city: company.city ?? null  # qmap: ignore QM811 shows that nothing else is known",
    ),
    Code(
        "QM881",
        "A comment that silences nothing",
        Severity.WARNING,
        "The warning that the comment silences is not there any more, so the comment would hide the next one.",
        "city: company.city  # qmap: ignore QM811 shows that nothing else is known",
        "city: company.city",
    ),
)
