"""Findings as text: the line, a caret under the place, the help.

```
QM211 `company` has no field `employe_count`
  --> mappings/acme/acme-hubspot.yaml:36:26
   |
36 |       numberofemployees: company.employe_count
   |                                  ^^^^^^^^^^^^^
   = help: did you mean `company.employee_count`?
```
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from queast_dsl.diagnostics.model import Finding, Severity
from queast_dsl.source import Span

_LONGEST_LINE = 160


def render(findings: Iterable[Finding]) -> str:
    """Return all findings as text, a blank line between them; empty without findings, else ends in a line break."""
    blocks = [_block(finding) for finding in findings]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(finding: Finding) -> str:
    level = "" if finding.severity is Severity.ERROR else f"{finding.severity.value}: "
    lines = [f"{finding.code} {level}{visible(finding.message)}"]
    gutter = " " * 3
    if finding.span is not None:
        gutter = " " * (len(str(finding.span.line)) + 1)
        lines += _excerpt(finding.span, gutter)
    for note in finding.notes:
        lines.append(f"{gutter}= note: {visible(note.message)}")
        lines.append(f"{gutter}  --> {_place(note.span)}")
    if finding.help:
        first, *rest = visible(finding.help, keep_breaks=True).split("\n")
        lines.append(f"{gutter}= help: {first}")
        lines += [f"{gutter}        {line}" for line in rest]
    return "\n".join(lines)


def _place(span: Span) -> str:
    return f"{visible(span.file.path)}:{span.line}:{span.column}"


def _excerpt(span: Span, gutter: str) -> list[str]:
    text = span.file.line_text(span.line)
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(text)
    end = max(min(end, len(text)), start + 1)
    before, marked, after = text[:start], text[start:end], text[end:]
    # A long line is cut around the place, so that the caret stays on screen.
    if len(text) > _LONGEST_LINE:
        before = "…" + before[-60:] if len(before) > 60 else before
        marked = marked[:80] + "…" if len(marked) > 80 else marked
        after = after[:20] + "…" if len(after) > 20 else after
    before, marked, after = visible(before), visible(marked), visible(after)
    return [
        f"{gutter[:-1]}--> {_place(span)}",
        f"{gutter}|",
        f"{span.line} | {before}{marked}{after}".rstrip(),
        f"{gutter}| {' ' * _width(before)}{'^' * max(1, _width(marked))}",
    ]


def visible(text: str, *, keep_breaks: bool = False) -> str:
    """Return `text` with control and direction characters spelled out, so that nothing can act on a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character, keep_breaks) for character in text)


def _visible_character(character: str, keep_breaks: bool) -> str:
    if character == "\t":
        return " "
    if character == "\n" and keep_breaks:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co"):
        return f"<U+{ord(character):04X}>"
    return character


def _width(text: str) -> int:
    """Return the columns that `text` takes on a terminal: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in ("W", "F") for character in text)
    combining = sum(bool(unicodedata.combining(character)) for character in text)
    return len(text) + wide - combining
