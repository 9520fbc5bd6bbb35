"""`qmap serve` listens, takes what is signed and ends when told; what keeps it from that is said in a line."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from example_run import COMMAND, environment, qmap
from kill_harness import ROOT
from queast_runtime.security.signatures import sign, signing_key

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
# A browser says so of a form that the page itself sends.
OURS = {"sec-fetch-site": "same-origin"}
PATH = "/v1/inbound/fjordbank/warehouse"
BODY = json.dumps(
    {
        "id": "hl_1",
        "type": "company.interest_highlighted",
        "occurred_at": "2026-11-02T08:15:00Z",
        "company": {"name": "Nobody AS", "domain": "nobody.example"},
    }
).encode()


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("serving")
    secrets = {"QMAP_SECRET_FJORDBANK__WAREHOUSE_IN": SECRET, "QMAP_SECRET_FJORDBANK__WAREHOUSE": SECRET}
    found = environment(folder / "state", secrets)
    for arguments in (("compile", "-o", folder / "plans"), ("publish", folder / "plans")):
        done = qmap(*arguments, env=found)
        assert done.returncode == 0, done.stderr
    return found


@contextmanager
def serving(env: Mapping[str, str], *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--tenant", "fjordbank", "--format", "json", *arguments],
        env=dict(env),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["inbound"] == [f"{said['address']}{PATH}"]
        yield process, int(said["address"].rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


def post(port: int, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", PATH, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def signed(message_id: str, body: bytes = BODY) -> dict[str, str]:
    at = int(time.time())
    signature = sign(signing_key(SECRET), message_id, at, body)
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    _, complaint = process.communicate(timeout=20)
    return process.returncode, complaint


def test_it_takes_what_is_signed_refuses_the_rest_and_ends_when_told(env: dict[str, str]) -> None:
    with serving(env) as (process, port):
        assert post(port, BODY, signed("msg_1")) == (200, b'{"received":true}')
        assert post(port, BODY, signed("msg_1")) == (200, b'{"received":true}')
        assert post(port, BODY + b" ", signed("msg_2")) == (401, b'{"error":"not accepted"}')
        assert post(port, b"x" * 70_000, {}) == (401, b'{"error":"not accepted"}')
        other = qmap("run", "--tenant", "fjordbank", "/dev/null", env=env)
        assert other.returncode == 5
        assert "drain" in other.stderr
        assert ended(process) == (0, "")


def test_it_leaves_delivering_to_another_process_where_it_is_told_to(env: dict[str, str]) -> None:
    with serving(env) as (first, _), serving(env, "--no-engine") as (second, port):
        assert post(port, BODY, signed("msg_3"))[0] == 200
        with serving_fails(env, "--tenant", "fjordbank") as done:
            assert done.returncode == 5
            assert "--no-engine" in done.stderr
        assert ended(second) == (0, "")
        assert ended(first) == (0, "")


@contextmanager
def serving_fails(env: Mapping[str, str], *arguments: str) -> Iterator[subprocess.CompletedProcess[str]]:
    yield qmap("serve", "--port", "0", *arguments, env=env, timeout=30)


def test_what_keeps_it_from_listening_is_said_in_a_line(env: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = qmap("serve", "--port", port, "--no-engine", env=env)
        assert (done.returncode, done.stdout) == (5, "")
        assert f"cannot listen at 127.0.0.1:{port}: address already in use" in done.stderr
    for arguments, code, words in (
        (("--host", "no.such.host.invalid"), 5, "cannot listen at no.such.host.invalid"),
        (("--tenant", "fjordbnk"), 2, "fjordbank"),
        (("--port", "70000"), 2, "--port"),
    ):
        with serving_fails(env, *arguments) as done:
            assert done.returncode == code, done.stderr
            assert words in done.stderr
            assert "Traceback" not in done.stderr
    empty = qmap("serve", env=environment(tmp_path / "empty"))
    assert empty.returncode == 5
    assert "qmap publish" in empty.stderr


def test_a_secret_that_is_not_set_is_complained_of_and_everything_is_refused(env: dict[str, str]) -> None:
    without = {name: value for name, value in env.items() if name != "QMAP_SECRET_FJORDBANK__WAREHOUSE_IN"}
    with serving(without, "--no-engine") as (process, port):
        assert post(port, BODY, signed("msg_4"))[0] == 401
        code, complaint = ended(process)
        assert code == 0
        assert "nothing is accepted for fjordbank/warehouse: secret `warehouse-in` is not set" in complaint
        assert "whsec" not in complaint


def test_who_sends_nothing_or_no_http_is_let_go(env: dict[str, str]) -> None:
    with serving(env, "--no-engine") as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as silent:
            silent.sendall(b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            with socket.create_connection(("127.0.0.1", port), timeout=5) as rude:
                rude.sendall(b"\x16\x03\x01\x00\xff\r\n\r\n")
                assert rude.recv(100).startswith(b"HTTP/1.1 400")
            assert post(port, BODY, signed("msg_5"))[0] == 200
            assert silent.recv(100) == b""
        assert ended(process)[0] == 0


def test_a_call_that_fits_no_company_is_decided_on_the_page(env: dict[str, str]) -> None:
    token = qmap("tokens", "mint", "-t", "fjordbank", "--subject", "Ana Berg", env=env).stdout.strip()
    with serving(env) as (process, port), httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as ana:
        assert post(port, BODY, signed("msg_review_1"))[0] == 200
        assert ana.get("/review").status_code == 401
        assert ana.post("/review/login", data={"token": token}, headers=OURS).headers["location"] == "/review"
        queue = ana.get("/review").text
        assert "Nobody AS" in queue
        case = re.search(r'href="(/review/cases/[^"]+)"', queue)
        assert case is not None
        page = ana.get(case[1]).text
        assert "Which of our companies is" in page
        form = dict(re.findall(r'name="(csrf|version)" value="([^"]+)"', page.partition('class="answers"')[2]))
        answer = ana.post(f"{case[1]}/answer", data={**form, "choice": "reject"}, headers=OURS)
        assert answer.status_code == 303, answer.text
        assert "It stays unmatched, and nothing is bookmarked." in ana.get("/review").text
        assert "Nothing waits for you" in ana.get("/review").text
        told = qmap("review", "list", "-t", "fjordbank", "--all", env=env).stdout
        assert "reject" in told
        assert ana.get("/review/history").text.count("web:Ana Berg") == 1
        assert ended(process) == (0, "")


def test_a_token_of_a_tenant_that_is_not_served_opens_nothing(env: dict[str, str]) -> None:
    token = qmap("tokens", "mint", "-t", "acme", "--subject", "Ana Berg", env=env).stdout.strip()
    with (
        serving(env, "--no-engine") as (_, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as ana,
    ):
        assert ana.post("/review/login", data={"token": token}, headers=OURS).status_code == 303
        assert ana.get("/review").status_code == 404
