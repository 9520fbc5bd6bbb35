"""What a rule of lint is: one frozen value with everything about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Code, Fix, Note, Severity
from queast_dsl.document.connections import Connection
from queast_dsl.source import Span


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that a rule speaks of."""

    message: str
    span: Span
    help: str | None = None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None


def _nothing(_: object) -> Iterator[Hit]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Rule:
    """`why` says what goes wrong, `instead` what to write. `bad` and `good` are parts of a mapping, both run as tests:
    the bad one is hit once and by this rule alone, the good one by none. `dated` says that the day decides. `check` is
    asked of every mapping, `check_connection` of every connection; a rule has one of them.
    """

    code: str
    title: str
    why: str
    instead: str
    bad: str
    good: str
    check: Callable[[Subject], Iterator[Hit]] = _nothing
    check_connection: Callable[[Connection], Iterator[Hit]] = _nothing
    severity: Severity = Severity.WARNING
    dated: bool = False

    @property
    def entry(self) -> Code:
        """The rule's entry of the registry of codes."""
        return Code(self.code, self.title, self.severity, self.why, self.bad, self.good, self.instead, dated=self.dated)
