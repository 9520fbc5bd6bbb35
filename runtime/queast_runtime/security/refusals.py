"""What was refused: a signed, chained record of each publish, approval and rollback that was not let through.

    STATE/releases/<tenant>/refusals/<number>.json   a DSSE envelope with a payload type of its own

They have numbers of their own: a refusal takes none from the releases, and nothing about it changes what stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.dsse import EnvelopeRefused, opened, seal, verified
from queast_runtime.security.history import Actor, Damaged, numbers_in, time_of, time_text, write_once

PAYLOAD_TYPE: Final = "application/vnd.queast.release-refusal+json"
REFUSAL_VERSION: Final = 1
_FOLDER: Final = "refusals"
_WHAT: Final = "the refusal"
Doing = Literal["publish", "approve", "rollback"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who was refused what, and why. `exit` is the exit code, `accept` the categories that came with the command,
    `about` a mapping, or the id of what waits; None for a publish."""

    tenant: str
    at: datetime
    doing: Doing
    actor: Actor
    exit: int
    why: str
    accept: tuple[str, ...] = ()
    about: str | None = None


def keep_refusal(folder: Path, refusal: Refusal, key: Ed25519PrivateKey) -> None:
    """Append a refusal to those in a tenant's folder of releases. Raises OSError, EnvelopeRefused where the one
    before it is none any more."""
    while True:
        there = numbers_in(folder / _FOLDER)
        number = there[-1] + 1 if there else 1
        previous = _digest(folder, there[-1]) if there else None
        value = {**asdict(refusal), "at": time_text(refusal.at), "number": number, "previous": previous}
        try:
            write_once(
                _path(folder, number), seal(PAYLOAD_TYPE, dumps({**value, "schema_version": REFUSAL_VERSION}), key)
            )
        except FileExistsError:
            # Somebody else was refused at the same moment.
            continue
        return


def read_refusals(
    folder: Path, tenant: str, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[tuple[Refusal, ...], tuple[Damaged, ...]]:
    """Return the refusals of a tenant, oldest first, and what is missing among them or was altered. Raises OSError."""
    there = numbers_in(folder / _FOLDER)
    found: list[Refusal] = []
    damaged: list[Damaged] = []
    before: str | None = None
    is_known = True
    for number in range(1, there[-1] + 1) if there else ():
        try:
            payload, _ = verified(_path(folder, number).read_bytes(), PAYLOAD_TYPE, trusted, _WHAT)
            value = loads(payload)
            if is_known and value["previous"] != before:
                raise ValueError("it does not follow the one before it")
            if value["tenant"] != tenant or value["number"] != number:
                raise ValueError("it is another one")
            found.append(_from_json(value))
        except FileNotFoundError:
            damaged.append(Damaged(number, "its file is missing", is_missing=True))
            is_known = False
            continue
        except (EnvelopeRefused, NotCanonical, ValueError, KeyError, TypeError) as error:
            damaged.append(Damaged(number, str(error)))
            is_known = False
            continue
        before, is_known = digest(payload), True
    return tuple(found), tuple(damaged)


def _path(folder: Path, number: int) -> Path:
    return folder / _FOLDER / f"{number}.json"


def _digest(folder: Path, number: int) -> str:
    payload, _ = opened(_path(folder, number).read_bytes(), PAYLOAD_TYPE, _WHAT)
    return digest(payload)


def _from_json(value: dict[str, Any]) -> Refusal:
    if value["schema_version"] != REFUSAL_VERSION:
        raise ValueError("it is of another version")
    return Refusal(
        tenant=value["tenant"],
        at=time_of(value["at"]),
        doing=value["doing"],
        actor=Actor(**value["actor"]),
        exit=value["exit"],
        why=value["why"],
        accept=tuple(value["accept"]),
        about=value["about"],
    )
