"""The functions of one route: fields in one dict literal, each in its own `try` (which costs nothing until it catches).

def evaluate(roots, now):
    try: company = …                          what several fields read, once
    except Exception: return slow(roots, now)
    fails = None
    try: v0 = …
    except Exception:
        if fails is None: fails = []
        v0 = again(0, roots, now, fails)      the interpreter says what was wrong with this field
    …
    if fails is not None: return partial((v0, v1, …), fails)
    out = {"name": v0, …}                     what is never null
    if v1 is not None: out["domain"] = v1
    return new(Record, (out, (), None))
"""

from __future__ import annotations

import ast

from queast_compiler.codegen import wire
from queast_compiler.codegen.analysis import is_json, kind_of, nullable, shared
from queast_compiler.codegen.generate import Generator
from queast_compiler.plan import ir
from queast_compiler.plan.ir import Kind
from queast_compiler.plan.mapping import FieldPlan, RoutePlan, Wire

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


def evaluate_function(route: RoutePlan, make: Generator, tables: dict[str, dict[str, str]]) -> ast.FunctionDef:
    """Return `def evaluate(roots, now)` of a route."""
    make.line = max(route.line, 1)
    body: list[ast.stmt] = []
    prelude: list[ast.stmt] = []
    for n, expr in enumerate(shared([field.expr for field in route.fields])):
        prelude.append(make.assign(f"h{n}", make.expr(expr)))
        make.hoisted[expr] = f"h{n}"
    if prelude:
        body.append(make.attempt(prelude, [make.give(make.call("slow", make.name("roots"), make.name("now")))]))
    body.append(make.assign("fails", make.const(None)))
    certain: list[tuple[str, ast.expr]] = []
    perhaps: list[ast.stmt] = []
    for n, field in enumerate(route.fields):
        make.line = field.line if field.file == route.file and field.line else max(route.line, 1)
        variable = make.name(f"v{n}")
        body.extend(_field(make, field, n, tables))
        if _may_be_absent(field):
            perhaps.append(make.when(make.not_null(variable), [make.put("out", field.property, variable)]))
        else:
            certain.append((field.property, variable))
    make.line = max(route.line, 1)
    values = make.tuple_of([make.name(f"v{n}") for n in range(len(route.fields))])
    partial = make.give(make.call("partial", values, make.name("fails")))
    body.append(make.when(make.not_null(make.name("fails")), [partial]))
    record = [make.name("out"), make.const(()), make.const(None)]
    body.append(make.assign("out", make.dict_of(certain)))
    body.extend(perhaps)
    body.append(make.give(make.call("new", make.name("Record"), make.tuple_of(record))))
    return make.function("evaluate", ["roots", "now"], body)


def condition_function(name: str, expr: ir.Expr, line: int, make: Generator) -> ast.FunctionDef:
    """Return `def name(roots, now)` that is true only where `expr` is; null is false."""
    make.line = max(line, 1)
    verdict = make.compare(make.expr(expr), ast.Is(), make.const(True))
    return _falling_back(name, verdict, make)


def value_function(name: str, expr: ir.Expr, line: int, make: Generator, *, as_json: bool) -> ast.FunctionDef:
    """Return `def name(roots, now)` that gives the value of `expr`, with dates as text where `as_json`."""
    make.line = max(line, 1)
    value = make.expr(expr)
    return _falling_back(name, make.call("native", value) if as_json and not is_json(expr) else value, make)


def _falling_back(name: str, value: ast.expr, make: Generator) -> ast.FunctionDef:
    again = make.give(make.call(f"again_{name}", make.name("roots"), make.name("now")))
    return make.function(name, ["roots", "now"], [make.attempt([make.give(value)], [again])])


def _may_be_absent(field: FieldPlan) -> bool:
    return nullable(field.expr) and not field.required and field.on_null == "skip"


def _field(make: Generator, field: FieldPlan, n: int, tables: dict[str, dict[str, str]]) -> list[ast.stmt]:
    def finished(value: ast.expr) -> ast.expr:
        return _fitting(make, field, _wired(make, field, value), tables)

    def absent() -> ast.expr:
        if not field.required and field.on_null == "clear":
            return make.json(field.clear)
        return make.const(None)

    variable = f"v{n}"
    body: list[ast.stmt] = [make.assign(variable, make.null_safe(field.expr, finished, absent))]
    if nullable(field.expr) and (field.required or field.on_null == "error"):
        body.append(make.when(make.is_null(make.name(variable)), [make.fail()]))
    fails = make.when(make.is_null(make.name("fails")), [make.assign("fails", make.list_of([]))])
    scope = [make.name(name) for name in ("roots", "now", "fails")]
    handler: list[ast.stmt] = [fails, make.assign(variable, make.call("again", make.const(n), *scope))]
    return [make.attempt(body, handler)]


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
    if kind == "datetime" and field.wire == "datetime_epoch_ms":
        since = make.binary(value, ast.Sub(), make.name("EPOCH"))
        return make.call("str", make.binary(since, ast.FloorDiv(), make.name("MILLISECOND")))
    return make.call(f"wire_{field.wire}", value)


def _fitting(make: Generator, field: FieldPlan, value: ast.expr, tables: dict[str, dict[str, str]]) -> ast.expr:
    bound = field.max_length
    if bound is None or _longest(field, tables) <= bound:
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


def _longest(field: FieldPlan, tables: dict[str, dict[str, str]]) -> float:
    """Return a bound on the characters of a field's wire text, infinite where none is plain to see."""
    if field.wire not in ("native", "string"):
        return float("inf")
    return _characters(field.expr, tables)


def _characters(expr: ir.Expr, tables: dict[str, dict[str, str]]) -> float:
    match expr:
        case ir.Lit(str(value)):
            return len(value)
        case ir.Lookup(table, _, orelse):
            rows = max(map(len, tables[table].values()), default=0)
            return max(rows, 0 if orelse is None else _characters(orelse, tables))
        case ir.Lit(None):
            return 0
        case _:
            return float("inf")
