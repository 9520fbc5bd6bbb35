"""Where each character of a scalar's text stands in the file, for every way YAML has of writing one.

The rules of folding, escaping and chomping are followed a second time, with offsets; the result is only used if it
gives exactly the text that the YAML parser gave.
"""

from __future__ import annotations

from queast_dsl.loading.nodes import Style
from queast_dsl.source import SourceFile, SourceText, Span

Placed = list[tuple[str, int]]
_SIMPLE_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_NUMBERED_ESCAPES = {"x": 2, "u": 4, "U": 8}


def place(source: SourceFile, value: str, style: Style, start: int, end: int) -> tuple[SourceText, Span]:
    """Return the text with its offsets and the span of the whole scalar.

    `start` and `end` are what the parser gives for the scalar: a block scalar's end lies past trailing empty lines.
    """
    raw = source.text
    match style:
        case Style.PLAIN:
            inner, outer = (start, end), (start, end)
            if end - start == len(value) and "\n" not in value:
                return _contiguous(source, value, inner, outer)
            placed = _flow(raw, start, end, style)
        case Style.SINGLE | Style.DOUBLE:
            inner, outer = (start + 1, end - 1), (start, end)
            if end - start - 2 == len(value) and raw[start + 1 : end - 1] == value:
                return _contiguous(source, value, inner, outer)
            placed = _flow(raw, start + 1, end - 1, style)
        case Style.LITERAL | Style.FOLDED:
            stop = start + len(raw[start:end].rstrip())
            inner, outer = (start, stop), (start, stop)
            placed = _block(raw, start, end, style, value)
    if "".join(char for char, _ in placed) == value:
        offsets = (*(offset for _, offset in placed), placed[-1][1] + 1 if placed else inner[1])
    else:
        offsets = (inner[0],) * (len(value) + 1)
    return SourceText(value, Span(source, *inner), offsets), Span(source, *outer)


def _contiguous(
    source: SourceFile, value: str, inner: tuple[int, int], outer: tuple[int, int]
) -> tuple[SourceText, Span]:
    return SourceText(value, Span(source, *inner)), Span(source, *outer)


def _flow(raw: str, start: int, end: int, style: Style) -> Placed:
    """Plain and quoted text: blanks around a line break go, one break is a space, n breaks are n - 1."""
    placed: Placed = []
    i = start
    while i < end:
        char = raw[i]
        if char in " \t\r\n":
            stop = i
            while stop < end and raw[stop] in " \t\r\n":
                stop += 1
            placed += _folded(raw, i, stop, after_escape=False)
            i = stop
        elif style is Style.SINGLE and char == "'":
            placed.append(("'", i))
            i += 2
        elif style is Style.DOUBLE and char == "\\":
            i = _escape(raw, i, end, placed)
        else:
            placed.append((char, i))
            i += 1
    return placed


def _folded(raw: str, start: int, end: int, *, after_escape: bool) -> Placed:
    breaks = [i for i in range(start, end) if raw[i] == "\n"]
    if after_escape:
        return [("\n", i) for i in breaks]
    if not breaks:
        return [(raw[i], i) for i in range(start, end)]
    return [(" ", breaks[0])] if len(breaks) == 1 else [("\n", i) for i in breaks[1:]]


def _escape(raw: str, i: int, end: int, placed: Placed) -> int:
    code = raw[i + 1]
    if code in "\r\n":
        after = i + (3 if code == "\r" else 2)
        stop = after
        while stop < end and raw[stop] in " \t\r\n":
            stop += 1
        # Blanks of an escaped break vanish; breaks after it stay.
        placed += _folded(raw, after, stop, after_escape=True)
        return stop
    digits = _NUMBERED_ESCAPES.get(code)
    if digits is None:
        placed.append((_SIMPLE_ESCAPES.get(code, code), i))
        return i + 2
    placed.append((chr(int(raw[i + 2 : i + 2 + digits], 16)), i))
    return i + 2 + digits


def _block(raw: str, start: int, end: int, style: Style, value: str) -> Placed:
    """Block text. With an indentation indicator the indent hangs on the parent: the one that gives `value` is it."""
    header_end = raw.find("\n", start, end)
    if header_end == -1:
        return []
    header = raw[start:header_end].split("#")[0]
    chomping = "+" if "+" in header else "-" if "-" in header else ""
    lines = _lines(raw, header_end + 1, end)
    first = next((raw[a:b] for a, b, _ in lines if raw[a:b].strip(" ")), "")
    widest = len(first) - len(first.lstrip(" "))
    placed: Placed = []
    for indent in range(widest, -1, -1):
        placed = _block_at(raw, lines, indent, chomping, is_literal=style is Style.LITERAL)
        if "".join(char for char, _ in placed) == value:
            break
    return placed


def _lines(raw: str, start: int, end: int) -> list[tuple[int, int, int | None]]:
    """Return (start, end, offset of the line break or None at the end of the file) of each line."""
    lines: list[tuple[int, int, int | None]] = []
    while start < end:
        feed = raw.find("\n", start, end)
        if feed == -1:
            lines.append((start, end, None))
            break
        lines.append((start, feed - 1 if raw[feed - 1 : feed] == "\r" else feed, feed))
        start = feed + 1
    return lines


def _block_at(
    raw: str, lines: list[tuple[int, int, int | None]], indent: int, chomping: str, *, is_literal: bool
) -> Placed:
    placed: Placed = []
    leading: Placed = []  # the break that ended the last line with text
    trailing: Placed = []  # the breaks of empty lines since
    was_blank = False
    for start, end, feed in lines:
        content = start + indent
        break_here: Placed = [] if feed is None else [("\n", feed)]
        if content >= end and not raw[start:end].strip(" "):
            trailing += break_here
            continue
        is_blank = raw[content : content + 1] in (" ", "\t")
        if is_literal or not leading or was_blank or is_blank:
            placed += leading
        elif not trailing:
            placed.append((" ", leading[0][1]))
        placed += trailing
        leading, trailing, was_blank = break_here, [], is_blank
        placed += [(raw[i], i) for i in range(content, end)]
    if chomping != "-":
        placed += leading
    if chomping == "+":
        placed += trailing
    return placed
