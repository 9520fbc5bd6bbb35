"""A mapping on its way to a plan: what the passes fill in, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from queast_compiler.passes.expressions import Environment, Typed
from queast_compiler.passes.properties import Property, PropertyTable
from queast_compiler.plan.ir import Expr
from queast_compiler.plan.mapping import AttachPlan
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.connections import Account, Connection
from queast_dsl.document.connector import Connector, ConnectorObject
from queast_dsl.document.mapping import Field, Header, Receive, Route
from queast_dsl.document.mapping import Mapping as MappingDocument
from queast_dsl.document.policy import Policy


@dataclass(frozen=True, slots=True)
class Destination:
    """A connection with its connector and, where there is one, its account file.

    `account_refused` is true where the file is there and has been reported as unsound. `granted_until` is the day (ISO)
    on which the grant ends that opens the destination to the tenant, None where it needs none.
    """

    connection: Connection
    connector: Connector
    account: Account | None
    account_refused: bool = False
    granted_until: str | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant, read as its property's type."""

    ir: Expr


@dataclass(frozen=True, slots=True)
class FieldProgram:
    """One field of a route. `property` and `value` stay None where a pass refused them; later passes then skip it."""

    field: Field
    property: Property | None = None
    value: Typed | Constant | None = None


@dataclass(frozen=True, slots=True)
class RouteProgram:
    """One route. `object` and `environment` stay None where the route's `to` or `entity` was refused.

    `body` is what an event route sends; `reads` the event paths that body and headers read; `withheld` those that the
    event itself leaves out where it is sent without a body. A route that `is_refused` as a whole has its finding, and
    nothing in it is looked at.
    """

    route: Route
    is_refused: bool = False
    object: ConnectorObject | None = None
    environment: Environment | None = None
    properties: PropertyTable | None = None
    attach: tuple[AttachPlan, ...] = ()
    when: Typed | None = None
    fields: tuple[FieldProgram, ...] = ()
    body: Expr | None = None
    headers: tuple[tuple[Header, Expr], ...] = ()
    reads: frozenset[str] = frozenset()
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiveProgram:
    """One thing that is received. `note` stays None where there is none, or where it was refused."""

    receive: Receive
    environment: Environment | None = None
    note: Expr | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """`destinations` are the tenant's usable connections by name, None for one that has errors of its own.

    `refused` are the tenant's files that have been reported as unsound. `granted_until` holds, by event path, the day
    (ISO) on which the platform's grant ends that lets it leave.
    """

    mapping: MappingDocument
    destinations: Mapping[str, Destination | None]
    policy: Policy | None
    today: date
    refused: frozenset[str] = frozenset()
    destination: Destination | None = None
    granted: frozenset[str] = frozenset()
    signals: Literal["strict", "informational"] = "strict"
    informational_expires: str | None = None
    granted_until: Mapping[str, str] = field(default_factory=dict)
    where: Typed | None = None
    routes: tuple[RouteProgram, ...] = field(default=())
    receive: tuple[ReceiveProgram, ...] = ()

    def with_routes(self, change: Callable[[RouteProgram], RouteProgram]) -> Program:
        """Return the program with `change` applied to each route."""
        return replace(self, routes=tuple(change(route) for route in self.routes))


Pass = Callable[[Program, Diagnostics], Program]
