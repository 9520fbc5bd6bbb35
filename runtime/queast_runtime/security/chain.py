"""Signed records in a chain: each names the digest of the one before it, inside what is signed.

    STATE/releases/<tenant>/<folder>/<number>.json   a DSSE envelope with a payload type of its own; numbered from 1 on

One that was altered, taken out, put elsewhere or written anew is seen. That the end of a chain is missing is not.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.dsse import MAX_ENVELOPE_BYTES, EnvelopeRefused, opened, seal, verified
from queast_runtime.security.history import Damaged, numbers_in, write_once

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chain:
    """One kind of records. `what` is for messages: "the refusal"."""

    folder: str
    payload_type: str
    version: int
    what: str

    def append(self, releases: Path, value: Mapping[str, Any], key: Ed25519PrivateKey) -> None:
        """Append a record to those in a tenant's folder of releases, whose `tenant` it holds, or in the state folder.
        Raises OSError, EnvelopeRefused where the one before it is none any more."""
        folder = releases / self.folder
        while True:
            there = numbers_in(folder)
            number = there[-1] + 1 if there else 1
            previous = self._digest(_path(folder, there[-1])) if there else None
            whole = {**value, "number": number, "previous": previous, "schema_version": self.version}
            try:
                write_once(_path(folder, number), seal(self.payload_type, dumps(whole), key))
            except FileExistsError:
                # Somebody else appended one at the same moment, or no number is left.
                if numbers_in(folder) == there:
                    raise
                continue
            return

    def read(
        self,
        releases: Path,
        tenant: str | None,
        trusted: Mapping[str, Ed25519PublicKey],
        decode: Callable[[dict[str, Any]], T],
    ) -> tuple[tuple[T, ...], tuple[Damaged, ...]]:
        """Return a tenant's records (None: the platform's), oldest first, and what is missing or was altered.
        `decode` raises ValueError, KeyError or TypeError for what is no such record. Raises OSError."""
        folder = releases / self.folder
        if os.path.lexists(folder) and not folder.is_dir():
            raise NotADirectoryError(f"{folder} is no folder")
        found: list[T] = []
        damaged: list[Damaged] = []
        before: str | None = None
        # After one that does not count nobody can say what the next has to follow; that one is told of by itself.
        is_known, last = True, 0
        for number in numbers_in(folder):
            if number > last + 1:
                # However many: a file of a far number is not to be counted up to.
                more = "" if number == last + 2 else f", and all up to {number - 1}"
                damaged.append(Damaged(last + 1, f"its file is missing{more}"))
                is_known = False
            last = number
            try:
                payload, _ = verified(_read(_path(folder, number)), self.payload_type, trusted, self.what)
                value = loads(payload)
                if is_known and value["previous"] != before:
                    raise ValueError("it does not follow the one before it")
                if value.get("tenant") != tenant or value["number"] != number:
                    raise ValueError("it is another one")
                if value["schema_version"] != self.version:
                    raise ValueError("it is of another version")
                found.append(decode(value))
            except (EnvelopeRefused, NotCanonical, ValueError, KeyError, TypeError) as error:
                damaged.append(Damaged(number, str(error)))
                is_known = False
                continue
            before, is_known = digest(payload), True
        return tuple(found), tuple(damaged)

    def _digest(self, path: Path) -> str:
        payload, _ = opened(_read(path), self.payload_type, self.what)
        return digest(payload)


def _read(path: Path) -> bytes:
    """Return the bytes of an envelope. Raises EnvelopeRefused for what can be none: no regular file, or too large."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise EnvelopeRefused("malformed", "it is no file")
    with path.open("rb") as file:
        return file.read(MAX_ENVELOPE_BYTES + 1)


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number}.json"
