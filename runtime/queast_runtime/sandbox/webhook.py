"""The webhook receiver: verifies Standard Webhooks signatures and remembers every message it took."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply, instant
from queast_runtime.sandbox.state import State

_TOLERANCE_S = 300
_MAX_BODY = 262_144
_SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix, not a secret


class WebhookReceiver:
    """Takes POSTs on any path. `secret` is a `whsec_` key of 24 to 64 bytes. Raises ValueError for another one."""

    name = "webhook"

    def __init__(self, state: State, *, secret: str) -> None:
        self._state = state
        self._key = _key(secret)

    def answer(self, call: Call) -> Reply:
        if call.method != "POST":
            return self._refuse(405, "wrong_method", call, f"{call.method} is not allowed here")
        missing = [
            name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not call.headers.get(name)
        ]
        if missing:
            return self._refuse(401, "missing_header", call, f"the header {missing[0]} is missing")
        message_id = call.headers["webhook-id"]
        if re.fullmatch(r"[A-Za-z0-9_\-]{1,256}", message_id) is None:
            return self._refuse(
                400, "bad_id", call, "webhook-id must be 1 to 256 letters, digits, - or _, without a dot"
            )
        stamp = call.headers["webhook-timestamp"]
        if re.fullmatch(r"\d{1,12}", stamp) is None:
            return self._refuse(401, "bad_timestamp", call, "webhook-timestamp must be whole seconds since 1970")
        if abs(call.at.timestamp() - int(stamp)) > _TOLERANCE_S:
            return self._refuse(401, "stale_timestamp", call, f"webhook-timestamp is more than {_TOLERANCE_S} s away")
        if not self._is_signed(call, message_id, stamp):
            return self._refuse(401, "bad_signature", call, "no v1 signature of this message matches")
        if not call.is_json():
            return self._refuse(415, "content_type", call, "content-type must be application/json")
        if len(call.body) > _MAX_BODY:
            return self._refuse(413, "too_large", call, f"the body is larger than {_MAX_BODY} bytes")
        try:
            body = json.loads(call.body)
        except ValueError:
            return self._refuse(400, "malformed_json", call, "the body is not JSON")
        if not isinstance(body, dict):
            return self._refuse(400, "malformed_json", call, "the body is not a JSON object")
        self._remember(message_id, body, call)
        return Reply(202, {"accepted": True})

    def is_batch_write(self, _call: Call, /) -> bool:
        return False

    def is_plain_create(self, _call: Call, /) -> bool:
        return False

    def throttled(self, wait_s: int, *, daily: bool) -> Reply:
        return Reply(429, {"error": "too many requests", "for_today": daily}, (("Retry-After", str(wait_s)),))

    def broken(self, status: int) -> Reply:
        return Reply(status, {"error": "out of order"})

    def _is_signed(self, call: Call, message_id: str, stamp: str) -> bool:
        signed = f"{message_id}.{stamp}.".encode() + call.body
        expected = hmac.new(self._key, signed, hashlib.sha256).digest()
        for entry in call.headers["webhook-signature"].split(" "):
            version, _, value = entry.partition(",")
            if version != "v1":
                continue
            try:
                given = base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                continue
            if hmac.compare_digest(given, expected):
                return True
        return False

    def _remember(self, message_id: str, body: JsonObject, call: Call) -> None:
        digest = hashlib.sha256(call.body).hexdigest()
        known = self._state.get("webhook.messages", message_id)
        self._state.counters["webhook.received"] += 1
        if known is None:
            row: JsonObject = {
                "id": message_id,
                "path": call.path,
                "body": body,
                "body_sha256": digest,
                "received_at": instant(call.at),
                "received": 1,
            }
            self._state.put("webhook.messages", message_id, row)
            return
        if known["body_sha256"] == digest and known["path"] == call.path:
            self._state.counters["webhook.repeats"] += 1
        else:
            self._state.counters["webhook.conflicts"] += 1
            self._state.violation(self.name, "conflicting_repeat", call, f"{message_id} came before with another body")
        self._state.put("webhook.messages", message_id, {**known, "received": known["received"] + 1})

    def _refuse(self, status: int, rule: str, call: Call, detail: str) -> Reply:
        self._state.violation(self.name, rule, call, detail)
        # One constant body for what concerns authenticity: it tells a forger nothing.
        return Reply(status, {"error": "unauthorized" if status == 401 else detail})


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a webhook secret is whsec_ followed by base64") from error
    if not secret.startswith(_SECRET_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("a webhook secret is whsec_ followed by base64 of 24 to 64 bytes")
    return key
