"""Anybody's bytes at the door: one answer for what nobody signed, whatever it is (D6.4)."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import os
import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from inbound.place import REFUSED, Place, called, highlight, secret_of
from queast_runtime.observability.log import log_to
from queast_runtime.security.signatures import sign, signing_key

BODY = highlight("Acme", domain="acme.example")
PATH = "/v1/inbound/north/warehouse"


def known(place: Place) -> Place:
    place.know("north", id="c_1", name="Acme ASA", domain="acme.example")
    return place


def changed(headers: Sequence[tuple[bytes, bytes]], **values: bytes | None) -> list[tuple[bytes, bytes]]:
    wanted = {name.replace("_", "-").encode(): value for name, value in values.items()}
    kept = [(name, value) for name, value in headers if name not in wanted]
    return [*kept, *((name, value) for name, value in wanted.items() if value is not None)]


def test_every_vector_is_answered_as_it_expects(place: Place) -> None:
    """D6.4"""
    folder = os.environ.get("QMAP_BADINPUT")
    if not folder:
        pytest.skip("QMAP_BADINPUT names no folder of hostile input")
    lines = (Path(folder) / "dev" / "webhooks" / "vectors.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for number, row in enumerate(map(json.loads, lines)):
        place.clock.at = datetime.fromtimestamp(row["now"], UTC)
        # A connection of its own for each row: the rows share one id, and a door remembers ids.
        place.secrets.values["north", "warehouse-in"] = " ".join(row["keys"])
        with place.store.transaction() as tx:
            tx.expire_receipts("north", datetime.max.replace(tzinfo=UTC))
        headers = [(name.encode(), value.encode()) for name, value in row["headers"].items()]
        answer = place.post(base64.b64decode(row["body_b64"]), headers)
        if row["expect"] == "accept":
            assert (answer.status, answer.body) == (200, b'{"received":true}'), (number, row["name"])
        else:
            assert answer == REFUSED, (number, row["name"])
    assert place.bookmarks() == ()


def test_a_signed_body_that_is_no_strict_json_is_refused_like_a_forgery(place: Place) -> None:
    for body in (
        b"hello",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1,"a":2}',
        b'{"\\ud800":1}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":1} {}',
        b"[" * 33 + b"]" * 33,
        b'{"a":"\n"}',
        b" ",
    ):
        assert place.send(body, "msg_1") == REFUSED, body
    assert place.receipt("msg_1") is None


def test_a_signed_message_that_is_no_highlight_is_acknowledged_and_ignored(place: Place) -> None:
    known(place)
    bodies = (
        b"",
        b"{}",
        b"[]",
        b'"text"',
        b'{"type":"company.updated","id":"x"}',
        b'{"type":"company.interest_highlighted","id":"x"}',
    )
    for number, body in enumerate(bodies):
        assert place.send(body, f"msg_{number}").status == 200, body
        receipt = place.receipt(f"msg_{number}")
        assert receipt is not None
        assert receipt.outcome == "ignored", body
    assert place.bookmarks() == place.reviews() == ()


def test_a_signed_highlight_that_cannot_be_read_is_refused_and_may_be_sent_again_mended(place: Place) -> None:
    known(place)
    bodies = (
        b'{"type":"company.interest_highlighted","id":"x","company":"Acme"}',
        highlight("Acme").replace(b'"id": "hl_1", ', b""),
        highlight(" "),
        highlight("Acme\x07"),
        highlight("A" * 201),
        BODY.replace(b"2025-10-09T08:00:00Z", b"2025-10-09T08:00:00"),
        BODY.replace(b"2025-10-09T08:00:00Z", b"yesterday"),
    )
    for number, body in enumerate(bodies):
        assert place.send(body, f"msg_{number}") == REFUSED, body
        assert place.receipt(f"msg_{number}") is None
    assert place.bookmarks() == place.reviews() == ()
    assert place.send(BODY, "msg_0").status == 200
    assert len(place.bookmarks()) == 1


def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(place: Place) -> None:
    known(place)
    largest = BODY[:-1] + b" " * (64 * 1024 - len(BODY)) + b"}"
    assert place.send(largest, "msg_1").status == 200
    answer = place.send(largest + b" ", "msg_2")
    assert (answer.status, answer.body) == (REFUSED.status, REFUSED.body)


def test_what_is_not_as_the_scheme_has_it_is_refused(place: Place) -> None:
    headers = known(place).signed(BODY, "msg_1")
    signature = dict(headers)[b"webhook-signature"]
    for wrong in (
        changed(headers, content_encoding=b"gzip"),
        changed(headers, content_encoding=b"identity"),
        [*headers, (b"webhook-id", b"msg_1")],
        [*headers, (b"Webhook-Signature", signature)],
        changed(headers, webhook_signature=None),
        changed(headers, webhook_id=b"msg_1 "),
        changed(headers, webhook_timestamp=b" 1760000000"),
        place.signed(BODY, "msg_1", age_s=301),
        place.signed(BODY, "msg_1", age_s=-301),
        [],
    ):
        assert place.post(BODY, wrong) == REFUSED
    assert place.bookmarks() == ()
    assert place.post(BODY, changed(headers, webhook_signature=b"v1a,AAAA " + signature)).status == 200


def test_both_keys_hold_while_one_replaces_the_other_and_a_third_is_refused(place: Place) -> None:
    """D6.1"""
    known(place)
    old, new, other = (secret_of("north", name) for name in ("warehouse", "new", "other"))
    headers = place.signed(BODY, "msg_1")
    place.secrets.values["north", "warehouse-in"] = f"{new}\n{old}\n"
    assert place.post(BODY, headers).status == 200
    place.secrets.values["north", "warehouse-in"] = new
    assert place.post(BODY, place.signed(BODY, "msg_2")) == REFUSED
    for unusable in (f"{new} {old} {other}", "", "whsec_AAAA", "whsec_" + "A" * 43 + "!"):
        place.secrets.values["north", "warehouse-in"] = unusable
        assert place.post(BODY, place.signed(BODY, "msg_3")) == REFUSED
    del place.secrets.values["north", "warehouse-in"]
    assert place.post(BODY, place.signed(BODY, "msg_3")) == REFUSED


def test_a_key_of_zeros_opens_no_connection_that_is_not_there(place: Place) -> None:
    at = int(place.clock.now().timestamp())
    headers = [
        (b"webhook-id", b"msg_1"),
        (b"webhook-timestamp", str(at).encode()),
        (b"webhook-signature", sign(bytes(32), "msg_1", at, BODY).encode()),
    ]
    for tenant, connection in (("west", "warehouse"), ("north", "silent"), ("..", "%2e"), ("north", "Warehouse")):
        assert place.post(BODY, headers, tenant, connection) == REFUSED


def test_other_addresses_and_methods_are_not_there(place: Place) -> None:
    app = place.app

    def status(path: str, method: str = "POST") -> int:
        return asyncio.run(called(app, path, [], [b""], method)).status

    assert status(PATH, "GET") == status(PATH, "PUT") == 405
    assert status(f"{PATH}/") == status("/v1/inbound/north") == status("/") == 404
    assert status("/healthz", "GET") == 200


def test_a_body_that_does_not_come_or_is_cut_off_is_refused(place: Place) -> None:
    from queast_runtime.web.app import build_app
    from queast_runtime.web.inbound import inbound_routes

    headers = known(place).signed(BODY, "msg_1")
    app = build_app([inbound_routes(place.door, deadline_s=0.05)])

    async def stalled() -> int:
        sent: list[dict[str, object]] = []

        async def receive() -> dict[str, object]:
            await asyncio.sleep(5)
            return {"type": "http.request", "body": BODY, "more_body": False}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await app(
            {"type": "http", "method": "POST", "path": PATH, "headers": headers, "query_string": b""}, receive, send
        )
        return int(str(sent[0]["status"]))

    assert asyncio.run(stalled()) == 401

    async def cut_off() -> int:
        sent: list[dict[str, object]] = []
        parts = [{"type": "http.request", "body": BODY[:9], "more_body": True}, {"type": "http.disconnect"}]

        async def receive() -> dict[str, object]:
            return parts.pop(0)

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await app(
            {"type": "http", "method": "POST", "path": PATH, "headers": headers, "query_string": b""}, receive, send
        )
        return int(str(sent[0]["status"]))

    assert asyncio.run(cut_off()) == 401
    assert place.bookmarks() == ()


def test_when_the_store_fails_the_sender_is_asked_to_come_again(place: Place) -> None:
    headers = known(place).signed(BODY, "msg_1")
    app = place.app
    place.store.close()
    answer = asyncio.run(called(app, PATH, headers, [BODY]))
    assert (answer.status, answer.body) == (503, b'{"error":"try again later"}')


def test_we_accept_what_the_reference_library_signs_and_it_accepts_what_we_do(place: Place) -> None:
    rng = random.Random(8)
    secret = secret_of("north", "warehouse")
    oracle, key = Webhook(secret), signing_key(secret)
    place.clock.at = datetime.now(UTC).replace(microsecond=0)
    at = int(place.clock.at.timestamp())
    app = place.app

    async def all_of_them() -> None:
        for number in range(500):
            name = "".join(rng.choice("aæ中 é'\"&<") for _ in range(rng.randint(1, 40))) + "x"
            body, message_id = highlight(name, number).decode(), f"msg_{number}"
            theirs = [
                (b"webhook-id", message_id.encode()),
                (b"webhook-timestamp", str(at).encode()),
                (b"webhook-signature", oracle.sign(message_id, place.clock.at, body).encode()),
            ]
            assert (await called(app, PATH, theirs, [body.encode()])).status == 200
            ours = {name.decode(): value.decode() for name, value in theirs}
            ours["webhook-signature"] = sign(key, message_id, at, body.encode())
            assert oracle.verify(body.encode(), ours) == json.loads(body)

    asyncio.run(all_of_them())


def test_no_change_to_a_request_is_accepted_and_none_is_a_fault_of_ours(place: Place) -> None:
    """What is accepted differs in nothing that is signed."""
    rng = random.Random(9)
    headers = known(place).signed(BODY, "msg_1")
    app, alphabet = place.app, b"0123456789abcXYZ+/=,. v1\0\r\n\xe9\xff"

    async def all_of_them() -> None:
        for _ in range(3000):
            given, sent = dict(headers), bytearray(BODY)
            what = rng.choice((b"body", b"webhook-id", b"webhook-timestamp", b"webhook-signature"))
            if what == b"body":
                match rng.randrange(3):
                    case 0:
                        sent[rng.randrange(len(sent))] ^= 1 << rng.randrange(8)
                    case 1:
                        del sent[rng.randrange(len(sent)) :]
                    case _:
                        sent.insert(rng.randrange(len(sent)), rng.choice(alphabet))
            else:
                text, at = given[what], rng.randrange(len(given[what]))
                given[what] = (
                    text[:at] + bytes(rng.choices(alphabet, k=rng.randrange(2))) + text[at + rng.randrange(3) :]
                )
            if bytes(sent) == BODY and all(given[name] == value for name, value in headers):
                continue
            answer = await called(app, PATH, list(given.items()), [bytes(sent)])
            # A second signature beside one that fits is no change to what is signed.
            fits = dict(headers)[b"webhook-signature"] in given[b"webhook-signature"].split(b" ")
            same = bytes(sent) == BODY and given[b"webhook-id"] == b"msg_1" and what == b"webhook-signature"
            assert answer == REFUSED or (answer.status == 200 and fits and same), (given, bytes(sent))

    asyncio.run(all_of_them())


def test_the_reference_library_refuses_what_we_refuse_of_other_keys(place: Place) -> None:
    headers = known(place).signed(BODY, "msg_1", "south", "warehouse")
    assert place.post(BODY, headers) == REFUSED
    place.clock.at = datetime.now(UTC)
    given = {name.decode(): value.decode() for name, value in place.signed(BODY, "msg_1", "south", "warehouse")}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of("north", "warehouse")).verify(BODY, given)


def _deliver(place: Place, deliveries: int, threads: int, seed: int) -> tuple[int, int]:
    """Post highlights of as many companies, each one to four times, in any order; return posts and bookmarks."""
    rng = random.Random(seed)
    with place.store.transaction():
        pass
    for start in range(0, deliveries, 500):
        _know_many(place, range(start, min(start + 500, deliveries)))
    door = place.door
    work: list[tuple[bytes, list[tuple[bytes, bytes]]]] = []
    for number in range(deliveries):
        body = highlight(f"Company {number}", number, domain=f"company-{number}.example")
        for _ in range(rng.choice((1, 1, 2, 3, 4))):
            work.append((body, place.signed(body, f"msg_{number}")))
        if rng.random() < 0.2:
            # The same company marked once more, under an id of its own.
            work.append((body, place.signed(body, f"more_{number}")))
    rng.shuffle(work)
    shares = [work[n::threads] for n in range(threads)]
    outcomes: list[str] = []
    start_line = threading.Barrier(threads)

    def run(share: list[tuple[bytes, list[tuple[bytes, bytes]]]]) -> None:
        async def post() -> None:
            for at in range(0, len(share), 8):
                came = await asyncio.gather(
                    *(door.take("north", "warehouse", headers, body) for body, headers in share[at : at + 8])
                )
                outcomes.extend(came)

        start_line.wait()
        asyncio.run(post())

    running = [threading.Thread(target=run, args=(share,)) for share in shares]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert outcomes == ["accepted"] * len(work)
    return len(work), len(place.bookmarks())


def _know_many(place: Place, numbers: range) -> None:
    from queast_runtime.matching.own import own_record
    from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES

    with place.store.transaction() as tx:
        for number in numbers:
            state = {"id": f"c_{number}", "name": f"Company {number}", "domain": f"company-{number}.example"}
            tx.put_entity("north", "company", state["id"], 1, json.dumps(state).encode(), place.clock.now())
            tx.put_mirror_record("north", OWN_ACCOUNT, OWN_COMPANIES, own_record(state["id"], state))


def test_a_thousand_deliveries_with_repeats_on_eight_threads_make_one_bookmark_each(place: Place) -> None:
    """D1.2"""
    posts, bookmarks = _deliver(place, 1_000, 8, 11)
    assert posts > 1_500
    assert bookmarks == 1_000
    assert len({each.company_id for each in place.bookmarks()}) == 1_000


@pytest.mark.soak
def test_ten_thousand_deliveries_with_repeats_on_sixteen_threads_make_one_bookmark_each(place: Place) -> None:
    """D1.2"""
    assert _deliver(place, 10_000, 16, 12)[1] == 10_000


def test_the_log_says_what_happened_and_nothing_that_anybody_sent(place: Place) -> None:
    known(place)
    stream = io.StringIO()
    before = logging.getLogger("queast").handlers[:]
    log_to(stream, logging.INFO)
    try:
        place.send(highlight("Canary AS", domain="canary.example", note="kanari@canary.example"), "canary-id")
        place.send(highlight("Other", domain="canary.example"), "canary-id")
        place.send(b'{"canary":NaN}', "canary-id-2")
        place.post(b"canary", [(b"webhook-id", b"canary")], "canary-tenant", "canary")
        place.send(BODY, "msg_1")
    finally:
        logging.getLogger("queast").handlers[:] = before
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines].count("inbound refused") == 3
    assert {"inbound taken", "inbound refused"} == {line["event"] for line in lines}
    assert "anar" not in stream.getvalue()
    assert BODY.decode() not in stream.getvalue()


def test_what_is_stored_of_a_message_is_no_plain_hash_of_its_body(place: Place) -> None:
    import hashlib

    place.send(BODY, "msg_1")
    receipt = place.receipt("msg_1")
    assert receipt is not None
    assert receipt.body_hash != hashlib.sha256(BODY).hexdigest()
    assert place.door.hash_key not in repr(place.door).encode()
    other = replace(place.door, hash_key=b"i" * 32)
    assert asyncio.run(other.take("north", "warehouse", place.signed(BODY, "msg_1"), BODY)) == "refused"
