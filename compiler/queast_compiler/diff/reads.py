"""Which event paths an expression reads, and which paths of persons leave through a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from queast_compiler.codegen.analysis import children
from queast_compiler.diff.place import Place
from queast_compiler.plan.ir import CHANGED, Each, Expr, MakeObj, Path, Project, Repeat
from queast_compiler.plan.mapping import MappingPlan, RoutePlan

Paths = frozenset[str]
_NONE: Paths = frozenset()


def paths_read(expr: Expr, bound: Mapping[str, Paths] | None = None) -> Paths:
    """Return the dotted event paths of an expression; items of a list count as the list's own path.

    `company.tags[].name` and `{each: company.tags, as: tag, body: tag.name}`  ->  company.tags and company.tags.name
    """
    known = {} if bound is None else bound
    match expr:
        case Path(root=root, steps=steps) if root == CHANGED:
            return frozenset(steps)
        case Path(root=root, steps=steps):
            return frozenset(".".join((start, *steps)) for start in known.get(root, (root,)))
        case Project(of=of, steps=steps):
            starts = paths_read(of, known)
            return starts | {".".join((start, *steps)) for start in starts}
        case Each(var=var, items=items, body=body) | Repeat(var=var, items=items, body=body):
            starts = paths_read(items, known)
            return starts | paths_read(body, {**known, var: starts})
        case _:
            return _NONE.union(*(paths_read(part, known) for part, _ in children(expr)))


@dataclass(frozen=True, slots=True)
class Flow:
    """A path of a person that leaves: which, by which route (None: the scope's condition), and where it is read.

    As a `value` it is sent itself; as a `condition` whether a record arrives tells of it.
    """

    path: str
    route: str | None
    kind: Literal["value", "condition"]
    place: Place


def flows(plan: MappingPlan, home: Place) -> Iterator[Flow]:
    """Yield where paths that the mapping has released are read for what is sent, in the plan's order.

    A condition counts: whether a record arrives tells of the value. What is not released never leaves.
    """
    released = [path for path, _ in plan.personal_data]
    if not released:
        return
    if plan.scope.where is not None:
        place = home.at("scope", "where", line=plan.scope.where.line)
        yield from (Flow(path, None, "condition", place) for path in _of(released, paths_read(plan.scope.where)))
    for route in plan.routes:
        own = home.at("routes", route.name, file=route.file, line=route.line)
        if route.when is not None:
            for path in _of(released, paths_read(route.when)):
                yield Flow(path, route.name, "condition", own.at("when"))
        for place, read in values_read(route, own):
            for path in _of(released, read):
                if route.action != "send" or route.body is not None or path not in route.withheld:
                    yield Flow(path, route.name, "value", place)


def _of(released: list[str], read: Paths) -> list[str]:
    return [path for path in released if any(path == each or path.startswith(f"{each}.") for each in read)]


def values_read(route: RoutePlan, own: Place) -> Iterator[tuple[Place, Paths]]:
    """Yield the places of a route that are sent, each with the event paths that are read there."""
    for field in route.fields:
        yield own.at("fields", field.property, file=field.file, line=field.line), paths_read(field.expr)
    if route.body is not None:
        yield from _in_body(route.body, own.at("body"), {})
    elif route.action == "send":
        yield own, frozenset((route.entity,))
    for name, value in route.headers:
        yield own.at("headers", name), paths_read(value)


def _in_body(expr: Expr, place: Place, bound: Mapping[str, Paths]) -> Iterator[tuple[Place, Paths]]:
    """Each key by itself, so that it is named."""
    here = place.at(line=expr.line or place.line)
    match expr:
        case MakeObj(entries=entries):
            for key, each in entries:
                yield from _in_body(each, here.at(key), bound)
        case Each(var=var, items=items, body=body):
            starts = paths_read(items, bound)
            yield here, starts
            yield from _in_body(body, here, {**bound, var: starts})
        case _:
            yield here, paths_read(expr, bound)
