"""The HubSpot double: routes, token, rate limit and single writes of companies and notes."""

from __future__ import annotations

from collections.abc import Callable

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply
from queast_runtime.sandbox.hubspot_batch import BatchWriter, check_association, conflicts, shown, stored_links
from queast_runtime.sandbox.hubspot_reads import Reader
from queast_runtime.sandbox.hubspot_records import Records
from queast_runtime.sandbox.hubspot_rules import (
    HubSpotError,
    Problem,
    check_properties,
    invalid,
    read_object,
)
from queast_runtime.sandbox.hubspot_schema import ASSOCIATION_IDS, PROPERTIES
from queast_runtime.sandbox.state import State

_OBJECTS = ["crm", "objects", "2026-03"]
_PROPERTIES = ["crm", "properties", "2026-03"]
_OWNERS = ["crm", "owners", "2026-03"]
_ACCOUNT = (["account-info", "2026-03", "details"], ["account-info", "v3", "details"])


class HubSpotDouble:
    """One account (portal) that behaves as HubSpot's description and documents say. `token` opens it."""

    name = "hubspot"

    def __init__(self, state: State, *, account: str, token: str, lag_s: float, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._token = token
        self.records = Records(state, lag_s, monotonic)
        self._reader = Reader(state, self.records, account)
        self._writer = BatchWriter(state, self.records)

    def answer(self, call: Call) -> Reply:
        try:
            if call.bearer() != self._token:
                message = "Authentication credentials not found, or the token is not valid for this account"
                raise HubSpotError(401, "INVALID_AUTHENTICATION", message, rule="unauthenticated")
            return self._route(call)
        except HubSpotError as error:
            if error.rule is not None:
                self._state.violation(self.name, error.rule, call, error.message)
            for problem in error.problems if error.rule is None and not _is_batch(call) else ():
                if problem.rule not in ("not_found", "conflict"):
                    self._state.violation(self.name, problem.rule, call, problem.message)
            return error.reply(call)

    def is_batch_write(self, call: Call) -> bool:
        return _is_batch(call) and call.path.rsplit("/", 1)[-1] in ("create", "update", "upsert")

    def is_plain_create(self, call: Call) -> bool:
        parts = _parts(call)
        return call.method == "POST" and parts[:3] == _OBJECTS and parts[4:] in ([], ["batch", "create"])

    def throttled(self, wait_s: int, *, daily: bool) -> Reply:
        policy = "DAILY" if daily else "TEN_SECONDLY_ROLLING"
        body: JsonObject = {
            "status": "error",
            "message": f"You have reached your {policy.lower()} limit.",
            "errorType": "RATE_LIMIT",
            "category": "RATE_LIMITS",
            "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24",
            "policyName": policy,
        }
        return Reply(429, body, (("Retry-After", str(wait_s)),))

    def broken(self, status: int) -> Reply:
        body: JsonObject = {
            "status": "error",
            "message": "internal error",
            "category": "INTERNAL_ERROR",
            "correlationId": "8a3f1d2e-5c7b-4f3e-9b44-0c2d6f1e7a90",
        }
        return Reply(status, body)

    def _route(self, call: Call) -> Reply:
        parts = _parts(call)
        if parts in _ACCOUNT:
            return self._only(call, "GET", self._reader.account_details)
        if parts == _OWNERS:
            return self._only(call, "GET", lambda: self._reader.owners(call))
        if parts[:3] == _PROPERTIES and len(parts) in (4, 5):
            object_type = _object_type(parts[3])
            if len(parts) == 4:
                return self._only(call, "GET", lambda: self._reader.properties(object_type))
            return self._only(call, "GET", lambda: self._reader.property(object_type, parts[4]))
        if parts[:3] == _OBJECTS and len(parts) > 3:
            return self._object_route(_object_type(parts[3]), parts[4:], call)
        raise HubSpotError(404, "OBJECT_NOT_FOUND", f"no such path: {call.path}", rule="unknown_path")

    def _object_route(self, object_type: str, rest: list[str], call: Call) -> Reply:
        match (call.method, rest):
            case ("GET", []):
                return self._reader.page(object_type, call)
            case ("POST", []):
                return self._create(object_type, call)
            case ("POST", ["search"]):
                return self._reader.search(object_type, call)
            case ("POST", ["batch", "read"]):
                return self._reader.batch(object_type, call)
            case ("POST", ["batch", "create"]):
                return self._writer.run(object_type, "create", call)
            case ("POST", ["batch", "update"]):
                return self._writer.run(object_type, "update", call)
            case ("POST", ["batch", "upsert"]):
                return self._writer.run(object_type, "upsert", call)
            case ("GET", [record_id]):
                return self._reader.single(object_type, record_id, call)
            case ("PATCH", [record_id]):
                return self._update(object_type, record_id, call)
            case ("DELETE", [record_id]):
                if self.records.get(object_type, record_id) is not None:
                    self.records.archive(object_type, record_id)
                return Reply(204)
            case ("GET", [record_id, "associations", to]):
                return self._reader.associations(object_type, record_id, to, call)
            case ("PUT", [record_id, "associations", "default", to, to_id]):
                return self._associate(object_type, record_id, to, to_id)
            case (_, [] | [_] | ["batch", _] | [_, "associations", _]):
                raise HubSpotError(405, "VALIDATION_ERROR", f"{call.method} is not allowed here", rule="wrong_method")
            case _:
                raise HubSpotError(404, "OBJECT_NOT_FOUND", f"no such path: {call.path}", rule="unknown_path")

    def _only(self, call: Call, method: str, answer: Callable[[], Reply]) -> Reply:
        if call.method != method:
            raise HubSpotError(405, "VALIDATION_ERROR", f"{call.method} is not allowed here", rule="wrong_method")
        return answer()

    def _create(self, object_type: str, call: Call) -> Reply:
        body = read_object(call)
        links = body.get("associations", [])
        if not isinstance(links, list):
            raise invalid("associations must be a list", "association_shape")
        problems = list(check_properties(object_type, body.get("properties"), creating=True))
        problems += [found for link in links for found in check_association(self.records, object_type, link)]
        if not problems:
            problems += conflicts(self.records, object_type, body["properties"], None)
        _refuse(problems)
        if object_type == "notes" and not links:
            self._state.violation(self.name, "orphan_note", call, "the note is attached to nothing")
        record_id = self.records.create(object_type, body["properties"], stored_links(links), call.at)
        return Reply(201, shown(self.records.rows(object_type)[record_id], list(body["properties"])))

    def _update(self, object_type: str, record_id: str, call: Call) -> Reply:
        body = read_object(call)
        if self.records.get(object_type, record_id) is None:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"{object_type} {record_id} does not exist")
        problems = list(check_properties(object_type, body.get("properties"), creating=False))
        if not problems:
            problems += conflicts(self.records, object_type, body["properties"], record_id)
        _refuse(problems)
        self.records.update(object_type, record_id, body["properties"], call.at)
        return Reply(200, shown(self.records.rows(object_type)[record_id], list(body["properties"])))

    def _associate(self, object_type: str, record_id: str, to: str, to_id: str) -> Reply:
        if (object_type, to) != ("notes", "companies"):
            raise invalid(f"no default association leads from {object_type} to {to}", "unknown_object")
        for name, key in ((object_type, record_id), (to, to_id)):
            if self.records.get(name, key) is None:
                raise HubSpotError(404, "OBJECT_NOT_FOUND", f"{name} {key} does not exist")
        type_id = ASSOCIATION_IDS["notes", "companies"]
        self.records.associate(record_id, to_id, type_id)
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        now = self.records.rows(object_type)[record_id]["updatedAt"]
        result = {"from": {"id": record_id}, "to": {"id": to_id}, "associationSpec": spec}
        return Reply(200, {"status": "COMPLETE", "results": [result], "startedAt": now, "completedAt": now})


def _refuse(problems: list[Problem]) -> None:
    if not problems:
        return
    first, found = problems[0], tuple(problems)
    if first.rule == "conflict":
        raise HubSpotError(409, "CONFLICT", first.message, problems=found)
    raise HubSpotError(400, "VALIDATION_ERROR", f"Property values were not valid: {first.message}", problems=found)


def _parts(call: Call) -> list[str]:
    return [part for part in call.path.split("/") if part]


def _is_batch(call: Call) -> bool:
    return call.method == "POST" and "/batch/" in call.path


def _object_type(word: str) -> str:
    # Type ids are accepted beside names, as the vendor's paths accept them.
    name = {"0-2": "companies", "0-46": "notes", "company": "companies", "note": "notes"}.get(word, word)
    if name not in PROPERTIES:
        message = f"Unable to infer object type from: {word}"
        raise invalid(message, "unknown_object")
    return name
