"""Turn a checked program into the mapping plan."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions import Typed
from queast_compiler.passes.plan_paths import plan_path, source_digests
from queast_compiler.passes.program import (
    Constant,
    Destination,
    FieldProgram,
    Program,
    ReceiveProgram,
    RouteProgram,
)
from queast_compiler.passes.properties import Property
from queast_compiler.passes.rich_text import escaped_for
from queast_compiler.passes.write_policy import adds, write_of
from queast_compiler.plan.guards import needs_of
from queast_compiler.plan.ir import Expr, If, Lit, MakeList, Present
from queast_compiler.plan.mapping import (
    EnsureBookmarkPlan,
    FieldPlan,
    MappingPlan,
    OnNull,
    OwnerPlan,
    PersonalUsePlan,
    ReceivePlan,
    RoutePlan,
    ScopePlan,
    Wire,
)
from queast_dsl.document.connector import ConnectorObject
from queast_dsl.document.mapping import PersonalData, SecretRef
from queast_dsl.entities import free_texts
from queast_dsl.types import ListType


class Unlowered(Exception):
    """A bug of ours: a pass let something through that it should have refused. Names what."""


def lower(program: Program, connection_digest: str) -> MappingPlan:
    """A program without findings  ->  the plan: names resolved, types settled, nothing left to look up.

    Raises Unlowered where a pass left a gap without reporting it.
    """
    mapping = program.mapping
    destination = program.destination
    if destination is None:
        raise Unlowered(f"connection of {mapping.name}")
    routes = tuple(
        replace(_route(route, destination, mapping.tenant), granted_until=_granted_until(program, route, destination))
        for route in program.routes
    )
    return MappingPlan(
        tenant=mapping.tenant,
        mapping=mapping.name,
        connection=mapping.connection.value,
        connection_digest=connection_digest,
        mode="off" if mapping.mode is not None and mapping.mode.value == "off" else "live",
        scope=_scope(program),
        routes=routes,
        tables=tuple(
            (table.name.value, tuple((key.value, value.value) for key, value in table.rows))
            for table in sorted(mapping.tables, key=lambda each: each.name.value)
        ),
        personal_data=tuple((path, program.granted_until.get(path)) for path in sorted(program.granted)),
        reads=_reads(program),
        sources=source_digests(mapping.sources, mapping.tenant),
        needs=needs_of(routes),
        receive=tuple(_receive(each, mapping.tenant) for each in program.receive),
        creates_per_day=mapping.creates_per_day,
        personal_use=_personal_use(mapping.personal_data),
    )


def _personal_use(block: PersonalData | None) -> PersonalUsePlan | None:
    return None if block is None else PersonalUsePlan(block.purpose.value, block.basis.value)


def _receive(current: ReceiveProgram, tenant: str) -> ReceivePlan:
    rule = current.receive
    owner = rule.then.owner
    return ReceivePlan(
        name=rule.name.value,
        event="company.interest_highlighted",
        entity="company",
        on_none="ignore" if rule.on_none is not None and rule.on_none.value == "ignore" else "review",
        then=EnsureBookmarkPlan(
            OwnerPlan("user" if owner.kind.value == "user" else "team", owner.name.value), current.note
        ),
        file=plan_path(rule.name.span.file.path, tenant),
        line=rule.name.span.line,
    )


def _scope(program: Program) -> ScopePlan:
    companies = program.mapping.scope.companies
    return ScopePlan(
        companies="bookmarked" if companies is not None and companies.value == "bookmarked" else "all",
        signals=program.signals,
        where=program.where.ir if program.where is not None else None,
        informational_expires=program.informational_expires,
    )


def _reads(program: Program) -> tuple[str, ...]:
    reads: set[str] = set(program.where.reads if program.where is not None else ())
    for route in program.routes:
        reads |= _route_reads(route)
    return tuple(sorted(reads))


def _route_reads(route: RouteProgram) -> set[str]:
    reads = set(route.reads)
    reads |= route.when.reads if route.when is not None else frozenset()
    for each in route.fields:
        match each.value:
            case Constant() | None:
                pass
            case typed:
                reads |= typed.reads
    return reads


def _granted_until(program: Program, route: RouteProgram, destination: Destination) -> str | None:
    """Return the day on which the first of the grants ends that the route needs: its destination's, or a path's."""
    ends = [] if destination.granted_until is None else [destination.granted_until]
    is_whole = route.object is not None and route.object.action == "send" and route.body is None
    reads = _route_reads(route) | set(program.where.reads if program.where is not None else ())
    texts = free_texts(reads)
    for path, end in program.granted_until.items():
        if is_whole or path in texts or any(read == path or read.startswith(f"{path}.") for read in reads):
            ends.append(end)
    return min(ends, default=None)


def _route(current: RouteProgram, destination: Destination, tenant: str) -> RoutePlan:
    route = current.route
    object = current.object
    if object is None:
        raise Unlowered(f"object of route {route.name.value}")
    return RoutePlan(
        name=route.name.value,
        entity=route.entity.value,
        events=tuple(sorted({event.value for event in route.events})),
        object=object.name,
        role=object.role,
        action=object.action,
        when=current.when.ir if current.when is not None else None,
        attach_to=current.attach,
        fields=tuple(_field(each, object, destination, tenant) for each in current.fields),
        body=current.body,
        headers=tuple((header.name.value, ir) for header, ir in current.headers),
        secret_headers=tuple(
            (header.name.value, header.value.name.value)
            for header in route.headers
            if isinstance(header.value, SecretRef)
        ),
        afterwards=tuple(sorted((occasion.value, effect.value) for occasion, effect in route.afterwards)),
        file=plan_path(route.name.span.file.path, tenant),
        line=route.name.span.line,
        withheld=current.withheld,
    )


def _field(current: FieldProgram, object: ConnectorObject, destination: Destination, tenant: str) -> FieldPlan:
    property = current.property
    if property is None or current.value is None:
        raise Unlowered(f"field {current.field.name.value}")
    wiring = object.codec.get(property.type) or destination.connector.codec[property.type]
    declared = object.fields.get(property.name)
    return FieldPlan(
        property=property.name,
        expr=_value(current, property),
        wire=_wire(wiring.wire),
        required=property.required,
        write=write_of(current.field, object),
        on_null=_on_null(current),
        clear=wiring.clear if declared is None or declared.clear is None else declared.clear,
        max_length=property.max_length,
        overflow=property.overflow,
        file=plan_path(current.field.name.span.file.path, tenant),
        line=current.field.name.span.line,
    )


def _value(current: FieldProgram, property: Property) -> Expr:
    match current.value:
        case None:
            raise Unlowered(f"value of {property.name}")
        case Constant(ir):
            return ir
        case typed if adds(current.field) and not isinstance(typed.type, ListType):
            return _as_list(typed)
        case typed:
            return escaped_for(property, current.field.value, typed)


def _as_list(option: Typed) -> Expr:
    """`'nordics'`  ->  `['nordics']`; what may be null stays null, for `on_null` to see."""
    alone = MakeList((option.ir,), option.ir.line)
    return If(Present(option.ir, alone.line), alone, Lit(None, alone.line), alone.line) if option.nullable else alone


def _wire(name: str) -> Wire:
    match name:
        case (
            "native"
            | "string"
            | "bool_01"
            | "date_iso"
            | "date_midnight_ms"
            | "datetime_iso_ms"
            | "datetime_epoch_ms"
            | "datetime_space_utc"
            | "list_semicolon"
            | "list_comma"
            | "list_native"
        ):
            return name
        case _:
            raise Unlowered(f"wire form {name}")


def _on_null(current: FieldProgram) -> OnNull:
    match current.field.on_null.value if current.field.on_null is not None else "skip":
        case "clear":
            return "clear"
        case "error":
            return "error"
        case _:
            return "skip"
