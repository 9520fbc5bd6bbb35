"""A property that the base locks is written by nothing else, whatever the conditions of the routes are."""

from __future__ import annotations

import pytest

from example_frame import findings_of

BASE = """\
-- base/names.v1.yaml --
version: 1
description: Names and cities
mode: live
locked: [{lock}]
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
      city: company.city
"""
OWN = """\
extends: base/names@1
routes:
  mine:
    entity: company
    events: [{events}]
    to: companies
    write: always
    when: company.country == 'AQ'
    fields:
      name: company.name
      city: {city}
"""


def codes(lock: str, events: str, city: str) -> list[str]:
    found = findings_of(OWN.format(events=events, city=city) + BASE.format(lock=lock))
    # What a route of new records alone leaves behind is another matter.
    return [each.code for each in found if each.code != "QM826"]


@pytest.mark.parametrize(
    "lock",
    ["routes", "routes.companies", "routes.companies.fields", "routes.companies.fields.city"],
)
@pytest.mark.parametrize("events", ["bookmarked", "created"])
def test_another_value_is_refused_also_for_events_of_its_own(lock: str, events: str) -> None:
    assert codes(lock, events, "{const: Oslo}") == ["QM401"]


def test_the_same_value_is_no_way_round_the_lock() -> None:
    assert "QM401" not in codes("routes.companies.fields.city", "bookmarked", "company.city")


def test_what_is_not_locked_is_the_mappings_own() -> None:
    assert "QM401" not in codes("routes.companies.fields.name", "bookmarked", "{const: Oslo}")
    assert "QM401" not in codes("routes.companies.fields.city.write", "bookmarked", "{const: Oslo}")


@pytest.mark.parametrize(
    ("lock", "value"),
    [
        ("routes.companies.fields.city.const", "{const: Oslo}"),
        ("routes.companies.fields.city.template", '{template: "{{ company.name }}"}'),
    ],
)
def test_a_lock_of_the_form_of_a_value_holds_it(lock: str, value: str) -> None:
    base = BASE.format(lock=lock).replace("city: company.city", f"city: {value}")
    found = findings_of(OWN.format(events="bookmarked", city="company.city") + base)
    assert [each.code for each in found if each.code != "QM826"] == ["QM401"]


def test_another_rule_of_writing_is_another_way_round() -> None:
    assert codes("routes.companies.fields.city", "created", "{from: company.city, write: on_create}") == ["QM401"]
