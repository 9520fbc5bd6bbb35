"""Which paths a base may lock: what it gives, and what it leaves out and a mapping could add."""

from __future__ import annotations

from typing import Any, Final

import queast_schemas
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, at
from queast_dsl.loading.places import is_body, is_field, is_header, is_leaf, is_loop
from queast_dsl.source import Span

# A field of the base that says nothing of these has them all the same: the route's or the default.
_FIELD_DEFAULTS: Final = ("write", "on_null")
# What every mapping on a base says for itself, or says about the merging.
_OF_EACH_FILE: Final = ("version", "connection", "extends", "unset", "locked", "was")


def locked_node(root: MapNode, path: tuple[str, ...]) -> Node | None:
    """Return what stands at a locked path, None for nothing. A field's short form stands for its `from`, too."""
    node = at(root, path)
    if node is None and is_field(path[:-1]) and path[-1] == "from":
        field = at(root, path[:-1])
        return field if isinstance(field, ScalarNode) else None
    return node


def check_lockable(base: MapNode, path: tuple[str, ...], span: Span, diagnostics: Diagnostics) -> bool:
    """Report a path that is no place where the base or a mapping on it could say something; return whether it is one.

    `routes.r.when`, where the base has none, is one: no mapping may add it. `routes.r.whn` is none.
    """
    dotted = ".".join(path)
    if path[0] in _OF_EACH_FILE:
        message = f"`{dotted}` cannot be locked: each mapping says its own"
        diagnostics.report("QM405", message, span, help="remove it")
        return False
    is_default = is_field(path[:-1]) and path[-1] in _FIELD_DEFAULTS and at(base, path[:-1]) is not None
    if is_default or locked_node(base, path) is not None:
        return True
    parent = at(base, path[:-1])
    known = _known(base, path[:-1])
    if path[-1] in known:
        return True
    near = nearest(path[-1], (*(parent.keys if isinstance(parent, MapNode) else ()), *known))
    if near is None and _is_named_elsewhere(base, path, parent):
        return True
    help = f"did you mean `{'.'.join((*path[:-1], near))}`?" if near else "lock what the base gives"
    diagnostics.report("QM405", f"the base has no `{dotted}` to lock", span, help=help)
    return False


def _is_named_elsewhere(base: MapNode, path: tuple[str, ...], parent: Node | None) -> bool:
    """Whether the destination gives the names of this place, so that none is unknown: properties, headers, a body's
    keys."""
    if is_field(path) or is_header(path):
        return at(base, path[:2]) is not None
    if not is_body(path) or not isinstance(parent, MapNode):
        return False
    return not is_loop(parent) and not is_leaf(parent)


def _known(base: MapNode, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that the language has at a path: `("scope",)` -> companies, signals, where. None below a route
    that the base does not have."""
    if path and path[0] in ("routes", "receive") and at(base, path[:2]) is None:
        return ()
    schema: dict[str, Any] = queast_schemas.load("mapping")
    place = schema
    for step in path:
        inner = place.get("properties", {}).get(step, place.get("additionalProperties"))
        if not isinstance(inner, dict):
            return ()
        place = schema["$defs"][inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner
    return tuple(key for key, each in place.get("properties", {}).items() if each.get("x-later") is not True)
