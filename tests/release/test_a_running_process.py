"""A `qmap run --follow` and a `qmap serve` take up what is published while they run; no restart."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from compiler.tenant_folder import EVENTS, TODAY, compile_folder, write_tenant
from example_run import COMMAND, environment, event_file
from kill_harness import ROOT, Doubles, doubles
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.directory import plan_digest, plan_set
from queast_compiler.plan.ir import Lit, MakeObj
from queast_compiler.plan.release import sign
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.security.keys import development_key
from queast_runtime.security.releases import stored_sequence, write_release
from queast_runtime.security.signatures import sign as signature_of
from queast_runtime.security.signatures import signing_key
from release.running import SIGNED_AT, store_release

PROMPT_S = 15
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture(scope="module")
def destination(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doubles]:
    with doubles(tmp_path_factory.mktemp("doubles")) as running:
        yield running


def publish(state: Path, release: str) -> None:
    """Store the next release of fjordbank; its bodies of companies, and the address, say which it is."""
    said = Diagnostics()
    compiled = compile_tenant(
        load_tenant(ROOT / "mappings", "fjordbank", said),
        said,
        today=TODAY,
        connectors=lambda name: load_connector(name, said),
    )
    (connection,) = compiled.connections
    connection = replace(connection, url=f"{connection.url}/{release}")
    body = MakeObj((("release", Lit(release)),))
    mappings = [
        replace(
            each,
            connection_digest=plan_digest(connection),
            routes=tuple(replace(r, body=body) if r.name == "companies" else r for r in each.routes),
        )
        for each in compiled.mappings
    ]
    plans = plan_set("fjordbank", [connection], mappings)
    sequence = stored_sequence(state, "fjordbank") + 1
    key = development_key(state)
    write_release(state, sign(plans, sequence=sequence, created_at=SIGNED_AT, key=key), plans)


def received(destination: Doubles) -> list[tuple[str, str]]:
    """(last step of the path, what the body says) of every message, each received once."""
    messages: dict[str, dict[str, Any]] = destination.state()["webhook"]["messages"]
    return sorted((each["path"].rpartition("/")[2], _body(each)["release"]) for each in messages.values())


def _body(message: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message["body"]) if isinstance(message["body"], str) else message["body"]
    return body


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PROMPT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@contextmanager
def process(*arguments: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [*COMMAND, *arguments], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def test_a_following_run_delivers_by_a_release_that_came_meanwhile(destination: Doubles, tmp_path: Path) -> None:
    """D6.5 what was admitted before goes out as it was made, to where it was made for"""
    state = tmp_path / "state"
    publish(state, "first")
    company = [
        line for line in event_file("fjordbank").read_text(encoding="utf-8").splitlines() if "company.created" in line
    ]
    events = tmp_path / "events.jsonl"
    events.write_text("".join(f"{line}\n" for line in company[:8]), encoding="utf-8")
    # Three a second: most of the first eight are still on their way when the second release comes.
    env = environment(state, {**destination.environment, "QMAP_RATES": "webhook=3"})
    with process("run", "--tenant", "fjordbank", "--follow", str(events), env=env) as running:
        until(lambda: len(received(destination)) >= 1, "the first delivery")
        publish(state, "second")
        # It looks once a second, and at what is published once more before it takes events in.
        assert len(received(destination)) < 8
        with events.open("a", encoding="utf-8") as file:
            file.write(f"{company[8]}\n")
        until(lambda: len(received(destination)) == 9, "all nine")
        assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        assert running.wait(PROMPT_S) == 0
    assert received(destination) == [("first", "first")] * 8 + [("second", "second")]


def test_serving_all_tenants_is_serving_those_that_come_meanwhile(tmp_path: Path) -> None:
    """Its door opens for a tenant whose first release was published after the start."""
    state = tmp_path / "state"
    write_tenant(tmp_path / "mappings", {"events": EVENTS})
    acme = compile_folder(tmp_path / "mappings", Diagnostics())
    store_release(state, acme.connections, acme.mappings)
    env = environment(state, {"QMAP_SECRET_FJORDBANK__WAREHOUSE_IN": SECRET})
    with process("serve", "--port", "0", "--format", "json", env=env) as serving:
        assert serving.stdout is not None
        address = json.loads(serving.stdout.readline())["address"]

        def posted() -> int:
            body, at = b'{"id": "hl_1"}', int(time.time())
            signature = signature_of(signing_key(SECRET), "msg_1", at, body)
            headers = {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}
            return httpx.post(f"{address}/v1/inbound/fjordbank/warehouse", content=body, headers=headers).status_code

        assert posted() == 401
        publish(state, "first")
        until(lambda: posted() == 200, "the door of the new tenant")
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(PROMPT_S) == 0
