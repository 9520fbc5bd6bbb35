"""Standard Webhooks, `v1`: HMAC-SHA256 over id, time and body, with a 32-byte key for each endpoint (D6.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

KEY_BYTES = 32
TOLERANCE_S = 300
_PREFIX = "whsec_"
# No dot: it separates what is signed, so an id that held one could be cut in two places.
_ID = re.compile(r"[!-\-/-~]{1,256}", re.ASCII)
_TIMESTAMP = re.compile(r"(0|[1-9][0-9]{0,11})", re.ASCII)
_MAX_SIGNATURES = 16


class SigningKeyInvalid(ValueError):
    """A signing secret is not `whsec_` and the base64 of 32 bytes. The message never holds the value."""


class SignatureRefused(ValueError):
    """A request is not what the holder of the key signed, or not now."""


def signing_key(secret: str) -> bytes:
    """Return the key of a `whsec_…` secret. Raises SigningKeyInvalid."""
    if not secret.startswith(_PREFIX):
        raise SigningKeyInvalid("signing secret does not begin with whsec_")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SigningKeyInvalid("signing secret is not base64 after whsec_") from None
    if len(key) != KEY_BYTES:
        raise SigningKeyInvalid(f"signing secret holds {len(key)} bytes, {KEY_BYTES} are needed")
    return key


def sign(key: bytes, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    """Return the value of `webhook-signature` for a request. The id is printable ASCII without a dot."""
    return "v1," + base64.b64encode(_digest(key, webhook_id, str(timestamp_s), body)).decode("ascii")


def verify(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now_s: int) -> str:
    """Return the webhook-id of a request that one of the keys signed within 300 s of `now_s`.

    `headers` have lower-case names. Raises SignatureRefused for anything else, whatever the bytes are.
    """
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if _ID.fullmatch(webhook_id) is None or _TIMESTAMP.fullmatch(timestamp) is None:
        raise SignatureRefused("webhook-id or webhook-timestamp is missing or malformed")
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        raise SignatureRefused("webhook-timestamp is too far from now")
    signatures = [_decoded(each) for each in given.split(" ")[:_MAX_SIGNATURES]] if given.isascii() else []
    expected = [_digest(key, webhook_id, timestamp, body) for key in keys]
    # Every pair is compared, so that the time taken tells nothing about which key or signature fitted.
    fits = [hmac.compare_digest(each, signature) for each in expected for signature in signatures if signature]
    if not any(fits):
        raise SignatureRefused("no signature fits")
    return webhook_id


def _digest(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    signed = b".".join((webhook_id.encode("ascii"), timestamp.encode("ascii"), body))
    return hmac.digest(key, signed, hashlib.sha256)


def _decoded(signature: str) -> bytes | None:
    version, _, encoded = signature.partition(",")
    if version != "v1" or len(encoded) != 44:
        return None
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # A second spelling of the same bytes is another message: only the canonical one counts.
    return decoded if base64.b64encode(decoded).decode("ascii") == encoded else None
