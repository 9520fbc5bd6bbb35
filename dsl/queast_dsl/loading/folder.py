"""Files below `mappings/`: from disk without following links, or from memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.strays import documents_below, is_yaml
from queast_dsl.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder `root`. With `sources` nothing is read from disk: they are its files by path from `root`.

    `edited` stand in the place of files on disk that could be read.
    """

    root: Path
    sources: Mapping[str, bytes] | None = None
    edited: Mapping[str, bytes] = field(default_factory=dict)

    def shown(self, path: str) -> str:
        """Return the path as people see it: from where they stand."""
        return (self.root / path).as_posix()

    def has(self, path: str) -> bool:
        if self.sources is not None:
            return path in self.sources
        return os.path.lexists(self.root / path)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder, sorted; none where there is no such folder.

        A folder in it that has a document's name is one of them: it was meant to be a file.
        """
        if self.sources is not None:
            prefix = f"{folder}/"
            inside = (path.removeprefix(prefix) for path in self.sources if path.startswith(prefix))
            return tuple(sorted(name for name in inside if "/" not in name))
        try:
            with os.scandir(self.root / folder) as found:
                return tuple(sorted(e.name for e in found if is_yaml(e.name) or not e.is_dir(follow_symlinks=False)))
        except OSError:
            return ()

    def documents_below(self, folder: str) -> Iterable[str]:
        """Return the paths of documents in the folders below a folder, from there on."""
        if self.sources is None:
            return documents_below(self.root / folder)
        prefix = f"{folder}/"
        return [path.removeprefix(prefix) for path in self.sources if path.startswith(prefix)]

    def read(self, path: str, max_bytes: int, diagnostics: Diagnostics, where: Span | None = None) -> bytes | None:
        """Return a file's bytes, at most one more than `max_bytes`; None after reporting, at `where`, why not."""
        if self.sources is not None:
            data = self.sources.get(path)
            if data is None:
                self._refuse(path, "there is no such file", diagnostics, where)
            return data
        try:
            return self._read(path, max_bytes, diagnostics, where)
        except OSError as error:
            reason = (error.strerror or "it cannot be read").lower()
            self._refuse(path, reason, diagnostics, where)
            return None

    def _read(self, path: str, max_bytes: int, diagnostics: Diagnostics, where: Span | None) -> bytes | None:
        # Links could point outside the tenant's folder, and a pipe would never end.
        step = self.root
        for part in path.split("/"):
            step = step / part
            if step.is_symlink():
                self._refuse(path, "links are not followed", diagnostics, where)
                return None
        handle = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                self._refuse(path, "it is no regular file", diagnostics, where)
                return None
            return self.edited[path] if path in self.edited else file.read(max_bytes + 1)

    def _refuse(self, path: str, reason: str, diagnostics: Diagnostics, where: Span | None) -> None:
        span = where if where is not None else Span(SourceFile(self.shown(path), ""), 0, 0)
        message = f"`{self.shown(path)}` cannot be read: {reason}"
        diagnostics.report("QM004", message, span, help="put the file itself in the tenant's folder")
