"""What is signed, sealed and secret: D6.1, D6.2, D6.5 and D6.7."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from compiler.tenant_folder import CONNECTIONS, EVENTS
from connectors.scripted import OneSecret, Scripted, answer
from decisions.yaml_worker import compiled, headers_of, over_http, sound
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.codec import encode
from queast_compiler.plan.directory import PlanSet, plan_set, write_plans
from queast_compiler.plan.release import sign
from queast_runtime.cli import publish as command
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format
from queast_runtime.ports import SecretMissing, WriteItem
from queast_runtime.security.egress import Forbidden, judge
from queast_runtime.security.keys import development_key
from queast_runtime.security.releases import write_release
from queast_runtime.security.sealing import open_sealer
from queast_runtime.security.secrets import EnvironmentSecrets
from queast_runtime.settings import Settings
from queast_runtime.store.open import open_store
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.opening import WorkerRefused, opened_worker

Make = Callable[..., Any]
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CANARY = "Kanarifugl Holding"


def at_present(one: Any) -> None:
    """Set the scene's clock to the machine's, which the reference library compares with."""
    one.clock.at = datetime.now(UTC).replace(microsecond=0)


def test_what_a_webhook_gets_verifies_with_the_reference_library(scene: Make, tmp_path: Path) -> None:
    """D6.1 Standard Webhooks `v1` over the very bytes; any other body, id, time or key does not verify."""
    one = scene(**sound(tmp_path, {"events": EVENTS}))
    at_present(one)
    sender = Scripted(answer(204))
    over_http(one, sender, OneSecret(SECRET))
    one.submit(one.company("created"), one.signal())
    one.drain()
    assert len(sender.sent) == 2
    oracle = Webhook(SECRET)
    for request in sender.sent:
        headers = headers_of(request)
        oracle.verify(request.body, headers)
        assert request.url.startswith("https://")
        other = base64.b64encode(bytes(32)).decode()
        with pytest.raises(WebhookVerificationError):
            Webhook(f"whsec_{other}").verify(request.body, headers)
        for changed in (
            (request.body + b" ", headers),
            (request.body, headers | {"webhook-id": "msg_other"}),
            (request.body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}),
            (request.body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}),
        ):
            with pytest.raises(WebhookVerificationError):
                oracle.verify(*changed)


def test_a_repeat_carries_the_same_id_and_a_new_timestamp(scene: Make, tmp_path: Path) -> None:
    """D6.1 a receiver can tell a repeat by `webhook-id`, and its window of 300 s still fits."""
    one = scene(**sound(tmp_path, {"events": EVENTS}))
    sender = Scripted(answer(503), answer(204))
    over_http(one, sender, OneSecret(SECRET))
    one.submit(one.company("created"))
    one.drain()
    first, second = (headers_of(request) for request in sender.sent)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(first["webhook-timestamp"]) < int(second["webhook-timestamp"])
    assert sender.sent[0].body == sender.sent[1].body


@pytest.mark.parametrize("secret", ["whsec_c2hvcnQ=", "not-a-webhook-secret", None])
def test_without_a_whole_key_nothing_is_sent(scene: Make, tmp_path: Path, secret: str | None) -> None:
    """D6.1 a key is 32 bytes; with less, or none, the connection pauses and says which secret."""
    one = scene(**sound(tmp_path, {"events": EVENTS}))
    sender = Scripted(answer(204))
    over_http(one, sender, OneSecret(secret))
    one.submit(one.company("created"))
    one.drain()
    assert sender.sent == []
    with one.store.read() as snapshot:
        state = snapshot.connection_state("acme", "warehouse")
    assert state.paused
    assert "secret `warehouse`" in state.paused_reason
    assert secret is None or secret not in state.paused_reason


@pytest.mark.parametrize("url", ["http://hooks.acme.example/q", "https://127.0.0.1/q", "ftp://hooks.acme.example/q"])
def test_an_address_that_is_no_https_name_neither_compiles_nor_is_dialled(tmp_path: Path, url: str) -> None:
    """D6.1 HTTPS only."""
    connections = CONNECTIONS.replace("https://hooks.acme.example/queast", url)
    plans, diagnostics = compiled(tmp_path, {"events": EVENTS}, connections=connections)
    assert diagnostics.has_errors
    assert plans["plans"] == ()
    assert isinstance(judge(url, {}), Forbidden)


def test_no_body_lies_in_the_database_as_it_came(scene: Make) -> None:
    """D6.2 events, states and what is to be sent are sealed; the file, its log and its journal hold none of it."""
    one = scene()
    one.submit(one.company("created", name=CANARY), one.signal(title=CANARY), json.dumps({"id": CANARY}).encode())
    one.submit(one.company("created", id="c_2", name=CANARY, domain="two.example"))
    one.drain()
    files = [path for path in one.folder.rglob("*") if path.is_file() and "queast.db" in path.name]
    assert files
    assert [path.name for path in files if CANARY.encode() in path.read_bytes()] == []
    with one.store.read() as snapshot:
        assert CANARY.encode() in snapshot.entity("acme", "company", "c_1").state


def acme(folder: Path) -> PlanSet:
    plans = sound(folder, {"events": EVENTS})
    return plan_set("acme", plans["connections"], plans["plans"])


def publish(state: Path, content: PlanSet, sequence: int) -> None:
    envelope = sign(content, sequence=sequence, created_at=datetime(2026, 6, 1, tzinfo=UTC), key=development_key(state))
    write_release(state, envelope, content)


async def run_once(state: Path, tenant: str = "acme") -> None:
    """Do what a worker process does at its start: open, verify, become the drainer, accept."""
    settings = Settings(state=state)
    with closing(open_store(settings.store_url, open_sealer(state, SystemClock()))) as store:
        async with opened_worker(settings, state, store, [tenant]) as worker:
            await worker.run_until_idle()


def start(state: Path, tenant: str = "acme") -> None:
    asyncio.run(run_once(state, tenant))


def test_a_worker_runs_only_what_was_signed_for_its_tenant_and_never_an_older_release(tmp_path: Path) -> None:
    """D6.5 unsigned, altered, another tenant's, older: each refused at the start; the same again is a restart."""
    content = acme(tmp_path / "sources")
    state = tmp_path / "state"
    with pytest.raises(WorkerRefused, match="has no release here"):
        start(state)
    publish(state, content, 3)
    start(state)
    start(state)
    current = state / "releases" / "acme" / "current.json"
    good = current.read_bytes()
    envelope = json.loads(good)

    current.write_bytes(dumps({**envelope, "signatures": []}))
    with pytest.raises(WorkerRefused):
        start(state)
    payload = json.loads(base64.b64decode(envelope["payload"]))
    forged = base64.b64encode(dumps({**payload, "sequence": 9})).decode()
    current.write_bytes(dumps({**envelope, "payload": forged}))
    with pytest.raises(WorkerRefused):
        start(state)
    publish(state, content, 2)
    with pytest.raises(WorkerRefused, match="3 ran already"):
        start(state)
    shutil.copytree(state / "releases" / "acme", state / "releases" / "globex")
    (state / "releases" / "globex" / "current.json").write_bytes(good)
    with pytest.raises(WorkerRefused):
        start(state, "globex")
    current.write_bytes(good)
    plan = next((state / "releases" / "acme" / "plans").glob("*.json"))
    plan.write_bytes(plan.read_bytes().replace(b"acme", b"acne"))
    with pytest.raises(WorkerRefused, match="altered"):
        start(state)


def test_publishing_signs_what_the_sources_give_and_nothing_that_was_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D6.5 the sources are compiled again under the publisher's own policy; other plans are refused, unsigned."""
    sources, state = tmp_path / "mappings", tmp_path / "state"
    plans = sound(sources, {"events": EVENTS})
    monkeypatch.setenv("QMAP_STATE", str(state))
    other = tuple(replace(plan, scope=replace(plan.scope, signals="informational")) for plan in plans["plans"])
    write_plans(tmp_path / "plans", "acme", plans["connections"], other)
    with pytest.raises(CommandError) as refused:
        command.run(tmp_path / "plans", sources, Format.JSON)
    assert refused.value.code is Exit.REFUSED
    assert not (state / "releases").exists()
    write_plans(tmp_path / "good", "acme", plans["connections"], plans["plans"])
    command.run(tmp_path / "good", sources, Format.JSON)
    start(state)


def test_a_release_is_bound_to_the_content_of_its_plans(tmp_path: Path) -> None:
    """D6.5 the same sources in another folder give the same digests, and one changed word gives others."""
    here, there = acme(tmp_path / "here"), acme(tmp_path / "far" / "there")
    assert here == there
    changed = sound(tmp_path / "changed", {"events": EVENTS.replace("company.name", "company.id")})
    assert plan_set("acme", changed["connections"], changed["plans"]).mappings != here.mappings


def test_a_secret_reaches_the_wire_and_nothing_else(scene: Make, tmp_path: Path) -> None:
    """D6.7 plans hold names, the request gets the value, and neither the database nor a preview has it."""
    text = EVENTS.replace("      X-Kind: {const: signal}\n", "      X-Kind: secret://second\n")
    plans = sound(tmp_path, {"events": text})
    canary = "s3cond-canary-value"
    environ = {"QMAP_SECRET_ACME__WAREHOUSE": SECRET, "QMAP_SECRET_ACME__SECOND": canary}
    one = scene(**plans)
    sender = Scripted(answer(204))
    over_http(one, sender, EnvironmentSecrets(environ))
    one.submit(one.signal())
    one.drain()
    sent = [request for request in sender.sent if "x-kind" in headers_of(request)]
    assert [headers_of(request)["x-kind"] for request in sent] == [canary]
    everything = b"".join(path.read_bytes() for path in one.folder.rglob("*") if path.is_file())
    everything += b"".join(dumps(encode(plan)) for plan in (*plans["plans"], *plans["connections"]))
    item = WriteItem("d", "send", "event", None, "r", "msg_1", {}, body={}, secret_headers=(("X-Kind", "second"),))
    preview = one.worker.preview("acme", "warehouse").preview(item)
    everything += repr(preview.headers).encode() + preview.body
    for value in (canary, SECRET, SECRET.removeprefix("whsec_")):
        assert value.encode() not in everything
    assert b"***" in everything


def test_one_tenant_cannot_name_a_secret_of_another() -> None:
    """D6.7 the tenant is the plan's and the name has no way out of it, in the environment or in a folder."""
    secrets = EnvironmentSecrets({"QMAP_SECRET_GLOBEX__WAREHOUSE": "theirs", "QMAP_SECRETS_DIR": os.devnull})
    for name in ("warehouse", "globex--warehouse", "../globex/warehouse", "globex/warehouse", "globex__warehouse"):
        with pytest.raises(SecretMissing) as missing:
            secrets.resolve("acme", name)
        assert "theirs" not in str(missing.value)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("secret://warehouse}", f"{SECRET}}}", "QM111"),
        ("secret://warehouse}", "plain}", "QM112"),
        ("secret://warehouse}", "secret://globex/warehouse}", "QM112"),
    ],
)
def test_yaml_holds_references_only(tmp_path: Path, old: str, new: str, code: str) -> None:
    """D6.7 a value in the place of a reference is refused, and so is a reference with a tenant in it."""
    plans, diagnostics = compiled(tmp_path, {"events": EVENTS}, connections=CONNECTIONS.replace(old, new))
    assert [finding.code for finding in diagnostics] == [code]
    assert plans["plans"] == ()


def test_a_reference_outside_of_a_secrets_place_is_refused(tmp_path: Path) -> None:
    """D6.7 a secret can become a credential or a header, and no part of a body."""
    body = EVENTS.replace("      id: signal.id\n", "      id: {const: secret://warehouse}\n")
    _, diagnostics = compiled(tmp_path, {"events": body})
    assert [finding.code for finding in diagnostics] == ["QM114"]
