"""Check that one property of one record has one writer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from queast_compiler.codegen.analysis import children
from queast_compiler.passes.apart import Condition, Effort, Key, Meeting, condition, key, meeting
from queast_compiler.passes.program import Constant, FieldProgram, Program, RouteProgram
from queast_compiler.passes.write_policy import adds
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed


@dataclass(frozen=True, slots=True)
class _Writer:
    """A route that keeps records in sync, with the mapping it stands in. `values` are comparable by equality."""

    program: Program
    route: RouteProgram
    events: frozenset[str]
    condition: Condition
    fields: dict[str, FieldProgram]
    values: dict[str, int]


def _record(program: Program, route: RouteProgram) -> tuple[str, str, str, str] | None:
    """Return what a route writes: connector, account, object and entity. None where it writes no record, or nothing."""
    mode, destination, object = program.mapping.mode, program.destination, route.object
    if destination is None or object is None or object.action != "upsert":
        return None
    if mode is not None and mode.value == "off":
        return None
    connection = destination.connection
    return connection.connector.value, connection.account.value, object.name, route.route.entity.value


@dataclass(slots=True)
class _Told:
    """What fields write, as numbers that are equal where it is: a table of thousands of rows is looked at once."""

    _numbers: dict[Key, int] = field(default_factory=dict)
    _tables: dict[tuple[str, str], int] = field(default_factory=dict)

    def value(self, program: Program, current: FieldProgram) -> int:
        """Return the number of what a field writes, with the rows of the tables that it looks up."""
        match current.value:
            case None:
                return self._number(())
            case Constant(ir=expr):
                return self._number((key(expr),))
            case typed:
                tables = tuple(self._table(program, name) for name in sorted(set(_tables(typed.ir))))
                return self._number((key(typed.ir), *tables))

    def _table(self, program: Program, name: str) -> int:
        place = (program.mapping.name, name)
        if place not in self._tables:
            found = next((each for each in program.mapping.tables if each.name.value == name), None)
            rows = () if found is None else tuple((k.value, v.value) for k, v in found.rows)
            self._tables[place] = self._number(("rows", *rows))
        return self._tables[place]

    def _number(self, said: Key) -> int:
        return self._numbers.setdefault(said, len(self._numbers))


def _writer(program: Program, route: RouteProgram, effort: Effort, told: _Told) -> _Writer:
    conditions = [each.ir for each in (program.where, route.when) if each is not None]
    fields = {each.property.name: each for each in route.fields if each.property is not None}
    values = {name: told.value(program, each) for name, each in fields.items()}
    events = frozenset(event.value for event in route.route.events)
    return _Writer(program, route, events, condition(conditions, effort), fields, values)


def check_one_writer(programs: Sequence[Program], diagnostics: Diagnostics) -> frozenset[str]:
    """Two routes that give `industry` of the same record two values  ->  one error, at the second, with both places.

    `programs` are a tenant's; the names of the mappings that an error concerns are returned. Not rivals: routes that
    write the same value or both add to what is there, that listen to different events, whose conditions exclude each
    other or cannot be compared, that make a new record or send an event each time, and mappings that are off.
    """
    effort, told = Effort(), _Told()
    by_record: dict[tuple[str, str, str, str], list[_Writer]] = {}
    for program in programs:
        for route in program.routes:
            record = _record(program, route)
            if record is not None:
                by_record.setdefault(record, []).append(_writer(program, route, effort, told))
    concerned: set[str] = set()
    for writers in by_record.values():
        for at, second in enumerate(writers):
            # One finding a route: what else it meets comes to light when this is settled.
            rival = next((first for first in writers[:at] if _are_rivals(first, second, effort)), None)
            if rival is not None:
                _report(rival, second, diagnostics)
                concerned |= {rival.program.mapping.name, second.program.mapping.name}
    return frozenset(concerned)


def _are_rivals(first: _Writer, second: _Writer, effort: Effort) -> bool:
    return (
        not first.events.isdisjoint(second.events)
        and any(True for _ in _differing(first, second))
        and meeting(first.condition, second.condition, effort) is Meeting.TOGETHER
    )


def _differing(first: _Writer, second: _Writer) -> Iterator[str]:
    """Yield the properties that both write, each with its own value."""
    for name, value in second.values.items():
        differs = name in first.values and first.values[name] != value
        if differs and not (adds(first.fields[name].field) and adds(second.fields[name].field)):
            yield name


def _report(first: _Writer, second: _Writer, diagnostics: Diagnostics) -> None:
    mine, theirs, differing = first.fields, second.fields, list(_differing(first, second))
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


def _tables(expr: ir.Expr) -> Iterator[str]:
    if isinstance(expr, ir.Lookup):
        yield expr.table
    if isinstance(expr, ir.Each | ir.Repeat):
        yield from _tables(expr.body)
    for child, _ in children(expr):
        yield from _tables(child)
