"""The functions of one route: one dict literal, each field isolated by a `try`, which costs nothing until it catches.

    def evaluate(roots, now):
        try: company = …                              what several fields read, once
        except Exception: return unshared(roots, now)
        fails = None
        v0 = company.get("name")
        if v0.__class__ is not str: fails = note(0, v0, fails)
        try: v1 = …
        except Exception: …; v1 = again(1, roots, now, fails)   the interpreter says what was wrong
        out = {"name": v0, "domain": v1, …}
        if v1 is None: del out["domain"]
        if fails is not None: return failed(out, fails)
        record = Unfailed()
        record.values = out
        return record

`unshared` is the same without sharing: there a value of a wrong kind fails only the fields that read it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Mapping

from queast_compiler.codegen import wire
from queast_compiler.codegen.analysis import is_json, kind_of, needs_room, nullable, read_again, shared
from queast_compiler.codegen.generate import Generator, Then
from queast_compiler.plan import ir
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.ir import Kind
from queast_compiler.plan.mapping import FieldPlan, RoutePlan, Wire

Longest = Mapping[str, int]

_AS_IS: dict[Wire, frozenset[Kind]] = {
    "native": frozenset({"str", "int", "num", "bool"}),
    "string": frozenset({"str"}),
}
_COLD = frozenset(
    {"roots", "now", "ABSENT", "Exception", "again", "failed", "fit", "misfit", "moment_of", "note", "slow", "unshared"}
)
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


def made_of(route: RoutePlan) -> Hashable:
    """Return all of a route that `evaluate_function` reads, equal where it makes the same."""
    return max(route.line, 1), tuple(
        (
            field.property,
            field.expr,
            field.wire,
            field.required,
            field.on_null,
            None if field.clear is None else dumps(field.clear),
            field.max_length,
            field.overflow,
            _line_of(field, route),
        )
        for field in route.fields
    )


def _line_of(field: FieldPlan, route: RoutePlan) -> int:
    return field.line if field.file == route.file and field.line else max(route.line, 1)


def evaluate_function(
    name: str, otherwise: str, route: RoutePlan, make: Generator, longest: Longest, *, share: bool
) -> ast.FunctionDef:
    """Return `def name(roots, now)` of a route's record; `otherwise` is called where a shared part fails.

    `made_of` must give all that is read here of `route` and its fields.
    """
    make.line = max(route.line, 1)
    prelude: list[ast.stmt] = []
    for n, expr in enumerate(shared([field.expr for field in route.fields])):
        if share or (isinstance(expr, ir.Path) and not expr.steps):
            prelude.extend(_shared_part(make, expr, f"h{n}"))
            make.hoist(expr, f"h{n}")
    body: list[ast.stmt] = []
    if prelude:
        body.append(make.attempt(prelude, [make.give(make.call(otherwise, make.name("roots"), make.name("now")))]))
    body.append(make.assign("fails", make.const(None)))
    values: list[ast.expr] = []
    absences: list[ast.stmt] = []
    for n, field in enumerate(route.fields):
        make.line = _line_of(field, route)
        value, statements = _field(make, field, n, longest)
        body.extend(statements)
        values.append(value)
        if _may_be_absent(field):
            absences.append(make.when(make.is_null(value), [make.drop("out", field.property)]))
    make.line = max(route.line, 1)
    named = [(field.property, value) for field, value in zip(route.fields, values, strict=True)]
    body.append(make.assign("out", make.dict_of(named)))
    body.extend(absences)
    failed = make.give(make.call("failed", make.name("out"), make.name("fails")))
    body.append(make.when(make.not_null(make.name("fails")), [failed]))
    body.append(make.assign("record", make.call("Unfailed")))
    body.append(make.fill("record", "values", make.name("out")))
    body.append(make.give(make.name("record")))
    # What a run reads of the globals, failures apart: as defaults of parameters they are as fast as locals.
    return make.function(name, ["roots", "now"], body, sorted((make.read & make.known) - _COLD))


def _shared_part(make: Generator, expr: ir.Expr, name: str) -> list[ast.stmt]:
    read = None
    if isinstance(expr, ir.Path) and expr.kind not in ("date", "datetime"):
        read = make.read_of(expr) if expr.steps else make.root(expr.root)
    if read is None or not isinstance(expr, ir.Path):
        return [make.assign(name, make.expr(expr))]
    value = make.name(name)
    misfit: list[ast.stmt] = [make.fail()]
    if expr.optional and expr.optional[-1]:
        misfit = [make.when(make.not_null(value), misfit)]
    return [make.assign(name, read), make.when(make.misfits(expr.kind, value), misfit)]


def condition_function(name: str, expr: ir.Expr, line: int, make: Generator) -> ast.FunctionDef:
    """Return `def name(roots, now)` that is true only where `expr` is; null is false."""
    make.line = max(line, 1)
    return _falling_back(name, expr, make, lambda: make.compare(make.expr(expr), ast.Is(), make.const(True)))


def value_function(name: str, expr: ir.Expr, line: int, make: Generator, *, as_json: bool) -> ast.FunctionDef:
    """Return `def name(roots, now)` that gives the value of `expr`, with dates as text where `as_json`."""
    make.line = max(line, 1)

    def value() -> ast.expr:
        made = make.expr(expr)
        if not as_json:
            return made
        return make.call("checked_body", made if is_json(expr) else make.call("native", made))

    return _falling_back(name, expr, make, value)


def _falling_back(name: str, expr: ir.Expr, make: Generator, value: Callable[[], ast.expr]) -> ast.FunctionDef:
    """The interpreter answers where anything fails, so that what is surely read twice may be read before all else."""
    body = _room(make, expr)
    for n, path in enumerate(read_again(expr)):
        body.extend(_shared_part(make, path, f"h{n}"))
        make.hoist(path, f"h{n}")
    body.append(make.give(value()))
    again = make.give(make.call(f"again_{name}", make.name("roots"), make.name("now")))
    return make.function(name, ["roots", "now"], [make.attempt(body, [again])])


def _room(make: Generator, expr: ir.Expr) -> list[ast.stmt]:
    return [make.assign("room", make.call("new_room"))] if needs_room(expr) else []


def _may_be_absent(field: FieldPlan) -> bool:
    return nullable(field.expr) and not field.required and field.on_null == "skip"


def _field(make: Generator, field: FieldPlan, n: int, longest: Longest) -> tuple[ast.expr, list[ast.stmt]]:
    """Return where a field's wire value stands, and the statements that put it there."""

    def finished(value: ast.expr) -> ast.expr:
        return _fitting(make, field, _wired(make, field, value), longest)

    hoisted = make.held(field.expr) if isinstance(field.expr, ir.Path) else None
    if hoisted and not _null_matters(field) and _is_plain(field, longest):
        return make.name(hoisted), []
    if isinstance(field.expr, ir.Lit) and field.expr.value is not None and _is_plain(field, longest):
        return make.const(field.expr.value), []
    value = make.name(f"v{n}")
    read = make.read_of(field.expr) if isinstance(field.expr, ir.Path) else None
    if read is not None and isinstance(field.expr, ir.Path):
        return value, _read_field(make, field, field.expr, n, read, finished, longest)
    if not _null_matters(field) and _is_plain(field, longest):
        made = make.expr(field.expr)
    else:
        made = make.null_safe(field.expr, finished, lambda: _absent(make, field))
    return value, [
        _isolated(make, [*_room(make, field.expr), make.assign(f"v{n}", made), *_null_fails(make, field, n)], n)
    ]


def _read_field(
    make: Generator, field: FieldPlan, path: ir.Path, n: int, read: ast.expr, finished: Then, longest: Longest
) -> list[ast.stmt]:
    """A field that is one path: a value of a wrong kind is noted in place, without the cost of an exception."""
    name = f"v{n}"
    value = make.name(name)
    noted = make.call("note", make.const(n), value, make.name("fails"))
    # The wrong value stays where it is: `failed` takes out what is noted.
    wrong: list[ast.stmt] = [make.assign("fails", noted)]
    if path.optional[-1] and not _null_matters(field):
        wrong = [make.when(make.not_null(value), wrong)]
    elif path.optional[-1]:
        null = make.assign(name, _absent(make, field)) if _null_is_sent(field) else _again(make, n)
        wrong = [make.when(make.is_null(value), [null], wrong)]
    if _is_plain(field, longest):
        return [make.assign(name, read), make.when(make.misfits(path.kind, value), wrong)]
    fits = make.fits(path.kind, value, value)
    converted: list[ast.stmt] = [make.assign(name, finished(make.parsed(path.kind, value)))]
    convert = converted if _converts_all(field, path.kind, longest) else [_isolated(make, converted, n)]
    return [make.assign(name, read), make.when(fits, convert, wrong)]


def _is_plain(field: FieldPlan, longest: Longest) -> bool:
    """Say whether a value that is not null is sent just as it is."""
    kind = kind_of(field.expr)
    as_is = kind is not None and kind in _AS_IS.get(field.wire, frozenset())
    return as_is and (field.max_length is None or kind != "str" or _longest(field, longest) <= field.max_length)


def _converts_all(field: FieldPlan, kind: ir.Kind, longest: Longest) -> bool:
    """Say whether every value of a kind has the wire form: a number always has a text."""
    is_bounded = field.max_length is not None and _longest(field, longest) > field.max_length
    return kind in ("int", "num") and field.wire == "string" and not is_bounded


def _null_is_sent(field: FieldPlan) -> bool:
    return field.on_null == "clear" and not field.required


def _null_matters(field: FieldPlan) -> bool:
    """Say whether null does something other than leaving the property out."""
    return nullable(field.expr) and (field.required or field.on_null != "skip")


def _absent(make: Generator, field: FieldPlan) -> ast.expr:
    return make.json(field.clear) if _null_is_sent(field) else make.const(None)


def _null_fails(make: Generator, field: FieldPlan, n: int) -> list[ast.stmt]:
    if not _null_matters(field) or _null_is_sent(field):
        return []
    return [make.when(make.is_null(make.name(f"v{n}")), [make.fail()])]


def _again(make: Generator, n: int) -> ast.stmt:
    # Both names at once: the list of failures is made when it is first needed.
    again = make.call("again", make.const(n), make.name("roots"), make.name("now"), make.name("fails"))
    return make.assign_two(f"v{n}", "fails", again)


def _isolated(make: Generator, body: list[ast.stmt], n: int) -> ast.stmt:
    return make.attempt(body, [_again(make, n)])


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
    """`str(n)` of a whole number, else its `repr` without an empty fraction; a call only where that has an exponent."""
    number, plain = make.fresh(), make.fresh()
    whole = make.is_type(make.bind(number, value), "int")
    written = make.bind(plain, make.call("repr", make.name(number)))
    exponent = make.compare(make.const("e"), ast.In(), written)
    short = make.method(make.name(plain), "removesuffix", make.const(".0"))
    fraction = make.either(exponent, make.call("wire_number", make.name(number)), short)
    return make.either(whole, make.call("str", make.name(number)), fraction)


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
