"""A destination that is only rehearsed: what its records hold, behind the driver's own protocol. Nothing is sent.

How a property looks on the wire, what an operation claims and how many records a read asks for is the manifest's word,
asked of the very driver that sends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import orjson

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.connectors import open_driver
from queast_runtime.connectors.body import CannotFill
from queast_runtime.connectors.items import placed
from queast_runtime.connectors.places import place
from queast_runtime.engine.payload import to_json
from queast_runtime.ports import (
    Clock,
    ErrorClass,
    Form,
    HttpOutcome,
    HttpRequest,
    ItemResult,
    JsonObject,
    Page,
    Phase,
    ReconciledAbsent,
    Refused,
    RemoteRecord,
    Tuning,
    WriteItem,
    Written,
)
from queast_runtime.ports.edge import Sealer
from queast_runtime.preview.happening import CrmRecord

NEW: Final = "new:"
_SOME_ID: Final = "1"


class Records:
    """What the records of all rehearsed accounts hold. On disk, so that many take no memory, and sealed there."""

    def __init__(self, path: Path, tenant: str, sealer: Sealer) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._tenant, self._sealer = tenant, sealer
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE records (connection TEXT, object TEXT, id TEXT, held BLOB,"
            " PRIMARY KEY (connection, object, id)) WITHOUT ROWID"
        )

    def put(self, connection: str, object_: str, partner_id: str, held: JsonObject) -> None:
        at = (connection, object_, partner_id)
        sealed = self._sealer.seal(self._tenant, at, to_json(held))
        self._database.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", (*at, sealed))

    def get(self, connection: str, object_: str, partner_id: str) -> JsonObject | None:
        at = (connection, object_, partner_id)
        row = self._database.execute(
            "SELECT held FROM records WHERE connection = ? AND object = ? AND id = ?", at
        ).fetchone()
        if row is None:
            return None
        held: JsonObject = orjson.loads(self._sealer.open(self._tenant, at, row[0]))
        return held

    def close(self) -> None:
        self._database.close()


class RehearsedAccount:
    """`Driver` over `Records`. `calls` counts the requests that were asked of it."""

    def __init__(self, plan: ConnectionPlan, records: Records, clock: Clock) -> None:
        self.plan = plan
        self.calls = 0
        self._records = records
        self._manifest = open_driver(plan, _NoDoor(), _NoSecrets(), clock, Tuning())

    def add(self, record: CrmRecord) -> RemoteRecord:
        """Keep a record of theirs; return it as a page of all records shows it. Raises KeyError for an object that it
        has not.

        `address: Oslo`, `country: NO`  ->  `{"address": {"value": "Oslo", "country": "NO"}}`, where that is their place
        """
        target: JsonObject = self.plan.manifest["objects"][record.object]
        words = self._words(record.object)
        listed: JsonObject = {}
        # What was said by the destination's own key comes first; a word of the card is put beside it.
        for name, value in sorted(record.values.items(), key=lambda each: each[0] in words):
            path = words.get(name) or target.get("places", {}).get(name, name)
            try:
                place(listed, name if isinstance(value, dict) else path, value)
            except (TypeError, AttributeError):
                raise LookupError(f"record {record.id}: {name} lies inside of what was given as text") from None
        # A read by id shows each property in the form in which a write gives it.
        self._records.put(self.plan.connection, record.object, record.id, placed(target, listed))
        return RemoteRecord(record.object, record.id, listed)

    def held(self, object: str, partner_id: str) -> JsonObject | None:
        return self._records.get(self.plan.connection, object, partner_id)

    def _words(self, object_: str) -> Mapping[str, str]:
        """Where the matching of an object reads the words of a card; words that are properties themselves stay."""
        match = next((each for each in self.plan.match if each.object == object_), None)
        if match is None:
            return {}
        words = dict(match.card)
        if match.domain_to:
            words["domain"] = "domain" if "domain" in match.domain_to else match.domain_to[0]
        return words

    def batch_size(self, object: str, op: str) -> int:
        return self._manifest.batch_size(object, op)

    def is_idempotent(self, object: str, op: str) -> bool:
        return self._manifest.is_idempotent(object, op)

    def form(self, object: str, property: str) -> Form:
        return self._manifest.form(object, property)

    def claimed(self, object: str, op: str) -> str | None:
        return self._manifest.claimed(object, op)

    def read_size(self, object: str) -> int:
        return self._manifest.read_size(object)

    def preview(self, item: WriteItem) -> HttpRequest:
        return self._manifest.preview(item)

    async def read(
        self, object: str, partner_ids: Sequence[str], properties: Collection[str]
    ) -> Mapping[str, RemoteRecord]:
        """Read what is kept, every property of it: nobody pays for the answer's size."""
        del properties
        self.calls += 1
        found = {one: self._records.get(self.plan.connection, object, one) for one in partner_ids}
        return {one: RemoteRecord(object, one, held) for one, held in found.items() if held is not None}

    async def write(self, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        return [self._write(item) for item in items]

    def _write(self, item: WriteItem) -> ItemResult:
        try:
            self._manifest.preview(_as_if_real(item))
        except CannotFill as error:
            return Refused(ErrorClass.REJECT, f"not sent: {error}", None, Phase.RESOLVE)
        self.calls += 1
        if item.op == "send":
            return Written(None, True, None)
        partner_id = item.partner_id or f"{NEW}{item.reference}"
        held = self._records.get(self.plan.connection, item.object, partner_id)
        written = dict(item.values)
        ours = self.claimed(item.object, item.op) if item.claims else None
        if ours is not None:
            written[ours] = item.reference
        if item.op == "create" and not self.is_read_again(item.object):
            return Written(partner_id, True, None)
        self._records.put(self.plan.connection, item.object, partner_id, {**(held or {}), **written})
        return Written(partner_id, item.op == "create", None)

    def is_read_again(self, object: str) -> bool:
        """Whether a record of the object is ever read before a write."""
        return self.read_size(object) > 0

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...]:
        """Find nothing: a complete mirror of an account in which nobody else writes has it all."""
        del object, property, value
        self.calls += 1
        return ()

    async def list_page(self, object: str, cursor: str | None) -> Page:
        del object, cursor
        return Page((), None)

    async def reconcile(self, item: WriteItem, attempted_at: datetime) -> ReconciledAbsent:
        del item, attempted_at
        return ReconciledAbsent()

    async def find_existing(self, item: WriteItem) -> ReconciledAbsent:
        del item
        self.calls += 1
        return ReconciledAbsent()


def _as_if_real(item: WriteItem) -> WriteItem:
    """The item under ids that any destination could have given: `new:c1` and a test's `h1` are none."""
    stand_in = None if item.partner_id is None else _SOME_ID
    return replace(item, partner_id=stand_in, links=tuple((object_, _SOME_ID) for object_, _ in item.links))


class _NoDoor:
    """`Sender` that nothing may reach."""

    async def send(self, request: HttpRequest, *, timeout_s: float, max_body: int = 0) -> HttpOutcome:
        raise AssertionError(f"a rehearsal was about to send to {request.url} ({timeout_s}, {max_body})")

    async def close(self) -> None:
        """Holds nothing."""


class _NoSecrets:
    """`Secrets` that has none: what is only shown has them masked."""

    def resolve(self, tenant: str, name: str) -> NoReturn:
        raise AssertionError(f"a rehearsal asked for the secret {name} of {tenant}")


def held_words(record: JsonObject, names: Collection[str]) -> dict[str, Any]:
    """Return those of the named properties that the record tells of."""
    return {name: record[name] for name in names if name in record}
