"""The driver: runs the operations of a connection plan's manifest. It knows no vendor; what differs is data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from queast_runtime.connectors.auth import CredentialUnusable
from queast_runtime.connectors.body import CannotFill, Scope
from queast_runtime.connectors.correlate import NotTaken, Taken, Unaccounted, correlate
from queast_runtime.connectors.errors import Verdict, status_fits
from queast_runtime.connectors.exchange import HELD, SMALL_ANSWER, Exchange, document_of
from queast_runtime.connectors.items import fault_of, groups, placed, scope_of
from queast_runtime.connectors.reads import Reads
from queast_runtime.connectors.reconcile import find_existing, reconcile
from queast_runtime.connectors.words import refusal_in_words
from queast_runtime.ports import (
    ErrorClass,
    Form,
    HttpOutcome,
    HttpRequest,
    ItemResult,
    LookupFailed,
    Page,
    Phase,
    Reconciled,
    ReconciledAbsent,
    Refused,
    RemoteRecord,
    SecretMissing,
    Unanswered,
    WriteItem,
    Written,
)

JsonObject = dict[str, Any]
_NOTHING_LEFT = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.NOTHING_SENT})
# One item's own fault: the others of its batch are innocent, and a refused batch did nothing.
_OF_ONE_ITEM = frozenset({ErrorClass.REJECT, ErrorClass.CONFLICT, ErrorClass.GONE})


class ManifestDriver:
    """`Driver` of one connection."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._reads = Reads(exchange)

    def batch_size(self, object: str, op: str) -> int:
        size: int = self._operation(object, op).get("batch", 1)
        return size

    def is_idempotent(self, object: str, op: str) -> bool:
        return bool(self._operation(object, op)["idempotent"])

    def form(self, object: str, property: str) -> Form:
        """How a property goes over the wire. One that the plan does not know is taken as JSON, emptied by null."""
        return self._exchange.form(object, property)

    def claimed(self, object: str, op: str) -> str | None:
        found: str | None = self._exchange.object(object)["external_id"]
        return found if self._operation(object, op).get("claims") else None

    def read_size(self, object: str) -> int:
        return self._reads.size(object)

    async def read(
        self, object: str, partner_ids: Sequence[str], properties: Collection[str]
    ) -> Mapping[str, RemoteRecord] | LookupFailed:
        """Read records by id: one request for each `read_size` of them."""
        return await self._reads.by_ids(object, partner_ids, properties)

    async def write(self, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        """Write items of one (object, op); results in their order, one each.

        One request where the items fit: more than a batch, or two of one record, go in several, in order. A batch
        that is refused for one item's fault is sent again in halves, so that only that item stays refused.
        """
        if not items:
            return ()
        first = items[0]
        if any((each.object, each.op) != (first.object, first.op) for each in items):
            raise ValueError("items of several operations in one write")
        operation = self._operation(first.object, first.op)
        results: dict[int, ItemResult] = {}
        ready: list[int] = []
        for index, item in enumerate(items):
            fault = fault_of(self._exchange.object(item.object), operation, item)
            if fault is None:
                ready.append(index)
            else:
                results[index] = _refused(fault)
        for group in groups(operation, [(index, items[index]) for index in ready]):
            written = await self._write(operation, [items[index] for index in group])
            results.update(zip(group, written, strict=True))
        return tuple(results[index] for index in range(len(items)))

    def preview(self, item: WriteItem) -> HttpRequest:
        """Return the request of `write([item])` with `***` for secrets. Raises CannotFill where there is none."""
        operation = self._operation(item.object, item.op)
        fault = fault_of(self._exchange.object(item.object), operation, item)
        if fault is not None:
            raise CannotFill(fault)
        return self._request(operation, [item], masked=True)

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...] | LookupFailed:
        """Return candidates by one property; compare them again, a search may be looser than equality."""
        return await self._reads.search(object, property, value)

    async def list_page(self, object: str, cursor: str | None) -> Page | LookupFailed:
        return await self._reads.list_page(object, cursor)

    async def reconcile(self, item: WriteItem, attempted_at: datetime) -> Reconciled:
        """Find out whether an unanswered write happened. One that may be repeated counts as absent: just repeat it."""
        operation = self._operation(item.object, item.op)
        if operation["idempotent"]:
            return ReconciledAbsent()
        scope = scope_of(self._exchange, operation, item)
        return await reconcile(self._exchange, self._reads, operation, item, scope, attempted_at)

    async def find_existing(self, item: WriteItem) -> Reconciled:
        operation = self._operation(item.object, item.op)
        if operation["idempotent"]:
            return ReconciledAbsent()
        return await find_existing(
            self._exchange, self._reads, operation, item, scope_of(self._exchange, operation, item)
        )

    def _operation(self, object: str, op: str) -> JsonObject:
        found: JsonObject = self._exchange.object(object)["operations"][op]
        return found

    def _request(self, operation: JsonObject, items: Sequence[WriteItem], *, masked: bool) -> HttpRequest:
        scopes = tuple(scope_of(self._exchange, operation, item) for item in items)
        scope = Scope(self._exchange.values(items[0].object), items=scopes) if "batch" in operation else scopes[0]
        return self._exchange.build(
            operation,
            scope,
            webhook_id=items[0].idempotency_key,
            headers=items[0].headers if len(items) == 1 else (),
            secret_headers=items[0].secret_headers if len(items) == 1 else (),
            masked=masked,
        )

    async def _write(self, operation: JsonObject, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        held_s = await self._exchange.turn(f"{items[0].object}.{items[0].op}")
        if held_s is not None:
            held = Refused(ErrorClass.RATE_LIMITED, HELD, None, Phase.NOTHING_SENT, held_s, held=True)
            return [held] * len(items)
        try:
            request = self._request(operation, items, masked=False)
        except (SecretMissing, CredentialUnusable) as error:
            return [Refused(ErrorClass.CONFIG, str(error), None, Phase.RESOLVE, whole_connection=True)] * len(items)
        except CannotFill as error:
            return [_refused(str(error))] if len(items) == 1 else await self._in_halves(operation, items)
        outcome = await self._exchange.send(request, operation.get("answer", {}).get("max_bytes", SMALL_ANSWER))
        if outcome.status is None:
            return [_unsent(outcome)] * len(items)
        if status_fits(operation["success"], outcome.status):
            return self._accepted(operation, items, request, outcome)
        document = document_of(outcome)
        verdict = self._about_ours(items[0].object, self._exchange.verdict(outcome, document))
        refused = self._refusal(operation, verdict, refusal_in_words(document, outcome.status, request.body), outcome)
        if len(items) == 1 or verdict.acted != "no":
            return [refused] * len(items)
        if verdict.error is ErrorClass.CONFIG_FIELD:
            guilty = {index for index, item in enumerate(items) if verdict.property in item.values}
            if guilty:
                return await self._without(operation, items, guilty, refused)
        elif verdict.error not in _OF_ONE_ITEM:
            return [refused] * len(items)
        return await self._in_halves(operation, items)

    async def _without(
        self, operation: JsonObject, items: Sequence[WriteItem], guilty: set[int], refused: ItemResult
    ) -> Sequence[ItemResult]:
        """Send again what does not hold the refused property; who holds it is refused."""
        innocent = [index for index in range(len(items)) if index not in guilty]
        written = await self._write(operation, [items[index] for index in innocent]) if innocent else ()
        results = dict(zip(innocent, written, strict=True))
        return [results.get(index, refused) for index in range(len(items))]

    async def _in_halves(self, operation: JsonObject, items: Sequence[WriteItem]) -> Sequence[ItemResult]:
        middle = len(items) // 2
        first = await self._write(operation, items[:middle])
        return [*first, *await self._write(operation, items[middle:])]

    def _accepted(
        self, operation: JsonObject, items: Sequence[WriteItem], request: HttpRequest, outcome: HttpOutcome
    ) -> Sequence[ItemResult]:
        status = outcome.status or 0
        if "answer" not in operation:
            return [Written(None, True, status)]
        scopes = [scope_of(self._exchange, operation, item) for item in items]
        outcomes = correlate(operation["answer"], document_of(outcome), scopes)
        results: list[ItemResult] = []
        for item, each in zip(items, outcomes, strict=True):
            match each:
                case Taken(partner_id, created, properties):
                    shown = placed(self._exchange.object(item.object), properties)
                    stored = {name: shown[name] for name in item.values if name in shown}
                    results.append(Written(partner_id, created, status, stored))
                case NotTaken(error):
                    verdict = self._about_ours(item.object, self._exchange.item_verdict(error))
                    said = refusal_in_words(error, status, request.body)
                    results.append(self._refusal(operation, verdict, said, outcome))
                case Unaccounted() if len(items) == 1 and item.partner_id is not None:
                    # An update names its record itself; a success needs no more than that.
                    results.append(Written(item.partner_id, False, status))
                case Unaccounted():
                    message = f"answer {status} does not account for this item"
                    results.append(Unanswered(message, outcome.phase, status))
        return results

    def _about_ours(self, object: str, verdict: Verdict) -> Verdict:
        """A refused property that we add ourselves is not left out: without it no record is found again."""
        spec = self._exchange.object(object)
        ours = {spec["external_id"], spec.get("reference", {}).get("property")} - {None}
        if verdict.error is not ErrorClass.CONFIG_FIELD or verdict.property not in ours:
            return verdict
        return Verdict(ErrorClass.CONFIG, verdict.wait_s, None, True, verdict.acted)

    def _refusal(self, operation: JsonObject, verdict: Verdict, said: str, outcome: HttpOutcome) -> ItemResult:
        if verdict.acted == "maybe" and not operation["idempotent"]:
            return Unanswered(said, outcome.phase, outcome.status)
        return Refused(
            verdict.error,
            said,
            outcome.status,
            outcome.phase,
            wait_s=verdict.wait_s,
            property=verdict.property,
            whole_connection=verdict.whole_connection,
        )


def _refused(fault: str) -> Refused:
    return Refused(ErrorClass.REJECT, f"not sent: {fault}", None, Phase.RESOLVE)


def _unsent(outcome: HttpOutcome) -> ItemResult:
    message = outcome.error or "no answer"
    if outcome.forbidden:
        return Refused(ErrorClass.CONFIG, message, None, outcome.phase, whole_connection=True)
    if outcome.phase in _NOTHING_LEFT:
        return Refused(ErrorClass.TRANSIENT, message, None, outcome.phase, whole_connection=True)
    return Unanswered(message, outcome.phase)
