"""Expressions as Python `ast`: one expression in, one expression out, never source text.

Reads are guarded in place and fused with what follows: the usual case costs one look-up and one type check.

    company.domain | lower   ->   lower(t1) if type(t1 := company.get("domain")) is str
                                  else None if t1 is None else misfit()

Generated code need not say exactly what failed, only that something did: whoever runs it asks the interpreter then.
Parts named in `hoisted` were evaluated before and are read from a variable.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from queast_compiler.codegen import bounds
from queast_compiler.codegen.analysis import kind_of, nullable
from queast_compiler.codegen.functions import lifts_at, parameter
from queast_compiler.codegen.kinds import KindTests
from queast_compiler.plan import ir
from queast_dsl.functions import REGISTRY

Then = Callable[[ast.expr], ast.expr]
Null = Callable[[], ast.expr]

COMPARE: dict[ir.CompareOp, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_PARTS_AT_ONCE = 8


class Generator(KindTests):
    """Expressions of one function. `tables` maps a table's name to the global that holds its rows.

    `globals` collects what the code refers to by name; `bodies` the functions made of loop bodies.
    """

    def __init__(
        self,
        tables: Mapping[str, str],
        namespace: dict[str, Any],
        bodies: list[ast.FunctionDef],
        bound: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._tables = tables
        self._namespace = namespace
        self._bodies = bodies
        self._bound = bound
        self._temporaries = 0
        self._hoisted: dict[object, str] = {}

    @property
    def known(self) -> frozenset[str]:
        """The names that the code may refer to without making them."""
        return frozenset(self._namespace)

    def head(self, of: ast.expr, length: int) -> ast.expr:
        """`of[:length]`, with a slice that is made once and not at each run."""
        name = f"first_{length}"
        self._namespace[name] = slice(None, length)
        return self.part(of, name)

    def fresh(self) -> str:
        """Return a local variable's name that is not in use."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def expr(self, expr: ir.Expr) -> ast.expr:
        """Return the Python expression of `expr`; null is None."""
        before = self.line
        if not expr.line or expr.line == before:
            return self._made(expr)
        self.line = expr.line
        made = self._made(expr)
        self.line = before
        return made

    def _made(self, expr: ir.Expr) -> ast.expr:
        name = self.held(expr)
        if name is not None:
            return self.name(name)
        match expr:
            case ir.Lit(value):
                return self.const(value)
            case ir.Path():
                return self._read(expr, lambda value: value, lambda: self.const(None))
            case ir.Index(of, n, kind):
                tail = (self.const(n), self.const(kind), self.const("item"))
                return self.lift([of], lambda items: self.call("item_at", *items, *tail))
            case ir.Project(of, steps, kind):
                tail = (self.const(steps), self.const(kind), self.const("item"))
                return self.lift([of], lambda items: self.call("project", *items, *tail))
            case ir.Call():
                return self._call(expr)
            case ir.Coalesce(args):
                return self._coalesce(args)
            case ir.If(cond, then, orelse):
                return self.either(self.expr(cond), self.expr(then), self.expr(orelse))
            case ir.Switch():
                return self._switch(expr)
            case ir.Lookup():
                return self._lookup(expr)
            case ir.Not(of):
                return self.lift([of], lambda values: self.negated(values[0]))
            case ir.And(args):
                return self._decided(args, False)
            case ir.Or(args):
                return self._decided(args, True)
            case ir.Compare(op, left, right):
                operator = COMPARE[op]()
                return self.lift([left, right], lambda pair: self.compare(pair[0], operator, pair[1]))
            case ir.In(item, items):
                return self._in(item, items)
            case ir.Arith(sign, left, right):
                return self.lift([left, right], lambda pair: self.call("arith", self.const(sign), *pair))
            case ir.Neg(of):
                return self.lift([of], lambda values: self.call("negate", *values))
            case ir.Present(of):
                return self.not_null(self.expr(of))
            case ir.Concat(parts):
                return self._concat(parts)
            case ir.Each(var, items, body):
                call = self._loop("each", var, body, (self.name("room"),))
                return self.lift([items], lambda values: call(values[0]))
            case ir.Repeat(var, items, body, limit):
                call = self._loop("repeat", var, body, (self.name("room"), self.const(limit)))
                return self.null_safe(items, call, lambda: self.const(""))
            case ir.MakeList(items):
                made = [self.expr(item) for item in items]
                return self.call("present", *made) if any(map(nullable, items)) else self.list_of(made)
            case ir.MakeObj(entries):
                made_obj = self.dict_of([(name, self._counted(value)) for name, value in entries])
                return self.method(self.name("room"), "framed", self.const(bounds.frame(entries)), made_obj)
            case ir.Now():
                return self.name("now")
            case _:
                assert_never(expr)

    def hoist(self, expr: ir.Path | ir.Call, name: str) -> None:
        """Read a path or call from the variable `name` from now on."""
        self._hoisted[_key(expr)] = name

    def held(self, expr: ir.Expr) -> str | None:
        """Return the variable that holds a value already, None where none does."""
        # Only these are ever shared; hashing a whole tree at each of its nodes takes long.
        if not self._hoisted or not isinstance(expr, ir.Path | ir.Call):
            return None
        return self._hoisted.get(_key(expr))

    def null_safe(self, arg: ir.Expr, then: Then, null: Null) -> ast.expr:
        """Return `then(value)` where `arg` is not null, else `null()`. `then` uses its value once, or binds it."""
        name = self.held(arg)
        if not nullable(arg):
            return then(self.expr(arg))
        if name is not None:
            return self.either(self.is_null(self.name(name)), null(), then(self.name(name)))
        if isinstance(arg, ir.Path) and not any(arg.optional[:-1]):
            return self._read(arg, then, null)
        variable = self.fresh()
        bound = self.bind(variable, self.expr(arg))
        return self.either(self.is_null(bound), null(), then(self.name(variable)))

    def lift(self, args: list[ir.Expr], then: Callable[[list[ast.expr]], ast.expr]) -> ast.expr:
        """Return `then(values)`, or None at the first argument that is null, looked at from left to right."""
        return self._lifted(args, [True] * len(args), [None] * len(args), then)

    def _lifted(
        self,
        args: list[ir.Expr],
        lifts: list[bool],
        defaults: list[Any],
        then: Callable[[list[ast.expr]], ast.expr],
    ) -> ast.expr:
        values: list[ast.expr] = []

        def step(n: int) -> ast.expr:
            if n == len(args):
                return then(values)
            arg = args[n]

            def keep(value: ast.expr) -> ast.expr:
                values.append(value)
                return step(n + 1)

            if not lifts[n]:
                return keep(self._or_default(arg, defaults[n]))
            # A later argument that is tested first must not overtake this one: whichever fails first is the cause.
            overtaken = any(lifts[k] and nullable(args[k]) for k in range(n + 1, len(args)))
            # The text of a time is parsed where it is used, which would be after the test.
            is_late = isinstance(arg, ir.Path) and arg.kind in ("date", "datetime")
            if (is_late or not nullable(arg)) and overtaken and not self._is_safe(arg):
                variable = self.fresh()
                bound = self.bind(variable, self.expr(arg))
                return self.either(self.is_null(bound), self.const(None), keep(self.name(variable)))
            return self.null_safe(arg, keep, lambda: self.const(None))

        return step(0)

    def _or_default(self, arg: ir.Expr, default: Any) -> ast.expr:
        if default is None:
            return self.expr(arg)
        return self.null_safe(arg, lambda value: value, lambda: self.const(default))

    def _is_safe(self, expr: ir.Expr) -> bool:
        return isinstance(expr, ir.Lit | ir.Now) or self.held(expr) is not None

    def _read(self, path: ir.Path, then: Then, null: Null) -> ast.expr:
        """A guarded read. With `null`, only of a path whose objects on the way are never null, or `null` is None."""
        if not path.steps and path.root in self._bound and path.kind in ("date", "datetime"):
            # An item of the event's list is text, one of a list that was computed is a date already.
            item = self.name(f"v_{path.root}")
            return then(self.call("check", item, self.const(path.root), self.const(path.kind)))
        if not path.steps:
            source = self.name(f"v_{path.root}") if path.root in self._bound else self.root(path.root)
            return self._guarded(path, source, then, null, is_optional=False)
        parent = path.parent
        key = self.const(path.steps[-1])
        if not parent.nullable:
            source = self.method(self.expr(parent), "get", key)
            return self._guarded(path, source, then, null, is_optional=path.optional[-1])
        held = self.held(parent)
        variable = held or self.fresh()
        test = self.is_null(self.name(variable) if held else self.bind(variable, self.expr(parent)))
        source = self.method(self.name(variable), "get", key)
        return self.either(test, null(), self._guarded(path, source, then, null, is_optional=path.optional[-1]))

    def root(self, root: str) -> ast.expr:
        return self.method(self.name("roots"), "get", self.const(root))

    def _guarded(self, path: ir.Path, source: ast.expr, then: Then, null: Null, *, is_optional: bool) -> ast.expr:
        variable = self.fresh()
        value = self.name(variable)
        failure: ast.expr = self.call("misfit")
        if is_optional:
            failure = self.either(self.is_null(value), null(), failure)
        test = self.fits(path.kind, self.bind(variable, source), value)
        return self.either(test, then(self.parsed(path.kind, value)), failure)

    def read_of(self, path: ir.Path) -> ast.expr | None:
        """Return the bare look-up of a path, None where its object is not at hand (or the value is)."""
        if not path.steps or self.held(path) is not None:
            return None
        parent = path.parent
        held = self.held(parent)
        return None if held is None or parent.nullable else self.step(held, path)

    def step(self, parent: str, path: ir.Path) -> ast.expr:
        """Return the bare look-up of a path in the variable that holds its object."""
        return self.method(self.name(parent), "get", self.const(path.steps[-1]))

    def _call(self, expr: ir.Call) -> ast.expr:
        function = REGISTRY[expr.fn]
        name = f"fn_{expr.fn}"
        self._namespace[name] = function.python
        lifts = [lifts_at(function, n) for n in range(len(expr.args))]
        params = [parameter(function, n) for n in range(len(expr.args))]
        defaults = [param.default if param.optional else None for param in params]
        return self._lifted(list(expr.args), lifts, defaults, lambda values: self.call(name, *values))

    def _coalesce(self, args: tuple[ir.Expr, ...]) -> ast.expr:
        first, *rest = args
        if not rest:
            return self.expr(first)
        return self.null_safe(first, lambda value: value, lambda: self._coalesce(tuple(rest)))

    def _switch(self, expr: ir.Switch) -> ast.expr:
        variable = self.held(expr.subject) or self.fresh()
        held = self.held(expr.subject) is not None
        orelse = self.const(None) if expr.orelse is None else self.expr(expr.orelse)
        for n, (lit, result) in reversed(list(enumerate(expr.arms))):
            subject = self.name(variable) if held or n else self.bind(variable, self.expr(expr.subject))
            test = self.compare(subject, ast.Eq(), self.const(lit.value))
            orelse = self.either(test, self.expr(result), orelse)
        return orelse

    def _lookup(self, expr: ir.Lookup) -> ast.expr:
        rows = self._tables[expr.table]

        def found(key: ast.expr) -> ast.expr:
            if expr.orelse is None or expr.orelse == ir.Lit(None, line=expr.orelse.line):
                return self.method(self.name(rows), "get", key)
            if isinstance(expr.orelse, ir.Lit):
                return self.method(self.name(rows), "get", key, self.const(expr.orelse.value))
            row = self.fresh()
            bound = self.bind(row, self.method(self.name(rows), "get", key))
            return self.either(self.not_null(bound), self.name(row), self.expr(expr.orelse))

        return self.null_safe(expr.key, found, lambda: self.const(None))

    def _decided(self, args: tuple[ir.Expr, ...], decisive: bool) -> ast.expr:
        if not any(nullable(arg) for arg in args):
            values = [self.expr(arg) for arg in args]
            return self.any_of(*values) if decisive else self.both(*values)
        names = [self.fresh() for _ in args]
        nulls = [self.is_null(self.name(n)) for n, arg in zip(names, args, strict=True) if nullable(arg)]
        unknown = self.any_of(*nulls) if len(nulls) > 1 else nulls[0]
        result: ast.expr = self.either(unknown, self.const(None), self.const(not decisive))
        for name, arg in reversed(list(zip(names, args, strict=True))):
            is_decisive = self.compare(self.bind(name, self.expr(arg)), ast.Is(), self.const(decisive))
            result = self.either(is_decisive, self.const(decisive), result)
        return result

    def _in(self, item: ir.Expr, items: ir.Expr) -> ast.expr:
        if isinstance(items, ir.MakeList) and all(isinstance(each, ir.Lit) for each in items.items):
            constants = self.const(tuple(each.value for each in items.items if isinstance(each, ir.Lit)))
            return self.lift([item], lambda values: self.compare(values[0], ast.In(), constants))
        return self.lift([item, items], lambda pair: self.compare(pair[0], ast.In(), pair[1]))

    def _concat(self, parts: tuple[ir.Expr, ...]) -> ast.expr:
        values = [self.expr(part) for part in parts]
        is_plain = all(kind_of(part) == "str" and not nullable(part) for part in parts)

        def joined(pieces: list[ast.expr]) -> ast.expr:
            text = self.joined(pieces) if is_plain else self.method(self.const(""), "join", self.tuple_of(pieces))
            return self.call("within", text)

        # A few parts at a time, so that the text is measured while it grows.
        text = joined(values[:_PARTS_AT_ONCE])
        for start in range(_PARTS_AT_ONCE, len(values), _PARTS_AT_ONCE):
            text = joined([text, *values[start : start + _PARTS_AT_ONCE]])
        return text

    def _counted(self, expr: ir.Expr) -> ast.expr:
        value = self.expr(expr)
        return self.method(self.name("room"), "take", value) if bounds.is_counted(expr) else value

    def _loop(self, runner: str, var: str, body: ir.Expr, extra: tuple[ast.expr, ...]) -> Then:
        """Make a function of a loop's body (a comprehension would slow down every variable of the function around)."""
        bound = tuple(name for name in self._bound if name != var)
        inner = Generator(self._tables, self._namespace, self._bodies, (*bound, var))
        inner.line = self.line
        name = f"body{len(self._bodies)}"
        placeholder = inner.function(name, [], [])
        self._bodies.append(placeholder)
        # Variables get a prefix, so that none can hide a name that generated code relies on.
        around = ["roots", "now", "room", *(f"v_{each}" for each in bound)]
        result = inner._counted(body) if runner == "each" else inner.expr(body)
        made = inner.function(name, [*around, f"v_{var}"], [inner.give(result)])
        self._bodies[self._bodies.index(placeholder)] = made
        scope = [self.name(each) for each in around]
        return lambda items: self.call(runner, self.name(name), items, *extra, *scope)


def place_of(path: ir.Path) -> str:
    """Return a path as people write it."""
    return ".".join((path.root, *path.steps))


def _key(expr: ir.Path | ir.Call) -> object:
    """What tells shared parts apart; two reads of one path are the same wherever they are written."""
    return (expr.root, expr.steps, expr.kind, expr.optional) if isinstance(expr, ir.Path) else expr
