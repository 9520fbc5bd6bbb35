"""Pipedrive's notes (v1): each must hang on an organization, person, deal, lead, project or task."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply
from queast_runtime.sandbox.pipedrive_organizations import Organizations
from queast_runtime.sandbox.pipedrive_rules import (
    PipedriveError,
    check_note_time,
    check_value,
    invalid,
    read_object,
)
from queast_runtime.sandbox.pipedrive_schema import NOTE_FIELDS, USERS
from queast_runtime.sandbox.state import State

TABLE = "pipedrive.notes"
_FIRST_ID = 7001
_PARENTS = ("lead_id", "deal_id", "person_id", "org_id", "project_id", "task_id")
_PINS = ("lead", "deal", "organization", "person", "project", "task")
_FLAGS = frozenset(f"pinned_to_{parent}_flag" for parent in _PINS)
_LIST_PARAMETERS = frozenset(
    {"user_id", *_PARENTS, "start", "limit", "sort", "start_date", "end_date", "updated_since"}
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Notes:
    """Notes of one account, kept in the state's table `pipedrive.notes`."""

    def __init__(self, state: State, organizations: Organizations) -> None:
        self._state = state
        self._organizations = organizations

    def rows(self) -> dict[str, JsonObject]:
        return self._state.rows(TABLE)

    def create(self, call: Call) -> Reply:
        body = read_object(call)
        self._check(body, creating=True)
        number = self._state.next_number(TABLE, _FIRST_ID)
        row: JsonObject = {
            "id": number,
            "active_flag": True,
            "content": body["content"],
            "add_time": body.get("add_time", _stamp(call.at)),
            "update_time": _stamp(call.at),
            "user_id": body.get("user_id", USERS[0].id),
            "last_update_user_id": None,
            **{parent: body.get(parent) for parent in _PARENTS},
            **{flag: bool(body.get(flag, 0)) for flag in sorted(_FLAGS)},
            "writes": 1,
        }
        self._state.put(TABLE, str(number), row)
        return self._answer(row)

    def update(self, key: str, call: Call) -> Reply:
        body = read_object(call)
        old = self._known(key)
        self._check(body, creating=False)
        row = {**old, **body, "update_time": _stamp(call.at), "writes": old["writes"] + 1}
        self._state.put(TABLE, key, row)
        return self._answer(row)

    def read(self, key: str) -> Reply:
        return self._answer(self._known(key))

    def delete(self, key: str) -> Reply:
        old = self._known(key)
        self._state.put(TABLE, key, {**old, "active_flag": False})
        return Reply(200, {"success": True, "data": True})

    def page(self, call: Call) -> Reply:
        for name, _ in call.query:
            if name not in _LIST_PARAMETERS | _FLAGS:
                self._state.violation("pipedrive", "unknown_parameter", call, f"{name} is not a parameter here")
        start, limit = _number(call, "start", 0), _number(call, "limit", 100)
        if limit > 500:
            raise invalid("limit: at most 500", "limit_out_of_range")
        rows = [row for row in self.rows().values() if row["active_flag"]]
        for parent in (*_PARENTS, "user_id"):
            wanted = call.first(parent)
            if wanted is not None:
                if parent != "lead_id" and not wanted.isdigit():
                    raise invalid(f"{parent}: expected integer", "wrong_type")
                rows = [row for row in rows if str(row[parent]) == wanted]
        edge = call.first("updated_since")
        if edge is not None:
            rows = [row for row in rows if _after(row["update_time"], edge)]
        rows.sort(key=lambda row: int(row["id"]))
        for word in reversed([word.strip() for word in (call.first("sort") or "").split(",") if word.strip()]):
            name, _, direction = word.partition(" ")
            if name not in ("id", "add_time", "update_time", "content"):
                raise invalid(f"sort: {name} cannot be sorted by", "bad_parameter")
            rows.sort(key=itemgetter(name), reverse=direction.upper() == "DESC")
        more = start + limit < len(rows)
        pagination: JsonObject = {"start": start, "limit": limit, "more_items_in_collection": more}
        if more:
            pagination["next_start"] = start + limit
        data = [self._shown(row) for row in rows[start : start + limit]]
        return Reply(200, {"success": True, "data": data, "additional_data": {"pagination": pagination}})

    def _check(self, body: JsonObject, *, creating: bool) -> None:
        if creating and not body.get("content"):
            raise invalid("content: is required", "missing_required")
        for code, value in body.items():
            self._check_one(code, value)
        if creating and not any(body.get(parent) for parent in _PARENTS):
            message = "one of lead_id, deal_id, person_id, org_id, project_id or task_id is required"
            raise invalid(message, "orphan_note")

    def _check_one(self, code: str, value: Any) -> None:
        match code:
            case "content":
                check_value(NOTE_FIELDS["content"], value, code)
            case "add_time":
                check_note_time(value)
            case "lead_id":
                if not isinstance(value, str) or _UUID.fullmatch(value) is None:
                    raise invalid("lead_id: expected a uuid", "wrong_type")
                raise PipedriveError(404, "Lead not found", None, "ERR_NOT_FOUND")
            case "deal_id" | "person_id" | "project_id" | "task_id" | "org_id" | "user_id":
                if isinstance(value, bool) or not isinstance(value, int):
                    raise invalid(f"{code}: expected integer", "wrong_type")
                self._check_parent(code, value)
            case _ if code in _FLAGS:
                if isinstance(value, bool) or value not in (0, 1):
                    raise invalid(f"{code}: expected 0 or 1", "wrong_type")
            case _:
                raise invalid(f"{code}: unknown field", "unknown_property")

    def _check_parent(self, code: str, value: int) -> None:
        if code == "user_id":
            known = any(user.id == value for user in USERS)
        else:
            # The sandbox's account holds organizations only; no deal, person, project or task exists in it.
            known = code == "org_id" and self._organizations.get(str(value)) is not None
        if not known:
            raise PipedriveError(404, f"{code} {value} not found", None, "ERR_NOT_FOUND")

    def _known(self, key: str) -> JsonObject:
        if not key.isdigit():
            raise invalid("id: expected integer", "wrong_type")
        row = self.rows().get(key)
        if row is None or not row["active_flag"]:
            raise PipedriveError(404, "Note not found", None, "ERR_NOT_FOUND")
        return row

    def _answer(self, row: JsonObject) -> Reply:
        return Reply(200, {"success": True, "data": self._shown(row)})

    def _shown(self, row: JsonObject) -> JsonObject:
        shown = {name: value for name, value in row.items() if name != "writes"}
        organization = self._organizations.get(str(row["org_id"]))
        if organization is not None:
            shown["organization"] = {"name": organization["name"]}
        return shown


def _number(call: Call, name: str, usual: int) -> int:
    given = call.first(name)
    if given is None:
        return usual
    if not given.isdigit():
        raise invalid(f"{name}: expected integer", "wrong_type")
    return int(given)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _after(stamped: str, edge: str) -> bool:
    try:
        since = datetime.fromisoformat(edge)
    except ValueError as error:
        raise invalid("updated_since: not an RFC 3339 date time", "bad_datetime") from error
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return datetime.fromisoformat(stamped).replace(tzinfo=UTC) >= since.replace(microsecond=0)
