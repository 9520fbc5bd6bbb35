"""Pipedrive's organizations (v2): create, patch, read, cursor pages, lagging search. Nothing is unique here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply
from queast_runtime.sandbox.lag import LaggingIndex
from queast_runtime.sandbox.pipedrive_rules import PipedriveError, check_organization, invalid, read_object
from queast_runtime.sandbox.pipedrive_schema import USERS, Field
from queast_runtime.sandbox.state import State

TABLE = "pipedrive.organizations"
_FIRST_ID = 501
_LIST_PARAMETERS = frozenset(
    [
        "filter_id",
        "ids",
        "owner_id",
        "updated_since",
        "updated_until",
        "sort_by",
        "sort_direction",
        "include_fields",
        "custom_fields",
        "include_option_labels",
        "include_labels",
        "limit",
        "cursor",
    ]
)
_SEARCH_PARAMETERS = frozenset({"term", "fields", "exact_match", "limit", "cursor"})


@dataclass(frozen=True, slots=True)
class _Page:
    limit: int
    start: int


class Organizations:
    """Organizations of one account, kept in the state's table `pipedrive.organizations`."""

    def __init__(self, state: State, fields: dict[str, Field], lag_s: float, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._fields = fields
        self._index = LaggingIndex(lag_s, monotonic)
        for key, row in self.rows().items():
            self._index.note(key, row, at_once=True)

    def rows(self) -> dict[str, JsonObject]:
        return self._state.rows(TABLE)

    def get(self, key: str) -> JsonObject | None:
        row = self.rows().get(key)
        return None if row is None or row["is_deleted"] else row

    def create(self, call: Call) -> Reply:
        body = read_object(call)
        check_organization(self._fields, body, creating=True)
        return _answer(self._add(body, call.at, origin="api"))

    def put_seed(self, body: JsonObject, at: datetime) -> None:
        """Store an organization that was there before. Raises PipedriveError where the account would refuse it.

        Custom fields may be given by label: only the double knows its account's keys.
        """
        codes = {field.label: field.code for field in self._fields.values() if field.custom}
        custom = {codes.get(key, key): value for key, value in body.get("custom_fields", {}).items()}
        body = {**body, "custom_fields": custom}
        check_organization(self._fields, body, creating=True)
        self._add(body, at, origin="seed")

    def _add(self, body: JsonObject, at: datetime, *, origin: str) -> JsonObject:
        number = self._state.next_number(TABLE, _FIRST_ID)
        custom = {code: None for code, field in self._fields.items() if field.custom}
        given = {code: value for code, value in body.items() if code not in ("custom_fields", "add_time")}
        row: JsonObject = {
            "id": number,
            "name": None,
            "owner_id": USERS[0].id,
            "website": None,
            "linkedin": None,
            "industry": None,
            "annual_revenue": None,
            "employee_count": None,
            "label_ids": [],
            "visible_to": 3,
            **given,
            "add_time": body.get("add_time", stamp(at)),
            "update_time": stamp(at),
            "is_deleted": False,
            "custom_fields": custom | body.get("custom_fields", {}),
            "origin": origin,
            "writes": 1,
        }
        if origin == "seed":
            row["seed"] = {**given, **body.get("custom_fields", {})}
        self._state.put(TABLE, str(number), row)
        self._index.note(str(number), row, at_once=origin == "seed")
        return row

    def patch(self, key: str, call: Call) -> Reply:
        body = read_object(call)
        old = self._known(key)
        check_organization(self._fields, body, creating=False)
        custom = {**old["custom_fields"], **body.get("custom_fields", {})}
        changed = {code: value for code, value in body.items() if code != "custom_fields"}
        row = old | changed | {"custom_fields": custom, "update_time": stamp(call.at), "writes": old["writes"] + 1}
        self._state.put(TABLE, key, row)
        self._index.note(key, row)
        return _answer(row)

    def read(self, key: str) -> Reply:
        return _answer(self._known(key))

    def delete(self, key: str) -> Reply:
        old = self._known(key)
        self._state.put(TABLE, key, {**old, "is_deleted": True})
        self._index.note(key, None)
        return Reply(200, {"success": True, "data": {"id": old["id"]}})

    def page(self, call: Call) -> Reply:
        self._refuse_unknown(call, _LIST_PARAMETERS)
        page = _paging(call, most=500, usual=100)
        rows = [row for row in self.rows().values() if not row["is_deleted"]]
        ids = call.first("ids")
        if ids is not None:
            wanted = set(ids.split(","))
            rows = [row for row in rows if str(row["id"]) in wanted]
        for name, keep in (("updated_since", _not_before), ("updated_until", _before)):
            edge = call.first(name)
            if edge is not None:
                rows = [row for row in rows if keep(row["update_time"], _moment(name, edge))]
        by = call.first("sort_by") or "id"
        if by not in ("id", "update_time", "add_time"):
            raise invalid(f"sort_by: {by} is not one of id, update_time, add_time", "bad_parameter")
        direction = call.first("sort_direction") or "asc"
        if direction not in ("asc", "desc"):
            raise invalid("sort_direction: expected asc or desc", "bad_parameter")
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=direction == "desc")
        shown_keys = call.every("custom_fields")
        if len(shown_keys) > 15:
            raise invalid("custom_fields: at most 15 keys", "bad_parameter")
        shown = [_shown(row, shown_keys) for row in rows[page.start : page.start + page.limit]]
        return Reply(200, {"success": True, "data": shown, "additional_data": _next(page, len(rows))})

    def search(self, call: Call) -> Reply:
        self._refuse_unknown(call, _SEARCH_PARAMETERS)
        page = _paging(call, most=500, usual=100)
        exact = call.first("exact_match") or "false"
        if exact not in ("true", "false"):
            raise invalid("exact_match: expected true or false", "bad_parameter")
        term = (call.first("term") or "").strip().lower()
        if len(term) < (1 if exact == "true" else 2):
            raise invalid("term: at least 2 characters, 1 with exact_match", "bad_parameter")
        places = call.every("fields") or ["name", "address", "custom_fields", "notes"]
        if not set(places) <= {"address", "custom_fields", "notes", "name"}:
            raise invalid("fields: expected address, custom_fields, notes or name", "bad_parameter")
        found = [
            {"result_score": 1.0, "item": _item(row)}
            for row in self._index.rows().values()
            if any((text == term if exact == "true" else term in text) for text in _texts(row, places))
        ]
        data = {"items": found[page.start : page.start + page.limit]}
        return Reply(200, {"success": True, "data": data, "additional_data": _next(page, len(found))})

    def _known(self, key: str) -> JsonObject:
        if not key.isdigit():
            raise invalid("id: expected integer", "wrong_type")
        row = self.get(key)
        if row is None:
            raise PipedriveError(404, "Organization not found", None, "ERR_NOT_FOUND")
        return row

    def _refuse_unknown(self, call: Call, known: frozenset[str]) -> None:
        for name, _ in call.query:
            if name not in known:
                self._state.violation("pipedrive", "unknown_parameter", call, f"{name} is not a parameter here")


def stamp(at: datetime) -> str:
    """Write an instant as v2 does (`2026-01-31T08:00:00Z`)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _answer(row: JsonObject) -> Reply:
    return Reply(200, {"success": True, "data": _shown(row, [])})


def _shown(row: JsonObject, custom_keys: list[str]) -> JsonObject:
    shown = {name: value for name, value in row.items() if name not in ("origin", "writes", "seed")}
    if custom_keys:
        shown["custom_fields"] = {key: row["custom_fields"].get(key) for key in custom_keys}
    return shown


def _item(row: JsonObject) -> JsonObject:
    address = row.get("address") or {}
    return {
        "id": row["id"],
        "type": "organization",
        "name": row["name"],
        "address": address.get("value"),
        "visible_to": row["visible_to"],
        "owner": {"id": row["owner_id"]},
        "custom_fields": [value for value in row["custom_fields"].values() if isinstance(value, str)],
        "notes": [],
    }


def _texts(row: JsonObject, places: list[str]) -> list[str]:
    texts = [row["name"]] if "name" in places else []
    if "address" in places:
        texts.append((row.get("address") or {}).get("value", ""))
    if "custom_fields" in places:
        texts += [value for value in row["custom_fields"].values() if isinstance(value, str)]
    return [text.lower() for text in texts]


def _paging(call: Call, *, most: int, usual: int) -> _Page:
    limit = call.first("limit")
    if limit is not None and (not limit.isdigit() or not 1 <= int(limit) <= most):
        raise invalid(f"limit: expected a number from 1 to {most}", "limit_out_of_range")
    cursor = call.first("cursor")
    start = 0
    if cursor is not None:
        try:
            start = int(base64.b64decode(cursor, validate=True))
        except (binascii.Error, ValueError) as error:
            raise invalid("cursor: not one that was given out", "bad_cursor") from error
    return _Page(usual if limit is None else int(limit), start)


def _next(page: _Page, total: int) -> JsonObject:
    end = page.start + page.limit
    return {"next_cursor": base64.b64encode(str(end).encode()).decode() if end < total else None}


def _moment(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"{name}: not an RFC 3339 date time", "bad_datetime") from error
    if at.tzinfo is None:
        raise invalid(f"{name}: a zone is missing", "bad_datetime")
    return at


def _not_before(stamped: str, edge: datetime) -> bool:
    return datetime.fromisoformat(stamped) >= edge.replace(microsecond=0)


def _before(stamped: str, edge: datetime) -> bool:
    return datetime.fromisoformat(stamped) < edge
