"""Scalars of the tree as YAML again: what is written reads back as the same text, and as plain or quoted as it was."""

from __future__ import annotations

import re

from queast_dsl.loading.nodes import ScalarNode, Style

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
# What a literal block would not give back: other controls, and characters that some readers take for line breaks.
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def key_text(node: ScalarNode) -> str:
    """Return a key. A plain one stays plain; any other is put in double quotes."""
    return node.value if node.style is Style.PLAIN else double_quoted(node.value)


def value_lines(node: ScalarNode, indent: int) -> tuple[str, ...]:
    """Return a value as lines: the first stands behind its key, the others below it, `indent` spaces in.

    `company.name`  ->  ("company.name",);  a text of two lines  ->  ("|", "    first", "    second")
    """
    raw = node.span.file.text[node.span.start : node.span.end]
    if node.style is Style.PLAIN and "\n" not in node.value:
        # Over several lines a plain text is folded, and its spaces stand for the breaks.
        return (node.value,)
    if node.is_quoted and "\n" not in raw and "\r" not in raw:
        return (raw,)
    text = node.value
    if not text.strip() or _UNPRINTABLE.search(text) or _is_indented(text):
        return (double_quoted(text),)
    chomping = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return (f"|{chomping}", *(" " * indent + line if line else "" for line in lines))


def _is_indented(text: str) -> bool:
    """Whether a block would need to say how far it is indented: its first line that holds something starts with space,
    or a line of spaces stands before it."""
    return next(line for line in text.split("\n") if line).startswith((" ", "\t"))


def double_quoted(text: str) -> str:
    """Return a text in double quotes, with an escape for whatever a line cannot hold."""
    escaped = "".join(_ESCAPES.get(char, char) for char in text)
    return f'"{_UNPRINTABLE.sub(lambda found: _escaped(found[0]), escaped)}"'


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
