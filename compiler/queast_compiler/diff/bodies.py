"""CONTRACT: what a receiver of events gets, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queast_compiler.codegen.analysis import kind_of, nullable
from queast_compiler.diff.fields import value_change
from queast_compiler.diff.kinds import contract as kinds
from queast_compiler.diff.kinds import security
from queast_compiler.diff.model import Change
from queast_compiler.diff.pairs import renamed
from queast_compiler.diff.place import Place
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.wording import expression_text
from queast_compiler.plan.ir import Arith, Each, Expr, Kind, MakeObj, Neg, Project
from queast_compiler.plan.mapping import RoutePlan

_WORDS: Final[dict[Kind, str]] = {
    "str": "text",
    "int": "whole number",
    "num": "number",
    "bool": "true or false",
    "date": "date",
    "datetime": "date and time",
    "list": "list",
    "obj": "object",
}
_EVENT: Final = "the event itself"


def body(old: RoutePlan, new: RoutePlan, place: Place) -> Iterator[Change]:
    """Compare the bodies of a route, or what is withheld of the event where it has none."""
    if old.body is None or new.body is None:
        if old.body is not None or new.body is not None:
            was_text, is_text = (_EVENT if each is None else expression_text(each) for each in (old.body, new.body))
            yield place.at("body").change(kinds.BODY_REPLACED, was_text, is_text)
        before, after = set(old.withheld), set(new.withheld)
        for path in sorted(after - before):
            note = "the mapping has no grant for it"
            yield place.at("event", path).change(kinds.BODY_KEY_REMOVED, path, None, note)
        for path in sorted(before - after):
            yield place.at("event", path).change(kinds.BODY_KEY_ADDED, None, path, "no longer withheld")
        return
    yield from _node(old.body, new.body, place.at("body"))
    for path in sorted(set(old.withheld) ^ set(new.withheld)):
        gone = path in new.withheld
        kind = kinds.BODY_KEY_REMOVED if gone else kinds.BODY_KEY_ADDED
        yield place.at("event", path).change(kind, path if gone else None, None if gone else path)


def _node(old: Expr, new: Expr, place: Place) -> Iterator[Change]:
    if meaning(old) == meaning(new):
        return
    here = place.at(line=new.line or place.line)
    match old, new:
        case MakeObj(), MakeObj():
            yield from _object(old, new, here)
        case Each(var=var, body=was), Each(var=same, body=is_now) if var == same:
            if meaning(old.items) != meaning(new.items):
                yield _leaf(old.items, new.items, here.at("each"))
            yield from _node(was, is_now, here)
        case _:
            yield _leaf(old, new, here)


def _object(old: MakeObj, new: MakeObj, place: Place) -> Iterator[Change]:
    before, after = dict(old.entries), dict(new.entries)
    names = renamed(before, after, meaning)
    taken = {to: name for name, to in names.items()}
    for key, value in after.items():
        own = place.at(key, line=value.line or place.line)
        if key in before:
            yield from _node(before[key], value, place.at(key))
        elif key in taken:
            yield own.change(kinds.BODY_KEY_RENAMED, taken[key], key, expression_text(value))
        else:
            yield own.change(kinds.BODY_KEY_ADDED, None, expression_text(value), type_text(value))
    for key, value in before.items():
        if key not in after and key not in names:
            own = place.at(key, line=value.line or place.line)
            yield own.change(kinds.BODY_KEY_REMOVED, expression_text(value), None, type_text(value))


def _leaf(old: Expr, new: Expr, place: Place) -> Change:
    was, is_now = type_text(old), type_text(new)
    # Whoever takes null takes a value that never is.
    if is_now in (was, was.removesuffix(" or null")):
        return value_change(kinds.BODY_VALUE_CHANGED, old, new, place)
    return place.change(
        kinds.BODY_KEY_RETYPED, expression_text(old), expression_text(new), f"was {was}, is now {is_now}"
    )


def type_text(expr: Expr) -> str:
    """`text or null`: the type of what a receiver finds."""
    match expr:
        case Project(kind=kind):
            word = f"list of {_WORDS[kind]}"
        case Arith() | Neg():
            word = "number"
        case _:
            found = kind_of(expr)
            word = "mixed" if found is None else _WORDS[found]
    return f"{word} or null" if nullable(expr) else word


def headers(old: RoutePlan, new: RoutePlan, place: Place) -> Iterator[Change]:
    """Compare the headers of a route by name, those with secrets too."""
    before, after = dict(old.headers), dict(new.headers)
    for name in sorted(before.keys() | after.keys()):
        own = place.at("headers", name)
        if name not in before:
            yield own.change(kinds.HEADER_ADDED, None, expression_text(after[name]))
        elif name not in after:
            yield own.change(kinds.HEADER_REMOVED, expression_text(before[name]), None)
        elif meaning(before[name]) != meaning(after[name]):
            yield value_change(kinds.HEADER_CHANGED, before[name], after[name], own)
    yield from secret_headers(dict(old.secret_headers), dict(new.secret_headers), place.at("headers"))


def secret_headers(before: dict[str, str], after: dict[str, str], place: Place) -> Iterator[Change]:
    """Names of secrets, never a secret itself."""
    for name in sorted(before.keys() | after.keys()):
        old, new = (f"secret://{each[name]}" if name in each else None for each in (before, after))
        if old == new:
            continue
        if new is None:
            yield place.at(name).change(security.SECRET_HEADER_REMOVED, old, new)
        elif old is None:
            yield place.at(name).change(security.SECRET_HEADER_ADDED, old, new)
        else:
            yield place.at(name).change(security.SECRET_CHANGED, old, new)
