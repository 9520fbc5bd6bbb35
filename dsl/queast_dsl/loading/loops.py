"""A list in a webhook body of which a key is misspelt or missing, so that it would be an object with odd keys."""

from __future__ import annotations

from collections.abc import Iterator

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.nearest import is_one_slip
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Step, walk
from queast_dsl.loading.places import is_body

_KEYS = ("each", "as", "body")


def report_misspelt_loops(root: Node, diagnostics: Diagnostics) -> list[tuple[Step, ...]]:
    """Report `{ech: …, as: …, body: …}` in a body as a slip, and `{each: …}` alone as half a list; return the places
    that have their finding so. `{each: …, id: …}` is an object whose key is called that."""
    found: list[tuple[Step, ...]] = []
    for path, node in walk(root):
        if not isinstance(node, MapNode) or not is_body(path):
            continue
        shown = ".".join(str(step) for step in path)
        slips = list(_slips(node))
        for key, meant in slips:
            help = f"did you mean `{meant}`?  known here: {', '.join(_KEYS)}"
            message = f"`{shown}` has no key `{key.value}`"
            diagnostics.report("QM100", message, key.span, help=help, fix=written(key.span, meant))
        if node.keys == ("each",):
            help = (
                "write `as:` (a name for an item) and `body:` (what it becomes); a key `each` is sent beside other keys"
            )
            diagnostics.report("QM101", f"`{shown}` needs `as` and `body`", node.entries[0].key.span, help=help)
        if slips or node.keys == ("each",):
            found.append(path)
    return found


def _slips(node: MapNode) -> Iterator[tuple[ScalarNode, str]]:
    """Yield the keys that are one slip from those of a list, with what was meant, where the list is lost by them."""
    strange = [entry.key for entry in node.entries if entry.key.value not in _KEYS]
    left = [key for key in _KEYS if key not in node.keys]
    lacks_each, has_each_alone = left == ["each"], left == ["as", "body"]
    if (lacks_each and len(strange) == 1) or (has_each_alone and len(strange) <= len(left)):
        meant = [(key, next((other for other in left if is_one_slip(key.value, other)), None)) for key in strange]
        if all(other is not None for _, other in meant):
            yield from ((key, other) for key, other in meant if other is not None)
