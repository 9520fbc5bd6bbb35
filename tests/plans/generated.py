"""Well-typed expressions and events that may or may not fit them, for property tests."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from plans.samples import field_plan
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import FieldPlan
from queast_compiler.plan.needs import Write

PROPERTIES: dict[str, tuple[tuple[ir.Kind, bool], ...]] = {
    "str": (("str", False), ("str", True)),
    "int": (("int", False), ("int", True)),
    "num": (("num", True),),
    "bool": (("bool", False), ("bool", True)),
    "date": (("date", True),),
    "datetime": (("datetime", False), ("datetime", True)),
    "list": (("list", True),),
}
TABLES = (("colours", (("a", "ALPHA"), ("b", "B" * 12))),)

_words = st.sampled_from(["", "a", "b", "Ola <b>", "www.example.co.uk", "x;y", "ÆØ"])
_numbers = st.integers(-3, 3) | st.sampled_from([2**62, -(2**63)])
_dates = st.sampled_from(["2026-01-31", "1969-12-31"])
_times = st.sampled_from(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456+02:00", "1969-12-31T23:59:59Z"])


def _paths(kind: ir.Kind) -> SearchStrategy[ir.Expr]:
    names = [(f"{kind}{n}", optional) for n, (_, optional) in enumerate(PROPERTIES[kind])]
    flat = [ir.Path("company", (name,), kind, (optional,)) for name, optional in names]
    nested = [ir.Path("company", ("address", name), kind, (True, optional)) for name, optional in names]
    return st.sampled_from([*flat, *nested])


def texts(depth: int) -> SearchStrategy[ir.Expr]:
    leaf = st.builds(ir.Lit, _words) | _paths("str")
    if depth == 0:
        return leaf
    inner = texts(depth - 1)
    certain = inner.map(lambda e: ir.Coalesce((e, ir.Lit("-"))))
    return st.one_of(
        leaf,
        st.builds(lambda a: ir.Call("lower", (a,)), inner),
        st.builds(lambda a: ir.Call("domain", (a,)), inner),
        st.builds(lambda a, n: ir.Call("truncate", (a, n)), inner, integers(0)),
        st.builds(lambda a, b: ir.Call("replace", (a, b, ir.Lit("z"))), inner, inner),
        st.builds(lambda a, b: ir.Coalesce((a, b)), inner, inner),
        st.builds(ir.If, conditions(depth - 1), inner, inner),
        st.builds(lambda k, e: ir.Lookup("colours", k, e), inner, st.none() | inner),
        st.builds(lambda a, b: ir.Concat((a, ir.Lit("/"), b)), certain, certain),
        st.builds(lambda s, a, b, e: ir.Switch(s, ((ir.Lit("a"), a), (ir.Lit(""), b)), e), inner, inner, inner, inner),
        st.builds(lambda n: ir.Index(ir.Path("company", ("list0",), "list", (True,)), n, "str"), st.integers(-2, 2)),
        _repeats(),
    )


def _repeats() -> SearchStrategy[ir.Expr]:
    body = ir.Concat((ir.Path("tag", (), "str", ()), ir.Lit(","), ir.Path("company", ("str0",), "str", (False,))))
    return st.builds(lambda items, n: ir.Repeat("tag", items, body, n), _paths("list"), st.integers(0, 2))


def integers(depth: int) -> SearchStrategy[ir.Expr]:
    leaf = st.builds(ir.Lit, _numbers) | _paths("int")
    if depth == 0:
        return leaf
    inner = integers(depth - 1)
    return st.one_of(
        leaf,
        st.builds(ir.Arith, st.sampled_from(["+", "-", "*", "%"]), inner, inner),
        st.builds(ir.Neg, inner),
        st.builds(lambda a: ir.Call("length", (a,)), texts(depth - 1)),
        st.builds(ir.If, conditions(depth - 1), inner, inner),
    )


def conditions(depth: int) -> SearchStrategy[ir.Expr]:
    leaf = st.builds(ir.Lit, st.booleans()) | _paths("bool")
    if depth == 0:
        return leaf
    inner = conditions(depth - 1)
    ops = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    literals = ir.MakeList((ir.Lit("a"), ir.Lit("ÆØ")))
    return st.one_of(
        leaf,
        st.builds(ir.Compare, ops, integers(depth - 1), integers(depth - 1)),
        st.builds(ir.Compare, ops, texts(depth - 1), texts(depth - 1)),
        st.builds(ir.Compare, ops, _paths("datetime"), _paths("datetime") | st.just(ir.Now())),
        st.builds(lambda a: ir.In(a, literals), texts(depth - 1)),
        st.builds(lambda a, b: ir.In(a, ir.MakeList((b,))), texts(depth - 1), texts(depth - 1)),
        st.builds(ir.Not, inner),
        st.builds(lambda *args: ir.And(args), inner, inner, inner),
        st.builds(lambda *args: ir.Or(args), inner, inner),
        st.builds(ir.Present, texts(depth - 1)),
    )


def lists(depth: int) -> SearchStrategy[ir.Expr]:
    tag = ir.Path("tag", (), "str", ())
    body = ir.MakeObj((("tag", ir.Call("lower", (tag,))), ("name", ir.Path("company", ("str1",), "str", (True,)))))
    return st.one_of(
        _paths("list"),
        st.builds(lambda *items: ir.MakeList(items), texts(depth), integers(depth), _paths("date")),
        st.builds(lambda items: ir.Each("tag", items, body), _paths("list")),
        st.just(ir.Project(ir.Path("company", ("people",), "list", (True,)), ("home", "city"), "str")),
    )


def fields() -> SearchStrategy[FieldPlan]:
    nulls = st.sampled_from(["skip", "clear", "error"])
    lengths = st.none() | st.integers(0, 6)

    def field(expr: SearchStrategy[ir.Expr], wires: list[str]) -> SearchStrategy[FieldPlan]:
        return st.builds(
            field_plan,
            st.just("p"),
            expr,
            wire=st.sampled_from(wires),
            required=st.booleans(),
            on_null=nulls,
            clear=st.sampled_from(["", None, [], {"a": [1]}]),
            max_length=lengths,
            truncate=st.booleans(),
            write=st.sampled_from(get_args(Write)),
        )

    return st.one_of(
        field(texts(3), ["native", "string"]),
        field(integers(2) | _paths("num"), ["native", "string"]),
        field(st.builds(ir.Arith, st.just("/"), integers(1), integers(1)), ["native", "string"]),
        field(conditions(3), ["native", "string", "bool_01"]),
        field(_paths("date"), ["native", "string", "date_iso", "date_midnight_ms", "datetime_iso_ms"]),
        field(
            _paths("datetime") | st.just(ir.Now()),
            ["native", "string", "date_iso", "datetime_iso_ms", "datetime_epoch_ms", "datetime_space_utc"],
        ),
        field(lists(1), ["native", "list_native", "string"]),
        field(_paths("list"), ["list_semicolon", "list_comma"]),
    )


def routes_fields() -> SearchStrategy[tuple[FieldPlan, ...]]:
    """Fields of one route, named so that generated code puts them in attributes, or in a dictionary."""

    def named(found: list[FieldPlan], name: str) -> tuple[FieldPlan, ...]:
        from dataclasses import replace

        return tuple(replace(each, property=f"{name}{n}", line=n + 10) for n, each in enumerate(found))

    return st.builds(named, st.lists(fields(), min_size=1, max_size=5), st.sampled_from(["p", "_p"]))


_odd: SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        1.5,
        float("nan"),
        10**20,
        2**63 - 1,
        -(2**63),
        2**63,
        "",
        "2026-02-30",
        "2026-01-31T12:00:00",
        [],
        {},
        [1],
        ["a"],
    ]
)


_RIGHT: dict[ir.Kind, SearchStrategy[Any]] = {
    "str": _words,
    "int": _numbers,
    "num": _numbers | st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "date": _dates,
    "datetime": _times,
    "list": st.lists(_words, max_size=3),
}
_KEYS: dict[str, tuple[ir.Kind, bool]] = {
    f"{kind}{n}": row for kind, rows in PROPERTIES.items() for n, row in enumerate(rows)
}


def _objects() -> SearchStrategy[dict[str, Any]]:
    """Mostly what the schema promises (optional values null half of the time), sometimes anything."""
    promised = {key: st.none() | _RIGHT[kind] if optional else _RIGHT[kind] for key, (kind, optional) in _KEYS.items()}
    whole = st.fixed_dictionaries(promised)
    one_odd = st.builds(lambda o, key, value: {**o, key: value}, whole, st.sampled_from(sorted(_KEYS)), _odd)
    sparse = st.fixed_dictionaries({}, optional={key: _RIGHT[kind] | _odd for key, (kind, _) in _KEYS.items()})
    return st.one_of(whole, whole, one_odd, sparse)


def events() -> SearchStrategy[dict[str, Any]]:
    people = st.lists(
        st.one_of(st.just({"home": {"city": "Oslo"}}), st.just({"home": None}), st.just({}), _odd), max_size=3
    )
    address = st.one_of(_objects(), _objects(), _odd)
    company = st.builds(lambda o, a, p: {**o, "address": a, "people": p}, _objects(), address, people)
    return st.one_of(company, company, company, company, _odd).map(lambda value: {"company": value})
