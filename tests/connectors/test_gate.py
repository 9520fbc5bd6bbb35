"""Every request passes the gate under its operation's name, and none that the gate holds back leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.plans import plan
from connectors.scripted import NOW, TOKEN, OneSecret, Scripted, Stopped, answer, company, note
from queast_runtime.connectors import open_driver
from queast_runtime.delivery.budget import Budget, read_tariff
from queast_runtime.delivery.turnstile import Turnstile
from queast_runtime.ports import Driver, LookupFailed, ReconcileLater, Refused, Tuning


class Counting:
    """Lets `free` requests through, then holds back for 90 s."""

    def __init__(self, free: int = 1000) -> None:
        self.free, self.entered, self.heard = free, list[str](), list[Mapping[str, str]]()

    async def enter(self, operation: str) -> float | None:
        if len(self.entered) == self.free:
            return 90.0
        self.entered.append(operation)
        return None

    def learn(self, headers: Mapping[str, str]) -> None:
        self.heard.append(headers)


def gated(kind: str, sender: Scripted, gate: Counting | Turnstile) -> Driver:
    return open_driver(plan(kind), sender, OneSecret(TOKEN), Stopped(), Tuning(), gate)


def test_a_batch_in_halves_a_look_up_in_two_reads_and_a_page_each_count() -> None:
    gate = Counting()
    sender = Scripted(answer(400, {"category": "VALIDATION_ERROR"}))
    asyncio.run(gated("hubspot", sender, gate).write([company(n) for n in range(4)]))
    assert gate.entered == ["companies.create"] * 7
    assert len(sender.sent) == len(gate.heard) == 7

    gate = Counting()
    found = {"data": {"items": [{"item": {"id": 5}}]}}
    sender = Scripted(answer(200, found), answer(200, {"data": {"id": 5, "name": "A"}}))
    asyncio.run(gated("pipedrive", sender, gate).search("organizations", "queast_company_id", "c_1"))
    assert gate.entered[:2] == ["organizations.find", "organizations.get"]
    assert len(sender.sent) == len(gate.entered)

    gate = Counting()
    pages = [answer(200, {"results": [{"toObjectId": n}], "paging": {"next": {"after": str(n)}}}) for n in (1, 2)]
    last, read = answer(200, {"results": [{"toObjectId": 3}]}), answer(200, {"results": []})
    sender = Scripted(*pages, last, read)
    asyncio.run(gated("hubspot", sender, gate).reconcile(note(1), NOW - timedelta(minutes=1)))
    assert gate.entered == ["notes.of_company"] * 3 + ["notes.read"]


def test_what_the_gate_holds_back_is_not_sent_and_not_counted_against_the_record() -> None:
    gate = Counting(free=1)
    sender = Scripted(answer(400, {"category": "VALIDATION_ERROR"}))
    opened = gated("hubspot", sender, gate)
    results = asyncio.run(opened.write([company(1), company(2)]))
    assert [(each.held, each.wait_s) for each in results if isinstance(each, Refused)] == [(True, 90.0)] * 2
    page = asyncio.run(opened.list_page("companies", None))
    assert isinstance(page, LookupFailed)
    assert page.held
    later = asyncio.run(opened.reconcile(note(1), NOW))
    assert isinstance(later, ReconcileLater)
    assert later.failed is not None
    assert later.failed.held
    assert len(sender.sent) == 1


def test_an_answer_that_names_an_empty_day_ends_it_and_never_grants_more() -> None:
    """A day's tokens are shared with the tenant's other integrations: what they spent is ours no longer."""
    connection = plan("pipedrive")
    budget = Budget(read_tariff(connection.manifest, "pipedrive", Tuning()))
    turnstile = Turnstile(budget, Stopped(), connection.time_zone)
    sender = Scripted(answer(200, {"data": []}, x_daily_ratelimit_token_remaining="29000"))
    opened = gated("pipedrive", sender, turnstile)
    asyncio.run(opened.list_page("organizations", None))
    assert budget.exhausted_s(NOW.timestamp()) == 0.0
    # 30,000 a day, a fifth of it left to others: with 6,005 left we have 5.
    turnstile.learn({"x-daily-ratelimit-token-remaining": "6005"})
    assert budget.wait_s("organizations.update", NOW.timestamp()) == 0.0
    assert budget.wait_s("organizations.find", NOW.timestamp()) > 0.0
    turnstile.learn({"x-daily-ratelimit-token-remaining": "0"})
    until_midnight = (datetime(2026, 11, 22, 23, tzinfo=UTC) - NOW).total_seconds()
    assert budget.exhausted_s(NOW.timestamp()) == until_midnight
    turnstile.learn({"x-daily-ratelimit-token-remaining": "30000"})
    turnstile.learn({"x-daily-ratelimit-token-remaining": "-7"})
    turnstile.learn({"x-daily-ratelimit-token-remaining": "lots"})
    assert budget.exhausted_s(NOW.timestamp()) == until_midnight
    held = asyncio.run(opened.list_page("organizations", None))
    assert isinstance(held, LookupFailed)
    assert (held.held, held.wait_s) == (True, until_midnight)
    assert len(sender.sent) == 1


def test_an_answer_corrects_a_burst_for_as_long_as_its_window() -> None:
    connection = plan("hubspot")
    budget = Budget(read_tariff(connection.manifest, "hubspot", Tuning()))
    Turnstile(budget, Stopped(), "UTC").learn({"x-hubspot-ratelimit-remaining": "1"})
    now_s = NOW.timestamp()
    assert budget.wait_s("companies.update", now_s) == 0.0
    budget.spend("companies.update", now_s)
    assert budget.wait_s("companies.update", now_s) == 10.0
    assert budget.wait_s("companies.update", now_s + 10.0) == 0.0
