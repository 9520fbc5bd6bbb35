"""Keys that agree and yet are no evidence: shared addresses, and records that say something else (D3.1, D3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from decisions.test_links_by_name import by_name, cases, company, links, scene_with
from engine_plans import connection_plan, mapping_plan, match_plan
from memory_destination import Memory
from queast_runtime.delivery import resolve

Make = Callable[..., Any]

SHARED = "the domain is shared by unrelated companies"
APART = "the domain agrees, and the names have nothing in common"
AGAINST = "the domain agrees, and something else speaks against it"


def test_a_page_at_a_hoster_is_not_the_hosters_record(scene: Make) -> None:
    """D3.4."""
    one = scene_with(scene, {"name": "Google LLC", "domain": "google.com"})
    one.submit(company(one, name="Per sin Kafe", domain="sites.google.com/view/perkafe"))
    one.drain()
    assert all(link.partner_id != "h1" for link in links(one))
    assert one.memory.of("companies")["h1"]["name"] == "Google LLC"


@pytest.mark.parametrize("domain", ["yahoo.co.uk", "hotmail.fr", "xing.com", "perkafe.wixsite.com", "bit.ly"])
def test_a_domain_that_anybody_may_have_links_nothing(scene: Make, domain: str) -> None:
    """D3.4."""
    one = scene_with(scene, {"name": "Smith Plumbing", "domain": domain})
    one.submit(company(one, name="Smith Plumbing Ltd", domain=domain, country="GB"))
    one.drain()
    assert links(one) == []
    assert cases(one) == [(SHARED, ["h1"])]


@pytest.mark.parametrize(
    ("theirs", "ours", "reason"),
    [
        ({"name": "Blue Ocean"}, {}, APART),
        ({"name": "Solvik Maskin", "country": "Sweden"}, {}, AGAINST),
        ({"name": "Solvik Maskin GmbH"}, {}, AGAINST),
    ],
    ids=["another name", "another country", "another legal form"],
)
@pytest.mark.parametrize("at", ["in the mirror", "by search"])
def test_a_domain_at_a_record_that_says_something_else_is_a_question(
    scene: Make, theirs: dict[str, Any], ours: dict[str, Any], reason: str, at: str
) -> None:
    """D3.4."""
    one = scene_with(scene, *([{**theirs, "domain": "solvik.no"}] if at == "in the mirror" else []))
    one.submit(company(one, id="c_0", name="Unrelated", domain="unrelated.no"))
    one.drain()
    if at == "by search":
        one.memory.add("companies", "h1", **theirs, domain="solvik.no")
    one.submit(company(one, domain="solvik.no", **ours))
    one.drain()
    assert cases(one) == [(reason, ["h1"])]
    assert [link.queast_id for link in links(one)] == ["c_0"]
    assert one.memory.of("companies")["h1"] == {**theirs, "domain": "solvik.no"}


@pytest.mark.parametrize(
    "theirs",
    [{"name": "Solvik"}, {"name": "SM Holding"}, {"name": "Solvik Maskin AS", "city": "Bergen"}, {}],
    ids=["shortened", "initials", "another city", "nothing known"],
)
def test_a_domain_of_its_own_links_however_else_the_name_is_written(scene: Make, theirs: dict[str, Any]) -> None:
    """D3.1 renamed, shortened and moved companies keep their domain."""
    one = scene_with(scene, {**theirs, "domain": "solvik.no"})
    one.submit(company(one, domain="solvik.no", city="Oslo"))
    one.drain()
    assert [(link.partner_id, link.rule, link.standing) for link in links(one)] == [("h1", "domain", "established")]


@pytest.mark.parametrize(
    ("page", "theirs", "linked"),
    [
        ("https://www.linkedin.com/company", {"name": "Fjord Fisk"}, None),
        ("https://www.linkedin.com/company/solvik", {"name": "Fjord Fisk"}, False),
        ("https://www.linkedin.com/company/solvik", {"name": "Solvik"}, True),
        ("https://www.linkedin.com/company/solvik", {"name": "Fjord Fisk", "country": "Norway"}, True),
    ],
    ids=["no page", "only the page", "the name too", "the country too"],
)
def test_a_profile_address_links_where_something_else_agrees(
    scene: Make, page: str, theirs: dict[str, Any], linked: bool | None
) -> None:
    """D3.4."""
    memory = Memory(page_size=50)
    memory.add("companies", "h1", **theirs, linkedin=page)
    card = (("name", "name"), ("country", "country"), ("linkedin", "linkedin"))
    match = match_plan(
        order=("link", "external_id", "domain", "linkedin", "name"), name=by_name().match[0].name, card=card
    )
    one = scene(memory=memory, connections=(connection_plan(match=(match,)),), plans=(mapping_plan(),))
    one.submit(company(one, linkedin_url=page))
    one.drain()
    made = [(link.partner_id, link.rule) for link in links(one) if not link.created_record]
    assert made == ([("h1", "linkedin")] if linked else [])
    assert cases(one) == ([("only the profile address agrees", ["h1"])] if linked is False else [])


CROWDED = "too many records share the words of the name to look at all of them"


def test_an_index_too_crowded_to_search_is_no_absence(scene: Make) -> None:
    """D3.4 where more records share a word than are looked at nothing is created, and the one of this name is shown."""
    memory = Memory(page_size=500)
    for number in range(510):
        memory.add("companies", f"a{number:04}", name=f"Nordic Group {number}x", country="Sweden")
        memory.add("companies", f"b{number:04}", name=f"Blue Consulting {number}y", country="Sweden")
    memory.add("companies", "z1", name="Nordic Consulting AS", country="Norway")
    one = scene(memory=memory, connections=(by_name(),), plans=(mapping_plan(),))
    one.submit(company(one, name="Nordic Consulting AS"), company(one, id="c_2", name="Consulting Nordic Group"))
    one.drain()
    assert links(one) == []
    found = dict(cases(one))
    assert set(found) == {CROWDED}
    assert sorted(ids[:1] for _, ids in cases(one)) == [[], ["z1"]]
    assert one.memory.log == []


def test_a_blind_sample_shows_every_record_that_came_near(scene: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """D3.4 a sample of the linked record alone would tell what the engine decided."""
    monkeypatch.setattr(resolve, "is_sampled", lambda *_: True)
    near = {"name": "Solvik Maskin Region", "country": "Norway"}
    one = scene_with(scene, {"name": "Solvik Maskin", "country": "Norway"}, near, auto_link=0.9, review=0.5)
    one.submit(company(one))
    one.drain()
    assert [(link.partner_id, link.rule) for link in links(one)] == [("h1", "name")]
    with one.store.read() as view:
        (sample,) = view.reviews("acme")
    assert sample.kind == "sample"
    assert [each["partner_id"] for each in sample.candidates] == ["h1", "h2"]
    assert all(each["evidence"] for each in sample.candidates)
