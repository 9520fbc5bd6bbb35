"""What coverage counts: how often each way of a choice was taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from queast_compiler.codegen.counting import CountingInterpreter, branches
from queast_compiler.plan import ir

NOW = datetime(2026, 1, 1, tzinfo=UTC)
A = ir.Path("company", ("a",), "str", (True,))
B = ir.Path("company", ("b",), "str", (True,))
SURE = ir.Path("company", ("name",), "str", (False,))
IS_X = ir.Compare("==", A, ir.Lit("x"))


def taken(expr: ir.Expr, *companies: dict[str, Any]) -> dict[str, int]:
    counts = CountingInterpreter({"t": {"x": "1"}})
    evaluate = counts.expression(expr)
    for each in companies:
        evaluate({"company": {"name": "n", **each}}, NOW)
    return {way.what: way.taken for way in branches(expr, counts)}


@pytest.mark.parametrize(
    ("expr", "companies", "ways"),
    [
        (ir.If(IS_X, ir.Lit(1), ir.Lit(2)), [{"a": "x"}, {"a": "y"}, {}], {"if true": 1, "if not true": 2}),
        (
            ir.Coalesce((A, B)),
            [{"a": "1"}, {"b": "1"}, {}],
            {"choice 1 of ??": 1, "choice 2 of ??": 1, "nothing of ??": 1},
        ),
        (ir.Coalesce((A, SURE)), [{"a": "1"}], {"choice 1 of ??": 1, "choice 2 of ??": 0}),
        (ir.Lookup("t", A, None), [{"a": "x"}, {"a": "y"}, {}], {"row of t": 1, "no row of t": 1}),
        (ir.Lookup("t", A, ir.Lit("2")), [{"a": "y"}, {}], {"row of t": 0, "no row of t": 1}),
        (ir.Switch(A, ((ir.Lit("x"), ir.Lit(1)),), None), [{"a": "x"}, {"a": "y"}], {"case 'x'": 1, "case else": 1}),
        (ir.Switch(A, ((ir.Lit("x"), ir.Lit(1)),), ir.Lit(2)), [{"a": "x"}], {"case 'x'": 1, "case else": 0}),
        (ir.Concat((ir.If(IS_X, SURE, ir.Lit("")),)), [{"a": "x"}], {"if true": 1, "if not true": 0}),
        (SURE, [{}], {}),
    ],
)
def test_the_ways_of_a_choice(expr: ir.Expr, companies: list[dict[str, Any]], ways: dict[str, int]) -> None:
    assert taken(expr, *companies) == ways


def test_two_equal_choices_are_counted_apart() -> None:
    first, second = (ir.If(ir.Compare("==", A, ir.Lit("x")), ir.Lit("a"), ir.Lit("b")) for _ in range(2))
    counts = CountingInterpreter({})
    counts.expression(first)({"company": {"a": "x"}}, NOW)
    counts.expression(second)
    assert [way.taken for way in branches(first, counts)] == [1, 0]
    assert [way.taken for way in branches(second, counts)] == [0, 0]
