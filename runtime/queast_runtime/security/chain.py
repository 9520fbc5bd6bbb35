"""Signed records in a row that only grows: one file each, numbered from 1, each with the digest of the one before it.

    FOLDER/<number>.json   a DSSE envelope over {"number": …, "previous": …, "schema_version": …, …}

One that was altered, removed or put in another's place is seen when they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.dsse import EnvelopeRefused, opened, seal, verified
from queast_runtime.security.history import Damaged, numbers_in, write_once

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chain:
    """A folder of records of one kind. `what` names one in messages: "the refusal"."""

    folder: Path
    payload_type: str
    version: int
    what: str

    def append(self, value: Mapping[str, Any], key: Ed25519PrivateKey) -> None:
        """Add a record, a JSON object. Raises OSError, EnvelopeRefused where the one before it is none any more."""
        while True:
            there = numbers_in(self.folder)
            number = there[-1] + 1 if there else 1
            previous = self._digest(there[-1]) if there else None
            whole = {**value, "number": number, "previous": previous, "schema_version": self.version}
            try:
                write_once(self._path(number), seal(self.payload_type, dumps(whole), key))
            except FileExistsError:
                # Somebody else added one at the same moment.
                continue
            return

    def read(
        self, trusted: Mapping[str, Ed25519PublicKey], decode: Callable[[dict[str, Any]], T]
    ) -> tuple[tuple[T, ...], tuple[Damaged, ...]]:
        """Return the records, oldest first, and what is missing among them or was altered. `decode` raises ValueError,
        KeyError or TypeError for one that is none. Raises OSError."""
        there = numbers_in(self.folder)
        found: list[T] = []
        damaged: list[Damaged] = []
        before: str | None = None
        is_known = True
        for number in range(1, there[-1] + 1) if there else ():
            try:
                payload, _ = verified(self._path(number).read_bytes(), self.payload_type, trusted, self.what)
                value = loads(payload)
                if is_known and value["previous"] != before:
                    raise ValueError("it does not follow the one before it")
                if value["number"] != number:
                    raise ValueError("it is another one")
                if value["schema_version"] != self.version:
                    raise ValueError("it is of another version")
                found.append(decode(value))
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

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.json"

    def _digest(self, number: int) -> str:
        payload, _ = opened(self._path(number).read_bytes(), self.payload_type, self.what)
        return digest(payload)
