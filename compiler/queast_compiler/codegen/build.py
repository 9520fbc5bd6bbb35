"""Short ways to build Python `ast` nodes, each with its line of the mapping file."""

from __future__ import annotations

import ast
from typing import Any

# Marks without content, so that one of each serves all nodes.
_LOAD = ast.Load()
_STORE = ast.Store()
_IS = ast.Is()
_IS_NOT = ast.IsNot()


# Four of five nodes are of these. With their columns on the class, making one takes two thirds of the time. They are
# called as Python's are, because that is how `ast.unparse` knows a node.


class Name(ast.Name):
    col_offset = 0
    end_col_offset = 0


class Constant(ast.Constant):
    col_offset = 0
    end_col_offset = 0


class Attribute(ast.Attribute):
    col_offset = 0
    end_col_offset = 0


class Call(ast.Call):
    col_offset = 0
    end_col_offset = 0


class Compare(ast.Compare):
    col_offset = 0
    end_col_offset = 0


class Builder:
    """Makes nodes that carry `line`; the generator moves it as it walks. `read` are the names that were asked for."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.line = 1

    @property
    def line(self) -> int:
        return self._line

    @line.setter
    def line(self, line: int) -> None:
        self._line = line
        self._on: dict[str, Any] = {"lineno": line, "end_lineno": line}
        self._at: dict[str, Any] = {"lineno": line, "col_offset": 0, "end_lineno": line, "end_col_offset": 0}

    def name(self, name: str) -> ast.Name:
        self.read.add(name)
        return Name(name, _LOAD, **self._on)

    def const(self, value: Any) -> ast.Constant:
        """A scalar, or a tuple of scalars."""
        return Constant(value, **self._on)

    def call(self, function: str, *args: ast.expr) -> ast.Call:
        return Call(self.name(function), list(args), [], **self._on)

    def method(self, of: ast.expr, name: str, *args: ast.expr) -> ast.Call:
        return Call(self.attribute(of, name), list(args), [], **self._on)

    def attribute(self, of: ast.expr, name: str) -> ast.Attribute:
        return Attribute(of, name, _LOAD, **self._on)

    def item(self, of: ast.expr, position: int) -> ast.Subscript:
        """`of[position]`."""
        return ast.Subscript(of, self.const(position), _LOAD, **self._at)

    def part(self, of: ast.expr, slice_: str) -> ast.Subscript:
        """The part of `of` that the slice of this name cuts out."""
        return ast.Subscript(of, self.name(slice_), _LOAD, **self._at)

    def bind(self, name: str, value: ast.expr) -> ast.NamedExpr:
        return ast.NamedExpr(Name(name, _STORE, **self._on), value, **self._at)

    def compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        if isinstance(left, ast.Constant) and isinstance(right, ast.Constant) and isinstance(op, ast.Is | ast.IsNot):
            # Identity with a literal is settled here; Python would warn about it.
            return self.const((left.value is right.value) == isinstance(op, ast.Is))
        return Compare(left, [op], [right], **self._on)

    def between(self, low: int, value: ast.expr, high: int) -> ast.expr:
        """`low <= value < high`."""
        return Compare(self.const(low), [ast.LtE(), ast.Lt()], [value, self.const(high)], **self._on)

    def is_other(self, value: ast.expr, name: str) -> ast.expr:
        """`value.__class__ is not name`."""
        return self.compare(self.attribute(value, "__class__"), _IS_NOT, self.name(name))

    def is_null(self, value: ast.expr) -> ast.expr:
        return self.compare(value, _IS, self.const(None))

    def not_null(self, value: ast.expr) -> ast.expr:
        return self.compare(value, _IS_NOT, self.const(None))

    def either(self, test: ast.expr, then: ast.expr, orelse: ast.expr) -> ast.IfExp:
        return ast.IfExp(test, then, orelse, **self._at)

    def both(self, *values: ast.expr) -> ast.BoolOp:
        return ast.BoolOp(ast.And(), list(values), **self._at)

    def any_of(self, *values: ast.expr) -> ast.BoolOp:
        return ast.BoolOp(ast.Or(), list(values), **self._at)

    def negated(self, value: ast.expr) -> ast.UnaryOp:
        return ast.UnaryOp(ast.Not(), value, **self._at)

    def binary(self, left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
        return ast.BinOp(left, op, right, **self._at)

    def tuple_of(self, values: list[ast.expr]) -> ast.Tuple:
        return ast.Tuple(values, _LOAD, **self._at)

    def list_of(self, values: list[ast.expr]) -> ast.List:
        return ast.List(values, _LOAD, **self._at)

    def dict_of(self, entries: list[tuple[str, ast.expr]]) -> ast.Dict:
        return ast.Dict([self.const(key) for key, _ in entries], [value for _, value in entries], **self._at)

    def joined(self, parts: list[ast.expr]) -> ast.JoinedStr:
        def part(value: ast.expr) -> ast.expr:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value
            return ast.FormattedValue(value, -1, None, **self._at)

        return ast.JoinedStr([part(value) for value in parts], **self._at)

    def json(self, value: Any) -> ast.expr:
        """An expression that makes a fresh copy of a JSON value."""
        match value:
            case dict():
                return self.dict_of([(key, self.json(item)) for key, item in value.items()])
            case list():
                return self.list_of([self.json(item) for item in value])
            case _:
                return self.const(value)

    def assign(self, name: str, value: ast.expr) -> ast.Assign:
        return ast.Assign([Name(name, _STORE, **self._on)], value, **self._at)

    def fill(self, target: str, slot: str, value: ast.expr) -> ast.Assign:
        place = ast.Attribute(self.name(target), slot, _STORE, **self._at)
        return ast.Assign([place], value, **self._at)

    def put(self, target: str, key: str, value: ast.expr) -> ast.Assign:
        place = ast.Subscript(self.name(target), self.const(key), _STORE, **self._at)
        return ast.Assign([place], value, **self._at)

    def nothing(self) -> ast.Pass:
        return ast.Pass(**self._at)

    def when(self, test: ast.expr, then: list[ast.stmt], orelse: list[ast.stmt] | None = None) -> ast.If:
        return ast.If(test, then, orelse or [], **self._at)

    def give(self, value: ast.expr) -> ast.Return:
        return ast.Return(value, **self._at)

    def fail(self) -> ast.Raise:
        return ast.Raise(self.name("Exception"), None, **self._at)

    def attempt(self, body: list[ast.stmt], handler: list[ast.stmt]) -> ast.Try:
        caught = ast.ExceptHandler(self.name("Exception"), None, handler, **self._at)
        return ast.Try(body, [caught], [], [], **self._at)

    def function(
        self, name: str, parameters: list[str], body: list[ast.stmt], kept: list[str] | None = None
    ) -> ast.FunctionDef:
        """A function; each global in `kept` becomes a parameter with that global as its default."""
        own = kept or []
        args = ast.arguments(
            posonlyargs=[],
            args=[ast.arg(parameter, None, **self._at) for parameter in (*parameters, *own)],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[self.name(each) for each in own],
        )
        return ast.FunctionDef(name, args, body, [], None, **self._at)
