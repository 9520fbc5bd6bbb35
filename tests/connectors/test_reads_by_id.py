"""The read before a write: by ids in one request, in the form of writes, with who is gone left out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.plans import DOMAIN_KEY, ID_KEY
from connectors.scripted import Scripted, answer, company, driver
from connectors.test_vendor_documents import check
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector
from queast_runtime.ports import ErrorClass, Form, HttpOutcome, HttpRequest, LookupFailed, Written

SHIPPED = Path(__file__).parents[2] / "dsl" / "queast_dsl" / "connectors"


def read(kind: str, sender: Scripted, ids: list[str], *properties: str) -> Any:
    object_ = "companies" if kind == "hubspot" else "organizations"
    return asyncio.run(driver(kind, sender).read(object_, ids, properties))


def test_hubspot_is_asked_for_a_hundred_at_once_with_what_is_to_be_written() -> None:
    def rows(request: HttpRequest) -> HttpOutcome:
        asked = json.loads(request.body)["inputs"]
        return answer(
            207, {"results": [{**each, "properties": {"city": "Oslo"}} for each in asked if each["id"] != "7"]}
        )

    sender = Scripted(rows)
    ids = [str(n) for n in range(150)]
    found = read("hubspot", sender, [*ids, "3"], "city", "phone")
    assert [len(body["inputs"]) for body in sender.bodies()] == [100, 50]
    asked = sender.bodies()[0]["properties"]
    assert {"name", "domain", "website", "queast_company_id", "city", "phone"} <= set(asked)
    assert len(asked) == len(set(asked))
    assert found.keys() == set(ids) - {"7"}
    assert found["3"].properties == {"city": "Oslo"}


def test_a_single_organization_is_read_by_the_cheaper_way_and_an_address_is_its_text() -> None:
    row = {
        "id": 4,
        "name": "A",
        "address": {"value": "Oslo", "locality": "Oslo"},
        "custom_fields": {DOMAIN_KEY: "a.no"},
    }
    sender = Scripted(answer(200, {"data": row}))
    found = read("pipedrive", sender, ["4"], "address", DOMAIN_KEY)
    assert urlsplit(sender.sent[0].url).path == "/api/v2/organizations/4"
    assert (found["4"].properties["address"], found["4"].properties[DOMAIN_KEY]) == ("Oslo", "a.no")
    assert read("pipedrive", Scripted(answer(404, {"success": False})), ["4"], "address") == {}
    several = Scripted(answer(200, {"data": [row]}))
    assert read("pipedrive", several, ["4", "5"], "address").keys() == {"4"}
    assert ("ids", "4,5") in parse_qsl(urlsplit(several.sent[0].url).query)


def test_one_that_is_gone_does_not_hide_the_others() -> None:
    def rows(request: HttpRequest) -> HttpOutcome:
        asked = [each["id"] for each in json.loads(request.body)["inputs"]]
        if "2" in asked:
            return answer(404, {"category": "OBJECT_NOT_FOUND"})
        return answer(200, {"results": [{"id": each, "properties": {}} for each in asked]})

    assert read("hubspot", Scripted(rows), ["1", "2", "3"], "city").keys() == {"1", "3"}


def test_a_read_that_fails_is_never_taken_for_records_that_are_gone() -> None:
    failed = read("hubspot", Scripted(answer(500)), ["1", "2"], "city")
    assert isinstance(failed, LookupFailed)
    assert failed.error is ErrorClass.TRANSIENT


@pytest.mark.parametrize("kind", ["hubspot", "pipedrive"])
def test_reads_by_id_are_as_the_vendor_describes_them(kind: str) -> None:
    sender = Scripted(answer(200, {"results": [], "data": []}))
    read(kind, sender, ["1"], "name")
    read(kind, sender, ["1", "2"], "name")
    for request in sender.sent:
        check(kind, request)


def test_a_write_tells_what_the_answer_shows_of_it() -> None:
    row = {"id": 901, "name": "Company 1", "address": {"value": "Oslo, Norway"}, "custom_fields": {ID_KEY: "c_1"}}
    sender = Scripted(answer(200, {"data": row}))
    item = company(1, "update", "organizations", name="Company 1 ", address="Oslo")
    (written,) = asyncio.run(driver("pipedrive", sender).write([item]))
    assert written == Written("901", False, 200, {"name": "Company 1", "address": "Oslo, Norway"})


def test_a_property_is_emptied_as_its_type_or_as_the_manifest_says() -> None:
    opened = driver("pipedrive", Scripted(answer(200)))
    assert opened.form("organizations", "address") == Form("native", "")
    assert opened.form("organizations", "website") == Form("native", None)
    assert opened.form("organizations", "label_ids") == Form("list_native", None)
    assert driver("hubspot", Scripted(answer(200))).form("companies", "city") == Form("string", "")


def test_an_object_that_is_updated_must_be_readable_by_id(tmp_path: Path) -> None:
    body = "        body:\n          inputs: {$each: ids"
    before, after = f"        ids: 100\n{body}", body
    text = (SHIPPED / "hubspot.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "hubspot.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    diagnostics = Diagnostics()
    assert load_connector("hubspot", diagnostics, tmp_path) is None
    messages = [(each.code, each.message) for each in diagnostics]
    assert ("QM603", "`companies` is updated, and what a record holds cannot be read before") in messages
