"""Check that one property of one record has one writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from queast_compiler.codegen.analysis import children
from queast_compiler.passes.apart import Condition, Effort, Key, Meeting, condition, key, meeting
from queast_compiler.passes.program import Constant, FieldProgram, Program, RouteProgram
from queast_compiler.passes.write_policy import adds, write_of
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.source import Located


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


class _Rivalry(Enum):
    """How two routes meet that give one property two values."""

    SURE = "both are sent for one event"
    UNSURE = "whether their conditions exclude each other cannot be told"
    IN_TURN = "each is sent for events of its own, which follow one another"


def check_one_writer(programs: Sequence[Program], own: Mapping[str, Diagnostics]) -> frozenset[str]:
    """Two routes that give `industry` of the same record two values  ->  one finding, at the second, with both places.

    `programs` are a tenant's, `own` the findings of each mapping by its name; the names of the mappings that an error
    concerns are returned. An error where both are sent for one event; a warning where that cannot be told, and where
    one follows the other, such as `created` and `updated`. Not rivals: routes that write the same value or both add to
    what is there, whose conditions exclude each other, that make a new record or send an event each time, and mappings
    that are off.
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
            past = _past_a_lock(writers[:at], second)
            if past is not None:
                _report_lock(past, own[second.program.mapping.name])
                concerned.add(second.program.mapping.name)
                continue
            # One finding a route: what else it meets comes to light when this is settled.
            rival, rivalry = _rival(writers[:at], second, effort)
            if rival is None:
                continue
            if rivalry is _Rivalry.SURE:
                _report(rival, second, own[second.program.mapping.name])
                concerned |= {rival.program.mapping.name, second.program.mapping.name}
            else:
                _warn(rival, second, rivalry, own)
    return frozenset(concerned)


@dataclass(frozen=True, slots=True)
class _PastLock:
    """A property that the base locks in a route of its own, and that a route of the mapping's gives another value."""

    locked: _Writer
    other: _Writer
    name: str
    lock: Located[str]


def _past_a_lock(writers: Sequence[_Writer], second: _Writer) -> _PastLock | None:
    """Return what a route writes in the place of a locked field, whatever the two routes' conditions are.

    When the base's route runs is the mapping's to say, so that otherwise no lock of a value would hold.
    """
    for first in writers:
        if first.program is not second.program:
            continue
        for name in first.values.keys() & second.values.keys():
            if not _is_written_otherwise(first, second, name):
                continue
            for one, other in ((first, second), (second, first)):
                lock = _lock(one, name)
                if lock is not None and _is_own(other, name):
                    return _PastLock(one, other, name, lock)
    return None


def _is_written_otherwise(first: _Writer, second: _Writer, name: str) -> bool:
    """Whether two routes give a property another value, or write it by another rule."""
    if name in set(_differing(first, second)):
        return True
    rules = [write_of(each.fields[name].field, each.route.object) for each in (first, second) if each.route.object]
    return len(set(rules)) > 1


def _lock(writer: _Writer, name: str) -> Located[str] | None:
    """Return the base's lock that holds what a route writes into a property."""
    route = f"routes.{writer.route.route.name.value}"
    field = f"{route}.fields.{writer.fields[name].field.name.value}"
    forms = (f"{field}.{form}" for form in ("from", "const", "template", "render"))
    holding = {"routes", route, f"{route}.fields", field, *forms}
    return next((lock for lock in writer.program.mapping.locked if lock.value in holding), None)


def _report_lock(found: _PastLock, diagnostics: Diagnostics) -> None:
    route = found.locked.route.route.name.value
    diagnostics.report(
        "QM401",
        f"`{found.name}` cannot be written here: the base locks it in its route `{route}`",
        found.other.fields[found.name].field.name.span,
        help="remove it here",
        notes=(Note("locked here", found.lock.span),),
    )


def _rival(writers: Sequence[_Writer], second: _Writer, effort: Effort) -> tuple[_Writer | None, _Rivalry]:
    """Return the first route that surely is a rival, else the first that may be."""
    doubtful: tuple[_Writer | None, _Rivalry] = (None, _Rivalry.UNSURE)
    for first in writers:
        rivalry = _rivalry(first, second, effort)
        if rivalry is _Rivalry.SURE:
            return first, rivalry
        if rivalry is not None and doubtful[0] is None:
            doubtful = first, rivalry
    return doubtful


def _rivalry(first: _Writer, second: _Writer, effort: Effort) -> _Rivalry | None:
    in_turn = first.events.isdisjoint(second.events)
    if not any(not (in_turn and _stays(first, second, name)) for name in _differing(first, second)):
        return None
    match meeting(first.condition, second.condition, effort):
        case Meeting.APART:
            return None
        case Meeting.UNSURE:
            return _Rivalry.UNSURE
        case Meeting.TOGETHER:
            return _Rivalry.IN_TURN if in_turn else _Rivalry.SURE


def _stays(first: _Writer, second: _Writer, name: str) -> bool:
    """Whether the value that comes first stays, because neither route writes over one."""
    writes = (each.fields[name].field.write for each in (first, second))
    return all(write is not None and write.value in ("on_create", "if_empty") for write in writes)


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


def _warn(first: _Writer, second: _Writer, rivalry: _Rivalry, own: Mapping[str, Diagnostics]) -> None:
    """Report at the second route, or where only the first is the tenant's own words: a comment there can silence it."""
    in_turn = first.events.isdisjoint(second.events)
    differing = [name for name in _differing(first, second) if not (in_turn and _stays(first, second, name))]
    here, there, name = second, first, differing[0]
    for one, other in ((second, first), (first, second)):
        written = next((each for each in differing if _is_own(one, each)), None)
        if written is not None:
            here, there, name = one, other, written
            break
    place, extends = here.fields[name].field.name.span, here.program.mapping.extends
    if not _is_own(here, name) and extends is not None:
        place = extends.span
    object, what = here.route.object.name if here.route.object is not None else "", listed(differing, 4)
    if rivalry is _Rivalry.IN_TURN:
        how = "for events that follow one another"
        help = (
            "write it in one route that takes both events, or silence this with a reason if it is to change with them"
        )
    else:
        how = "and it cannot be told whether their conditions exclude each other"
        help = "let both ask about the field in one way, as in `== 'a'` and `!= 'a'`, or write it in one of them"
    own[here.program.mapping.name].report(
        "QM316",
        f"{what} of `{object}` {'is' if len(differing) == 1 else 'are'} given two values by two routes, {how}",
        place,
        help=help,
        notes=[
            Note(
                f"also written by `{there.route.route.name.value}` of `{there.program.mapping.name}`",
                there.fields[name].field.name.span,
            )
        ],
    )


def _is_own(writer: _Writer, name: str) -> bool:
    return writer.fields[name].field.name.span.file == writer.program.mapping.sources[0]


def _tables(expr: ir.Expr) -> Iterator[str]:
    if isinstance(expr, ir.Lookup):
        yield expr.table
    if isinstance(expr, ir.Each | ir.Repeat):
        yield from _tables(expr.body)
    for child, _ in children(expr):
        yield from _tables(child)
