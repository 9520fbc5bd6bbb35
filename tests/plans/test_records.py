"""What a route makes of an event, field by field."""

from __future__ import annotations

import traceback
from datetime import UTC, date, datetime
from typing import Any

import pytest

from plans.samples import FILE, field_plan, mapping_plan, route_plan, text
from queast_compiler.codegen import EvaluationFailed, Record, evaluate_expr, load_mapping
from queast_compiler.codegen.wire import WIRES
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import FieldPlan

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NICK = text("nick", optional=True)


def record(*fields: FieldPlan, **company: Any) -> Record:
    return load_mapping(mapping_plan(route_plan(*fields))).routes[0].evaluate({"company": company}, NOW)


def test_one_failing_field_drops_that_field_with_its_cause_and_keeps_the_others() -> None:
    found = record(field_plan("a", text("name")), field_plan("b", text("city"), line=17), name="Equinor", city=7)
    assert found.values == {"a": "Equinor"}
    assert [tuple(failure) for failure in found.failures] == [
        ("b", "company.city is an integer, expected text", FILE, 17)
    ]
    assert found.refused is None


def test_a_failing_required_field_refuses_the_record() -> None:
    found = record(field_plan("a", text("name"), required=True), name=None)
    assert found.refused == "a: company.name is missing"


@pytest.mark.parametrize(("on_null", "expected"), [("skip", ({}, 0)), ("clear", ({"a": "-"}, 0)), ("error", ({}, 1))])
def test_null_is_skipped_or_clears_or_fails_as_the_mapping_says(on_null: Any, expected: Any) -> None:
    found = record(field_plan("a", NICK, on_null=on_null, clear="-"))
    assert (found.values, len(found.failures)) == expected


def test_text_past_its_length_is_cut_or_fails_without_showing_the_text() -> None:
    cut = field_plan("a", text("name"), max_length=3, truncate=True)
    assert record(cut, name="Equinor").values == {"a": "Equ"}
    found = record(field_plan("a", text("name"), max_length=3), name="Equinor")
    assert found.failures[0].reason == "7 characters, the property takes 3"


def test_true_is_no_integer_and_an_integer_is_a_number() -> None:
    count, share = ir.Path("company", ("n",), "int", (False,)), ir.Path("company", ("n",), "num", (False,))
    assert record(field_plan("a", count), n=True).values == {}
    assert record(field_plan("a", share), n=3).values == {"a": 3}
    assert record(field_plan("a", share), n=float("nan")).values == {}


def test_a_time_without_an_offset_fails_and_others_come_in_utc() -> None:
    field = field_plan("a", ir.Path("company", ("at",), "datetime", (False,)), wire="datetime_space_utc")
    assert record(field, at="2026-01-31T12:00:00+02:00").values == {"a": "2026-01-31 10:00:00"}
    assert record(field, at="2026-01-31T12:00:00").failures[0].reason == "company.at is not a time with an offset"


def test_a_broken_time_is_a_failure_also_beside_a_null() -> None:
    broken, missing = (ir.Path("company", (name,), "datetime", (True,)) for name in ("at", "until"))
    found = record(field_plan("a", ir.Compare("<", broken, missing)), at="soon")
    assert found.failures[0].reason == "company.at is not a time with an offset"


@pytest.mark.parametrize(
    "text",
    ["2026-W05-6", "20260131", "2026W056", "2026-W05", "2026-1-31", "2026-01-31 ", "2026-02-30", "\u0662026-01-31", ""],
)
def test_a_date_has_one_form(text: str) -> None:
    field = field_plan("a", ir.Path("company", ("on",), "date", (False,)), wire="date_iso")
    assert record(field, on="2026-01-31").values == {"a": "2026-01-31"}
    assert record(field, on=text).failures[0].reason == "company.on is not a date as YYYY-MM-DD"


@pytest.mark.parametrize(
    "text",
    [
        "2026-W05-6T12:00:00Z", "20260131T120000Z", "2026-01-31x12:00:00Z", "2026-01-31 12:00:00Z", "2026-01-31T12Z",
        "2026-01-31T12:00Z", "2026-01-31T12:00:00,5Z", "2026-01-31T12:00:00+0100", "2026-01-31T12:00:00+01",
        "2026-01-31T12:00:00+01:00:30", "2026-01-31", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_a_time_is_as_rfc_3339_writes_it(text: str) -> None:
    field = field_plan("a", ir.Path("company", ("at",), "datetime", (False,)), wire="datetime_iso_ms")
    for good in ("2026-01-31T12:00:00Z", "2026-01-31t12:00:00.000z", "2026-01-31T13:00:00.0000009+01:00"):
        assert record(field, at=good).values == {"a": "2026-01-31T12:00:00.000Z"}
    assert record(field, at=text).failures[0].reason == "company.at is not a time with an offset"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.5-01:00", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_what_an_offset_moves_past_the_calendar_stays_at_its_end(text: str, moment: str) -> None:
    field = field_plan("a", ir.Path("company", ("at",), "datetime", (False,)), wire="datetime_iso_ms")
    assert record(field, at=text).values == {"a": moment}


@pytest.mark.parametrize(
    ("wire", "value", "expected"),
    [
        ("native", date(2026, 1, 31), "2026-01-31"),
        ("native", {"at": [datetime(2026, 1, 31, tzinfo=UTC)]}, {"at": ["2026-01-31T00:00:00Z"]}),
        ("string", True, "true"),
        ("string", 1e21, "1000000000000000000000"),
        ("string", 2.0, "2"),
        ("string", -0.25, "-0.25"),
        ("bool_01", False, 0),
        ("date_iso", datetime(2026, 1, 31, 23, tzinfo=UTC), "2026-01-31"),
        ("date_midnight_ms", date(1969, 12, 31), "-86400000"),
        ("datetime_iso_ms", datetime(2026, 1, 31, 12, 0, 0, 123999, UTC), "2026-01-31T12:00:00.123Z"),
        ("datetime_epoch_ms", datetime(1970, 1, 1, 0, 0, 1, 500999, UTC), "1500"),
        ("datetime_space_utc", date(2026, 1, 31), "2026-01-31 00:00:00"),
        ("list_semicolon", ["a", "b"], "a;b"),
        ("list_comma", [1, True], "1,true"),
        ("list_native", "a", ["a"]),
    ],
)
def test_each_wire_form(wire: Any, value: Any, expected: Any) -> None:
    assert WIRES[wire](value) == expected


def test_an_item_that_holds_the_separator_fails_instead_of_becoming_two() -> None:
    tags = ir.Path("company", ("tags",), "list", (False,))
    found = record(field_plan("a", tags, wire="list_semicolon"), tags=["a;b"])
    assert "semicolon" in found.failures[0].reason


def test_a_condition_that_cannot_be_evaluated_says_where_and_shows_the_mapping_file_in_its_traceback() -> None:
    where = ir.Compare(">", ir.Path("company", ("n",), "int", (True,), 6), ir.Lit(3, 6), 6)
    mapping = load_mapping(mapping_plan(route_plan(), where=where))
    assert mapping.where({"company": {"n": 4}}, NOW) is True
    assert mapping.where({"company": {}}, NOW) is False
    with pytest.raises(EvaluationFailed, match=r"company\.n is text, expected an integer") as failed:
        mapping.where({"company": {"n": "4"}}, NOW)
    assert (failed.value.file, failed.value.line) == (FILE, 6)
    frames = traceback.extract_tb(failed.value.__traceback__)
    assert (FILE, 6) in [(frame.filename, frame.lineno) for frame in frames]


def test_a_body_is_json_and_a_header_cannot_start_another() -> None:
    at = ir.Path("company", ("at",), "datetime", (False,))
    body = ir.MakeObj((("name", text("name")), ("at", at), ("whole", ir.Path("company", (), "obj", ()))))
    route = load_mapping(
        mapping_plan(route_plan(body=body, headers=(("X-Name", text("name")), ("X-Nick", NICK))))
    ).routes[0]
    company = {"name": "Equinor", "at": "2026-01-31T12:00:00Z"}
    assert route.body({"company": company}, NOW) == {"name": "Equinor", "at": "2026-01-31T12:00:00Z", "whole": company}
    assert route.headers({"company": company}, NOW) == (("X-Name", "Equinor"),)
    with pytest.raises(EvaluationFailed, match="control character"):
        route.headers({"company": {"name": "a\r\nX-Evil: 1"}}, NOW)


def test_an_expression_of_a_matching_rule_is_evaluated_alone() -> None:
    assert evaluate_expr(ir.Call("lower", (text("name"),)), {"company": {"name": "EQ"}}, NOW) == "eq"


@pytest.mark.parametrize(
    ("expr", "timed"),
    [
        (text("name"), False),
        (ir.Now(), True),
        (ir.If(ir.Compare("<", text("until"), ir.Now()), ir.Lit("a"), ir.Lit("b")), True),
        (ir.Each("tag", ir.Path("company", ("tags",), "list", (True,)), ir.Now()), True),
    ],
)
def test_a_route_knows_whether_its_fields_ask_for_the_time(expr: ir.Expr, timed: bool) -> None:
    loaded = load_mapping(mapping_plan(route_plan(field_plan("name", text("name")), field_plan("x", expr))))
    assert loaded.routes[0].timed is timed
