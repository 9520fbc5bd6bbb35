"""Values that generated code puts in attributes or in a dictionary: any name, any number, nothing shared."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from plans.samples import field_plan, mapping_plan, route_plan, text
from queast_compiler.codegen import Record, load_mapping
from queast_compiler.codegen.load import LoadedRoute
from queast_compiler.codegen.record import may_be_attributes
from queast_compiler.plan import ir

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NICK = text("nick", optional=True)


def loaded(*names: str) -> LoadedRoute:
    fields = [field_plan(name, text(f"f{n}", optional=True)) for n, name in enumerate(names)]
    return load_mapping(mapping_plan(route_plan(*fields))).routes[0]


@pytest.mark.parametrize(
    "name",
    [
        "name", "class", "import", "0f3a", "camelCase", "None", "True", "values", "failures", "refused", "mro", "out",
        "_own", "__class__", "__dict__", "__init__", "__slots__", "__weakref__", "with space", "a.b", "æ", "", "a\x00b",
    ],
)  # fmt: skip
def test_a_property_may_have_any_name(name: str) -> None:
    found = loaded("first", name, "last").evaluate({"company": {"f0": "a", "f1": "b", "f2": "c"}}, NOW)
    assert list(found.values.items()) == [("first", "a"), (name, "b"), ("last", "c")]
    assert (type(found.values), found.failures, found.refused) == (dict, (), None)
    assert orjson.loads(orjson.dumps(found.values)) == found.values


@pytest.mark.parametrize("count", [1, 29, 30, 31, 32, 200])
def test_a_record_may_have_any_number_of_properties_in_the_order_of_the_mapping(count: int) -> None:
    names = [f"p{n}" for n in range(count)]
    assert may_be_attributes(names) is (count <= 30)
    route = loaded(*reversed(names))
    for missing in (None, 0, count // 2, count - 1):
        company = {f"f{n}": str(n) for n in range(count) if n != missing}
        expected = [(name, str(n)) for n, name in enumerate(reversed(names)) if n != missing]
        assert list(route.evaluate({"company": company}, NOW).values.items()) == expected


def test_records_of_one_route_share_no_value() -> None:
    route = loaded("a", "b")
    first = route.evaluate({"company": {"f0": "1", "f1": "2"}}, NOW)
    second = route.evaluate({"company": {"f0": "3"}}, NOW)
    first.values["c"] = "added"
    del first.values["a"]
    assert (first.values, second.values) == ({"b": "2", "c": "added"}, {"a": "3"})


def test_values_outlive_their_record() -> None:
    values = loaded("a", "b").evaluate({"company": {"f0": "1", "f1": "2"}}, NOW).values
    gc.collect()
    values["c"] = "3"
    assert values == {"a": "1", "b": "2", "c": "3"}


def _failing(company: dict[str, Any]) -> Record:
    count = ir.Path("company", ("n",), "int", (False,))
    share = ir.Arith("/", ir.Lit(6), count)
    fields = [field_plan("a", NICK), field_plan("share", share), field_plan("n", count), field_plan("z", text("z"))]
    return load_mapping(mapping_plan(route_plan(*fields))).routes[0].evaluate({"company": company}, NOW)


@pytest.mark.parametrize(
    ("company", "values", "failed"),
    [
        ({"nick": "a", "n": 2, "z": "z"}, {"a": "a", "share": 3.0, "n": 2, "z": "z"}, []),
        ({"nick": "a", "n": 0, "z": "z"}, {"a": "a", "n": 0, "z": "z"}, ["share"]),
        ({"nick": 1, "n": "2", "z": None}, {}, ["a", "share", "n", "z"]),
        ({"n": 2, "z": "z"}, {"share": 3.0, "n": 2, "z": "z"}, []),
    ],
)
def test_a_failure_in_the_middle_leaves_the_order_of_the_others(
    company: dict[str, Any], values: dict[str, Any], failed: list[str]
) -> None:
    found = _failing(company)
    assert list(found.values.items()) == list(values.items())
    assert [failure.property for failure in found.failures] == failed


@pytest.mark.parametrize(
    ("company", "values", "reason"),
    [
        ({"nick": "N", "name": "L"}, {"a": "N"}, None),
        ({"name": "L"}, {"a": "L"}, None),
        ({"nick": None, "name": "L"}, {"a": "L"}, None),
        ({"nick": 7, "name": "L"}, {}, "company.nick is an integer, expected text"),
        ({"name": 7}, {}, "company.name is an integer, expected text"),
        ({}, {}, "company.name is missing"),
    ],
)
def test_a_path_with_something_in_its_stead(
    company: dict[str, Any], values: dict[str, Any], reason: str | None
) -> None:
    expr = ir.Coalesce((NICK, text("name")))
    found = load_mapping(mapping_plan(route_plan(field_plan("a", expr)))).routes[0].evaluate({"company": company}, NOW)
    assert found.values == values
    assert [failure.reason for failure in found.failures] == ([] if reason is None else [reason])
