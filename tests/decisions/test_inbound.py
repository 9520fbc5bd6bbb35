"""Chapter 1: what comes in, and the only thing it does."""

from __future__ import annotations

from example_frame import findings_of

RECEIVE = """\
connection: warehouse
receive:
  starred:
    when: {event: company.interest_highlighted}
    entity: company
    on_none: review
    then: {ensure_bookmark: {owner: {team: sales}}}
-- acme/connections.yaml --
connections:
  warehouse:
    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}
"""


def refused(old: str, new: str) -> list[str]:
    assert old in RECEIVE
    return [finding.code for finding in findings_of(RECEIVE.replace(old, new))]


def test_a_highlight_may_ensure_a_bookmark_and_nothing_else() -> None:
    """D1.1"""
    assert findings_of(RECEIVE) == ()
    for effect in ("create_company: {name: highlight.company.name}", "send: {to: companies}", "delete_bookmark: {}"):
        assert refused("ensure_bookmark: {owner: {team: sales}}", effect) == ["QM100"], effect
    assert refused("entity: company", "entity: person") == ["QM103"]
    assert refused("on_none: review", "on_none: create") == ["QM103"]


def test_a_toggle_cannot_be_written() -> None:
    """D1.2"""
    for effect in ("toggle_bookmark", "bookmark", "set_bookmark"):
        assert refused("ensure_bookmark", effect) == ["QM100"], effect


def test_what_nobody_signs_is_not_received() -> None:
    """D6.4"""
    line = "    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}\n"
    assert refused(line, "    inbound: null\n") == ["QM550"]
    assert refused("verify: standard_webhooks, ", "") == ["QM101"]
    assert refused("verify: standard_webhooks", "verify: none") == ["QM103"]
    assert refused("secret://warehouse-in", "secret://warehouse") == ["QM551"]
