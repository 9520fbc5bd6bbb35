"""A tenant's tests against what they speak of: mappings, routes, events, fields of entities, objects and properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from queast_compiler.cases.fill import NoSuchField, WrongKind, envelope, typed, whole_company, whole_highlight
from queast_compiler.cases.model import (
    JsonObject,
    ReadyBookmark,
    ReadyCase,
    ReadyExpect,
    ReadyLink,
    ReadyMatch,
    ReadyRecord,
    ReadySend,
    ReadyWrite,
    Wanted,
)
from queast_compiler.cases.unknown_routes import report_unknown_routes
from queast_compiler.passes.program import Destination
from queast_compiler.passes.properties import Property, PropertyTable, properties_of
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.cases import Case, CaseFile, Expect, Member, Members, Said, as_json
from queast_dsl.document.mapping import Mapping as MappingDocument
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.entities import entity, event_data, event_types, highlight
from queast_dsl.source import Located
from queast_dsl.types import ObjectType

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
OPERATIONS: Final = ("create", "update", "send", "delete")
# Words of a record's card, whatever its properties are called.
CARD: Final = frozenset({"name", "country", "city", "domain", "linkedin", "email", "company"})
_PREFIX: Final = "queast."


def check_cases(
    documents: TenantDocuments, destinations: Mapping[str, Destination | None], diagnostics: Diagnostics
) -> tuple[ReadyCase, ...]:
    """Report what the tests say that is not there; return those of which all is sound."""
    for mapping in documents.mappings:
        if destinations.get(mapping.connection.value) is not None:
            files = [file for file in documents.tests if file.mapping.value == mapping.name]
            report_unknown_routes(mapping, files, diagnostics)
    return tuple(ready for file in documents.tests for ready in _of_file(file, documents, destinations, diagnostics))


def _of_file(
    file: CaseFile,
    documents: TenantDocuments,
    destinations: Mapping[str, Destination | None],
    diagnostics: Diagnostics,
) -> Iterator[ReadyCase]:
    mapping = next((each for each in documents.mappings if each.name == file.mapping.value), None)
    if mapping is None:
        _no_mapping(file, documents, diagnostics)
        return
    destination = destinations.get(mapping.connection.value)
    named: dict[str, Located[str]] = {}
    for case in file.tests:
        first = named.setdefault(case.name.value, case.name)
        if first is not case.name:
            diagnostics.report(
                "QM575",
                f"two tests are called `{case.name.value}`",
                case.name.span,
                help="give each a name of its own: by it one of them is chosen",
                notes=[Note("the first one", first.span)],
            )
            continue
        if destination is None:
            continue
        found = _Check(mapping, destination, diagnostics).case(file, case)
        if found is not None:
            yield found


def _no_mapping(file: CaseFile, documents: TenantDocuments, diagnostics: Diagnostics) -> None:
    name = file.mapping.value
    # A mapping that is there and unsound has findings of its own, in its file or in its base's.
    if name in documents.unsound:
        return
    known = [each.name for each in documents.mappings]
    diagnostics.report(
        "QM570",
        f"there is no mapping `{name}`",
        file.mapping.span,
        help=did_you_mean(name, known) or (f"mappings here: {listed(known)}" if known else "write the mapping first"),
        fix=renamed(file.mapping.span, name, known),
    )


@dataclass(slots=True)
class _Check:
    """One test on its way: what is wrong with it is reported, and the rest looked at all the same."""

    mapping: MappingDocument
    destination: Destination
    diagnostics: Diagnostics
    names: dict[str, str] = field(default_factory=dict)
    _tables: dict[str, PropertyTable] = field(default_factory=dict)
    _is_sound: bool = True

    def case(self, file: CaseFile, case: Case) -> ReadyCase | None:
        given = case.given
        now = self._now(given.now)
        events, beside = self._events(case, now)
        receives = self._highlight(case, now)
        companies = tuple(
            whole_company(body, now) for each in given.companies if (body := self._typed("company", each)) is not None
        )
        ready = ReadyCase(
            mapping=self.mapping.name,
            name=case.name.value,
            file=file.source.path,
            line=case.name.span.line,
            now=now,
            events=events,
            highlight=receives,
            records=tuple(self._records(case)),
            links=tuple(self._links(case)),
            companies=(*companies, *beside),
            bookmarked=tuple(each.value for each in given.bookmarked),
            suppressed=tuple(each.value for each in given.suppressed),
            expect=self._expect(case.expect),
            names=self.names,
        )
        return ready if self._is_sound else None

    def _report(self, code: str, message: str, at: Located[str], known: Iterable[str], what: str) -> None:
        names = list(known)
        self._is_sound = False
        self.diagnostics.report(
            code,
            message,
            at.span,
            help=did_you_mean(at.value, names) or (f"{what}: {listed(names)}" if names else f"{what}: none"),
            fix=renamed(at.span, at.value, names),
        )

    def _now(self, given: Located[str] | None) -> datetime:
        if given is None:
            return NOW
        try:
            found = datetime.fromisoformat(given.value)
        except ValueError:
            found = None
        if found is not None and found.tzinfo is not None:
            return found.astimezone(UTC)
        self._is_sound = False
        help = "write it with a time zone, such as 2026-03-01T09:00:00Z"
        self.diagnostics.report("QM104", f"`{given.value}` is no time", given.span, help=help)
        return NOW

    def _events(self, case: Case, now: datetime) -> tuple[tuple[JsonObject, ...], tuple[JsonObject, ...]]:
        """Return the envelopes, and companies that the events themselves cannot carry."""
        given, made, beside = case.given, list[JsonObject](), list[JsonObject]()
        if bool(given.events) == (given.highlight is not None):
            self._is_sound = False
            message = "a test gives events or a highlight" if given.events else "a test needs an event"
            help = "write `event: company.updated`, or `highlight:` for a mapping that receives"
            self.diagnostics.report("QM576", message, given.span, help=help)
            return (), ()
        for number, each in enumerate(given.events, 1):
            kind, about = each.event.value, each.event.value.partition(".")[0]
            known = [type_.removeprefix(_PREFIX) for type_ in event_types()]
            if kind not in known:
                self._report("QM571", f"there is no event `{kind}`", each.event, known, "events")
                continue
            carried = {about, "company", *(name for name, _ in event_data(about))}
            for name, members in each.entities.items():
                if name not in carried:
                    self._not_carried(name, members, each.event)
            bodies = {
                name: body
                for name, members in each.entities.items()
                if name in carried and (body := self._typed(name, members)) is not None
            }
            made.append(envelope(kind, bodies, number, now))
            if about == "job_ad" and "company" in bodies:
                beside.append(whole_company(bodies["company"], now))
        return tuple(made), tuple(beside)

    def _not_carried(self, name: str, members: Members, event: Located[str]) -> None:
        self._is_sound = False
        at = members[0].name.span if members else event.span
        message = f"an event `{event.value}` tells of no {name}"
        help = f"leave `{name}` out, or give an event of its own in `events`"
        self.diagnostics.report("QM576", message, at, help=help)

    def _highlight(self, case: Case, now: datetime) -> JsonObject | None:
        if case.given.highlight is None:
            return None
        body = self._typed_by(highlight(), case.given.highlight)
        return None if body is None else whole_highlight(body, now)

    def _typed(self, name: str, members: Members) -> JsonObject | None:
        return self._typed_by(entity(name), members)

    def _typed_by(self, shape: ObjectType, members: Members) -> JsonObject | None:
        try:
            return typed(shape, members)
        except NoSuchField as error:
            message = f"{error.shape} has no field `{error.member.name.value}`"
            if error.member.name.value in error.known or error.shape != shape.name:
                message = f"`{error.member.name.value}` has a field that {error.shape} has not"
            self._report("QM574", message, error.member.name, error.known, "fields")
        except WrongKind as error:
            self._is_sound = False
            message = f"`{error.member.name.value}` of {error.shape} must be {error.wanted}"
            self.diagnostics.report("QM574", message, error.member.span, help="see: qmap fields")
        return None

    def _records(self, case: Case) -> Iterator[ReadyRecord]:
        for each in case.given.crm:
            name = self._object(each.object, each.id)
            if name is not None:
                yield ReadyRecord(name, each.id.value, self._values(name, each.values, CARD))

    def _links(self, case: Case) -> Iterator[ReadyLink]:
        for each in case.given.links:
            name = self._object(each.object, each.id)
            if name is not None:
                yield ReadyLink(name, each.ours.value, each.id.value, each.inferred)

    def _object(self, said: Located[str] | None, at: Located[str]) -> str | None:
        objects = self.destination.connector.objects
        if said is not None and said.value in objects:
            return said.value
        if said is not None:
            message = f"{self.destination.connector.name} has no object `{said.value}`"
            self._report("QM573", message, said, objects, "objects")
            return None
        matched = [name for name, each in objects.items() if each.action == "upsert"]
        if len(matched) == 1:
            return matched[0]
        self._is_sound = False
        self.diagnostics.report(
            "QM573", "this record says no object", at.span, help=f"add `object:`, one of {listed(objects)}"
        )
        return None

    def _values(self, object_: str, members: Members, words: frozenset[str]) -> dict[str, object]:
        return {self._key(object_, each, words): as_json(each.value) for each in members}

    def _key(self, object_: str, member: Member, words: frozenset[str]) -> str:
        name, table = member.name.value, self._table(object_)
        found = table.find(name)
        if isinstance(found, Property):
            self.names[found.name] = name
            return found.name
        if name not in words and table.complete:
            message = f"`{object_}` has no property `{name}`"
            self._report("QM573", message, member.name, table.spellings, "properties")
        return name

    def _table(self, object_: str) -> PropertyTable:
        if object_ not in self._tables:
            declared = self.destination.connector.objects[object_]
            self._tables[object_] = properties_of(declared, self.destination.account)
        return self._tables[object_]

    def _expect(self, expect: Expect) -> ReadyExpect:
        match, bookmark = expect.match, expect.bookmark
        for name, _ in expect.routes:
            self._route(name)
        never = tuple(self._never(said) for said in expect.never)
        return ReadyExpect(
            exact=expect.exact,
            match=None
            if match is None
            else ReadyMatch(self._route(match.route), _wanted(match.record), _text(match.by), _text(match.outcome)),
            writes=None if expect.writes is None else tuple(self._writes(expect)),
            sends=None
            if expect.sends is None
            else tuple(
                ReadySend(self._route(each.route), {m.name.value: as_json(m.value) for m in each.body})
                for each in expect.sends
            ),
            refused=_text(expect.refused),
            routes=tuple((name.value, word.value) for name, word in expect.routes),
            bookmark=None
            if bookmark is None
            else ReadyBookmark(bookmark.is_none, _text(bookmark.company), _text(bookmark.owner), _text(bookmark.note)),
            never=never,
        )

    def _writes(self, expect: Expect) -> Iterator[ReadyWrite]:
        for each in expect.writes or ():
            route = self._route(each.route)
            name = self._written_object(each.object, route)
            fields = {} if name is None else self._values(name, each.fields, frozenset())
            yield ReadyWrite(None if each.object is None else name, _wanted(each.id), route, fields)

    def _written_object(self, said: Located[str] | None, route: str | None) -> str | None:
        """Return the object whose properties are meant: the one that is named, or that the route writes."""
        if said is not None:
            return self._object(said, said)
        to = next((each.to for each in self.mapping.routes if each.name.value == route), None)
        if to is not None and to.value in self.destination.connector.objects:
            return to.value
        matched = [name for name, each in self.destination.connector.objects.items() if each.action == "upsert"]
        return matched[0] if len(matched) == 1 else None

    def _route(self, said: Located[str] | None) -> str | None:
        if said is None:
            return None
        # Told once for all tests that name it.
        self._is_sound = self._is_sound and any(each.name.value == said.value for each in self.mapping.routes)
        return said.value

    def _never(self, said: Located[str]) -> str:
        """Return the operation, the object, or the property by its own key."""
        objects = self.destination.connector.objects
        if said.value in OPERATIONS or said.value in objects:
            return said.value
        known: set[str] = {*OPERATIONS, *objects}
        for name in objects:
            table = self._table(name)
            found = table.find(said.value)
            if isinstance(found, Property):
                self.names[found.name] = said.value
                return found.name
            known |= table.spellings
            if not table.complete:
                return said.value
        message = f"`{said.value}` is no operation, object or property of {self.destination.connector.name}"
        self._report("QM573", message, said, known, "known here")
        return said.value


def _wanted(said: Said | None) -> Wanted | None:
    return None if said is None else Wanted(said.value)


def _text(said: Located[str] | None) -> str | None:
    return None if said is None else said.value
