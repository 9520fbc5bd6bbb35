"""Check that one property of one record has one writer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from queast_compiler.codegen.analysis import children
from queast_compiler.passes.apart import Key, Meeting, key, meeting
from queast_compiler.passes.program import Constant, FieldProgram, Program, RouteProgram
from queast_compiler.passes.write_policy import adds
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed


@dataclass(frozen=True, slots=True)
class _Writer:
    """A route that keeps records in sync, with the mapping it stands in."""

    program: Program
    route: RouteProgram

    @property
    def record(self) -> tuple[str, str, str, str] | None:
        """What it writes: connector, account, object and entity. None where it writes no record, or nothing at all."""
        mode, destination, object = self.program.mapping.mode, self.program.destination, self.route.object
        if destination is None or object is None or object.action != "upsert":
            return None
        if mode is not None and mode.value == "off":
            return None
        connection = destination.connection
        return connection.connector.value, connection.account.value, object.name, self.route.route.entity.value

    @property
    def conditions(self) -> tuple[ir.Expr, ...]:
        return tuple(each.ir for each in (self.program.where, self.route.when) if each is not None)

    @property
    def events(self) -> frozenset[str]:
        return frozenset(event.value for event in self.route.route.events)

    @property
    def fields(self) -> dict[str, FieldProgram]:
        return {each.property.name: each for each in self.route.fields if each.property is not None}


def check_one_writer(programs: Sequence[Program], diagnostics: Diagnostics) -> frozenset[str]:
    """Two routes that give `industry` of the same record two values  ->  one error, at the second, with both places.

    `programs` are a tenant's; the names of the mappings that an error concerns are returned. Not rivals: routes that
    write the same value or both add to what is there, that listen to different events, whose conditions exclude each
    other or cannot be compared, that make a new record or send an event each time, and mappings that are off.
    """
    by_record: dict[tuple[str, str, str, str], list[_Writer]] = {}
    for program in programs:
        for route in program.routes:
            writer = _Writer(program, route)
            if writer.record is not None:
                by_record.setdefault(writer.record, []).append(writer)
    concerned: set[str] = set()
    for writers in by_record.values():
        for first, second in combinations(writers, 2):
            if _are_rivals(first, second, diagnostics):
                concerned |= {first.program.mapping.name, second.program.mapping.name}
    return frozenset(concerned)


def _are_rivals(first: _Writer, second: _Writer, diagnostics: Diagnostics) -> bool:
    mine, theirs = first.fields, second.fields
    differing = [
        name
        for name in theirs
        if name in mine
        and not (adds(mine[name].field) and adds(theirs[name].field))
        and _value(first, mine[name]) != _value(second, theirs[name])
    ]
    if not differing or first.events.isdisjoint(second.events):
        return False
    if meeting(first.conditions, second.conditions) is not Meeting.TOGETHER:
        return False
    place, other = theirs[differing[0]].field.name.span, mine[differing[0]].field.name.span
    what = listed(differing, 4)
    object = second.route.object.name if second.route.object is not None else ""
    diagnostics.report(
        "QM315",
        f"{what} of `{object}` {'is' if len(differing) == 1 else 'are'} written by two routes, each with its own value",
        place,
        help="write it in one of them, or give both routes conditions that exclude each other",
        notes=[Note(f"also written by `{first.route.route.name.value}` of `{first.program.mapping.name}`", other)],
    )
    return True


def _value(writer: _Writer, current: FieldProgram) -> tuple[Key, ...]:
    """What the field writes, with the rows of the tables that it looks up."""
    match current.value:
        case None:
            return ()
        case Constant(ir=expr):
            return (key(expr),)
        case typed:
            tables = {table.name.value: table for table in writer.program.mapping.tables}
            used = sorted(set(_tables(typed.ir)) & set(tables))
            rows = (tuple((k.value, v.value) for k, v in tables[name].rows) for name in used)
            return (key(typed.ir), *rows)


def _tables(expr: ir.Expr) -> Iterator[str]:
    if isinstance(expr, ir.Lookup):
        yield expr.table
    if isinstance(expr, ir.Each | ir.Repeat):
        yield from _tables(expr.body)
    for child, _ in children(expr):
        yield from _tables(child)
