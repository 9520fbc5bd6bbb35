"""Tie each route to an entity of Queast's, its events, and an object of the destination."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.entity_events import routable_events
from queast_compiler.passes.expressions import Sink, environment
from queast_compiler.passes.program import Destination, Program, RouteProgram
from queast_compiler.passes.properties import properties_of
from queast_compiler.plan.mapping import AttachPlan
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.connector import Connector, ConnectorObject
from queast_dsl.document.mapping import Route

# Which roles an entity may be sent to: in sync with its own kind, or told about in something new.
_ROLES: dict[str, frozenset[str]] = {
    "company": frozenset({"company", "event"}),
    "person": frozenset({"person", "event"}),
    "signal": frozenset({"note", "task", "lead", "custom", "event"}),
    "job_ad": frozenset({"note", "task", "custom", "event"}),
}
# Entities that an event of the entity carries, besides itself.
_CARRIED: dict[str, tuple[str, ...]] = {
    "company": ("company",),
    "person": ("person", "company"),
    "signal": ("company",),
    "job_ad": (),
}


def fitting_roles(entity: str) -> frozenset[str]:
    """Return the roles of objects that an entity may be sent to: `company`  ->  {"company", "event"}."""
    return _ROLES[entity]


def hosts_of(object: ConnectorObject, connector: Connector, entity: str) -> dict[str, str]:
    """Return what a record made from an entity may hang on: by entity the object that holds its record.

    a signal in HubSpot's notes  ->  {"company": "companies"}
    """
    return {
        host.role: host.name
        for host in connector.objects.values()
        if host.name in object.attach and host.role in _CARRIED[entity]
    }


def resolve_objects(program: Program, diagnostics: Diagnostics) -> Program:
    """`entity: signal, to: notes, attach_to: [company]`  ->  the manifest's `notes`, hanging on `companies`."""
    tables = {table.name.value: table for table in program.mapping.tables}

    def resolved(current: RouteProgram) -> RouteProgram:
        route = current.route
        if current.is_refused:
            return current
        seen = environment(route.entity.value, tables, program.granted, remembers=True)
        current = replace(current, environment=seen)
        if program.destination is None:
            return current
        object = _object(route, program.destination, diagnostics)
        if object is None:
            return current
        _check_events(route, object, diagnostics)
        where = f"`{object.name}` of connection `{program.destination.connection.name.value}`"
        seen = replace(seen, sink=Sink(f"routes.{route.name.value}", where, route.to.span))
        return replace(
            current,
            environment=seen,
            object=object,
            properties=properties_of(object, program.destination.account),
            attach=_attach(route, object, program.destination, diagnostics),
        )

    return program.with_routes(resolved)


def _object(route: Route, destination: Destination, diagnostics: Diagnostics) -> ConnectorObject | None:
    connector = destination.connector
    object = connector.objects.get(route.to.value)
    fitting = [each.name for each in connector.objects.values() if each.role in _ROLES[route.entity.value]]
    allowed = f"`{connector.name}` takes a {route.entity.value} as {listed(fitting)}"
    if not fitting:
        allowed = f"`{connector.name}` has no object for a {route.entity.value}"
    if object is None:
        near = did_you_mean(route.to.value, connector.objects)
        diagnostics.report(
            "QM300",
            f"connector `{connector.name}` has no object `{route.to.value}`",
            route.to.span,
            help=f"{near}  {allowed}" if near else allowed,
            fix=renamed(route.to.span, route.to.value, connector.objects),
        )
        return None
    if object.role not in _ROLES[route.entity.value]:
        diagnostics.report(
            "QM301",
            f"a {route.entity.value} cannot go to `{object.name}`, which stands for a {object.role}",
            route.to.span,
            help=allowed,
        )
        return None
    edition = destination.connection.edition
    if object.requires_edition and (edition is None or edition.value not in object.requires_edition):
        declared = f"edition `{edition.value}`" if edition is not None else "no edition"
        diagnostics.report(
            "QM304",
            f"`{object.name}` needs edition {listed(object.requires_edition)}, and the connection declares {declared}",
            route.to.span,
            help=f"set `edition` of connection `{destination.connection.name.value}` to what the account has",
        )
        return None
    return object


def _check_events(route: Route, object: ConnectorObject, diagnostics: Diagnostics) -> None:
    events = routable_events()[route.entity.value]
    allowed = events.anywhere if object.action == "send" else events.in_sync
    for event in route.events:
        if event.value in allowed:
            continue
        if event.value in events.obeyed:
            message = f"`{event.value}` cannot be routed"
            help = "opt-outs and erasures are always obeyed, and nothing is sent about them"
        elif event.value in events.anywhere:
            message = f"`{object.name}` cannot take `{event.value}`"
            help = f"events for it: {listed(allowed)}; `afterwards` decides what follows the others"
        else:
            message = f"a {route.entity.value} has no event `{event.value}`"
            help = did_you_mean(event.value, allowed) or f"events for it: {listed(allowed)}"
        diagnostics.report("QM303", message, event.span, help=help, fix=renamed(event.span, event.value, allowed))


def _attach(
    route: Route, object: ConnectorObject, destination: Destination, diagnostics: Diagnostics
) -> tuple[AttachPlan, ...]:
    hosts = hosts_of(object, destination.connector, route.entity.value)
    attached: list[AttachPlan] = []
    for entity in route.attach_to:
        if entity.value in hosts:
            attached.append(AttachPlan(entity.value, hosts[entity.value]))
            continue
        takes = f"a {route.entity.value} in `{object.name}` hangs on {listed(hosts)}"
        if not hosts:
            takes = f"leave `attach_to` out: a {route.entity.value} in `{object.name}` hangs on nothing"
        diagnostics.report("QM306", f"`{object.name}` cannot hang on `{entity.value}`", entity.span, help=takes)
    if object.attach_required and not route.attach_to:
        diagnostics.report(
            "QM305",
            f"a record in `{object.name}` must hang on another one",
            route.to.span,
            help=f"add `attach_to: [{min(hosts)}]`"
            if hosts
            else f"a {route.entity.value} event carries nothing to hang on",
        )
    return tuple(attached)
