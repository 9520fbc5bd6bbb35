"""The sandbox over real sockets: faults as a client sees them, control, restarts, the process."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from queast_runtime.sandbox.records import SeedRecordsUnusable
from queast_runtime.sandbox.server import Sandbox, running
from queast_runtime.sandbox.settings import SandboxAddresses, SandboxSettings, example_seats
from sandbox.calls import HUBSPOT, upsert

FAST = SandboxSettings(lag_s=0.0, late_s=0.3, hang_s=1.0)


class Client:
    """Calls a running sandbox as a runtime does: the origin's port on loopback, the secrets from its settings."""

    def __init__(self, addresses: SandboxAddresses) -> None:
        self.env = dict(addresses.env)
        self._ports = dict(addresses.ports)
        self._control = addresses.control

    def hubspot(self, method: str, path: str, body: Any = None) -> httpx.Response:
        token = self.env["QMAP_SECRET_ACME__HUBSPOT_MAIN"]
        url = f"http://127.0.0.1:{self._ports['https://api.hubapi.com']}{path}"
        return httpx.request(method, url, json=body, headers={"authorization": f"Bearer {token}"}, timeout=0.5)

    def pipedrive(self, method: str, path: str, body: Any = None) -> httpx.Response:
        token = self.env["QMAP_SECRET_NORDLYS__PIPEDRIVE_MAIN"]
        url = f"http://127.0.0.1:{self._ports['https://api.pipedrive.com']}{path}"
        return httpx.request(method, url, json=body, headers={"x-api-token": token}, timeout=0.5)

    def faults(self, **body: Any) -> httpx.Response:
        return httpx.post(f"{self._control}/faults", json=body)

    def state(self) -> Any:
        return httpx.get(f"{self._control}/state").json()

    def control(self, method: str, path: str) -> Any:
        return httpx.request(method, f"{self._control}{path}").json()


@pytest.fixture
def client() -> Iterator[Client]:
    with running(FAST) as (_, addresses):
        yield Client(addresses)


def organizations(client: Client) -> int:
    return len(client.state()["pipedrive"]["organizations"])


def test_origins_and_secrets_are_announced_as_operator_settings(client: Client) -> None:
    origins = dict(entry.rsplit("=", 1) for entry in client.env["QMAP_SANDBOX_ORIGINS"].split(","))
    assert set(origins) == {"https://api.hubapi.com", "https://api.pipedrive.com", "https://hooks.fjordbank.example"}
    assert {"QMAP_RETRY_DELAYS", "QMAP_TIMEOUT", "QMAP_SETTLE", "QMAP_RATES"} < set(client.env)
    assert client.env["QMAP_SECRET_FJORDBANK__WAREHOUSE"].startswith("whsec_")


@pytest.mark.parametrize(("fault", "status"), [("rate_limited", 429), ("server_error", 500), ("unavailable", 503)])
def test_an_answered_fault_does_nothing(client: Client, fault: str, status: int) -> None:
    client.faults(double="pipedrive", next=[fault])
    reply = client.pipedrive("POST", "/api/v2/organizations", {"name": "A"})
    assert (reply.status_code, organizations(client)) == (status, 0)
    assert ("retry-after" in reply.headers) is (status == 429)


def test_a_spent_quota_says_so_in_the_vendors_own_way(client: Client) -> None:
    client.faults(next=["quota_exhausted"])
    reply = client.pipedrive("GET", "/api/v2/organizations")
    assert (reply.status_code, reply.headers["x-daily-ratelimit-token-remaining"]) == (429, "0")
    assert client.hubspot("GET", f"{HUBSPOT}/companies").json()["policyName"] == "DAILY"


@pytest.mark.parametrize(("fault", "made"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_comes_before_or_after_the_work(client: Client, fault: str, made: int) -> None:
    client.faults(double="pipedrive", next=[fault])
    with pytest.raises(httpx.NetworkError):
        client.pipedrive("POST", "/api/v2/organizations", {"name": "A"})
    assert organizations(client) == made


@pytest.mark.parametrize(("fault", "made"), [("hang_before", 0), ("hang_after", 1)])
def test_a_hanging_request_is_done_or_not_done_and_never_answered(client: Client, fault: str, made: int) -> None:
    client.faults(double="pipedrive", next=[fault])
    with pytest.raises(httpx.ReadTimeout):
        client.pipedrive("POST", "/api/v2/organizations", {"name": "A"})
    assert organizations(client) == made


def test_a_late_create_takes_effect_after_the_caller_has_looked(client: Client) -> None:
    client.faults(double="pipedrive", next=["late"])
    with pytest.raises(httpx.ReadTimeout):
        client.pipedrive("POST", "/api/v2/organizations", {"name": "A"})
    deadline = time.monotonic() + 3
    while organizations(client) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert organizations(client) == 1


def test_partial_answers_reach_the_client(client: Client) -> None:
    client.faults(double="hubspot", next=["items"])
    entries = [upsert(f"c{number}", trace=f"t{number}") for number in range(10)]
    reply = client.hubspot("POST", f"{HUBSPOT}/companies/batch/upsert", {"inputs": entries})
    assert (reply.status_code, reply.json()["numErrors"], len(client.state()["hubspot"]["companies"])) == (207, 1, 9)


def test_breaches_are_listed_and_requests_counted(client: Client) -> None:
    client.pipedrive("POST", "/api/v2/organizations", {"name": "A", "employee_count": "12"})
    client.pipedrive("GET", "/api/v2/organizations")
    state = client.state()
    assert [row["rule"] for row in state["violations"]] == ["wrong_type"]
    assert (state["contract_violations"], state["contract_requests_checked"]) == (1, 2)
    assert state["contract_checked_against"] == "own-rules"
    assert client.control("GET", "/health")["healthy"] is True


@pytest.mark.parametrize("body", [{"next": ["nap"]}, {"rates": {"nap": 0.1}}, {"rates": {"late": 2}}, {"double": "x"}])
def test_faults_that_do_not_exist_are_refused(client: Client, body: dict[str, Any]) -> None:
    assert client.faults(**body).status_code == 400


def test_a_reset_forgets_everything(client: Client) -> None:
    client.pipedrive("POST", "/api/v2/organizations", {"name": "A", "employee_count": "12"})
    client.pipedrive("POST", "/api/v2/organizations", {"name": "A"})
    client.control("POST", "/reset")
    assert (organizations(client), client.state()["contract_violations"]) == (0, 0)
    client.pipedrive("POST", "/api/v2/organizations", {"name": "A"})
    assert organizations(client) == 1


def with_records(folder: Path, name: str, content: Any) -> SandboxSettings:
    path = folder / "records.json"
    path.write_text(json.dumps(content))
    seats = tuple(replace(seat, records=path if seat.kind == name else None) for seat in example_seats())
    return replace(FAST, seats=seats, state=folder / "state")


def test_records_and_secrets_survive_a_restart(tmp_path: Path) -> None:
    settings = with_records(tmp_path, "hubspot", {"companies": [{"name": "Before", "domain": "before.example"}]})
    with running(settings) as (_, addresses):
        first = Client(addresses)
        first.hubspot("POST", f"{HUBSPOT}/companies/batch/upsert", {"inputs": [upsert("c1", trace="t")]})
        first.pipedrive("POST", "/api/v2/organizations", {"name": "A", "nope": 1})
        before = first.state()
    with running(settings) as (_, addresses):
        again = Client(addresses)
        assert again.state() == before
        assert (again.env["QMAP_SECRET_ACME__HUBSPOT_MAIN"]) == first.env["QMAP_SECRET_ACME__HUBSPOT_MAIN"]
        again.hubspot("POST", f"{HUBSPOT}/companies/batch/upsert", {"inputs": [upsert("c1", trace="t")]})
        assert len(again.state()["hubspot"]["companies"]) == 2
    assert stat.S_IMODE((tmp_path / "state" / "secrets.json").stat().st_mode) == 0o600


def test_a_journal_cut_by_a_kill_loses_only_its_last_line(tmp_path: Path) -> None:
    settings = replace(FAST, state=tmp_path)
    with running(settings) as (_, addresses):
        for name in ("A", "B"):
            Client(addresses).pipedrive("POST", "/api/v2/organizations", {"name": name})
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    rows = [line for line in lines if b'"table":"pipedrive.organizations"' in line]
    journal.write_bytes(b"".join(lines[: lines.index(rows[1])]) + rows[1][:-20])
    with running(settings) as (_, addresses):
        assert organizations(Client(addresses)) == 1


def test_records_that_the_account_would_refuse_stop_the_start(tmp_path: Path) -> None:
    settings = with_records(tmp_path, "hubspot", {"companies": [{"name": "A", "industry": "None"}]})
    with pytest.raises(SeedRecordsUnusable, match=r"companies\[0\]"), running(settings):
        pass


def test_a_snapshot_needs_a_start() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        Sandbox(FAST).snapshot()


def test_the_process_announces_itself_in_one_line_and_stops_on_sigterm(tmp_path: Path) -> None:
    env = {**os.environ, "QMAP_STATE": str(tmp_path)}
    env.pop("QMAP_VENDOR_SPECS", None)
    command = [sys.executable, "-m", "queast_runtime.sandbox"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        announced = json.loads(process.stdout.readline())
        healthy = httpx.get(f"{announced['control']}/health").json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert (healthy["healthy"], announced["contract_checked_against"]) == (True, "own-rules")
    assert announced["env"]["QMAP_SANDBOX_ORIGINS"] == announced["origins"]


def test_unreadable_vendor_descriptions_end_the_process_with_5(tmp_path: Path) -> None:
    env = {**os.environ, "QMAP_STATE": str(tmp_path), "QMAP_VENDOR_SPECS": str(tmp_path / "missing")}
    done = subprocess.run(
        [sys.executable, "-m", "queast_runtime.sandbox"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert "cannot read the vendor description" in done.stderr
