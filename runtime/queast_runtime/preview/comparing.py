"""Two sides of a change over the same events: what differs is counted, and the first few cases of it are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from queast_compiler.codegen import LoadedMapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import RoutePlan
from queast_runtime.engine.event import Event
from queast_runtime.preview.effect_model import (
    EXAMPLES,
    Calls,
    Effect,
    MatchExample,
    MatchFlip,
    ObjectEffect,
    Overwritten,
    PersonalFlow,
    PropertyEffect,
    RecordExample,
    RouteEffect,
)
from queast_runtime.preview.happening import Happening, RouteHappening
from queast_runtime.preview.outcome import (
    EMPTY,
    NOTHING,
    best,
    by_route,
    decision,
    fired,
    flowing,
    per_day,
    says,
    seen,
    shows,
    values_of,
    whose,
    why_not,
)
from queast_runtime.preview.tally import Tally


@dataclass(frozen=True, slots=True)
class Plans:
    """One side: connection plans by name, mappings ready to run."""

    connections: Mapping[str, ConnectionPlan]
    mappings: Sequence[LoadedMapping]

    def route(self, mapping: str, route: str) -> RoutePlan | None:
        for each in self.mappings:
            if each.plan.mapping == mapping:
                return next((one for one in each.plan.routes if one.name == route), None)
        return None


@dataclass(slots=True)
class Comparing:
    """Counts and the first few examples of everything that differs."""

    old: Plans
    new: Plans
    tally: Tally
    originals: Mapping[tuple[str, str, str], Mapping[str, Any]]
    events: int = 0
    unusable: int = 0
    properties: dict[tuple[str, str, str], list[RecordExample]] = field(default_factory=dict)
    starts: Counter[tuple[str, str]] = field(default_factory=Counter)
    stops: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    route_examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    flips: dict[tuple[str, str, str, str], list[MatchExample]] = field(default_factory=dict)
    overwritten: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    creates: dict[str, list[int]] = field(default_factory=dict)
    calls: dict[str, list[int]] = field(default_factory=dict)
    flows: dict[tuple[str, str, str, bool], None] = field(default_factory=dict)
    _shown: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        paths = [
            {(m.plan.connection, m.plan.mapping, path) for m in side.mappings for path in flowing(m.plan)}
            for side in (self.old, self.new)
        ]
        for starts, found in ((True, paths[1] - paths[0]), (False, paths[0] - paths[1])):
            for connection, mapping, path in sorted(found):
                self.flows[connection, mapping, path, starts] = None

    def compare(self, event: Event, before: Happening, after: Happening) -> None:
        """Take down how the two sides differ over one event."""
        self.events += 1
        for connection, mapping, path, starts in self.flows:
            if says(event, path):
                self.tally.add(("flow", connection, mapping, path, str(starts)), whose(event, path))
        old, new = by_route(before), by_route(after)
        for key in {**old, **new}:
            self._route(event, key, old.get(key), new.get(key), (before, after))

    def _route(
        self,
        event: Event,
        key: tuple[str, str],
        old: RouteHappening | None,
        new: RouteHappening | None,
        whole: tuple[Happening, Happening],
    ) -> None:
        for at, side in ((0, old), (1, new)):
            if side is not None:
                self.calls.setdefault(side.connection, [0, 0])[at] += side.calls
                if side.operation == "create":
                    self.creates.setdefault(f"{side.connection} {side.object}", [0, 0])[at] += 1
        self._firing(event, key, old, new, whole)
        if fired(old) and not fired(new):
            # Nothing is written any more: that the route stops says it all.
            return
        known = new or old
        assert known is not None
        plan = self._plan(*key)
        if old is not None and new is not None and plan is not None and plan.action == "upsert":
            # A note's match is that of the company it hangs on, which is counted with the company.
            self._matching(event, old, new)
        self._fields(event, key, old, new, known)

    def _firing(
        self,
        event: Event,
        key: tuple[str, str],
        old: RouteHappening | None,
        new: RouteHappening | None,
        whole: tuple[Happening, Happening],
    ) -> None:
        fired_before, fires = fired(old), fired(new)
        if fired_before == fires or not key[1]:
            return
        (self.starts if fires else self.stops)[key] += 1
        silent = old if fires else new
        reason = why_not(whole[0 if fires else 1], key[0]) if silent is None else silent.reason
        if reason:
            self.reasons.setdefault(key, Counter())[reason.partition(":")[0].replace("_", " ")] += 1
        shown = self.route_examples.setdefault(key, [])
        if len(shown) < EXAMPLES:
            shown.append(event.id)

    def _matching(self, event: Event, old: RouteHappening, new: RouteHappening) -> None:
        before, after = decision(old.match), decision(new.match)
        place = (new.connection, new.object)
        if before is None or after is None or before == after or self.tally.has(("flipped", *place), new.queast_id):
            return
        self.tally.add(("flipped", *place), new.queast_id)
        key = (*place, before, after)
        self.tally.add(("flip", *key), new.queast_id)
        shown = self.flips.setdefault(key, [])
        if len(shown) < EXAMPLES:
            partner, score = best(new.match) if best(new.match) != (None, None) else best(old.match)
            shown.append(MatchExample(event.id, new.queast_id, partner, score))

    def _fields(
        self,
        event: Event,
        key: tuple[str, str],
        old: RouteHappening | None,
        new: RouteHappening | None,
        known: RouteHappening,
    ) -> None:
        before, after = values_of(old), values_of(new)
        if before == after:
            return
        place = (*key, known.object)
        for name in sorted({*before, *after}):
            if name in before and name in after and before[name] == after[name]:
                continue
            self._property(event, place, name, before.get(name, NOTHING), after.get(name, NOTHING), known)
        if new is not None and new.operation == "update":
            self._typed_over(place, before, after, new)

    def _property(
        self, event: Event, place: tuple[str, str, str], name: str, before: Any, after: Any, known: RouteHappening
    ) -> None:
        record = known.queast_id
        if after is NOTHING:
            self.tally.add(("left", *place), record)
            self.tally.add(("gone", *place, name), record)
        else:
            self.tally.add(("object", *place), record)
            self.tally.add(("property", *place, name), record)
            if after in EMPTY:
                self.tally.add(("cleared", *place, name), record)
        if before is NOTHING:
            self.tally.add(("fresh", *place, name), record)
        shown = self.properties.setdefault((place[0], place[1], name), [])
        if len(shown) < EXAMPLES and all(each.queast_id != record for each in shown):
            show = self._may_show(place[0], place[1], name)
            partner = known.partner_id
            shown.append(RecordExample(event.id, record, partner, seen(before, show=show), seen(after, show=show)))

    def _typed_over(
        self, place: tuple[str, str, str], before: Mapping[str, Any], after: Mapping[str, Any], new: RouteHappening
    ) -> None:
        """Values of the CRM's own that the new plans replace and the old ones left alone."""
        partner = new.partner_id or ""
        original = self.originals.get((new.connection, new.object, partner), {})
        for name, value in after.items():
            held = original.get(name)
            if name in before or held in (None, "") or held == value:
                continue
            self.tally.add(("overwritten", *place, name), partner)
            shown = self.overwritten.setdefault((place[0], place[1], name), [])
            if len(shown) < EXAMPLES and partner not in shown:
                shown.append(partner)

    def _may_show(self, mapping: str, route: str, name: str) -> bool:
        key = (mapping, route, name)
        if key not in self._shown:
            plans = [each for side in (self.old, self.new) if (each := side.route(mapping, route)) is not None]
            self._shown[key] = all(shows(plan, name) for plan in plans)
        return self._shown[key]

    def effect(self, source: str, records: int) -> Effect:
        """Return what was counted over events from `source` with so many records known."""
        count = self.tally.count
        places = sorted(set(self._places()))
        return Effect(
            events=self.events,
            unusable=self.unusable,
            source=source,
            records=records,
            objects=tuple(self._object_effect(place) for place in places),
            properties=tuple(self._property_effects(places)),
            routes=tuple(self._route_effect(key) for key in sorted({*self.starts, *self.stops})),
            matches=tuple(
                MatchFlip(*key, count(("flip", *key)), tuple(shown)) for key, shown in sorted(self.flips.items())
            ),
            overwritten=tuple(
                Overwritten(
                    mapping,
                    route,
                    self._object(mapping, route),
                    name,
                    count(("overwritten", mapping, route, self._object(mapping, route), name)),
                    tuple(shown),
                )
                for (mapping, route, name), shown in sorted(self.overwritten.items())
            ),
            personal=tuple(
                PersonalFlow(connection, mapping, path, starts, count(("flow", connection, mapping, path, str(starts))))
                for connection, mapping, path, starts in self.flows
            ),
            calls=tuple(
                Calls(name, before, after, per_day(self.new.connections.get(name) or self.old.connections[name]))
                for name, (before, after) in sorted(self.calls.items())
            ),
            creates=tuple((name, before, after) for name, (before, after) in sorted(self.creates.items())),
        )

    def _object_effect(self, place: tuple[str, str, str]) -> ObjectEffect:
        plan = self._plan(place[0], place[1])
        assert plan is not None, "a route that differs stands on one side at least"
        count = self.tally.count
        return ObjectEffect(*place, plan.entity, plan.action, count(("object", *place)), count(("left", *place)))

    def _places(self) -> Iterator[tuple[str, str, str]]:
        for mapping, route, _ in self.properties:
            yield mapping, route, self._object(mapping, route)

    def _property_effects(self, places: Iterable[tuple[str, str, str]]) -> Iterator[PropertyEffect]:
        count = self.tally.count
        for mapping, route, object_ in places:
            for (of, at, name), shown in sorted(self.properties.items()):
                if (of, at) == (mapping, route):
                    key = (mapping, route, object_, name)
                    yield PropertyEffect(
                        *key,
                        count(("property", *key)),
                        count(("gone", *key)),
                        count(("fresh", *key)),
                        count(("cleared", *key)),
                        not self._may_show(mapping, route, name),
                        tuple(shown),
                    )

    def _route_effect(self, key: tuple[str, str]) -> RouteEffect:
        reasons = self.reasons.get(key, Counter()).most_common()
        return RouteEffect(*key, self.starts[key], self.stops[key], tuple(reasons), tuple(self.route_examples[key]))

    def _plan(self, mapping: str, route: str) -> RoutePlan | None:
        return self.new.route(mapping, route) or self.old.route(mapping, route)

    def _object(self, mapping: str, route: str) -> str:
        plan = self._plan(mapping, route)
        return "" if plan is None else plan.object
