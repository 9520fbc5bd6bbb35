"""Where the changes of a part of a plan stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from queast_compiler.diff.model import Change, ChangeKind


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is the stable key so far; `file` and `line` are where it stands now, or stood where it is gone."""

    connection: str
    mapping: str | None
    file: str
    line: int = 0
    path: str = ""

    def at(self, *steps: str, file: str | None = None, line: int | None = None) -> Place:
        """`routes`, at("companies", "when")  ->  the place of `routes.companies.when`."""
        path = ".".join(filter(None, (self.path, *steps)))
        return replace(
            self, path=path, file=self.file if file is None else file, line=self.line if line is None else line
        )

    def change(self, kind: ChangeKind, old: str | None, new: str | None, note: str = "") -> Change:
        return Change(kind, self.connection, self.mapping, self.path, old, new, note, self.file, self.line)
