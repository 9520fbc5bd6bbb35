"""Exit codes of `qmap` and the error that carries one."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    FINDINGS = 1
    USAGE = 2
    CHANGES = 3
    GATED = 4
    ENVIRONMENT = 5
    REFUSED = 6
    BUG = 70
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command with a sentence on stderr and an exit code; `help` says what to do next."""

    def __init__(self, code: Exit, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.help = help
