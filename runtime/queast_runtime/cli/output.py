"""Data on stdout, prose on stderr."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, TextIO

from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.exits import CommandError, Exit


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class Voice:
    """How much a command says on stderr; set once from the global options."""

    quiet = False
    verbose = False


def open_streams() -> None:
    """Give a process that was started with closed streams (`qmap … >&-`) empty ones.

    What is printed goes nowhere, and the exit code says the rest; left closed, the next file that is opened would
    stand where the prose of a command is written to.
    """
    # In this order: each takes the lowest number that is free, which is its own.
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open as long as the process
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    elif isinstance(sys.stderr, io.TextIOWrapper) and sys.stderr is sys.__stderr__:
        sys.stderr = _Prose(sys.stderr)


class _Prose(io.TextIOWrapper):
    """stderr, on which nothing ends a command: what nobody reads or what has no room is dropped.

    What was done is told by the exit code, which an error of this stream must not take the place of; every line that
    is written at once arrives whole, whatever other threads and processes say.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        super().__init__(stream.buffer, encoding=stream.encoding, errors=stream.errors, line_buffering=True)

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            _drop(self)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _drop(self)


def data(text: str) -> None:
    """Write a command's result to stdout as it is. A reader that went away (`qmap … | head`) ends the command well.

    Raises CommandError (environment) where the result cannot be kept, as on a full disk.
    """
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            # Half of a sign, as an account's label may hold: written as JSON writes it.
            encoding = sys.stdout.encoding
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        raise SystemExit(0) from None
    except OSError as error:
        _drop_stdout()
        raise CommandError(
            Exit.ENVIRONMENT, f"cannot write to stdout: {error.strerror}", "make room, or send it elsewhere"
        ) from error


def is_of_stdout(error: OSError) -> bool:
    """Say whether an error is of a help text that could not be written; what waits to be written is dropped then."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    if error.filename is not None or not frames or frames[-1].name != "echo":
        return False
    _drop_stdout()
    return True


def _drop_stdout() -> None:
    _drop(sys.stdout)


def _drop(stream: TextIO) -> None:
    # What is still in the buffer must find an open end when the interpreter flushes it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def data_json(value: dict[str, Any]) -> None:
    """Write one JSON object, with `schema_version` first, on one line."""
    data(json.dumps({"schema_version": 1, **value}, ensure_ascii=False, default=str) + "\n")


def say(message: str) -> None:
    """Tell a person something on stderr, unless they asked for quiet."""
    if not Voice.quiet:
        _prose(f"{visible(message, keep_breaks=True)}\n")


def complain(message: str, help: str | None = None) -> None:
    """Tell a person what went wrong, on stderr, always."""
    advice = f"  help: {visible(help, keep_breaks=True)}\n" if help else ""
    _prose(f"qmap: {visible(message, keep_breaks=True)}\n{advice}")


def _prose(lines: str) -> None:
    # One call: a line break that is written by itself lets others write before it.
    sys.stderr.write(lines)
    sys.stderr.flush()


def table(rows: Iterable[Sequence[object]], *, header: Sequence[str] = (), indent: str = "") -> str:
    """Return rows in aligned columns; numbers stand to the right. Ends in a line break unless there are no rows."""
    body = [[visible(str(cell)) for cell in row] for row in rows]
    if not body:
        return ""
    lines = ([list(header)] if header else []) + body
    widths = [max(len(line[i]) for line in lines if i < len(line)) for i in range(max(map(len, lines)))]
    numeric = [all(line[i].replace(",", "").isdigit() for line in body if i < len(line)) for i in range(len(widths))]

    def one(line: list[str]) -> str:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=False)
        ]
        return (indent + "  ".join(cells)).rstrip()

    return "\n".join(one(line) for line in lines) + "\n"
