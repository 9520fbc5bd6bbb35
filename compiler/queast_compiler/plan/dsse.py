"""A DSSE envelope (Ed25519): a payload, its type and who signed the two.

DSSE signs the pre-authentication encoding of type and payload, so that no byte of either can change, and what was
signed as one thing never passes for another; verification parses nothing of the payload before a signature holds.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads

MAX_ENVELOPE_BYTES = 4 * 1024 * 1024
MAX_SIGNATURES = 8
Trouble = Literal["malformed", "unsigned", "unknown_key", "altered"]


class EnvelopeRefused(ValueError):
    """An envelope that does not count. `trouble` is closed; the message names what it was said to be."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: `DSSEv1 len(type) type len(payload) payload`."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(key: Ed25519PublicKey) -> str:
    """Return the name of a public key: `sha256:` and the hex digest of its 32 raw bytes."""
    return digest(key.public_bytes_raw())


def seal(payload_type: str, payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the envelope of a payload in canonical form, with a line break."""
    signature = key.sign(pae(payload_type, payload))
    envelope = {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode("ascii")}],
    }
    return dumps(envelope) + b"\n"


def opened(envelope: bytes, payload_type: str, what: str) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return payload and signatures (key id, bytes), **nothing verified**. `what` is for messages: "the release".

    Raises EnvelopeRefused (malformed, unsigned).
    """
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise EnvelopeRefused("malformed", f"{what} has {len(envelope)} bytes, at most {MAX_ENVELOPE_BYTES}")
    try:
        outer = loads(envelope.removesuffix(b"\n"))
    except NotCanonical as error:
        raise EnvelopeRefused("malformed", f"{what} is {error}") from error
    if not outer.keys() <= {"payloadType", "payload", "signatures"} or "payload" not in outer:
        raise EnvelopeRefused("malformed", f"{what} is not a DSSE envelope")
    if outer.get("payloadType") != payload_type:
        raise EnvelopeRefused("malformed", f"the payload type is not {payload_type}")
    listed = outer.get("signatures", [])
    if not isinstance(listed, list) or len(listed) > MAX_SIGNATURES:
        raise EnvelopeRefused("malformed", "the signatures are not a short list")
    if not listed:
        raise EnvelopeRefused("unsigned", f"{what} carries no signature; publish it with qmap publish")
    return _unbase64(outer["payload"]), [_signature(entry) for entry in listed]


def verified(envelope: bytes, payload_type: str, keys: Mapping[str, Ed25519PublicKey], what: str) -> tuple[bytes, str]:
    """Return the payload and the id of the key among `keys` that signed it. Raises EnvelopeRefused."""
    payload, signatures = opened(envelope, payload_type, what)
    return payload, _signer(pae(payload_type, payload), signatures, keys, what)


def _signature(entry: Any) -> tuple[str, bytes]:
    if not isinstance(entry, dict) or entry.keys() != {"keyid", "sig"} or not isinstance(entry["keyid"], str):
        raise EnvelopeRefused("malformed", "a signature is not an object of keyid and sig")
    return entry["keyid"], _unbase64(entry["sig"])


def _unbase64(text: Any) -> bytes:
    if not isinstance(text, str):
        raise EnvelopeRefused("malformed", "a value of the envelope is not base64 text")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EnvelopeRefused("malformed", "a value of the envelope is not base64 text") from error
    if base64.b64encode(data).decode("ascii") != text:
        # Two spellings of the same bytes would let an envelope change without its signature noticing.
        raise EnvelopeRefused("malformed", "a value of the envelope is not in the one form of base64")
    return data


def _signer(
    message: bytes, signatures: Iterable[tuple[str, bytes]], keys: Mapping[str, Ed25519PublicKey], what: str
) -> str:
    known = False
    for name, signature in signatures:
        key = keys.get(name)
        if key is None:
            continue
        known = True
        try:
            key.verify(signature, message)
        except InvalidSignature:
            continue
        return name
    if known:
        raise EnvelopeRefused("altered", f"the signature does not fit {what}: it was altered after signing")
    raise EnvelopeRefused("unknown_key", f"{what} is signed by a key that is not trusted here")
