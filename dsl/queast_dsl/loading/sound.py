"""Reading from trees whose structure was checked: what the schema promised is there."""

from __future__ import annotations

from collections.abc import Iterator

from queast_dsl.document.mapping import Expression, SecretRef
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode
from queast_dsl.source import Located

_SECRET = "secret://"  # noqa: S105 - the scheme of references, not a secret


def mapping(node: Node | None) -> MapNode:
    if not isinstance(node, MapNode):
        raise TypeError("the schema promised a mapping here")
    return node


def scalar(node: Node | None) -> ScalarNode:
    if not isinstance(node, ScalarNode):
        raise TypeError("the schema promised a scalar here")
    return node


def entries(parent: MapNode, key: str) -> tuple[Entry, ...]:
    """Return the entries of the mapping under `key`; none where the key is not there."""
    node = parent.get(key)
    return () if node is None else mapping(node).entries


def items(parent: MapNode, key: str) -> Iterator[ScalarNode]:
    """Yield the scalars of the list under `key`; none where the key is not there."""
    node = parent.get(key)
    if node is None:
        return
    if not isinstance(node, SeqNode):
        raise TypeError("the schema promised a list here")
    for item in node.items:
        yield scalar(item)


def located(parent: MapNode, key: str) -> Located[str]:
    return scalar(parent.get(key)).located


def optional(parent: MapNode, key: str) -> Located[str] | None:
    node = parent.get(key)
    return None if node is None else scalar(node).located


def listed(parent: MapNode, key: str) -> tuple[Located[str], ...]:
    return tuple(item.located for item in items(parent, key))


def expression(node: Node | None) -> Expression:
    return Expression(scalar(node).text)


def optional_expression(parent: MapNode, key: str) -> Expression | None:
    node = parent.get(key)
    return None if node is None else expression(node)


def is_secret(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value.startswith(_SECRET)


def secret(node: Node) -> SecretRef:
    """Return the reference; its place is the whole value."""
    value = scalar(node)
    return SecretRef(Located(value.value.removeprefix(_SECRET), value.span))
