"""The demo's inbound half: highlights posted to a `qmap serve` that listens, and what they ought to have brought about.

What is sent is worked out from the event files alone, as the other expectations are: companies that the files tell of,
by the domain that only one of them has; names without a domain; companies that nobody knows; forgeries.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.cli.demo.children import reason_of
from queast_runtime.cli.demo.compare import Verdict
from queast_runtime.cli.demo.doubles import Doubles
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import say
from queast_runtime.ports.store import Snapshot
from queast_runtime.security.secrets import secret_variable
from queast_runtime.security.signatures import sign, signing_key

JsonObject = dict[str, Any]

_KNOWN: Final = 24
_BY_NAME: Final = 4
_TWICE: Final = 3  # every third is sent twice
_AGAIN: Final = 4  # every fourth company is marked once more
_STRANGERS: Final = ("Ukjent Fjellbruk AS", "Hvemvet Holding ASA", "Ingensteds Rederi AS")
_WAIT_S: Final = 30


@dataclass(frozen=True, slots=True)
class Post:
    """A request to make. `company_id` is who it is surely about; None: a person has to say. `is_forged`: it must be
    refused, whatever it says. `key` signs it; `age_s` is how old it claims to be."""

    message_id: str
    body: bytes
    key: bytes
    company_id: str | None
    is_forged: bool = False
    age_s: int = 0
    sent: bytes | None = None


@dataclass(slots=True)
class Received:
    """What was posted, how it was answered, and what the store holds then."""

    tenant: str
    connection: str
    posted: int = 0
    accepted: int = 0
    refused: int = 0
    repeated: int = 0
    bookmarks: int = 0
    waiting: int = 0
    verdict: Verdict = field(default_factory=Verdict)


def posts_for(lines: Iterable[str], valid: Callable[[JsonObject], bool], key: bytes) -> list[Post]:
    """Return what is posted, in order, repeats and forgeries among it."""
    companies = _companies(lines, valid)
    domains = Counter(_domain(each) for each in companies.values())
    names = Counter(each["name"].casefold() for each in companies.values())
    sure = [each for each in companies.values() if domains[_domain(each)] == 1 and _domain(each)][:_KNOWN]
    named = [each for each in companies.values() if names[each["name"].casefold()] == 1][-_BY_NAME:]
    posts: list[Post] = []
    for number, each in enumerate(sure):
        seen = {"name": each["name"], "domain": f"https://www.{_domain(each)}/", "country": each.get("country")}
        post = Post(f"demo-known-{number}", _body(number, seen, "starred in the demo"), key, each["id"])
        posts += [post, post] if number % _TWICE == 0 else [post]
        if number % _AGAIN == 0:
            posts.append(Post(f"demo-again-{number}", _body(number + 500, seen, None), key, each["id"]))
    posts += [
        Post(f"demo-named-{number}", _body(number + 1000, {"name": each["name"]}, None), key, None)
        for number, each in enumerate(named)
    ]
    posts += [
        Post(f"demo-stranger-{number}", _body(number + 2000, {"name": name}, None), key, None)
        for number, name in enumerate(_STRANGERS)
    ]
    return posts + _forged(posts, sure, key)


def _forged(posts: Sequence[Post], companies: Sequence[JsonObject], key: bytes) -> list[Post]:
    """Signed with another key, altered after it was signed, too old, too new, unsigned, under a used id."""
    target = next((each for each in companies), {"name": "Nobody", "id": ""})
    body = _body(3000, {"name": target["name"], "domain": _domain(target)}, "forged")
    altered = body.replace(b"forged", b"FORGED")
    other = posts[0] if posts else Post("demo-known-0", body, key, None)
    return [
        Post("demo-forged-key", body, secrets.token_bytes(32), None, is_forged=True),
        Post("demo-forged-body", body, key, None, is_forged=True, sent=altered),
        Post("demo-forged-old", body, key, None, is_forged=True, age_s=3600),
        Post("demo-forged-new", body, key, None, is_forged=True, age_s=-3600),
        Post(other.message_id, body, key, None, is_forged=True),
        Post("demo-forged-json", b'{"a":1,"a":2}', key, None, is_forged=True),
    ]


def post_highlights(
    tenant: str, connection: str, posts: Sequence[Post], key: bytes, state: Path, doubles: Doubles
) -> Received:
    """Post everything to a process that listens; count the answers."""
    received = Received(tenant, connection)
    secret = "whsec_" + base64.b64encode(key).decode()
    env = {**os.environ, **doubles.env, "QMAP_STATE": str(state), secret_variable(tenant, f"{connection}-in"): secret}
    say(f"posting {len(posts)} highlights to {tenant}/{connection}, some twice, some forged")
    seen: set[tuple[str, bytes]] = set()
    with _listening(tenant, env) as address, httpx.Client(timeout=_WAIT_S, trust_env=False) as client:
        for post in posts:
            status = client.post(
                f"{address}/v1/inbound/{tenant}/{connection}", content=post.sent or post.body, headers=_headers(post)
            ).status_code
            received.posted += 1
            received.accepted += status == 200
            received.refused += status == 401
            received.repeated += status == 200 and (post.message_id, post.body) in seen
            seen.add((post.message_id, post.body))
            if status != (401 if post.is_forged else 200):
                received.verdict.surprise(f"highlight {post.message_id} was answered with {status}")
    return received


def compare_highlights(view: Snapshot, received: Received, posts: Sequence[Post], plans: Iterable[MappingPlan]) -> None:
    """Hold the bookmarks and what waits against what was posted: each company once for each owner, nobody else."""
    verdict = received.verdict
    owners = {f"{each.then.owner.kind}:{each.then.owner.name}" for plan in plans for each in plan.receive}
    wanted = {(post.company_id, owner) for post in posts if post.company_id is not None for owner in owners}
    doubtful = {post.message_id for post in posts if post.company_id is None and not post.is_forged}
    held = [each for each in view.ensured_bookmarks(received.tenant) if each.connection == received.connection]
    received.bookmarks = len(held)
    found = Counter((each.company_id, each.owner) for each in held)
    for company_id, owner in wanted:
        if not found[company_id, owner]:
            verdict.lose(f"bookmark of company {company_id}")
    for each in held:
        # What waited may have been answered by a person since, where the demo's state is kept.
        if (each.company_id, each.owner) not in wanted and each.message_id not in doubtful:
            verdict.surprise(f"bookmark of company {each.company_id}")
    for (company_id, _), times in found.items():
        if times > 1:
            verdict.duplicate(f"bookmark of company {company_id}", times - 1)
    for message_id in sorted(doubtful):
        receipt = view.inbound_receipt(received.tenant, received.connection, message_id)
        if receipt is None:
            verdict.lose(f"highlight {message_id}")
        else:
            received.waiting += receipt.outcome == "waiting"
    for post in posts:
        receipt = view.inbound_receipt(received.tenant, received.connection, post.message_id)
        if post.is_forged and post.message_id.startswith("demo-forged") and receipt is not None:
            verdict.surprise(f"highlight {post.message_id} left a receipt")


def secret_of(received: Received, posts: Sequence[Post]) -> tuple[str, str]:
    """Return the variable and the value of the secret that a connection's sender signs with."""
    key = next(post.key for post in posts if not post.is_forged)
    name = secret_variable(received.tenant, f"{received.connection}-in")
    return name, "whsec_" + base64.b64encode(key).decode()


def new_key() -> bytes:
    return signing_key("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def _headers(post: Post) -> dict[str, str]:
    at = int(time.time()) - post.age_s
    return {
        "content-type": "application/json",
        "webhook-id": post.message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(post.key, post.message_id, at, post.body),
    }


def _body(number: int, company: Mapping[str, Any], note: str | None) -> bytes:
    value = {
        "id": f"demo-{number}",
        "type": "company.interest_highlighted",
        "occurred_at": "2026-01-09T08:00:00Z",
        "company": company,
        "note": note,
    }
    return json.dumps(value, ensure_ascii=False).encode()


def _companies(lines: Iterable[str], valid: Callable[[JsonObject], bool]) -> dict[str, JsonObject]:
    """Companies by id as last told, without any that was deleted, erased or barred: what is sure must stay sure."""
    told: dict[str, JsonObject] = {}
    gone: set[str] = set()
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if not isinstance(event, dict) or not valid(event):
            continue
        kind, data = event["type"].rpartition(".")[2], event["data"]
        entity = event["type"].split(".")[1]
        for each in (data.get("company"), (data.get(entity) or {}).get("company")):
            if isinstance(each, dict) and each["sequence"] >= told.get(each["id"], {"sequence": -1})["sequence"]:
                told[each["id"]] = each
        if entity == "company" and kind in ("deleted", "erased", "opted_out"):
            gone.add(data["company"]["id"])
    return {each: company for each, company in told.items() if each not in gone}


def _domain(company: Mapping[str, Any]) -> str:
    text = str(company.get("domain") or "").lower()
    return text.removeprefix("www.")


@contextmanager
def _listening(tenant: str, env: Mapping[str, str]) -> Iterator[str]:
    """Run `qmap serve` for the time of the block; yield its address."""
    command = [sys.executable, "-m", "queast_runtime.cli", "serve", "--no-engine", "--port", "0", "--tenant", tenant]
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [*command, "--format", "json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(env),
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip():
            _, complaint = process.communicate(timeout=_WAIT_S)
            raise CommandError(Exit.ENVIRONMENT, f"qmap serve does not start: {reason_of(complaint)}")
        yield json.loads(line)["address"]
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
