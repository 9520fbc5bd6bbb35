"""The driver against the doubles of the sandbox, over real HTTP: no request breaks a vendor's contract."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.plans import account, connection, connector
from queast_compiler.passes.lower_connection import lower_connection
from queast_dsl.diagnostics import Diagnostics
from queast_runtime.connectors import open_driver
from queast_runtime.connectors.http import HttpSender
from queast_runtime.ports import (
    Driver,
    ErrorClass,
    Page,
    ReconciledAbsent,
    ReconciledThere,
    Refused,
    Tuning,
    Unanswered,
    WriteItem,
    Written,
)
from queast_runtime.sandbox.pipedrive_schema import custom_key
from queast_runtime.sandbox.server import running
from queast_runtime.sandbox.settings import SandboxAddresses, SandboxSettings
from queast_runtime.security.egress import sandbox_origins
from queast_runtime.security.secrets import EnvironmentSecrets

ACCOUNTS = {"hubspot": "24512345", "pipedrive": "7712345", "webhook": "warehouse"}
TENANTS = {"hubspot": "acme", "pipedrive": "nordlys", "webhook": "fjordbank"}
COMPANIES = {"hubspot": "companies", "pipedrive": "organizations"}


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return datetime.now(UTC).timestamp()


@pytest.fixture
def sandbox() -> Iterator[SandboxAddresses]:
    specs = os.environ.get("QMAP_VENDOR_SPECS")
    settings = SandboxSettings(lag_s=0.1, late_s=0.6, hang_s=2, vendor_specs=Path(specs) if specs else None)
    with running(settings) as (_, addresses):
        yield addresses


def state_of(addresses: SandboxAddresses) -> Any:
    with urllib.request.urlopen(f"{addresses.control}/state", timeout=10) as answer:  # loopback
        return json.load(answer)


def fault(addresses: SandboxAddresses, kind: str, *faults: str) -> None:
    body = json.dumps({"double": kind, "next": list(faults)}).encode()
    with urllib.request.urlopen(f"{addresses.control}/faults", data=body, timeout=10) as answer:
        assert answer.status == 200


def id_key() -> str:
    """Return the key that the double's account gives the property that holds our id."""
    return custom_key(ACCOUNTS["pipedrive"], "queast_company_id")


def run(kind: str, addresses: SandboxAddresses, act: Callable[[Driver], Awaitable[Any]]) -> Any:
    environ = dict(addresses.env)
    if kind == "webhook":
        auth = (("signing_secret", "warehouse"),)
        given = connection(kind, account="warehouse", url="https://hooks.fjordbank.example/queast", auth=auth)
    else:
        given = connection(kind, account=ACCOUNTS[kind])
    given = replace(given, tenant=TENANTS[kind])
    secret = "warehouse" if kind == "webhook" else f"{kind}-main"
    diagnostics = Diagnostics()
    file = None
    if kind != "webhook":
        name = "queast_company_id" if kind == "hubspot" else id_key()
        file = account(kind, {COMPANIES[kind]: ((name, "queast_company_id", "string"),)})
    plan = lower_connection(given, connector(kind), file, diagnostics)
    assert plan is not None, [each.message for each in diagnostics]
    plan = replace(plan, secrets=tuple((name, secret) for name, _ in plan.secrets))

    async def main() -> Any:
        sender = HttpSender(origins=sandbox_origins(environ))
        try:
            tuning = Tuning(timeout_s=0.5, settle_s=0.8)
            return await act(open_driver(plan, sender, EnvironmentSecrets(environ), SystemClock(), tuning))
        finally:
            await sender.close()

    return asyncio.run(main())


def company(kind: str, number: int, op: str = "create", partner_id: str | None = None, **values: Any) -> WriteItem:
    given = values or {"name": f"Company {number}", "website": f"https://c{number}.example"}
    return WriteItem(f"d{number}-{op}", op, COMPANIES[kind], partner_id, f"c_{number}", f"msg_{number}", given)


def note(kind: str, number: int, partner_id: str) -> WriteItem:
    values = {
        "hubspot": {"hs_timestamp": "2026-11-01T08:00:00.000Z", "hs_note_body": f"<b>Signal {number}</b>"},
        "pipedrive": {"content": f"<b>Signal {number}</b>", "add_time": "2026-11-01 08:00:00"},
    }[kind]
    links = ((COMPANIES[kind], partner_id),)
    return WriteItem(f"n{number}", "create", "notes", None, f"qn-{number:04d}", f"msg_n{number}", values, links)


@pytest.mark.parametrize("kind", ["hubspot", "pipedrive"])
def test_records_are_made_updated_listed_found_and_noted(kind: str, sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        made = await driver.write([company(kind, 1), company(kind, 2)])
        assert [type(each) for each in made] == [Written, Written]
        first = made[0]
        assert isinstance(first, Written)
        assert first.created
        assert first.partner_id is not None
        updated = await driver.write([company(kind, 1, "update", first.partner_id, name="Renamed")])
        assert [(type(each), getattr(each, "partner_id", None)) for each in updated] == [(Written, first.partner_id)]
        page = await driver.list_page(COMPANIES[kind], None)
        assert isinstance(page, Page)
        assert {each.partner_id: each.properties["name"] for each in page.records}[first.partner_id] == "Renamed"
        notes = await driver.write([note(kind, 1, first.partner_id)])
        assert [type(each) for each in notes] == [Written]
        assert isinstance(await driver.find_existing(note(kind, 1, first.partner_id)), ReconciledThere)
        assert await driver.find_existing(note(kind, 2, first.partner_id)) == ReconciledAbsent()
        await asyncio.sleep(0.2)
        key = "queast_company_id" if kind == "hubspot" else id_key()
        found = await driver.search(COMPANIES[kind], key, "c_2")
        assert isinstance(found, tuple)
        assert len(found) == 1

    run(kind, sandbox, act)
    state = state_of(sandbox)
    assert state["violations"] == []


@pytest.mark.parametrize("kind", ["hubspot", "pipedrive"])
@pytest.mark.parametrize("broken", ["hang_after", "reset_after", "late", "hang_before", "reset_before"])
def test_a_note_without_an_answer_is_found_out_about(kind: str, broken: str, sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        (made,) = await driver.write([company(kind, 1)])
        assert isinstance(made, Written)
        item = note(kind, 7, made.partner_id or "")
        attempted_at = datetime.now(UTC)
        fault(sandbox, kind, broken)
        assert [type(each) for each in await driver.write([item])] == [Unanswered]
        found = await driver.reconcile(item, attempted_at)
        if broken in ("hang_after", "reset_after"):
            assert isinstance(found, ReconciledThere)
            return
        await asyncio.sleep(0.9)
        settled = await driver.reconcile(item, attempted_at)
        assert isinstance(settled, ReconciledThere if broken == "late" else ReconciledAbsent)

    run(kind, sandbox, act)
    assert state_of(sandbox)["violations"] == []


@pytest.mark.parametrize("broken", ["hang_after", "hang_before"])
def test_an_organization_without_an_answer_is_found_out_about(broken: str, sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        item = company("pipedrive", 3)
        attempted_at = datetime.now(UTC)
        fault(sandbox, "pipedrive", broken)
        assert [type(each) for each in await driver.write([item])] == [Unanswered]
        await asyncio.sleep(0.9)
        found = await driver.reconcile(item, attempted_at)
        assert isinstance(found, ReconciledThere if broken == "hang_after" else ReconciledAbsent)

    run("pipedrive", sandbox, act)


def test_some_items_of_a_batch_fail_and_one_is_not_mentioned(sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        items = [company("hubspot", number) for number in range(20)]
        fault(sandbox, "hubspot", "items")
        results = await driver.write(items)
        assert {type(each) for each in results} == {Written, Refused}
        fault(sandbox, "hubspot", "unaccounted")
        results = await driver.write(items)
        assert [type(each) for each in results].count(Unanswered) == 1
        assert all(isinstance(each, Written) for each in await driver.write(items))

    run("hubspot", sandbox, act)
    state = state_of(sandbox)
    assert state["violations"] == []


@pytest.mark.parametrize("kind", ["hubspot", "pipedrive"])
def test_a_rate_limit_holds_the_whole_connection(kind: str, sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        for name, error in (("rate_limited", ErrorClass.RATE_LIMITED), ("quota_exhausted", ErrorClass.QUOTA_EXHAUSTED)):
            fault(sandbox, kind, name)
            (refused,) = await driver.write([company(kind, 1)])
            assert isinstance(refused, Refused)
            assert (refused.error, refused.whole_connection) == (error, True)
            assert refused.wait_s

    run(kind, sandbox, act)


def test_a_property_the_account_does_not_have_is_named(sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        (refused,) = await driver.write([company("hubspot", 1, name="A", no_such_property="x")])
        assert isinstance(refused, Refused)
        assert (refused.error, refused.property) == (ErrorClass.CONFIG_FIELD, "no_such_property")

    run("hubspot", sandbox, act)


def test_a_receiver_accepts_the_signature(sandbox: SandboxAddresses) -> None:
    async def act(driver: Driver) -> None:
        item = WriteItem("d1", "send", "event", None, "r1", "msg_1", {}, body={"type": "queast.company.updated"})
        assert [type(each) for each in await driver.write([item])] == [Written]
        assert [type(each) for each in await driver.write([item])] == [Written]

    run("webhook", sandbox, act)
    assert state_of(sandbox)["violations"] == []
