"""Tests in generated code of what kind a JSON value is, and what Python makes of its text."""

from __future__ import annotations

import ast
from typing import Final, assert_never

from queast_compiler.codegen.build import Builder
from queast_compiler.plan.ir import Kind
from queast_dsl.functions.model import INT_BOUND

_EXACT: Final[dict[Kind, str]] = {"str": "str", "bool": "bool", "list": "list", "obj": "dict"}
_ONE_DIGIT: Final = (1 << 30) - 1


class KindTests(Builder):
    """Expressions that answer as `guards.check` does, written out where a value is read."""

    def fits(self, kind: Kind, first: ast.expr, value: ast.expr) -> ast.expr:
        """A test that a value is of a kind as JSON; `first` stands where the value is read first."""
        match kind:
            case "num":
                return self.any_of(self.is_whole(first, value), self.is_fraction(value))
            case "int":
                return self.is_whole(first, value)
            case "date" | "datetime":
                return self.is_type(first, "str")
            case "str" | "bool" | "list" | "obj":
                return self.is_type(first, _EXACT[kind])
            case _:
                assert_never(kind)

    def misfits(self, kind: Kind, value: ast.expr) -> ast.expr:
        """A test that a value is not of a kind as JSON."""
        exact = "str" if kind in ("date", "datetime") else _EXACT.get(kind)
        return self.negated(self.fits(kind, value, value)) if exact is None else self.is_other(value, exact)

    def is_whole(self, first: ast.expr, value: ast.expr) -> ast.expr:
        """A test that a value is an integer of 64 bits; `first` stands where the value is read first."""
        # Python compares integers of one digit of its own much faster, and nearly all are.
        usual = self.between(-_ONE_DIGIT, value, _ONE_DIGIT)
        return self.both(self.is_type(first, "int"), self.any_of(usual, self.between(-INT_BOUND, value, INT_BOUND)))

    def is_fraction(self, value: ast.expr) -> ast.expr:
        """A test that a value is a finite float: what is not finite is no zero less itself."""
        nothing = self.binary(value, ast.Sub(), value)
        return self.both(self.is_type(value, "float"), self.compare(nothing, ast.Eq(), self.const(0.0)))

    def parsed(self, kind: Kind, value: ast.expr) -> ast.expr:
        """The canonical value of a JSON value that fits its kind."""
        match kind:
            case "date":
                return self.either(self.is_usual_date(value), self.call("date_of", value), self.call("misfit"))
            case "datetime":
                return self._time(value)
            case _:
                return value

    def _time(self, value: ast.expr) -> ast.expr:
        return self.either(self.is_usual_time(value), self.call("time_of", value), self.call("moment_of", value))

    def is_usual_date(self, value: ast.expr) -> ast.expr:
        """A test that a text which Python can read as a date is of the form 2026-01-31 and no other."""
        # Of the forms that Python reads as a date, only this one has a dash there.
        return self.compare(self.item(value, 7), ast.Eq(), self.const("-"))

    def is_usual_time(self, value: ast.expr) -> ast.expr:
        """A test that a text which Python can read as a time is of the form 2026-01-31T12:00:00Z and no other."""
        return self.compare(self.part(value, "time_signs"), ast.Eq(), self.const("Z::T--"))

    def is_type(self, value: ast.expr, name: str) -> ast.expr:
        # JSON values are never of a subclass, and `__class__` is read faster than `type()` is called.
        return self.compare(self.attribute(value, "__class__"), ast.Is(), self.name(name))
