"""The Pipedrive double: routes of v1 and v2, token, daily token budget."""

from __future__ import annotations

from collections.abc import Callable

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply
from queast_runtime.sandbox.pipedrive_notes import Notes
from queast_runtime.sandbox.pipedrive_organizations import Organizations
from queast_runtime.sandbox.pipedrive_rules import PipedriveError
from queast_runtime.sandbox.pipedrive_schema import USERS, Field, organization_fields
from queast_runtime.sandbox.state import State

# Tokens that a call costs of the account's daily budget, by (method, collection or single).
_COSTS = {
    ("GET", "v2", False): 10,
    ("GET", "v2", True): 1,
    ("GET", "v1", False): 20,
    ("GET", "v1", True): 2,
    ("POST", "v2", False): 5,
    ("POST", "v1", False): 10,
    ("PATCH", "v2", True): 5,
    ("PUT", "v1", True): 10,
    ("DELETE", "v2", True): 3,
    ("DELETE", "v1", True): 6,
}
_DAILY_TOKENS = 3_000_000


class PipedriveDouble:
    """One company account that behaves as Pipedrive's description and documents say. `token` opens it."""

    name = "pipedrive"

    def __init__(self, state: State, *, account: str, token: str, lag_s: float, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._account = account
        self._token = token
        self._fields = organization_fields(account)
        self.organizations = Organizations(state, self._fields, lag_s, monotonic)
        self.notes = Notes(state, self.organizations)

    def answer(self, call: Call) -> Reply:
        try:
            if self._token not in (call.headers.get("x-api-token"), call.bearer()):
                raise PipedriveError(401, "unauthorized access", "unauthenticated", "ERR_UNAUTHORIZED")
            reply = self._route(call)
        except PipedriveError as error:
            if error.rule is not None:
                self._state.violation(self.name, error.rule, call, error.message)
            reply = error.reply()
        spent = self._spend(call)
        left = max(0, _DAILY_TOKENS - spent)
        return Reply(reply.status, reply.body, (*reply.headers, ("x-daily-ratelimit-token-remaining", str(left))))

    def is_batch_write(self, _call: Call, /) -> bool:
        return False

    def is_plain_create(self, call: Call) -> bool:
        return call.method == "POST"

    def throttled(self, wait_s: int, *, daily: bool) -> Reply:
        headers = [("Retry-After", str(wait_s)), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(wait_s))]
        if daily:
            headers.append(("x-daily-ratelimit-token-remaining", "0"))
        body: JsonObject = {"success": False, "error": "request over limit", "errorCode": 429, "data": None}
        return Reply(429, body, tuple(headers))

    def broken(self, status: int) -> Reply:
        body: JsonObject = {"success": False, "error": "Service unavailable", "errorCode": status, "data": None}
        return Reply(status, body)

    def _route(self, call: Call) -> Reply:
        match (call.method, [part for part in call.path.split("/") if part]):
            case ("POST", ["api", "v2", "organizations"]):
                return self.organizations.create(call)
            case ("GET", ["api", "v2", "organizations"]):
                return self.organizations.page(call)
            case ("GET", ["api", "v2", "organizations", "search"]):
                return self.organizations.search(call)
            case ("GET", ["api", "v2", "organizations", key]):
                return self.organizations.read(key)
            case ("PATCH", ["api", "v2", "organizations", key]):
                return self.organizations.patch(key, call)
            case ("DELETE", ["api", "v2", "organizations", key]):
                return self.organizations.delete(key)
            case ("GET", ["api", "v2", "organizationFields"]):
                return Reply(200, {"success": True, "data": self._definitions(), "additional_data": {}})
            case ("GET", ["api", "v2", "organizationFields", code]):
                return self._definition(code)
            case ("POST", ["v1", "notes"]):
                return self.notes.create(call)
            case ("GET", ["v1", "notes"]):
                return self.notes.page(call)
            case ("GET", ["v1", "notes", key]):
                return self.notes.read(key)
            case ("PUT", ["v1", "notes", key]):
                return self.notes.update(key, call)
            case ("DELETE", ["v1", "notes", key]):
                return self.notes.delete(key)
            case ("GET", ["v1", "users", "me"]):
                return Reply(200, {"success": True, "data": self._me()})
            case (_, ["api", "v2", "organizations", *_] | ["v1", "notes", *_]):
                message = f"Unknown method {call.method} for {call.path}"
                raise PipedriveError(405, message, "wrong_method", "ERR_METHOD_NOT_ALLOWED")
            case _:
                raise PipedriveError(404, "Unknown method .", "unknown_path", "ERR_NOT_FOUND")

    def _spend(self, call: Call) -> int:
        version = "v2" if call.path.startswith("/api/v2") else "v1"
        single = call.path.rsplit("/", 1)[-1].isdigit()
        cost = 20 if call.path.endswith("/search") else _COSTS.get((call.method, version, single), 2)
        self._state.counters["pipedrive.tokens"] += cost
        return self._state.counters["pipedrive.tokens"]

    def _me(self) -> JsonObject:
        user = USERS[0]
        return {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "active_flag": True,
            "company_id": int(self._account),
            "company_name": "Nordlys",
            "company_domain": "nordlys-sandbox",
            "timezone_name": "Europe/Oslo",
        }

    def _definition(self, code: str) -> Reply:
        found = next((entry for entry in self._definitions() if entry["field_code"] == code), None)
        if found is None:
            raise PipedriveError(404, f"field {code} not found", None, "ERR_NOT_FOUND")
        return Reply(200, {"success": True, "data": found})

    def _definitions(self) -> list[JsonObject]:
        return [_described(field) for field in self._fields.values()]


def _described(field: Field) -> JsonObject:
    options = [{"id": option, "label": label} for option, label in field.options] or None
    return {
        "field_name": field.label,
        "field_code": field.code,
        "field_type": field.type,
        "options": options,
        "subfields": None,
        "is_custom_field": field.custom,
        "is_optional_response_field": False,
    }
