"""An event is read or refused in words; nothing in between, and nothing raised."""

import json
from typing import Any

import orjson
import pytest

import queast_schemas
from queast_runtime.engine.event import Broken, Event, read_event

COMPANY = {"id": "c_1", "sequence": 3, "name": "Acme AS"}
SIGNAL = {
    "id": "s_1",
    "sequence": 1,
    "type": "hiring",
    "title": "Hires ten",
    "strictness": "strict",
    "state": "active",
    "occurred_at": "2026-03-01T10:00:00Z",
    "company": COMPANY,
}


def event(**changes: Any) -> dict[str, Any]:
    base = {
        "specversion": "1.0",
        "id": "e_1",
        "source": "queast",
        "type": "queast.company.updated",
        "time": "2026-03-01T10:00:00+01:00",
        "data": {"company": COMPANY},
    }
    return {**base, **changes}


def test_a_company_event_is_its_own_root_and_its_time_becomes_utc() -> None:
    read = read_event(event())
    assert isinstance(read, Event)
    assert (read.entity, read.kind, read.entity_id, read.sequence) == ("company", "updated", "c_1", 3)
    assert read.root == "company:c_1"
    assert read.time.isoformat() == "2026-03-01T09:00:00+00:00"


def test_a_signal_goes_out_in_its_companys_order_and_under_its_companys_opt_out() -> None:
    read = read_event(event(type="queast.signal.created", data={"signal": SIGNAL}))
    assert isinstance(read, Event)
    assert read.root == "company:c_1"
    assert read.subjects == (("signal", "s_1"), ("company", "c_1"))


def test_text_and_bytes_and_objects_read_alike() -> None:
    text = json.dumps(event())
    assert read_event(text) == read_event(text.encode()) == read_event(json.loads(text))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"id": NaN}', "not JSON"),
        (b'{"id": "\\ud800"}', "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b'"' + b"x" * 300_000 + b'"', "longer than"),
        (event(id=7), "`id` must be a text"),
        (event(id=""), "`id` must be a text"),
        (event(source=None), "`source` must be a text"),
        (event(specversion="0.3"), "`specversion` must be 1.0"),
        (event(time="yesterday"), "`time` must be a timestamp"),
        (event(time="2026-03-01T10:00:00"), "with a time zone"),
        (event(data=None), "`data.company` must be an object"),
        (event(data={"company": [1]}), "`data.company` must be an object"),
        (event(data={"company": {**COMPANY, "id": 1}}), "`data.company.id`"),
        (event(data={"company": {**COMPANY, "sequence": "3"}}), "`data.company.sequence`"),
        (event(data={"company": {**COMPANY, "sequence": True}}), "`data.company.sequence`"),
        (event(data={"company": {**COMPANY, "sequence": -1}}), "`data.company.sequence`"),
        (event(data={"company": {"id": "c_1", "sequence": 1}}), "`data.company.name` is missing"),
        (event(data={"company": {**COMPANY, "name": 5}}), "`data.company.name` is of the wrong kind"),
        (event(data={"company": {**COMPANY, "do_not_export": "yes"}}), "`data.company.do_not_export`"),
        (event(type="queast.signal.created", data={"signal": {**SIGNAL, "company": "Acme"}}), "must be an object"),
        (event(type="queast.signal.created", data={"signal": {**SIGNAL, "company": {"id": "c"}}}), "company.sequence"),
    ],
)
def test_what_is_broken_is_named_without_any_value(raw: Any, says: str) -> None:
    read = read_event(raw)
    assert isinstance(read, Broken)
    assert read.reason == "broken"
    assert says in read.detail
    assert "Acme" not in read.detail


def test_an_object_nested_past_the_limit_is_broken_not_a_recursion() -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"x": deep}
    read = read_event(event(data={"company": {**COMPANY, "extra": deep}}))
    assert isinstance(read, Broken)
    assert "nested deeper" in read.detail


@pytest.mark.parametrize("kind", ["queast.company.exploded", "queast.job_ad.opted_out", "company.updated"])
def test_an_unknown_type_is_told_apart_from_damage(kind: str) -> None:
    read = read_event(event(type=kind))
    assert isinstance(read, Broken)
    assert read.reason == "unknown_type"
    assert (read.source, read.id) == ("queast", "e_1")


@pytest.mark.parametrize(
    ("written", "read"),
    [("140.0", 140), ("1.4e2", 140), ("140", 140), ("140.5", 140.5), ("-0.0", 0), ("9007199254740991.0", 2**53 - 1)],
)
def test_a_whole_number_is_an_integer_however_it_is_written(written: str, read: float) -> None:
    line = orjson.dumps(event()).decode()
    company = '"data":{"company":{'
    assert company in line
    found = read_event(line.replace(company, f'{company}"employee_count":{written},"list":[[{written}]],'))
    assert isinstance(found, Event)
    for value in (found.body["employee_count"], found.body["list"][0][0]):
        assert (type(value), value) == (type(read), read)


def test_a_float_past_what_is_exact_stays_one() -> None:
    line = orjson.dumps(event()).decode().replace('"data":{"company":{', '"data":{"company":{"revenue":1e300,')
    found = read_event(line)
    assert isinstance(found, Event)
    assert type(found.body["revenue"]) is float


def test_a_time_before_the_calendar_is_broken() -> None:
    read = read_event({**event(), "time": "0001-01-01T00:00:00+01:00"})
    assert isinstance(read, Broken)
    assert "`time`" in read.detail


@pytest.mark.parametrize("name", ["company", "person", "signal", "job_ad"])
def test_an_id_is_as_long_as_the_schema_of_its_entity_says(name: str) -> None:
    longest = queast_schemas.load(name)["properties"]["id"]["maxLength"]
    body = {
        "company": COMPANY,
        "person": {"sequence": 1, "full_name": "Kari Nordmann", "company_id": "c_1"},
        "signal": SIGNAL,
        "job_ad": {"sequence": 1, "title": "Cook", "company_id": "c_1", "url": "https://acme.no/jobs/1"},
    }[name]
    kind = f"queast.{name}.created"
    assert isinstance(read_event(event(type=kind, data={name: {**body, "id": "x" * longest}})), Event)
    refused = read_event(event(type=kind, data={name: {**body, "id": "x" * (longest + 1)}}))
    assert isinstance(refused, Broken)
    assert f"`data.{name}.id` must be a text of 1 to {longest} characters" in refused.detail
