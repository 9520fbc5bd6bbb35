"""A merged, checked tree to a `Mapping`."""

from __future__ import annotations

import re

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.mapping import (
    BodyEach,
    BodyNode,
    BodyObject,
    Const,
    EnsureBookmark,
    Expression,
    Field,
    FieldValue,
    Header,
    InlineTemplate,
    Mapping,
    Owner,
    PersonalData,
    Receive,
    Render,
    Route,
    Scope,
    SecretRef,
    Table,
    Template,
)
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, Style, walk
from queast_dsl.loading.places import is_leaf, is_loop
from queast_dsl.loading.sound import (
    entries,
    expression,
    is_secret,
    listed,
    located,
    mapping,
    optional,
    optional_expression,
    scalar,
    secret,
)
from queast_dsl.source import Located, SourceFile

# They frame the request or carry its signature: the delivery sets them.
_RESERVED_HEADERS = re.compile(
    r"(?:host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|accept-encoding|cookie"
    r"|user-agent|proxy-.*|webhook-.*|queast-.*)",
    re.IGNORECASE,
)
_SECRET_REFERENCE = re.compile(r"secret://[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def build_mapping(
    tenant: str,
    name: str,
    root: MapNode,
    tables: tuple[Table, ...],
    sources: tuple[SourceFile, ...],
    diagnostics: Diagnostics,
) -> Mapping | None:
    """Return the mapping, or None after reporting what the schema cannot see. `tables` come read already."""
    is_sound = _secrets_in_place(root, diagnostics)
    for route in entries(root, "routes"):
        is_sound = _headers_allowed(mapping(route.value), diagnostics) and is_sound
    if not is_sound:
        return None
    description = optional(root, "description")
    return Mapping(
        tenant=tenant,
        name=name,
        sources=sources,
        description=None if description is None else description.value,
        connection=located(root, "connection"),
        extends=optional(root, "extends"),
        mode=optional(root, "mode"),
        scope=_scope(root.get("scope")),
        routes=tuple(_route(entry) for entry in entries(root, "routes")),
        templates=tuple(Template(e.key.located, scalar(e.value).text) for e in entries(root, "templates")),
        tables=tables,
        personal_data=_personal_data(root.get("pii")),
        span=root.span,
        receive=tuple(_receive(entry) for entry in entries(root, "receive")),
        creates_per_day=_creates_per_day(root),
    )


def _creates_per_day(root: MapNode) -> int | None:
    limits = root.get("limits")
    given = None if limits is None else optional(mapping(limits), "creates_per_day")
    return None if given is None else int(given.value)


def _secrets_in_place(root: MapNode, diagnostics: Diagnostics) -> bool:
    is_sound = True
    for path, node in walk(root):
        if not isinstance(node, ScalarNode) or "secret://" not in node.value:
            continue
        is_header = len(path) == 4 and path[0] == "routes" and path[2] == "headers"
        if is_header and _SECRET_REFERENCE.fullmatch(node.value):
            continue
        is_sound = False
        message = "a secret is taken only under auth, and alone in a webhook's headers"
        diagnostics.report("QM114", message, node.span, help="move it there, or write what is meant to be sent")
    return is_sound


def _headers_allowed(route: MapNode, diagnostics: Diagnostics) -> bool:
    is_sound = True
    for entry in entries(route, "headers"):
        if _RESERVED_HEADERS.fullmatch(entry.key.value):
            is_sound = False
            message = f"the header `{entry.key.value}` is set by the delivery"
            diagnostics.report("QM115", message, entry.key.span, help="choose another name, for example X-Source")
    return is_sound


def _scope(node: Node | None) -> Scope:
    if node is None:
        return Scope(None, None, None)
    scope = mapping(node)
    return Scope(optional(scope, "companies"), optional(scope, "signals"), optional_expression(scope, "where"))


def _personal_data(node: Node | None) -> PersonalData | None:
    if node is None:
        return None
    block = mapping(node)
    return PersonalData(
        send=listed(block, "send"),
        purpose=located(block, "purpose"),
        basis=located(block, "basis"),
        span=block.span,
    )


def _route(entry: Entry) -> Route:
    route = mapping(entry.value)
    write = optional(route, "write")
    body = route.get("body")
    return Route(
        name=entry.key.located,
        entity=located(route, "entity"),
        events=listed(route, "events"),
        to=located(route, "to"),
        when=optional_expression(route, "when"),
        attach_to=listed(route, "attach_to"),
        fields=tuple(_field(each, write) for each in entries(route, "fields")),
        body=None if body is None else _body(body),
        headers=tuple(Header(each.key.located, _header(each.value)) for each in entries(route, "headers")),
        afterwards=tuple((each.key.located, scalar(each.value).located) for each in entries(route, "afterwards")),
        span=route.span,
    )


def _receive(entry: Entry) -> Receive:
    rule = mapping(entry.value)
    ensured = mapping(mapping(rule.get("then")).get("ensure_bookmark"))
    owner = mapping(ensured.get("owner")).entries[0]
    note = ensured.get("note")
    return Receive(
        name=entry.key.located,
        when=located(mapping(rule.get("when")), "event"),
        entity=located(rule, "entity"),
        on_none=optional(rule, "on_none"),
        then=EnsureBookmark(
            Owner(owner.key.located, scalar(owner.value).located),
            None if note is None else Expression(note.text) if isinstance(note, ScalarNode) else _value(mapping(note)),
        ),
        span=rule.span,
    )


def _field(entry: Entry, route_write: Located[str] | None) -> Field:
    """`name: company.name` -> `Field("name", Expression("company.name"), write of the route, None)`."""
    node = entry.value
    if isinstance(node, ScalarNode):
        return Field(entry.key.located, Expression(node.text), route_write, None, node.span)
    form = mapping(node)
    write = optional(form, "write") or route_write
    return Field(entry.key.located, _value(form), write, optional(form, "on_null"), form.span)


def _value(form: MapNode) -> FieldValue:
    for entry in form.entries:
        match entry.key.value:
            case "from":
                return expression(entry.value)
            case "const" | "template" | "render":
                return _leaf(entry)
            case _:
                pass
    raise TypeError("the schema promised a value here")


def _leaf(entry: Entry) -> Const | InlineTemplate | Render:
    value = scalar(entry.value)
    match entry.key.value:
        case "const":
            return Const(value.text, value.style is not Style.PLAIN)
        case "template":
            return InlineTemplate(value.text)
        case _:
            return Render(value.located)


def _body(node: Node) -> BodyNode:
    if isinstance(node, ScalarNode):
        return Expression(node.text)
    block = mapping(node)
    if is_loop(block):
        inner = block.get("body")
        if inner is None:
            raise TypeError("the schema promised a body here")
        return BodyEach(expression(block.get("each")), located(block, "as"), _body(inner), block.span)
    if is_leaf(block):
        return _leaf(block.entries[0])
    return BodyObject(tuple((each.key.located, _body(each.value)) for each in block.entries), block.span)


def _header(node: Node) -> Expression | Const | SecretRef:
    if isinstance(node, MapNode):
        return Const(scalar(node.get("const")).text)
    return secret(node) if is_secret(node) else expression(node)
