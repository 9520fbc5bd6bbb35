"""The mapping plan: one mapping, resolved and typed, with nothing left to look up in YAML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from queast_compiler.plan.ir import Expr
from queast_compiler.plan.needs import Need, Write

OnNull = Literal["skip", "clear", "error"]
Wire = Literal[
    "native",  # JSON as it is: str, int, float, bool, list, dict; date and datetime as ISO
    "string",  # text of the value; true/false for booleans
    "bool_01",  # 1 / 0
    "date_iso",  # YYYY-MM-DD
    "date_midnight_ms",  # epoch milliseconds of midnight UTC, as text
    "datetime_iso_ms",  # 2026-01-01T00:00:00.000Z
    "datetime_epoch_ms",  # as text
    "datetime_space_utc",  # YYYY-MM-DD HH:MM:SS
    "list_semicolon",
    "list_comma",
    "list_native",
]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One destination property. `expr` yields a canonical value, `wire` turns it into what the destination takes.

    `property` is the destination's own key (labels and aliases are resolved). `clear` is the wire value that empties
    the property. `max_length` counts characters of the wire text; `overflow` says what happens past it.
    `file` and `line` are the YAML place.
    """

    property: str
    expr: Expr
    wire: Wire
    required: bool
    write: Write
    on_null: OnNull
    clear: Any
    max_length: int | None
    overflow: Literal["error", "truncate"]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class AttachPlan:
    """What a note hangs on: our entity and the destination's object that stands for it."""

    entity: str
    object: str


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """`action` is what an intent of this route does: keep a record in sync, create a note once, or send an event.

    A `send` without a `body` sends the event itself, without the dotted event paths in `withheld`: personal fields
    that the mapping has no grant for. `granted_until` is the first day (ISO) on which a grant of the platform no longer
    holds that the route's values, conditions or destination need: from then on nothing of it leaves.
    """

    name: str
    entity: str
    events: tuple[str, ...]
    object: str
    role: str
    action: Literal["upsert", "create", "send"]
    when: Expr | None
    attach_to: tuple[AttachPlan, ...]
    fields: tuple[FieldPlan, ...]
    body: Expr | None
    headers: tuple[tuple[str, Expr], ...]
    secret_headers: tuple[tuple[str, str], ...]
    afterwards: tuple[tuple[str, str], ...]
    file: str
    line: int
    withheld: tuple[str, ...] = ()
    granted_until: str | None = None


@dataclass(frozen=True, slots=True)
class OwnerPlan:
    """Whose a bookmark at Queast is."""

    kind: Literal["team", "user"]
    name: str


@dataclass(frozen=True, slots=True)
class EnsureBookmarkPlan:
    """The company has a bookmark of the owner's. `note` goes with a new one; it sees `highlight`, and gives text or
    null."""

    owner: OwnerPlan
    note: Expr | None


@dataclass(frozen=True, slots=True)
class ReceivePlan:
    """What happens when the connection's sender says `event`. `on_none` is for a message whose company is not surely
    one of ours. `file` and `line` are the YAML place."""

    name: str
    event: Literal["company.interest_highlighted"]
    entity: Literal["company"]
    on_none: Literal["review", "ignore"]
    then: EnsureBookmarkPlan
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ScopePlan:
    companies: Literal["all", "bookmarked"]
    signals: Literal["strict", "informational"]
    where: Expr | None
    informational_expires: str | None


@dataclass(frozen=True, slots=True)
class PersonalUsePlan:
    """Why personal data may leave, as the mapping says it."""

    purpose: str
    basis: str


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """`connection_digest` pins the connection plan. `sources` maps a file to the SHA-256 of its text.

    `personal_data` lists the person paths that may leave, each with the day (ISO) on which the platform's grant for it
    ends, None where the mapping's own is enough; `reads` every event path that is read for what is sent; `needs` what
    the engine must be able to do, by place. `creates_per_day` is how many records it may make in a day of the account,
    None for any number. `personal_use` is None where the mapping releases nothing of persons.
    """

    tenant: str
    mapping: str
    connection: str
    connection_digest: str
    mode: Literal["live", "off"]
    scope: ScopePlan
    routes: tuple[RoutePlan, ...]
    tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    personal_data: tuple[tuple[str, str | None], ...]
    reads: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    needs: tuple[Need, ...] = ()
    receive: tuple[ReceivePlan, ...] = ()
    creates_per_day: int | None = None
    personal_use: PersonalUsePlan | None = None
