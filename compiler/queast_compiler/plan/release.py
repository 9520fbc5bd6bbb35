"""A release: which plans a tenant runs, signed. A DSSE envelope (Ed25519) over canonical JSON.

DSSE signs the pre-authentication encoding of type and payload, so that no byte of either can change; verification
parses nothing of the payload before a signature holds.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.directory import PlanDirectoryError, PlanSet, names_and_digests

PAYLOAD_TYPE = "application/vnd.queast.release+json"
RELEASE_VERSION = 1
MAX_ENVELOPE_BYTES = 4 * 1024 * 1024
MAX_SIGNATURES = 8
_KEYS = {"schema_version", "tenant", "sequence", "created_at", "connections", "mappings", "plans"}
_CREATED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z")


class RefusalReason(StrEnum):
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    ALTERED = "altered"
    OTHER_TENANT = "other_tenant"
    OLDER_SEQUENCE = "older_sequence"
    MALFORMED = "malformed"
    PLAN_MISSING = "plan_missing"
    PLAN_ALTERED = "plan_altered"
    BEYOND_ENGINE = "beyond_engine"


class ReleaseRefused(Exception):
    """A release that is not run. `reason` is closed; the message says what was found and expected."""

    def __init__(self, reason: RefusalReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Release:
    """A verified release. `digest` is that of the signed payload; `plans` lists every plan digest, sorted."""

    tenant: str
    sequence: int
    created_at: str
    connections: Mapping[str, str]
    mappings: Mapping[str, str]
    plans: tuple[str, ...]
    digest: str
    key_id: str


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: `DSSEv1 len(type) type len(payload) payload`."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(key: Ed25519PublicKey) -> str:
    """Return the name of a public key: `sha256:` and the hex digest of its 32 raw bytes."""
    return digest(key.public_bytes_raw())


def sign(plans: PlanSet, *, sequence: int, created_at: datetime, key: Ed25519PrivateKey) -> bytes:
    """Return the envelope of a release of `plans`. `created_at` is aware; `sequence` from 1 must rise by tenant."""
    payload = dumps(
        {
            "schema_version": RELEASE_VERSION,
            "tenant": plans.tenant,
            "sequence": sequence,
            "created_at": created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "connections": dict(plans.connections),
            "mappings": dict(plans.mappings),
            "plans": sorted(plans.data),
        }
    )
    signature = key.sign(pae(PAYLOAD_TYPE, payload))
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode("ascii")}],
    }
    return dumps(envelope) + b"\n"


def verify(envelope: bytes, keys: Mapping[str, Ed25519PublicKey], tenant: str, last_sequence: int) -> Release:
    """Return the release in `envelope` if one of `keys` (by key id) signed it for `tenant` and it is not older.

    The same sequence as the last one is fine: a restart. Raises ReleaseRefused.
    """
    payload, signatures = _open(envelope)
    signer = _signer(payload, signatures, keys)
    return _read(payload, signer, tenant, last_sequence)


def _refuse(reason: RefusalReason, message: str) -> NoReturn:
    raise ReleaseRefused(reason, message)


def _open(envelope: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    if len(envelope) > MAX_ENVELOPE_BYTES:
        _refuse(RefusalReason.MALFORMED, f"the release has {len(envelope)} bytes, at most {MAX_ENVELOPE_BYTES}")
    try:
        outer = loads(envelope.removesuffix(b"\n"))
    except NotCanonical as error:
        raise ReleaseRefused(RefusalReason.MALFORMED, f"the release is {error}") from error
    if not outer.keys() <= {"payloadType", "payload", "signatures"} or "payload" not in outer:
        _refuse(RefusalReason.MALFORMED, "the release is not a DSSE envelope")
    if outer.get("payloadType") != PAYLOAD_TYPE:
        _refuse(RefusalReason.MALFORMED, f"the payload type is not {PAYLOAD_TYPE}")
    listed = outer.get("signatures", [])
    if not isinstance(listed, list) or len(listed) > MAX_SIGNATURES:
        _refuse(RefusalReason.MALFORMED, "the signatures are not a short list")
    if not listed:
        _refuse(RefusalReason.UNSIGNED, "the release carries no signature; publish it with qmap publish")
    return _unbase64(outer["payload"]), [_signature(entry) for entry in listed]


def _signature(entry: Any) -> tuple[str, bytes]:
    if not isinstance(entry, dict) or entry.keys() != {"keyid", "sig"} or not isinstance(entry["keyid"], str):
        _refuse(RefusalReason.MALFORMED, "a signature is not an object of keyid and sig")
    return entry["keyid"], _unbase64(entry["sig"])


def _unbase64(text: Any) -> bytes:
    if not isinstance(text, str):
        _refuse(RefusalReason.MALFORMED, "a value of the envelope is not base64 text")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReleaseRefused(RefusalReason.MALFORMED, "a value of the envelope is not base64 text") from error
    if base64.b64encode(data).decode("ascii") != text:
        # Two spellings of the same bytes would let an envelope change without its signature noticing.
        _refuse(RefusalReason.MALFORMED, "a value of the envelope is not in the one form of base64")
    return data


def _signer(payload: bytes, signatures: Iterable[tuple[str, bytes]], keys: Mapping[str, Ed25519PublicKey]) -> str:
    message = pae(PAYLOAD_TYPE, payload)
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
        _refuse(RefusalReason.ALTERED, "the signature does not fit the release: it was altered after signing")
    _refuse(RefusalReason.UNKNOWN_KEY, "the release is signed by a key that is not trusted here")


def _read(payload: bytes, signer: str, tenant: str, last_sequence: int) -> Release:
    try:
        value = loads(payload)
        if value.keys() != _KEYS or value["schema_version"] != RELEASE_VERSION:
            _refuse(RefusalReason.MALFORMED, "the release is of another version or shape")
        connections = names_and_digests(value["connections"], "the release's connections")
        mappings = names_and_digests(value["mappings"], "the release's mappings")
    except (NotCanonical, PlanDirectoryError) as error:
        raise ReleaseRefused(RefusalReason.MALFORMED, str(error)) from error
    sequence, created = value["sequence"], value["created_at"]
    if type(sequence) is not int or sequence < 1 or not isinstance(created, str) or not _CREATED.fullmatch(created):
        _refuse(RefusalReason.MALFORMED, "the release's sequence or time is not well formed")
    if value["plans"] != sorted({*connections.values(), *mappings.values()}):
        _refuse(RefusalReason.MALFORMED, "the release's list of plans does not fit its names")
    if value["tenant"] != tenant:
        _refuse(RefusalReason.OTHER_TENANT, f"the release belongs to another tenant than {tenant}")
    if sequence < last_sequence:
        _refuse(
            RefusalReason.OLDER_SEQUENCE,
            f"the release has sequence {sequence}, but {last_sequence} ran already; "
            "publish the old plans under a new sequence",
        )
    return Release(tenant, sequence, created, connections, mappings, tuple(value["plans"]), digest(payload), signer)


def describe(envelope: bytes) -> dict[str, Any]:
    """Return the payload of an envelope **without verifying it**, for display. Raises ReleaseRefused (malformed)."""
    payload, _ = _open(envelope)
    try:
        found: dict[str, Any] = json.loads(payload)
    except ValueError as error:
        raise ReleaseRefused(RefusalReason.MALFORMED, "the release's payload is not JSON") from error
    return found
