"""Functions on lists."""

from __future__ import annotations

from typing import Any, Final

from queast_dsl.functions.model import MAX_TEXT, Example, Function, FunctionError, Param

_ITEMS = Param("items", "list")


def _first(items: list[Any]) -> Any:
    return items[0] if items else None


def _last(items: list[Any]) -> Any:
    return items[-1] if items else None


def _join(items: list[str | None], separator: str = ", ") -> str:
    texts = [item for item in items if item is not None]
    # Measured before it is made: a long separator between many items takes gigabytes.
    if sum(map(len, texts)) + len(separator) * (len(texts) - 1) > MAX_TEXT:
        raise FunctionError(f"the result is longer than {MAX_TEXT} characters")
    return separator.join(texts)


def _unique(items: list[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


def _sort(items: list[str]) -> list[str]:
    return sorted(items)


def _has(items: list[str], item: str) -> bool:
    return item in items


def _take(items: list[Any], count: int) -> list[Any]:
    return items[: max(0, count)]


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "first",
        "lists",
        (_ITEMS,),
        "item",
        _first,
        "The first item, null for an empty list.",
        (Example("first(['a', 'b'])", "a"),),
        nullable_result=True,
    ),
    Function(
        "last",
        "lists",
        (_ITEMS,),
        "item",
        _last,
        "The last item, null for an empty list.",
        (Example("last(['a', 'b'])", "b"),),
        nullable_result=True,
    ),
    Function(
        "count", "lists", (_ITEMS,), "int", len, "Number of items.", (Example("count(['a', 'b'])", 2),), bound="fixed"
    ),
    Function(
        "is_empty",
        "lists",
        (_ITEMS,),
        "bool",
        lambda items: not items,
        "Whether the list is null or has no items. Never null.",
        (Example("is_empty([])", True), Example("is_empty(['a'])", False)),
        lifts=False,
        bound="fixed",
    ),
    Function(
        "join",
        "lists",
        (Param("items", "list_str"), Param("separator", "str", optional=True, default=", ")),
        "str",
        _join,
        "The texts of a list with a separator between them.",
        (Example("join(['a', 'b'])", "a, b"), Example("join(['a', 'b'], '/')", "a/b")),
        total=False,
        bound="text",
    ),
    Function(
        "unique",
        "lists",
        (Param("items", "list_str"),),
        "same",
        _unique,
        "Each text once, in the order of the first.",
        (Example("unique(['a', 'b', 'a'])", ["a", "b"]),),
    ),
    Function(
        "sort",
        "lists",
        (Param("items", "list_str"),),
        "same",
        _sort,
        "The texts by their characters' code points.",
        (Example("sort(['b', 'a'])", ["a", "b"]),),
    ),
    Function(
        "take",
        "lists",
        (_ITEMS, Param("count", "int")),
        "same",
        _take,
        "At most so many items from the start.",
        (Example("take(['a', 'b', 'c'], 2)", ["a", "b"]),),
    ),
    Function(
        "has",
        "lists",
        (Param("items", "list_str"), Param("item", "str")),
        "bool",
        _has,
        "Whether a text is in the list.",
        (Example("has(['a', 'b'], 'b')", True),),
        bound="fixed",
    ),
)
