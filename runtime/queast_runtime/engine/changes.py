"""What `changed(path)` is answered from: keyed hashes of single values, kept with what was delivered.

The answers stand in an event's roots under `CHANGED`, beside the entities; generated code and interpreter read them
there like any field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from queast_compiler.plan.ir import CHANGED
from queast_runtime.engine.projection import projection_hash

Hashes = Mapping[str, str]
NOTHING_DELIVERED: Final[Hashes] = {}


def path_hashes(roots: Mapping[str, Any], paths: tuple[str, ...], key: bytes) -> dict[str, str]:
    """Return the keyed hash of the value at each dotted path; missing and null are one value.

    The path is part of what is hashed, so that equal values at two paths cannot be told to be equal.
    """
    return {path: projection_hash([path, _value_at(roots, path)], key) for path in paths}


def with_answers(roots: Mapping[str, Any], now: Hashes, delivered: Hashes) -> dict[str, Any]:
    """Add to the roots, for each path of `now`, whether its value differs from what was delivered.

    What was never delivered has changed.
    """
    return {**roots, CHANGED: {path: delivered.get(path) != hash_ for path, hash_ in now.items()}}


def settled(roots: Mapping[str, Any], now: Hashes) -> dict[str, Any]:
    """Add the answers as they will be once this is delivered: nothing has changed since."""
    return {**roots, CHANGED: dict.fromkeys(now, False)}


def _value_at(roots: Mapping[str, Any], path: str) -> Any:
    value: Any = roots
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
