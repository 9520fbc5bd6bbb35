"""A record is taken over only where its own keys say that it is the one (D3.4); otherwise a person is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from memory_destination import Memory
from queast_runtime.ports import RemoteRecord

Make = Callable[..., Any]


class Loose(Memory):
    """A search that finds by part, and answers without the properties in `hidden`."""

    hidden: tuple[str, ...] = ()

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...]:
        return tuple(
            RemoteRecord(object, partner_id, {name: one for name, one in properties.items() if name not in self.hidden})
            for partner_id, properties in self.of(object).items()
            if value.split(".")[0] in str(properties.get(property, "")).casefold()
        )


def reasons(one: Any) -> list[str]:
    with one.store.read() as snapshot:
        return [review.reason for review in snapshot.reviews("acme")]


def filled(scene: Make, memory: Memory) -> Any:
    """A scene whose mirror is complete before the record under test is made by hand."""
    one = scene(memory=memory)
    one.submit(one.company("created", id="c_0", domain="other.no", name="Other"))
    one.drain()
    return one


@pytest.mark.parametrize("known", ["mirror", "live search", "mirror, as the search leaves it out"])
def test_a_record_with_another_companys_id_is_not_taken_over_by_its_domain(scene: Make, known: str) -> None:
    memory = Loose()
    record = {"domain": "acme.no", "name": "Theirs", "queast_id": "c_77"}
    if known == "live search":
        one = filled(scene, memory)
        memory.add("companies", "7", **record)
    elif known == "mirror":
        memory.add("companies", "7", **record)
        one = scene(memory=memory)
    else:
        # The mirror met the record before it had a domain; the search knows the domain but not the id.
        memory.add("companies", "7", name="Theirs", queast_id="c_77")
        one = filled(scene, memory)
        memory.of("companies")["7"]["domain"] = "acme.no"
        memory.hidden = ("queast_id",)
    one.submit(one.company())
    one.drain()
    assert memory.of("companies")["7"]["name"] == "Theirs"
    assert reasons(one) == ["the record carries another entity's id"]


def test_a_record_with_our_own_id_is_taken_over_by_its_domain(scene: Make) -> None:
    one = scene()
    one.memory.add("companies", "7", domain="acme.no", queast_id="c_1")
    one.submit(one.company())
    one.drain()
    assert one.memory.of("companies")["7"]["name"] == "Acme AS"
    assert reasons(one) == []


@pytest.mark.parametrize("domain", ["acme consulting group", "acme.example", "acme.no.example"])
def test_a_search_that_answers_loosely_merges_nothing(scene: Make, domain: str) -> None:
    one = filled(scene, Loose())
    one.memory.add("companies", "7", domain=domain, name="Theirs")
    one.submit(one.company())
    one.drain()
    assert one.memory.of("companies")["7"] == {"domain": domain, "name": "Theirs"}
    assert [row["name"] for row in one.memory.of("companies").values()] == ["Other", "Theirs", "Acme AS"]


def test_a_search_that_leaves_the_searched_property_out_merges_nothing(scene: Make) -> None:
    memory = Loose()
    memory.hidden = ("domain",)
    one = filled(scene, memory)
    memory.add("companies", "7", domain="acme.no", name="Theirs")
    one.submit(one.company())
    one.drain()
    assert memory.of("companies")["7"]["name"] == "Theirs"
