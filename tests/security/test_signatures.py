"""Standard Webhooks signatures (D6.1), crosswise with the reference library."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from queast_runtime.security.signatures import (
    SignatureRefused,
    SigningKeyInvalid,
    sign,
    signing_key,
    verify,
)

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
KEY = signing_key(SECRET)
NOW = 1_760_000_000


def headers(webhook_id: str, timestamp: int, signature: str) -> dict[str, str]:
    return {"webhook-id": webhook_id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def test_what_we_sign_the_reference_library_accepts_and_the_other_way_round() -> None:
    rng = random.Random(3)
    now = int(datetime.now(UTC).timestamp())
    for number in range(500):
        body = "".join(rng.choice('aæ{}":,. \\n\u4f60') for _ in range(rng.randint(0, 200))).encode()
        key = rng.randbytes(32)
        oracle = Webhook("whsec_" + base64.b64encode(key).decode())
        ours = headers(f"msg_{number}", now, sign(key, f"msg_{number}", now, body))
        # The library reads the body once the signature held, and these bodies are no JSON.
        with contextlib.suppress(json.JSONDecodeError):
            oracle.verify(body, ours)
        theirs = oracle.sign(f"msg_{number}", datetime.fromtimestamp(now, UTC), body.decode())
        assert verify([key], headers(f"msg_{number}", now, theirs), body, now) == f"msg_{number}"


def test_every_vector_is_accepted_or_refused_as_marked() -> None:
    folder = os.environ.get("QMAP_BADINPUT")
    if not folder:
        pytest.skip("QMAP_BADINPUT names no folder of hostile input")
    lines = (Path(folder) / "dev" / "webhooks" / "vectors.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, lines):
        given = {name.lower(): value for name, value in row["headers"].items()}
        try:
            verify([signing_key(each) for each in row["keys"]], given, base64.b64decode(row["body_b64"]), row["now"])
            accepted = True
        except (SignatureRefused, SigningKeyInvalid):
            accepted = False
        # Some rows are refused for their body, after the signature held.
        assert accepted is (row["expect"] != "reject"), row["name"]


def test_no_mutation_of_what_was_signed_is_accepted_and_none_escapes_the_verifier() -> None:
    rng = random.Random(5)
    body = b'{"type":"queast.company.updated"}'
    good = headers("msg_1", NOW, sign(KEY, "msg_1", NOW, body))
    alphabet = "0123456789abcXYZ+/=,. v\0\r\né\u2028"
    for _ in range(5000):
        given, sent = dict(good), bytearray(body)
        name = rng.choice([*good, "body"])
        if name == "body":
            sent[rng.randrange(len(sent))] ^= 1 << rng.randrange(8)
        else:
            text = given[name]
            at = rng.randrange(len(text))
            given[name] = text[:at] + rng.choice(["", rng.choice(alphabet)]) + text[at + rng.randint(0, 2) :]
        if given == good and bytes(sent) == body:
            continue
        try:
            verify([KEY], given, bytes(sent), NOW)
        except SignatureRefused:
            continue
        # Another signature beside the right one is allowed by the standard; the signed bytes are the same.
        assert (given["webhook-id"], given["webhook-timestamp"], bytes(sent)) == ("msg_1", str(NOW), body)


@pytest.mark.parametrize(("skew", "accepted"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_the_time_may_differ_by_five_minutes(skew: int, accepted: bool) -> None:
    given = headers("msg_1", NOW + skew, sign(KEY, "msg_1", NOW + skew, b"{}"))
    if accepted:
        assert verify([KEY], given, b"{}", NOW) == "msg_1"
    else:
        with pytest.raises(SignatureRefused, match="too far"):
            verify([KEY], given, b"{}", NOW)


def test_during_a_rotation_either_key_fits() -> None:
    old, new = bytes(32), bytes(range(32))
    given = headers("msg_1", NOW, sign(old, "msg_1", NOW, b"{}") + " " + sign(new, "msg_1", NOW, b"{}"))
    assert verify([new], given, b"{}", NOW) == verify([old], given, b"{}", NOW) == "msg_1"
    with pytest.raises(SignatureRefused):
        verify([b"x" * 32], given, b"{}", NOW)


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "AAEC", "whsec_AAEC", "whsec_" + "A" * 43, "whsec_!" + "A" * 43, SECRET + "AAAA", SECRET.upper()],
)
def test_a_key_that_is_not_32_bytes_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(SigningKeyInvalid) as caught:
        signing_key(secret)
    rest = secret.removeprefix("whsec_")
    assert not rest or rest not in str(caught.value)
