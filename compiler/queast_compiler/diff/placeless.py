"""What of a plan can change without anything happening, and plans without it as values that compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from queast_compiler.plan.ir import MakeObj

# Fields of plans, by name, that say nothing of what is done.
IGNORED: Final[Mapping[str, str]] = {
    "line": "where it stands in a file",
    "file": "which file it stands in",
    "sources": "digests of texts, which change with every comment",
    "connection_digest": "pins the connection plan, whose own changes are shown",
    "tenant": "both sides are of one tenant",
    "needs": "made from the write policies and the rule by name, whose own changes are shown",
    "reads": "made from the expressions, whose own changes are shown",
}
_PLACES: Final = frozenset({"line", "sources"})


def placeless(node: Any, without: Collection[str] = _PLACES) -> Any:
    """Return a plan or a part of one without the fields named in `without`, as nested tuples that compare.

    The order of an object's keys is none: `{a: 1, b: 2}` equals `{b: 2, a: 1}`.
    """
    if isinstance(node, MakeObj):
        entries = sorted((key, placeless(each, without)) for key, each in node.entries)
        return ("MakeObj", *entries)
    if is_dataclass(node) and not isinstance(node, type):
        kept = (each.name for each in fields(node) if each.name not in without)
        return (type(node).__name__, *(placeless(getattr(node, name), without) for name in kept))
    if isinstance(node, tuple):
        return tuple(placeless(each, without) for each in node)
    if isinstance(node, dict):
        return tuple(sorted((key, placeless(each, without)) for key, each in node.items()))
    if isinstance(node, list):
        return ("list", *(placeless(each, without) for each in node))
    # 1, 1.0 and true are equal in Python and three values in a plan.
    return (type(node).__name__, node)


def meaning(node: Any) -> Any:
    """Return a plan or a part of one without everything in `IGNORED`, as nested tuples that compare."""
    return placeless(node, IGNORED)
