"""Values on the way to the wire, as generated code: their form, their bound, and what needs neither."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from queast_compiler.codegen import wire
from queast_compiler.codegen.analysis import kind_of
from queast_compiler.codegen.generate import Generator
from queast_compiler.plan import ir
from queast_compiler.plan.ir import Kind
from queast_compiler.plan.mapping import FieldPlan, Wire

Longest = Mapping[str, int]

_AS_IS: dict[Wire, frozenset[Kind]] = {
    "native": frozenset({"str", "int", "num", "bool"}),
    "string": frozenset({"str"}),
}
_TEXT_WIRES = frozenset(
    {
        "string",
        "date_iso",
        "date_midnight_ms",
        "datetime_iso_ms",
        "datetime_epoch_ms",
        "datetime_space_utc",
        "list_semicolon",
        "list_comma",
    }
)


def longest_rows(tables: Mapping[str, Mapping[str, str]]) -> Longest:
    """Return by table the characters of its longest row: all that code depends on of what is in a table."""
    return {name: max(map(len, rows.values()), default=0) for name, rows in tables.items()}


def is_plain(field: FieldPlan, longest: Longest) -> bool:
    """Say whether a value that is not null is sent just as it is."""
    kind = kind_of(field.expr)
    as_is = kind is not None and kind in _AS_IS.get(field.wire, frozenset())
    return as_is and (field.max_length is None or kind != "str" or _longest(field, longest) <= field.max_length)


def converts_all(field: FieldPlan, kind: ir.Kind, longest: Longest) -> bool:
    """Say whether every value of a kind has the wire form: a number always has a text."""
    is_bounded = field.max_length is not None and _longest(field, longest) > field.max_length
    return kind in ("int", "num") and field.wire == "string" and not is_bounded


def _wired_text(make: Generator, field: FieldPlan, kind: Kind, value: ast.expr) -> ast.expr:
    """The wire value of a JSON value of a path. A time that is written in the form of the wire already is read, to see
    that it is one, and sent as it stands: writing it anew takes five times as long."""
    if kind == "datetime" and field.wire == "datetime_iso_ms":
        usual = make.both(make.is_usual_time(value), make.call("time_of", value))
        as_it_is = make.method(value, "replace", make.const("Z"), make.const(".000Z"))
        return make.either(usual, as_it_is, _wired(make, field, make.call("moment_of", value)))
    if kind == "date" and field.wire == "date_iso":
        return make.either(
            make.both(make.is_usual_date(value), make.call("date_of", value)), value, make.call("misfit")
        )
    return _wired(make, field, make.parsed(kind, value))


def sent_text(make: Generator, field: FieldPlan, longest: Longest, kind: Kind, value: ast.expr) -> ast.expr:
    """What is sent of a path's value as it stands in the event, which is not null and of the path's kind."""
    return _fitting(make, field, _wired_text(make, field, kind, value), longest)


def sent(make: Generator, field: FieldPlan, longest: Longest, value: ast.expr) -> ast.expr:
    """What is sent of a value that is not null."""
    return _fitting(make, field, _wired(make, field, value), longest)


def _wired(make: Generator, field: FieldPlan, value: ast.expr) -> ast.expr:
    kind = kind_of(field.expr)
    if kind is not None and kind in _AS_IS.get(field.wire, frozenset()):
        return value
    if kind == "int" and field.wire == "string":
        return make.call("str", value)
    if kind == "date" and field.wire == "date_iso":
        return make.method(value, "isoformat")
    if kind == "date" and field.wire == "date_midnight_ms":
        days = make.binary(make.method(value, "toordinal"), ast.Sub(), make.const(wire.EPOCH_ORDINAL))
        return make.call("str", make.binary(days, ast.Mult(), make.const(wire.DAY_MS)))
    if kind == "num" and field.wire == "string":
        return _number_text(make, value)
    if kind == "datetime" and field.wire == "datetime_iso_ms":
        written = make.method(value, "isoformat", make.const("T"), make.const("milliseconds"))
        return make.binary(make.head(written, wire.ISO_MS_LENGTH), ast.Add(), make.const("Z"))
    if kind == "datetime" and field.wire == "datetime_epoch_ms":
        return make.call("str", _milliseconds(make, make.binary(value, ast.Sub(), make.name("EPOCH"))))
    return make.call(f"wire_{field.wire}", value)


def _number_text(make: Generator, value: ast.expr) -> ast.expr:
    """The text of a number that is known to be finite."""
    number = make.fresh()
    whole = make.is_type(make.bind(number, value), "int")
    return make.either(whole, make.call("str", make.name(number)), fraction_text(make, make.name(number)))


def fraction_text(make: Generator, value: ast.expr) -> ast.expr:
    """A float's shortest digits without an empty fraction; a call only where they have an exponent.

    orjson writes the digits that `repr` does in a third of the time."""
    plain = make.fresh()
    written = make.bind(plain, make.method(make.call("digits_of", value), "decode"))
    exponent = make.compare(make.const("e"), ast.In(), written)
    short = make.method(make.name(plain), "removesuffix", make.const(".0"))
    return make.either(exponent, make.call("wire_number", value), short)


def _milliseconds(make: Generator, since: ast.expr) -> ast.expr:
    """`since.days * DAY_MS + since.seconds * 1000 + since.microseconds // 1000`: dividing by a timedelta is slower."""
    name = make.fresh()

    def times(value: ast.expr, part: str, factor: int) -> ast.expr:
        return make.binary(make.attribute(value, part), ast.Mult(), make.const(factor))

    days = times(make.bind(name, since), "days", wire.DAY_MS)
    seconds = make.binary(days, ast.Add(), times(make.name(name), "seconds", 1000))
    rest = make.binary(make.attribute(make.name(name), "microseconds"), ast.FloorDiv(), make.const(1000))
    return make.binary(seconds, ast.Add(), rest)


def _fitting(make: Generator, field: FieldPlan, value: ast.expr, longest: Longest) -> ast.expr:
    bound = field.max_length
    if bound is None or _longest(field, longest) <= bound:
        return value
    is_text = field.wire in _TEXT_WIRES or (field.wire == "native" and kind_of(field.expr) == "str")
    if not is_text:
        return make.call("fit", value, make.const(bound), make.const(field.overflow == "truncate"))
    if field.overflow == "truncate":
        return make.head(value, bound)
    text = make.fresh()
    length = make.call("len", make.bind(text, value))
    test = make.compare(length, ast.LtE(), make.const(bound))
    return make.either(test, make.name(text), make.call("fit", make.name(text), make.const(bound), make.const(False)))


def _longest(field: FieldPlan, longest: Longest) -> float:
    """Return a bound on the characters of a field's wire text, infinite where none is plain to see."""
    if field.wire not in ("native", "string"):
        return float("inf")
    return _characters(field.expr, longest)


def _characters(expr: ir.Expr, longest: Longest) -> float:
    match expr:
        case ir.Lit(str(value)):
            return len(value)
        case ir.Lookup(table, _, orelse):
            return max(longest[table], 0 if orelse is None else _characters(orelse, longest))
        case ir.Lit(None):
            return 0
        case _:
            return float("inf")
