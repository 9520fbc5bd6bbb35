"""Reading one event: the CloudEvents envelope and the entity inside, guarded by hand.

The keys an entity must have come from its canonical schema, so a schema that gains a required key needs no change here.
A full schema check per event would cost more than everything else in admission; what a mapping reads is guarded again
by the code generated from its plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final, Literal

import orjson

import queast_schemas

JsonObject = dict[str, Any]
Entity = Literal["company", "person", "signal", "job_ad"]
Kind = Literal[
    "created", "updated", "deleted", "cooled_off", "suppressed", "opted_out", "erased", "bookmarked", "unbookmarked"
]

_STATE: Final[tuple[Kind, ...]] = ("created", "updated", "deleted")
_KINDS: Final[Mapping[Entity, tuple[Kind, ...]]] = {
    "company": (*_STATE, "opted_out", "erased", "bookmarked", "unbookmarked"),
    "person": (*_STATE, "opted_out", "erased"),
    "signal": (*_STATE, "cooled_off", "suppressed"),
    "job_ad": _STATE,
}
_TYPES: Final[Mapping[str, tuple[Entity, Kind]]] = {
    f"queast.{entity}.{kind}": (entity, kind) for entity, kinds in _KINDS.items() for kind in kinds
}
_MAX_DEPTH: Final = 64
_MAX_BYTES: Final = 262_144
# Past it, floats are whole for want of room, and the schemas admit no integer.
_MAX_WHOLE: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Event:
    """An event that reads well. `data` is the event's own object; `company` the company it is about, if it holds one.

    `root` orders deliveries: everything about one company goes out in the order in which it came.
    """

    id: str
    source: str
    type: str
    time: datetime
    entity: Entity
    kind: Kind
    entity_id: str
    sequence: int
    data: JsonObject
    company: JsonObject | None
    company_id: str | None
    envelope: JsonObject

    @property
    def body(self) -> JsonObject:
        """The entity itself."""
        body: JsonObject = self.data[self.entity]
        return body

    @property
    def root(self) -> str:
        return f"company:{self.company_id}" if self.company_id else f"{self.entity}:{self.entity_id}"

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """The (entity, id) pairs whose opt-out stops this event: itself, its company and its job ad."""
        found: list[tuple[str, Any]] = [(self.entity, self.entity_id), ("company", self.company_id)]
        if self.entity == "signal":
            job_ad = self.body.get("job_ad")
            found.append(("job_ad", job_ad.get("id") if isinstance(job_ad, dict) else None))
        return tuple(dict.fromkeys((entity, id_) for entity, id_ in found if isinstance(id_, str) and id_))

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The ("person", id) pairs whom a signal says that its texts name. Whoever of them opted out is not named; the
        signal goes out without the name."""
        mentions = self.body.get("mentions") if self.entity == "signal" else None
        ids = [one.get("person_id") for one in mentions or ()]
        return tuple(dict.fromkeys(("person", id_) for id_ in ids if isinstance(id_, str) and id_))


@dataclass(frozen=True, slots=True)
class Broken:
    """What was wrong, in words that hold no value of the event. `unknown_type` is told apart from damage.

    `source` and `id` are kept where they could be read, `line` is the text as it came, cut where it was too long;
    `digest` (32 hex digits) is of all of it.
    """

    reason: Literal["broken", "unknown_type"]
    detail: str
    source: str
    id: str
    line: bytes
    digest: str


def read_event(raw: bytes | str | Mapping[str, Any]) -> Event | Broken:
    """Parse and guard one event: a JSON text (one line) or an object that was parsed already."""
    try:
        line = orjson.dumps(raw) if isinstance(raw, Mapping) else raw.encode() if isinstance(raw, str) else raw
    except (TypeError, ValueError, RecursionError):
        return Broken("broken", "not representable as JSON", "", "", b"", _digest(b""))
    if len(line) > _MAX_BYTES:
        return Broken("broken", f"longer than {_MAX_BYTES} bytes", "", "", line[:1024], _digest(line))
    try:
        envelope = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Broken("broken", f"not JSON: stops making sense at column {error.colno}", "", "", line, _digest(line))
    return _guard(envelope, _Problem(line))


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()[:32]


class _Problem:
    """Builds the Broken outcome with as much of the envelope as could be read."""

    def __init__(self, line: bytes) -> None:
        self.line, self.source, self.id = line, "", ""

    def __call__(self, detail: str, reason: Literal["broken", "unknown_type"] = "broken") -> Broken:
        return Broken(reason, detail, self.source, self.id, self.line, _digest(self.line))


def _guard(envelope: Any, problem: _Problem) -> Event | Broken:
    if not isinstance(envelope, dict):
        return problem("not a JSON object")
    for key in ("id", "source", "type"):
        value = envelope.get(key)
        if not isinstance(value, str) or not value or len(value) > 512:
            return problem(f"`{key}` must be a text of 1 to 512 characters")
    problem.source, problem.id = envelope["source"], envelope["id"]
    if envelope.get("specversion") != "1.0":
        return problem("`specversion` must be 1.0")
    known = _TYPES.get(envelope["type"])
    if known is None:
        return problem("`type` is none that Queast sends", "unknown_type")
    entity: Entity = known[0]
    kind = known[1]
    time = _time(envelope.get("time"))
    if time is None:
        return problem("`time` must be a timestamp with a time zone")
    data = envelope.get("data")
    if not isinstance(data, dict) or not isinstance(data.get(entity), dict):
        return problem(f"`data.{entity}` must be an object")
    if not settle(data):
        return problem(f"nested deeper than {_MAX_DEPTH} levels")
    if wrong := _wrong_keys(entity, data[entity], f"data.{entity}"):
        return problem(wrong)
    if entity == "signal" and (wrong := _wrong_mentions(data[entity])):
        return problem(wrong)
    company = data[entity] if entity == "company" else data[entity].get("company", data.get("company"))
    if company is not None and entity != "company":
        if not isinstance(company, dict):
            return problem("the company inside must be an object")
        if wrong := _wrong_keys("company", company, "company"):
            return problem(wrong)
    company_id = company["id"] if company is not None else data[entity].get("company_id")
    if company_id is not None and (not isinstance(company_id, str) or not company_id):
        return problem(f"`data.{entity}.company_id` must be a text")
    return Event(
        id=envelope["id"],
        source=envelope["source"],
        type=envelope["type"],
        time=time,
        entity=entity,
        kind=kind,
        entity_id=data[entity]["id"],
        sequence=data[entity]["sequence"],
        data=data,
        company=company,
        company_id=company_id,
        envelope=envelope,
    )


def _wrong_keys(entity: str, body: JsonObject, where: str) -> str | None:
    identity = body.get("id")
    longest = _longest_id(entity)
    if not isinstance(identity, str) or not identity or len(identity) > longest:
        return f"`{where}.id` must be a text of 1 to {longest} characters"
    sequence = body.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 <= sequence < 2**63:
        return f"`{where}.sequence` must be a whole number from 0"
    if not isinstance(body.get("do_not_export", False), bool):
        # Anything but true or false might have meant "do not export": it must not pass as false.
        return f"`{where}.do_not_export` must be true or false"
    for key, kinds in _required(entity):
        value = body.get(key)
        if value is None:
            return f"`{where}.{key}` is missing"
        if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            return f"`{where}.{key}` is of the wrong kind"
    return None


def _wrong_mentions(signal: JsonObject) -> str | None:
    """Offsets that fit no text say that names stand somewhere else: nothing of such a signal can be trusted."""
    given = signal.get("mentions")
    if given is None:
        return None
    if not isinstance(given, list):
        return "`data.signal.mentions` is of the wrong kind"
    for at, one in enumerate(given):
        where = f"`data.signal.mentions[{at}]`"
        if not isinstance(one, dict) or one.get("field") not in ("title", "summary"):
            return f"{where} must name a text"
        text, start, end = signal.get(one["field"]), one.get("start"), one.get("end")
        if type(start) is not int or type(end) is not int or not isinstance(text, str):
            return f"{where} must be a range of a text that is there"
        if not 0 <= start <= end <= len(text):
            return f"{where} lies outside of its text"
        if not isinstance(one.get("person_id"), str | None):
            return f"{where}.person_id must be a text"
    return None


_KIND_OF: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


@cache
def _longest_id(entity: str) -> int:
    return int(queast_schemas.load(entity)["properties"]["id"]["maxLength"])


@cache
def _required(entity: str) -> tuple[tuple[str, tuple[type, ...]], ...]:
    schema = queast_schemas.load(entity)
    properties = schema.get("properties", {})
    rules: list[tuple[str, tuple[type, ...]]] = []
    for key in schema.get("required", ()):
        declared = properties.get(key, {}).get("type")
        rules.append((key, _KIND_OF.get(declared, ()) if isinstance(declared, str) else ()))
    return tuple(rules)


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
        return None if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def settle(data: JsonObject) -> bool:
    """Write whole numbers as integers, in place: to JSON Schema `140.0` is one. Say whether nothing is too deep."""
    level: list[Any] = [data]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for parent in level:
            for at, child in parent.items() if isinstance(parent, dict) else enumerate(parent):
                if isinstance(child, dict | list):
                    below.append(child)
                elif isinstance(child, float) and child.is_integer() and abs(child) <= _MAX_WHOLE:
                    # A key or place that is there already: nothing moves while it is walked.
                    parent[at] = int(child)
        if not below:
            return True
        level = below
    return False
