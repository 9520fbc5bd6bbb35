"""What a destination was last told, as a keyed hash: an update that would say the same again is not sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from queast_runtime.engine.payload import to_json

# `now()` is no property of the entity, so the projection sees one fixed moment.
TIMELESS: Final = datetime(2000, 1, 1, tzinfo=UTC)


def projection_key(account: str, entity_id: str) -> str:
    """Name what is projected: what one account was told says nothing of the account that takes its place."""
    return f"{account}/{entity_id}"


def projection_hash(values: Any, key: bytes) -> str:
    """Return the keyed BLAKE2b (32 hex digits) of `values` as deterministic JSON."""
    return blake2b(to_json(values), digest_size=16, key=key[:64]).hexdigest()


def without_sequence(value: Any) -> Any:
    """Copy an event's data with every `sequence` as 0: a number that rose says nothing that a receiver would act on.

    It stays in place, not left out, because a body may read it as a required value.
    """
    if isinstance(value, Mapping):
        return {key: 0 if key == "sequence" else without_sequence(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_sequence(inner) for inner in value]
    return value
