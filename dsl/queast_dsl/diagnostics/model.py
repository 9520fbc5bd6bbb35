"""Findings and the collector that passes report to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from queast_dsl.diagnostics.shortening import with_values_cut
from queast_dsl.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the registry. `instead` is what to write, `on_own_line` whether it speaks of a line of a mapping or
    of `connections.yaml`, on which a comment can silence it where it is no error. `dated` says that the day decides
    whether it is found: a comment that silences nothing today may have to tomorrow.

    `bad` gives a finding of this code and no other, `good` none at all. They are keys or fields of a route, blocks of a
    mapping, or further files, each after a line `-- path --`.
    """

    code: str
    title: str
    severity: Severity
    explanation: str
    bad: str
    good: str
    instead: str = ""
    on_own_line: bool = True
    dated: bool = False

    @property
    def can_be_silenced(self) -> bool:
        return self.on_own_line and self.severity is not Severity.ERROR


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that a finding speaks of."""

    message: str
    span: Span


class Part(StrEnum):
    """What an edit takes the place of.

    TEXT: some of a scalar's text, or all of it: what is put in is written as the scalar's quotes need it.
    YAML: characters of the file, as they stand.
    KEY: the key of the value that stands there.
    ENTRY: the entry or item whose key or value stands there; nothing is put in.
    """

    TEXT = "text"
    YAML = "yaml"
    KEY = "key"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in the place of what stands at `span`."""

    span: Span
    text: str
    part: Part = Part.TEXT


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead, exactly: edits of one file that do not overlap. `title` says it in words."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a tenant's files. `span` is None only where there is no file to point at."""

    code: str
    severity: Severity
    message: str
    span: Span | None
    help: str | None = None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        if self.span is None:
            return ("", 0, 0, self.code, self.message)
        return (self.span.file.path, self.span.start, self.span.end, self.code, self.message)


class Diagnostics:
    """Collects findings; a pass reports here and goes on. The code must be in the registry."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, int, int, str, str], Finding] = {}
        self._looked_at: set[Hashable] = set()
        self._steps: Counter[str] = Counter()

    def report(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        help: str | None = None,
        notes: Iterable[Note] = (),
        fix: Fix | None = None,
    ) -> None:
        """Add a finding under `code` with the registry's severity, long values in it cut.

        KeyError for a code that is not registered.
        """
        from queast_dsl.diagnostics.registry import CODES

        message, help = with_values_cut(message), None if help is None else with_values_cut(help)
        finding = Finding(code, CODES[code].severity, message, span, help, tuple(notes), fix)
        self._findings.setdefault(finding.sort_key, finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._findings.setdefault(finding.sort_key, finding)

    def is_first_look(self, what: Hashable) -> bool:
        """Return whether `what` is asked about for the first time: a second look at it would find the same again."""
        if what in self._looked_at:
            return False
        self._looked_at.add(what)
        return True

    def count(self, kind: str, steps: int) -> None:
        """Add to the work that was done for the documents."""
        self._steps[kind] += steps

    @property
    def steps(self) -> Mapping[str, int]:
        """The work done so far, by kind: the same for the same documents, wherever and whenever they are checked."""
        return self._steps

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings by file and position."""
        return tuple(self._findings[key] for key in sorted(self._findings))

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self._findings.values())

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self._findings)
