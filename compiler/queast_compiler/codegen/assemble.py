"""The functions of one route: each field isolated by a `try`, which costs nothing until it catches.

    def evaluate(roots, now):
        try: company = …                              what several fields read, once
        except Exception: return unshared(roots, now)
        fails = None
        record = Filled()
        v0 = company.get("name")
        if v0.__class__ is str: record.name = v0
        else: fails = note(0, v0, fails)
        try:
            v1 = …
            if v1 is not None: record.domain = v1
        except Exception: …; fails = again(1, roots, now, fails, record.__dict__)   the interpreter says what was wrong
        record.values = record.__dict__
        if fails is not None: return failed(record.values, fails)
        return record

Where properties cannot be attributes (see `may_be_attributes`), they are set in a dictionary.

`unshared` is the same without sharing: there a value of a wrong kind fails only the fields that read it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from functools import partial

from queast_compiler.codegen.analysis import is_json, needs_room, nullable, read_again, shared
from queast_compiler.codegen.generate import Generator
from queast_compiler.codegen.record import may_be_attributes
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
    out = _Output(make, may_be_attributes(field.property for field in route.fields))
    body.append(out.begin())
    for n, field in enumerate(route.fields):
        make.line = _line_of(field, route)
        body.extend(_Field(make, field, n, longest, out).statements())
    make.line = max(route.line, 1)
    body.extend(out.end())
    # What a run reads of the globals, failures apart: as defaults of parameters they are as fast as locals.
    return make.function(name, ["roots", "now"], body, sorted((make.read & make.known) - _COLD))


class _Output:
    """Where values are put: attributes of the record, or a dictionary."""

    def __init__(self, make: Generator, are_attributes: bool) -> None:
        self._make = make
        self._are_attributes = are_attributes

    def begin(self) -> ast.stmt:
        make = self._make
        if self._are_attributes:
            return make.assign("record", make.call("Filled"))
        return make.assign("out", make.dict_of([]))

    def put(self, property_: str, value: ast.expr) -> ast.stmt:
        if self._are_attributes:
            return self._make.fill("record", property_, value)
        return self._make.put("out", property_, value)

    @property
    def values(self) -> ast.expr:
        """The dictionary. A record that was asked for it is slower to fill: only failures ask before the end."""
        make = self._make
        return make.attribute(make.name("record"), "__dict__") if self._are_attributes else make.name("out")

    def end(self) -> list[ast.stmt]:
        make = self._make
        body: list[ast.stmt] = [] if self._are_attributes else [make.assign("record", make.call("Unfailed"))]
        body.append(make.fill("record", "values", self.values))
        failed = make.call("failed", make.attribute(make.name("record"), "values"), make.name("fails"))
        body.append(make.when(make.not_null(make.name("fails")), [make.give(failed)]))
        body.append(make.give(make.name("record")))
        return body


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


class _Field:
    """The statements that put a field's wire value where it belongs, or note why there is none."""

    def __init__(self, make: Generator, field: FieldPlan, n: int, longest: Longest, out: _Output) -> None:
        self._make = make
        self._field = field
        self._n = n
        self._longest = longest
        self._out = out
        self._name = f"v{n}"

    def statements(self) -> list[ast.stmt]:
        make, field = self._make, self._field
        if isinstance(field.expr, ir.Lit) and field.expr.value is not None and is_plain(field, self._longest):
            return [self._put(make.const(field.expr.value))]
        if isinstance(field.expr, ir.Path):
            held = make.held(field.expr)
            statements = self._path(field.expr) if held is None else self._held(field.expr, make.name(held))
            if statements is not None:
                return statements
        if isinstance(field.expr, ir.Coalesce):
            statements = self._path_or_else(field.expr)
            if statements is not None:
                return statements
        return self._whole(field.expr)

    def _whole(self, expr: ir.Expr) -> list[ast.stmt]:
        """A field of the value of any expression."""
        make, field = self._make, self._field
        if not self._null_matters and is_plain(field, self._longest):
            made = make.expr(expr)
        else:
            made = make.null_safe(expr, partial(sent, make, field, self._longest), self._absent)
        body = _room(make, expr)
        if not nullable(expr) or self._null_is_sent:
            return [self._isolated([*body, self._put(made)])]
        value = make.name(self._name)
        body.append(make.assign(self._name, made))
        if self._null_matters:
            body.append(make.when(make.is_null(value), [make.fail()]))
            return [self._isolated([*body, self._put(value)])]
        return [self._isolated([*body, make.when(make.not_null(value), [self._put(value)])])]

    def _held(self, path: ir.Path, value: ast.expr) -> list[ast.stmt]:
        """A field that is one path whose value is at hand."""
        certain = is_plain(self._field, self._longest) or converts_all(self._field, path.kind, self._longest)
        put = [self._put(sent(self._make, self._field, self._longest, value))]
        then = put if certain else [self._isolated(put)]
        if not nullable(path):
            return then
        otherwise = self._null() if self._null_matters else None
        return [self._make.when(self._make.not_null(value), then, otherwise)]

    def _path_or_else(self, expr: ir.Coalesce) -> list[ast.stmt] | None:
        """A path that may be null with something in its stead: mostly the path is all that is asked for."""
        make = self._make
        first, *rest = expr.args
        if not rest or not isinstance(first, ir.Path) or not first.optional[-1]:
            return None
        read = make.read_of(first)
        if read is None or not is_plain(self._field, self._longest):
            return None
        value = make.name(self._name)
        cases = [
            (make.fits(first.kind, value, value), [self._put(value)]),
            (make.is_null(value), self._whole(rest[0] if len(rest) == 1 else ir.Coalesce(tuple(rest), line=expr.line))),
        ]
        return [make.assign(self._name, read), *self._cases(cases, [self._noted(value)])]

    def _path(self, path: ir.Path) -> list[ast.stmt] | None:
        """A field that is one path: a value of a wrong kind is noted in place, without the cost of an exception. None
        where the path does not begin at what is at hand."""
        make = self._make
        read = make.read_of(path)
        if read is not None:
            return self._read(path, read)
        if not path.steps:
            return None
        parent = path.parent
        held = make.held(parent)
        if held is not None:
            return [make.when(make.is_null(make.name(held)), self._null(), self._read(path, make.step(held, path)))]
        way = make.read_of(parent)
        if way is None:
            return None
        at = make.fresh()
        wrong = [self._again()]
        if parent.optional[-1]:
            wrong = self._cases([(make.is_null(make.name(at)), self._null())], wrong)
        inner = self._read(path, make.step(at, path))
        return [make.assign(at, way), make.when(make.is_type(make.name(at), "dict"), inner, wrong)]

    def _read(self, path: ir.Path, read: ast.expr) -> list[ast.stmt]:
        make, field = self._make, self._field
        value = make.name(self._name)
        wrong: list[ast.stmt] = [
            make.assign("fails", make.call("note", make.const(self._n), value, make.name("fails")))
        ]
        if path.optional[-1] and not self._null_matters:
            wrong = [make.when(make.not_null(value), wrong)]
        elif path.optional[-1]:
            wrong = self._cases([(make.is_null(value), self._null())], wrong)
        elif path.nullable:
            # What a null may not stand for is another failure than a value of another kind.
            wrong = self._cases([(make.is_null(value), [self._again()])], wrong)
        fits = make.fits(path.kind, value, value)
        if is_plain(field, self._longest):
            cases = [(fits, [self._put(value)])]
        elif path.kind == "num" and converts_all(field, path.kind, self._longest):
            # The kind is asked once for both the check and the form.
            cases = [
                (make.is_fraction(value), [self._put(fraction_text(make, value))]),
                (make.is_whole(value, value), [self._put(make.call("str", value))]),
            ]
        else:
            converted: list[ast.stmt] = [self._put(sent_text(make, field, self._longest, path.kind, value))]
            convert = converted if converts_all(field, path.kind, self._longest) else [self._isolated(converted)]
            cases = [(fits, convert)]
        return [make.assign(self._name, read), *self._cases(cases, wrong)]

    def _cases(self, cases: list[tuple[ast.expr, list[ast.stmt]]], otherwise: list[ast.stmt]) -> list[ast.stmt]:
        for test, then in reversed(cases):
            otherwise = [self._make.when(test, then, otherwise)]
        return otherwise

    def _put(self, value: ast.expr) -> ast.stmt:
        return self._out.put(self._field.property, value)

    @property
    def _null_is_sent(self) -> bool:
        return self._field.on_null == "clear" and not self._field.required

    @property
    def _null_matters(self) -> bool:
        """Whether null does something other than leaving the property out."""
        return nullable(self._field.expr) and (self._field.required or self._field.on_null != "skip")

    def _absent(self) -> ast.expr:
        return self._make.json(self._field.clear) if self._null_is_sent else self._make.const(None)

    def _null(self) -> list[ast.stmt]:
        """What a field does where its path ends at a null that may be there."""
        if self._null_is_sent:
            return [self._put(self._absent())]
        return [self._again()] if self._null_matters else [self._make.nothing()]

    def _again(self) -> ast.stmt:
        make = self._make
        given = (make.const(self._n), make.name("roots"), make.name("now"), make.name("fails"), self._out.values)
        # The list of failures is made when it is first needed.
        return make.assign("fails", make.call("again", *given))

    def _noted(self, value: ast.expr) -> ast.stmt:
        """Keep as a failure that the path which the field begins with is of another kind."""
        make = self._make
        return make.assign("fails", make.call("note", make.const(self._n), value, make.name("fails")))

    def _isolated(self, body: list[ast.stmt]) -> ast.stmt:
        return self._make.attempt(body, [self._again()])
