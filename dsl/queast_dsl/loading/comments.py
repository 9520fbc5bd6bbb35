"""Where the comments of a file stand. The YAML parser drops them, so they are found around what it gave."""

from __future__ import annotations

import re

from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Style, walk
from queast_dsl.source import SourceFile, Span

_HEADER_COMMENT = re.compile(r"[|>][0-9+-]*[ \t]+(#[^\n]*)")


def comments_of(source: SourceFile, root: Node) -> tuple[Span, ...]:
    """Return the comments of a file in order, from `#` to the last character that is no blank.

    Outside of scalars YAML has no other use for `#`; on the line of a `|` or `>` one may follow it.
    """
    found: list[Span] = []
    position = 0
    for start, end, header in (*sorted(_scalars(source, root)), (len(source.text), len(source.text), None)):
        while (at := source.text.find("#", position, start)) != -1:
            line_end = source.text.find("\n", at)
            line_end = len(source.text) if line_end == -1 else line_end
            found.append(_span(source, at, line_end))
            position = line_end
        if header is not None:
            found.append(header)
        position = max(position, end)
    return tuple(found)


def _scalars(source: SourceFile, root: Node) -> list[tuple[int, int, Span | None]]:
    """Return where each key and value stands, and the comment on the line of a block scalar's header."""
    found: list[tuple[int, int, Span | None]] = []
    for _, node in walk(root):
        match node:
            case ScalarNode():
                found.append((node.span.start, node.span.end, header_comment(source, node)))
            case MapNode(entries=entries):
                found.extend((e.key.span.start, e.key.span.end, header_comment(source, e.key)) for e in entries)
            case _:
                pass
    return found


def header_comment(source: SourceFile, node: ScalarNode) -> Span | None:
    """Return the comment behind the `|` or `>` of a block scalar, None where there is none."""
    if node.style not in (Style.LITERAL, Style.FOLDED):
        return None
    match = _HEADER_COMMENT.match(source.text, node.span.start)
    return None if match is None else _span(source, match.start(1), match.end(1))


def _span(source: SourceFile, start: int, end: int) -> Span:
    return Span(source, start, start + len(source.text[start:end].rstrip()))
