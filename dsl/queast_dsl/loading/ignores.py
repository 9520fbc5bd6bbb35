"""Comments that silence a warning: `# qmap: ignore QM821 the receiver turns it into text`."""

from __future__ import annotations

import re
from bisect import bisect_right

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.mapping import Ignore
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Style, walk
from queast_dsl.source import Located, SourceFile, Span

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*qmap:[ \t]*([^\n]*)", re.MULTILINE)
_BLOCKS = (Style.LITERAL, Style.FOLDED)
_IGNORE = re.compile(r"ignore[ \t]+(QM[0-9]{3})(?:[ \t]+(\S.*))?")


def read_ignores(source: SourceFile, root: Node, diagnostics: Diagnostics) -> tuple[Ignore, ...]:
    """Return the file's comments that silence something; one that cannot be read is reported."""
    found: list[Ignore] = []
    texts = sorted(_texts(root))
    starts = [start for start, _ in texts]
    blocks = _blocks(root)
    following = _following(source)
    for comment in _COMMENT.finditer(source.text):
        before = bisect_right(starts, comment.start()) - 1
        if before >= 0 and comment.start() < texts[before][1]:
            continue  # a `#` inside of a text is no comment
        span = Span(source, comment.start(), comment.end())
        words = _IGNORE.fullmatch(comment.group(1).strip())
        if words is None or words.group(2) is None:
            what = "has no reason" if words is not None else "cannot be read"
            help = "write `# qmap: ignore QM821 why this one is right`"
            diagnostics.report("QM880", f"this comment silences nothing: it {what}", span, help=help)
            continue
        at = source.text.index(words.group(1), comment.start())
        code = Located(words.group(1), Span(source, at, at + len(words.group(1))))
        line_start = span.start - span.column + 1
        is_alone = not source.text[line_start : span.start].strip()
        line = following[span.line - 1] if is_alone else span.line
        found.append(Ignore(code, words.group(2), line, blocks.get(line, line), span))
    return tuple(found)


def _texts(root: Node) -> list[tuple[int, int]]:
    """Where the texts of a tree stand, keys among them."""
    found: list[tuple[int, int]] = []
    for _, node in walk(root):
        match node:
            case ScalarNode(span=span, style=style):
                # Behind the sign of a block there is room for a comment.
                start = span.file.text.find("\n", span.start) if style in _BLOCKS else span.start
                found.append((start, span.end))
            case MapNode(entries=entries):
                found.extend((entry.key.span.start, entry.key.span.end) for entry in entries)
            case _:
                pass
    return found


def _blocks(root: Node) -> dict[int, int]:
    """The last line of each block of text, by the line of its sign."""
    found: dict[int, int] = {}
    for _, node in walk(root):
        if isinstance(node, ScalarNode) and node.style in _BLOCKS:
            lines = node.span.file.text[node.span.start : node.span.end].rstrip().count("\n")
            found[node.span.line] = node.span.line + lines
    return found


def _following(source: SourceFile) -> list[int]:
    """For each line the first from there on that is neither empty nor a comment, from 1; one past the last for none.

    "a: 1", "# of b", "", "b: 2"  ->  1, 4, 4, 4
    """
    lines = source.text.split("\n")
    found: list[int] = []
    following = len(lines) + 1
    for number in range(len(lines), 0, -1):
        line = lines[number - 1].lstrip()
        if line and not line.startswith("#"):
            following = number
        found.append(following)
    found.reverse()
    return found
