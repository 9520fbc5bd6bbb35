"""What a delivery keeps of its event: enough to write, match and check at send without the event itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, get_args

import orjson

from queast_compiler.plan.needs import Asking
from queast_runtime.matching.keys import Keys

JsonObject = dict[str, Any]
_ASKING: Final[dict[str, Asking]] = {guard: guard for guard in get_args(Asking)}


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
    """`values` and `create_values` are in wire form; the latter go only into a create. `guards` say, by property, what
    must hold of a record that is there before its value is written; a property without one is written always. `body`
    and `headers` belong to sends. `people` are the (entity, id) pairs whose opt-out stops it. `strictness` is None
    where no signal is told of.
    """

    values: JsonObject
    create_values: JsonObject
    body: Any
    headers: tuple[tuple[str, str], ...]
    secret_headers: tuple[tuple[str, str], ...]
    subjects: tuple[Subject, ...]
    people: tuple[tuple[str, str], ...]
    strictness: str | None
    guards: Mapping[str, Asking] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        subjects = [
            [s.entity, s.object, s.keys.external_id, s.keys.domain, s.keys.linkedin, s.keys.name] for s in self.subjects
        ]
        return to_json(
            {
                "v": 2,
                "fields": [[name, value, self.guards.get(name, "none")] for name, value in self.values.items()],
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
    """Read what `Payload.to_bytes` wrote, or an earlier release (version 1, which had no guards).

    Raises ValueError for anything else.
    """
    stored = orjson.loads(body)
    match stored:
        case {"v": 1, "values": dict(values)}:
            guards: dict[str, Asking] = {}
        case {"v": 2, "fields": list(fields)}:
            values = {name: value for name, value, _ in fields}
            guards = {name: _ASKING[guard] for name, _, guard in fields if guard != "none"}
        case _:
            raise ValueError("a delivery's body is not of a version that this release reads")
    return Payload(
        values=values,
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
        guards=guards,
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
