"""What a test expects and what came: only what differs, each with the line of the mapping that it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from queast_compiler.cases.model import ReadyBookmark, ReadyCase, ReadyMatch, ReadySend, ReadyWrite, Wanted
from queast_compiler.codegen.counting import children
from queast_compiler.plan import ir
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import FieldPlan, MappingPlan, RoutePlan
from queast_runtime.preview.cases.run import Outcome
from queast_runtime.preview.cases.seen import (
    SeenWrite,
    match_of,
    refusal_of,
    sends_of,
    word_of,
    writes_of,
)
from queast_runtime.preview.happening import RouteHappening


class Told(str):
    """Words of ours in the place of a value: they are shown where a value may not be."""

    __slots__ = ()


NOT_SET: Final = Told("(not set)")
NOTHING: Final = Told("(nothing)")


@dataclass(frozen=True, slots=True)
class Why:
    """`what` is a path in the mapping; `line` is 0 where no single line is to blame."""

    what: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`where` is the place in `expect`, `name` what of it. `personal`: the values tell of a person."""

    where: str
    name: str
    expected: Any
    actual: Any
    why: Why | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A test beside what came of it. `plan` and `connection` say which line is behind a value."""

    case: ReadyCase
    outcome: Outcome
    plan: MappingPlan
    connection: ConnectionPlan

    def differences(self) -> tuple[Difference, ...]:
        expect = self.case.expect
        found: list[Difference] = []
        if expect.match is not None:
            found += self._match(expect.match)
        if expect.writes is not None or expect.exact:
            found += self._writes()
        sends = () if expect.exact and expect.sends is None else expect.sends
        if sends is not None:
            found += self._sends(sends)
        if expect.refused is not None:
            found += self._refused(expect.refused)
        found += [each for name, word in expect.routes if (each := self._route(name, word)) is not None]
        if expect.bookmark is not None:
            found += self._bookmark(expect.bookmark)
        found += self._never(expect.never)
        return tuple(found)

    def paired(self) -> tuple[tuple[tuple[ReadyWrite, SeenWrite | None], ...], tuple[SeenWrite, ...]]:
        """Return each write that is expected, with the one that comes nearest to it (no one stands for two), and the
        writes that nobody expected."""
        left, pairs = list(writes_of(self.outcome)), list[tuple[ReadyWrite, SeenWrite | None]]()
        for wanted in self.case.expect.writes or ():
            fitting = [one for one in left if wanted.object in (None, one.object)]
            best = min(fitting, key=lambda one: _distance(wanted, one), default=None)
            if best is not None:
                left.remove(best)
            pairs.append((wanted, best))
        return tuple(pairs), tuple(left)

    def _match(self, wanted: ReadyMatch) -> Iterator[Difference]:
        seen = match_of(self.outcome, wanted.route)
        why = self._why_match()
        asked = (
            ("record", _shown_id(wanted.record) if wanted.record else None),
            ("by", wanted.by),
            ("outcome", wanted.outcome),
        )
        for name, expected in asked:
            if expected is None:
                continue
            if seen is None:
                yield Difference("match", name, expected, "(no record is looked for)", why)
                continue
            actual = {"record": seen.record, "by": seen.by, "outcome": seen.outcome}[name]
            if (None if expected == NOTHING else expected) != actual:
                said = f" {seen.why}" if seen.why and name == "record" else ""
                yield Difference("match", name, expected, f"{NOTHING if actual is None else actual}{said}", why)

    def _writes(self) -> Iterator[Difference]:
        pairs, left = self.paired()
        for number, (each, seen) in enumerate(pairs):
            where = f"writes[{number}]"
            if seen is None:
                place = each.object or each.route or "a record"
                described = place if each.id is None else f"{place} {_shown_id(each.id)}"
                yield Difference(where, described, "written", self._why_not(each.route, each.object))
            else:
                yield from self._write(where, each, seen)
        for seen in left if self.case.expect.exact else ():
            why = self._why_route(seen.route.route)
            yield Difference("writes", f"{seen.object} {seen.id or '(new)'}", "(not written)", "written", why)

    def _write(self, where: str, wanted: ReadyWrite, seen: SeenWrite) -> Iterator[Difference]:
        if wanted.id is not None and wanted.id.value != seen.id:
            theirs = NOTHING if seen.id is None else seen.id
            yield Difference(where, "id", _shown_id(wanted.id), theirs, self._why_match())
        if wanted.route is not None and wanted.route != seen.route.route:
            yield Difference(where, "route", wanted.route, seen.route.route, self._why_route(seen.route.route))
        named = {**wanted.fields}
        if self.case.expect.exact:
            named = {**named, **{key: None for key in seen.fields if key not in named}}
        for key, expected in named.items():
            actual = seen.fields.get(key)
            if same(expected, actual):
                continue
            kept = seen.route.kept.get(key)
            field = self._field(seen.route.route, key)
            shown = NOT_SET if actual is None else actual
            if actual is None and kept is not None:
                shown = Told(f"(left alone: {kept})")
            elif actual is None and key in seen.route.same:
                shown = Told("(the record holds it already)")
            yield Difference(
                f"{where}.fields",
                self.case.names.get(key, key),
                NOT_SET if expected is None else expected,
                shown,
                None if field is None else self._why_field(seen.route.route, field),
                personal=field is not None and reads_person(field.expr),
            )

    def _sends(self, wanted: tuple[ReadySend, ...]) -> Iterator[Difference]:
        left = list(sends_of(self.outcome))
        for number, each in enumerate(wanted):
            where = f"sends[{number}]"
            fitting = [one for one in left if each.route in (None, one.route)]
            best = min(fitting, key=lambda one: len(list(_unlike(each.body, one.body, ""))), default=None)
            if best is None:
                yield Difference(where, each.route or "a message", "sent", self._why_not(each.route, None))
                continue
            left.remove(best)
            for path, expected, actual in _unlike(each.body, best.body, ""):
                yield self._of_body(f"{where}.body", best, path, expected, actual)
            if self.case.expect.exact and isinstance(best.body, Mapping):
                for name in best.body.keys() - each.body.keys():
                    yield self._of_body(f"{where}.body", best, str(name), None, best.body[name])
        if self.case.expect.exact:
            for one in left:
                yield Difference("sends", one.route, "(not sent)", "sent", self._why_route(one.route))

    def _of_body(self, where: str, sent: RouteHappening, path: str, expected: Any, actual: Any) -> Difference:
        plan = self._route_plan(sent.route)
        expr = _entry(plan, path)
        line = getattr(expr, "line", 0) or (0 if plan is None else plan.line)
        what = "" if plan is None or plan.body is None else f".body.{path}"
        why = None if plan is None else Why(f"routes.{plan.name}{what}", plan.file, line)
        personal = sent.entity == "person" or (expr is not None and reads_person(expr))
        return Difference(
            where, path, NOT_SET if expected is None else expected, NOT_SET if actual is None else actual, why, personal
        )

    def _refused(self, wanted: str) -> Iterator[Difference]:
        actual = refusal_of(self.outcome)
        if actual != wanted:
            yield Difference("refused", "", wanted, "(not refused)" if actual is None else actual, self._why_scope())

    def _route(self, name: str, wanted: str) -> Difference | None:
        actual = word_of(self.outcome, name)
        if actual == wanted:
            return None
        whole = refusal_of(self.outcome)
        shown = actual or (f"(never asked: {whole})" if whole else "(never asked)")
        return Difference("routes", name, wanted, shown, self._why_route(name))

    def _bookmark(self, wanted: ReadyBookmark) -> Iterator[Difference]:
        received = self.outcome.received
        made = () if received is None else received.bookmarks
        why = self._why_receive()
        if wanted.is_none:
            yield from (Difference("bookmark", each.company_id, NOTHING, each.owner, why) for each in made)
            return
        if not made:
            reason = "no highlight was given" if received is None else received.reason or received.found
            yield Difference("bookmark", "", "made", f"(none: {reason})", why)
            return
        first = made[0]
        asked = (("company", wanted.company), ("owner", wanted.owner), ("note", wanted.note))
        for name, expected in asked:
            actual = {"company": first.company_id, "owner": first.owner, "note": first.note}[name]
            if expected is not None and expected != actual:
                yield Difference("bookmark", name, expected, actual or NOTHING, why, personal=name == "note")

    def _never(self, words: Iterable[str]) -> Iterator[Difference]:
        for word in words:
            for one in self.outcome.routes:
                if one.operation is None:
                    continue
                shown = self.case.names.get(word, word)
                if word == one.operation or (word == one.object and one.operation != "send"):
                    said = f"{one.operation} of {one.object} by {one.route}"
                    yield Difference("never", shown, "never", said, self._why_route(one.route))
                elif word in one.fields:
                    field = self._field(one.route, word)
                    why = None if field is None else self._why_field(one.route, field)
                    personal = field is not None and reads_person(field.expr)
                    yield Difference("never", shown, NOT_SET, one.fields[word], why, personal)

    def _why_not(self, route: str | None, object_: str | None) -> str:
        """Why nothing was written or sent, as the routes that might have said it."""
        asked = [one for one in self.outcome.routes if (route or one.route) == one.route]
        said = [f"{one.route}: {one.reason}" for one in asked if one.operation is None and one.reason and one.route]
        whole = refusal_of(self.outcome)
        if said and (object_ is None or any(one.object == object_ for one in asked)):
            return f"({'; '.join(dict.fromkeys(said))})"
        return f"(refused: {whole})" if whole else NOTHING

    def _route_plan(self, name: str) -> RoutePlan | None:
        return next((each for each in self.plan.routes if each.name == name), None)

    def _field(self, route: str, key: str) -> FieldPlan | None:
        plan = self._route_plan(route)
        return None if plan is None else next((each for each in plan.fields if each.property == key), None)

    def _why_field(self, route: str, field: FieldPlan) -> Why:
        return Why(
            f"routes.{route}.fields.{self.case.names.get(field.property, field.property)}", field.file, field.line
        )

    def _why_route(self, name: str) -> Why | None:
        plan = self._route_plan(name)
        if plan is None:
            return None
        line = getattr(plan.when, "line", 0) or plan.line
        return Why(f"routes.{name}", plan.file, line)

    def _why_scope(self) -> Why:
        where = self.plan.scope.where
        return Why("scope", self.plan.sources[0][0], 0 if where is None else where.line)

    def _why_receive(self) -> Why | None:
        first = next(iter(self.plan.receive), None)
        return None if first is None else Why(f"receive.{first.name}", first.file, first.line)

    def _why_match(self) -> Why | None:
        if self.plan.receive and not self.connection.match:
            return self._why_receive()
        line = next((each.domain_from.line for each in self.connection.match if each.domain_from is not None), 0)
        return Why(f"{self.connection.connection} match", self.connection.sources[0][0], line)


def same(expected: Any, actual: Any) -> bool:
    """Whether a value is the one that a test means: a number and its text are one, and null is not set."""
    if expected is None or actual is None:
        return expected is actual or (expected is None and actual == "")
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(same(a, b) for a, b in zip(expected, actual, strict=True))
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return expected.keys() == actual.keys() and all(same(expected[key], actual[key]) for key in expected)
    return bool(expected == actual) or _text(expected) == _text(actual)


def reads_person(expr: ir.Expr) -> bool:
    """Whether an expression reads the person: such values are never printed."""
    return (isinstance(expr, ir.Path) and expr.root == "person") or any(reads_person(each) for each in children(expr))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown_id(wanted: Wanted) -> str:
    return NOTHING if wanted.value is None else wanted.value


def _distance(wanted: ReadyWrite, seen: SeenWrite) -> tuple[int, int]:
    places = (wanted.id is not None and wanted.id.value != seen.id) + (
        wanted.route is not None and wanted.route != seen.route.route
    )
    return places, sum(not same(value, seen.fields.get(key)) for key, value in wanted.fields.items())


def _unlike(wanted: Any, actual: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, expected, actual) where a body is not as wanted; what is not named in it is not looked at."""
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        for key, value in wanted.items():
            yield from _unlike(value, actual.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(wanted, list) and isinstance(actual, list) and len(wanted) == len(actual):
        for number, (one, other) in enumerate(zip(wanted, actual, strict=True)):
            yield from _unlike(one, other, f"{path}[{number}]")
    elif not same(wanted, actual):
        yield path, wanted, actual


def _entry(plan: RoutePlan | None, path: str) -> ir.Expr | None:
    """Return the expression of a body's entry, as far in as the plan says one."""
    found = None if plan is None else plan.body
    for step in path.split("."):
        if not isinstance(found, ir.MakeObj):
            return found
        found = next((value for name, value in found.entries if name == step), found)
    return found
