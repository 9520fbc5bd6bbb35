"""HubSpot's batch writes: whole batches refused, or 207 where every input carries its own trace id."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply, instant
from queast_runtime.sandbox.hubspot_records import Records
from queast_runtime.sandbox.hubspot_rules import (
    HubSpotError,
    Problem,
    check_properties,
    detail,
    invalid,
    read_object,
)
from queast_runtime.sandbox.hubspot_schema import ASSOCIATION_IDS, PROPERTIES
from queast_runtime.sandbox.state import State

Verb = Literal["create", "update", "upsert"]
BATCH_LIMIT = 100


@dataclass(slots=True)
class _Outcome:
    results: list[JsonObject] = field(default_factory=list)
    errors: list[JsonObject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BatchWriter:
    """Executes `/batch/{create,update,upsert}` on the records of one account."""

    state: State
    records: Records

    def run(self, object_type: str, verb: Verb, call: Call) -> Reply:
        """Answer a batch write. Raises HubSpotError where the whole batch is refused."""
        inputs = read_inputs(call)
        traced = _has_unique_trace_ids(inputs)
        self._refuse_duplicates(object_type, verb, inputs)
        problems = [self._problems(object_type, verb, entry) for entry in inputs]
        for found in problems:
            for problem in found:
                if problem.rule not in _LEGITIMATE:
                    self.state.violation("hubspot", problem.rule, call, problem.message)
        if any(problems) and not traced:
            # The count was made above; the answer names no further rule.
            first = next(found for found in problems if found)
            raise _whole(first)
        doomed, unmentioned = _fates(call, len(inputs)) if traced else (set(), None)
        outcome = _Outcome()
        for number, (entry, found) in enumerate(zip(inputs, problems, strict=True)):
            if found:
                outcome.errors.append(_item_error(entry, found))
            elif number in doomed:
                outcome.errors.append(_item_failure(entry))
            else:
                result = self._write(object_type, verb, entry, call)
                if number != unmentioned:
                    outcome.results.append(result)
        return _reply(verb, call, outcome, partial=bool(outcome.errors) or unmentioned is not None)

    def _refuse_duplicates(self, object_type: str, verb: Verb, inputs: list[JsonObject]) -> None:
        if verb == "create":
            unique = [entry.name for entry in PROPERTIES[object_type].values() if entry.unique]
            keys = [
                f"{name}={entry['properties'][name]}"
                for entry in inputs
                for name in unique
                if isinstance(entry.get("properties"), dict) and entry["properties"].get(name)
            ]
        else:
            keys = [f"{entry.get('idProperty', 'hs_object_id')}={entry.get('id')}" for entry in inputs]
        repeated = [key for key, count in Counter(keys).items() if count > 1]
        if repeated:
            raise invalid(f"Duplicate IDs found in batch input: {repeated[:5]}", "duplicate_in_batch")

    def _problems(self, object_type: str, verb: Verb, entry: JsonObject) -> tuple[Problem, ...]:
        found: list[Problem] = []
        target: str | None = None
        if verb == "create":
            found += self._association_problems(object_type, entry)
            creating = True
        else:
            target, problem = self._target(object_type, verb, entry)
            found += [] if problem is None else [problem]
            creating = verb == "upsert" and target is None
        found += check_properties(object_type, entry.get("properties"), creating=creating)
        if not found:
            found += conflicts(self.records, object_type, entry["properties"], target)
        return tuple(found)

    def _target(self, object_type: str, verb: Verb, entry: JsonObject) -> tuple[str | None, Problem | None]:
        key = entry.get("id")
        if not isinstance(key, str) or not key:
            return None, Problem("missing_id", "INVALID_JSON", "every input needs an id, a string")
        if verb == "upsert" and "associations" in entry:
            return None, Problem("unknown_key", "INVALID_JSON", "upsert takes no associations")
        name = entry.get("idProperty")
        if name is None or name == "hs_object_id":
            found = key if self.records.get(object_type, key) is not None else None
            if found is None:
                return None, Problem("not_found", "OBJECT_NOT_FOUND", f"Could not get {object_type} with id {key}")
            return found, None
        known = PROPERTIES[object_type].get(name)
        if known is None or not known.unique:
            message = f"idProperty {name} must be a property with unique values"
            return None, Problem("id_property_not_unique", "INVALID_ID_PROPERTY", message, name)
        found = self.records.find(object_type, name, key)
        if found is None and verb == "update":
            return None, Problem("not_found", "OBJECT_NOT_FOUND", f"no {object_type} has {name} {key}")
        given = entry.get("properties")
        if isinstance(given, dict) and given.get(name, key) != key:
            return found, Problem("id_property_differs", "INVALID_ID_PROPERTY", f"{name} differs from the id", name)
        return found, None

    def _association_problems(self, object_type: str, entry: JsonObject) -> list[Problem]:
        if "associations" not in entry:
            return [Problem("missing_associations", "REQUIRED_FIELD", "associations must be given, even if empty")]
        return [
            problem
            for link in _as_list(entry["associations"])
            for problem in check_association(self.records, object_type, link)
        ]

    def _write(self, object_type: str, verb: Verb, entry: JsonObject, call: Call) -> JsonObject:
        properties: dict[str, str] = dict(entry["properties"])
        target = None if verb == "create" else self._target(object_type, verb, entry)[0]
        new = target is None
        if target is None:
            if verb == "upsert":
                properties[entry["idProperty"]] = entry["id"]
            links = stored_links(entry.get("associations", []))
            if object_type == "notes" and not links:
                self.state.violation("hubspot", "orphan_note", call, "the note is attached to nothing")
            target = self.records.create(object_type, properties, links, call.at)
        else:
            self.records.update(object_type, target, properties, call.at)
        result = shown(self.records.rows(object_type)[target], list(properties))
        if verb == "upsert":
            result["new"] = new
        if "objectWriteTraceId" in entry:
            result["objectWriteTraceId"] = entry["objectWriteTraceId"]
        return result


_LEGITIMATE = frozenset({"not_found", "conflict"})


def read_inputs(call: Call) -> list[JsonObject]:
    """Return a batch's inputs. Raises HubSpotError for none, too many or a wrong shape."""
    inputs = read_object(call).get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(entry, dict) for entry in inputs):
        raise invalid("Some required fields were not set: [inputs]", "missing_inputs")
    if not inputs:
        raise invalid("inputs must not be empty", "missing_inputs")
    if len(inputs) > BATCH_LIMIT:
        raise invalid(f"batch size is limited to {BATCH_LIMIT}, got {len(inputs)}", "batch_too_large")
    return inputs


def conflicts(records: Records, object_type: str, properties: dict[str, str], target: str | None) -> list[Problem]:
    """Return the unique values that another record than `target` already holds."""
    found = []
    for name, value in properties.items():
        entry = PROPERTIES[object_type][name]
        holder = records.find(object_type, name, value) if entry.unique and value else None
        if holder is not None and holder != target:
            message = f"{holder} already has the value {value} of {name}"
            found.append(Problem("conflict", "UNIQUE_VALUE_CONFLICT", message, name))
    return found


def check_association(records: Records, object_type: str, link: Any) -> list[Problem]:
    """Return what is wrong with one entry of `associations`."""
    types = link.get("types") if isinstance(link, dict) else None
    to = link.get("to") if isinstance(link, dict) else None
    if not isinstance(types, list) or not types or not isinstance(to, dict) or not isinstance(to.get("id"), str):
        return [Problem("association_shape", "INVALID_JSON", "an association needs types and to.id, a string")]
    expected = ASSOCIATION_IDS.get((object_type, "companies"))
    given = {(entry.get("associationCategory"), entry.get("associationTypeId")) for entry in types}
    if given != {("HUBSPOT_DEFINED", expected)}:
        message = f"association types {sorted(map(str, given))} do not lead from {object_type} to companies"
        return [Problem("association_type", "INVALID_ASSOCIATION_TYPE", message)]
    if records.get("companies", to["id"]) is None:
        return [Problem("not_found", "OBJECT_NOT_FOUND", f"company {to['id']} does not exist")]
    return []


def stored_links(associations: Any) -> list[JsonObject]:
    """Return checked associations as they are kept: as they were given, without anything else beside them."""
    return [{"to": {"id": link["to"]["id"]}, "types": link["types"]} for link in _as_list(associations)]


def shown(row: JsonObject, properties: list[str]) -> JsonObject:
    """Show a record with the asked properties (and those that HubSpot always adds)."""
    always = ("hs_object_id", "createdate", "hs_createdate", "hs_lastmodifieddate")
    held = row["properties"]
    return {
        "id": row["id"],
        "properties": {name: held[name] for name in (*properties, *always) if name in held},
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "archived": row["archived"],
    }


def envelope(call: Call, results: list[JsonObject], errors: list[JsonObject]) -> JsonObject:
    body: JsonObject = {
        "status": "COMPLETE",
        "results": results,
        "requestedAt": instant(call.at),
        "startedAt": instant(call.at),
        "completedAt": instant(call.at),
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return body


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _has_unique_trace_ids(inputs: list[JsonObject]) -> bool:
    ids = [entry.get("objectWriteTraceId") for entry in inputs]
    given = [trace for trace in ids if isinstance(trace, str) and trace]
    if len(set(given)) < len(given):
        raise invalid("objectWriteTraceId must be unique within a batch", "duplicate_trace_id")
    if 0 < len(given) < len(inputs):
        raise invalid("objectWriteTraceId must be given for every input or for none", "missing_trace_id")
    return len(given) == len(inputs)


def _whole(problems: tuple[Problem, ...]) -> HubSpotError:
    first = problems[0]
    match first.rule:
        case "not_found":
            return HubSpotError(404, "OBJECT_NOT_FOUND", first.message, problems=problems)
        case "conflict":
            return HubSpotError(409, "CONFLICT", first.message, problems=problems)
        case _:
            message = f"Property values were not valid: {first.message}"
            return HubSpotError(400, "VALIDATION_ERROR", message, problems=problems)


def _item_error(entry: JsonObject, problems: tuple[Problem, ...]) -> JsonObject:
    error = _whole(problems)
    return {
        "status": "error",
        "category": error.category,
        "message": error.message,
        "context": _context(entry),
        "links": {},
        "errors": [detail(problem) for problem in problems],
    }


def _item_failure(entry: JsonObject) -> JsonObject:
    return {
        "status": "error",
        "category": "INTERNAL_ERROR",
        "message": "There was a problem with the request.",
        "context": _context(entry),
        "links": {},
        "errors": [],
    }


def _context(entry: JsonObject) -> dict[str, list[str]]:
    context = {"objectWriteTraceId": [entry["objectWriteTraceId"]]}
    if isinstance(entry.get("id"), str):
        context["ids"] = [entry["id"]]
    return context


def _fates(call: Call, size: int) -> tuple[set[int], int | None]:
    chance = call.twist.chance()
    match call.twist.kind:
        case "none":
            return set(), None
        case "items":
            return set(chance.sample(range(size), max(1, size // 10))), None
        case "unaccounted":
            return set(), chance.randrange(size)


def _reply(verb: Verb, call: Call, outcome: _Outcome, *, partial: bool) -> Reply:
    if partial:
        return Reply(207, envelope(call, outcome.results, outcome.errors))
    return Reply(201 if verb == "create" else 200, envelope(call, outcome.results, []))
