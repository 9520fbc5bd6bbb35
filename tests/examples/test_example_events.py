"""The example tenants' events: what is in them, that they are sound, that they are what the generator makes."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

import queast_schemas
from examples.generate import MAPPINGS, generate

TENANTS = ("acme", "nordlys", "fjordbank")
BROKEN = 9  # lines at the end of each stream that are broken on purpose
_FACTS = os.environ.get("QMAP_MATCHING_DATA")


def lines(tenant: str) -> list[str]:
    return (MAPPINGS / tenant / "events" / "stream.jsonl").read_text(encoding="utf-8").splitlines()


def sound(tenant: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(tenant)[:-BROKEN]]


def entity(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["data"][event["type"].split(".")[1]]
    return found


def company(event: dict[str, Any]) -> dict[str, Any] | None:
    return event["data"].get("company") or event["data"].get("signal", {}).get("company")


def validator() -> Draft202012Validator:
    resources = [
        (f"{name}.schema.json", Resource.from_contents(queast_schemas.load(name))) for name in queast_schemas.names()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(queast_schemas.load("event"), registry=registry, format_checker=FormatChecker())


@pytest.mark.skipif(
    _FACTS is None, reason="QMAP_MATCHING_DATA is unset: the facts to make the events from are not here"
)
def test_the_files_are_what_the_generator_makes() -> None:
    assert _FACTS is not None
    made = generate(Path(_FACTS))
    for path, text in made.items():
        assert (MAPPINGS / path).read_text(encoding="utf-8") == text, path


def test_there_are_a_thousand_events_about_three_hundred_companies() -> None:
    assert sum(len(lines(tenant)) for tenant in TENANTS) >= 1_000
    names = {found["name"] for tenant in TENANTS for event in sound(tenant) if (found := company(event)) is not None}
    assert len(names) >= 300


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_event_but_the_broken_ones_fits_the_schemas(tenant: str) -> None:
    check = validator()
    wrong = [(event["id"], error.message) for event in sound(tenant) for error in check.iter_errors(event)]
    assert wrong == []


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_broken_line_is_broken(tenant: str) -> None:
    check = validator()
    for line in lines(tenant)[-BROKEN:]:
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        assert not check.is_valid(event), line


# Changes only together with the generator and the table in mappings/README.md.
COUNTS = {
    "acme": {"lines": 437, "companies": 132, "distinct": 420},
    "nordlys": {"lines": 409, "companies": 116, "distinct": 392},
    "fjordbank": {"lines": 413, "companies": 122, "distinct": 396},
}


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_counts_are_the_ones_that_the_readme_tells(tenant: str) -> None:
    events = sound(tenant)
    made = {entity(event)["id"] for event in events if event["type"] == "queast.company.created"}
    found = {
        "lines": len(lines(tenant)),
        "companies": len(made),
        "distinct": len({event["id"] for event in events}),
    }
    assert found == COUNTS[tenant]
    row = f"| `{tenant}` | {found['lines']} | {found['companies']} | {found['distinct']} |"
    assert row in (MAPPINGS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_case_that_the_engine_must_tell_apart_is_there(tenant: str) -> None:
    events = sound(tenant)
    signals = Counter((event["type"], entity(event)["strictness"]) for event in events if "signal" in event["data"])
    kinds = {kind for _, kind in signals}
    types = {event["type"].removeprefix("queast.") for event in events}
    assert kinds == {"strict", "informational", "legacy"}
    assert {
        "company.created",
        "company.updated",
        "company.deleted",
        "company.bookmarked",
        "company.opted_out",
        "signal.created",
        "signal.cooled_off",
        "signal.suppressed",
        "job_ad.created",
        "person.created",
        "person.opted_out",
    } <= types
    assert len({event["id"] for event in events}) < len(events)
    assert any(entity(event).get("do_not_export") for event in events)
    assert any("job_ad" in event["data"].get("signal", {}) for event in events)
    assert any(not line.isascii() for line in lines(tenant))


@pytest.mark.parametrize("tenant", TENANTS)
def test_sequences_go_stale_and_embedded_companies_are_newer_and_older(tenant: str) -> None:
    highest: dict[str, int] = {}
    seen = Counter[str]()
    for event in sound(tenant):
        found = company(event)
        if found is None:
            continue
        kind = "signal" if "signal" in event["data"] else "company"
        before = highest.get(found["id"], -1)
        seen[
            f"{kind} {'newer' if found['sequence'] > before else 'older' if found['sequence'] < before else 'same'}"
        ] += 1
        highest[found["id"]] = max(before, found["sequence"])
    assert {"company newer", "company older", "signal newer", "signal older", "signal same"} <= set(seen)


@pytest.mark.parametrize("tenant", TENANTS)
def test_two_companies_share_a_domain(tenant: str) -> None:
    created = [entity(event) for event in sound(tenant) if event["type"] == "queast.company.created"]
    domains: dict[str, set[str]] = {}
    for found in created:
        if found["domain"]:
            domains.setdefault(found["domain"], set()).add(found["id"])
    shared = [ids for ids in domains.values() if len(ids) > 1]
    assert [len(ids) for ids in shared] == [2]


@pytest.mark.parametrize("tenant", TENANTS)
def test_some_companies_are_known_by_their_website_only(tenant: str) -> None:
    created = [entity(event) for event in sound(tenant) if event["type"] == "queast.company.created"]
    assert sum(1 for found in created if found["domain"] is None and found["website_url"]) >= 5


def test_an_opted_out_company_still_has_later_events() -> None:
    for tenant in TENANTS:
        events = sound(tenant)
        gone = [number for number, event in enumerate(events) if event["type"] == "queast.company.opted_out"]
        for number in gone:
            key = entity(events[number])["id"]
            later = [
                event for event in events[number + 1 :] if (found := company(event)) is not None and found["id"] == key
            ]
            assert {event["type"] for event in later} >= {"queast.signal.created", "queast.company.updated"}
