"""Bytes to text: size, encoding and characters, each fault with its place.

The byte order mark at the start is left out of the text, so that offsets count what a person sees.
"""

from __future__ import annotations

import re

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.credentials import hidden_ranges
from queast_dsl.loading.secrets import literal_secrets, mask
from queast_dsl.source import SourceFile, Span

MAX_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"

# Line breaks other than \n and \r\n are refused: editors and parsers disagree on where their lines begin.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ufffe\uffff]|\r(?!\n)"
)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064\u2065\ufff9\ufffa\ufffb\ufffe\uffff")


def read_source(path: str, data: bytes, diagnostics: Diagnostics, *, max_bytes: int = MAX_BYTES) -> SourceFile | None:
    """Return the decoded file, or None after reporting why it is refused. `path` is as shown to people."""
    if len(data) > max_bytes:
        diagnostics.report(
            "QM001",
            f"file has more than the {max_bytes} bytes allowed",
            _start(path),
            help="split the file, or move long tables into files of their own",
        )
        return None
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        readable = data[: error.start].decode("utf-8")
        source = SourceFile(path, readable)
        diagnostics.report(
            "QM002",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            Span(source, len(readable), len(readable)),
            help="save the file as UTF-8",
        )
        return None
    source = SourceFile(path, text, hidden_ranges(text))
    found = _REFUSED.search(text)
    if found is not None:
        _report_character(source, found.start(), diagnostics)
        return None
    return _without_secrets(source, diagnostics)


def _start(path: str) -> Span:
    return Span(SourceFile(path, ""), 0, 0)


def _report_character(source: SourceFile, offset: int, diagnostics: Diagnostics) -> None:
    char = source.text[offset]
    name = f"U+{ord(char):04X}"
    if char == "\r":
        message, fix = "carriage return without a line feed", "save the file with \\n or \\r\\n line ends"
    elif char == "\ufeff":
        message, fix = "byte order mark inside the file", "remove it; it may stand at the very start only"
    elif char in "\u2028\u2029\x85":
        message, fix = f"line separator {name} is not a line break here", "replace it with an ordinary line break"
    elif char in _BIDI:
        message = f"character {name} changes the direction of text, so the line reads unlike what it does"
        fix = "remove it, or write it as an escape in a double-quoted string"
    elif char in _INVISIBLE:
        message, fix = f"character {name} cannot be seen", "remove it"
    else:
        message, fix = f"control character {name}", "remove it, or write it as an escape in a double-quoted string"
    # The character itself must not reach the terminal with the quoted line.
    shown = SourceFile(source.path, _REFUSED.sub("\N{REPLACEMENT CHARACTER}", source.text), source.hidden)
    diagnostics.report("QM003", message, Span(shown, offset, offset + 1), help=fix)


def _without_secrets(source: SourceFile, diagnostics: Diagnostics) -> SourceFile | None:
    found = literal_secrets(source.text)
    if not found:
        return source
    # Findings quote the line they point at: they get a copy in which no secret stands.
    shown = SourceFile(source.path, mask(source.text, found), source.hidden)
    for secret in found:
        diagnostics.report(
            "QM111",
            f"this looks like {secret.kind}; secrets never stand in a file",
            Span(shown, secret.start, secret.end),
            help="revoke it, store the new one with the runtime and write secret://name here",
        )
    return None
