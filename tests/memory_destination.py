"""A destination in memory behind the `Driver` port: keeps records, fails by plan, and shows what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from queast_runtime.ports import (
    ErrorClass,
    Form,
    Gate,
    HttpRequest,
    ItemResult,
    LookupFailed,
    Page,
    Phase,
    Reconciled,
    ReconciledAbsent,
    ReconciledThere,
    ReconcileLater,
    Refused,
    RemoteRecord,
    Unanswered,
    WriteItem,
    Written,
)

# Called with each item before it is written: a result is returned instead of writing; `LOST` writes, then loses the
# answer.
LOST = Unanswered("no answer", Phase.SOME_SENT)
Fault = Callable[[WriteItem], ItemResult | None]


@dataclass
class Jumping:
    """A clock that goes on only when somebody waits."""

    at: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def nap(self, seconds: float) -> None:
        self.at += timedelta(seconds=max(seconds, 0.001))


@dataclass
class Memory:
    """`idempotent` says of creates whether they upsert by our reference (as sends always do)."""

    idempotent: bool = False
    batch: int = 3
    fault: Fault = lambda item: None
    lookup_fault: Callable[[str], LookupFailed | None] = lambda what: None
    page_size: int = 2
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    links: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    references: dict[tuple[str, str], str] = field(default_factory=dict)
    log: list[tuple[str, str, str]] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    sent: dict[str, list[Any]] = field(default_factory=dict)
    gate: Gate | None = None

    async def _turn(self, operation: str) -> float | None:
        return None if self.gate is None else await self.gate.enter(operation)

    def add(self, object_: str, partner_id: str, **properties: Any) -> None:
        self.records.setdefault(object_, {})[partner_id] = properties

    def of(self, object_: str) -> dict[str, dict[str, Any]]:
        return self.records.get(object_, {})

    def batch_size(self, object: str, op: str) -> int:
        return 1 if op == "send" else self.batch

    def form(self, object: str, property: str) -> Form:
        return Form("native", None)

    def claimed(self, object: str, op: str) -> str | None:
        return None

    def read_size(self, object: str) -> int:
        return self.batch

    async def read(
        self, object: str, partner_ids: Sequence[str], properties: Collection[str]
    ) -> Mapping[str, RemoteRecord] | LookupFailed:
        held_s = await self._turn(f"{object}.read")
        if held_s is not None:
            return LookupFailed(ErrorClass.RATE_LIMITED, "held", held_s, held=True)
        self.looks.append(f"read {' '.join(partner_ids)}")
        failed = self.lookup_fault("read")
        if failed is not None:
            return failed
        there = {one: self.of(object)[one] for one in partner_ids if one in self.of(object)}
        return {one: RemoteRecord(object, one, dict(properties)) for one, properties in there.items()}

    def is_idempotent(self, object: str, op: str) -> bool:
        return op in ("send", "update") or (op == "create" and self.idempotent and object == "companies")

    async def write(self, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        assert len({(item.object, item.op) for item in items}) == 1
        held_s = await self._turn(f"{items[0].object}.{items[0].op}")
        if held_s is not None:
            return [Refused(ErrorClass.RATE_LIMITED, "held", None, Phase.NOTHING_SENT, held_s, held=True)] * len(items)
        return [self._one(item) for item in items]

    def _one(self, item: WriteItem) -> ItemResult:
        self.log.append((item.op, item.object, item.reference))
        planned = self.fault(item)
        if planned is not None and planned is not LOST:
            return planned
        written = self._apply(item)
        return LOST if planned is LOST else written

    def _apply(self, item: WriteItem) -> Written:
        if item.op == "send":
            self.sent.setdefault(item.idempotency_key, []).append(item.body)
            return Written(None, True, 204)
        if item.op == "update":
            assert item.partner_id is not None
            self.of(item.object)[item.partner_id].update(item.values)
            return Written(item.partner_id, False, 200)
        known = self.references.get((item.object, item.reference))
        if known is not None and self.is_idempotent(item.object, "create"):
            self.of(item.object)[known].update(item.values)
            return Written(known, False, 200)
        assert item.object != "notes" or item.links, "a note without a company"
        partner_id = str(1000 + sum(len(records) for records in self.records.values()))
        extra = {"queast_id": item.reference} if item.object == "companies" else {}
        self.add(item.object, partner_id, **item.values, **extra)
        self.links[partner_id] = item.links
        self.references[item.object, item.reference] = partner_id
        return Written(partner_id, True, 201)

    def preview(self, item: WriteItem) -> HttpRequest:
        return HttpRequest("POST", f"https://crm.example/{item.object}", (), b"")

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...] | LookupFailed:
        held_s = await self._turn(f"{object}.find")
        if held_s is not None:
            return LookupFailed(ErrorClass.RATE_LIMITED, "held", held_s, held=True)
        self.looks.append(f"search {property}={value}")
        failed = self.lookup_fault("search")
        if failed is not None:
            return failed
        return tuple(
            RemoteRecord(object, partner_id, properties)
            for partner_id, properties in self.of(object).items()
            if properties.get(property) == value
        )

    async def list_page(self, object: str, cursor: str | None) -> Page | LookupFailed:
        held_s = await self._turn(f"{object}.list")
        if held_s is not None:
            return LookupFailed(ErrorClass.RATE_LIMITED, "held", held_s, held=True)
        self.looks.append(f"list {cursor}")
        failed = self.lookup_fault("list")
        if failed is not None:
            return failed
        start = int(cursor or 0)
        rows = list(self.of(object).items())
        page = tuple(RemoteRecord(object, key, values) for key, values in rows[start : start + self.page_size])
        end = start + self.page_size
        return Page(page, str(end) if end < len(rows) else None)

    async def reconcile(self, item: WriteItem, attempted_at: datetime) -> Reconciled:
        self.looks.append(f"reconcile {item.reference}")
        return self._look(item)

    async def find_existing(self, item: WriteItem) -> Reconciled:
        self.looks.append(f"find {item.reference}")
        return self._look(item)

    def _look(self, item: WriteItem) -> Reconciled:
        failed = self.lookup_fault("look")
        return self._there(item) if failed is None else ReconcileLater(failed.wait_s or 5.0, failed.message, failed)

    def _there(self, item: WriteItem) -> Reconciled:
        partner_id = self.references.get((item.object, item.reference))
        return ReconciledAbsent() if partner_id is None else ReconciledThere(partner_id)
