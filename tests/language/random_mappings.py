"""Expressions and templates of a wanted type, put together from everything that the language has, as text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from queast_dsl.entities import entity
from queast_dsl.functions import REGISTRY, Function, Param
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NumType,
    ObjectType,
    StrType,
    Type,
)

KINDS = ("str", "int", "num", "bool", "date", "datetime", "list_str")
_LITERALS = {
    "str": ("'a'", "'NO'", "''", "'software'", "'ß <b>'", "'https://acme.no/x'", "'2026-01-31'", "' 12 '"),
    "int": ("0", "1", "-3", "12", "100", "9223372036854775807"),
    "num": ("0", "2.5", "-0.1", "1000000"),
    "bool": ("true", "false"),
    "date": ("date('2026-01-31')",),
    "datetime": ("now()", "datetime('2026-01-31T12:00:00Z')"),
    "list_str": ("['a', 'b']", "[]"),
}
_PATTERNS = {"format_date": ("'YYYY-MM-DD'", "'D MMMM YY'", "'HH:mm:ss'")}
_EXPRESSIONS = ("'a'", "'^[A-Z]{2}'", "'([0-9]+)-([a-z]*)'", "'(?i)as$'")
_ACCEPTED = {
    "moment": ("date", "datetime"),
    "scalar": ("str", "int", "num", "bool", "date", "datetime"),
    "list": ("list_str",),
    "any": KINDS,
    "list_num": ("list_str",),
}


@cache
def _paths(root: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path, type_ in _below(entity(root), root, 3):
        kind = _kind(type_)
        if kind is not None:
            found[kind].append(path)
    return {kind: tuple(paths) for kind, paths in found.items()}


def _below(shape: ObjectType, prefix: str, depth: int) -> Iterator[tuple[str, Type]]:
    for each in shape.properties:
        path = f"{prefix}.{each.name}"
        if isinstance(each.type, ObjectType):
            if depth:
                yield from _below(each.type, path, depth - 1)
        else:
            yield path, each.type


def _kind(type_: Type) -> str | None:
    match type_:
        case StrType() | EnumType():
            return "str"
        case IntType():
            return "int"
        case NumType():
            return "num"
        case BoolType():
            return "bool"
        case DateType():
            return "date"
        case DatetimeType():
            return "datetime"
        case ListType(item=StrType() | EnumType()):
            return "list_str"
        case _:
            return None


@cache
def expressions(root: str, kind: str, depth: int = 2) -> SearchStrategy[str]:
    """Expressions over `root` that should give `kind`: most of them are accepted."""
    atoms = st.sampled_from([*(_paths(root)[kind] * 3), *_LITERALS[kind]])
    if depth == 0:
        return atoms
    made = [_call(root, each, depth - 1) for each in REGISTRY.values() if kind in _given(each)]
    inner = expressions(root, kind, depth - 1)
    pairs = st.tuples(inner, inner)
    made += [
        pairs.map(lambda pair: f"({pair[0]} ?? {pair[1]})"),
        st.tuples(conditions(root, depth - 1), inner, inner).map(lambda p: f"if({p[0]}, {p[1]}, {p[2]})"),
        st.tuples(expressions(root, "str", depth - 1), inner, inner).map(
            lambda p: f"case({p[0]}, 'a' = {p[1]}, 'NO' = {p[1]}, else = {p[2]})"
        ),
    ]
    if kind in ("int", "num"):
        sign = st.sampled_from(["+", "-", "*", "%", "/"] if kind == "num" else ["+", "-", "*", "%"])
        made.append(st.tuples(inner, sign, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"))
        made.append(inner.map(lambda text: f"(-{text})"))
    if kind == "str":
        made.append(expressions(root, "str", depth - 1).map(lambda text: f"lookup({text}, rows, else = null)"))
        made.append(expressions(root, "list_str", depth - 1).map(lambda text: f"({text})[-1]"))
    if kind == "bool":
        made.append(conditions(root, depth - 1))
    if kind == "list_str":
        made.append(st.lists(expressions(root, "str", depth - 1), max_size=3).map(lambda x: f"[{', '.join(x)}]"))
    return st.one_of(atoms, *made)


@cache
def conditions(root: str, depth: int = 1) -> SearchStrategy[str]:
    """Conditions: comparisons, membership, presence, and what joins them."""
    kinds = st.sampled_from(["str", "int", "num", "date", "datetime"])
    compared = kinds.flatmap(
        lambda kind: st.tuples(
            expressions(root, kind, min(depth, 1)),
            st.sampled_from(["==", "!="] if kind == "str" else ["==", "!=", "<", ">=", ">", "<="]),
            expressions(root, kind, 0),
        ).map(" ".join)
    )
    held = expressions(root, "str", 0).map(lambda text: f"{text} in ['NO', 'a', 'software']")
    asked = kinds.flatmap(lambda kind: expressions(root, kind, 0))
    if depth == 0:
        return st.one_of(compared, held, asked)
    inner = conditions(root, depth - 1)
    joined = st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({' '.join(p)})")
    return st.one_of(compared, held, asked, joined, inner.map(lambda text: f"not ({text})"))


def _given(function: Function) -> tuple[str, ...]:
    match function.returns:
        case "same":
            accepts = function.params[0].accepts
            return _ACCEPTED.get(accepts, (accepts,))
        case "item":
            return ("str",)
        case returns:
            return (returns,)


def _call(root: str, function: Function, depth: int) -> SearchStrategy[str]:
    needed = [_argument(root, function, each, depth) for each in function.params[: function.required]]
    further = [_argument(root, function, each, depth) for each in function.params[function.required :]]
    choices = [st.tuples(*needed, *further[:count]) for count in range(len(further) + 1)]
    return st.one_of(*choices).map(lambda args: f"{function.name}({', '.join(args)})")


def _argument(root: str, function: Function, param: Param, depth: int) -> SearchStrategy[str]:
    if param.literal:
        return st.sampled_from(_PATTERNS.get(function.name, _EXPRESSIONS))
    if param.optional:
        return st.sampled_from(_LITERALS[param.accepts])
    kinds = st.sampled_from(_ACCEPTED.get(param.accepts, (param.accepts,)))
    return kinds.flatmap(lambda kind: expressions(root, kind, depth))


@cache
def templates(root: str, depth: int = 1) -> SearchStrategy[str]:
    """Texts with values, choices and loops."""
    shown = st.sampled_from(["str", "int", "num", "date", "datetime", "bool"]).flatmap(
        lambda kind: expressions(root, kind, 1).map(
            lambda text: f"{{{{ {text} }}}}" if kind == "str" else f"{{{{ text({text}) ?? '-' }}}}"
        )
    )
    fallen = expressions(root, "str", 1).map(lambda text: f"{{{{ ({text}) ?? '' }}}}")
    parts = [st.sampled_from(["<p>", "a & b ", ": "]), shown, fallen]
    if depth:
        inner = templates(root, depth - 1)
        parts += [
            st.tuples(conditions(root), inner, inner).map(
                lambda p: f"{{% if {p[0]} %}}{p[1]}{{% else %}}{p[2]}{{% endif %}}"
            ),
            st.tuples(expressions(root, "list_str", 1), inner).map(
                lambda p: f"{{% for x in {p[0]} %}}{{{{ x }}}}{p[1]}{{% endfor %}}"
            ),
        ]
    return st.lists(st.one_of(*parts), min_size=1, max_size=3).map("".join)
