"""A release: which plans a tenant runs, signed. A DSSE envelope (`dsse.py`) over canonical JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.directory import PlanDirectoryError, PlanSet, names_and_digests
from queast_compiler.plan.dsse import EnvelopeRefused, opened, seal, verified

PAYLOAD_TYPE = "application/vnd.queast.release+json"
RELEASE_VERSION = 1
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
    return seal(PAYLOAD_TYPE, payload, key)


def verify(envelope: bytes, keys: Mapping[str, Ed25519PublicKey], tenant: str, last_sequence: int) -> Release:
    """Return the release in `envelope` if one of `keys` (by key id) signed it for `tenant` and it is not older.

    The same sequence as the last one is fine: a restart. Raises ReleaseRefused.
    """
    try:
        payload, signer = verified(envelope, PAYLOAD_TYPE, keys, "the release")
    except EnvelopeRefused as error:
        raise ReleaseRefused(RefusalReason(error.trouble), str(error)) from error
    return _read(payload, signer, tenant, last_sequence)


def _refuse(reason: RefusalReason, message: str) -> NoReturn:
    raise ReleaseRefused(reason, message)


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
    try:
        payload, _ = opened(envelope, PAYLOAD_TYPE, "the release")
    except EnvelopeRefused as error:
        raise ReleaseRefused(RefusalReason(error.trouble), str(error)) from error
    try:
        found: dict[str, Any] = json.loads(payload)
    except ValueError as error:
        raise ReleaseRefused(RefusalReason.MALFORMED, "the release's payload is not JSON") from error
    return found
