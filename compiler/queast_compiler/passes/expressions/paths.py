"""Paths: names, fields, `[n]` and `[]`."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions.value import NO_FACTS, Facts, Infer, PersonalUse, Scope, Value, unknown
from queast_compiler.plan.ir import Each, Expr, Index, Path, Project
from queast_dsl.diagnostics.nearest import listed, nearest, nearest_field, only_nearest
from queast_dsl.expr import ast
from queast_dsl.functions import FORMS, REGISTRY
from queast_dsl.pii import needs_grant
from queast_dsl.types import ListType, ObjectType, Property, Type, UnknownType, describe, kind

_LITERALS = ("true", "false", "null")

# A name that no tenant can write, for the item that `list[n].field` reads from.
_ITEM = "_item"


def name(node: ast.Name, scope: Scope) -> Value:
    """`company` in a signal route  ->  the path signal.company."""
    env = scope.env
    line = scope.line(node.at)
    if node.text in env.variables:
        type_ = env.variables[node.text]
        sources = env.sources.get(node.text) or frozenset({node.text})
        ir = Path(node.text, (), kind(type_), (), line)
        return Value(ir, type_, False, reads=sources, path=node.text, origins=sources)
    if node.text in env.aliases:
        root, *steps = env.aliases[node.text]
        current = _root(root, scope, line)
        for step in steps:
            shape = current.type
            if not isinstance(shape, ObjectType) or (found := shape.get(step)) is None:
                raise AssertionError(f"alias {node.text} leads nowhere")
            current = _field(current, found, node.at, scope)
        return current
    if node.text in env.roots:
        return _root(node.text, scope, line)
    _unknown_name(node, scope)
    return unknown(line)


def _root(root: str, scope: Scope, line: int) -> Value:
    shape = scope.env.roots[root]
    nullable = root in scope.env.optional_roots and root not in scope.facts
    here = frozenset({root})
    ir = Path(root, (), "obj", (), line)
    return Value(ir, shape, nullable, reads=here, strict=here, path=root, origins=here)


def _unknown_name(node: ast.Name, scope: Scope) -> None:
    names = scope.env.names
    homes = [root for root in names if _has_field(root, node.text, scope)]
    near = nearest(node.text, (*names, *_LITERALS))
    fix = scope.renaming(node.at, node.text, (*names, *_LITERALS))
    if near is not None:
        help_: str | None = f"did you mean `{near}`?"
    elif homes:
        help_ = f"did you mean `{homes[0]}.{node.text}`?"
        fix = scope.writing(node.at, f"{homes[0]}.{node.text}") if len(homes) == 1 else None
    elif node.text in scope.env.tables:
        help_ = f"`{node.text}` is a table: write lookup(key, {node.text})"
    elif node.text in REGISTRY or node.text in FORMS:
        help_ = f"`{node.text}` is a function: write {node.text}(…)"
    else:
        help_ = f"known here: {listed(names)}; text stands in quotes"
    scope.report("QM210", f"`{node.text}` is not known here", node.at, help_, fix)


def _has_field(root: str, field: str, scope: Scope) -> bool:
    shape: Type | None = scope.env.variables.get(root) or scope.env.roots.get(root)
    if shape is None and root in scope.env.aliases:
        first, *steps = scope.env.aliases[root]
        shape = scope.env.roots[first]
        for step in steps:
            found = shape.get(step) if isinstance(shape, ObjectType) else None
            shape = found.type if found else None
    return isinstance(shape, ObjectType) and shape.get(field) is not None


def member(node: ast.Member, scope: Scope, infer: Infer) -> Value:
    """`company.address.city`, `list[].field`, `list[n].field`."""
    base = infer(node.of, scope)
    if not base.known:
        return base
    shape = base.type.item if base.projecting and isinstance(base.type, ListType) else base.type
    match shape:
        case ObjectType():
            found = shape.get(node.name)
            if found is None:
                _no_field(node, shape, scope)
                return unknown(scope.line(node.at))
            return _field(base, found, node.at, scope)
        case UnknownType():
            return unknown(scope.line(node.at))
        case ListType(item=ObjectType()):
            where = scope.spelling(node.of.at)
            help_: str | None = (
                f"to read it from each item: `{where}[].{node.name}`; from the first: `{where}[0].{node.name}`"
            )
        case _:
            help_ = "functions are written `value | function` or function(value)" if node.name in REGISTRY else None
    scope.report("QM214", f"`{scope.spelling(node.of.at)}` is {describe(shape)} and has no fields", node.name_at, help_)
    return unknown(scope.line(node.at))


def _field(base: Value, found: Property, at: ast.Range, scope: Scope) -> Value:
    """Read a field of an object, of each item of a projection, or of an item."""
    line = scope.line(at)
    own = None if base.path is None else f"{base.path}.{found.name}"
    nullable = base.nullable or (found.optional and own not in scope.facts)
    sources = frozenset(f"{origin}.{found.name}" for origin in base.origins)
    span = scope.text.at(at.start, at.end)
    # The label of the field takes the place of that of the object around it; what chose the object stays, and so does
    # the list that it is an item of: where a name starts in a title tells of the mention as the mention itself does.
    is_item = base.path is None or base.projecting or base.path.endswith("]")
    chosen_by = tuple(
        replace(use, span=span) if use.path in base.origins else use
        for use in base.personal
        if use.path not in base.origins or use.is_list
    )
    uses = (
        *chosen_by,
        *(
            PersonalUse(source, found.labels, span, isinstance(found.type, ListType))
            for source in sorted(sources)
            if needs_grant(source, found.labels) and source not in scope.env.granted
        ),
    )
    type_: Type = found.type
    match base.ir:
        case Path(root=root, steps=steps, optional=optional) if not base.projecting:
            missing_root = not steps and root in scope.env.optional_roots
            flags = (*optional, found.optional or missing_root)
            ir: Path | Project | Index = Path(root, (*steps, found.name), kind(type_), flags, line)
        case Project(of=of, steps=steps) if base.projecting:
            ir = Project(of, (*steps, found.name), kind(type_), line)
        case _ if base.projecting:
            ir = Project(base.ir, (found.name,), kind(type_), line)
        case Index(of=of, n=n):
            # An item's field is the same item of the list of that field: `Each` keeps nulls in their places.
            inner = Path(_ITEM, (found.name,), kind(type_), (found.optional,), line)
            ir = Index(_each(of, inner, line), n, kind(type_), line)
        case _:
            scope.report(
                "QM214", "a field can be read from a path only", at, "read the field first, then call functions"
            )
            return unknown(line)
    strict: Facts = NO_FACTS if own is None or base.projecting else base.strict | {own}
    if base.projecting:
        type_, nullable = ListType(type_), base.nullable
    return Value(
        ir,
        type_,
        nullable,
        labels=found.labels | base.labels if is_item else found.labels | base.item_of,
        item_of=base.labels if is_item else base.item_of,
        reads=sources | (base.reads - base.origins),
        personal=uses,
        strict=strict,
        when_true=strict,
        when_false=strict,
        path=own,
        projecting=base.projecting,
        origins=sources,
    )


def _each(of: Expr, inner: Path, line: int) -> Each:
    """`list[0].a.b` reads one field deeper from the same items instead of nesting lists of lists."""
    match of:
        case Each(var="_item", items=items, body=Path(root="_item", steps=steps, optional=optional)):
            body = Path(_ITEM, (*steps, *inner.steps), inner.kind, (*optional, *inner.optional), line)
            return Each(_ITEM, items, body, line)
        case _:
            return Each(_ITEM, of, inner, line)


def _no_field(node: ast.Member, shape: ObjectType, scope: Scope) -> None:
    where = scope.spelling(node.of.at)
    entity = shape.name.partition(".")[0]
    near = nearest_field(node.name, shape.names)
    elsewhere = [root for root in scope.env.names if root != where and _has_field(root, node.name, scope)]
    fix = None
    if near is not None:
        hint = f"did you mean `{where}.{near}`?  "
        fix = (
            scope.renaming(node.name_at, node.name, shape.names)
            if near == only_nearest(node.name, shape.names)
            else None
        )
    elif elsewhere:
        hint = f"did you mean `{elsewhere[0]}.{node.name}`?  "
    else:
        hint = ""
    scope.report(
        "QM211", f"`{where}` has no field `{node.name}`", node.name_at, f"{hint}all fields: qmap fields {entity}", fix
    )


def index(node: ast.Index, scope: Scope, infer: Infer) -> Value:
    base = infer(node.of, scope)
    if not base.known:
        return base
    line = scope.line(node.at)
    if not isinstance(base.type, ListType):
        scope.report("QM215", f"`{scope.spelling(node.of.at)}` is {describe(base.type)}, not a list", node.at, None)
        return unknown(line)
    own = None if base.path is None else f"{base.path}[{node.n}]"
    strict = NO_FACTS if own is None else base.strict | {own}
    return replace(
        base,
        ir=Index(base.ir, node.n, kind(base.type.item), line),
        type=base.type.item,
        nullable=own not in scope.facts,
        strict=strict,
        when_true=strict,
        when_false=strict,
        path=own,
        projecting=False,
    )


def project(node: ast.Project, scope: Scope, infer: Infer) -> Value:
    base = infer(node.of, scope)
    if not base.known:
        return base
    if not isinstance(base.type, ListType) or base.projecting:
        what = "already a list of lists" if base.projecting else describe(base.type)
        scope.report("QM215", f"`[]` follows {what}; it reads from each item of a list", node.at, None)
        return unknown(scope.line(node.at))
    return replace(base, projecting=True, when_true=NO_FACTS, when_false=NO_FACTS)
