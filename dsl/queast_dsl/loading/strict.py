"""Places where the YAML parser is more lenient than YAML 1.2: refused, because other readers see something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yaml import events as ev

from queast_dsl.loading.marks import end_of, start_of
from queast_dsl.source import SourceFile

_BLOCK_HEADER = re.compile(r"[|>](?:[1-9][+-]?|[+-][1-9]?)?(?:[ \t]+#[^\n]*|[ \t]*)\r?(?P<feed>\n)?")
_INDENTED_BY_TAB = re.compile(r"^ *\t", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Leniency:
    """What the parser let pass, at `offset`."""

    message: str
    help: str
    offset: int


def lenient_scalar(source: SourceFile, event: ev.ScalarEvent, parent_column: int) -> Leniency | None:
    """Look at a scalar whose enclosing block collection begins in `parent_column` (from 0, -1 at the top)."""
    raw, start, end = source.text, start_of(event), end_of(event)
    if event.style in ("|", ">"):
        return _block(raw, start, end)
    if not event.style and event.value == "-":
        return Leniency("a lone hyphen is not text", "put it in quotes", start)
    if event.style:
        position = start
        while (feed := raw.find("\n", position, end)) != -1:
            position = feed + 1
            line = raw[position:end].split("\n", 1)[0]
            indent = len(line) - len(line.lstrip(" "))
            if line.strip() and indent <= parent_column:
                return Leniency("quoted text goes on too far to the left", "indent it, or close the quote", position)
    return None


def _block(raw: str, start: int, end: int) -> Leniency | None:
    header = _BLOCK_HEADER.match(raw, start)
    if header is None:
        return Leniency("text after | or >", "put the text on the lines below", start)
    if header["feed"] is None:
        return Leniency("a block of text without text", "put the text on the lines below", start)
    widest = 0
    for line in raw[header.end() : end].split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if line.strip():
            if widest > indent and not any(digit in header.group().split("#")[0] for digit in "123456789"):
                message = "an empty line is indented more than the text below it"
                return Leniency(message, "indent every line of the block alike", start)
            return None
        widest = max(widest, indent)
    return None


def tab_indentation(source: SourceFile, events: Iterable[ev.Event]) -> Leniency | None:
    """Return the first line that is indented by a tab outside of text."""
    found = [match.end() - 1 for match in _INDENTED_BY_TAB.finditer(source.text)]
    if not found:
        return None
    scalars = [(start_of(e), end_of(e)) for e in events if isinstance(e, ev.ScalarEvent)]
    for offset in found:
        if not any(start < offset < end for start, end in scalars):
            line_end = source.text.find("\n", offset)
            if not source.text[offset : line_end if line_end != -1 else None].lstrip().startswith("#"):
                return Leniency("a tab where blanks are needed", "indent with blanks", offset)
    return None
