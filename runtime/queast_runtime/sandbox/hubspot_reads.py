"""HubSpot's reads: single, list pages, batch read, lagging search, association listing, properties, owners, account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from queast_runtime.sandbox.exchange import Call, JsonObject, Reply, instant
from queast_runtime.sandbox.hubspot_batch import envelope, read_inputs, shown
from queast_runtime.sandbox.hubspot_records import Records
from queast_runtime.sandbox.hubspot_rules import HubSpotError, invalid, read_object
from queast_runtime.sandbox.hubspot_schema import ASSOCIATION_IDS, OWNERS, PROPERTIES, Property
from queast_runtime.sandbox.state import State

_LIST_LIMIT = 100
_SEARCH_LIMIT = 200
_DEFAULTS = {"companies": ["name", "domain"], "notes": ["hs_timestamp", "hs_note_body"]}

_OPERATORS: dict[str, Callable[[str | None, JsonObject], bool]] = {
    "EQ": lambda held, entry: held is not None and held.lower() == entry["value"].lower(),
    "NEQ": lambda held, entry: held is not None and held.lower() != entry["value"].lower(),
    "IN": lambda held, entry: held is not None and held.lower() in {value.lower() for value in entry["values"]},
    "NOT_IN": lambda held, entry: held is not None and held.lower() not in {value.lower() for value in entry["values"]},
    "HAS_PROPERTY": lambda held, _: held is not None,
    "NOT_HAS_PROPERTY": lambda held, _: held is None,
    "CONTAINS_TOKEN": lambda held, entry: held is not None and entry["value"].lower().strip("*") in held.lower(),
    "GTE": lambda held, entry: held is not None and held >= entry["value"],
    "GT": lambda held, entry: held is not None and held > entry["value"],
    "LTE": lambda held, entry: held is not None and held <= entry["value"],
    "LT": lambda held, entry: held is not None and held < entry["value"],
}
_NEEDS_VALUES = ("IN", "NOT_IN")
_NEEDS_NOTHING = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")


@dataclass(frozen=True, slots=True)
class Reader:
    """Answers HubSpot's reads from the records of one account. `account` is the portal id."""

    state: State
    records: Records
    account: str

    def single(self, object_type: str, record_id: str, call: Call) -> Reply:
        name = call.first("idProperty")
        found: str | None = record_id
        if name is not None and name != "hs_object_id":
            entry = PROPERTIES[object_type].get(name)
            if entry is None or not entry.unique:
                raise invalid(f"idProperty {name} must be a property with unique values", "id_property_not_unique")
            found = self.records.find(object_type, name, record_id)
        row = None if found is None else self.records.get(object_type, found)
        if row is None:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"Object not found. objectId {record_id} does not exist")
        return Reply(200, shown(row, self._asked(object_type, call.every("properties"), call)))

    def page(self, object_type: str, call: Call) -> Reply:
        limit = _bounded(call.first("limit"), 10, _LIST_LIMIT)
        after = call.first("after")
        if after is not None and not after.isdigit():
            raise invalid("the after parameter is not a paging cursor", "bad_cursor")
        asked = self._asked(object_type, call.every("properties"), call)
        rows = (
            row
            for row in self.records.rows(object_type).values()
            if not row["archived"] and (after is None or int(row["id"]) >= int(after))
        )
        found = list(islice(rows, limit + 1))
        body: JsonObject = {"results": [shown(row, asked) for row in found[:limit]]}
        if len(found) > limit:
            body["paging"] = {"next": {"after": found[limit]["id"]}}
        return Reply(200, body)

    def batch(self, object_type: str, call: Call) -> Reply:
        inputs = read_inputs(call)
        body = read_object(call)
        for key in ("properties", "propertiesWithHistory"):
            if not isinstance(body.get(key), list):
                self.state.violation("hubspot", "missing_key", call, f"batch read needs {key}, a list")
        ids = [entry["id"] for entry in inputs if isinstance(entry.get("id"), str) and entry["id"]]
        if len(ids) < len(inputs):
            raise invalid("every input needs an id, a string", "missing_id")
        if len(set(ids)) < len(ids):
            raise invalid("Duplicate IDs found in batch input", "duplicate_in_batch")
        name = body.get("idProperty")
        if name is not None and name not in {entry.name for entry in PROPERTIES[object_type].values() if entry.unique}:
            raise invalid(f"idProperty {name} must be a property with unique values", "id_property_not_unique")
        asked = self._asked(object_type, list(body.get("properties") or []), call)
        results, missing = [], []
        for key in ids:
            found = key if name is None else self.records.find(object_type, name, key)
            row = None if found is None else self.records.get(object_type, found)
            if row is None:
                missing.append(key)
            else:
                results.append(shown(row, asked))
        if not missing:
            return Reply(200, envelope(call, results, []))
        error: JsonObject = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": f"Could not get some {object_type} objects, they may be deleted or not exist",
            "context": {"ids": missing},
            "links": {},
            "errors": [],
        }
        return Reply(207, envelope(call, results, [error]))

    def search(self, object_type: str, call: Call) -> Reply:
        body = read_object(call)
        limit = _bounded(body.get("limit"), 10, _SEARCH_LIMIT)
        start = body.get("after", "0")
        if not isinstance(start, str) or not start.isdigit():
            raise invalid("after must be a paging cursor, a string", "bad_cursor")
        groups = [_filters(object_type, group) for group in _list_of_objects(body.get("filterGroups", []), 5)]
        asked = self._asked(object_type, list(body.get("properties") or []), call)
        query = body.get("query")
        if query is not None and not isinstance(query, str):
            raise invalid("query must be a string", "bad_search")
        found = [
            row
            for row in self.records.searchable(object_type).values()
            if _matches(row["properties"], groups) and (not query or _mentions(row["properties"], query))
        ]
        first = int(start)
        answer: JsonObject = {
            "total": len(found),
            "results": [shown(row, asked) for row in found[first : first + limit]],
        }
        if first + limit < len(found):
            answer["paging"] = {"next": {"after": str(first + limit)}}
        return Reply(200, answer)

    def associations(self, object_type: str, record_id: str, to: str, call: Call) -> Reply:
        if (object_type, to) not in ASSOCIATION_IDS:
            raise invalid(f"no associations lead from {object_type} to {to}", "unknown_object")
        row = self.records.get(object_type, record_id)
        if row is None:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"{object_type} {record_id} does not exist")
        limit = _bounded(call.first("limit"), 500, 500)
        after = call.first("after")
        if object_type == "companies":
            ends = self.records.notes_of(record_id)
        else:
            ends = [link["to"]["id"] for link in row["associations"]]
        ends = sorted((end for end in ends if after is None or int(end) >= int(after)), key=int)
        type_id = ASSOCIATION_IDS[object_type, to]
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": type_id}]
        body: JsonObject = {"results": [{"toObjectId": end, "associationTypes": kinds} for end in ends[:limit]]}
        if len(ends) > limit:
            body["paging"] = {"next": {"after": ends[limit]}}
        return Reply(200, body)

    def properties(self, object_type: str) -> Reply:
        return Reply(200, {"results": [_definition(entry) for entry in PROPERTIES[object_type].values()]})

    def property(self, object_type: str, name: str) -> Reply:
        entry = PROPERTIES[object_type].get(name)
        if entry is None:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"property {name} does not exist")
        return Reply(200, _definition(entry))

    def owners(self, call: Call) -> Reply:
        email = call.first("email")
        found = [
            {
                "id": owner.id,
                "email": owner.email,
                "type": "PERSON",
                "firstName": owner.first_name,
                "lastName": owner.last_name,
                "createdAt": instant(call.at),
                "updatedAt": instant(call.at),
                "archived": False,
            }
            for owner in OWNERS
            if email in (None, owner.email)
        ]
        return Reply(200, {"results": found})

    def account_details(self) -> Reply:
        return Reply(
            200,
            {
                "portalId": int(self.account),
                "accountType": "SANDBOX",
                "timeZone": "Europe/Oslo",
                "companyCurrency": "EUR",
                "additionalCurrencies": [],
                "utcOffset": "+01:00",
                "utcOffsetMilliseconds": 3_600_000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "eu1",
            },
        )

    def _asked(self, object_type: str, names: list[Any], call: Call) -> list[str]:
        # HubSpot ignores unknown names in reads; asking for one is still a mistake worth counting.
        for name in names:
            if name not in PROPERTIES[object_type]:
                self.state.violation("hubspot", "unknown_property", call, f"reads {name}, which does not exist")
        return [str(name) for name in names] or _DEFAULTS[object_type]


def _bounded(given: Any, default: int, most: int) -> int:
    if given is None:
        return default
    if isinstance(given, str) and given.isdigit():
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise invalid(f"limit must be a number from 1 to {most}", "limit_out_of_range")
    return given


def _list_of_objects(given: Any, most: int) -> list[JsonObject]:
    if not isinstance(given, list) or len(given) > most or not all(isinstance(entry, dict) for entry in given):
        raise invalid(f"filterGroups and filters are lists of at most {most} and 6 objects", "bad_search")
    return given


def _filters(object_type: str, group: JsonObject) -> list[JsonObject]:
    filters = _list_of_objects(group.get("filters"), 6)
    for entry in filters:
        name, operator = entry.get("propertyName"), entry.get("operator")
        if name not in PROPERTIES[object_type]:
            raise invalid(f"There was a problem with the request: unknown property {name}", "unknown_property")
        if operator not in _OPERATORS:
            raise invalid(f"operator {operator} is not supported", "bad_search")
        if operator in _NEEDS_VALUES:
            values = entry.get("values")
            fits = isinstance(values, list) and bool(values) and all(isinstance(value, str) for value in values)
        else:
            fits = operator in _NEEDS_NOTHING or (isinstance(entry.get("value"), str) and entry["value"] != "")
        if not fits:
            raise invalid(f"filter on {name} with {operator} lacks its value", "bad_search")
    return filters


def _matches(held: dict[str, str], groups: list[list[JsonObject]]) -> bool:
    if not groups:
        return True
    return any(
        all(_OPERATORS[entry["operator"]](held.get(entry["propertyName"]), entry) for entry in filters)
        for filters in groups
    )


def _mentions(held: dict[str, str], query: str) -> bool:
    wanted = query.lower()
    return any(wanted in held.get(name, "").lower() for name in ("name", "domain", "website", "phone"))


def _definition(entry: Property) -> JsonObject:
    return {
        "name": entry.name,
        "label": entry.label,
        "type": entry.type,
        "fieldType": entry.field_type,
        "description": "",
        "groupName": entry.group,
        "options": [
            {"label": label, "value": value, "hidden": False, "displayOrder": number, "description": ""}
            for number, (value, label) in enumerate(entry.options)
        ],
        "hasUniqueValue": entry.unique,
        "hidden": False,
        "hubspotDefined": entry.built_in,
        "externalOptions": entry.owner,
        "referencedObjectType": "OWNER" if entry.owner else "",
        "modificationMetadata": {
            "archivable": not entry.built_in,
            "readOnlyDefinition": entry.built_in,
            "readOnlyValue": entry.read_only,
        },
    }
