"""Informational signals that no route takes."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.fixes import left_out


def check(subject: Subject) -> Iterator[Hit]:
    signals = subject.program.mapping.scope.signals
    if signals is None or signals.value != "informational":
        return
    if not any(route.route.entity.value == "signal" for route in subject.program.routes):
        help, fix = "leave `signals` out of the scope", left_out(signals.span)
        yield Hit("no route is about signals", signals.span, help, fix=fix)


RULE = Rule(
    code="QM827",
    title="informational signals that no route takes",
    why=(
        "The scope lets informational signals in and no route is about signals: the permission waits for a change "
        "that nobody reviews for it."
    ),
    instead="Leave `scope.signals` out.",
    bad="""\
scope: {signals: informational}
""",
    good="""\
scope: {companies: all}
""",
    check=check,
)
