"""Whether two files say the same: the same values whatever the order of keys, and the same comments."""

from __future__ import annotations

from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.loading.comments import comments_of
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Step, Style
from queast_dsl.loading.places import is_expression
from queast_dsl.source import SourceFile

Read = tuple[SourceFile, Node]


def is_same(one: Read, other: Read) -> bool:
    """Whether two files hold the same document and the same comments, each as often."""
    return _is_same(one[1], other[1], ()) and comment_texts(*one) == comment_texts(*other)


def comment_texts(source: SourceFile, root: Node) -> list[str]:
    """Return the texts of all comments of a file, sorted."""
    return sorted(source.text[span.start : span.end] for span in comments_of(source, root))


def _is_same(one: Node, other: Node, path: tuple[Step, ...]) -> bool:
    match one, other:
        case MapNode(), MapNode():
            if sorted(one.keys) != sorted(other.keys):
                return False
            pairs = [(entry.key.value, entry.value, other.get(entry.key.value)) for entry in one.entries]
            return all(b is not None and _is_same(a, b, (*path, key)) for key, a, b in pairs)
        case SeqNode(), SeqNode():
            if len(one.items) != len(other.items):
                return False
            return all(_is_same(a, b, (*path, n)) for n, (a, b) in enumerate(zip(one.items, other.items, strict=True)))
        case ScalarNode(), ScalarNode():
            if is_expression(path) and one.value != other.value:
                return _are_one_expression(one.value, other.value)
            is_plain = (one.style is Style.PLAIN, other.style is Style.PLAIN)
            return one.value == other.value and is_plain[0] == is_plain[1]
        case _:
            return False


def _are_one_expression(one: str, other: str) -> bool:
    try:
        return parse(one) == parse(other)
    except ParseFailure:
        return False
