"""The HubSpot double's records: creating, updating, uniqueness, associations, the lagging search index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from queast_runtime.sandbox.exchange import JsonObject, instant
from queast_runtime.sandbox.hubspot_schema import PROPERTIES
from queast_runtime.sandbox.lag import LaggingIndex
from queast_runtime.sandbox.state import State

_FIRST_ID = {"companies": 9_000_000_101, "notes": 41_000_000_301}
_CREATED = {"companies": "createdate", "notes": "hs_createdate"}


class Records:
    """Companies and notes of one account, kept in the state's tables `hubspot.<object>`."""

    def __init__(self, state: State, lag_s: float, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._indexes = {name: LaggingIndex(lag_s, monotonic) for name in PROPERTIES}
        self._unique: dict[tuple[str, str, str], str] = {}
        self._notes_of: dict[str, list[str]] = {}
        for name in PROPERTIES:
            for record_id, row in self.rows(name).items():
                self._remember(name, record_id, row)
                self._indexes[name].note(record_id, row, at_once=True)

    def rows(self, object_type: str) -> dict[str, JsonObject]:
        return self._state.rows(f"hubspot.{object_type}")

    def get(self, object_type: str, record_id: str) -> JsonObject | None:
        row = self.rows(object_type).get(record_id)
        return None if row is None or row["archived"] else row

    def find(self, object_type: str, property: str, value: str) -> str | None:
        """Return the id of the record that holds `value` in a unique property."""
        return self._unique.get((object_type, property, value.lower()))

    def searchable(self, object_type: str) -> dict[str, JsonObject]:
        return self._indexes[object_type].rows()

    def notes_of(self, company_id: str) -> list[str]:
        return [note for note in self._notes_of.get(company_id, ()) if self.get("notes", note) is not None]

    def create(
        self,
        object_type: str,
        properties: dict[str, str],
        associations: list[JsonObject],
        at: datetime,
        *,
        origin: str = "api",
    ) -> str:
        """Store a checked record and return its id. Values that the account holds unique must be free."""
        record_id = str(self._state.next_number(f"hubspot.{object_type}", _FIRST_ID[object_type]))
        written = {name: value for name, value in properties.items() if value != ""}
        row: JsonObject = {
            "id": record_id,
            "properties": written
            | {"hs_object_id": record_id, _CREATED[object_type]: instant(at), "hs_lastmodifieddate": instant(at)},
            "associations": associations,
            "createdAt": instant(at),
            "updatedAt": instant(at),
            "archived": False,
            "origin": origin,
            "writes": 1,
        }
        if origin == "seed":
            row["seed"] = written
        self._store(object_type, record_id, row, at_once=origin == "seed")
        return record_id

    def update(self, object_type: str, record_id: str, properties: dict[str, str], at: datetime) -> None:
        """Merge checked properties into a record; an empty string clears."""
        old = self.rows(object_type)[record_id]
        self._forget(object_type, record_id, old)
        merged = {**old["properties"], **properties, "hs_lastmodifieddate": instant(at)}
        row = {
            **old,
            "properties": {name: value for name, value in merged.items() if value != ""},
            "updatedAt": instant(at),
            "writes": old["writes"] + 1,
        }
        self._store(object_type, record_id, row)

    def associate(self, note_id: str, company_id: str, type_id: int) -> None:
        old = self.rows("notes")[note_id]
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        entry = {"to": {"id": company_id}, "types": [kind]}
        if entry not in old["associations"]:
            self._store("notes", note_id, {**old, "associations": [*old["associations"], entry]})

    def archive(self, object_type: str, record_id: str) -> None:
        old = self.rows(object_type)[record_id]
        self._forget(object_type, record_id, old)
        self._state.put(f"hubspot.{object_type}", record_id, {**old, "archived": True})
        self._indexes[object_type].note(record_id, None)

    def _store(self, object_type: str, record_id: str, row: JsonObject, *, at_once: bool = False) -> None:
        self._state.put(f"hubspot.{object_type}", record_id, row)
        self._remember(object_type, record_id, row)
        self._indexes[object_type].note(record_id, row, at_once=at_once)

    def _remember(self, object_type: str, record_id: str, row: JsonObject) -> None:
        if row["archived"]:
            return
        for name, value in row["properties"].items():
            entry = PROPERTIES[object_type].get(name)
            if entry is not None and entry.unique:
                self._unique[object_type, name, value.lower()] = record_id
        for link in row["associations"]:
            notes = self._notes_of.setdefault(link["to"]["id"], [])
            if record_id not in notes:
                notes.append(record_id)

    def _forget(self, object_type: str, record_id: str, row: JsonObject) -> None:
        for name, value in row["properties"].items():
            if self._unique.get((object_type, name, value.lower())) == record_id:
                del self._unique[object_type, name, value.lower()]
