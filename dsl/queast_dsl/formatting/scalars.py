"""Scalars as they are written: on a line as they were, over several lines indented anew."""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.expr.unparse import unparse
from queast_dsl.loading.nodes import MapNode, ScalarNode, Step, Style
from queast_dsl.loading.places import is_expression
from queast_dsl.loading.quoting import in_quotes, is_on_a_line, may_be_plain
from queast_dsl.loading.tree import read_tree
from queast_dsl.loading.written import double_quoted
from queast_dsl.source import SourceFile


def key_text(node: ScalarNode) -> str:
    raw = _raw(node)
    if node.style is Style.PLAIN and is_on_a_line(node.value):
        return node.value
    return raw if node.is_quoted and "\n" not in raw else double_quoted(node.value)


def value_lines(node: ScalarNode, path: tuple[Step, ...], indent: int, header: str | None) -> list[str]:
    """Return a value as lines: the first stands behind its key, `indent` blanks in; the others are whole.

    `header` is the comment behind a `|` or `>`.
    """
    raw = _raw(node)
    match node.style:
        case Style.PLAIN | Style.SINGLE | Style.DOUBLE if "\n" not in raw:
            return [_expression(node) if is_expression(path) else raw]
        case Style.PLAIN | Style.SINGLE | Style.DOUBLE:
            lines = _folded(raw, node.style, indent + 2)
        case Style.LITERAL:
            lines = _block("|", node.value, node.value.rstrip("\n").split("\n"), indent + 2)
        case Style.FOLDED:
            lines = _block(">", node.value, _outdented(node), indent + 2)
    if not _reads_back(lines, node, indent):
        lines = [double_quoted(node.value)]
    if header is not None:
        lines[0] = f"{lines[0]}  {header}"
    return lines


def _raw(node: ScalarNode) -> str:
    return node.span.file.text[node.span.start : node.span.end]


def _expression(node: ScalarNode) -> str:
    """Return an expression with its blanks in their places: `a|lower`  ->  `a | lower`.

    Brackets that say what is meant anyway and the author's choice of quotes are no matter of layout: with other
    characters than blanks to change, or where it would not read back as the same, it stays as it is.
    """
    raw = _raw(node)
    try:
        tree = parse(node.value)
        spelling = unparse(tree)
        if spelling == node.value or _dense(spelling) != _dense(node.value) or parse(spelling) != tree:
            return raw
    except ParseFailure:
        return raw
    if node.style is Style.PLAIN:
        return spelling if may_be_plain(spelling, in_braces=False) else raw
    return in_quotes(spelling) if is_on_a_line(spelling) else raw


def _dense(text: str) -> str:
    return "".join(text.split())


def _folded(raw: str, style: Style, indent: int) -> list[str]:
    """Blanks around the breaks of plain and quoted text mean nothing, unless a backslash is before them."""
    first, *rest = raw.split("\n")
    lines = [first, *(" " * indent + line.lstrip(" \t") if line.strip() else "" for line in rest)]
    return [
        line if n == len(lines) - 1 or (style is Style.DOUBLE and line.rstrip().endswith("\\")) else line.rstrip()
        for n, line in enumerate(lines)
    ]


def _outdented(node: ScalarNode) -> list[str]:
    """Return the lines of a folded text without their indentation, from the file: folding cannot be undone."""
    text = node.span.file.text
    end = text.find("\n", node.span.end)
    lines = text[node.span.start : end if end != -1 else None].split("\n")[1:]
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
    return [line[indent:] for line in lines]


def _block(mark: str, value: str, lines: list[str], indent: int) -> list[str]:
    breaks = len(value) - len(value.rstrip("\n"))
    chomping = "-" if breaks == 0 else "" if breaks == 1 else "+"
    first = next((line for line in lines if line), "")
    digit = "2" if first.startswith(" ") else ""
    body = [" " * indent + line if line else "" for line in lines]
    return [f"{mark}{digit}{chomping}", *body, *("" for _ in range(breaks - 1))]


def _reads_back(lines: list[str], node: ScalarNode, indent: int) -> bool:
    """Whether YAML reads the lines, put behind a key, as the text they are of."""
    text = " " * indent + "k: " + "\n".join(lines) + "\n"
    root = read_tree(SourceFile("", text), Diagnostics())
    value = root.get("k") if isinstance(root, MapNode) else None
    return isinstance(value, ScalarNode) and value.value == node.value
