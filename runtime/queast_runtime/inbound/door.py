"""The door: bytes and headers of anybody in, and one of two answers out.

Nothing is believed before the signature held over the raw bytes; not the path (it only names whose key is asked),
not a header, not a byte of the body. Forged, stale, malformed, too large, encoded, for nobody: all are `REFUSED`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, Literal, assert_never

from queast_runtime.delivery.desk import Desk
from queast_runtime.inbound.highlight import Malformed, read_highlight
from queast_runtime.inbound.strict_json import NotStrict, parse
from queast_runtime.inbound.taking import (
    MEMORY,
    Altered,
    Answer,
    Message,
    Raced,
    Repeated,
    Taken,
    Terms,
    take,
)
from queast_runtime.observability.log import note, warn
from queast_runtime.ports import Clock, SecretMissing, Secrets
from queast_runtime.ports.store import Store, Transaction
from queast_runtime.security.signatures import (
    KEY_BYTES,
    SignatureRefused,
    SigningKeyInvalid,
    signing_key,
    verify,
)

MAX_BODY_BYTES: Final = 64 * 1024
MAX_KEYS: Final = 2
_SIGNED: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_ATTEMPTS: Final = 5
# Stands in for the key of a connection that is not there, so that the answer takes as long.
_NO_KEY: Final = bytes(KEY_BYTES)

Outcome = Literal["accepted", "refused"]
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Door:
    """Takes messages for every connection that has `inbound`. `connections` by tenant and name.

    `hash_key` keys the hashes of bodies. `secrets` are read at each message, so that a key may be changed while the
    process runs; a secret holds one key, or two with a blank between them while senders change over.
    """

    store: Store
    clock: Clock
    secrets: Secrets
    connections: Mapping[tuple[str, str], Terms]
    hash_key: bytes = field(repr=False)

    async def take(self, tenant: str, connection: str, headers: Headers, body: bytes) -> Outcome:
        """Take one request. Never raises for what is in it; raises what the store raises."""
        terms = self.connections.get((tenant, connection))
        keys = [_NO_KEY] if terms is None else self._keys(terms)
        now = self.clock.now()
        message_id = _verified(keys, headers, body, now)
        if message_id is None or terms is None or keys == [_NO_KEY]:
            note("inbound refused", tenant=None if terms is None else tenant)
            return "refused"
        try:
            content = read_highlight(parse(body) if body else None)
        except NotStrict as error:
            note("inbound refused", tenant=tenant, connection=connection, reason=str(error))
            return "refused"
        if isinstance(content, Malformed):
            note("inbound refused", tenant=tenant, connection=connection, reason=content.reason)
            return "refused"
        keyed = hmac.digest(self.hash_key, body, hashlib.sha256).hex()
        answer = await self._taken(terms, Message(message_id, keyed, content), now)
        match answer:
            case Taken(outcome=outcome, new=new):
                note("inbound taken", tenant=tenant, connection=connection, outcome=outcome, bookmarks=new)
                return "accepted"
            case Repeated():
                note("inbound repeated", tenant=tenant, connection=connection)
                return "accepted"
            case Altered():
                warn("inbound refused", tenant=tenant, connection=connection, reason="an id came with another body")
                return "refused"
            case _:
                assert_never(answer)

    async def forget(self) -> int:
        """Forget receipts older than the memory of ids; return how many."""
        before = self.clock.now() - MEMORY
        tenants = sorted({tenant for tenant, _ in self.connections})

        def work(tx: Transaction) -> int:
            return sum(tx.expire_receipts(tenant, before) for tenant in tenants)

        return await Desk(self.store).do(work)

    async def _taken(self, terms: Terms, message: Message, now: datetime) -> Answer:
        desk = Desk(self.store)
        for _ in range(_ATTEMPTS):
            try:
                return await desk.do(partial(_take, terms, message, now))
            except Raced:
                continue
        raise TimeoutError("others took the same message at every attempt, and left no receipt")

    def _keys(self, terms: Terms) -> list[bytes]:
        """The keys of a connection; without a usable one the stand-in, with which nothing is accepted."""
        inbound = terms.connection.inbound
        if inbound is None:
            return [_NO_KEY]
        try:
            return inbound_keys(self.secrets.resolve(terms.tenant, inbound.secret))
        except (SecretMissing, SigningKeyInvalid) as error:
            warn("inbound secret unusable", tenant=terms.tenant, connection=terms.connection.connection, why=str(error))
            return [_NO_KEY]


def _take(terms: Terms, message: Message, now: datetime, tx: Transaction) -> Answer:
    return take(tx, terms, message, now)


def inbound_keys(secret: str) -> list[bytes]:
    """Return the keys of a secret: one, or two while one replaces the other. Raises SigningKeyInvalid."""
    parts = secret.split()
    if not 1 <= len(parts) <= MAX_KEYS:
        raise SigningKeyInvalid(f"secret holds {len(parts)} keys; one is wanted, or two while one replaces the other")
    return [signing_key(part) for part in parts]


def _verified(keys: Sequence[bytes], headers: Headers, body: bytes, now: datetime) -> str | None:
    """Return the id of a request that was signed, as it stands, by a holder of a key; None for any other."""
    given: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        if name == "content-encoding":
            return None
        if name in _SIGNED:
            if name in given:
                return None
            given[name] = value.decode("latin-1")
    if len(body) > MAX_BODY_BYTES:
        return None
    try:
        return verify(keys, given, body, int(now.timestamp()))
    except SignatureRefused:
        return None
