"""Rules of lint about connections: the order of matching."""

from __future__ import annotations

import pytest

from example_frame import findings_of

MATCH = """\
-- acme/connections.yaml --
connections:
  hubspot-main:
    match:
      company:
        order: [{order}]
"""


@pytest.mark.parametrize(
    ("order", "asks", "instead"),
    [
        ("link, name, domain", "`name` only asks a person, and comes before `domain`", "link, domain, name"),
        (
            "link, linkedin, external_id",
            "`linkedin` only infers a link, and comes before `external_id`",
            "link, external_id, linkedin",
        ),
        ("name, linkedin, link, domain", "`name` only asks", "link, domain, name, linkedin"),
        ("external_id, name, domain, linkedin", "before `domain`", "external_id, domain, name, linkedin"),
    ],
)
def test_a_rule_that_only_infers_or_asks_comes_after_those_that_are_certain(
    order: str, asks: str, instead: str
) -> None:
    (finding,) = findings_of(MATCH.format(order=order))
    assert finding.code == "QM843"
    assert asks in finding.message
    assert finding.help == f"write `order: [{instead}]`"
    assert findings_of(MATCH.format(order=instead)) == ()


@pytest.mark.parametrize("order", ["link, domain, external_id", "domain, link", "link, linkedin, name", "name, link"])
def test_an_order_in_which_nothing_certain_comes_too_late_is_fine(order: str) -> None:
    assert findings_of(MATCH.format(order=order)) == ()


def test_a_scored_name_infers_too() -> None:
    (finding,) = findings_of(MATCH.format(order="link, name, domain") + "        name: {review: 0.9}\n")
    assert "`name` only infers a link" in finding.message
