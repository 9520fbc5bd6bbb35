"""A list in a webhook body of which a key is misspelt or missing, so that it would be an object with odd keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.nearest import is_one_slip
from queast_dsl.entities import ENTITIES
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Step, walk
from queast_dsl.loading.places import is_body

_KEYS = ("each", "as", "body")
_LITERALS = ("true", "false", "null")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def report_misspelt_loops(root: Node, diagnostics: Diagnostics) -> list[tuple[Step, ...]]:
    """Report `{ech: …, as: …, body: …}` in a body as a slip, and `{each: …}` alone as half a list; return the places
    that have their finding so. `{each: …, id: …}` is an object whose key is called that.

    `{foreach: …, as: tech, body: …}` is a list too, and so is what is left of it without its first key: of an object
    with a key `as` the word `tech` would be no value.
    """
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
        is_nameless = not slips and _names_an_item(node)
        if is_nameless:
            _report_no_each(node, shown, diagnostics)
        if slips or is_nameless or node.keys == ("each",):
            found.append(path)
    return found


def _names_an_item(node: MapNode) -> bool:
    """Whether `as` and `body` stand here without `each`, and `as` is a word that names nothing that could be sent."""
    name = node.get("as")
    if "each" in node.keys or "body" not in node.keys or not isinstance(name, ScalarNode):
        return False
    return _NAME.fullmatch(name.value) is not None and name.value not in (*ENTITIES, *_LITERALS)


def _report_no_each(node: MapNode, shown: str, diagnostics: Diagnostics) -> None:
    others = [entry for entry in node.entries if entry.key.value not in _KEYS]
    if len(others) == 1 and isinstance(others[0].value, ScalarNode):
        key = others[0].key
        help = f"did you mean `each`?  known here: {', '.join(_KEYS)}"
        message = f"`{shown}` has no key `{key.value}`"
        diagnostics.report("QM100", message, key.span, help=help, fix=written(key.span, "each"))
        return
    help = "write `each:` and the list whose items are meant, such as `each: company.technologies`"
    diagnostics.report("QM101", f"`{shown}` needs `each`", node.entries[0].key.span, help=help)


def _slips(node: MapNode) -> Iterator[tuple[ScalarNode, str]]:
    """Yield the keys that are one slip from those of a list, with what was meant, where the list is lost by them."""
    strange = [entry.key for entry in node.entries if entry.key.value not in _KEYS]
    left = [key for key in _KEYS if key not in node.keys]
    lacks_each, has_each_alone = left == ["each"], left == ["as", "body"]
    if (lacks_each and len(strange) == 1) or (has_each_alone and len(strange) <= len(left)):
        meant = [(key, next((other for other in left if is_one_slip(key.value, other)), None)) for key in strange]
        if all(other is not None for _, other in meant):
            yield from ((key, other) for key, other in meant if other is not None)
