"""A connector manifest as the compiler sees it: objects, properties, what they hold, what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from queast_dsl.source import Located, SourceFile, SourceText, Span

JsonObject = dict[str, Any]
PropertyType = Literal[
    "string",
    "text",
    "html",
    "markdown",
    "integer",
    "number",
    "boolean",
    "date",
    "datetime",
    "enumeration",
    "set",
    "owner",
]


@dataclass(frozen=True, slots=True)
class Wiring:
    """How one property type goes over the wire: `wire` is a `queast_compiler.plan.mapping.Wire`, `clear` the value that
    empties the property (None for JSON null). `json` "integer": texts of digits are sent as whole numbers (ids)."""

    wire: str
    clear: Any
    json: Literal["integer"] | None = None


@dataclass(frozen=True, slots=True)
class ConnectorField:
    """A property that every account has. `overflow` says what happens past `max_length` characters; one that is
    `write_only` is never shown again. `clear` empties it where the value of its type does not."""

    name: str
    type: PropertyType
    required: bool
    read_only: bool
    max_length: int | None
    overflow: Literal["error", "truncate"]
    options: tuple[str, ...]
    span: Span
    write_only: bool = False
    clear: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectorObject:
    """`open` is true where accounts have further properties (then the account file lists them).

    `external_id` is the property (or alias) that holds our id, None where the object has none. `attach` lists the
    objects a record may hang on, `attach_required` that it must. `action` is what a route to it does.
    `codec` overrides the connector's wiring by property type. `domain_from` is the default expression whose domain is
    compared with `domain_properties`. `read` are the properties that look-ups ask for.
    `card` pairs `name`, `country`, `city`, `linkedin` (of a person `email` and `company`, too) with the dotted path
    where a record says it.
    """

    name: str
    role: Literal["company", "person", "note", "task", "lead", "custom", "event"]
    action: Literal["upsert", "create", "send"]
    fields: dict[str, ConnectorField]
    open: bool
    external_id: str | None
    domain_properties: tuple[str, ...]
    attach: tuple[str, ...]
    attach_required: bool
    codec: dict[str, Wiring]
    requires_edition: tuple[str, ...]
    span: Span
    domain_from: SourceText | None = None
    read: tuple[str, ...] = ()
    card: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Connector:
    """`runtime` is the half the driver executes (api, auth, codec, rate_limit, errors, objects), checked, as JSON.

    `credentials` are the names that a connection's `auth:` must give. `needs_url` is true where the tenant gives the
    URL (webhooks). `signal_destination` is the default object for signals. `supported_until` is an ISO date.
    """

    name: str
    version: int
    supported_until: str | None
    credentials: tuple[str, ...]
    needs_url: bool
    time_zone_required: bool
    codec: dict[str, Wiring]
    objects: dict[str, ConnectorObject]
    signal_destination: Located[str]
    runtime: JsonObject
    source: SourceFile
