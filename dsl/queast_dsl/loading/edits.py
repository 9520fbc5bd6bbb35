"""From what a fix means to the characters of the file: the hard part is that YAML must read the new text back.

`name: company.nme`           `name`              ->  name: company.name
`{from: company.revenue}`     `round(…, 1)`       ->  {from: "round(company.revenue, 1)"}
`on_null: clear`              left out            ->  the line is gone
Where that is not certain (escapes, folded text) there is no fix.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from queast_dsl.diagnostics.model import Edit, Part
from queast_dsl.loading.comments import comments_of
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode, Style
from queast_dsl.loading.quoting import in_double, in_quotes, in_single, is_on_a_line, may_be_plain
from queast_dsl.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class _Place:
    """A child of a mapping or list: `whole` is the entry or item, `scalars` its key and its value where it is one."""

    whole: Entry | Node
    siblings: tuple[Entry | Node, ...]
    parent: _Place | None
    in_braces: bool

    @property
    def scalars(self) -> tuple[ScalarNode, ...]:
        parts = (self.whole.key, self.whole.value) if isinstance(self.whole, Entry) else (self.whole,)
        return tuple(part for part in parts if isinstance(part, ScalarNode))

    @property
    def start(self) -> int:
        return _start(self.whole)

    @property
    def end(self) -> int:
        return _end(self.whole)


@dataclass(frozen=True, slots=True)
class Places:
    """Where each key, value and comment of a file stands. `starts` are those of `scalars`, in order."""

    scalars: tuple[tuple[ScalarNode, _Place], ...]
    starts: tuple[int, ...]
    comments: tuple[Span, ...]

    def at(self, offset: int) -> tuple[ScalarNode, _Place] | None:
        """Return the scalar that begins last at or before an offset."""
        n = bisect_right(self.starts, offset)
        return self.scalars[n - 1] if n else None


def places_of(source: SourceFile, root: Node | None) -> Places:
    """Return the places of a file's tree; none where it is no YAML."""
    if root is None:
        return Places((), (), ())
    found = [(node, place) for place in _places(root, None, in_braces=False) for node in place.scalars]
    found.sort(key=lambda each: each[0].span.start)
    return Places(tuple(found), tuple(node.span.start for node, _ in found), comments_of(source, root))


def in_yaml(source: SourceFile, places: Places, edits: tuple[Edit, ...]) -> tuple[Edit, ...] | None:
    """Return the edits as characters of the file, in order; None where one of them cannot be made for certain.

    Without places only edits that are YAML already can be made.
    """
    made: list[Edit] = []
    for edit in edits:
        match edit.part:
            case Part.YAML:
                found: Edit | None = edit
            case Part.TEXT:
                found = _in_scalar(source, places, edit)
            case Part.KEY:
                found = _in_key(places, edit)
            case Part.ENTRY:
                found = _without(source, places, edit.span)
        if found is None:
            return None
        made.append(found)
    made.sort(key=lambda each: (each.span.start, each.span.end))
    overlap = any(a.span.end > b.span.start for a, b in pairwise(made))
    return None if overlap else tuple(made)


def _places(node: Node, parent: _Place | None, *, in_braces: bool) -> Iterator[_Place]:
    match node:
        case MapNode(entries=entries, is_flow=is_flow):
            children: tuple[Entry | Node, ...] = entries
            inside = in_braces or is_flow
        case SeqNode(items=items, is_flow=is_flow):
            children = items
            inside = in_braces or is_flow
        case ScalarNode():
            return
    for child in children:
        place = _Place(child, children, parent, inside)
        yield place
        yield from _places(child.value if isinstance(child, Entry) else child, place, in_braces=inside)


def _in_scalar(source: SourceFile, places: Places, edit: Edit) -> Edit | None:
    found = places.at(edit.span.start)
    if found is None or edit.span.end > found[0].span.end:
        return None
    return _rewritten(source, found[0], edit, in_braces=found[1].in_braces)


def _rewritten(source: SourceFile, node: ScalarNode, edit: Edit, *, in_braces: bool) -> Edit | None:
    span, text = edit.span, edit.text
    if not is_on_a_line(text) or "\n" in source.text[span.start : span.end]:
        return None
    if node.style is Style.LITERAL:
        return _in_block(source, node, span, text)
    if node.style is Style.FOLDED or node.text.offsets is not None:
        return None
    inner = node.text.span
    first = max(span.start, inner.start) - inner.start
    last = min(span.end, inner.end) - inner.start
    whole = node.value[:first] + text + node.value[last:]
    place = inner.part(first, last)
    match node.style:
        case Style.SINGLE:
            return Edit(place, in_single(text), Part.YAML)
        case Style.DOUBLE:
            return Edit(place, in_double(text), Part.YAML)
        case Style.PLAIN:
            if may_be_plain(whole, in_braces=in_braces):
                return Edit(place, text, Part.YAML)
            return Edit(node.span, in_quotes(whole), Part.YAML)


def _in_block(source: SourceFile, node: ScalarNode, span: Span, text: str) -> Edit | None:
    """In a literal block text stands as it is, as long as its line stays a line with something at its start."""
    raw = source.text
    header_end = raw.find("\n", node.span.start)
    if header_end == -1 or span.start <= header_end:
        return None
    line_start, line_end = raw.rfind("\n", 0, span.start) + 1, raw.find("\n", span.end)
    before, after = raw[line_start : span.start], raw[span.end : line_end if line_end != -1 else None]
    at_start = not before.strip()
    if at_start and (not text or text[0] == " ") and not after[:1].strip():
        return None
    return Edit(span, text, Part.YAML)


def _in_key(places: Places, edit: Edit) -> Edit | None:
    node, place = places.at(edit.span.start) or (None, None)
    if place is None or not isinstance(place.whole, Entry) or place.whole.value is not node:
        return None
    key = place.whole.key
    is_plain = key.style is Style.PLAIN and may_be_plain(edit.text, in_braces=place.in_braces)
    return Edit(key.span, edit.text, Part.YAML) if is_plain else None


def _without(source: SourceFile, places: Places, span: Span) -> Edit | None:
    node, found = places.at(span.start) or (None, None)
    if node is None or span not in (node.span, node.text.span):
        return None
    # A mapping or list that would be left empty goes with what is in it.
    while found is not None and len(found.siblings) == 1:
        found = found.parent
    if found is None:
        return None
    removed = _from_braces(source, found) if found.in_braces else _from_lines(source, found)
    if removed is None or any(removed.start <= each.start < removed.end for each in places.comments):
        return None
    return Edit(removed, "", Part.YAML)


def _from_braces(source: SourceFile, place: _Place) -> Span:
    """`{a: 1, b: 2}`  ->  `, b: 2`, or `a: 1, ` of the first."""
    at = next(n for n, each in enumerate(place.siblings) if each is place.whole)
    if at > 0:
        return Span(source, _end(place.siblings[at - 1]), place.end)
    return Span(source, place.start, _start(place.siblings[1]))


def _from_lines(source: SourceFile, place: _Place) -> Span | None:
    """Return whole lines, and one of two empty lines that would meet."""
    raw = source.text
    start = raw.rfind("\n", 0, place.start) + 1
    end = raw.find("\n", place.end)
    end = len(raw) if end == -1 else end + 1
    mark = "" if isinstance(place.whole, Entry) else "-"
    if raw[start : place.start].strip() != mark or raw[place.end : end].strip():
        return None
    before = raw[:start]
    follows = raw[end:].split("\n", 1)[0].strip()
    if not follows and before.endswith(("\n\n", "\n\r\n")):
        last = len(before.rstrip())
        start = raw.index("\n", last) + 1
    return Span(source, start, end)


def _start(child: Entry | Node) -> int:
    return child.key.span.start if isinstance(child, Entry) else child.span.start


def _end(child: Entry | Node) -> int:
    if isinstance(child, Entry):
        return max(child.key.span.end, _end(child.value))
    return child.span.end
