"""Look-ups: pages of records, records by property, records by id, as the manifest declares them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from queast_runtime.connectors.auth import CredentialUnusable
from queast_runtime.connectors.body import CannotFill, Scope
from queast_runtime.connectors.errors import status_fits
from queast_runtime.connectors.exchange import HELD, SMALL_ANSWER, Exchange, document_of
from queast_runtime.connectors.items import placed
from queast_runtime.connectors.places import properties_at, text_of, value_at
from queast_runtime.ports import ErrorClass, HttpOutcome, LookupFailed, Page, RemoteRecord, SecretMissing

JsonObject = dict[str, Any]
MAX_PAGES = 200
# The read by id that comes before a write.
READ: Final = "read"


@dataclass(frozen=True, slots=True)
class _Found:
    """A page as it came: records, or only ids where another read gets the records."""

    records: tuple[RemoteRecord, ...]
    cursor: str | None


class Reads:
    """The look-ups of one connection."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def list_page(self, object: str, cursor: str | None) -> Page | LookupFailed:
        """Return one page of all records, with the properties that matching needs."""
        found = await self._page(object, "list", Scope(self._exchange.values(object)), cursor)
        return found if isinstance(found, LookupFailed) else Page(found.records, found.cursor)

    async def search(self, object: str, property: str, value: str) -> tuple[RemoteRecord, ...] | LookupFailed:
        """Return candidates whose property has, or contains, the value; the caller compares them itself."""
        lookup: Sequence[JsonObject] = self._exchange.object(object).get("lookup", ())
        fitting = (each for each in lookup if property in each["properties"] or "*" in each["properties"])
        entry = next(fitting, None)
        if entry is None:
            return LookupFailed(ErrorClass.CONFIG, f"`{object}` cannot be looked up by `{property}`")
        scope = Scope({**self._exchange.values(object), "property": property, "value": value, "since": None})
        for op in entry["ops"]:
            found = await self.records(object, op, scope, entry.get("pages", 1))
            if isinstance(found, LookupFailed) or found:
                return found
        return ()

    async def records(
        self, object: str, op: str, scope: Scope, pages: int | None
    ) -> tuple[RemoteRecord, ...] | LookupFailed:
        """Return the records that a read finds on its first `pages` pages (None: all; more than 200 is a failure)."""
        spec = self._exchange.object(object)["reads"][op]
        records: list[RemoteRecord] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES if pages is None else pages):
            found = await self._page(object, op, scope, cursor)
            if isinstance(found, LookupFailed):
                return found
            records += found.records
            cursor = found.cursor
            if cursor is None:
                break
        else:
            if pages is None:
                return LookupFailed(ErrorClass.CONFIG, f"`{object}.{op}` has more than {MAX_PAGES} pages")
        if "then" in spec:
            return await self._by_id(object, spec["then"], scope, [each.partner_id for each in records])
        return _filtered(spec, scope, records)

    def size(self, object: str) -> int:
        """Records that one read by id asks for; 0 where the object has none."""
        size: int = self._exchange.object(object).get("reads", {}).get(READ, {}).get("ids", 0)
        return size

    async def by_ids(
        self, object: str, ids: Sequence[str], properties: Collection[str]
    ) -> Mapping[str, RemoteRecord] | LookupFailed:
        """Return the records that are there, by id, with what matching needs and `properties`."""
        target = self._exchange.object(object)
        values = self._exchange.values(object)
        values["read"] = list(dict.fromkeys([*values["read"], *sorted(properties)]))
        found = await self._by_id(object, READ, Scope(values), list(dict.fromkeys(ids)))
        if isinstance(found, LookupFailed):
            return found
        return {each.partner_id: replace(each, properties=placed(target, each.properties)) for each in found}

    async def _by_id(
        self, object: str, op: str, scope: Scope, ids: Sequence[str]
    ) -> tuple[RemoteRecord, ...] | LookupFailed:
        spec = self._exchange.object(object)["reads"][op]
        size: int = spec["ids"]
        records: list[RemoteRecord] = []
        for start in range(0, len(ids), size):
            found = await self._chunk(object, op, scope, list(ids[start : start + size]))
            if isinstance(found, LookupFailed):
                return found
            records += found
        return _filtered(spec, scope, records)

    async def _chunk(
        self, object: str, op: str, scope: Scope, ids: list[str]
    ) -> tuple[RemoteRecord, ...] | LookupFailed:
        """One request's worth of ids. A destination that refuses all of them for one that is gone is asked again."""
        spec = self._exchange.object(object)["reads"][op]
        if len(ids) == 1 and "one" in spec:
            found = await self._page(object, spec["one"], scope.with_values(partner_id=ids[0]), None)
        else:
            found = await self._page(object, op, scope.with_values(ids=ids), None)
        if not isinstance(found, LookupFailed):
            return found.records
        if found.error is not ErrorClass.GONE:
            return found
        if len(ids) == 1:
            return ()
        middle = len(ids) // 2
        first = await self._chunk(object, op, scope, ids[:middle])
        if isinstance(first, LookupFailed):
            return first
        second = await self._chunk(object, op, scope, ids[middle:])
        return second if isinstance(second, LookupFailed) else (*first, *second)

    async def _page(self, object: str, op: str, scope: Scope, cursor: str | None) -> _Found | LookupFailed:
        spec = self._exchange.object(object)["reads"][op]
        held_s = await self._exchange.turn(f"{object}.{op}")
        if held_s is not None:
            return LookupFailed(ErrorClass.RATE_LIMITED, HELD, held_s, held=True)
        try:
            request = self._exchange.build(spec, scope.with_values(cursor=cursor))
        except (SecretMissing, CredentialUnusable) as error:
            return LookupFailed(ErrorClass.CONFIG, str(error), whole_connection=True)
        except CannotFill as error:
            return LookupFailed(ErrorClass.REJECT, f"look-up `{object}.{op}` {error}")
        max_bytes: int = spec["answer"].get("max_bytes", SMALL_ANSWER)
        outcome = await self._exchange.send(request, max_bytes)
        return self._understood(object, op, spec, outcome)

    def _understood(self, object: str, op: str, spec: JsonObject, outcome: HttpOutcome) -> _Found | LookupFailed:
        what = f"look-up `{object}.{op}`"
        if outcome.forbidden:
            return LookupFailed(ErrorClass.CONFIG, str(outcome.error), whole_connection=True)
        if outcome.status is None or outcome.error is not None:
            return LookupFailed(ErrorClass.TRANSIENT, f"{what}: {outcome.error}", whole_connection=True)
        document = document_of(outcome)
        if not status_fits(spec.get("success", "2xx"), outcome.status):
            verdict = self._exchange.verdict(outcome, document)
            message = f"{what} was answered {outcome.status}"
            if verdict.error is ErrorClass.CONFIG_FIELD:
                # The property is ours or the manifest's, not a record's: without it nothing can be matched.
                return LookupFailed(ErrorClass.CONFIG, f"{message}: a property is not there", None, True)
            return LookupFailed(verdict.error, message, verdict.wait_s, verdict.whole_connection)
        answer: JsonObject = spec["answer"]
        records = value_at(document, answer.get("records", ""))
        rows = records if not answer.get("record") else None if records is None else [records]
        if outcome.truncated:
            return LookupFailed(ErrorClass.CONFIG, f"{what}: answer is larger than {len(outcome.body)} bytes")
        if rows is None and isinstance(document, dict):
            # Some destinations write null for an empty list; anything but the envelope they describe is no answer.
            rows = []
        if not isinstance(rows, list) or document is None:
            return LookupFailed(ErrorClass.TRANSIENT, f"{what}: answer is not what the manifest describes")
        records = tuple(each for each in (_record(object, answer, row) for row in rows) if each is not None)
        return _Found(records, _next(answer, document))


def _record(object: str, answer: JsonObject, row: Any) -> RemoteRecord | None:
    partner_id = text_of(value_at(row, answer["id"]))
    if partner_id is None:
        return None
    return RemoteRecord(object, partner_id, properties_at(row, answer["properties"]))


def _next(answer: JsonObject, document: Any) -> str | None:
    if "cursor" not in answer or ("more" in answer and value_at(document, answer["more"]) is not True):
        return None
    return text_of(value_at(document, answer["cursor"])) or None


def _filtered(spec: JsonObject, scope: Scope, records: Sequence[RemoteRecord]) -> tuple[RemoteRecord, ...]:
    wanted = scope.values.get("value")
    if spec.get("filter") != "contains" or not isinstance(wanted, str):
        return tuple(records)
    property = str(scope.values["property"])
    return tuple(each for each in records if wanted.casefold() in str(each.properties.get(property) or "").casefold())
