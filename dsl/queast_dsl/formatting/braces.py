"""Which `{…}` and `[…]` stay as their author wrote them: short ones that hold single values."""

from __future__ import annotations

import re

from queast_dsl.formatting.model import Item
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode
from queast_dsl.source import SourceFile

WIDTH = 100
_FOR_US = re.compile(r"#[ \t]*qmap:")


def stays_in_braces(source: SourceFile, item: Item) -> bool:
    """Whether a value is written as it stands: `{const: lead, write: on_create}` is, `{a: {b: c}}` is not.

    Where a comment for this program stands beside it, it speaks of everything on its line.
    """
    node = item.value
    if isinstance(node, ScalarNode) or not node.is_flow:
        return False
    children = _values(node)
    if not children:
        return True
    raw = source.text[node.span.start : node.span.end]
    if "\n" in raw:
        return False
    line_end = source.text.find("\n", node.span.end)
    if _FOR_US.search(source.text, node.span.end, line_end if line_end != -1 else len(source.text)):
        return True
    is_leaf = all(isinstance(each, ScalarNode) or _is_list_of_scalars(each) for each in children)
    key = "" if item.key is None else f"{item.key.value}: "
    return is_leaf and 2 * (len(item.path) - 1) + len(key) + len(raw) <= WIDTH


def _values(node: MapNode | SeqNode) -> tuple[Node, ...]:
    return tuple(entry.value for entry in node.entries) if isinstance(node, MapNode) else node.items


def _is_list_of_scalars(node: Node) -> bool:
    return isinstance(node, SeqNode) and all(isinstance(each, ScalarNode) for each in node.items)
