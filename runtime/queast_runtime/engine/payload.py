"""What a delivery keeps of its event: enough to write, match and check at send without the event itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from queast_runtime.matching.keys import Keys

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """An entity that must have a record before this can be written: itself (upsert) or what a note hangs on."""

    entity: str
    object: str
    keys: Keys

    @property
    def need(self) -> str:
        return f"link:{self.object}:{self.keys.external_id}"


@dataclass(frozen=True, slots=True)
class Payload:
    """`values` and `create_values` are in wire form; the latter go only into a create. `body` and `headers` belong to
    sends. `people` are the (entity, id) pairs whose opt-out stops it. `strictness` is None where no signal is told of.
    """

    values: JsonObject
    create_values: JsonObject
    body: Any
    headers: tuple[tuple[str, str], ...]
    secret_headers: tuple[tuple[str, str], ...]
    subjects: tuple[Subject, ...]
    people: tuple[tuple[str, str], ...]
    strictness: str | None

    def to_bytes(self) -> bytes:
        subjects = [
            [s.entity, s.object, s.keys.external_id, s.keys.domain, s.keys.linkedin, s.keys.name] for s in self.subjects
        ]
        return to_json(
            {
                "v": 1,
                "values": self.values,
                "create": self.create_values,
                "body": self.body,
                "headers": self.headers,
                "secret_headers": self.secret_headers,
                "subjects": subjects,
                "people": self.people,
                "strictness": self.strictness,
            }
        )


def read_payload(body: bytes) -> Payload:
    """Read what `Payload.to_bytes` wrote. Raises ValueError for anything else."""
    stored = orjson.loads(body)
    if not isinstance(stored, dict) or stored.get("v") != 1:
        raise ValueError("a delivery's body is not of a version that this release reads")
    return Payload(
        values=stored["values"],
        create_values=stored["create"],
        body=stored["body"],
        headers=tuple((name, value) for name, value in stored["headers"]),
        secret_headers=tuple((name, value) for name, value in stored["secret_headers"]),
        subjects=tuple(
            Subject(entity, object_, Keys(external_id, domain, linkedin, name))
            for entity, object_, external_id, domain, linkedin, name in stored["subjects"]
        ),
        people=tuple((entity, identity) for entity, identity in stored["people"]),
        strictness=stored["strictness"],
    )


def to_json(value: Any) -> bytes:
    """Deterministic JSON; dates and times as ISO text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def _plain(value: object) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no place in JSON")
