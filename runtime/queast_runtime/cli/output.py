"""Data on stdout, prose on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from queast_dsl.diagnostics.render.text import visible


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class Voice:
    """How much a command says on stderr; set once from the global options."""

    quiet = False
    verbose = False


def data(text: str) -> None:
    """Write a command's result to stdout as it is. A reader that went away (`qmap … | head`) ends the command well."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer must find an open end when the interpreter flushes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def data_json(value: dict[str, Any]) -> None:
    """Write one JSON object, with `schema_version` first, on one line."""
    data(json.dumps({"schema_version": 1, **value}, ensure_ascii=False, default=str) + "\n")


def say(message: str) -> None:
    """Tell a person something on stderr, unless they asked for quiet."""
    if not Voice.quiet:
        print(visible(message, keep_breaks=True), file=sys.stderr, flush=True)


def complain(message: str, help: str | None = None) -> None:
    """Tell a person what went wrong, on stderr, always."""
    print(f"qmap: {visible(message, keep_breaks=True)}", file=sys.stderr)
    if help:
        print(f"  help: {visible(help, keep_breaks=True)}", file=sys.stderr, flush=True)


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
