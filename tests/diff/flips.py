"""Plans that differ from a plan in one field, found by reflection: a field added tomorrow is flipped tomorrow."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from queast_compiler.plan import connection, ir, mapping
from queast_compiler.plan.connection import ConnectionPlan, InboundPlan, NamePlan
from queast_compiler.plan.mapping import MappingPlan, PersonalUsePlan

Plan = MappingPlan | ConnectionPlan
Field = tuple[str, str]

_NAME = NamePlan(0.8, 0.95, 0.05, ("country",), ())
_SAMPLES: dict[type, Any] = {
    str: "2026-09-01",
    int: 7,
    InboundPlan: InboundPlan("standard_webhooks", "in"),
    NamePlan: _NAME,
    PersonalUsePlan: PersonalUsePlan("sales_outreach", "consent"),
}


def plan_classes() -> list[type]:
    """Every dataclass that a plan is made of, expressions and needs left out."""
    found = [each for module in (mapping, connection) for each in vars(module).values() if isinstance(each, type)]
    return [each for each in found if is_dataclass(each) and each.__module__ in (mapping.__name__, connection.__name__)]


@cache
def hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def single_valued() -> set[Field]:
    """Fields that can hold one value only, so that nothing of them can change."""
    return {
        (cls.__name__, name)
        for cls in plan_classes()
        for name, hint in hints(cls).items()
        if get_origin(hint) is Literal and len(get_args(hint)) == 1
    }


def flips(node: Any) -> Iterator[tuple[Field, Any]]:
    """Yield (class and field, the plan or part with another value there)."""
    for each in fields(node):
        value, hint = getattr(node, each.name), hints(type(node))[each.name]
        for field, other in _others(value, hint, (type(node).__name__, each.name)):
            yield field, replace(node, **{each.name: other})


def _others(value: Any, hint: Any, field: Field) -> Iterator[tuple[Field, Any]]:
    if type(value) in plan_classes():
        inside = list(flips(value))
        yield field, inside[0][1]
        yield from inside
    elif isinstance(value, tuple):
        yield from _in_tuple(value, hint, field)
    if type(value) in plan_classes() and type(None) not in get_args(hint):
        return
    for other in _alternatives(value, hint):
        yield field, other


def _in_tuple(value: tuple[Any, ...], hint: Any, field: Field) -> Iterator[tuple[Field, Any]]:
    """A list loses its last item, gets its first one or has one item that is another; a pair keeps its length."""
    args = get_args(hint)
    if args[-1] is Ellipsis:
        if value:
            yield field, value[:-1]
        elif (sample := _sample(args[0])) is not None:
            yield field, (sample,)
        args = (args[0],) * len(value)
    for n, (item, inner) in enumerate(zip(value, args, strict=True)):
        for found, other in _others(item, inner, field):
            yield found, (*value[:n], other, *value[n + 1 :])


def _sample(hint: Any) -> Any:
    if get_origin(hint) is tuple:
        parts = tuple(_sample(each) for each in get_args(hint))
        return None if None in parts else parts
    return get_args(hint)[0] if get_origin(hint) is Literal else _SAMPLES.get(hint)


def _alternatives(value: Any, hint: Any) -> Iterator[Any]:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if value is not None and type(None) in options:
        yield None
    if value is None:
        yield from (_SAMPLES[option] for option in options if option in _SAMPLES)
        if ir.Lit in options:
            yield ir.Lit(False)
    elif isinstance(value, get_args(ir.Expr)):
        yield ir.Path("company", ("flipped",), "str", (True,))
    elif get_origin(hint) is Literal:
        yield from (each for each in get_args(hint) if each != value)
    elif isinstance(value, dict):
        yield from _flipped(value)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield f"{value}x"
    elif isinstance(value, int | float):
        yield value + 1
        yield value / 2


def _flipped(value: Any) -> Iterator[Any]:
    """A JSON value with one leaf changed, one key gone or one new."""
    match value:
        case dict():
            yield {**value, "flipped": 1}
            for key, inner in value.items():
                yield {name: each for name, each in value.items() if name != key}
                yield from ({**value, key: other} for other in _flipped(inner))
        case list():
            yield [*value, "flipped"]
        case bool():
            yield not value
        case _:
            yield "flipped"
