"""Data templates: types survive, and values stay values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.scripted import company
from queast_runtime.connectors.body import CannotFill, Scope, fill, whole_number
from queast_runtime.connectors.items import groups
from queast_runtime.connectors.places import value_at, values_at

LINKS = {"companies": [{"partner_id": "77", "association": 190}, {"partner_id": "78", "association": 190}]}
SCOPE = Scope(
    {"partner_id": "17", "none": None, "ids": ["1", "2"], "body": {"a": [1, None, True, 0.5, "x"]}},
    {"all": {"name": "ACME", "n": 3}, "declared": {"name": "ACME"}, "further": {"n": 3}},
    LINKS,
)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"$get": "body"}, {"a": [1, None, True, 0.5, "x"]}),
        ({"id": {"$get": "partner_id", "as": "integer"}}, {"id": 17}),
        ({"$get": "none", "as": "integer"}, None),
        ({"$fields": "all"}, {"name": "ACME", "n": 3}),
        (
            {"$merge": [{"$fields": "declared"}, {"custom": {"$fields": "further"}}]},
            {"name": "ACME", "custom": {"n": 3}},
        ),
        ({"$each": "ids", "body": {"id": {"$get": "id"}}}, [{"id": "1"}, {"id": "2"}]),
        ({"$links": "companies", "body": {"$get": "link.partner_id"}}, ["77", "78"]),
        ({"$links": "deals", "body": {"$get": "link.partner_id"}}, []),
        ({"$join": {"$get": "ids"}}, "1,2"),
        ({"$get": "links.companies"}, "77"),
        ([{"limit": 100, "on": True, "off": None}], [{"limit": 100, "on": True, "off": None}]),
    ],
)
def test_a_template_becomes_data(template: Any, filled: Any) -> None:
    assert fill(template, SCOPE) == filled


def test_each_item_of_a_batch_sees_its_own_values() -> None:
    items = tuple(Scope({"trace": f"d{n}"}) for n in range(3))
    template = {"inputs": {"$each": "items", "body": {"t": {"$get": "trace"}}}}
    assert fill(template, Scope({}, items=items)) == {"inputs": [{"t": "d0"}, {"t": "d1"}, {"t": "d2"}]}


@pytest.mark.parametrize("template", [{"$get": "nothing"}, {"$get": "links.deals"}, {"$get": "body", "as": "integer"}])
def test_what_is_not_there_cannot_be_filled(template: Any) -> None:
    with pytest.raises(CannotFill):
        fill(template, SCOPE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("$get"), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_a_value_is_never_read_as_a_template(value: Any) -> None:
    scope = Scope({"body": value}, {"all": {"x": value}})
    assert fill({"wrapped": {"$get": "body"}}, scope) == {"wrapped": value}
    assert fill({"$fields": "all"}, scope) == {"x": value}


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), ("-3", -3), ("012", 12), (["1", "x"], [1, "x"]), ("1.5", "1.5"), ("", ""), ("-", "-"), ("٣", "٣"),
     (True, True), ("9" * 30, "9" * 30), (None, None)],
)  # fmt: skip
def test_only_texts_of_digits_become_numbers(value: Any, number: Any) -> None:
    assert whole_number(value) == number
    assert type(whole_number(value)) is type(number)


def test_paths_reach_into_lists_and_past_nothing() -> None:
    document = {"errors": [{"context": {"ids": ["1", "2"]}}, {"context": {}}, "x", {"context": {"ids": ["3"]}}]}
    assert values_at(document, "errors[].context.ids[]") == ["1", "2", "3"]
    assert value_at(document, "errors[].context.nothing") is None
    assert values_at("text", "a.b") == []
    assert value_at([1], "") == [1]


def test_a_later_write_of_a_record_never_goes_before_an_earlier_one() -> None:
    items = [company(n, "update") for n in (1, 2, 1, 3, 2, 1)]
    found = groups({"batch": 100, "unique": ["partner_id"]}, list(enumerate(items)))
    assert found == [[0, 1], [2, 3, 4], [5]]
    assert [index for group in found for index in group] == list(range(6))
