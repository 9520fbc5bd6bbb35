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
from collections.abc import Callable, Hashable
from functools import partial

from queast_compiler.codegen.analysis import is_json, needs_room, nullable, read_again, shared
from queast_compiler.codegen.generate import Generator
from queast_compiler.codegen.sending import Longest, converts_all, fraction_text, is_plain, sent, sent_text
from queast_compiler.plan import ir
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.mapping import FieldPlan, RoutePlan

_COLD = frozenset(
    {"roots", "now", "ABSENT", "Exception", "again", "failed", "fit", "misfit", "moment_of", "note", "slow", "unshared"}
)


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

    hoisted = make.held(field.expr) if isinstance(field.expr, ir.Path) else None
    if hoisted and not _null_matters(field) and is_plain(field, longest):
        return make.name(hoisted), []
    if isinstance(field.expr, ir.Lit) and field.expr.value is not None and is_plain(field, longest):
        return make.const(field.expr.value), []
    value = make.name(f"v{n}")
    if isinstance(field.expr, ir.Path):
        statements = _path_field(make, field, field.expr, n, longest)
        if statements is not None:
            return value, statements
    if not _null_matters(field) and is_plain(field, longest):
        made = make.expr(field.expr)
    else:
        made = make.null_safe(field.expr, partial(sent, make, field, longest), lambda: _absent(make, field))
    return value, [
        _isolated(make, [*_room(make, field.expr), make.assign(f"v{n}", made), *_null_fails(make, field, n)], n)
    ]


def _path_field(make: Generator, field: FieldPlan, path: ir.Path, n: int, longest: Longest) -> list[ast.stmt] | None:
    """A field that is one path, in statements: a value of a wrong kind is noted in place, without the cost of an
    exception. None where the path does not begin at what is at hand."""
    read = make.read_of(path)
    if read is not None:
        return _read_field(make, field, path, n, read, longest)
    if not path.steps or make.held(path) is not None:
        return None
    parent = path.parent
    held = make.held(parent)
    if held is not None:
        read = make.step(held, path)
        return [
            make.when(
                make.is_null(make.name(held)), [_null(make, field, n)], _read_field(make, field, path, n, read, longest)
            )
        ]
    way = make.read_of(parent)
    if way is None:
        return None
    at = make.fresh()
    wrong = _again(make, n)
    if parent.optional[-1]:
        wrong = make.when(make.is_null(make.name(at)), [_null(make, field, n)], [wrong])
    inner = _read_field(make, field, path, n, make.step(at, path), longest)
    return [make.assign(at, way), make.when(make.is_type(make.name(at), "dict"), inner, [wrong])]


def _read_field(
    make: Generator, field: FieldPlan, path: ir.Path, n: int, read: ast.expr, longest: Longest
) -> list[ast.stmt]:
    name = f"v{n}"
    value = make.name(name)
    # The wrong value stays where it is: `failed` takes out what is noted.
    wrong: list[ast.stmt] = [make.assign("fails", make.call("note", make.const(n), value, make.name("fails")))]
    if path.optional[-1] and not _null_matters(field):
        wrong = [make.when(make.not_null(value), wrong)]
    elif path.optional[-1]:
        wrong = [make.when(make.is_null(value), [_null(make, field, n)], wrong)]
    elif path.nullable:
        # A null that stood where it is would be taken for one that may be there.
        wrong = [make.when(make.is_null(value), [_again(make, n)], wrong)]
    if is_plain(field, longest):
        return [make.assign(name, read), make.when(make.misfits(path.kind, value), wrong)]
    if path.kind == "num" and converts_all(field, path.kind, longest):
        return [make.assign(name, read), _number_field(make, name, wrong)]
    fits = make.fits(path.kind, value, value)
    converted: list[ast.stmt] = [make.assign(name, sent_text(make, field, longest, path.kind, value))]
    convert = converted if converts_all(field, path.kind, longest) else [_isolated(make, converted, n)]
    return [make.assign(name, read), make.when(fits, convert, wrong)]


def _number_field(make: Generator, name: str, wrong: list[ast.stmt]) -> ast.stmt:
    """The text of a number: its kind is asked once for both the check and the form."""
    value = make.name(name)
    whole = make.when(make.is_whole(value, value), [make.assign(name, make.call("str", value))], wrong)
    return make.when(make.is_fraction(value), [make.assign(name, fraction_text(make, value))], [whole])


def _null_is_sent(field: FieldPlan) -> bool:
    return field.on_null == "clear" and not field.required


def _null_matters(field: FieldPlan) -> bool:
    """Say whether null does something other than leaving the property out."""
    return nullable(field.expr) and (field.required or field.on_null != "skip")


def _absent(make: Generator, field: FieldPlan) -> ast.expr:
    return make.json(field.clear) if _null_is_sent(field) else make.const(None)


def _null(make: Generator, field: FieldPlan, n: int) -> ast.stmt:
    """What a field is where its path ends at a null that may be there."""
    if not _null_matters(field) or _null_is_sent(field):
        return make.assign(f"v{n}", _absent(make, field))
    return _again(make, n)


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
