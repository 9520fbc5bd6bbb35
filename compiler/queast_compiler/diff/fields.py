"""FIELD: what a route writes into the properties of its object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from queast_compiler.codegen.analysis import facts_of
from queast_compiler.diff.kinds import field as kinds
from queast_compiler.diff.model import Change, ChangeKind
from queast_compiler.diff.pairs import renamed
from queast_compiler.diff.place import Place
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.reads import paths_read
from queast_compiler.diff.wording import expression_text, json_text
from queast_compiler.plan.ir import Expr
from queast_compiler.plan.mapping import FieldPlan, MappingPlan, OnNull, RoutePlan
from queast_compiler.plan.needs import Write

# How much of what is there a write policy overwrites, least first.
_OVERWRITES: Final[Mapping[Write, int]] = {"on_create": 0, "if_empty": 1, "add": 2, "unless_edited": 3, "always": 4}
# Of a field that says nothing: what people typed is left alone.
_DEFAULT: Final[Write] = "unless_edited"
STAYS: Final = "values that were written stay at the destination"
OTHERWISE: Final = "the same text, compiled otherwise"


def fields(old: RoutePlan, new: RoutePlan, place: Place) -> Iterator[Change]:
    """Compare the fields of a route by their properties."""
    before = {each.property: each for each in old.fields}
    after = {each.property: each for each in new.fields}
    moved = renamed(before, after, lambda each: meaning(_without_name(each)))
    taken = set(moved.values())
    for name, field in after.items():
        if name not in before and name not in taken:
            yield _at(place, field).change(kinds.FIELD_ADDED, None, expression_text(field.expr))
            yield from overwriting(new, field, place)
        elif name in before:
            yield from _field(before[name], field, _at(place, field))
    for name, field in before.items():
        if name in moved:
            to = after[moved[name]]
            yield _at(place, to).change(kinds.FIELD_MOVED, name, to.property, f"{STAYS} in {name}")
        elif name not in after:
            yield _at(place, field).change(kinds.FIELD_REMOVED, expression_text(field.expr), None, STAYS)


def _without_name(field: FieldPlan) -> tuple[object, ...]:
    return (field.expr, field.wire, field.required, field.write, field.on_null, field.max_length, field.overflow)


def _at(place: Place, field: FieldPlan) -> Place:
    return place.at("fields", field.property, file=field.file, line=field.line)


def overwriting(route: RoutePlan, field: FieldPlan, place: Place) -> Iterator[Change]:
    """A new property of a record that may hold something: what people typed there is overwritten or emptied."""
    if route.action != "upsert":
        return
    own = _at(place, field)
    if _OVERWRITES[field.write] > _OVERWRITES[_DEFAULT]:
        yield own.at("write").change(kinds.WRITE_WIDENED, None, field.write)
    if field.on_null == "clear":
        yield own.at("on_null").change(kinds.NULL_CLEARS, None, field.on_null)


def _field(old: FieldPlan, new: FieldPlan, place: Place) -> Iterator[Change]:
    if meaning(old.expr) != meaning(new.expr):
        yield value_change(kinds.EXPRESSION_CHANGED, old.expr, new.expr, place)
    if old.write != new.write:
        widened = _OVERWRITES[new.write] > _OVERWRITES[old.write]
        kind = kinds.WRITE_WIDENED if widened else kinds.WRITE_NARROWED
        yield place.at("write").change(kind, old.write, new.write)
    if old.on_null != new.on_null:
        yield place.at("on_null").change(_of_null(new.on_null), old.on_null, new.on_null)
    if old.wire != new.wire:
        yield place.at("wire").change(kinds.VALUE_TYPE_CHANGED, old.wire, new.wire)
    if meaning(old.clear) != meaning(new.clear):
        note = "null clears this property" if new.on_null == "clear" else ""
        yield place.at("clear").change(kinds.EMPTY_VALUE_CHANGED, json_text(old.clear), json_text(new.clear), note)
    if old.required != new.required:
        said = ("optional", "required")
        yield place.at("required").change(kinds.REQUIRED_CHANGED, said[old.required], said[new.required])
    if old.max_length != new.max_length:
        yield place.at("max_length").change(kinds.LENGTH_CHANGED, _length(old), _length(new))
    if old.overflow != new.overflow:
        yield place.at("overflow").change(kinds.OVERFLOW_CHANGED, old.overflow, new.overflow)


def _of_null(new: OnNull) -> ChangeKind:
    return kinds.NULL_CLEARS if new == "clear" else kinds.NULL_KEEPS


def _length(field: FieldPlan) -> str:
    return "any length" if field.max_length is None else f"{field.max_length} characters"


def value_change(kind: ChangeKind, old: Expr, new: Expr, place: Place) -> Change:
    """An expression that became another, with the event paths that it reads newly or no longer."""
    before, after = expression_text(old), expression_text(new)
    newly, no_more = sorted(paths_read(new) - paths_read(old)), sorted(paths_read(old) - paths_read(new))
    said = [f"reads {', '.join(newly)}"] if newly else []
    said += [f"no longer reads {', '.join(no_more)}"] if no_more else []
    return place.change(kind, before, after, OTHERWISE if before == after else "; ".join(said))


def tables(old: MappingPlan, new: MappingPlan, home: Place) -> Iterator[Change]:
    """Compare the tables by name, their rows by key; each change says which places look something up there."""
    before, after = dict(old.tables), dict(new.tables)
    for name, rows in after.items():
        place, used = home.at("tables", name), _used(new, name)
        if name not in before:
            yield place.change(kinds.TABLE_ADDED, None, _rows(rows), used)
            continue
        was, is_now = dict(before[name]), dict(rows)
        for key in sorted(was.keys() | is_now.keys()):
            if was.get(key) != is_now.get(key):
                yield place.at(key).change(_of_row(was, is_now, key), was.get(key), is_now.get(key), used)
    for name, rows in before.items():
        if name not in after:
            yield home.at("tables", name).change(kinds.TABLE_REMOVED, _rows(rows), None, _used(old, name))


def _of_row(was: Mapping[str, str], is_now: Mapping[str, str], key: str) -> ChangeKind:
    if key not in was:
        return kinds.ROW_ADDED
    return kinds.ROW_REMOVED if key not in is_now else kinds.ROW_CHANGED


def _rows(rows: tuple[tuple[str, str], ...]) -> str:
    return f"{len(rows)} rows" if len(rows) != 1 else "1 row"


def _used(plan: MappingPlan, table: str) -> str:
    used = [path for path, expr in expressions(plan) if table in facts_of((expr,)).tables]
    return f"used by {', '.join(used)}" if used else "used by nothing"


def expressions(plan: MappingPlan) -> Iterator[tuple[str, Expr]]:
    """Yield every expression of a mapping with its stable path."""
    if plan.scope.where is not None:
        yield "scope.where", plan.scope.where
    for route in plan.routes:
        yield from _of_route(route)
    for each in plan.receive:
        if each.then.note is not None:
            yield f"receive.{each.name}.note", each.then.note


def _of_route(route: RoutePlan) -> Iterable[tuple[str, Expr]]:
    start = f"routes.{route.name}"
    if route.when is not None:
        yield f"{start}.when", route.when
    for field in route.fields:
        yield f"{start}.fields.{field.property}", field.expr
    if route.body is not None:
        yield f"{start}.body", route.body
    for name, value in route.headers:
        yield f"{start}.headers.{name}", value
